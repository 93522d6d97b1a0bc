// SPDX-License-Identifier: GPL-2.0-or-later
/* What is left of a system that ends, taken down: the order, and what never answers. */
#include "unit/fake/fake_ops.h"

#include "storage/takedown.h"
#include "storage/takedown_run.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BLOCK "/sys/class/block/"

/* Root on LVM over md raid1, encrypted swap, a file system of a process and one of a server, and one on a
 * disk of the network; what systemd's pivot leaves of it. */
#define MOUNTS                                                                                     \
	"1 1 0:2 / / rw - tmpfs kexit rw\n"                                                        \
	"2 1 253:0 / /oldroot ro - ext4 /dev/mapper/vg-root ro\n"                                  \
	"3 2 0:50 / /oldroot/srv/fuse rw - fuse.slow slow rw\n"                                    \
	"4 2 0:51 / /oldroot/home rw - nfs4 server:/home rw\n"                                     \
	"5 2 43:0 / /oldroot/net rw - ext4 /dev/nbd0 rw\n"                                         \
	"6 5 0:52 / /oldroot/net/a\\040b rw - tmpfs tmpfs rw\n"                                    \
	"9 2 8:4 / /oldroot/media rw - fuseblk /dev/sda4 rw\n"                                     \
	"7 1 0:5 / /dev rw - devtmpfs devtmpfs rw\n"                                               \
	"8 1 0:6 / /oldrooted rw - tmpfs tmpfs rw\n"

#define SWAPS                                                                                      \
	"Filename\t\t\tType\t\tSize\tUsed\tPriority\n"                                             \
	"/dev/dm-1                               partition\t1000\t0\t-2\n"                         \
	"/oldroot/swap\\040file                      file\t1000\t0\t-3\n"

static void add_mapped(struct fake *fake, const char *disk, const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), BLOCK "%s/dm/name", disk);
	fake_file(fake, path, name);
}

static struct fake *machine(const struct fake_fault *faults)
{
	struct fake *fake = fake_new(NULL, faults);

	fake_file(fake, "/proc/self/mountinfo", MOUNTS);
	fake_file(fake, "/proc/swaps", SWAPS);
	fake_file(fake, BLOCK "sda1/holders/md0", "");
	fake_file(fake, BLOCK "sdb1/holders/md0", "");
	fake_file(fake, BLOCK "sdb2/holders/dm-1", "");
	fake_file(fake, BLOCK "md0/md/array_state", "clean\n");
	fake_file(fake, BLOCK "md0/holders/dm-0", "");
	add_mapped(fake, "dm-0", "vg-root\n");
	add_mapped(fake, "dm-1", "swap_crypt\n");
	fake_file(fake, BLOCK "nbd0/pid", "77\n");
	fake_dir(fake, BLOCK "nbd1");
	fake_file(fake, "/sys/class/nvme/nvme0/transport", "pcie\n");
	fake_file(fake, "/sys/class/nvme/nvme1/transport", "tcp\n");
	fake_file(fake, "/sys/class/nvme/nvme1/delete_controller", "");
	fake_dir(fake, "/sys/class/nvme/nvme1/nvme1c1n1");
	fake_dir(fake, "/sys/class/nvme/nvme1/hwmon4");
	return fake;
}

static char said[4096];

static void note(const char *line)
{
	strncat(said, line, sizeof(said) - strlen(said) - 2);
	strcat(said, "\n");
}

static const struct takedown_limits limits = { .rounds = 3, .step_ms = 60000 };

static size_t run(const struct fake *fake, const struct takedown_limits *within)
{
	said[0] = '\0';
	return takedown_run(&fake->sys, "/oldroot", within, note);
}

static void assert_said(const char *words)
{
	if (!strstr(said, words))
		fail_msg("\"%s\" does not say \"%s\"", said, words);
}

/* That the call @first was made, and before @second. */
static void assert_before(const struct fake *fake, const char *first, const char *second)
{
	int a = fake_log_find(fake, first), b = fake_log_find(fake, second);

	if (a < 0 || b < 0 || a >= b)
		fail_msg("\"%s\" is line %d, \"%s\" line %d", first, a, second, b);
}

static void swap_goes_before_what_it_lies_on(void **state)
{
	struct fake *fake = machine(NULL);

	run(fake, &limits);
	assert_before(fake, "swap-off /oldroot/swap file = 0", "unmount /oldroot = 0");
	assert_before(fake, "swap-off /dev/dm-1 = 0", "dm-remove swap_crypt = 0");
	fake_free(fake);
}

