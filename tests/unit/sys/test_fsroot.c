// SPDX-License-Identifier: GPL-2.0-or-later
/* That no path leads out of a file system, with openat2(2) and in steps; and what is not read. */
#include "sys/fsroot.h"
#include "unit/fake/fake_ops.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

static struct fake *fake;
static struct fsroot *root;
static int root_fd;

/* -ENOSYS: this kernel has no openat2(2). */
static int open_by_kernel(const char *path)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS,
	};
	long fd;

	/* EAGAIN: anything on this machine was renamed or mounted meanwhile. */
	do
		fd = syscall(SYS_openat2, root_fd, path, &how, sizeof(how));
	while (fd < 0 && errno == EAGAIN);
	return fd < 0 ? -errno : (int)fd;
}

static int set_up(void **state)
{
	fake = fake_new(NULL, NULL);
	fake_file(fake, "/secret", "outside");
	fake_file(fake, "/disk/boot/kernel", "inside");
	fake_file(fake, "/disk/secret", "its own");
	fake_file(fake, "/disk/empty", "");
	fake_link(fake, "/disk/absolute", "/secret");
	fake_link(fake, "/disk/boot/up", "../../../../secret");
	fake_link(fake, "/disk/boot/beside", "kernel");
	fake_link(fake, "/disk/boot/folder", "/boot");
	fake_link(fake, "/disk/loop", "loop");
	fake_link(fake, "/disk/device", "zero");
	fake_link(fake, "/disk/dangling", "nowhere");
	assert_int_equal(chdir(fake->tree), 0);
	assert_int_equal(mkfifo("disk/fifo", 0600), 0);
	assert_int_equal(fsroot_open("disk/", &root), 0);
	root_fd = open("disk", O_PATH | O_DIRECTORY);
	assert_true(root_fd >= 0);
	return 0;
}

static int tear_down(void **state)
{
	close(root_fd);
	fsroot_close(root);
	assert_int_equal(chdir("/"), 0);
	fake_free(fake);
	return 0;
}

static void assert_text(const char *path, const char *text)
{
	size_t length = 0;
	char *found = NULL;

	assert_int_equal(fsroot_read(root, path, 100, &found, &length), 0);
	assert_string_equal(found, text);
	assert_int_equal(length, strlen(text));
	free(found);
}

/* The same file both ways. */
static void assert_leads_to(const char *path, const char *text)
{
	char found[32] = "";
	int fd = fsroot_walk(root_fd, path, O_RDONLY);

	assert_true(fd >= 0);
	assert_true(read(fd, found, sizeof(found) - 1) >= 0);
	close(fd);
	assert_string_equal(found, text);
	assert_text(path, text);
}

static void assert_refused(const char *path, int code)
{
	char *text = NULL;

	assert_int_equal(fsroot_read(root, path, 100, &text, NULL), code);
	assert_null(text);
}

static void assert_leads_nowhere(const char *path, int code)
{
	assert_int_equal(fsroot_walk(root_fd, path, O_PATH), code);
	assert_refused(path, code);
}

static void test_path_is_given_without_its_slash(void **state)
{
	assert_string_equal(fsroot_path(root), "disk");
}

static void test_files_are_read(void **state)
{
	assert_leads_to("boot/kernel", "inside");
	assert_leads_to("//boot//kernel", "inside");
	assert_leads_to("/boot/./kernel", "inside");
	assert_text("empty", "");
}

static void test_links_are_followed_inside(void **state)
{
	assert_leads_to("boot/beside", "inside");
	assert_leads_to("/boot/folder/kernel", "inside");
	assert_leads_to("boot/folder/folder/../boot/kernel", "inside");
}

static void test_nothing_leads_out(void **state)
{
	assert_leads_to("absolute", "its own");
	assert_leads_to("boot/up", "its own");
	assert_leads_to("../secret", "its own");
	assert_leads_to("boot/../../secret", "its own");
}

static void test_dead_ends(void **state)
{
	assert_leads_nowhere("nothing", -ENOENT);
	assert_leads_nowhere("dangling", -ENOENT);
	assert_leads_nowhere("loop", -ELOOP);
	assert_leads_nowhere("secret/deeper", -ENOTDIR);
}

