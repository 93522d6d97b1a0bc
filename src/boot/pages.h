/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The texts behind the menu: what would be done to the devices, and what the last attempt did. Made in
 * children, as both look at every device or run a program. */
#pragma once

#include "boot/loop.h"
#include "boot/settings.h"
#include "sys/ops.h"

struct pages;

/* @changed: a text is there, or another. */
int pages_new(struct loop *loop, const struct sys *sys, const struct settings *settings,
	      void (*changed)(void *context), void *context, struct pages **ret_pages);

/* Makes the text anew; what was there stays until then. */
void pages_make_plan(struct pages *pages);
void pages_make_last(struct pages *pages);

/* Lines ending in "\n", until the loop goes on; NULL: not made yet. */
const char *pages_plan(const struct pages *pages);
const char *pages_last(const struct pages *pages);

/* Ends what is being made. */
void pages_stop(struct pages *pages);
