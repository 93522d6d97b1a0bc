/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What may be reset at the end of a run, by which method, and why or why not. Types; reset.c makes
 * them from a plan that is otherwise whole.
 *
 * A domain is what one reset hits: a function that has a method of its own, or the bus below a
 * bridge with all that lies there. Domains nest, and never overlap otherwise.
 */
#pragma once

#include "graph/graph.h"

/* --reset, for the whole run. */
enum reset_mode {
	RESET_MODE_AUTO, /* what is not quiet once its driver is gone */
	RESET_MODE_NONE, /* nothing, whatever a rule says */
	RESET_MODE_ALL,	 /* every domain that may be */
};

enum reset_fate {
	RESET_MAY,  /* no driver holds anything in it once the releases are done */
	RESET_LATE, /* only after the kernel's device_shutdown(): left to the late module */
	RESET_NEVER,
};

struct reset_domain {
	struct device *device; /* the function, or the bridge above the bus */
	bool is_bus;
	enum reset_fate fate;
	/* What the kernel will try first: "flr", "bus", ...; "unnamed" where it does not tell (before
	 * Linux 5.15); "subordinate" for a bus. NULL: it offers none. */
	const char *method;
	const char *reason; /* one clause */
	const char *rule;   /* who decided: "no method", "bound", "console", or a rule's origin */
	struct device *because; /* the device in it that the reason is about, or NULL */
	/* What is reset: the function itself, or all functions below the bridge, bridges too. */
	struct device **functions;
	size_t function_count, function_capacity;
	/* Port services that would take the link's drop for a removal or an error: they are unbound
	 * right before the reset. */
	struct device **services;
	size_t service_count, service_capacity;
	struct reset_domain *outer; /* the smallest bus domain around it, or NULL */
	unsigned int depth;	    /* how many domains lie around it */
};

struct reset_plan {
	enum reset_mode mode;
	struct reset_domain *domains;
	size_t count;
	/* Buses that the late module has to reset for what stays bound and masters the bus until
	 * shutdown(); none lies inside another. */
	struct reset_domain **late;
	size_t late_count;
	size_t may, never; /* how many domains; never counts only those with a method */
};

const char *reset_fate_name(enum reset_fate fate);
const char *reset_mode_name(enum reset_mode mode);

/* 0 or -EINVAL. */
int reset_mode_parse(const char *text, enum reset_mode *ret_mode);

/* True when what @domain resets contains @function. */
bool reset_domain_has(const struct reset_domain *domain, const struct device *function);
