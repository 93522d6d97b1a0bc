/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file system in a temporary folder and a list to read it into, for the tests of boot entries. */
#pragma once

#include "entry/entry.h"
#include "format/formats.h"
#include "format/read.h"
#include "unit/fake/fake_ops.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct bench {
	struct fake *fake;
	struct fsroot *root;
	struct entry_source source;
	struct entry_list *list;
};

static inline int bench_set_up(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	b->fake = fake_new(NULL, NULL);
	assert_int_equal(fsroot_open(b->fake->tree, &b->root), 0);
	b->source.root = b->root;
	b->list = entry_list_new();
	b->list->machine = "x86_64";
	*state = b;
	return 0;
}

static inline int bench_tear_down(void **state)
{
	struct bench *b = *state;

	entry_list_free(b->list);
	fsroot_close(b->root);
	fake_free(b->fake);
	free(b);
	return 0;
}

static inline void bench_file(struct bench *b, const char *path, const char *text)
{
	fake_file(b->fake, path, text);
}

/* Reads all formats and settles. */
static inline void bench_read(struct bench *b)
{
	assert_int_equal(entry_list_read(b->list, &b->source), 0);
	assert_int_equal(entry_list_settle(b->list), 0);
}

static inline struct entry *bench_find(struct bench *b, const char *id)
{
	struct entry *entry = entry_list_find(b->list, id);

	if (!entry) {
		print_message("no entry %s; there are:\n", id);
		for (size_t i = 0; i < b->list->count; i++)
			print_message("  %s\n", b->list->entries[i]->id);
	}
	assert_non_null(entry);
	return entry;
}

/* The ids in their order, with blanks between. */
static inline void assert_order(struct bench *b, const char *ids)
{
	char found[1024] = "";

	for (size_t i = 0; i < b->list->count; i++)
		snprintf(found + strlen(found), sizeof(found) - strlen(found), "%s%s", i ? " " : "",
			 b->list->entries[i]->id);
	assert_string_equal(found, ids);
}

static inline void assert_problem(struct bench *b, size_t index, const char *text)
{
	const struct entry_problem *problem;
	char found[512];

	assert_true(index < b->list->problem_count);
	problem = &b->list->problems[index];
	snprintf(found, sizeof(found), "%s:%u: %s", problem->path, problem->line, problem->reason);
	assert_string_equal(found, text);
}

#define BENCH_TEST(name) cmocka_unit_test_setup_teardown(name, bench_set_up, bench_tear_down)
