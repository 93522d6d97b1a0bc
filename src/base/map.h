/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a string to a pointer, in constant time: what keeps a scan linear in the devices. */
#pragma once

#include <stddef.h>

struct map;

struct map *map_new(void);
void map_free(struct map *m);

/* @key is not copied and must outlive the map. A key that is there gets the new value. 0 or -ENOMEM. */
int map_put(struct map *m, const char *key, void *value);

/* NULL when the key is not there. map_get_n() takes the first @length bytes of @key. */
void *map_get(const struct map *m, const char *key);
void *map_get_n(const struct map *m, const char *key, size_t length);

size_t map_count(const struct map *m);
