/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Disks that lie behind a network, disconnected in order while their network card is still there: the
 * other side learns it at once, and the card is in use by nothing.
 */
#pragma once

#include "storage/disks.h"
#include "sys/ops.h"

#define REMOTE_MAX 64

/* Whether the block device @name is an NBD with a server. */
bool remote_is_nbd(const struct sysroot *root, const char *name);

/* The NVMe controllers that are reached over a network (TCP, RDMA) or Fibre Channel, at most REMOTE_MAX.
 * Returns how many. */
size_t remote_controllers(const struct sysroot *root, char (*ret_names)[DISK_NAME_SIZE]);

/* Disconnect the disk, or the controller and its disks. -EBUSY: something still lies on it, and nothing
 * was done. -ENOENT, -ENXIO: it is gone. */
int remote_disconnect_nbd(const struct sys *sys, const char *name);
int remote_disconnect_controller(const struct sys *sys, const char *name);
