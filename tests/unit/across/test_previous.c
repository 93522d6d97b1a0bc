// SPDX-License-Identifier: GPL-2.0-or-later
/* `kexit report --previous` on a machine of a few files: what came, what failed, what was kept. */
#include "unit/graph/test_scan_tree.h"

#include "across/kept.h"
#include "across/verified.h"

#include <sys/wait.h>

#define CAME "/run/kexit/previous"

/* Standard output and error; the exit status is returned. */
static int run_report(const struct tree *t, const char *options, char *text, size_t size)
{
	char command[512];
	FILE *output;
	size_t length;

	snprintf(command, sizeof(command), "%s --sysroot %s report --previous %s 2>&1",
		 getenv("KEXIT"), t->dir, options);
	output = popen(command, "r");
	assert_non_null(output);
	length = fread(text, 1, size - 1, output);
	text[length] = '\0';
	return WEXITSTATUS(pclose(output));
}

static void assert_says(const char *text, const char *words)
{
	if (!strstr(text, words))
		fail_msg("\"%s\" does not say \"%s\"", text, words);
}

static void put_came(const struct tree *t)
{
	put(t, CAME "/handover.json",
	    "{\"id\": \"0f0f\", \"verb\": \"reboot\", \"time\": \"2026-11-27T12:00:00Z\", \"from\": "
	    "{\"kernel\": \"6.1.0\", \"boot_id\": \"b1\"}, \"to\": {\"kernel\": \"/boot/vmlinuz\", "
	    "\"identity\": \"5-e575\"}}");
	put(t, CAME "/inventory.json", "{\"functions\": [{}, {}], \"disks\": [{}], \"links\": []}");
	put(t, CAME "/plan.json", "{\"summary\": {\"release\": 3, \"follow\": 1, \"in_use\": 2}}");
}

static void put_failed(const struct tree *t)
{
	put(t, "/proc/sys/kernel/random/boot_id", "b2\n");
	put(t, "/var/lib/kexit/handover.json",
	    "{\"failed\": [{\"id\": \"0e0e\", \"time\": \"2026-11-27T11:00:00Z\", \"from\": "
	    "\"6.1.0\", \"to\": \"5-e575\", \"kernel\": \"/boot/vmlinuz\", \"count\": 2}]}");
}

static void put_kept(const struct tree *t)
{
	put(t, "/sys/fs/pstore/dmesg-efi-17",
	    "Panic#1 Part1\n<5>[ 12.0] kexit: 7 released\n<6>[ 12.1] e1000e: bye\n"
	    "<0>[ 13.0] Kernel panic - not syncing: \033[31mVFS\n");
	put(t, "/sys/fs/pstore/console-ramoops-0", "[ 1.0] nothing of it\n");
	put(t, "/var/lib/systemd/pstore/1700000000/001/dmesg.txt",
	    "<5>[ 9.0] kexit: no jump: the handover ended with 1\n");
}

static void what_came_is_shown(void **state)
{
	struct tree *t = *state;
	char text[4096];

	put_came(t);
	assert_int_equal(run_report(t, "", text, sizeof(text)), 0);
	assert_says(text, "handover 0f0f arrived\n");
	assert_says(text, "from     kernel 6.1.0, boot b1\n");
	assert_says(text, "into     /boot/vmlinuz (5-e575)\n");
	assert_says(text, "2 PCI functions, 1 disks, 0 network links");
	assert_says(text, "4 to be released, 2 in use\n");
	assert_says(text, "did not cross the jump");
}

static void outcomes_that_came_are_shown(void **state)
{
	struct tree *t = *state;
	char text[4096];

	put_came(t);
	put(t, CAME "/record.json",
	    "{\"events\": [{\"event\": \"released\", \"device\": \"/devices/x/0000:00:03.0\", "
	    "\"outcome\": \"released\", \"ms\": 120.0, \"verdict\": \"quiet\"}]}");
	assert_int_equal(run_report(t, "", text, sizeof(text)), 0);
	assert_says(text, "0000:00:03.0");
	assert_says(text, "1 released; 0 left by the plan\n");
}

