/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whatever a disk or a driver can hold up, in a child process of its own.
 *
 * A read from a dead disk, a mount, a driver's probe can stay in the kernel for ever, where no signal
 * reaches it. The child writes its answer into a pipe; the loop goes on meanwhile, and a child that
 * never answers costs nothing but what it was asked about.
 */
#pragma once

#include "loop/loop.h"

#include <stddef.h>
#include <stdio.h>

struct task;

/* More than any answer is: entries of one file system with long command lines. */
#define TASK_ANSWER_MAX (16 * 1024 * 1024)

struct task_work {
	/* In the child: what it writes to @answer reaches the parent; 0 when that is complete. */
	int (*run)(void *context, FILE *answer);

	/* In the parent, for each whole line as it comes (without its newline), or NULL. */
	void (*line)(void *context, const char *line);

	/*
	 * In the parent, once: the whole answer, NUL-terminated and the task's; "" where the child died
	 * or did not complete it. The task is gone after this.
	 */
	void (*ended)(void *context, const char *answer, size_t length);

	void *context;
};

/* 0 or fork's negative errno; then ended() is not called. */
int task_start(struct loop *loop, const struct task_work *work, struct task **ret_task);

/* Forgets the task, whose child is killed where a signal can reach it; ended() is not called. */
void task_drop(struct task *task);
