/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The boot menu of one console: what it shows, and what a key makes of it. Pure: a key goes in, an
 * action comes out, and a screen can be drawn at any time; timers, consoles and all that an action
 * takes are the caller's.
 *
 * Several consoles show one model. Each has its own selection and page, so that somebody at the
 * serial line is not moved about by a key on the keyboard.
 */
#pragma once

#include "entry/entry.h"
#include "ui/screen.h"

#include <stdbool.h>
#include <stddef.h>

/* One line of the menu. */
struct menu_row {
	const struct entry *entry;
	const char *system; /* heading it stands under: "Debian GNU/Linux 12, nvme0n1p2" */
};

/* What all consoles show. The caller's: it may change between two calls, never during one. */
struct menu_model {
	const char *title;	     /* of the machine: "kexit-boot 1.0  Linux 6.1.0-56-amd64" */
	const struct menu_row *rows; /* rows of one system next to each other */
	size_t row_count;
	const struct entry *preferred; /* boots when the countdown ends, or NULL */
	int countdown;		       /* seconds left; MENU_NO_COUNTDOWN: it waits */
	const char *trouble;	       /* what went wrong last, one message; NULL: nothing */
	const char *rule;	       /* what made it preferred; NULL: nothing to say */
	const char *waits;    /* why nothing boots by itself, one message; NULL: nothing to say */
	const char *progress; /* one line, what is being done; while it is set keys wait */
	/* Texts of the pages, lines ending in "\n"; NULL: nothing to say. */
	const char *plan; /* what will be unbound, what is left and why */
	const char *last; /* what the last run did */
};

#define MENU_NO_COUNTDOWN (-1)

enum menu_action {
	MENU_NOTHING, /* draw again */
	MENU_BOOT,    /* `entry`, with `options` as its command line */
	MENU_RESCAN,
	MENU_SHELL,
	MENU_REBOOT,	/* through firmware, confirmed */
	MENU_POWER_OFF, /* confirmed */
	MENU_WANT_PLAN, /* model->plan is about to be shown: make it */
	MENU_REPAINT,	/* the terminal may show something else than was drawn */
};

struct menu_event {
	enum menu_action action;
	const struct entry *entry;
	const char *options; /* lives until the next call */
};

struct menu;

/* NULL when memory is short. */
struct menu *menu_new(void);
void menu_free(struct menu *menu);

/* To be called when model->rows changed: keeps the selection on the entry with the same id. */
void menu_update(struct menu *menu, const struct menu_model *model);

/* What @key (ui/key.h) means now. Any key shall stop the countdown: that is the caller's to do. */
struct menu_event menu_key(struct menu *menu, const struct menu_model *model, int key);

/*
 * Draws all of @screen, and scrolls what is longer than it. While something is done
 * (model->progress) the last row is empty and has the cursor: what the kernel prints, this one or
 * the next after the jump, begins there and not in the midst of the menu.
 */
void menu_draw(struct menu *menu, const struct menu_model *model, struct screen *screen);
