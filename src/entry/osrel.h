/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What os-release(5) says of a system, as a menu shows and sorts it. */
#pragma once

#include "base/arena.h"

struct osrel {
	const char *title, *version, *sort_key; /* NULL: it does not say */
};

/*
 * From the text of an os-release file. Which of its fields count is systemd's choice, so that the
 * order is that of its boot menu: PRETTY_NAME, IMAGE_ID, NAME, ID; IMAGE_VERSION, VERSION,
 * VERSION_ID, BUILD_ID; IMAGE_ID, ID. Strings are in @arena; where memory is short, they are NULL.
 */
struct osrel osrel_parse(struct arena *arena, const char *text);

/* The value of @key in lines of KEY=value with a shell's quotes (os-release(5)), in @arena, control
 * characters made blanks; NULL: not there, empty, or memory is short. */
char *osrel_get(struct arena *arena, const char *text, const char *key);
