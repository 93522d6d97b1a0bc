/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Operations of ops.h on disks that are made of other disks or lie on the network, for ops_live.c alone. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* A descriptor of the block device /dev/@name, which is not written to, or a negative errno. */
int stack_open_disk(const char *name);

/* As in ops.h. */
int stack_dm_create(void *context, const char *name, const char *uuid, const char *table,
		    bool read_only);
int stack_dm_remove(void *context, const char *name);
int stack_ram_disk(void *context, const char *label, unsigned long long bytes, char *ret_name,
		   size_t size);
int stack_loop_clear(void *context, const char *name);
int stack_disk_claim(void *context, const char *name);
int stack_nbd_disconnect(void *context, const char *name);
