/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a plan to the next kernel, or back: the record is opened, the image loaded if one is asked
 * for, the plan run, the jump made. Until that call everything is rolled back when something fails
 * or a signal comes.
 */
#pragma once

#include "base/error.h"
#include "host/watchdog.h"
#include "image/load.h"
#include "plan/plan.h"
#include "record/record.h"
#include "run/progress.h"
#include "sys/ops.h"

enum on_stuck {
	ON_STUCK_AUTO,	   /* jump where the late module drops the device, else as FIRMWARE */
	ON_STUCK_FIRMWARE, /* restart through firmware (a plain quiesce rolls back instead) */
	ON_STUCK_WAIT,	   /* wait for ever */
	ON_STUCK_ABORT,	   /* roll back */
};

enum on_dead {
	ON_DEAD_CONTINUE, /* jump: what does not answer masters nothing */
	ON_DEAD_FIRMWARE, /* restart through firmware (a plain quiesce rolls back instead) */
};

struct handover_options {
	const char *verb;			/* "exec": for the record, the lock and messages */
	const struct image_request *image;	/* loaded first, or NULL: what is loaded already */
	bool jump;				/* false: stop before the jump */
	const struct watchdog_choice *watchdog; /* guards the jump; NULL: none does */
	unsigned int jobs;
	unsigned int run_deadline_ms; /* 0: the default of 300 s */
	unsigned int
		shutdown_deadline_ms; /* of the kernel's shutdown(), with the late module; 0: auto */
	enum on_stuck on_stuck;
	enum on_dead on_dead;	/* a function that a reset did not bring back */
	const char *record_dir; /* RECORD_DIR; tests: another */
	const struct progress *progress;
	/* Called when all is released and nothing but the jump is left; may be NULL. */
	void (*before_jump)(const struct sys *sys, struct record *record);
};

enum handover_end {
	HANDOVER_DONE,		  /* quiesced (a jump does not return) */
	HANDOVER_FAILED,	  /* nothing was changed */
	HANDOVER_ROLLED_BACK,	  /* failed or interrupted; all is as it was */
	HANDOVER_NOT_ROLLED_BACK, /* failed or interrupted; @e and the notes name what is not back */
	HANDOVER_REFUSED,	  /* another kexit is at work */
};

/*
 * SIGHUP and SIGPIPE are ignored and SIGINT and SIGTERM held back from here on: an SSH session dies
 * with its NIC, which must not stop the run half way. @e says why it did not end in HANDOVER_DONE.
 */
enum handover_end handover_run(const struct sys *sys, struct graph *graph, const struct plan *plan,
			       const struct handover_options *options, struct error *e);
