// SPDX-License-Identifier: GPL-2.0-or-later
/* What is printed never goes to a disk that was opened as descriptor 1. */
#include "boot/standard_files.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { ALL_OPEN, IS_CLOSED, IS_OTHER, IS_LEFT_OPEN };

/* In a child that closed 0 to @last: what became of them. */
static int after(int last, const char *console, const char *expected)
{
	struct stat wanted, got;
	int status, pid = fork();

	if (pid == 0) {
		for (int fd = 0; fd <= last; fd++)
			close(fd);
		close_range(3, ~0U, 0);
		standard_files_open(console);
		for (int fd = 0; fd <= 2; fd++)
			if (fcntl(fd, F_GETFD) < 0)
				_exit(IS_CLOSED);
		for (int fd = 0; fd <= last; fd++)
			if (stat(expected, &wanted) || fstat(fd, &got) ||
			    got.st_rdev != wanted.st_rdev || got.st_ino != wanted.st_ino)
				_exit(IS_OTHER);
		_exit(fcntl(3, F_GETFD) < 0 ? ALL_OPEN : IS_LEFT_OPEN);
	}
	waitpid(pid, &status, 0);
	return WEXITSTATUS(status);
}

static void a_console_is_all_three(void **state)
{
	assert_int_equal(after(2, "/dev/zero", "/dev/zero"), ALL_OPEN);
}

static void without_a_console_it_is_the_null_device(void **state)
{
	assert_int_equal(after(2, "/dev/no-such-console", "/dev/null"), ALL_OPEN);
	assert_int_equal(after(0, "/dev/no-such-console", "/dev/null"), ALL_OPEN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_console_is_all_three),
		cmocka_unit_test(without_a_console_it_is_the_null_device),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
