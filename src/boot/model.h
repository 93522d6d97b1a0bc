/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the boot loader's loop keeps, and the model of the menu made of it. Of boot.c and model.c alone. */
#pragma once

#include "boot/attempt.h"
#include "boot/countdown.h"
#include "boot/devices.h"
#include "boot/pages.h"
#include "boot/seats.h"
#include "boot/settings.h"
#include "boot/shown.h"
#include "boot/unattended.h"
#include "boot/volumes.h"
#include "loop/task.h"

struct boot {
	const struct sys *sys;
	struct settings settings;
	struct loop *loop;
	struct modules *modules;
	struct devices *devices;
	struct volumes *volumes;
	struct seats *seats;
	struct pages *pages;

	/* What is shown. */
	struct menu_model model;
	struct shown shown;
	char title[160];
	char trouble[768];
	char note[512]; /* the attempt's last one */
	char progress[1280];
	char *log; /* NULL until somebody asks for it */
	bool wants_log;

	/* What happens by itself. */
	struct countdown countdown;
	int second_timer; /* the countdown's */
	int wait_timer;	  /* to when kexit.default= is no longer waited for */
	struct unattended unattended;
	struct trace trace;
	bool has_tried; /* an unattended entry failed */

	/* The attempt, or the rescan, under way. */
	struct task *attempt;
	struct attempt attempt_work;
	char *attempt_id, *attempt_options, *attempt_kernel, *attempt_initrds;
	bool was_unattended;
	bool was_taken_down;
};

/* Before what the rows point to goes. */
void model_free_rows(struct boot *boot);

/* All of it but for the countdown: rows, messages and pages, as things are now. */
void model_make(struct boot *boot);

/* On all consoles. */
void model_show(struct boot *boot);
