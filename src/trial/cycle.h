/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A device used, released, looked at and bound again, many times: does its driver's remove() leave
 * it clean, each time?
 *
 * Each cycle is a handover that stops before the jump, and its rollback, by the same code, with a
 * record of its own: killed at any moment, `kexit rollback` brings the machine back. So between
 * two cycles the machine is whole.
 */
#pragma once

#include "base/error.h"
#include "run/handover.h"
#include "run/release.h"
#include "sys/ops.h"
#include "trial/exercise.h"
#include "trial/slab.h"

/* What a reset did to it, where one was asked for. */
struct cycle_reset {
	bool happened;
	enum reset_end end;
	enum verdict verdict; /* of the device, after it */
	double ms;
	char text[200]; /* what is not as it was, or ""; or why there was none */
};

/* One cycle that came to its end. */
struct cycle {
	struct exercise used;
	bool inspected;	      /* false: not a PCI function, so nothing is known */
	enum verdict verdict; /* live where only kexit cleared its Bus Master */
	bool cleared;	      /* remove() had left Bus Master on */
	char text[256];	      /* the registers that show it live or masked */
	double release_ms;    /* from the worker's start to its end: links down, remove(), a look */
	struct cycle_reset reset;
	double probe_ms; /* of the binding again; 0: not known */
	bool has_slab;
	struct slab slab; /* once it was bound again */
};

struct cycles {
	struct cycle *list; /* the caller frees it */
	size_t count;
	bool resets; /* each was to reset the device */
};

struct cycles_options {
	const char *device;	/* as subject_find() takes it */
	size_t count;		/* how many cycles */
	bool resets;		/* reset it in each, once it is released */
	const char *record_dir; /* RECORD_DIR; tests: another */
	unsigned int settle_ms; /* how long its disks and links may take to come back */
	void (*cycled)(size_t number, const struct cycle *cycle); /* from 1; may be NULL */
	void (*note)(const char *line);				  /* may be NULL */
};

/*
 * Runs the cycles. SIGHUP and SIGPIPE are ignored from here on; SIGINT and SIGTERM end the cycle
 * that runs by its rollback, and with it the test.
 *
 * HANDOVER_DONE: all cycles came to their end, whatever their verdicts. HANDOVER_REFUSED: in use,
 * not there, an earlier run is not rolled back, another kexit is at work. The others as in
 * handover_run(): @e says why; what ended before is in *@ret_cycles, which is always filled.
 */
enum handover_end cycles_run(const struct sys *sys, const struct cycles_options *options,
			     struct cycles *ret_cycles, struct error *e);
