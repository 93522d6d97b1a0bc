/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rows of the menu, made of what the file systems offer: one menu for a machine. What two file
 * systems both offer is one row; each stands under the system that it boots, which is the one on the
 * file system that its root= names. Pure.
 */
#pragma once

#include "base/arena.h"
#include "boot/volumes.h"
#include "ui/menu.h"

struct shown {
	struct menu_row *rows;
	size_t count;
	struct arena *arena; /* of rows and texts */
};

/* What of two twins is shown: not what is given up for another. */
struct shown_wish {
	const struct entry *preferred; /* stays in any case; NULL: none */
	const char *failed_id; /* no copy on another disk is hidden behind it; NULL: none failed */
};

/*
 * Rows and their headings of all entries of @views that are not hidden. They point into the offers,
 * and so are to be made anew when these change. What was in @shown is freed. Where memory is short there
 * are none.
 */
void shown_make(struct shown *shown, const struct volume_view *views, size_t count,
		const struct shown_wish *wish);
void shown_done(struct shown *shown);
