// SPDX-License-Identifier: GPL-2.0-or-later
/* What is asked for on the command line, and the folders that programs work in. */
#include "mkboot/child.h"
#include "mkboot/contents.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void what_is_added_is_told_by_words(void **state)
{
	assert_true(contents_with_is_known(NULL));
	assert_true(contents_with_is_known("none"));
	assert_true(contents_with_is_known("mdadm"));
	assert_true(contents_with_is_known("mdadm,lvm"));
	assert_false(contents_with_is_known(""));
	assert_false(contents_with_is_known("lvm2"));
	assert_false(contents_with_is_known("lvm,"));
	assert_false(contents_with_is_known("lvm,cryptsetup"));
}

/* What a process that is killed has made goes with it. */
static void a_folder_ends_with_its_process(void **state)
{
	struct child_folder folder;
	struct error e = ERROR_NONE;
	char path[sizeof(folder.path)];
	int ends[2], status;
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	pid = fork();
	if (!pid) {
		if (!child_folder_new(&folder, &e) && !access(folder.path, W_OK) &&
		    write(ends[1], folder.path, sizeof(folder.path)) > 0)
			raise(SIGKILL);
		_exit(1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(read(ends[0], path, sizeof(path)), sizeof(path));
	assert_true(wait(&status) > 0); /* the one that removes it, which is ours by now */
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 0), 0);
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_added_is_told_by_words),
		cmocka_unit_test(a_folder_ends_with_its_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
