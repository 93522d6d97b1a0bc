/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Boot entries as JSON. */
#pragma once

#include "entry/entry.h"

/* Prints doc/entries-json.md to stdout. Returns an enum status. */
int entries_print_json(const struct entry_list *list, const char *root);
