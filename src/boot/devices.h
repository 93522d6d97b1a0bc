/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Devices as they are and as they come: the modaliases of all of them are asked for, and block
 * devices are reported. What udev does on a running system, as far as a boot loader needs it.
 */
#pragma once

#include "base/error.h"
#include "boot/modules.h"
#include "loop/loop.h"
#include "sys/root.h"

struct devices;

struct devices_events {
	void (*appeared)(void *context, const char *name); /* a block device came or changed */
	void (*vanished)(void *context, const char *name);
	void *context;
};

/* Begins to listen; nothing is lost between this and devices_coldplug(). */
int devices_new(struct loop *loop, const struct sysroot *root, struct modules *modules,
		const struct devices_events *events, struct devices **ret_devices, struct error *e);
void devices_free(struct devices *devices);

/* Everything that is there now, as though it had just come. */
void devices_coldplug(struct devices *devices);

/* Takes what the kernel has said so far: before somebody decides that nothing more is coming. */
void devices_drain(struct devices *devices);

/* While true, what comes and goes is not reported: devices are being released and bound again. */
void devices_hold(struct devices *devices, bool held);
