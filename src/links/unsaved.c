// SPDX-License-Identifier: GPL-2.0-or-later
/* What is not set up again; see unsaved.h. */
#include "links/unsaved.h"

#include "sys/devlink.h"
#include "sys/netlink.h"

#include <errno.h>
#include <limits.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

#define NAME_SIZE 32

static void copy_name(char name[NAME_SIZE], const struct nlattr *a)
{
	size_t length = a ? netlink_length(a) : 0;

	if (length > NAME_SIZE - 1)
		length = NAME_SIZE - 1;
	memcpy(name, a ? netlink_data(a) : "", length);
	name[length] = '\0';
}

/* Those that a link may have without anybody's doing; net.core.default_qdisc names two of them. */
static bool is_default_qdisc(const char *name)
{
	static const char *const names[] = { "",	   "noqueue",  "noop", "mq",
					     "pfifo_fast", "fq_codel", "fq",   "pfifo" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

void unsaved_from_link(json_t *event, const void *attributes, size_t length)
{
	const struct nlattr *xdp = netlink_find(attributes, length, IFLA_XDP), *attached;
	char qdisc[NAME_SIZE];

	copy_name(qdisc, netlink_find(attributes, length, IFLA_QDISC));
	if (!is_default_qdisc(qdisc))
		json_object_set_new(event, "qdisc", json_string(qdisc));
	attached = xdp ? netlink_find(netlink_data(xdp), netlink_length(xdp), IFLA_XDP_ATTACHED)
		       : NULL;
	if (attached && netlink_length(attached) &&
	    *(const unsigned char *)netlink_data(attached) != XDP_ATTACHED_NONE)
		json_object_set_new(event, "xdp", json_true());
}

static int see_qdisc(const struct nlmsghdr *m, void *context)
{
	const struct links_seen *seen = context;
	const struct tcmsg *body = (const void *)((const unsigned char *)m + NLMSG_HDRLEN);
	size_t length;
	const void *attributes = netlink_attributes(m, sizeof(*body), &length);
	const struct seen *link;
	char kind[NAME_SIZE];

	if (m->nlmsg_type != RTM_NEWQDISC || !attributes)
		return 0;
	copy_name(kind, netlink_find(attributes, length, TCA_KIND));
	link = links_seen_find(seen, (uint32_t)body->tcm_ifindex);
	if (link && (!strcmp(kind, "clsact") || !strcmp(kind, "ingress")))
		json_object_set_new(link->event, "ingress", json_string(kind));
	return 0;
}

/* What was noted before a table changed is noted again. */
static void forget_nothing(void *context)
{
}

int unsaved_read_qdiscs(const struct links_seen *seen)
{
	int code = netlink_dump(RTM_GETQDISC, AF_UNSPEC, see_qdisc, forget_nothing,
				(void *)(uintptr_t)seen);

	return code == -EOPNOTSUPP ? 0 : code; /* a kernel without net/sched */
}

void unsaved_read_eswitch(const struct sysroot *root, json_t *event)
{
	const char *device = json_string_value(json_object_get(event, "device"));
	const char *name = device ? strrchr(device, '/') : NULL, *bus;
	char path[PATH_MAX], target[PATH_MAX];

	if (!name)
		return;
	snprintf(path, sizeof(path), "/sys%s/subsystem", device);
	if (sysroot_readlink(root, path, target, sizeof(target)) < 0)
		return;
	bus = strrchr(target, '/');
	if (devlink_is_switchdev(bus ? bus + 1 : target, name + 1))
		json_object_set_new(event, "eswitch", json_true());
}

static const struct {
	const char *field;
	const char *clause; /* with the field's text */
} unsaved[] = {
	{ "xdp", "its XDP program is not attached again%s" },
	{ "qdisc", "its queueing discipline %s is not set up again" },
	{ "ingress", "its %s filters are not set up again" },
	{ "eswitch", "its embedded switch is not in switchdev mode again%s; see devlink-dev(8)" },
};

void unsaved_compare(const json_t *was, const json_t *now,
		     void (*each)(const char *clause, void *context), void *context)
{
	for (size_t i = 0; i < sizeof(unsaved) / sizeof(unsaved[0]); i++) {
		const json_t *before = json_object_get(was, unsaved[i].field);
		const json_t *after = json_object_get(now, unsaved[i].field);
		const char *text = json_string_value(before);
		char clause[160];

		if (!before || (after && json_equal(before, after)))
			continue;
		snprintf(clause, sizeof(clause), unsaved[i].clause, text ? text : "");
		each(clause, context);
	}
}

bool unsaved_any(const json_t *event)
{
	for (size_t i = 0; i < sizeof(unsaved) / sizeof(unsaved[0]); i++)
		if (json_object_get(event, unsaved[i].field))
			return true;
	return false;
}
