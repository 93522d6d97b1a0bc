// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Device links: who needs whom besides the tree (Linux: Documentation/driver-api/device_link.rst).
 *
 * Unbinding the supplier of a managed link makes the kernel unbind its consumers first. A link that
 * is not tracked, or is there for sync_state() alone, does not: it only says what is better order.
 */
#include "graph/scanner.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static struct device *link_end(struct scanner *s, const char *path, const char *end)
{
	char link[SCAN_PATH], target[SCAN_PATH];

	snprintf(link, sizeof(link), "/sys%s/%s", path, end);
	if (sysroot_resolve(s->root, link, target, sizeof(target)) < 4)
		return NULL;
	return graph_find(s->graph, target + 4);
}

static enum edge_kind link_kind(int fd, const char *name)
{
	char attribute[512], status[64];

	snprintf(attribute, sizeof(attribute), "%s/sync_state_only", name);
	if (attribute_u64(fd, attribute, 0) == 1)
		return EDGE_LINK_SOFT;
	snprintf(attribute, sizeof(attribute), "%s/status", name);
	/* A status that cannot be read is taken for the stronger kind. */
	if (attribute_read_at(fd, attribute, status, sizeof(status)) > 0 &&
	    !strcmp(status, "not tracked"))
		return EDGE_LINK_SOFT;
	return EDGE_SUPPLIER;
}

int scan_devlink(struct scanner *s, int fd, const char *name, const char *path,
		 struct device *owner)
{
	struct device *supplier = link_end(s, path, "supplier");
	struct device *consumer = supplier ? link_end(s, path, "consumer") : NULL;

	/* An end without a driver is in no graph and waits for nothing. */
	if (!supplier || !consumer || supplier == consumer)
		return 0;
	return graph_add_edge(s->graph, consumer, supplier, link_kind(fd, name));
}
