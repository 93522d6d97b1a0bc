/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory that is given back all at once.
 *
 * A scan of 100,000 devices makes a million small strings that all live exactly as long as the
 * graph; an arena makes each of them a pointer bump and the end one call.
 */
#pragma once

#include <stddef.h>

struct arena;

/* Returns NULL when memory is short. The caller owns it. */
struct arena *arena_new(void);
void arena_free(struct arena *a);

/* Zeroed, aligned for any type; NULL when memory is short. Lives until arena_free(). */
void *arena_alloc(struct arena *a, size_t size) __attribute__((malloc, alloc_size(2)));
char *arena_strdup(struct arena *a, const char *s);
char *arena_strndup(struct arena *a, const char *s, size_t length);
char *arena_printf(struct arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * @items is the address of an array pointer. Grows that array from *@capacity elements of @size
 * bytes so that it holds at least @need. The old storage stays in the arena, so growth doubles. Returns 0 or -ENOMEM, *@items untouched.
 */
int arena_grow(struct arena *a, void *items, size_t *capacity, size_t need, size_t size);

/* Bytes handed out so far, for the performance table. */
size_t arena_used(const struct arena *a);
