/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The operations on watchdogs, for the live table; see ops.h. */
#pragma once

int watchdog_start(void *context, const char *path, unsigned int seconds,
		   unsigned int *ret_seconds);
int watchdog_feed(void *context, int fd);
int watchdog_stop(void *context, int fd);
