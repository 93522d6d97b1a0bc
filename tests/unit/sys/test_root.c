// SPDX-License-Identifier: GPL-2.0-or-later
/* Reads below a root folder, and that links do not lead out of the text of the path. */
#include "unit/fake/fake_ops.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct fake *fake;

static int set_up(void **state)
{
	fake = fake_new(NULL, NULL);
	return 0;
}

static int tear_down(void **state)
{
	fake_free(fake);
	return 0;
}

static void test_open_says_what_is_wrong(void **state)
{
	struct sysroot *root = NULL;

	assert_int_equal(sysroot_open("/nonexistent/folder", &root), -ENOENT);
	assert_int_equal(sysroot_open("/dev/null", &root), -ENOTDIR);
	assert_null(root);
	sysroot_close(NULL);
}

static void test_live_and_captured(void **state)
{
	struct sysroot *live;

	assert_int_equal(sysroot_open(NULL, &live), 0);
	assert_false(sysroot_is_captured(live));
	assert_string_equal(sysroot_path(live), "/");
	assert_true(sysroot_is_captured(fake->sys.root));
	sysroot_close(live);
}

static void test_read_cuts_newlines_and_size(void **state)
{
	char buffer[8];

	fake_file(fake, "/sys/a", "0x8086\n\n");
	fake_file(fake, "/sys/long", "0123456789");
	assert_int_equal(sysroot_read(fake->sys.root, "/sys/a", buffer, sizeof(buffer)), 6);
	assert_string_equal(buffer, "0x8086");
	assert_int_equal(sysroot_read(fake->sys.root, "/sys/long", buffer, sizeof(buffer)), 7);
	assert_string_equal(buffer, "0123456");
	assert_int_equal(sysroot_read(fake->sys.root, "/sys/b", buffer, sizeof(buffer)), -ENOENT);
}

static void test_attribute_cuts_newlines_and_size(void **state)
{
	int fd = sysroot_openat(fake->sys.root, "/sys", O_PATH | O_DIRECTORY);
	char buffer[8];

	(void)state;
	assert_true(fd >= 0);
	fake_file(fake, "/sys/a", "0x8086\n\n");
	fake_file(fake, "/sys/long", "0123456789");
	fake_file(fake, "/sys/none", "");
	assert_int_equal(attribute_read_at(fd, "a", buffer, sizeof(buffer)), 6);
	assert_string_equal(buffer, "0x8086");
	assert_int_equal(attribute_read_at(fd, "long", buffer, sizeof(buffer)), 7);
	assert_string_equal(buffer, "0123456");
	assert_int_equal(attribute_read_at(fd, "none", buffer, sizeof(buffer)), 0);
	assert_string_equal(buffer, "");
	assert_int_equal(attribute_read_at(fd, "b", buffer, sizeof(buffer)), -ENOENT);
	assert_int_equal(attribute_read_at(fd, ".", buffer, sizeof(buffer)), -EISDIR);
	close(fd);
}

static void test_read_all_has_no_limit(void **state)
{
	size_t length = 100000;
	char *big = malloc(length + 1), *text;

	memset(big, 'x', length);
	big[length] = '\0';
	fake_file(fake, "/proc/self/mountinfo", big);
	assert_int_equal(sysroot_read_all(fake->sys.root, "/proc/self/mountinfo", &text), 0);
	assert_string_equal(text, big);
	free(text);
	free(big);
}

static void test_resolve_is_text_only(void **state)
{
	char path[PATH_MAX];

	/* Nothing of the target exists: a device may vanish while its link is read. */
	fake_link(fake, "/sys/class/net/eth0", "../../devices/pci0000:00/0000:00:02.0/net/eth0");
	assert_true(sysroot_resolve(fake->sys.root, "/sys/class/net/eth0", path, sizeof(path)) > 0);
	assert_string_equal(path, "/sys/devices/pci0000:00/0000:00:02.0/net/eth0");
}

static void test_resolve_more_ups_than_folders(void **state)
{
	char path[PATH_MAX];

	fake_link(fake, "/sys/x", "../../../../etc/passwd");
	assert_true(sysroot_resolve(fake->sys.root, "/sys/x", path, sizeof(path)) > 0);
	assert_string_equal(path, "/etc/passwd");
}

static void test_resolve_absolute_and_short_buffer(void **state)
{
	char path[8];

	fake_link(fake, "/a", "/b/c");
	fake_link(fake, "/d", "somewhere/else");
	assert_int_equal(sysroot_resolve(fake->sys.root, "/a", path, sizeof(path)), 4);
	assert_string_equal(path, "/b/c");
	assert_int_equal(sysroot_resolve(fake->sys.root, "/d", path, sizeof(path)), -ENAMETOOLONG);
	assert_int_equal(sysroot_resolve(fake->sys.root, "/e", path, sizeof(path)), -ENOENT);
}

static void test_numbers(void **state)
{
	unsigned long long value = 7;

	fake_file(fake, "/hex", "0x8086\n");
	fake_file(fake, "/decimal", "10\n");
	fake_file(fake, "/words", "10 apples\n");
	fake_file(fake, "/empty", "\n");
	fake_file(fake, "/huge", "99999999999999999999\n");
	assert_int_equal(sysroot_read_u64(fake->sys.root, "/words", &value), -EINVAL);
	assert_int_equal(sysroot_read_u64(fake->sys.root, "/empty", &value), -EINVAL);
	assert_int_equal(sysroot_read_u64(fake->sys.root, "/huge", &value), -EINVAL);
	assert_int_equal(value, 7);
	assert_int_equal(sysroot_read_u64(fake->sys.root, "/hex", &value), 0);
	assert_int_equal(value, 0x8086);
	assert_int_equal(sysroot_read_u64(fake->sys.root, "/decimal", &value), 0);
	assert_int_equal(value, 10);
}

static void test_what_is_avoided_is_not_opened(void **state)
{
	int fd;

	fake_file(fake, "/dev/sda", "disk");
	fake_file(fake, "/dev/sda1", "part");
	assert_int_equal(sysroot_avoid(fake->sys.root, "/dev/sda"), 0);
	assert_int_equal(sysroot_openat(fake->sys.root, "/dev/sda", O_RDONLY), -ETIMEDOUT);
	fd = sysroot_openat(fake->sys.root, "/dev/sda1", O_RDONLY);
	assert_true(fd >= 0);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_open_says_what_is_wrong),
		cmocka_unit_test(test_live_and_captured),
		cmocka_unit_test(test_read_cuts_newlines_and_size),
		cmocka_unit_test(test_attribute_cuts_newlines_and_size),
		cmocka_unit_test(test_read_all_has_no_limit),
		cmocka_unit_test(test_resolve_is_text_only),
		cmocka_unit_test(test_resolve_more_ups_than_folders),
		cmocka_unit_test(test_resolve_absolute_and_short_buffer),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_what_is_avoided_is_not_opened),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
