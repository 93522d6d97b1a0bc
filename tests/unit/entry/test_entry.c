// SPDX-License-Identifier: GPL-2.0-or-later
/* What readers of boot entries report into. */
#include "entry/entry.h"
#include "format/read.h"
#include "unit/fake/fake_ops.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct bench {
	struct fake *fake;
	struct fsroot *root;
	struct entry_source source;
	struct entry_list *list;
};

static int set_up(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	b->fake = fake_new(NULL, NULL);
	assert_int_equal(fsroot_open(b->fake->tree, &b->root), 0);
	b->source.root = b->root;
	b->list = entry_list_new();
	*state = b;
	return 0;
}

static int tear_down(void **state)
{
	struct bench *b = *state;

	entry_list_free(b->list);
	fsroot_close(b->root);
	fake_free(b->fake);
	free(b);
	return 0;
}

static struct entry *add(struct bench *b, const char *id)
{
	struct entry *entry = entry_list_add(b->list, &b->source, ENTRY_BLS, "a//b.conf", 3);

	entry->id = id;
	return entry;
}

static void an_entry_knows_where_it_is_from(void **state)
{
	struct bench *b = *state;
	struct entry *entry = add(b, "a");

	assert_string_equal(entry->path, "/a/b.conf");
	assert_int_equal(entry->line, 3);
	assert_ptr_equal(entry->root, b->root);
	assert_int_equal(entry->tries_left, ENTRY_NOT_COUNTED);
	assert_ptr_equal(entry_list_find(b->list, "a"), entry);
	assert_null(entry_list_find(b->list, "b"));
}

static void options_are_joined_by_blanks(void **state)
{
	struct bench *b = *state;
	struct entry *entry = add(b, "a");

	entry_add_options(b->list, entry, "");
	assert_null(entry->options);
	entry_add_options(b->list, entry, "root=/dev/vda1");
	entry_add_options(b->list, entry, "");
	entry_add_options(b->list, entry, "ro quiet");
	assert_string_equal(entry->options, "root=/dev/vda1 ro quiet");
}

static void options_beyond_all_measure_grey_the_entry(void **state)
{
	struct bench *b = *state;
	struct entry *entry = add(b, "a");

	for (int i = 0; i < 100000; i++)
		assert_int_equal(entry_add_options(b->list, entry, "quiet"), 0);
	assert_true(strlen(entry->options) < ENTRY_OPTIONS_MAX);
	assert_string_equal(entry->greyed, "its command line is longer than 65536 bytes");
}

static void the_first_reason_stays(void **state)
{
	struct bench *b = *state;
	struct entry *entry = add(b, "a");

	entry_grey(b->list, entry, "no %s", "kernel");
	entry_grey(b->list, entry, "no initrd");
	assert_string_equal(entry->greyed, "no kernel");
}

static void problems_are_kept_up_to_a_limit(void **state)
{
	struct bench *b = *state;

	for (int i = 0; i < 2 * ENTRY_PROBLEMS_MAX; i++)
		assert_int_equal(entry_list_problem(b->list, &b->source, "f", 7, "what %d", i), 0);
	assert_int_equal(b->list->problem_count, ENTRY_PROBLEMS_MAX);
	assert_string_equal(b->list->problems[1].reason, "what 1");
	assert_string_equal(b->list->problems[1].path, "/f");
	assert_int_equal(b->list->problems[1].line, 7);
}

/* As a btrfs's default subvolume is, which is one of those in its top. */
static void a_folder_is_read_once_by_whatever_way(void **state)
{
	struct bench *b = *state;
	struct fsroot *again;

	fake_file(b->fake, "/loader/entries/a.conf", "linux /k\n");
	assert_int_equal(fsroot_open(b->fake->tree, &again), 0);
	assert_int_equal(entry_list_read(b->list, &b->source), 0);
	b->source.root = again;
	assert_int_equal(entry_list_read(b->list, &b->source), 0);
	assert_int_equal(b->list->count, 1);
	fsroot_close(again);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(an_entry_knows_where_it_is_from),
		TEST(options_are_joined_by_blanks),
		TEST(options_beyond_all_measure_grey_the_entry),
		TEST(the_first_reason_stays),
		TEST(problems_are_kept_up_to_a_limit),
		TEST(a_folder_is_read_once_by_whatever_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
