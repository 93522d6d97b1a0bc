// SPDX-License-Identifier: GPL-2.0-or-later
/* The look right before a release: it sees all that the scan saw, had it been there then. */
#include "test_scan_tree.h"

#include "graph/scanner.h"

#include <time.h>

#define HOST	"/devices/pci0000:00"
#define NIC	HOST "/0000:00:19.0"
#define NVME	HOST "/0000:00:03.0"
#define LOOP	"/devices/virtual/block/loop0"

#define NIC_ID	"pci:v00008086d000010FBsv00008086sd00000000bc02sc00i00"
#define NVME_ID "pci:v0000144Dd0000A824sv0000144Dsd00000000bc01sc08i02"

/* A disk, a link that is up and an idle loop device: nothing is in use. */
static void put_machine(const struct tree *t)
{
	put_pci(t, NVME, NVME_ID, "nvme");
	put_disk(t, NVME "/nvme/nvme0/nvme0n1", "259:0");
	put_pci(t, NIC, NIC_ID, "ixgbe");
	put_in(t, NIC "/net/eth0", "flags", "0x1003");
	put_class(t, "net", NIC "/net/eth0");
	put_disk(t, LOOP, "7:0");
}

static int setup_machine(void **state)
{
	setup_tree(state);
	put_machine(*state);
	scan_tree(*state);
	assert_unused(*state, NVME);
	assert_unused(*state, NIC);
	return 0;
}

static int recheck(const struct tree *t, const char *path)
{
	return scan_recheck(t->root, t->graph, device_at(t, path));
}

static void put_holder(const struct tree *t, const char *node)
{
	char path[256];

	put(t, "/proc/42/comm", "tool\n");
	put(t, "/proc/42/fd/.keep", "");
	snprintf(path, sizeof(path), "%s/proc/42/fd/5", t->dir);
	assert_int_equal(symlink(node, path), 0);
}

static void test_nothing_new_is_no_use(void **state)
{
	assert_int_equal(recheck(*state, NVME), 0);
	assert_int_equal(recheck(*state, NIC), 0);
}

static void test_disk_that_was_opened_since_is_in_use(void **state)
{
	put_holder(*state, "/dev/nvme0n1");
	assert_int_equal(recheck(*state, NVME), 1);
	assert_used(*state, NVME, USE_OPEN, "process 42 (tool) holds /dev/nvme0n1");
	assert_int_equal(recheck(*state, NIC), 0);
}

static void test_loop_device_that_was_set_up_since_is_a_use(void **state)
{
	struct tree *t = *state;

	put_in(t, LOOP, "loop/backing_file", "/dev/nvme0n1\n");
	assert_int_equal(recheck(t, NVME), 1);
	assert_used(t, NVME, USE_HELD, "held by loop0 (/dev/nvme0n1)");
}

static void test_loop_device_that_was_made_since_is_a_use(void **state)
{
	struct tree *t = *state;

	put_disk(t, "/devices/virtual/block/loop9", "7:9");
	put_in(t, "/devices/virtual/block/loop9", "loop/backing_file", "/dev/nvme0n1\n");
	assert_int_equal(recheck(t, NVME), 1);
	assert_used(t, NVME, USE_HELD, "held by loop9 (/dev/nvme0n1)");
}

static void test_mount_of_a_loop_device_that_was_made_since_is_told(void **state)
{
	struct tree *t = *state;

	put_disk(t, "/devices/virtual/block/loop9", "7:9");
	put_in(t, "/devices/virtual/block/loop9", "loop/backing_file", "/dev/nvme0n1\n");
	put(t, "/proc/self/mountinfo", "25 1 7:9 / /mnt rw - ext4 /dev/loop9 rw\n");
	assert_int_equal(recheck(t, NVME), 1);
	assert_used(t, NVME, USE_MOUNT, "ext4 on /mnt through loop9 (/dev/nvme0n1)");
}

static void test_disk_that_was_claimed_since_is_in_use(void **state)
{
	struct tree *t = *state;

	claims_are(t, "nvme0n1 busy\n");
	assert_int_equal(recheck(t, NVME), 1);
	assert_used(t, NVME, USE_CLAIMED, "nvme0n1 claimed exclusively (holder unknown)");
	claims_are(t, "nvme0n1 free\n");
	assert_int_equal(recheck(t, NVME), 0);
}

