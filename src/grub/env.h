/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * GRUB's variables (GRUB manual, "Environment").
 *
 * An environment may lie upon another: it sees what is below and changes its own only, which is how
 * each menu entry gets a copy. A submenu's sees of the one below what was exported, as in GRUB.
 */
#pragma once

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>

struct grub_env;

/* More than any menu needs; what a script asks for beyond is refused. */
#define GRUB_VARIABLES_MAX 1000
#define GRUB_VALUE_MAX	   16384 /* bytes */

/* NULL when memory is short. @below may be NULL, and must not change while this one lives. */
struct grub_env *grub_env_new(struct arena *arena, struct grub_env *below, bool sees_exported_only);

/* NULL where it is not set. */
const char *grub_env_get(const struct grub_env *env, const char *name);

/*
 * NULL as @value unsets. Both are copied. 0, -ENOMEM, or -E2BIG beyond the bounds above. Exporting
 * a variable that is not set sets it to "".
 */
int grub_env_set(struct grub_env *env, const char *name, const char *value);
int grub_env_export(struct grub_env *env, const char *name);
