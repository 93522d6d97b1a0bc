// SPDX-License-Identifier: GPL-2.0-or-later
/* Programs: what they ask their loader for, and what they run without. */
#include "mkboot/elf.h"
#include "unit/mkboot/bytes.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* Every kind of machine that this is built on has a loader and libc. */
static void needs_are_read_from_the_file(void **state)
{
	struct buffer self = { 0 };
	struct arena *arena = arena_new();
	struct error e = ERROR_NONE;
	struct needs needs;
	bool has_libc = false;

	assert_int_equal(buffer_read(&self, "/proc/self/exe", &e), 0);
	assert_int_equal(elf_needs(&self, arena, &needs), 0);
	assert_non_null(strstr(needs.loader, "/ld"));
	for (size_t i = 0; i < needs.count; i++)
		has_libc |= !strcmp(needs.libraries[i], "libc.so.6");
	assert_true(has_libc);
	buffer_done(&self);
	arena_free(arena);
}

static void a_cut_program_is_refused(void **state)
{
	struct buffer self = { 0 }, script = bytes("#!/bin/sh\nexit 0\n");
	struct arena *arena = arena_new();
	struct error e = ERROR_NONE;
	struct needs needs;

	assert_int_equal(elf_needs(&script, arena, &needs), -ENOEXEC);
	assert_int_equal(buffer_read(&self, "/proc/self/exe", &e), 0);
	self.size = 128;
	assert_int_equal(elf_needs(&self, arena, &needs), -EBADMSG);
	buffer_done(&self);
	buffer_done(&script);
	arena_free(arena);
}

static void a_trimmed_program_asks_for_the_same(void **state)
{
	struct buffer self = { 0 };
	struct arena *arena = arena_new();
	struct error e = ERROR_NONE;
	struct needs before, after;
	size_t size;

	assert_int_equal(buffer_read(&self, "/proc/self/exe", &e), 0);
	assert_int_equal(elf_needs(&self, arena, &before), 0);
	size = self.size;
	elf_trim(&self);
	assert_true(self.size < size);
	assert_int_equal(elf_needs(&self, arena, &after), 0);
	assert_string_equal(before.loader, after.loader);
	assert_int_equal(before.count, after.count);
	buffer_done(&self);
	arena_free(arena);
}

static void a_trimmed_program_runs(void **state)
{
	char folder[] = "/tmp/test_mkboot.XXXXXX", path[64];
	struct buffer program = { 0 };
	struct error e = ERROR_NONE;

	assert_int_equal(buffer_read(&program, "/bin/true", &e), 0);
	elf_trim(&program);
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/true", folder);
	assert_int_equal(buffer_write(&program, path, &e), 0);
	assert_int_equal(chmod(path, 0700), 0);
	assert_int_equal(system(path), 0);
	unlink(path);
	rmdir(folder);
	buffer_done(&program);
}

static void what_is_no_whole_program_is_not_trimmed(void **state)
{
	struct buffer script = bytes("#!/bin/sh\nexit 0\n"), self = { 0 };
	struct error e = ERROR_NONE;
	size_t size = script.size;

	elf_trim(&script);
	assert_int_equal(script.size, size);
	assert_int_equal(buffer_read(&self, "/proc/self/exe", &e), 0);
	self.size = size = 4096;
	elf_trim(&self);
	assert_int_equal(self.size, size);
	buffer_done(&script);
	buffer_done(&self);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(needs_are_read_from_the_file),
		cmocka_unit_test(a_cut_program_is_refused),
		cmocka_unit_test(a_trimmed_program_asks_for_the_same),
		cmocka_unit_test(a_trimmed_program_runs),
		cmocka_unit_test(what_is_no_whole_program_is_not_trimmed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
