// SPDX-License-Identifier: GPL-2.0-or-later
/* Who uses a disk, and which devices that keeps: O_EXCL decides, the rest gives the words. */
#include "unit/graph/test_scan_tree.h"

static void test_mount_keeps_the_device_of_its_partition(void **state)
{
	struct tree *t = *state;
	const char *vda = VIRTIO_DISK(t, "3", "0", "vda", "254:0");

	put_partition(t, "/devices/pci0000:00/0000:00:03.0/virtio0/block/vda/vda1", "254:1");
	claims_are(t, "vda busy\nvda1 busy\n");
	put(t, "/proc/self/mountinfo", "25 1 254:1 / / rw shared:1 - ext4 /dev/root rw\n");
	scan_tree(t);
	assert_used(t, vda, USE_MOUNT, "ext4 on / through vda1");
	assert_null(device_at(t, vda)->uses->next);
	assert_unused(t, "/devices/pci0000:00/0000:00:03.0");
	assert_string_equal(device_at(t, vda)->provides[0], "vda");
}

static void test_free_disk_is_not_in_use(void **state)
{
	struct tree *t = *state;
	const char *vda = VIRTIO_DISK(t, "3", "0", "vda", "254:0");

	put_partition(t, "/devices/pci0000:00/0000:00:03.0/virtio0/block/vda/vda1", "254:1");
	scan_tree(t);
	assert_unused(t, vda);
	assert_int_equal(t->graph->disk_count, 2);
	assert_string_equal(t->graph->disks[1]->whole->name, "vda");
	assert_int_equal(t->graph->disks[0]->part_count, 1);
}

static void test_external_journal_is_claimed_without_words(void **state)
{
	struct tree *t = *state;
	const char *vdb = VIRTIO_DISK(t, "4", "1", "vdb", "254:16");

	put_partition(t, "/devices/pci0000:00/0000:00:04.0/virtio1/block/vdb/vdb1", "254:17");
	put_partition(t, "/devices/pci0000:00/0000:00:04.0/virtio1/block/vdb/vdb2", "254:18");
	claims_are(t, "vdb busy\nvdb1 busy\nvdb2 free\n");
	scan_tree(t);
	assert_used(t, vdb, USE_CLAIMED, "vdb1 claimed exclusively (holder unknown)");
	assert_null(device_at(t, vdb)->uses->next);
}

static void test_claim_on_the_whole_disk_is_told_once(void **state)
{
	struct tree *t = *state;
	const char *vdb = VIRTIO_DISK(t, "4", "1", "vdb", "254:16");

	put_partition(t, "/devices/pci0000:00/0000:00:04.0/virtio1/block/vdb/vdb1", "254:17");
	put_partition(t, "/devices/pci0000:00/0000:00:04.0/virtio1/block/vdb/vdb2", "254:18");
	claims_are(t, "vdb busy\nvdb1 busy\nvdb2 busy\n");
	scan_tree(t);
	assert_used(t, vdb, USE_CLAIMED, "vdb claimed exclusively (holder unknown)");
	assert_null(device_at(t, vdb)->uses->next);
}

static void test_disk_that_cannot_be_asked_counts_as_used(void **state)
{
	struct tree *t = *state;
	const char *vda = VIRTIO_DISK(t, "3", "0", "vda", "254:0");

	claims_are(t, "vda ENOENT\n");
	scan_tree(t);
	assert_used(t, vda, USE_UNKNOWN,
		    "whether vda is in use could not be asked: ENOENT on /dev/vda");
}

static void test_disk_that_was_not_captured_counts_as_used(void **state)
{
	struct tree *t = *state;
	const char *vda = VIRTIO_DISK(t, "3", "0", "vda", "254:0");

	claims_are(t, "");
	scan_tree(t);
	assert_used(t, vda, USE_UNKNOWN, "whether vda is in use was not captured");
}

