// SPDX-License-Identifier: GPL-2.0-or-later
/* Bump allocation; see arena.h. */
#include "base/arena.h"

#include <errno.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_SIZE (64 * 1024)
#define ALIGNMENT  alignof(max_align_t)

struct block {
	struct block *next;
	alignas(max_align_t) char bytes[];
};

struct arena {
	struct block *blocks;
	char *at;
	size_t left;
	size_t used;
};

struct arena *arena_new(void)
{
	return calloc(1, sizeof(struct arena));
}

void arena_free(struct arena *a)
{
	struct block *block, *next;

	if (!a)
		return;
	for (block = a->blocks; block; block = next) {
		next = block->next;
		free(block);
	}
	free(a);
}

static char *block_add(struct arena *a, size_t size)
{
	struct block *block = calloc(1, sizeof(*block) + size);

	if (!block)
		return NULL;
	block->next = a->blocks;
	a->blocks = block;
	return block->bytes;
}

void *arena_alloc(struct arena *a, size_t size)
{
	char *p;

	if (size > SIZE_MAX - ALIGNMENT - sizeof(struct block))
		return NULL;
	size = (size + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
	/* A large request gets a block of its own, so that it does not end the current one early. */
	if (size > BLOCK_SIZE / 4) {
		p = block_add(a, size);
		if (p)
			a->used += size;
		return p;
	}
	if (size > a->left) {
		p = block_add(a, BLOCK_SIZE);
		if (!p)
			return NULL;
		a->at = p;
		a->left = BLOCK_SIZE;
	}
	p = a->at;
	a->at += size;
	a->left -= size;
	a->used += size;
	return p;
}

char *arena_strndup(struct arena *a, const char *s, size_t length)
{
	char *copy = arena_alloc(a, length + 1);

	if (copy)
		memcpy(copy, s, length);
	return copy;
}

char *arena_strdup(struct arena *a, const char *s)
{
	return arena_strndup(a, s, strlen(s));
}

char *arena_printf(struct arena *a, const char *format, ...)
{
	va_list args;
	char *text;
	int length;

	va_start(args, format);
	length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (length < 0)
		return NULL;
	text = arena_alloc(a, (size_t)length + 1);
	if (!text)
		return NULL;
	va_start(args, format);
	vsnprintf(text, (size_t)length + 1, format, args);
	va_end(args);
	return text;
}

int arena_grow(struct arena *a, void *items, size_t *capacity, size_t need, size_t size)
{
	size_t wanted = *capacity ? *capacity : 2; /* most lists of a machine have one item */
	void *old, *grown;

	if (need <= *capacity)
		return 0;
	while (wanted < need)
		wanted *= 2;
	grown = arena_alloc(a, wanted * size);
	if (!grown)
		return -ENOMEM;
	/* memcpy, since the caller's pointer is of another type than void *. */
	memcpy(&old, items, sizeof(old));
	if (*capacity)
		memcpy(grown, old, *capacity * size);
	memcpy(items, &grown, sizeof(grown));
	*capacity = wanted;
	return 0;
}

size_t arena_used(const struct arena *a)
{
	return a->used;
}
