/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which file system a command line mounts as its root. Pure. */
#pragma once

#include "boot/volumes.h"

/* The index in @views of what root= of @options names; @count: none, or it names none of them. */
size_t root_word_find(const char *options, const struct volume_view *views, size_t count);
