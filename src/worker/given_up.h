/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Workers that were given up: killed at once, but one that waits in the kernel first ends when that
 * wait does, and the call it is in still has its effect then. While one lives, nothing is as it was.
 */
#pragma once

#include <stddef.h>
#include <sys/types.h>

/* Kills the child @pid, which works on @name (copied). NULL: nothing that it does changes anything, so
 * that it is not counted. */
void worker_give_up(pid_t pid, const char *name);

/* How many still live; those that have ended are reaped. */
size_t workers_given_up(void);

/* The names of those that still live, "0000:00:02.0, 0000:00:03.0": as many as fit. */
void workers_given_up_names(char *text, size_t size);

/* Waits, up to @ms, for all to end. How many still live. */
size_t workers_given_up_wait(unsigned int ms);
