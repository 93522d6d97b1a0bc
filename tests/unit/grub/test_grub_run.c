// SPDX-License-Identifier: GPL-2.0-or-later
/* GRUB scripts run: what they say where GRUB itself says the same, and where they must come to an end. */
#include "unit/entry/test_entry_bench.h"
#include "unit/grub/test_grub_cases.h"

#include <fcntl.h>
#include <sys/stat.h>

#define CONFIG "/boot/grub/grub.cfg"

/* The titles of all entries, in a row. */
static void get_titles(const struct bench *b, char *text, size_t size)
{
	*text = '\0';
	for (size_t i = 0; i < b->list->count; i++)
		snprintf(text + strlen(text), size - strlen(text), "%s%s", i ? "|" : "",
			 b->list->entries[i]->title);
}

static void run(struct bench *b, const char *script)
{
	char text[8192];

	snprintf(text, sizeof(text),
		 "set empty=\nset two=\"c  d\"\nset quote='a\"b'\n"
		 "function say { for i in \"$@\"; do menuentry \"$i\" { true\n}; done\n}\n"
		 "%s\n",
		 script);
	bench_file(b, CONFIG, text);
	assert_int_equal(grub_read(&b->source, b->list), 0);
}

static void all_is_as_in_grub(void **state)
{
	for (size_t i = 0; i < sizeof(grub_cases) / sizeof(grub_cases[0]); i++) {
		char titles[1024];
		struct bench *b;

		bench_set_up((void **)&b);
		run(b, grub_cases[i].script);
		get_titles(b, titles, sizeof(titles));
		if (strcmp(titles, grub_cases[i].says) != 0)
			print_message("%s\n", grub_cases[i].script);
		assert_string_equal(titles, grub_cases[i].says);
		assert_int_equal(b->list->problem_count, 0);
		bench_tear_down((void **)&b);
	}
}

/* Line 7 is the first of @script. */
static void assert_ends(struct bench *b, const char *script, const char *problem)
{
	run(b, script);
	assert_problem(b, b->list->problem_count - 1, problem);
}

static void a_loop_without_end_is_ended(void **state)
{
	struct bench *b = *state;

	assert_ends(b, "say before\nwhile true; do true; done\nsay behind",
		    CONFIG ":8: it does not come to an end: no more of it is run");
	assert_int_equal(b->list->count, 1);
}

static void a_loop_in_an_entry_greys_only_that(void **state)
{
	struct bench *b = *state;

	bench_file(b, "/boot/vmlinuz", "kernel");
	run(b, "menuentry a { while true; do true; done\nlinux /boot/vmlinuz\n}\n"
	       "menuentry b { linux /boot/vmlinuz\n}");
	assert_string_equal(bench_find(b, "a")->greyed,
			    CONFIG ":7: it does not come to an end: no more of it is run");
	assert_null(bench_find(b, "b")->greyed);
	assert_int_equal(b->list->problem_count, 0);
}

static void a_variable_that_doubles_is_refused(void **state)
{
	assert_ends(*state, "set a=aaaaaaaa\nwhile true; do set a=$a$a; done",
		    CONFIG ":8: more variables, or a longer one, than any menu needs");
}

static void arguments_that_multiply_are_refused(void **state)
{
	assert_ends(*state,
		    "function f { f \"$@\" \"$@\" \"$@\" \"$@\" \"$@\" \"$@\" \"$@\" \"$@\"\n}\n"
		    "f a",
		    CONFIG ":7: its words become too long");
}

/*
 * Files.
 */

static void written_at(struct bench *b, const char *path, time_t seconds)
{
	const struct timespec times[2] = { { .tv_sec = seconds }, { .tv_sec = seconds } };
	char full[512];

	bench_file(b, path, "x");
	snprintf(full, sizeof(full), "%s%s", b->fake->tree, path);
	assert_int_equal(utimensat(AT_FDCWD, full, times, 0), 0);
}

static void assert_says(struct bench *b, const char *script, const char *says)
{
	char titles[1024];

	run(b, script);
	get_titles(b, titles, sizeof(titles));
	assert_string_equal(titles, says);
}

static void files_are_newer_and_older(void **state)
{
	written_at(*state, "/a", 1000);
	written_at(*state, "/b", 1010);
	assert_says(*state,
		    "for o in -nt -ot -nt5 -nt20 -ot-20; do\n"
		    "if [ /a $o /b ]; then say \"a$o\"; fi\n"
		    "if [ /b $o /a ]; then say \"b$o\"; fi\ndone",
		    "b-nt|a-ot|b-nt5|a-nt20|b-nt20|a-ot-20|b-ot-20");
}

