/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What may be halted at the end of a run: functions without a driver, of a class whose specification has a
 * stop that any software may use (plan/halt_class.h). Whether their engines run, only the run sees. Types;
 * halts.c makes them from a plan that is otherwise whole.
 */
#pragma once

#include "graph/graph.h"
#include "plan/halt_class.h"

/* --halt, for the whole run. */
enum halt_mode {
	HALT_MODE_AUTO, /* what no driver holds and is at work */
	HALT_MODE_NONE, /* nothing */
};

struct halt {
	struct device *device;
	const struct halt_class *class;
	bool may;
	const char *reason; /* one clause */
	const char *rule;   /* who decided: "unbound", "in use", or a rule's origin */
};

struct halt_plan {
	enum halt_mode mode;
	struct halt *list;
	size_t count, may;
};

const char *halt_mode_name(enum halt_mode mode);

/* 0 or -EINVAL. */
int halt_mode_parse(const char *text, enum halt_mode *ret_mode);
