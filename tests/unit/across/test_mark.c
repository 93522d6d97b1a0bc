// SPDX-License-Identifier: GPL-2.0-or-later
/* The mark of a handover: what became of it, how often its way failed, and what is then not tried. */
#include "unit/fake/fake_ops.h"

#include "across/carried.h"
#include "across/handover_id.h"
#include "across/mark.h"
#include "across/recovery.h"
#include "across/stuck.h"
#include "policy/files.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define BOOT_ID "/proc/sys/kernel/random/boot_id"

static int set_up(void **state)
{
	struct fake *fake = fake_new(NULL, NULL);

	fake_dir(fake, "/var/lib");
	fake_file(fake, BOOT_ID, "boot-1\n");
	fake_file(fake, "/proc/sys/kernel/osrelease", "6.1.0-1-amd64\n");
	*state = fake;
	return 0;
}

static int tear_down(void **state)
{
	fake_free(*state);
	return 0;
}

/* One with the id @id, from this boot to the kernel @to. */
static json_t *handover(struct fake *fake, const char *id, const char *to)
{
	struct error e = ERROR_NONE;
	json_t *made;

	fake_file(fake, "/proc/sys/kernel/random/uuid", id);
	made = handover_id_new(fake->sys.root, "reboot", "/boot/vmlinuz", to, &e);
	assert_non_null(made);
	return made;
}

static void begin(struct fake *fake, const char *id, const char *to)
{
	struct error e = ERROR_NONE;
	json_t *made = handover(fake, id, to);

	if (mark_begin(fake->sys.root, made, &e))
		fail_msg("%s", e.text);
	json_decref(made);
}

/* Another start. Its initrd has the module, unless @came is NULL; "": nothing came. */
static void start(struct fake *fake, const char *boot_id, const char *came)
{
	char text[128];

	fake_file(fake, BOOT_ID, boot_id);
	if (!came)
		return;
	fake_dir(fake, CARRIED_FOLDER);
	snprintf(text, sizeof(text), "{\"id\": \"%s\"}", came);
	if (*came)
		fake_file(fake, CARRIED_FOLDER "/" CARRIED_HANDOVER, text);
}

static enum mark_end settle(const struct fake *fake, unsigned int failures)
{
	struct error e = ERROR_NONE;
	struct mark_told told;

	if (mark_settle(fake->sys.root, true, &told, &e))
		fail_msg("%s", e.text);
	assert_int_equal(told.failures, failures);
	return told.end;
}

static int check(struct fake *fake, const char *to, struct error *e)
{
	json_t *made = handover(fake, "next", to);
	int r = mark_check(fake->sys.root, made, 2, e);

	json_decref(made);
	return r;
}

static void without_a_mark_there_is_nothing(void **state)
{
	struct fake *fake = *state;

	assert_int_equal(settle(fake, 0), MARK_NONE);
	/* And none was made. */
	assert_null(fake_text(fake, MARK_FILE));
}

static void the_mark_is_private_and_whole(void **state)
{
	struct fake *fake = *state;
	char path[256];
	struct stat st;

	begin(fake, "id-1", "kernel-a");
	snprintf(path, sizeof(path), "%s" MARK_FILE, fake->tree);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	snprintf(path, sizeof(path), "%s" MARK_FILE ".new", fake->tree);
	assert_int_equal(access(path, F_OK), -1);
}

static void of_this_boot_it_waits(void **state)
{
	struct fake *fake = *state;

	begin(fake, "id-1", "kernel-a");
	start(fake, "boot-1", "");
	assert_int_equal(settle(fake, 0), MARK_WAITS);
	assert_int_equal(settle(fake, 0), MARK_WAITS);
}

static void its_id_with_the_initrd_is_an_arrival(void **state)
{
	struct fake *fake = *state;

	begin(fake, "id-1", "kernel-a");
	start(fake, "boot-2", "id-1");
	assert_int_equal(settle(fake, 0), MARK_ARRIVED);
	assert_int_equal(settle(fake, 0), MARK_NONE);
}

static void another_start_is_a_failure_and_counted_once(void **state)
{
	struct fake *fake = *state;

	begin(fake, "id-1", "kernel-a");
	start(fake, "boot-2", "");
	assert_int_equal(settle(fake, 1), MARK_FAILED);
	assert_int_equal(settle(fake, 0), MARK_NONE);
}