static void what_verify_found_is_shown(void **state)
{
	struct differences found = { .lost = json_array(), .notes = json_array() };
	struct error e = ERROR_NONE;
	struct tree *t = *state;
	char text[4096];

	put_came(t);
	assert_int_equal(run_report(t, "", text, sizeof(text)), 0);
	assert_says(text, "verified 'kexit verify' did not look yet");
	assert_int_equal(sysroot_open(t->dir, &t->root), 0);
	assert_int_equal(verified_keep(t->root, &found, &e), 0);
	assert_int_equal(run_report(t, "", text, sizeof(text)), 0);
	assert_says(text, "Z: all is back\n");
	json_array_append_new(found.lost,
			      json_string("0000:01:00.0: the function is not there now"));
	json_array_append_new(found.notes, json_string("sdb: the disk is new"));
	assert_int_equal(verified_keep(t->root, &found, &e), 0);
	assert_int_equal(run_report(t, "", text, sizeof(text)), 0);
	assert_says(text,
		    "Z: not back, or not as it was:\n         0000:01:00.0: the function is not "
		    "there now\n         note: sdb: the disk is new\n");
	differences_done(&found);
}

static void what_arrived_is_not_mixed_with_what_failed(void **state)
{
	struct tree *t = *state;
	char text[4096];

	put_came(t);
	put_failed(t);
	put_kept(t);
	assert_int_equal(run_report(t, "", text, sizeof(text)), 0);
	assert_null(strstr(text, "panic"));
	assert_null(strstr(text, "0e0e"));
}

static void what_failed_and_was_kept_is_shown(void **state)
{
	struct tree *t = *state;
	char text[4096];

	put_failed(t);
	put_kept(t);
	assert_int_equal(run_report(t, "", text, sizeof(text)), 0);
	assert_says(text,
		    "handover 0e0e, made at 2026-11-27T11:00:00Z, did not arrive: from kernel "
		    "6.1.0 into /boot/vmlinuz, 2 in a row\n");
	assert_says(text, "/sys/fs/pstore/dmesg-efi-17\n  <5>[ 12.0] kexit: 7 released\n");
	assert_says(text, "Kernel panic - not syncing: ?[31mVFS\n");
	assert_says(text,
		    "/var/lib/systemd/pstore/1700000000/001/dmesg.txt\n  <5>[ 9.0] kexit: no jump");
	assert_null(strstr(text, "e1000e: bye"));
	assert_null(strstr(text, "console-ramoops"));
}

static void nothing_at_all_is_said(void **state)
{
	struct tree *t = *state;
	char text[4096];

	assert_int_equal(run_report(t, "", text, sizeof(text)), 1);
	assert_says(text, "nothing came over a jump into this kernel");
}

static void a_damaged_file_does_not_hide_the_rest(void **state)
{
	struct tree *t = *state;
	char text[4096];

	put_came(t);
	put(t, CAME "/plan.json", "{");
	assert_int_equal(run_report(t, "", text, sizeof(text)), 0);
	assert_says(text, "plan.json:1: it is no JSON object");
	assert_says(text, "handover 0f0f arrived\n");
}

static void json_has_all(void **state)
{
	struct tree *t = *state;
	char text[8192];
	json_t *value;

	put_came(t);
	put_failed(t);
	put_kept(t);
	assert_int_equal(run_report(t, "--json", text, sizeof(text)), 0);
	value = json_loads(text, 0, NULL);
	assert_non_null(value);
	assert_int_equal(json_array_size(json_object_get(value, "kept")), 2);
	assert_int_equal(json_array_size(json_object_get(value, "failed")), 1);
	assert_non_null(json_object_get(value, "handover"));
	assert_null(json_object_get(value, "record"));
	json_decref(value);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TREE_TEST(what_came_is_shown),
		TREE_TEST(outcomes_that_came_are_shown),
		TREE_TEST(what_verify_found_is_shown),
		TREE_TEST(what_arrived_is_not_mixed_with_what_failed),
		TREE_TEST(what_failed_and_was_kept_is_shown),
		TREE_TEST(nothing_at_all_is_said),
		TREE_TEST(a_damaged_file_does_not_hide_the_rest),
		TREE_TEST(json_has_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
