/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel says of its devices as they come and go, past any udev: netlink's kobject events
 * (Linux: Documentation/ABI/testing/sysfs-uevent, lib/kobject_uevent.c).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* The kernel's own limit for the variables is 2048 bytes (UEVENT_BUFFER_SIZE); the header is a path. */
#define UEVENT_SIZE 8192

/* Strings lie in the message that was parsed; "" rather than NULL where the event has none. */
struct uevent {
	const char *action;    /* "add", "change", "remove", "bind", ... */
	const char *devpath;   /* below /sys: "/devices/pci0000:00/.../block/sda" */
	const char *subsystem; /* "block", "pci", ... */
	const char *devtype;   /* "disk", "partition" */
	const char *modalias;
};

/* A socket that is readable when there are events; O_CLOEXEC, O_NONBLOCK. Negative errno. */
int uevent_open(void);

/*
 * The next event into @buffer of UEVENT_SIZE bytes. 1: *@ret is one; 0: there is none for now;
 * -ENOBUFS: events were lost, so look at everything again; another negative errno.
 */
int uevent_receive(int fd, char *buffer, struct uevent *ret);

/* Takes apart a message of @length bytes that ends in NUL: "add@/devices/...", then strings
 * "KEY=value". False for anything else (a udev's message, a cut one). */
bool uevent_parse(const char *message, size_t length, struct uevent *ret);
