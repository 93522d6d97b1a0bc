// SPDX-License-Identifier: GPL-2.0-or-later
/* What a scan is built from: memory that goes at once, and look-ups by name. */
#include "base/arena.h"
#include "base/map.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_arena_is_zeroed_and_aligned(void **state)
{
	struct arena *arena = arena_new();

	for (size_t size = 1; size < 200; size++) {
		unsigned char *memory = arena_alloc(arena, size);

		assert_non_null(memory);
		assert_int_equal((uintptr_t)memory % _Alignof(max_align_t), 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(memory[i], 0);
		memset(memory, 0xff, size);
	}
	arena_free(arena);
	arena_free(NULL);
}

static void test_arena_larger_than_a_block(void **state)
{
	struct arena *arena = arena_new();
	char *small = arena_strdup(arena, "before");
	char *big = arena_alloc(arena, 10 << 20);

	assert_non_null(big);
	memset(big, 'x', 10 << 20);
	assert_string_equal(small, "before");
	assert_string_equal(arena_strdup(arena, "after"), "after");
	assert_true(arena_used(arena) >= 10 << 20);
	arena_free(arena);
}

static void test_arena_strings(void **state)
{
	struct arena *arena = arena_new();

	assert_string_equal(arena_strndup(arena, "0000:00:02.0/net", 12), "0000:00:02.0");
	assert_string_equal(arena_printf(arena, "%s-%d", "eth", 7), "eth-7");
	assert_string_equal(arena_strdup(arena, ""), "");
	arena_free(arena);
}

static void test_arena_grow_keeps_what_is_there(void **state)
{
	struct arena *arena = arena_new();
	int *items = NULL;
	size_t capacity = 0;

	for (size_t i = 0; i < 1000; i++) {
		assert_int_equal(arena_grow(arena, &items, &capacity, i + 1, sizeof(*items)), 0);
		assert_true(capacity > i);
		items[i] = (int)i;
	}
	for (size_t i = 0; i < 1000; i++)
		assert_int_equal(items[i], i);
	arena_free(arena);
}

static void test_map_finds_what_was_put(void **state)
{
	struct map *map = map_new();
	int one, two;

	assert_null(map_get(map, "eth0"));
	assert_int_equal(map_put(map, "eth0", &one), 0);
	assert_ptr_equal(map_get(map, "eth0"), &one);
	assert_int_equal(map_put(map, "eth0", &two), 0);
	assert_ptr_equal(map_get(map, "eth0"), &two);
	assert_int_equal(map_count(map), 1);
	assert_ptr_equal(map_get_n(map, "eth0.5", 4), &two);
	assert_null(map_get_n(map, "eth0", 3));
	assert_null(map_get(map, "eth"));
	map_free(map);
	map_free(NULL);
}

static void test_map_grows(void **state)
{
	enum { COUNT = 20000 };
	struct map *map = map_new();
	char(*keys)[16] = malloc(COUNT * sizeof(*keys));

	for (int i = 0; i < COUNT; i++) {
		snprintf(keys[i], sizeof(keys[i]), "key%d", i);
		assert_int_equal(map_put(map, keys[i], keys[i]), 0);
	}
	assert_int_equal(map_count(map), COUNT);
	for (int i = 0; i < COUNT; i++)
		assert_ptr_equal(map_get(map, keys[i]), keys[i]);
	assert_null(map_get(map, "key20000"));
	map_free(map);
	free(keys);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arena_is_zeroed_and_aligned),
		cmocka_unit_test(test_arena_larger_than_a_block),
		cmocka_unit_test(test_arena_strings),
		cmocka_unit_test(test_arena_grow_keeps_what_is_there),
		cmocka_unit_test(test_map_finds_what_was_put),
		cmocka_unit_test(test_map_grows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
