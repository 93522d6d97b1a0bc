/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The links of the machine as the kernel tells them, and which of them go with what is released. */
#pragma once

#include "plan/plan.h"
#include "sys/ops.h"

#include <jansson.h>
#include <linux/netlink.h>
#include <net/if.h>

/* A link, and what will be its event. */
struct seen {
	uint32_t index, lower, master;
	char name[IFNAMSIZ];
	char kind[32]; /* "vlan", "bridge"; "" for a device's own link */
	bool goes;     /* vanishes with a device, or with a link that does */
	size_t place;  /* in the order, when it goes */
	json_t *event;
	json_t *fresh; /* messages of the table that is being read */
};

struct links_seen {
	const struct sys *sys;
	struct seen *links;
	size_t count, capacity;
	struct seen **by_index; /* all, in the order of their indices */
	struct seen **by_lower; /* all, in the order of what they lie on */
	struct seen **order;	/* those that go, each after the link it lies on */
	size_t order_count;
};

/* Every link of this network namespace, each with an event that says how it is. 0 or a negative errno;
 * to be ended by links_seen_done() in both cases. */
int links_seen_read(const struct sys *sys, struct links_seen *ret_seen);
void links_seen_done(struct links_seen *seen);

struct seen *links_seen_find(const struct links_seen *seen, uint32_t index);

/*
 * Marks those whose devices @plan releases or takes along, and those on top of them that vanish with
 * them; their events say where each will be found again, or what it is made from.
 */
void links_seen_mark(struct links_seen *seen, const struct plan *plan);
