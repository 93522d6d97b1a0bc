/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The last steps of a running system on its way into the next kernel: what is looked at, loaded and left
 * behind before the services stop. */
#pragma once

#include "base/error.h"
#include "image/load.h"
#include "sys/ops.h"

#include <jansson.h>
#include <stdbool.h>

struct departure {
	const char *environment;       /* the exit environment's folder */
	struct image_request *request; /* what is loaded, and carries */
	const json_t *handover; /* handover_id.h; NULL: nothing crosses, and nothing is marked */
	bool is_guarded; /* a watchdog was asked for: whether there is one is said elsewhere */
	unsigned int failures_max;	/* in a row, then it is not tried; 0: always */
	void (*note)(const char *line); /* what a person should know, and is no failure */
};

/*
 * Would it be tried? -ECANCELED with @e where its way failed too often. A hang that nothing would end is
 * noted. Nothing is changed.
 */
int departure_check(const struct sysroot *root, const struct departure *departure, struct error *e);

/*
 * Checks; writes the rules for what got stuck before; loads, and keeps what is loaded for a second time; leaves
 * the mark on disk, last: from then on another start than the next kernel's is a failure. 0, or a negative
 * errno with @e.
 */
int departure_make(const struct sys *sys, const struct departure *departure, struct error *e);

/* The departure is not made after all: no mark, and nothing kept in RAM. */
void departure_cancel(const struct sys *sys, const char *environment);