static void root_on_volumes_on_an_array_goes_from_the_top(void **state)
{
	struct fake *fake = machine(NULL);

	run(fake, &limits);
	assert_before(fake, "unmount /oldroot/net = 0", "unmount /oldroot = 0");
	assert_before(fake, "unmount /oldroot/net/a b = 0", "unmount /oldroot/net = 0");
	assert_before(fake, "unmount /oldroot = 0", "dm-remove vg-root = 0");
	assert_before(fake, "dm-remove vg-root = 0", "write " BLOCK "md0/md/array_state clear = 0");
	fake_free(fake);
}

static void what_others_answer_for_is_unmounted_by_force(void **state)
{
	struct fake *fake = machine(NULL);

	run(fake, &limits);
	assert_before(fake, "unmount-forced /oldroot/srv/fuse = 0", "unmount /oldroot = 0");
	assert_before(fake, "unmount-forced /oldroot/home = 0", "unmount /oldroot = 0");
	assert_int_equal(fake_log_count(fake, "unmount-forced /oldroot/net*"), 0);
	/* Its process has yet to write to the disk. */
	assert_int_equal(fake_log_count(fake, "unmount-forced /oldroot/media*"), 0);
	assert_before(fake, "unmount /oldroot/media = 0", "unmount /oldroot = 0");
	fake_free(fake);
}

static void what_lies_elsewhere_stays(void **state)
{
	struct fake *fake = machine(NULL);

	run(fake, &limits);
	assert_int_equal(fake_log_count(fake, "unmount* /dev = *"), 0);
	assert_int_equal(fake_log_count(fake, "unmount* /oldrooted = *"), 0);
	fake_free(fake);
}

static void disks_of_the_network_go_last(void **state)
{
	struct fake *fake = machine(NULL);

	run(fake, &limits);
	assert_before(fake, "write " BLOCK "md0/md/array_state clear = 0",
		      "nbd-disconnect nbd0 = 0");
	assert_before(fake, "unmount /oldroot/net = 0", "claim nbd0 = 0");
	assert_before(fake, "claim nbd0 = 0", "nbd-disconnect nbd0 = 0");
	assert_before(fake, "claim nvme1n1 = 0",
		      "write /sys/class/nvme/nvme1/delete_controller 1 = 0");
	fake_free(fake);
}

static void only_what_is_connected_is_disconnected(void **state)
{
	struct fake *fake = machine(NULL);

	run(fake, &limits);
	assert_int_equal(fake_log_count(fake, "nbd-disconnect nbd1 = *"), 0);
	assert_int_equal(fake_log_count(fake, "write /sys/class/nvme/nvme0/*"), 0);
	fake_free(fake);
}

static void a_boot_loader_leaves_the_network_alone(void **state)
{
	struct fake *fake = machine(NULL);

	takedown_run(&fake->sys, NULL, &limits, note);
	assert_int_equal(fake_log_count(fake, "nbd-disconnect *"), 0);
	assert_int_equal(fake_log_count(fake, "write /sys/class/nvme/*"), 0);
	assert_int_equal(fake_log_count(fake, "unmount-forced *"), 0);
	fake_free(fake);
}

static void what_is_still_in_use_stays_connected_and_is_named(void **state)
{
	static const struct fake_fault faults[] = {
		{ "claim", "nbd0", FAKE_ERRNO, -EBUSY },
		{ "claim", "nvme1n1", FAKE_ERRNO, -EBUSY },
		{ NULL, NULL, FAKE_ERRNO, 0 },
	};
	struct fake *fake = machine(faults);

	run(fake, &limits);
	assert_int_equal(fake_log_count(fake, "nbd-disconnect *"), 0);
	assert_int_equal(fake_log_count(fake, "write /sys/class/nvme/*"), 0);
	assert_said("nbd0: it cannot be disconnected: EBUSY");
	assert_said("nvme1: it cannot be disconnected: EBUSY");
	fake_free(fake);
}