static void a_captured_machine_is_only_looked_at(void **state)
{
	struct fake *fake = *state;
	struct mark_told told;

	begin(fake, "id-1", "kernel-a");
	start(fake, "boot-2", "");
	assert_int_equal(mark_settle(fake->sys.root, false, &told, NULL), 0);
	assert_int_equal(told.end, MARK_FAILED);
	assert_string_equal(told.id, "id-1");
	assert_int_equal(settle(fake, 1), MARK_FAILED);
}

/* The initrd of this start would not have shown it. */
static void without_the_module_nothing_is_counted(void **state)
{
	struct fake *fake = *state;

	begin(fake, "id-1", "kernel-a");
	start(fake, "boot-2", NULL);
	assert_int_equal(settle(fake, 0), MARK_UNKNOWN);
}

static void put_loader(struct fake *fake, unsigned char type)
{
	unsigned char parameters[4096] = { [0x210] = type };

	fake_bytes(fake, "/sys/kernel/boot_params/data", parameters, sizeof(parameters));
}

static void a_boot_loader_shows_a_failure_without_the_module(void **state)
{
	struct fake *fake = *state;

	begin(fake, "id-1", "kernel-a");
	start(fake, "boot-2", NULL);
	put_loader(fake, 0xd0); /* kexec */
	assert_int_equal(settle(fake, 0), MARK_UNKNOWN);
	begin(fake, "id-2", "kernel-a");
	start(fake, "boot-3", NULL);
	put_loader(fake, 0x72); /* GRUB */
	assert_int_equal(settle(fake, 1), MARK_FAILED);
}

/* `kexit load` after it, and a kexec into that. */
static void another_handover_that_came_is_no_failure(void **state)
{
	struct fake *fake = *state;

	begin(fake, "id-1", "kernel-a");
	start(fake, "boot-2", "id-7");
	assert_int_equal(settle(fake, 0), MARK_UNKNOWN);
}

static void after_two_failures_it_is_not_tried(void **state)
{
	struct fake *fake = *state;
	struct error e = ERROR_NONE;

	start(fake, "boot-1", "");
	begin(fake, "id-1", "kernel-a");
	start(fake, "boot-2", "");
	assert_int_equal(check(fake, "kernel-a", &e), 0);
	begin(fake, "id-2", "kernel-a");
	start(fake, "boot-3", "");
	/* Nobody has settled the second one yet. */
	assert_int_equal(check(fake, "kernel-a", &e), -ECANCELED);
	assert_non_null(strstr(
		e.text, "6.1.0-1-amd64 into /boot/vmlinuz that did not arrive, in a row: 2"));
	assert_non_null(strstr(e.text, "--forget"));
	assert_int_equal(settle(fake, 2), MARK_FAILED);
	assert_int_equal(check(fake, "kernel-a", &e), -ECANCELED);
}

static void how_many_are_too_many_is_asked_for(void **state)
{
	struct fake *fake = *state;
	struct error e = ERROR_NONE;
	json_t *made;

	begin(fake, "id-1", "kernel-a");
	start(fake, "boot-2", "");
	made = handover(fake, "next", "kernel-a");
	/* It comes from another boot, but from the same kernel. */
	assert_int_equal(mark_check(fake->sys.root, made, 1, &e), -ECANCELED);
	assert_int_equal(mark_check(fake->sys.root, made, 2, &e), 0);
	assert_int_equal(mark_check(fake->sys.root, made, 0, &e), 0);
	json_decref(made);
}

static void another_pair_of_kernels_is_tried(void **state)
{
	struct fake *fake = *state;
	struct error e = ERROR_NONE;

	for (int i = 0; i < 2; i++) {
		start(fake, i ? "boot-2" : "boot-1", "");
		begin(fake, "id", "kernel-a");
	}
	start(fake, "boot-3", "");
	assert_int_equal(settle(fake, 2), MARK_FAILED);
	assert_int_equal(check(fake, "kernel-b", &e), 0);
	fake_file(fake, "/proc/sys/kernel/osrelease", "6.12.0-1-amd64\n");
	assert_int_equal(check(fake, "kernel-a", &e), 0);
}