static void test_other_mounts_are_not_entered(void **state)
{
	struct fsroot *slash;
	int fd = open("/", O_PATH | O_DIRECTORY);

	/* /proc is another file system wherever tests can run. */
	assert_int_equal(fsroot_open("/", &slash), 0);
	assert_string_equal(fsroot_path(slash), "");
	assert_int_equal(fsroot_exists(slash, "/proc/version"), -EXDEV);
	assert_int_equal(fsroot_walk(fd, "/proc/version", O_PATH), -EXDEV);
	close(fd);
	fsroot_close(slash);
}

/* Every way of up to four words through that folder, both ways. The kernel is right. */
static void test_steps_lead_where_the_kernel_leads(void **state)
{
	static const char *const words[] = { "..",   "/",      "boot",	  "kernel", "absolute",
					     "up",   "./",     "folder",  "beside", "loop",
					     "fifo", "secret", "dangling" };
	const size_t count = sizeof(words) / sizeof(words[0]);
	int probe = open_by_kernel(".");

	if (probe == -ENOSYS || probe == -EPERM)
		skip(); /* cross-built tests run in an emulator, some of which know no such call */
	close(probe);
	for (size_t n = 0; n < count * count * count * count; n++) {
		char path[128];
		struct stat a, b;
		int kernel, steps;

		snprintf(path, sizeof(path), "%s/%s/%s/%s", words[n % count],
			 words[n / count % count], words[n / count / count % count],
			 words[n / count / count / count]);
		kernel = open_by_kernel(path);
		steps = fsroot_walk(root_fd, path, O_PATH);
		if ((kernel < 0 || steps < 0) && kernel != steps)
			fail_msg("%s: the kernel answers %d, and the steps %d", path, kernel,
				 steps);
		if (kernel < 0)
			continue;
		assert_int_equal(fstat(kernel, &a), 0);
		assert_int_equal(fstat(steps, &b), 0);
		assert_int_equal(a.st_ino, b.st_ino);
		close(kernel);
		close(steps);
	}
}

static void test_only_regular_files_are_read(void **state)
{
	assert_refused("fifo", -EINVAL);
	assert_refused("boot", -EISDIR);
	assert_false(fsroot_is_file(root, "fifo"));
	assert_int_equal(fsroot_exists(root, "fifo"), 0);
}

static void test_a_limit_is_kept(void **state)
{
	char *text = NULL;

	assert_int_equal(fsroot_read(root, "secret", 6, &text, NULL), -EFBIG);
	assert_null(text);
	assert_int_equal(fsroot_read(root, "secret", 7, &text, NULL), 0);
	free(text);
}

static void test_folders(void **state)
{
	DIR *dir = fsroot_opendir(root, "/boot/folder");

	assert_non_null(dir);
	closedir(dir);
	assert_null(fsroot_opendir(root, "secret"));
	assert_int_equal(errno, ENOTDIR);
	assert_true(fsroot_is_folder(root, "/"));
	assert_true(fsroot_is_folder(root, "boot/folder"));
	assert_false(fsroot_is_folder(root, "secret"));
}

static void test_the_same_folder_is_known(void **state)
{
	struct fsroot *again, *other;

	assert_int_equal(fsroot_open("disk/boot/..", &again), 0);
	assert_int_equal(fsroot_open("disk/boot", &other), 0);
	assert_true(fsroot_is_same(root, again));
	assert_false(fsroot_is_same(root, other));
	fsroot_close(again);
	fsroot_close(other);
}

static void test_no_such_root(void **state)
{
	struct fsroot *none = NULL;

	assert_int_equal(fsroot_open("disk/nothing", &none), -ENOENT);
	assert_int_equal(fsroot_open("disk/secret", &none), -ENOTDIR);
	assert_null(none);
	fsroot_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_path_is_given_without_its_slash),
		cmocka_unit_test(test_files_are_read),
		cmocka_unit_test(test_links_are_followed_inside),
		cmocka_unit_test(test_nothing_leads_out),
		cmocka_unit_test(test_dead_ends),
		cmocka_unit_test(test_other_mounts_are_not_entered),
		cmocka_unit_test(test_steps_lead_where_the_kernel_leads),
		cmocka_unit_test(test_only_regular_files_are_read),
		cmocka_unit_test(test_a_limit_is_kept),
		cmocka_unit_test(test_folders),
		cmocka_unit_test(test_the_same_folder_is_known),
		cmocka_unit_test(test_no_such_root),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
