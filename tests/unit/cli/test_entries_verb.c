// SPDX-License-Identifier: GPL-2.0-or-later
/* `kexit entries` on a folder with two boot loaders: the table, the JSON, what goes to stderr. */
#include "base/utf8.h"
#include "mounted/entry_roots.h"
#include "unit/entry/test_entry_bench.h"

#include <jansson.h>
#include <sys/wait.h>

static struct bench *b;

static int set_up(void **state)
{
	bench_set_up((void **)&b);
	bench_file(b, "/boot/vmlinuz", "kernel");
	bench_file(b, "/boot/initrd", "initrd");
	bench_file(b, "/boot/loader/entries/a.conf",
		   "title A system\nlinux /vmlinuz\ninitrd /initrd\noptions root=\xff quiet\n");
	bench_file(b, "/boot/loader/entries/b.conf", "title B\nlinux /gone\n");
	bench_file(b, "/boot/loader/entries/c.conf", "");
	bench_file(b, "/boot/loader/loader.conf", "timeout 7\n");
	bench_file(b, "/boot/extlinux/ldlinux.sys", "program");
	bench_file(
		b, "/boot/extlinux/extlinux.conf",
		"TIMEOUT 100\nMENU BEGIN\nMENU TITLE More\nLABEL x\nMENU HIDE\nLINUX /vmlinuz\nMENU END\n");
	return 0;
}

static int tear_down(void **state)
{
	bench_tear_down((void **)&b);
	return 0;
}

/* Runs `kexit entries @arguments`; what it printed, as a string. */
static int run(const char *arguments, char *output, size_t size)
{
	char command[512];
	FILE *pipe;
	size_t length;

	snprintf(command, sizeof(command), "%s entries %s", getenv("KEXIT"), arguments);
	pipe = popen(command, "r");
	assert_non_null(pipe);
	length = fread(output, 1, size - 1, pipe);
	output[length] = '\0';
	return WEXITSTATUS(pclose(pipe));
}

static int run_on_tree(const char *arguments, char *output, size_t size)
{
	char all[256];

	snprintf(all, sizeof(all), "--root %s %s", b->fake->tree, arguments);
	return run(all, output, size);
}

static void the_table_names_what_boots_and_what_cannot(void **state)
{
	char output[4096];

	assert_int_equal(run_on_tree("2>/dev/null", output, sizeof(output)), 0);
	assert_string_equal(
		output,
		"   1  B                                                         bls\n"
		"      cannot be booted: the kernel /gone is not there\n"
		"*  2  A system                                                  bls\n"
		"      More\n"
		"   3    x                                                       syslinux, hidden\n"
		"\n* boots unattended, after 7 s.\n");
}

/* What `kexit load --entry @name` would load: its id, or why there is none, without the folder. */
static const char *found(const char *name)
{
	static char text[sizeof(struct error)];
	struct entry_roots roots;
	struct error e = ERROR_NONE;
	struct entry *entry;
	char *folder;

	assert_int_equal(entry_roots_read(&roots, b->fake->tree, b->fake->sys.root, &e), 0);
	if (entry_roots_find(&roots, name, &entry, &e))
		snprintf(text, sizeof(text), "%s", e.text);
	else
		snprintf(text, sizeof(text), "%s", entry->id);
	folder = strstr(text, b->fake->tree);
	if (folder)
		memmove(folder, folder + strlen(b->fake->tree),
			strlen(folder + strlen(b->fake->tree)) + 1);
	entry_roots_done(&roots);
	return text;
}

static void an_entry_is_found_by_what_a_person_sees(void **state)
{
	assert_string_equal(found("a.conf"), "a.conf");
	assert_string_equal(found("2"), "a.conf");
	assert_string_equal(found("A system"), "a.conf");
	assert_string_equal(found("1"), "'b.conf' cannot be booted: the kernel /gone is not there");
	assert_string_equal(found("0"),
			    "no boot entry is called '0': 'kexit entries --long --root ' shows "
			    "their numbers, titles and ids");
}

static void a_title_of_two_is_not_guessed(void **state)
{
	bench_file(b, "/boot/grub/grub.cfg",
		   "menuentry Same --id x1 { linux /boot/vmlinuz 1\n}\n"
		   "menuentry Same --id x2 { linux /boot/vmlinuz 2\n}\n");
	assert_string_equal(found("Same"),
			    "several boot entries have the title 'Same': give the id or the number "
			    "of one, which 'kexit entries --long --root ' shows");
	assert_string_equal(found("x2"), "x2");
}

static void problems_go_to_stderr(void **state)
{
	char output[4096], expected[256];

	run_on_tree("2>&1 >/dev/null", output, sizeof(output));
	snprintf(expected, sizeof(expected),
		 "kexit: warning: %s/boot/loader/entries/c.conf: empty: was it written in full?\n",
		 b->fake->tree);
	assert_string_equal(output, expected);
}

