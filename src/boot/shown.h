/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rows of the menu, made of what the file systems offer. */
#pragma once

#include "boot/volumes.h"
#include "ui/menu.h"

struct shown {
	struct menu_row *rows;
	size_t count;
	char **systems; /* headings of the rows */
	size_t system_count;
};

/*
 * Rows and their headings of all entries of @volumes that are not hidden. They point into the offers
 * of the volumes, and so are to be made anew when these change. What was in @shown is freed. Where
 * memory is short there are none.
 */
void shown_make(struct shown *shown, const struct volumes *volumes);
void shown_done(struct shown *shown);
