// SPDX-License-Identifier: GPL-2.0-or-later
/* What speaks against a reboot, on machines of a few files. */
#include "unit/fake/fake_ops.h"

#include "exit/precheck.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define INDICATIONS "/sys/firmware/efi/efivars/OsIndications-8be4df61-93ca-11d2-aa0d-00e098032b8c"

static int set_up(void **state)
{
	struct fake *fake = fake_new(NULL, NULL);

	fake_file(fake, "/proc/meminfo", "MemTotal: 2000000 kB\nMemAvailable: 1000000 kB\n");
	fake_dir(fake, "/sys/class/block");
	*state = fake;
	return 0;
}

static int tear_down(void **state)
{
	fake_free(*state);
	return 0;
}

/* What the check with that status says; "" when it has nothing against it. */
static const char *ask(const struct fake *fake, enum precheck_status status)
{
	static struct error e;

	memset(&e, 0, sizeof(e));
	for (const struct precheck *check = prechecks; check->name; check++)
		if (check->status == status)
			return check->ask(&fake->sys, &e) ? e.text : "";
	fail_msg("no check has the status %d", status);
	return NULL;
}

static void assert_says(const struct fake *fake, enum precheck_status status, const char *words)
{
	const char *said = ask(fake, status);

	if (!strstr(said, words))
		fail_msg("\"%s\" does not say \"%s\"", said, words);
}

static void a_quiet_machine_may_reboot(void **state)
{
	const struct fake *fake = *state;

	assert_string_equal(ask(fake, PRECHECK_ROOM), "");
	assert_string_equal(ask(fake, PRECHECK_FIRMWARE), "");
	assert_string_equal(ask(fake, PRECHECK_DISKS), "");
	assert_string_equal(ask(fake, PRECHECK_PACKAGES), "");
	assert_string_equal(ask(fake, PRECHECK_INHIBITED), "");
}

static void little_memory_is_told(void **state)
{
	struct fake *fake = *state;

	fake_file(fake, "/proc/meminfo", "MemTotal: 2000000 kB\nMemAvailable: 20000 kB\n");
	assert_says(fake, PRECHECK_ROOM, "19 MiB of memory are free");
}

static void an_array_that_rebuilds_is_told(void **state)
{
	struct fake *fake = *state;

	fake_file(fake, "/sys/class/block/md0/md/sync_action", "recover\n");
	assert_says(fake, PRECHECK_DISKS, "md0: the array is at work (recover)");
}

static void an_array_that_lacks_a_disk_is_told(void **state)
{
	struct fake *fake = *state;

	fake_file(fake, "/sys/class/block/md0/md/sync_action", "idle\n");
	fake_file(fake, "/sys/class/block/md0/md/degraded", "1\n");
	assert_says(fake, PRECHECK_DISKS, "md0: the array lacks 1 of its disks");
}

static void a_whole_array_at_rest_is_fine(void **state)
{
	struct fake *fake = *state;

	fake_file(fake, "/sys/class/block/md0/md/sync_action", "idle\n");
	fake_file(fake, "/sys/class/block/md0/md/degraded", "0\n");
	assert_string_equal(ask(fake, PRECHECK_DISKS), "");
}

static void a_disk_taken_offline_is_told(void **state)
{
	struct fake *fake = *state;

	fake_file(fake, "/sys/class/block/sda/device/state", "offline\n");
	assert_says(fake, PRECHECK_DISKS, "sda: the disk is offline");
}

static void a_capsule_on_disk_is_told(void **state)
{
	struct fake *fake = *state;

	fake_file(fake, "/boot/efi/EFI/UpdateCapsule/fw.cap", "x");
	assert_says(fake, PRECHECK_FIRMWARE, "--firmware");
}

static void an_empty_folder_for_capsules_is_fine(void **state)
{
	struct fake *fake = *state;

	fake_dir(fake, "/boot/efi/EFI/UpdateCapsule");
	assert_string_equal(ask(fake, PRECHECK_FIRMWARE), "");
}

static void what_firmware_was_asked_for_is_told(void **state)
{
	static const unsigned char capsule[] = { 7, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0 };
	static const unsigned char nothing[] = { 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 };
	static const unsigned char setup[] = { 7, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0 };
	struct fake *fake = *state;

	fake_bytes(fake, INDICATIONS, capsule, sizeof(capsule));
	assert_says(fake, PRECHECK_FIRMWARE, "a firmware update waits");
	fake_bytes(fake, INDICATIONS, setup, sizeof(setup));
	assert_says(fake, PRECHECK_FIRMWARE, "the firmware's setup");
	fake_bytes(fake, INDICATIONS, nothing, sizeof(nothing));
	assert_string_equal(ask(fake, PRECHECK_FIRMWARE), "");
}

/* A child that holds the lock as dpkg does, until it is killed. */
static pid_t hold(const struct fake *fake, const char *path)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	char full[256], byte = 0;
	int ready[2];
	pid_t child;

	snprintf(full, sizeof(full), "%s%s", fake->tree, path);
	assert_int_equal(pipe(ready), 0);
	child = fork();
	if (child == 0) {
		int fd = open(full, O_RDWR);

		if (fd < 0 || fcntl(fd, F_SETLK, &lock) || write(ready[1], &byte, 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return child;
}

static void a_package_manager_at_work_is_told(void **state)
{
	struct fake *fake = *state;
	char words[64];
	pid_t child;

	fake_file(fake, "/var/lib/dpkg/lock-frontend", "");
	assert_string_equal(ask(fake, PRECHECK_PACKAGES), "");
	child = hold(fake, "/var/lib/dpkg/lock-frontend");
	snprintf(words, sizeof(words), "at work (process %d)", child);
	assert_says(fake, PRECHECK_PACKAGES, words);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	assert_string_equal(ask(fake, PRECHECK_PACKAGES), "");
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		T(a_quiet_machine_may_reboot),		T(little_memory_is_told),
		T(an_array_that_rebuilds_is_told),	T(an_array_that_lacks_a_disk_is_told),
		T(a_whole_array_at_rest_is_fine),	T(a_disk_taken_offline_is_told),
		T(a_capsule_on_disk_is_told),		T(an_empty_folder_for_capsules_is_fine),
		T(what_firmware_was_asked_for_is_told), T(a_package_manager_at_work_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
