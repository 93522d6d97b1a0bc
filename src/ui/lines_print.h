/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of the front of numbered lines share: front_lines.c has what is typed, lines_print.c what
 * is printed. */
#pragma once

#include "ui/editor.h"
#include "ui/fold.h"
#include "ui/front_kind.h"

#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

/* What is typed: a command, or a field of `edited`, one after the other. */
enum mode {
	MODE_COMMAND,
	MODE_KERNEL,
	MODE_INITRDS,
	MODE_OPTIONS,
};

/* A text that comes later is printed when it is there. */
enum awaited { AWAITS_NOTHING, AWAITS_PLAN, AWAITS_INFO, AWAITS_LOG };

struct front_lines {
	struct front front;
	int fd;
	bool was_saved;
	struct termios saved;
	const struct menu_model *model;
	char *listed;	  /* the list as it was last printed, to see whether it is another */
	char *progressed; /* the last line of progress */
	int countdown;	  /* as last printed */
	enum mode mode;
	size_t edited; /* row */
	struct editor editor;
	char *kernel, *initrds; /* of `edited`, as typed; NULL: as they are */
	enum awaited awaits;
	struct fold *fold;
	char *pending; /* what the line has not taken yet */
	size_t pending_length;
	bool is_behind; /* and what is to be shown changed meanwhile */
};

/* Writes what the line takes now; the rest when it takes more. */
void lines_flush(struct front_lines *self);

/* Text as it is; and text of a disk, made harmless. */
void lines_print(struct front_lines *self, const char *text);
void lines_print_plain(struct front_lines *self, const char *text);

/* What is asked for, with what was typed of it. */
void lines_print_prompt(struct front_lines *self);

/* These print where the model says something else than before. */
void lines_print_countdown(struct front_lines *self);
void lines_print_progress(struct front_lines *self);

/* A text of a page, then the prompt again. */
void lines_print_text(struct front_lines *self, const char *text);

/* A text that was asked for, once it is there. */
void lines_print_awaited(struct front_lines *self);