static void an_arrival_clears_what_failed_before(void **state)
{
	struct fake *fake = *state;
	struct error e = ERROR_NONE;

	begin(fake, "id-1", "kernel-a");
	start(fake, "boot-2", "");
	assert_int_equal(settle(fake, 1), MARK_FAILED);
	begin(fake, "id-2", "kernel-a");
	start(fake, "boot-3", "id-2");
	assert_int_equal(settle(fake, 0), MARK_ARRIVED);
	begin(fake, "id-3", "kernel-a");
	start(fake, "boot-4", "");
	fake_file(fake, CARRIED_FOLDER "/" CARRIED_HANDOVER, "{}");
	assert_int_equal(check(fake, "kernel-a", &e), 0);
}

static void a_handover_that_is_not_made_is_no_failure(void **state)
{
	struct fake *fake = *state;

	begin(fake, "id-1", "kernel-a");
	assert_int_equal(mark_cancel(fake->sys.root, NULL), 0);
	start(fake, "boot-2", "");
	assert_int_equal(settle(fake, 0), MARK_NONE);
}

#define STUCK                                                                                        \
	"{\"events\": ["                                                                             \
	"{\"event\": \"release\", \"device\": \"/devices/x/0000:00:04.0\", \"driver\": \"edu\"},"    \
	"{\"event\": \"released\", \"device\": \"/devices/x/0000:00:04.0\", \"outcome\": \"stuck\"," \
	" \"reason\": \"waits in \\\"edu_remove\\\"\"},"                                             \
	"{\"event\": \"released\", \"device\": \"/devices/x/0000:00:05.0\", \"outcome\": \"released\"}]}"

/* From boot-1 to boot-2, where device 4 got stuck on the way. */
static void arrive_with_one_stuck(struct fake *fake)
{
	begin(fake, "id-1", "kernel-a");
	start(fake, "boot-2", "id-1");
	fake_file(fake, CARRIED_FOLDER "/" CARRIED_RECORD, STUCK);
	assert_int_equal(settle(fake, 0), MARK_ARRIVED);
	/* What is on disk is what counts from here on. */
	fake_file(fake, CARRIED_FOLDER "/" CARRIED_RECORD, "{}");
}

static void what_got_stuck_is_left_the_next_time(void **state)
{
	static const char expected[] =
		"bus=* path=\"/devices/x/0000:00:04.0\" action=leave reason=\"stuck in an earlier "
		"handover: waits in ?edu_remove?\"";
	struct fake *fake = *state;
	struct error e = ERROR_NONE;
	json_t *stuck;
	char *text;

	arrive_with_one_stuck(fake);
	stuck = mark_stuck(fake->sys.root);
	assert_int_equal(json_array_size(stuck), 1);
	assert_string_equal(json_string_value(json_object_get(json_array_get(stuck, 0), "driver")),
			    "edu");
	fake_dir(fake, "/etc/kexit/policy.d");
	if (stuck_write_rules(stuck, fake->tree, &e))
		fail_msg("%s", e.text);
	text = fake_text(fake, "/etc/kexit/policy.d/zz-stuck.conf");
	assert_non_null(strstr(text, expected));
	free(text);
	json_decref(stuck);
}

/* The rule is one that the policy's own parser takes. */
static void the_rule_is_understood(void **state)
{
	struct fake *fake = *state;
	struct error e = ERROR_NONE;
	struct policy *policy = policy_new();
	json_t *stuck;

	arrive_with_one_stuck(fake);
	stuck = mark_stuck(fake->sys.root);
	fake_dir(fake, "/etc/kexit/policy.d");
	assert_int_equal(stuck_write_rules(stuck, fake->tree, &e), 0);
	if (policy_files_add(fake->sys.root, policy, &e))
		fail_msg("%s", e.text);
	policy_free(policy);
	json_decref(stuck);
}

static void another_kernel_tries_it_again(void **state)
{
	struct fake *fake = *state;
	json_t *stuck;

	arrive_with_one_stuck(fake);
	fake_file(fake, "/proc/sys/kernel/osrelease", "6.12.0-1-amd64\n");
	stuck = mark_stuck(fake->sys.root);
	assert_int_equal(json_array_size(stuck), 0);
	json_decref(stuck);
}

static void what_got_stuck_twice_is_there_once(void **state)
{
	struct fake *fake = *state;
	json_t *stuck;

	arrive_with_one_stuck(fake);
	start(fake, "boot-1", "");
	arrive_with_one_stuck(fake);
	stuck = mark_stuck(fake->sys.root);
	assert_int_equal(json_array_size(stuck), 1);
	json_decref(stuck);
	assert_int_equal(mark_forget(fake->sys.root, NULL), 0);
	stuck = mark_stuck(fake->sys.root);
	assert_int_equal(json_array_size(stuck), 0);
	json_decref(stuck);
}

