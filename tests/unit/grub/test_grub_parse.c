// SPDX-License-Identifier: GPL-2.0-or-later
/* GRUB scripts parsed: what is one, as grub-script-check has it too, and what is left of one that is not. */
#include "grub/script.h"
#include "unit/grub/test_grub_cases.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static const struct {
	const char *text;
	bool is_valid;
} scripts[] = {
	{ "", true },
	{ "\n\n# nothing\n", true },
	{ "linux /vmlinuz root=/dev/sda1 ro\n", true },
	{ "menuentry a {\n\tlinux /a\n}\n", true },
	{ "menuentry a { linux /a }\n", true },
	{ "menuentry 'a b' --class c { linux /a; initrd /b }\n", true },
	{ "submenu a {\n menuentry b {\n linux /b\n }\n}\n", true },
	{ "if true\nthen\na\nelif b; then c\nelse\nd\nfi\n", true },
	{ "if true; then a; fi; b\n", true },
	{ "while a; b; do c; done\nuntil a; do b; done\n", true },
	{ "for a in b c $d; do e; done\n", true },
	{ "for a in; do e; done\n", true },
	{ "function a {\n b\n}\n", true },
	{ "function a\n{\n b\n}\n", true },
	{ "echo if then else fi do done case in function\n", true },
	{ "a \"b\nc\" 'd\ne'\n", true },
	{ "a \\\n b\n", true },
	{ "echo $1 ${10} $# $? $@ ${*} ${a_b} $_\n", true },
	{ "a;\n", true },
	{ "[ a = b ]; test ( a )\n", true },
	{ "a b{c}\n", true },
	{ "echo a#b#\n", true },
	{ "echo $\"a b\"\n", true },
	{ "echo 'a\"b' \"a'b\"\n", true },
	{ "! true\n", true },
	{ "if a; then\nif b; then\nc\nfi\nfi\n", true },
	{ "menuentry a {\nif b; then\nc\nfi\n}\n", true },
	{ "menuentry a \\\n {\n b\n}\n", true },

	{ "a && b\n", false },
	{ "a || b\n", false },
	{ "a | b\n", false },
	{ "a > b\n", false },
	{ "a < b\n", false },
	{ "a & b\n", false },
	{ "; a\n", false },
	{ "a;; b\n", false },
	{ "if a; then fi\n", false },
	{ "if a; then b\n", false },
	{ "if a; b; fi\n", false },
	{ "if; then a; fi\n", false },
	{ "if a; then b; else fi\n", false },
	{ "fi\n", false },
	{ "then\n", false },
	{ "}\n", false },
	{ "{ a; }\n", false },
	{ "menuentry a {\n", false },
	{ "menuentry a { }\n", false },
	{ "menuentry a\n{\n b\n}\n", false },
	{ "menuentry a { b } c\n", false },
	{ "function a { b }\n", false },
	{ "function a-b {\n c\n}\n", false },
	{ "function { b\n}\n", false },
	{ "if a; then function b {\n c\n}; fi\n", false },
	{ "for 1 in a; do b; done\n", false },
	{ "for a b; do c; done\n", false },
	{ "for a in b; do done\n", false },
	{ "for a in b do c; done\n", false },
	{ "while do a; done\n", false },
	{ "while a; do b\n", false },
	{ "done\n", false },
	{ "case a in b) c;; esac\n", false },
	{ "select a\n", false },
	{ "echo $\n", false },
	{ "echo ${a\n", false },
	{ "echo \"$ a\"\n", false },
	{ "echo 'a\n", false },
	{ "echo \"a\n", false },
	{ "if a; then menuentry b { c } fi\n", false },
	{ "if a; then\nb\n}\nfi\n", false },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static size_t count_faults(const char *text)
{
	struct arena *arena = arena_new();
	struct grub_script script = { .path = "a" };
	size_t count;

	assert_int_equal(grub_parse(arena, text, &script), 0);
	count = script.fault_count;
	arena_free(arena);
	return count;
}

static void valid_scripts_have_no_fault(void **state)
{
	for (size_t i = 0; i < COUNT(scripts); i++) {
		bool is_valid = !count_faults(scripts[i].text);

		if (is_valid != scripts[i].is_valid)
			print_message("%s\n", scripts[i].text);
		assert_int_equal(is_valid, scripts[i].is_valid);
	}
}

/* 1: GRUB takes it for a script; 0: it does not; -1: it was ended. */
static int ask_grub(const char *text)
{
	FILE *pipe = popen("grub-script-check /dev/stdin >/dev/null 2>&1", "w");
	int status;

	assert_non_null(pipe);
	/* It complains of a file without commands. */
	fputs("true\n", pipe);
	fputs(text, pipe);
	status = pclose(pipe);
	if (!WIFEXITED(status) || WEXITSTATUS(status) > 1)
		return -1;
	return WEXITSTATUS(status) == 0;
}

static void grub_is_of_the_same_opinion(void **state)
{
	/* Not by what asking it comes to: a shell that is gone already is no reader of its pipe. */
	if (system("command -v grub-script-check >/dev/null")) {
		print_message("skip: grub-script-check is not installed (grub-common)\n");
		skip();
	}
	for (size_t i = 0; i < COUNT(scripts); i++) {
		int answer = ask_grub(scripts[i].text);

		if (answer != scripts[i].is_valid)
			print_message("%s\n", scripts[i].text);
		assert_int_equal(answer, scripts[i].is_valid);
	}
	for (size_t i = 0; i < COUNT(grub_cases); i++)
		assert_int_equal(ask_grub(grub_cases[i].script), 1);
}

static void words_keep_what_quotes_say(void **state)
{
	struct arena *arena = arena_new();
	struct grub_script script = { .path = "a" };
	const struct grub_word *word;

	assert_int_equal(grub_parse(arena, "a\r\n\n\n b\"c$d e\"'f'", &script), 0);
	assert_string_equal(script.first->words->plain, "a");
	assert_int_equal(script.first->next->line, 4);
	word = script.first->next->words;
	assert_null(word->plain);
	assert_string_equal(word->parts->text, "b");
	assert_false(word->parts->is_quoted);
	assert_string_equal(word->parts->next->text, "c");
	assert_string_equal(word->parts->next->next->text, "d");
	assert_true(word->parts->next->next->is_variable);
	assert_true(word->parts->next->next->is_quoted);
	arena_free(arena);
}

/* Blocks in blocks until the stack would end. */
static void depth_has_a_bound(void **state)
{
	char *text = malloc(10 * 10001);

	*text = '\0';
	for (char *to = text, i = 0; to < text + 10 * 10000; i++)
		to = stpcpy(to, i % 2 ? "if a {\n" : "while b {\n");
	assert_true(count_faults(text) > 0);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(valid_scripts_have_no_fault),
		cmocka_unit_test(grub_is_of_the_same_opinion),
		cmocka_unit_test(words_keep_what_quotes_say),
		cmocka_unit_test(depth_has_a_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
