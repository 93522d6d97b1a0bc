/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One block device on its way: what volumes.c keeps of each, and volume_steps.c takes from step to step.
 * Theirs alone.
 */
#pragma once

#include "boot/settings.h"
#include "boot/stacks.h"
#include "loop/loop.h"
#include "loop/task.h"
#include "offer/offer.h"
#include "storage/disks.h"
#include "sys/ops.h"

#include <jansson.h>
#include <limits.h>
#include <stdbool.h>

enum step {
	STEP_NONE, /* nothing to boot on it, or a member of something larger */
	STEP_PROBE,
	STEP_MOUNT,
	STEP_READ,
	STEP_READY,
};

struct volume {
	struct volume *next;
	struct volumes *volumes;
	struct disk_facts disk;
	char order[PATH_MAX]; /* its place in the machine: stable, unlike its name */
	unsigned int rank; /* by kexit.bootdevs=; before it was probed, the least that it may be */
	enum step step;
	bool is_waiting; /* a btrfs that lacks members */
	bool is_stale;	 /* it changed while it was looked at */
	bool is_cut;	 /* its reading was, and what it offers is from before */
	char *type, *uuid, *label, *part_uuid; /* NULL before it was probed */
	char mapped[128];		       /* the device mapper's name; "" for none */
	char *reason;			       /* NULL or "": none */
	char *note;	     /* why its last state is not shown; NULL or "": it is */
	json_t *folders;     /* NULL before it was mounted */
	struct offer *offer; /* NULL before it was read */
	struct task *task;
	unsigned int read_came, read_went; /* what volumes' counters were when its reading began */
	double slow_ms;			   /* when its step is no longer waited for */
};

struct volumes {
	struct loop *loop;
	const struct sys *sys;
	struct stacks *stacks;
	const struct settings *settings;
	void (*changed)(void *context);
	void *context;
	struct volume *first;	 /* by rank, then in the order of the disks */
	unsigned int came, went; /* how often one was mounted, and how often such a one went */
	int timer;		 /* to the next step that becomes slow */
};

/* On CLOCK_BOOTTIME, as volume->slow_ms is. */
double volume_now_ms(void);

/* Puts @volume where it belongs among the others; again, once it is known what is on it. */
void volume_place(struct volume *volume);

/* Reads what @volume, which was read before, offers once more. */
void volume_reread(struct volume *volume);

/* Unmounts what @volume, which went, was mounted as; in a child, which is not waited for. */
void volume_detach(const struct volume *volume);

/* Looks at the disk from the start: it is new, or it changed. */
void volume_look(struct volume *volume);
