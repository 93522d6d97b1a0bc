/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One device to be released alone, with the machine around it as it is now: what `kexit test`
 * cycles. Scanned and planned anew for each cycle, since names and indices change with a rebind.
 */
#pragma once

#include "base/error.h"
#include "plan/plan.h"
#include "sys/root.h"

struct subject {
	struct policy *policy;
	struct graph *graph;
	struct plan *plan;
	const struct decision *decision; /* FATE_RELEASE */
};

/*
 * Scans the machine and plans the release of what a person calls @name (graph_lookup()) and of
 * nothing that does not lie below it; a device that only goes along with another means the other.
 * Bus Master of functions elsewhere is left alone. Rules hold: what they leave is not released.
 * With @resets it is reset as well, by the biggest domain that holds nothing else that is bound.
 *
 * 0, and the caller calls subject_done(). -ENODEV: no such device, or no driver holds it. -EBUSY:
 * it is in use or must stay for another reason, or may not
 * be reset. -EINVAL: a bad rule file. All with @e.
 */
int subject_find(const struct sysroot *root, const char *name, bool resets,
		 struct subject *ret_subject, struct error *e);
void subject_done(struct subject *subject);

/* True for a whole disk with a medium, or a link, that the subject or what is below it provides. */
bool subject_has_disk(const struct subject *subject, const struct disk *disk);
bool subject_has_link(const struct subject *subject, const struct netlink_if *link);
