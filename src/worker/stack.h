/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a worker is in the kernel: /proc/PID/stack, as names of functions.
 *
 * The file is there with CONFIG_STACKTRACE and for root in the first user namespace only. What is
 * not seen is not guessed: a stack that cannot be read has a depth of 0.
 */
#pragma once

#include "sys/root.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define STACK_DEPTH 24
#define STACK_NAME  48

struct stack {
	size_t depth;			      /* 0: not known */
	char frames[STACK_DEPTH][STACK_NAME]; /* the innermost first: "unregister_netdev" */
	uint64_t hash;			      /* of all of it, with the places in the functions */
};

/* Reads the stack of the process @pid. */
void stack_read(const struct sysroot *root, pid_t pid, struct stack *ret_stack);

/*
 * True when the innermost function takes a lock. The kernel leaves its scheduler's own functions out
 * of a stack, mutex_lock() and down_write() among them, and a compiler ends rtnl_lock() in a jump: so
 * the innermost may be what called them, and the names here are both.
 */
bool stack_is_at_lock(const struct stack *stack);

/* True when @function is in the stack and is not the innermost: who came as far as that has the lock
 * that another one with @function innermost still waits for. */
bool stack_has_passed(const struct stack *stack, const char *function);
