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

/* One entry of the menu. Those of a submenu are next to each other. */
struct menu_row {
	const struct entry *entry;
	const char *system; /* heading it stands under: "Debian GNU/Linux 12, nvme0n1p2" */
	const char *place;  /* the file system that offers it: "nvme0n1p2"; NULL: not to be said */
	/* Others that offer the same: "nvme0n1p1: /grub/grub.cfg, line 3", one a line; NULL: none. */
	const char *also;
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
	const char *info; /* the machine, its devices and disks */
	const char *log;  /* what was found, and why not */
	/* Where file systems are mounted: what is cut off in front of a file's; NULL: nowhere. */
	const char *mounts;
};

#define MENU_NO_COUNTDOWN (-1)

enum menu_action {
	MENU_NOTHING, /* draw again */
	MENU_BOOT, /* `entry`, with `options` as its command line, and other files where edited */
	MENU_RESCAN,
	MENU_SHELL,
	MENU_REBOOT,	/* through firmware, confirmed */
	MENU_POWER_OFF, /* confirmed */
	MENU_WANT_PLAN, /* model->plan is about to be shown: make it */
	MENU_WANT_INFO, /* model->info, the same */
	MENU_WANT_LOG,	/* model->log, the same */
	MENU_REPAINT,	/* the terminal may show something else than was drawn */
};

struct menu_event {
	enum menu_action action;
	const struct entry *entry;
	/* They live until the next call. The files are as ui/files.h has them; NULL: as they were. */
	const char *options, *kernel, *initrds;
};

struct menu;

/* NULL when memory is short. */
struct menu *menu_new(void);
void menu_free(struct menu *menu);

/* To be called when model->rows changed: keeps the selection on the entry with the same id, or on the
 * submenu with the same name. */
void menu_update(struct menu *menu, const struct menu_model *model);

/* What @key (ui/key.h) means now. Any key shall stop the countdown: that is the caller's to do. */
struct menu_event menu_key(struct menu *menu, const struct menu_model *model, int key);

/* The details of the entry in @row as text, lines ending in "\n", cut off at @size bytes. */
void menu_details(const struct menu_model *model, size_t row, char *text, size_t size);

/*
 * Draws all of @screen, and scrolls what is longer than it. While something is done
 * (model->progress) the last row is empty and has the cursor: what the kernel prints, this one or
 * the next after the jump, begins there and not in the midst of the menu.
 */
void menu_draw(struct menu *menu, const struct menu_model *model, struct screen *screen);