/* Another disk of the controller is in use, though the one that is looked at first has no node. */
static void one_disk_in_use_keeps_the_controller(void **state)
{
	static const struct fake_fault faults[] = {
		{ "claim", "nvme1n1", FAKE_ERRNO, -ENOENT },
		{ "claim", "nvme1n2", FAKE_ERRNO, -EBUSY },
		{ NULL, NULL, FAKE_ERRNO, 0 },
	};
	struct fake *fake = machine(faults);

	fake_dir(fake, "/sys/class/nvme/nvme1/nvme1n2");
	run(fake, &limits);
	assert_int_equal(fake_log_count(fake, "write /sys/class/nvme/*"), 0);
	fake_free(fake);
}

static void each_refusal_is_named_once(void **state)
{
	static const struct fake_fault faults[] = {
		{ "swap-off", "/dev/dm-1", FAKE_ERRNO, -ENOMEM },
		{ "dm-remove", "swap_crypt", FAKE_ERRNO, -EBUSY },
		{ NULL, NULL, FAKE_ERRNO, 0 },
	};
	struct fake *fake = machine(faults);
	const char *first;

	run(fake, &limits);
	assert_said("/dev/dm-1: swapping on it cannot be ended: ENOMEM");
	assert_said("swap_crypt: the device mapper cannot remove it: EBUSY");
	first = strstr(said, "/dev/dm-1");
	assert_null(strstr(first + 1, "/dev/dm-1"));
	/* The fake machine's mounts never go, so all rounds were made. */
	assert_int_equal(fake_log_count(fake, "swap-off /dev/dm-1 = ENOMEM"), 3);
	fake_free(fake);
}

static void rounds_end_when_nothing_more_goes(void **state)
{
	static const struct fake_fault faults[] = {
		{ "unmount", "/oldroot", FAKE_ERRNO, -EBUSY },
		{ NULL, NULL, FAKE_ERRNO, 0 },
	};
	struct fake *fake = fake_new(NULL, faults);

	fake_dir(fake, "/sys/class/block");
	fake_file(fake, "/proc/self/mountinfo", "2 1 8:1 / /oldroot ro - ext4 /dev/sda1 ro\n");
	assert_int_equal(run(fake, &limits), 0);
	assert_int_equal(fake_log_count(fake, "unmount /oldroot = EBUSY"), 1);
	assert_said("/oldroot: cannot be unmounted: EBUSY");
	fake_free(fake);
}

/* What hangs is given up, asked once only, and does not keep the rest. */
static void what_never_answers_is_left(void **state)
{
	static const struct fake_fault faults[] = {
		{ "unmount-forced", "/oldroot/home", FAKE_HANG, 0 },
		{ NULL, NULL, FAKE_ERRNO, 0 },
	};
	static const struct takedown_limits short_limits = { .rounds = 3, .step_ms = 3000 };
	struct fake *fake = machine(faults);

	run(fake, &short_limits);
	assert_said("/oldroot/home: it did not answer for ");
	assert_int_equal(fake_log_count(fake, "unmount-forced /oldroot/home*"), 1);
	assert_before(fake, "unmount-forced /oldroot/home HANG", "dm-remove vg-root = 0");
	fake_free(fake);
}

/* All rounds together have an end. */
static void the_whole_is_bounded(void **state)
{
	static const struct fake_fault faults[] = {
		{ "swap-off", "/dev/dm-1", FAKE_HANG, 0 },
		{ NULL, NULL, FAKE_ERRNO, 0 },
	};
	static const struct takedown_limits total = {
		.rounds = 100,
		.step_ms = 600000,
		.total_ms = 1000,
	};
	struct fake *fake = machine(faults);

	run(fake, &total);
	assert_said("/dev/dm-1: it did not answer for ");
	assert_said("vg-root: no time was left for it");
	fake_free(fake);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(swap_goes_before_what_it_lies_on),
		cmocka_unit_test(root_on_volumes_on_an_array_goes_from_the_top),
		cmocka_unit_test(what_others_answer_for_is_unmounted_by_force),
		cmocka_unit_test(what_lies_elsewhere_stays),
		cmocka_unit_test(disks_of_the_network_go_last),
		cmocka_unit_test(only_what_is_connected_is_disconnected),
		cmocka_unit_test(a_boot_loader_leaves_the_network_alone),
		cmocka_unit_test(what_is_still_in_use_stays_connected_and_is_named),
		cmocka_unit_test(one_disk_in_use_keeps_the_controller),
		cmocka_unit_test(each_refusal_is_named_once),
		cmocka_unit_test(rounds_end_when_nothing_more_goes),
		cmocka_unit_test(what_never_answers_is_left),
		cmocka_unit_test(the_whole_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