static void wildcards_are_files_once_their_module_is_there(void **state)
{
	bench_file(*state, "/boot/vmlinuz-2", "x");
	bench_file(*state, "/boot/vmlinuz-1", "x");
	bench_file(*state, "/boot/a/initrd", "x");
	assert_says(*state,
		    "say /boot/vm*\ninsmod regexp\nsay /boot/vm*-? '/boot/vm*' /boot/none*\n"
		    "set all=/b*/*/initrd\nsay $all \"$all\" ($root)/boot/[v]*",
		    "/boot/vm*|/boot/vmlinuz-1|/boot/vmlinuz-2|/boot/vm*|/boot/none*|"
		    "/boot/a/initrd|/b*/*/initrd|(fs0)/boot/[v]*");
}

static void an_entry_for_each_file_that_matches(void **state)
{
	struct bench *b = *state;

	bench_file(b, "/boot/vmlinuz-1", "x");
	run(b, "insmod regexp\nfor k in /boot/vmlinuz-*; do\n"
	       "if regexp --set=1:v 'vmlinuz-(.*)' \"$k\"; then\n"
	       "menuentry \"Linux $v\" \"$k\" { linux \"$2\" ro\n}\nfi\ndone");
	assert_null(bench_find(b, "Linux 1")->greyed);
	assert_string_equal(bench_find(b, "Linux 1")->kernel.path, "/boot/vmlinuz-1");
}

static void what_only_grub_could_tell_greys_who_uses_it(void **state)
{
	struct bench *b = *state;

	bench_file(b, "/boot/vmlinuz", "x");
	run(b, "probe --set=uuid --fs-uuid $root\n"
	       "menuentry a { linux /boot/vmlinuz root=UUID=$uuid\n}\n"
	       "menuentry b { linux /boot/vmlinuz\n}");
	assert_string_equal(bench_find(b, "a")->greyed, CONFIG
			    ":8: its command line has what probe or smbios tells GRUB alone");
	assert_null(bench_find(b, "b")->greyed);
}

/* "(a+)+b" takes a matcher that tries all ways longer than the machine lasts. */
static void a_wicked_expression_ends(void **state)
{
	char script[320] = "regexp '(((a*)*)*)*b' ";

	memset(script + strlen(script), 'a', 200);
	assert_says(*state, strcat(script, "; say $?; regexp 'a{9}{9}{9}{9}' a; say $?"), "1|1");
}

/*
 * Ends.
 */

static void a_function_that_calls_itself_is_ended(void **state)
{
	assert_ends(*state, "function f { f\n}\nf",
		    CONFIG ":7: functions that call each other too often");
}

static void a_file_that_sources_itself_is_ended(void **state)
{
	assert_ends(*state, "source $config_file",
		    CONFIG ":7: files that read each other too often");
}

static void an_eval_of_itself_is_ended(void **state)
{
	assert_ends(*state, "set a='eval \"$a\"'\neval \"$a\"", CONFIG ":1: too much of eval");
}

static void submenus_without_end_are_ended(void **state)
{
	struct bench *b = *state;

	run(b, "function f { submenu s { f\n}\n}\nf");
	assert_int_equal(b->list->count, 0);
}

static void too_many_entries_are_cut(void **state)
{
	struct bench *b = *state;

	assert_ends(b, "while true; do menuentry a { true\n}; done",
		    CONFIG ":7: more entries than a menu can show: no more is read");
	assert_int_equal(b->list->count, 2000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_is_as_in_grub),
		BENCH_TEST(files_are_newer_and_older),
		BENCH_TEST(wildcards_are_files_once_their_module_is_there),
		BENCH_TEST(an_entry_for_each_file_that_matches),
		BENCH_TEST(what_only_grub_could_tell_greys_who_uses_it),
		BENCH_TEST(a_wicked_expression_ends),
		BENCH_TEST(a_loop_without_end_is_ended),
		BENCH_TEST(a_loop_in_an_entry_greys_only_that),
		BENCH_TEST(a_variable_that_doubles_is_refused),
		BENCH_TEST(arguments_that_multiply_are_refused),
		BENCH_TEST(a_function_that_calls_itself_is_ended),
		BENCH_TEST(a_file_that_sources_itself_is_ended),
		BENCH_TEST(an_eval_of_itself_is_ended),
		BENCH_TEST(submenus_without_end_are_ended),
		BENCH_TEST(too_many_entries_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
