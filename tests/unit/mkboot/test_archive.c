// SPDX-License-Identifier: GPL-2.0-or-later
/* Trees and the archives that they are packed into. */
#include "mkboot/archive.h"
#include "mkboot/marker.h"
#include "sys/boot_image.h"
#include "unit/mkboot/bytes.h"

#include <errno.h>
#include <lzma.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void put(struct tree *tree, const char *path, const char *text)
{
	struct buffer contents = bytes(text);

	assert_int_equal(tree_add_file(tree, PART_PROGRAMS, path, true, &contents), 0);
	assert_null(contents.data);
}

static struct buffer packed(const char *const paths[2])
{
	struct tree *tree = tree_new();
	struct buffer archive = { 0 };
	struct error e = ERROR_NONE;

	put(tree, paths[0], paths[0]);
	put(tree, paths[1], paths[1]);
	assert_int_equal(archive_pack(tree, 7, &archive, &e), 0);
	tree_free(tree);
	return archive;
}

static void the_order_of_additions_makes_no_difference(void **state)
{
	struct buffer one = packed((const char *const[]){ "usr/bin/a", "init" });
	struct buffer two = packed((const char *const[]){ "init", "usr/bin/a" });

	assert_int_equal(one.size, two.size);
	assert_memory_equal(one.data, two.data, one.size);
	assert_memory_equal(one.data, "070701", 6);
	buffer_done(&one);
	buffer_done(&two);
}

static void folders_come_before_what_is_in_them(void **state)
{
	struct tree *tree = tree_new();
	const struct tree_entry *const *entries;
	size_t count;

	put(tree, "/usr/lib/x/y", "text");
	entries = tree_entries(tree, &count);
	assert_int_equal(count, 4);
	assert_string_equal(entries[0]->path, "usr");
	assert_string_equal(entries[3]->path, "usr/lib/x/y");
	tree_free(tree);
}

static void what_is_there_stays(void **state)
{
	struct tree *tree = tree_new();
	struct buffer other = bytes("other");

	put(tree, "init", "first");
	assert_int_equal(tree_add_file(tree, PART_PROGRAMS, "/init", true, &other), -EEXIST);
	assert_non_null(other.data);
	buffer_done(&other);
	tree_free(tree);
}

static void xz_has_the_check_that_the_kernel_knows(void **state)
{
	struct buffer data = bytes("some text"), xz = { 0 };
	lzma_stream_flags flags;
	struct error e = ERROR_NONE;

	assert_int_equal(archive_compress(&data, COMPRESSION_XZ, 4, &xz, &e), 0);
	assert_int_equal(lzma_stream_header_decode(&flags, (const uint8_t *)xz.data), LZMA_OK);
	assert_int_equal(flags.check, LZMA_CHECK_CRC32);
	buffer_done(&data);
	buffer_done(&xz);
}

/* Whoever lists boot entries finds it without a decompressor (entry/own_image.c). */
static void a_boot_loader_bears_its_marks(void **state)
{
	struct arena *arena = arena_new();
	struct buffer initrd = { 0 };
	struct error e = ERROR_NONE;

	assert_int_equal(marker_begin(&initrd, 7, &e), 0);
	assert_int_equal(initrd.size % 4, 0);
	assert_true(initrd.size < 1024);
	assert_memory_equal(initrd.data, "070701", 6);
	assert_string_equal(initrd.data + 110, BOOT_IMAGE_FILE);
	assert_string_equal(marker_command_line(arena, "quiet"), "kexit.image quiet");
	assert_string_equal(marker_command_line(arena, NULL), "kexit.image");
	buffer_done(&initrd);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_boot_loader_bears_its_marks),
		cmocka_unit_test(the_order_of_additions_makes_no_difference),
		cmocka_unit_test(folders_come_before_what_is_in_them),
		cmocka_unit_test(what_is_there_stays),
		cmocka_unit_test(xz_has_the_check_that_the_kernel_knows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
