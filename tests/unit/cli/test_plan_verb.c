// SPDX-License-Identifier: GPL-2.0-or-later
/* `kexit plan` as a person runs it: where it is refused, and what it says of what it did not ask. */
#include "unit/graph/test_scan_tree.h"

#include <sys/wait.h>

#define NVME "/devices/pci0000:00/0000:00:03.0"

/* Standard output and error of the verb; its exit status is returned. */
static int run_plan(const struct tree *t, char *text, size_t size)
{
	char command[512];
	FILE *output;
	size_t length;

	snprintf(command, sizeof(command), "%s --sysroot %s plan 2>&1", getenv("KEXIT"), t->dir);
	output = popen(command, "r");
	assert_non_null(output);
	length = fread(text, 1, size - 1, output);
	text[length] = '\0';
	return WEXITSTATUS(pclose(output));
}

static void put_namespaces(const struct tree *t, const char *kind, const char *own,
			   const char *first)
{
	char path[256];

	put(t, "/proc/self/ns/.keep", "");
	put(t, "/proc/1/ns/.keep", "");
	snprintf(path, sizeof(path), "%s/proc/self/ns/%s", t->dir, kind);
	assert_int_equal(symlink(own, path), 0);
	snprintf(path, sizeof(path), "%s/proc/1/ns/%s", t->dir, kind);
	assert_int_equal(symlink(first, path), 0);
}

static void put_machine(const struct tree *t)
{
	put_pci(t, NVME, "pci:v0000144Dd0000A824sv0000144Dsd00000000bc01sc08i02", "nvme");
	put_disk(t, NVME "/nvme/nvme0/nvme0n1", "259:0");
}

static void test_plan_of_the_machine_is_shown(void **state)
{
	struct tree *t = *state;
	char text[4096];

	put_machine(t);
	put_namespaces(t, "net", "net:[4026531840]", "net:[4026531840]");
	assert_int_equal(run_plan(t, text, sizeof(text)), 0);
	assert_non_null(strstr(text, "release 0000:00:03.0"));
	/* A captured tree tells who has claimed what. */
	assert_null(strstr(text, "No disk was opened"));
}

static void test_plan_in_another_network_namespace_is_refused(void **state)
{
	struct tree *t = *state;
	char text[4096];

	put_machine(t);
	put_namespaces(t, "net", "net:[4026532177]", "net:[4026531840]");
	assert_int_equal(run_plan(t, text, sizeof(text)), 5);
	assert_non_null(strstr(text, "network namespace of its own"));
	assert_null(strstr(text, "release"));
}

static void test_plan_in_another_mount_namespace_is_refused(void **state)
{
	struct tree *t = *state;
	char text[4096];

	put_machine(t);
	put_namespaces(t, "mnt", "mnt:[4026532178]", "mnt:[4026531841]");
	assert_int_equal(run_plan(t, text, sizeof(text)), 5);
	assert_non_null(strstr(text, "mount namespace of its own"));
}

static void test_function_that_a_process_drives_is_shown_as_left(void **state)
{
	struct tree *t = *state;
	char text[4096], path[256];

	put_pci(t, "/devices/pci0000:00/0000:00:06.0",
		"pci:v00001D0Fd0000F000sv00001D0Fsd00000000bc12sc00i00", NULL);
	put(t, "/proc/42/comm", "tool\n");
	put(t, "/proc/42/fd/.keep", "");
	snprintf(path, sizeof(path), "%s/proc/42/fd/5", t->dir);
	assert_int_equal(symlink("/sys/devices/pci0000:00/0000:00:06.0/resource4", path), 0);
	assert_int_equal(run_plan(t, text, sizeof(text)), 0);
	assert_non_null(strstr(text, "leave   0000:00:06.0"));
	assert_non_null(strstr(text, "process 42 (tool) holds resource4"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TREE_TEST(test_plan_of_the_machine_is_shown),
		TREE_TEST(test_plan_in_another_network_namespace_is_refused),
		TREE_TEST(test_plan_in_another_mount_namespace_is_refused),
		TREE_TEST(test_function_that_a_process_drives_is_shown_as_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