static void test_target_that_serves_the_disk_since_is_a_use(void **state)
{
	put(*state, "/sys/kernel/config/nvmet/subsystems/s/namespaces/1/device_path",
	    "/dev/nvme0n1\n");
	assert_int_equal(recheck(*state, NVME), 1);
}

static void test_network_disk_that_connected_since_is_a_use_of_the_link(void **state)
{
	struct tree *t = *state;

	put_disk(t, "/devices/virtual/block/nbd0", "43:0");
	put_in(t, "/devices/virtual/block/nbd0", "pid", "812\n");
	assert_int_equal(recheck(t, NIC), 1);
	assert_used(t, NIC, USE_NETDISK, "NBD nbd0 through eth0");
	assert_int_equal(recheck(t, NVME), 0);
}

static void test_iscsi_disk_that_came_since_is_a_use_of_the_link(void **state)
{
	put_disk(*state, "/devices/platform/host2/session1/target2:0:0/2:0:0:0/block/sdb", "8:16");
	assert_int_equal(recheck(*state, NIC), 1);
	assert_used(*state, NIC, USE_NETDISK, "iSCSI sdb through eth0");
}

static void test_link_that_was_brought_up_since_carries_the_network_disk(void **state)
{
	struct tree *t = *state;

	put_in(t, NIC "/net/eth0", "flags", "0x1002");
	put(t, "/proc/self/mountinfo", "40 1 0:45 / /home rw - nfs4 srv:/home rw\n");
	scan_tree(t);
	assert_unused(t, NIC);
	assert_int_equal(recheck(t, NIC), 0);
	put_in(t, NIC "/net/eth0", "flags", "0x1003");
	assert_int_equal(recheck(t, NIC), 1);
	assert_used(t, NIC, USE_NETDISK, "nfs4 on /home through eth0");
}

static void test_link_that_a_container_got_since_is_a_use(void **state)
{
	put_in(*state, NIC "/net/hidden", "ifindex", "7");
	assert_int_equal(recheck(*state, NIC), 1);
	assert_used(*state, NIC, USE_NETNS, "1 network link of it in another network namespace");
}

static void test_container_that_mounted_since_is_a_use(void **state)
{
	struct tree *t = *state;
	char path[256];

	put_holder(t, "/dev/null");
	put(t, "/proc/42/ns/.keep", "");
	snprintf(path, sizeof(path), "%s/proc/42/ns/mnt", t->dir);
	assert_int_equal(symlink("mnt:[4026532200]", path), 0);
	put(t, "/proc/42/mountinfo", "90 1 0:51 / /data rw - nfs4 srv:/data rw\n");
	assert_int_equal(recheck(t, NIC), 1);
}

static void test_use_of_a_child_keeps_what_it_hangs_on(void **state)
{
	static const char lun[] = NVME "/host3/target3:0:0/3:0:0:0";
	struct tree *t = *state;

	put_device(t, lun, "scsi", "st");
	put_class(t, "scsi_tape", NVME "/host3/target3:0:0/3:0:0:0/scsi_tape/nst0");
	scan_tree(t);
	assert_int_equal(recheck(t, NVME), 0);
	put_holder(t, "/dev/nst0");
	assert_int_equal(recheck(t, NVME), 1);
	assert_used(t, NVME, USE_OPEN, "process 42 (tool) holds /dev/nst0");
}

static void test_device_of_another_driver_is_not_the_one_that_was_planned(void **state)
{
	struct tree *t = *state;
	char path[256];

	snprintf(path, sizeof(path), "%s/sys" NVME "/driver", t->dir);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(recheck(t, NVME), -ENODEV);
}

/*
 * The cost of a second look: of this machine, since a captured one is looked at each time.
 */

struct live {
	struct sysroot *root;
	struct graph *graph;
};

static int setup_live(void **state)
{
	static struct live live;
	struct error e = ERROR_NONE;

	live = (struct live){ 0 };
	*state = &live;
	assert_int_equal(sysroot_open(NULL, &live.root), 0);
	/* A build in a folder without /sys: the tests skip themselves. */
	if (scan(live.root, &live.graph, &e))
		live.graph = NULL;
	return 0;
}

