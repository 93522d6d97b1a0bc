/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Programs of an administrator, called at three moments of a handover: kexit(8), HOOKS. They lie in
 * HOOKS_DIR, run one after the other in the order of their names, and each has an end.
 */
#pragma once

#include "base/error.h"
#include "sys/ops.h"

#include <stdbool.h>
#include <stddef.h>

#define HOOKS_DIR "/etc/kexit/hooks.d"

/* Each one; then it is killed with what it started, and counts as failed. */
#define HOOK_MS	  30000

enum hooks_moment {
	HOOKS_BEFORE_RELEASE, /* nothing was changed yet */
	HOOKS_BEFORE_JUMP,    /* nothing but the jump is left */
	HOOKS_FAILED,	      /* all is over, and not as it should be */
};

/* What a hook is told, as environment. */
struct hooks_facts {
	char **items; /* "KEXIT_VERB=exec" */
	size_t count;
};

/* Adds KEXIT_@name=@value; control characters become blanks. Without memory it is left out. */
void hooks_facts_add(struct hooks_facts *facts, const char *name, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void hooks_facts_done(struct hooks_facts *facts);

/*
 * Calls them all, or up to the first that fails: -ECANCELED, and @e names it and says how. At HOOKS_FAILED
 * the others are called all the same. No folder, no hook: 0.
 */
int hooks_run(const struct sys *sys, enum hooks_moment moment, const struct hooks_facts *facts,
	      struct error *e);

/* Whether there is one to call; true as well where that cannot be read, which hooks_run() then says. */
bool hooks_are_there(const struct sysroot *root);

/*
 * The names of what would be called, sorted, an array that ends with NULL and is one block with its strings; the
 * caller frees it. A file counts whose name has only letters, digits, '_' and '-', and which may be executed.
 */
int hooks_list(const struct sysroot *root, char ***ret_names, struct error *e);
