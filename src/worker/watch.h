/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether a worker gets on, from what the kernel shows of it: the proof behind the word "stuck".
 *
 * A deadline here is the time a worker may take without a sign of progress. Signs are CPU time of
 * its process, a place in the kernel where it has not been before, a counter of its device that
 * moved, and another of its kind that ended. While it waits for a lock that another worker may hold,
 * its time stands still. That two looks see the same stack says nothing.
 *
 * Time is counted in looks, each worth twice their distance at most: on a machine that stood still as
 * a whole (an emulator that got no CPU, a suspend) nothing is proven.
 */
#pragma once

#include "worker/stack.h"

/* What was seen, as bits. */
enum sign {
	SIGN_CPU = 1 << 0,     /* it used CPU time, or waited for a CPU */
	SIGN_STACK = 1 << 1,   /* it came to a new place in the kernel */
	SIGN_COUNTER = 1 << 2, /* a counter moved */
	SIGN_KIND = 1 << 3,    /* another of its kind ended */
	SIGN_QUEUE = 1 << 4,   /* it waited for a lock while another worker ran */
};

/* Everything there is to say of one worker. */
struct signs {
	unsigned int seen;	/* enum sign, since it began */
	unsigned int looks;	/* 0: it ended before the first one */
	double still_ms;	/* without a sign by now */
	double cpu_ms;		/* used since it began */
	unsigned int others;	/* of its kind that ended meanwhile */
	bool is_proven;		/* in a whole deadline of it every look saw a stack and CPU time */
	bool is_late;		/* the run's deadline had passed: what is no end did not count */
	char where[STACK_NAME]; /* the function it is in; "" when not known */
};

#define WATCH_PLACES 16

/* One worker under watch. */
struct watch {
	unsigned int deadline_ms;
	struct signs signs;
	struct stack stack; /* at the last look */
	unsigned int fresh; /* signs since the look before */
	bool is_blind;	    /* the last look saw no stack or no CPU time */
	bool was_blind;	    /* and the one before it */
	double proven_ms;   /* of still_ms, since a look was blind */
	double looked_ms;   /* when, CLOCK_BOOTTIME */
	unsigned long long ticks, ticks_at_sign;
	double sign_ms; /* when the last sign was seen */
	uint64_t places[WATCH_PLACES];
	unsigned int place_count;
};

void watch_start(struct watch *watch, unsigned int deadline_ms, double now_ms);

/* How far apart the looks are: a tenth of the deadline, 10 ms to 1 s. */
double watch_interval_ms(const struct watch *watch);

/* Another of its kind has ended. */
void watch_kind_ended(struct watch *watch);

/* The run's deadline has passed: from here on only an end of its kind, or a lock, counts. A loop uses
 * CPU time as well, and something has to end. */
void watch_set_late(struct watch *watch);

/* Looks at the process @pid; @has_moved: a counter did since the last look. To be followed by
 * watch_count(), once all that are looked at have been. */
void watch_look(struct watch *watch, const struct sysroot *root, pid_t pid, bool has_moved,
		double now_ms);

/* Counts the time since the last look; @is_queued: it waits for a lock that another may hold. */
void watch_count(struct watch *watch, bool is_queued, double now_ms);

/* True when it showed no sign for its whole deadline. Whether that is a proof is in signs. */
bool watch_is_over(const struct watch *watch);

/* "for 10 s no CPU time used, ..., in unregister_netdev", for a person. @kind may be NULL. */
void signs_describe(const struct signs *signs, const char *kind, char *text, size_t size);

/* Waits for another whole deadline. */
void watch_again(struct watch *watch);

/* The name of one sign, for the record. */
const char *sign_name(enum sign sign);