static void test_drive_without_medium_is_not_in_use(void **state)
{
	struct tree *t = *state;

	put_device(t, "/devices/ata1/host0/target0:0:0/0:0:0:0", "scsi", "sr");
	put_disk(t, "/devices/ata1/host0/target0:0:0/0:0:0:0/block/sr0", "11:0");
	claims_are(t, "sr0 ENOMEDIUM\n");
	scan_tree(t);
	assert_unused(t, "/devices/ata1/host0/target0:0:0/0:0:0:0");
	assert_true(t->graph->disks[0]->is_empty);
}

static void test_scsi_disk_knows_its_start_stop_folder(void **state)
{
	struct tree *t = *state;

	put_device(t, "/devices/ata1/host0/target0:0:0/0:0:0:0", "scsi", "sd");
	put_disk(t, "/devices/ata1/host0/target0:0:0/0:0:0:0/block/sda", "8:0");
	scan_tree(t);
	assert_string_equal(t->graph->disks[0]->scsi_disk, "/sys/class/scsi_disk/0:0:0:0");
}

static void test_dm_over_md_over_partitions_keeps_both_disks(void **state)
{
	struct tree *t = *state;
	const char *vda = VIRTIO_DISK(t, "3", "0", "vda", "254:0");
	const char *vdb = VIRTIO_DISK(t, "4", "1", "vdb", "254:16");

	put_partition(t, "/devices/pci0000:00/0000:00:03.0/virtio0/block/vda/vda2", "254:2");
	put_partition(t, "/devices/pci0000:00/0000:00:04.0/virtio1/block/vdb/vdb2", "254:18");
	put_disk(t, "/devices/virtual/block/md0", "9:0");
	put_slave(t, "/devices/virtual/block/md0",
		  "/devices/pci0000:00/0000:00:03.0/virtio0/block/vda/vda2");
	put_slave(t, "/devices/virtual/block/md0",
		  "/devices/pci0000:00/0000:00:04.0/virtio1/block/vdb/vdb2");
	put_disk(t, "/devices/virtual/block/dm-0", "253:0");
	put_in(t, "/devices/virtual/block/dm-0", "dm/name", "vg-root\n");
	put_slave(t, "/devices/virtual/block/dm-0", "/devices/virtual/block/md0");
	claims_are(t, "vda busy\nvda2 busy\nvdb busy\nvdb2 busy\n");
	put(t, "/proc/self/mountinfo", "25 1 253:0 / / rw - ext4 /dev/mapper/vg-root rw\n");
	scan_tree(t);
	assert_used(t, vda, USE_MOUNT, "ext4 on / through dm-0 (vg-root)");
	assert_used(t, vdb, USE_MOUNT, "ext4 on / through dm-0 (vg-root)");
	assert_null(device_at(t, vda)->uses->next);
}

static void test_dm_that_is_not_mounted_holds(void **state)
{
	struct tree *t = *state;
	const char *vda = VIRTIO_DISK(t, "3", "0", "vda", "254:0");

	put_disk(t, "/devices/virtual/block/dm-0", "253:0");
	put_in(t, "/devices/virtual/block/dm-0", "dm/name", "vg-root\n");
	put_slave(t, "/devices/virtual/block/dm-0",
		  "/devices/pci0000:00/0000:00:03.0/virtio0/block/vda");
	claims_are(t, "vda busy\n");
	scan_tree(t);
	assert_used(t, vda, USE_HELD, "held by dm-0 (vg-root)");
	assert_null(device_at(t, vda)->uses->next);
}

static void test_mounted_partition_of_an_md_is_the_only_word(void **state)
{
	struct tree *t = *state;
	const char *vda = VIRTIO_DISK(t, "3", "0", "vda", "254:0");

	put_disk(t, "/devices/virtual/block/md0", "9:0");
	put_slave(t, "/devices/virtual/block/md0",
		  "/devices/pci0000:00/0000:00:03.0/virtio0/block/vda");
	put_partition(t, "/devices/virtual/block/md0/md0p1", "259:0");
	claims_are(t, "vda busy\n");
	put(t, "/proc/self/mountinfo", "25 1 259:0 / /srv rw - xfs /dev/md0p1 rw\n");
	scan_tree(t);
	assert_used(t, vda, USE_MOUNT, "xfs on /srv through md0p1");
	assert_null(device_at(t, vda)->uses->next);
}

