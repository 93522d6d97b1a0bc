/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The list of entries as numbered lines: what a terminal without a cursor shows, and a script reads. */
#pragma once

#include "ui/fold.h"

/* Lines ending in "\r\n", in a string that the caller frees; NULL: no memory. */
char *lines_list_make(struct fold *fold, const struct menu_model *model);