static void forgotten_is_forgotten(void **state)
{
	struct fake *fake = *state;
	struct error e = ERROR_NONE;

	for (int i = 0; i < 2; i++) {
		start(fake, i ? "boot-2" : "boot-1", "");
		begin(fake, "id", "kernel-a");
	}
	start(fake, "boot-3", "");
	assert_int_equal(check(fake, "kernel-a", &e), -ECANCELED);
	assert_int_equal(mark_forget(fake->sys.root, &e), 0);
	assert_int_equal(check(fake, "kernel-a", &e), 0);
	assert_int_equal(mark_forget(fake->sys.root, &e), 0);
}

static void a_damaged_mark_is_made_anew(void **state)
{
	static const char *const texts[] = { "", "{", "[]", "{\"pending\": 3, \"failed\": \"x\"}",
					     "{\"failed\": [null, {\"count\": -4}]}" };
	struct fake *fake = *state;

	start(fake, "boot-1", "");
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		fake_file(fake, MARK_FILE, texts[i]);
		assert_int_equal(settle(fake, 0), MARK_NONE);
		begin(fake, "id-1", "kernel-a");
		start(fake, "boot-2", "");
		assert_int_equal(settle(fake, 1), MARK_FAILED);
		start(fake, "boot-1", "");
		assert_int_equal(mark_forget(fake->sys.root, NULL), 0);
	}
}

static void what_cannot_be_written_is_told(void **state)
{
	struct fake *fake = *state;
	struct error e = ERROR_NONE;
	json_t *made = handover(fake, "id-1", "kernel-a");

	fake_file(fake, MARK_FOLDER, "a file, no folder");
	assert_int_equal(mark_begin(fake->sys.root, made, &e), -ENOTDIR);
	assert_non_null(strstr(e.text, MARK_FILE));
	json_decref(made);
}

/* ---- a hang in the next kernel */

static void panic_on_the_command_line_ends_a_hang(void **state)
{
	const struct sysroot *root = ((struct fake *)*state)->sys.root;

	assert_false(recovery_is_there(root, NULL));
	assert_false(recovery_is_there(root, "root=/dev/sda1 quiet"));
	assert_true(recovery_is_there(root, "panic=10 quiet"));
	assert_true(recovery_is_there(root, "quiet panic=-1"));
	assert_false(recovery_is_there(root, "panic=10 panic=0"));
	assert_false(recovery_is_there(root, "xpanic=10 -- panic=10"));
}

static void a_running_watchdog_ends_a_hang(void **state)
{
	struct fake *fake = *state;

	fake_file(fake, "/sys/class/watchdog/watchdog0/state", "inactive\n");
	assert_false(recovery_is_there(fake->sys.root, ""));
	fake_file(fake, "/sys/class/watchdog/watchdog1/state", "active\n");
	assert_true(recovery_is_there(fake->sys.root, ""));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(without_a_mark_there_is_nothing),
		TEST(the_mark_is_private_and_whole),
		TEST(of_this_boot_it_waits),
		TEST(its_id_with_the_initrd_is_an_arrival),
		TEST(another_start_is_a_failure_and_counted_once),
		TEST(a_captured_machine_is_only_looked_at),
		TEST(without_the_module_nothing_is_counted),
		TEST(a_boot_loader_shows_a_failure_without_the_module),
		TEST(another_handover_that_came_is_no_failure),
		TEST(after_two_failures_it_is_not_tried),
		TEST(how_many_are_too_many_is_asked_for),
		TEST(another_pair_of_kernels_is_tried),
		TEST(an_arrival_clears_what_failed_before),
		TEST(a_handover_that_is_not_made_is_no_failure),
		TEST(what_got_stuck_is_left_the_next_time),
		TEST(the_rule_is_understood),
		TEST(another_kernel_tries_it_again),
		TEST(what_got_stuck_twice_is_there_once),
		TEST(forgotten_is_forgotten),
		TEST(a_damaged_mark_is_made_anew),
		TEST(what_cannot_be_written_is_told),
		TEST(panic_on_the_command_line_ends_a_hang),
		TEST(a_running_watchdog_ends_a_hang),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