static void no_line_is_wider_than_a_terminal(void **state)
{
	char output[4096];

	assert_int_equal(run_on_tree("--long 2>/dev/null", output, sizeof(output)), 0);
	assert_non_null(strstr(output, "\n      id       a.conf\n"));
	assert_non_null(strstr(output, "\n      options  root=? quiet\n"));
	for (char *line = strtok(output, "\n"); line; line = strtok(NULL, "\n"))
		assert_true(strlen(line) <= 80 || strchr(line, '/'));
}

static void the_json_has_all_of_it(void **state)
{
	char output[8192], expected[256];
	const json_t *entry, *problem;
	json_t *document;

	assert_int_equal(run_on_tree("--json 2>/dev/null", output, sizeof(output)), 0);
	document = json_loads(output, 0, NULL);
	assert_non_null(document);
	assert_int_equal(json_integer_value(json_object_get(document, "schema")), 1);
	assert_int_equal(json_integer_value(json_object_get(document, "timeout")), 7);
	assert_string_equal(json_string_value(json_object_get(document, "default")), "a.conf");
	assert_int_equal(json_array_size(json_object_get(document, "entries")), 3);
	entry = json_array_get(json_object_get(document, "entries"), 1);
	/* What is not UTF-8 does not cost the document. */
	assert_string_equal(json_string_value(json_object_get(entry, "options")), "root=? quiet");
	assert_true(json_is_true(json_object_get(entry, "default")));
	assert_true(json_is_null(json_object_get(entry, "greyed")));
	snprintf(expected, sizeof(expected), "%s/boot/vmlinuz", b->fake->tree);
	assert_string_equal(
		json_string_value(json_object_get(json_object_get(entry, "kernel"), "file")),
		expected);
	problem = json_array_get(json_object_get(document, "problems"), 0);
	assert_string_equal(json_string_value(json_object_get(problem, "reason")),
			    "empty: was it written in full?");
	json_decref(document);
}

static void a_folder_without_entries_is_a_failure(void **state)
{
	char output[1024];

	assert_int_equal(run("--root /proc/self/fd 2>&1", output, sizeof(output)), 1);
	assert_non_null(strstr(output, "no boot entries"));
	assert_int_equal(run("--root /nonexistent 2>&1", output, sizeof(output)), 1);
	assert_non_null(strstr(output, "ENOENT"));
}

static void an_argument_is_a_mistake(void **state)
{
	char output[1024];

	assert_int_equal(run("a.conf 2>&1", output, sizeof(output)), 2);
	assert_non_null(strstr(output, "takes no argument"));
}

/* Of title, id, path, command line, reason and warning: a disk must not speak to a terminal. */
static void assert_nothing_to_obey(const char *arguments)
{
	char output[16384];

	run_on_tree(arguments, output, sizeof(output));
	assert_non_null(strstr(output, "thesystem"));
	for (const char *at = output; *at; at += utf8_length(at))
		assert_true(*at == '\n' || utf8_shown_length(at));
}

#define ESCAPES                                                                                    \
	"\x1b[2J\x9b"                                                                              \
	"31m\xc2\x9b"                                                                              \
	"32m\x7f\x01"

static void no_escape_reaches_a_terminal(void **state)
{
	bench_file(b, "/boot/loader/entries/e" ESCAPES ".conf",
		   "title thesystem" ESCAPES "\nlinux /vmlinuz\noptions " ESCAPES
		   "\nversion " ESCAPES "\narchitecture " ESCAPES "\n");
	bench_file(b, "/boot/loader/entries/f.conf",
		   "title g" ESCAPES "\nlinux /gone" ESCAPES "\ninitrd\n");
	bench_file(b, "/boot/loader/entries/g" ESCAPES ".conf", "");
	bench_file(b, "/boot/extlinux/extlinux.conf",
		   "LABEL x" ESCAPES "\nLINUX /vmlinuz\nAPPEND ${" ESCAPES "}" ESCAPES "\n");
	bench_file(b, "/boot/grub/grub.cfg",
		   "menuentry 'h" ESCAPES "' {\n unknown" ESCAPES "\n linux /boot/vmlinuz\n}\n"
		   "submenu 's" ESCAPES "' {\nmenuentry 'i" ESCAPES "' { chainloader '/" ESCAPES
		   "'; }\n}\n");
	assert_nothing_to_obey("2>&1");
	assert_nothing_to_obey("--long 2>&1");
	assert_nothing_to_obey("--json 2>&1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_names_what_boots_and_what_cannot),
		cmocka_unit_test(problems_go_to_stderr),
		cmocka_unit_test(an_entry_is_found_by_what_a_person_sees),
		cmocka_unit_test(no_line_is_wider_than_a_terminal),
		cmocka_unit_test(the_json_has_all_of_it),
		cmocka_unit_test(a_folder_without_entries_is_a_failure),
		cmocka_unit_test(an_argument_is_a_mistake),
		/* Last: these add to the folder. */
		cmocka_unit_test(a_title_of_two_is_not_guessed),
		cmocka_unit_test(no_escape_reaches_a_terminal),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
