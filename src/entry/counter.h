/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Boot counting in the names of entry files (Boot Loader Specification, "Boot counting"). */
#pragma once

#include "entry/entry.h"

/*
 * Sets id, tries_left and tries_done of @entry from the file name @name: "a+2-1.conf" is the id
 * "a.conf" with 2 tries left and 1 done. What is not a counter belongs to the id. 0 or -ENOMEM.
 */
int counter_take(struct entry_list *list, struct entry *entry, const char *name);
