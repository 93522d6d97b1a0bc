// SPDX-License-Identifier: GPL-2.0-or-later
/* Installed kernels: found, and held against their modules. */
#include "mkboot/child.h"
#include "mkboot/kernel.h"
#include "unit/mkboot/bytes.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* An image as kernel_from_files() finds it beside a folder of modules named 6.1.0-a. */
static int kernel_of(const struct buffer *image, struct error *e)
{
	char folder[] = "/tmp/test_mkboot.XXXXXX", path[64], modules[64];
	struct arena *arena = arena_new();
	struct kernel kernel;
	int r;

	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/vmlinuz", folder);
	snprintf(modules, sizeof(modules), "%s/6.1.0-a", folder);
	assert_int_equal(mkdir(modules, 0700), 0);
	assert_int_equal(buffer_write(image, path, e), 0);
	r = kernel_from_files(arena, path, modules, &kernel, e);
	assert_true(r || !strcmp(kernel.release, "6.1.0-a"));
	unlink(path);
	rmdir(modules);
	rmdir(folder);
	arena_free(arena);
	return r;
}

/* Offsets of Documentation/arch/x86/boot.rst: the magic, and where the version's text is. */
static struct buffer x86_image(const char *version)
{
	struct buffer image = { 0 };

	assert_int_equal(buffer_add(&image, "", 1), 0);
	assert_int_equal(buffer_align(&image, 0x300), 0);
	memcpy(image.data + 0x202, "HdrS", 4);
	image.data[0x20e] = 0x40;
	strcpy(image.data + 0x240, version);
	return image;
}

static void modules_of_another_kernel_are_refused(void **state)
{
	struct buffer same = x86_image("6.1.0-a (builder) #1 SMP");
	struct buffer other = x86_image("6.1.0-ab (builder) #1 SMP");
	struct buffer plain = bytes("...Linux version %s (...Linux version 6.1.0-b (builder)");
	struct buffer silent = bytes("a compressed image");
	struct error e = ERROR_NONE;

	assert_int_equal(kernel_of(&same, &e), 0);
	assert_int_equal(kernel_of(&silent, &e), 0);
	assert_int_equal(kernel_of(&other, &e), -EXDEV);
	assert_non_null(strstr(e.text, "6.1.0-ab"));
	assert_int_equal(kernel_of(&plain, &e), -EXDEV);
	assert_non_null(strstr(e.text, "is Linux 6.1.0-b,"));
	buffer_done(&same);
	buffer_done(&other);
	buffer_done(&plain);
	buffer_done(&silent);
}

/* Writes files below a new folder, finds @release (NULL: the newest) there, and returns the paths of its
 * image and its modules below the folder, with a blank between; the caller frees. NULL: none found. */
static char *found_in(const char *const files[], const char *release)
{
	struct arena *arena = arena_new();
	struct child_folder folder;
	struct kernel kernel;
	struct error e = ERROR_NONE;
	char *found = NULL;
	size_t top;

	assert_int_equal(child_folder_new(&folder, &e), 0);
	top = strlen(folder.path) + 1;
	for (; *files; files++)
		write_below(folder.path, *files, "a file");
	if (!kernel_find(arena, folder.path, release, &kernel, &e))
		assert_true(asprintf(&found, "%s %s", kernel.image + top, kernel.modules + top) >
			    0);
	child_folder_done(&folder);
	arena_free(arena);
	return found;
}

static void assert_found(const char *const files[], const char *release, const char *expected)
{
	char *found = found_in(files, release);

	assert_non_null(found);
	assert_string_equal(found, expected);
	free(found);
}

/* Fedora, Arch and others: /boot has a copy, one of another name, or none. */
static void a_kernel_beside_its_modules_is_found(void **state)
{
	static const char *const files[] = {
		"boot/vmlinuz-linux",
		"usr/lib/modules/6.9.1/vmlinuz",
		"usr/lib/modules/6.9.1/modules.dep",
		"usr/lib/modules/6.10.2/vmlinuz",
		"usr/lib/modules/6.10.2/modules.dep",
		"usr/lib/modules/6.11.0/modules.dep",
		NULL,
	};

	assert_found(files, NULL, "usr/lib/modules/6.10.2/vmlinuz usr/lib/modules/6.10.2");
	assert_found(files, "6.9.1", "usr/lib/modules/6.9.1/vmlinuz usr/lib/modules/6.9.1");
	assert_null(found_in(files, "6.11.0"));
	assert_null(found_in(files, "6.12.0"));
}

static void a_kernel_in_boot_is_found(void **state)
{
	static const char *const files[] = {
		"boot/vmlinuz-6.1.0-9",
		"boot/vmlinuz-6.1.0-10",
		"lib/modules/6.1.0-9/modules.dep",
		"lib/modules/6.1.0-10/modules.dep",
		NULL,
	};

	assert_found(files, NULL, "boot/vmlinuz-6.1.0-10 lib/modules/6.1.0-10");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_kernel_beside_its_modules_is_found),
		cmocka_unit_test(a_kernel_in_boot_is_found),
		cmocka_unit_test(modules_of_another_kernel_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