static void test_loop_on_a_disk_holds_it_though_it_does_not_claim_it(void **state)
{
	struct tree *t = *state;
	const char *vda = VIRTIO_DISK(t, "3", "0", "vda", "254:0");

	put_disk(t, "/devices/virtual/block/loop0", "7:0");
	put_in(t, "/devices/virtual/block/loop0", "loop/backing_file", "/dev/vda\n");
	scan_tree(t);
	assert_used(t, vda, USE_HELD, "held by loop0 (/dev/vda)");
}

static void test_swap_on_a_partition(void **state)
{
	struct tree *t = *state;
	const char *vda = VIRTIO_DISK(t, "3", "0", "vda", "254:0");

	put_partition(t, "/devices/pci0000:00/0000:00:03.0/virtio0/block/vda/vda3", "254:3");
	claims_are(t, "vda busy\nvda3 busy\n");
	put(t, "/proc/swaps",
	    "Filename\tType\tSize\tUsed\tPriority\n"
	    "/dev/vda3 partition\t1048572\t0\t-2\n");
	scan_tree(t);
	assert_used(t, vda, USE_SWAP, "swap on vda3");
}

static void test_btrfs_keeps_the_member_that_mountinfo_does_not_name(void **state)
{
	struct tree *t = *state;
	const char *vda = VIRTIO_DISK(t, "3", "0", "vda", "254:0");
	const char *vdb = VIRTIO_DISK(t, "4", "1", "vdb", "254:16");

	put_link_in(t, "/fs/btrfs/0815/devices", "vda",
		    "/devices/pci0000:00/0000:00:03.0/virtio0/block/vda");
	put_link_in(t, "/fs/btrfs/0815/devices", "vdb",
		    "/devices/pci0000:00/0000:00:04.0/virtio1/block/vdb");
	claims_are(t, "vda busy\nvdb busy\n");
	put(t, "/proc/self/mountinfo", "40 1 0:45 / /data rw - btrfs /dev/vda rw\n");
	scan_tree(t);
	assert_used(t, vda, USE_MOUNT, "btrfs on /data (member vda)");
	assert_used(t, vdb, USE_MOUNT, "btrfs on /data (member vdb)");
}

#define SUBSYSTEM "/devices/virtual/nvme-subsystem/nvme-subsys0"
#define NVME_A	  "/devices/pci0000:00/0000:01:00.0"
#define NVME_B	  "/devices/pci0000:00/0000:02:00.0"

static void test_nvme_head_belongs_to_every_controller(void **state)
{
	static const char id[] = "pci:v00001B36d00000010sv00001AF4sd00001100bc01sc08i02";
	struct tree *t = *state;

	put_pci(t, NVME_A, id, "nvme");
	put_pci(t, NVME_B, id, "nvme");
	put_class(t, "nvme", NVME_A "/nvme/nvme0");
	put_class(t, "nvme", NVME_B "/nvme/nvme1");
	put_in(t, NVME_A "/nvme/nvme0", "cntlid", "0");
	put_in(t, NVME_B "/nvme/nvme1", "cntlid", "1");
	put_link_in(t, SUBSYSTEM, "nvme0", NVME_A "/nvme/nvme0");
	put_link_in(t, SUBSYSTEM, "nvme1", NVME_B "/nvme/nvme1");
	put_disk(t, SUBSYSTEM "/nvme0n1", "259:0");
	put_partition(t, SUBSYSTEM "/nvme0n1/nvme0n1p1", "259:1");
	/* The hidden path of one controller: no number, and no disk of its own. */
	put_in(t, NVME_A "/nvme/nvme0/nvme0c0n1", "hidden", "1");
	put_class(t, "block", NVME_A "/nvme/nvme0/nvme0c0n1");
	claims_are(t, "nvme0n1 busy\nnvme0n1p1 busy\n");
	put(t, "/proc/self/mountinfo", "25 1 259:1 / / rw - ext4 /dev/nvme0n1p1 rw\n");
	scan_tree(t);
	assert_int_equal(t->graph->disk_count, 2);
	assert_used(t, NVME_A, USE_MOUNT, "ext4 on / through nvme0n1p1");
	assert_used(t, NVME_B, USE_MOUNT, "ext4 on / through nvme0n1p1");
	assert_ptr_equal(graph_lookup(t->graph, "nvme0n1"), device_at(t, NVME_A));
}