static int teardown_live(void **state)
{
	struct live *live = *state;

	graph_free(live->graph);
	sysroot_close(live->root);
	return 0;
}

static void test_fresh_look_is_shared(void **state)
{
	struct live *live = *state;
	double later;

	if (!live->graph)
		skip();
	later = live->graph->looked_ms + 1e9;
	live->graph->looked_ms = later;
	assert_int_equal(scan_refresh(live->root, live->graph), 0);
	assert_true(live->graph->looked_ms == later);
}

static void test_old_look_is_taken_again(void **state)
{
	struct live *live = *state;
	double before;

	if (!live->graph)
		skip();
	before = live->graph->looked_ms;
	live->graph->looked_ms = before - 1e9;
	assert_int_equal(scan_refresh(live->root, live->graph), 0);
	assert_true(live->graph->looked_ms >= before);
}

static void test_looking_takes_at_most_a_tenth_of_the_time(void **state)
{
	struct live *live = *state;
	double before;

	if (!live->graph)
		skip();
	/* It took ten minutes, and ended half an hour ago. */
	live->graph->look_cost_ms = 600e3;
	before = live->graph->looked_ms -= 2400e3;
	assert_int_equal(scan_refresh(live->root, live->graph), 0);
	assert_true(live->graph->looked_ms == before);
}

/* On a busy machine all workers would else find the look old that was fresh when they were made. */
static void test_worker_takes_a_look_twice_as_old_as_who_makes_it(void **state)
{
	struct graph graph = { .look_cost_ms = 600e3 };
	struct scanner s = { .graph = &graph };
	struct timespec now;

	(void)state;
	clock_gettime(CLOCK_MONOTONIC, &now);
	graph.looked_ms = (double)now.tv_sec * 1e3 - 9000e3;
	assert_false(look_is_fresh(&s));
	assert_true(look_will_do(&s));
	graph.looked_ms -= 6000e3;
	assert_false(look_will_do(&s));
}

/* No disk of this machine was opened for it. */
static void test_scan_of_a_live_machine_claims_nothing(void **state)
{
	struct live *live = *state;

	if (!live->graph)
		skip();
	for (size_t i = 0; i < live->graph->disk_count; i++)
		assert_false(live->graph->disks[i]->is_asked);
}

#define LIVE_TEST(f)	cmocka_unit_test_setup_teardown(f, setup_live, teardown_live)
#define RECHECK_TEST(f) cmocka_unit_test_setup_teardown(f, setup_machine, teardown_tree)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECHECK_TEST(test_nothing_new_is_no_use),
		RECHECK_TEST(test_disk_that_was_opened_since_is_in_use),
		RECHECK_TEST(test_loop_device_that_was_set_up_since_is_a_use),
		RECHECK_TEST(test_loop_device_that_was_made_since_is_a_use),
		RECHECK_TEST(test_mount_of_a_loop_device_that_was_made_since_is_told),
		RECHECK_TEST(test_disk_that_was_claimed_since_is_in_use),
		RECHECK_TEST(test_target_that_serves_the_disk_since_is_a_use),
		RECHECK_TEST(test_network_disk_that_connected_since_is_a_use_of_the_link),
		RECHECK_TEST(test_iscsi_disk_that_came_since_is_a_use_of_the_link),
		RECHECK_TEST(test_link_that_was_brought_up_since_carries_the_network_disk),
		RECHECK_TEST(test_link_that_a_container_got_since_is_a_use),
		RECHECK_TEST(test_container_that_mounted_since_is_a_use),
		RECHECK_TEST(test_use_of_a_child_keeps_what_it_hangs_on),
		RECHECK_TEST(test_device_of_another_driver_is_not_the_one_that_was_planned),
		LIVE_TEST(test_fresh_look_is_shared),
		LIVE_TEST(test_old_look_is_taken_again),
		LIVE_TEST(test_looking_takes_at_most_a_tenth_of_the_time),
		cmocka_unit_test(test_worker_takes_a_look_twice_as_old_as_who_makes_it),
		LIVE_TEST(test_scan_of_a_live_machine_claims_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
