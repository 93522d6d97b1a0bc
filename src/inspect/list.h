/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The PCI functions of a machine by address, without a scan: inspect runs before any driver is
 * loaded, when there is no graph to speak of.
 */
#pragma once

#include "sys/root.h"

struct listed_function {
	char address[24]; /* "0000:00:1f.2" */
	char *path;	  /* sysfs folder below the root: "/sys/devices/..." */
};

struct function_list {
	struct listed_function *items;
	size_t count;
};

/* All of them, sorted by address. 0, -ENOMEM, or why /sys/bus/pci/devices cannot be read (-ENOENT:
 * a machine without PCI). The caller owns what is in *@ret_list: function_list_done(). */
int function_list_read(const struct sysroot *root, struct function_list *ret_list);
void function_list_done(struct function_list *list);

/* The one that a person names "0000:00:1f.2", "00:1f.2" or by a sysfs path; NULL: there is none. */
const struct listed_function *function_list_find(const struct function_list *list,
						 const char *name);
