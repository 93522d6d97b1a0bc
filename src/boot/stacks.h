/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Members of md arrays and volume groups as they are found, and the programs that put them together,
 * run again when more members come. One program at a time for each: both hold locks of their own.
 */
#pragma once

#include "loop/loop.h"
#include "sys/ops.h"

struct stacks;

/* @changed: something ended, and stacks_reason() or stacks_working() may say something else. */
int stacks_new(struct loop *loop, const struct sys *sys, void (*changed)(void *context),
	       void *context, struct stacks **ret_stacks);
void stacks_free(struct stacks *stacks);

/* The disk @name is a member of the array @uuid, or a physical volume. 0 or -ENOMEM. */
int stacks_add_md(struct stacks *stacks, const char *uuid, const char *name);
int stacks_add_lvm(struct stacks *stacks, const char *name);

/* How many programs run. */
size_t stacks_working(const struct stacks *stacks);

/* What could not be put together, one line, or NULL. */
const char *stacks_reason(const struct stacks *stacks);

/* Forgets all members, and what runs. */
void stacks_reset(struct stacks *stacks);
