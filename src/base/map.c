// SPDX-License-Identifier: GPL-2.0-or-later
/* Open addressing with FNV-1a; see map.h. */
#include "base/map.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct slot {
	const char *key;
	uint64_t hash;
	void *value;
};

struct map {
	struct slot *slots;
	size_t size; /* a power of two, or 0 */
	size_t count;
};

static uint64_t hash_bytes(const char *key, size_t length)
{
	uint64_t hash = 0xcbf29ce484222325;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)key[i]) * 0x100000001b3;
	return hash;
}

struct map *map_new(void)
{
	return calloc(1, sizeof(struct map));
}

void map_free(struct map *m)
{
	if (!m)
		return;
	free(m->slots);
	free(m);
}

/* The slot that holds @key, or the empty one where it would go. There is always an empty one. */
static struct slot *slot_find(const struct map *m, const char *key, size_t length, uint64_t hash)
{
	size_t at = hash & (m->size - 1);

	for (;; at = (at + 1) & (m->size - 1)) {
		struct slot *s = &m->slots[at];

		if (!s->key)
			return s;
		if (s->hash == hash && !strncmp(s->key, key, length) && !s->key[length])
			return s;
	}
}

static int map_resize(struct map *m)
{
	struct map grown = { .size = m->size ? m->size * 2 : 64, .count = m->count };

	grown.slots = calloc(grown.size, sizeof(*grown.slots));
	if (!grown.slots)
		return -ENOMEM;
	for (size_t i = 0; i < m->size; i++) {
		const struct slot *s = &m->slots[i];

		if (s->key)
			*slot_find(&grown, s->key, strlen(s->key), s->hash) = *s;
	}
	free(m->slots);
	*m = grown;
	return 0;
}

int map_put(struct map *m, const char *key, void *value)
{
	size_t length = strlen(key);
	uint64_t hash = hash_bytes(key, length);
	struct slot *s;

	/* Three quarters full at most. */
	if ((m->count + 1) * 4 > m->size * 3) {
		int r = map_resize(m);

		if (r < 0)
			return r;
	}
	s = slot_find(m, key, length, hash);
	if (!s->key)
		m->count++;
	*s = (struct slot){ .key = key, .hash = hash, .value = value };
	return 0;
}

void *map_get_n(const struct map *m, const char *key, size_t length)
{
	if (!m->size)
		return NULL;
	return slot_find(m, key, length, hash_bytes(key, length))->value;
}

void *map_get(const struct map *m, const char *key)
{
	return map_get_n(m, key, strlen(key));
}

size_t map_count(const struct map *m)
{
	return m->count;
}
