/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What kexit-boot was told: /etc/kexit/boot.conf of the image, then kexit.NAME=VALUE on the kernel's
 * command line, which wins. kexit-boot(7) lists them.
 */
#pragma once

#include "base/error.h"
#include "plan/plan.h"
#include "run/handover.h"
#include "sys/root.h"

#include <stdbool.h>

#define SETTING_SIZE 512

enum settings_menu {
	SETTINGS_MENU_AUTO,  /* the full menu where the console can show it, else lines */
	SETTINGS_MENU_LINES, /* numbered lines on every console */
};

/* Seconds. The system's own is what its boot loader's configuration says. */
#define SETTINGS_TIMEOUT_SYSTEM	 (-1)
#define SETTINGS_TIMEOUT_FOREVER (-2)

struct settings {
	int timeout;
	char chosen
		[SETTING_SIZE]; /* kexit.default=: a glob on id or title; "" for the system's own */
	enum settings_menu menu;
	enum on_stuck on_stuck;
	struct plan_options plan;    /* kexit.reset=, kexit.halt= */
	char consoles[SETTING_SIZE]; /* "tty0,ttyS0"; "" for those the kernel prints on */
	char bootdevs[SETTING_SIZE]; /* which disks come first; see bootdevs.h */
	unsigned int wait_ms;	     /* how long a disk may keep an unattended start waiting */
	bool may_shell;
	bool falls_back;    /* after an unattended entry failed, the next one is tried once */
	unsigned int chain; /* kexit-boots in a row before this one; see chain.h */
	/* The first thing that could not be understood, for the menu: "boot.conf:3: ..."; code 0: none. */
	struct error problem;
};

void settings_init(struct settings *settings);

/* Lines "NAME = VALUE" with comments after '#', of the file @name. */
void settings_parse_file(struct settings *settings, const char *name, const char *text);

/* Words kexit.NAME=VALUE among others; a value may be in double quotes, as the kernel has it. */
void settings_parse_cmdline(struct settings *settings, const char *text);

/* Both of this machine; what is not there says nothing. */
void settings_read(struct settings *settings, const struct sysroot *root);