static void test_blanks_in_mount_points_are_blanks(void **state)
{
	struct tree *t = *state;
	const char *vda = VIRTIO_DISK(t, "3", "0", "vda", "254:0");

	claims_are(t, "vda busy\n");
	put(t, "/proc/self/mountinfo", "25 1 254:0 / /mnt/a\\040b rw - ext4 /dev/vda rw\n");
	scan_tree(t);
	assert_used(t, vda, USE_MOUNT, "ext4 on /mnt/a b through vda");
}

static void test_recheck_sees_a_disk_that_came_into_use(void **state)
{
	struct tree *t = *state;
	const char *vda = VIRTIO_DISK(t, "3", "0", "vda", "254:0");
	struct device *pci;

	scan_tree(t);
	pci = device_at(t, "/devices/pci0000:00/0000:00:03.0");
	assert_int_equal(scan_recheck(t->root, t->graph, pci), 0);
	claims_are(t, "vda busy\n");
	assert_int_equal(scan_recheck(t->root, t->graph, pci), 1);
	assert_non_null(pci->uses);
	assert_int_equal(scan_recheck(t->root, t->graph, device_at(t, vda)), 1);
	claims_are(t, "vda free\n");
	assert_int_equal(scan_recheck(t->root, t->graph, pci), 0);
}

static void test_recheck_of_a_device_with_another_driver_is_gone(void **state)
{
	struct tree *t = *state;
	const char *vda = VIRTIO_DISK(t, "3", "0", "vda", "254:0");
	char path[256];

	scan_tree(t);
	snprintf(path, sizeof(path), "%s/sys%s/driver", t->dir, vda);
	unlink(path);
	assert_int_equal(scan_recheck(t->root, t->graph, device_at(t, vda)), -ENODEV);
	put_link_in(t, vda, "driver", "/bus/virtio/drivers/vfio");
	assert_int_equal(scan_recheck(t->root, t->graph, device_at(t, vda)), -ENODEV);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TREE_TEST(test_mount_keeps_the_device_of_its_partition),
		TREE_TEST(test_free_disk_is_not_in_use),
		TREE_TEST(test_external_journal_is_claimed_without_words),
		TREE_TEST(test_claim_on_the_whole_disk_is_told_once),
		TREE_TEST(test_disk_that_cannot_be_asked_counts_as_used),
		TREE_TEST(test_disk_that_was_not_captured_counts_as_used),
		TREE_TEST(test_drive_without_medium_is_not_in_use),
		TREE_TEST(test_scsi_disk_knows_its_start_stop_folder),
		TREE_TEST(test_dm_over_md_over_partitions_keeps_both_disks),
		TREE_TEST(test_dm_that_is_not_mounted_holds),
		TREE_TEST(test_mounted_partition_of_an_md_is_the_only_word),
		TREE_TEST(test_loop_on_a_disk_holds_it_though_it_does_not_claim_it),
		TREE_TEST(test_swap_on_a_partition),
		TREE_TEST(test_btrfs_keeps_the_member_that_mountinfo_does_not_name),
		TREE_TEST(test_nvme_head_belongs_to_every_controller),
		TREE_TEST(test_blanks_in_mount_points_are_blanks),
		TREE_TEST(test_recheck_sees_a_disk_that_came_into_use),
		TREE_TEST(test_recheck_of_a_device_with_another_driver_is_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
