/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The texts behind the menu: what would be done to the devices, what the last attempt did, and what the
 * machine is. Made in children, as all look at every device or run a program. */
#pragma once

#include "boot/settings.h"
#include "loop/loop.h"
#include "sys/ops.h"

struct pages;

/* @changed: a text is there, or another. */
int pages_new(struct loop *loop, const struct sys *sys, const struct settings *settings,
	      void (*changed)(void *context), void *context, struct pages **ret_pages);

/* Makes the text anew; there is none until then. */
void pages_make_plan(struct pages *pages);
void pages_make_last(struct pages *pages);
void pages_make_info(struct pages *pages);

/* Lines ending in "\n", until the loop goes on; NULL: not made yet. */
const char *pages_plan(const struct pages *pages);
const char *pages_last(const struct pages *pages);
const char *pages_info(const struct pages *pages);

/* Ends what is being made. */
void pages_stop(struct pages *pages);
