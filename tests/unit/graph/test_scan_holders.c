// SPDX-License-Identifier: GPL-2.0-or-later
/* What processes hold, and what targets in the kernel serve: uses that O_EXCL does not show. */
#include "test_scan_tree.h"

#include <sys/fsuid.h>

#define HOST	"/devices/pci0000:00"
#define NIC	HOST "/0000:00:02.0"
#define NVME	HOST "/0000:00:03.0"
#define HBA	HOST "/0000:00:04.0"

#define NIC_ID	"pci:v000015B3d0000101Esv000015B3sd00000000bc02sc00i00"
#define NVME_ID "pci:v0000144Dd0000A824sv0000144Dsd00000000bc01sc08i02"
#define HBA_ID	"pci:v00001000d00000097sv00001000sd00000000bc01sc07i00"
#define FPGA_ID "pci:v00001D0Fd0000F000sv00001D0Fsd00000000bc12sc00i00"

static void put_process(const struct tree *t, const char *pid, const char *comm)
{
	char path[256];

	snprintf(path, sizeof(path), "/proc/%s/comm", pid);
	put(t, path, comm);
	snprintf(path, sizeof(path), "/proc/%s/fd/.keep", pid);
	put(t, path, "");
}

static void put_descriptor(const struct tree *t, const char *pid, const char *fd,
			   const char *target)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/proc/%s/fd/%s", t->dir, pid, fd);
	assert_int_equal(symlink(target, path), 0);
}

/* @flags as fdinfo has them: octal, 2 at the end for O_RDWR. */
static void put_flags(const struct tree *t, const char *pid, const char *fd, const char *flags)
{
	char path[256], text[64];

	snprintf(path, sizeof(path), "/proc/%s/fdinfo/%s", pid, fd);
	snprintf(text, sizeof(text), "pos:\t0\nflags:\t%s\nmnt_id:\t25\n", flags);
	put(t, path, text);
}

/* Process 42 (tool) has @node open. */
static void put_holder(const struct tree *t, const char *node)
{
	put_process(t, "42", "tool\n");
	put_descriptor(t, "42", "5", node);
}

static void put_nvme(const struct tree *t)
{
	put_pci(t, NVME, NVME_ID, "nvme");
	put_disk(t, NVME "/nvme/nvme1/nvme1n1", "259:1");
}

/*
 * VFIO.
 */

static void put_vfio(const struct tree *t, const char *path, const char *driver, const char *group)
{
	char link[64];

	put_pci(t, path, NIC_ID, driver);
	snprintf(link, sizeof(link), "/kernel/iommu_groups/%s", group);
	put_link_in(t, path, "iommu_group", link);
}

static void test_variant_drivers_of_vfio_are_in_use_by_their_group(void **state)
{
	static const char *const drivers[] = { "vfio-pci", "mlx5_vfio_pci", "hisi-acc-vfio-pci",
					       "nvgrace-gpu-vfio-pci" };
	struct tree *t = *state;
	char path[64], group[16], node[32], words[64];

	put_process(t, "42", "qemu\n");
	for (unsigned int i = 0; i < 4; i++) {
		snprintf(path, sizeof(path), HOST "/0000:00:02.%u", i);
		snprintf(group, sizeof(group), "%u", 41 + i);
		snprintf(node, sizeof(node), "/dev/vfio/%u", 41 + i);
		put_vfio(t, path, drivers[i], group);
		put_descriptor(t, "42", group, node);
	}
	scan_tree(t);
	for (unsigned int i = 0; i < 4; i++) {
		snprintf(path, sizeof(path), HOST "/0000:00:02.%u", i);
		snprintf(words, sizeof(words), "process 42 (qemu) holds /dev/vfio/%u", 41 + i);
		assert_used(t, path, USE_VFIO, words);
	}
}

static void test_every_device_of_a_held_group_is_in_use(void **state)
{
	struct tree *t = *state;

	put_vfio(t, NIC, "vfio-pci", "7");
	put_vfio(t, HOST "/0000:00:02.1", "vfio-pci", "7");
	put_vfio(t, HOST "/0000:00:02.2", "vfio-pci", "8");
	claims_are(t, "vfio/8 free\n");
	put_holder(t, "/dev/vfio/7");
	scan_tree(t);
	assert_used(t, NIC, USE_VFIO, "process 42 (tool) holds /dev/vfio/7");
	assert_used(t, HOST "/0000:00:02.1", USE_VFIO, "process 42 (tool) holds /dev/vfio/7");
	assert_unused(t, HOST "/0000:00:02.2");
}

static void test_vfio_device_node_is_a_use(void **state)
{
	struct tree *t = *state;

	put_vfio(t, NIC, "mlx5_vfio_pci", "7");
	put_class(t, "vfio-dev", NIC "/vfio-dev/vfio3");
	put_holder(t, "/dev/vfio/devices/vfio3");
	scan_tree(t);
	assert_used(t, NIC, USE_VFIO, "process 42 (tool) holds /dev/vfio/devices/vfio3");
}

static void test_vfio_without_groups_is_free_when_nobody_has_its_node(void **state)
{
	struct tree *t = *state;

	put_vfio(t, NIC, "vfio-pci", "7");
	put_class(t, "vfio-dev", NIC "/vfio-dev/vfio3");
	scan_tree(t);
	assert_unused(t, NIC);
}

/* Its node is closed, or was never its own: the device's descriptor came through a socket. */
static void test_vfio_device_of_a_process_that_is_not_told_may_be_any(void **state)
{
	struct tree *t = *state;

	put_vfio(t, NIC, "vfio-pci", "7");
	claims_are(t, "vfio/7 free\n");
	put_holder(t, "anon_inode:[vfio-device]");
	scan_tree(t);
	assert_used(t, NIC, USE_VFIO, "process 42 (tool) has a VFIO device, perhaps this one");
}

static void test_spare_vfio_device_is_free_beside_one_that_is_used(void **state)
{
	struct tree *t = *state;

	put_vfio(t, NIC, "vfio-pci", "7");
	put_vfio(t, HOST "/0000:00:02.1", "vfio-pci", "8");
	claims_are(t, "vfio/7 busy\nvfio/8 free\n");
	put_holder(t, "/dev/vfio/7");
	put_descriptor(t, "42", "6", "anon_inode:[vfio-device]");
	scan_tree(t);
	assert_used(t, NIC, USE_VFIO, "process 42 (tool) holds /dev/vfio/7");
	assert_unused(t, HOST "/0000:00:02.1");
}

/*
 * Disks.
 */

static void test_raw_disk_of_a_virtual_machine_is_in_use(void **state)
{
	struct tree *t = *state;

	put_nvme(t);
	put_holder(t, "/dev/nvme1n1");
	put_flags(t, "42", "5", "02140002");
	scan_tree(t);
	assert_used(t, NVME, USE_OPEN, "process 42 (tool) holds /dev/nvme1n1");
}

static void test_reader_of_a_disk_does_not_count(void **state)
{
	struct tree *t = *state;

	put_nvme(t);
	put_holder(t, "/dev/nvme1n1");
	put_flags(t, "42", "5", "02100000");
	scan_tree(t);
	assert_unused(t, NVME);
}

static void test_descriptor_of_a_disk_without_flags_counts_as_written(void **state)
{
	struct tree *t = *state;

	put_nvme(t);
	put_holder(t, "/dev/nvme1n1");
	scan_tree(t);
	assert_used(t, NVME, USE_OPEN, "process 42 (tool) holds /dev/nvme1n1");
}

static void test_raw_partition_keeps_the_disk(void **state)
{
	struct tree *t = *state;

	put_nvme(t);
	put_partition(t, NVME "/nvme/nvme1/nvme1n1/nvme1n1p3", "259:4");
	put_holder(t, "/dev/nvme1n1p3");
	put_flags(t, "42", "5", "0100001");
	scan_tree(t);
	assert_used(t, NVME, USE_OPEN, "process 42 (tool) holds /dev/nvme1n1p3");
}

static void test_raw_logical_volume_keeps_what_it_lies_on(void **state)
{
	struct tree *t = *state;

	put_nvme(t);
	put_disk(t, "/devices/virtual/block/dm-3", "253:3");
	put_in(t, "/devices/virtual/block/dm-3", "dm/name", "vg-vm1\n");
	put_slave(t, "/devices/virtual/block/dm-3", NVME "/nvme/nvme1/nvme1n1");
	put_holder(t, "/dev/dm-3");
	put_flags(t, "42", "5", "0100002");
	scan_tree(t);
	assert_used(t, NVME, USE_OPEN, "process 42 (tool) holds /dev/dm-3");
	assert_null(device_at(t, NVME)->uses->next);
}

static void test_mount_tells_more_than_who_has_its_disk_open(void **state)
{
	struct tree *t = *state;

	put_nvme(t);
	put(t, "/proc/self/mountinfo", "25 1 259:1 / /srv rw - ext4 /dev/nvme1n1 rw\n");
	put_holder(t, "/dev/nvme1n1");
	scan_tree(t);
	assert_used(t, NVME, USE_MOUNT, "ext4 on /srv through nvme1n1");
	assert_null(device_at(t, NVME)->uses->next);
}

/*
 * Other nodes.
 */

static const struct held_node {
	const char *class, *name, *node;
	const char *flags;
	bool counts;
} held_nodes[] = {
	{ "scsi_tape", "nst0", "/dev/nst0", "0100000", true },
	{ "scsi_generic", "sg3", "/dev/sg3", "0100002", true },
	{ "scsi_generic", "sg3", "/dev/sg3", "0100000", false },
	{ "hfi1_user", "hfi1_0", "/dev/hfi1_0", "0100002", true },
	{ "dvb", "dvb0.frontend0", "/dev/dvb/adapter0/frontend0", "0100000", true },
	{ "i2c-dev", "i2c-7", "/dev/i2c-7", "0100002", true },
	{ "vhost-vdpa", "vhost-vdpa-0", "/dev/vhost-vdpa-0", "0100002", true },
	{ "video4linux", "radio0", "/dev/radio0", "0100000", true },
	{ "sound", "pcmC0D0p", "/dev/snd/pcmC0D0p", "0100002", true },
	{ "of_a_new_kind", "thing0", "/dev/thing0", "0100000", true },
	{ "input", "event3", "/dev/input/event3", "0100002", false },
	{ "tty", "ttyUSB0", "/dev/ttyUSB0", "0100002", false },
	{ "virtio-ports", "vport3p1", "/dev/vport3p1", "0100002", false },
	{ "ptp", "ptp0", "/dev/ptp0", "0100002", false },
	{ "nvme", "nvme7", "/dev/nvme7", "0100002", false },
};

static void test_nodes_count_by_their_class(void **state)
{
	for (size_t i = 0; i < sizeof(held_nodes) / sizeof(held_nodes[0]); i++) {
		const struct held_node *held = &held_nodes[i];
		char path[256], words[256];
		struct tree *t;
		void *own; /* a tree for each */

		setup_tree(&own);
		t = own;
		put_pci(t, HBA, HBA_ID, "mpt3sas");
		snprintf(path, sizeof(path), HBA "/%s/%s", held->class, held->name);
		put_class(t, held->class, path);
		put_holder(t, held->node);
		put_flags(t, "42", "5", held->flags);
		scan_tree(t);
		snprintf(words, sizeof(words), "process 42 (tool) holds %s", held->node);
		if (held->counts)
			assert_used(t, HBA, USE_OPEN, words);
		else
			assert_unused(t, HBA);
		teardown_tree(&own);
	}
}

static void put_verbs(const struct tree *t, const char *driver)
{
	put_pci(t, NIC, NIC_ID, driver);
	put_class(t, "infiniband_verbs", NIC "/infiniband_verbs/uverbs0");
	put_holder(t, "/dev/infiniband/uverbs0");
}

static void test_verbs_count_where_the_driver_waits_for_them(void **state)
{
	struct tree *t = *state;

	put_verbs(t, "ib_qib");
	scan_tree(t);
	assert_used(t, NIC, USE_OPEN, "process 42 (tool) holds /dev/infiniband/uverbs0");
}

static void test_verbs_that_can_be_taken_away_do_not_count(void **state)
{
	struct tree *t = *state;

	put_verbs(t, "mlx5_core");
	scan_tree(t);
	assert_unused(t, NIC);
}

static void test_counters_of_a_process_keep_the_uncore_devices(void **state)
{
	struct tree *t = *state;

	put_pci(t, HOST "/0000:00:07.0", "pci:v00008086d00002041sv00000000sd00000000bc11sc01i00",
		"skx_uncore");
	put_nvme(t);
	put_process(t, "42", "perf\n");
	scan_tree(t);
	assert_unused(t, HOST "/0000:00:07.0");
	put_descriptor(t, "42", "3", "anon_inode:[perf_event]");
	scan_tree(t);
	assert_used(t, HOST "/0000:00:07.0", USE_OPEN,
		    "process 42 (perf) counts events (perf_event), perhaps on it");
	assert_unused(t, NVME);
}

/*
 * BARs.
 */

static void test_open_resource_of_an_unbound_function_is_a_use(void **state)
{
	struct tree *t = *state;

	put_pci(t, HBA, FPGA_ID, NULL);
	put_holder(t, "/sys" HBA "/resource4");
	scan_tree(t);
	assert_used(t, HBA, USE_OPEN, "process 42 (tool) holds resource4 of 0000:00:04.0");
}

static void test_mapped_resource_is_a_use_when_its_descriptor_is_closed(void **state)
{
	struct tree *t = *state;

	put_pci(t, HBA, FPGA_ID, NULL);
	put_process(t, "42", "tool\n");
	put(t, "/proc/42/maps",
	    "55d0c0000000-55d0c0001000 r--p 00000000 fe:00 1311 /usr/bin/tool\n"
	    "7f1200000000-7f1200100000 rw-s 00000000 00:17 9911 /sys" HBA "/resource0_wc\n"
	    "7ffd00000000-7ffd00021000 rw-p 00000000 00:00 0 [stack]\n");
	scan_tree(t);
	assert_used(t, HBA, USE_OPEN, "process 42 (tool) holds resource0_wc of 0000:00:04.0");
}

static void test_mapped_node_is_a_use_when_its_descriptor_is_closed(void **state)
{
	struct tree *t = *state;

	put_pci(t, HBA, HBA_ID, "hfi1");
	put_class(t, "hfi1_user", HBA "/hfi1_user/hfi1_0");
	put_process(t, "42", "mpirun\n");
	put(t, "/proc/42/maps", "7f1200000000-7f1200100000 rw-s 00000000 00:05 88 /dev/hfi1_0\n");
	scan_tree(t);
	assert_used(t, HBA, USE_OPEN, "process 42 (mpirun) holds /dev/hfi1_0");
}

/*
 * Targets in the kernel.
 */

#define CONFIG "/sys/kernel/config"

static void test_namespace_that_nvmet_serves_is_in_use(void **state)
{
	struct tree *t = *state;

	put_nvme(t);
	put(t, CONFIG "/nvmet/subsystems/lab/namespaces/1/device_path", "/dev/nvme1n1\n");
	put(t, CONFIG "/nvmet/subsystems/lab/namespaces/1/enable", "0\n");
	scan_tree(t);
	assert_unused(t, NVME);
	put(t, CONFIG "/nvmet/subsystems/lab/namespaces/1/enable", "1\n");
	scan_tree(t);
	assert_used(t, NVME, USE_EXPORT, "nvmet serves nvme1n1");
}

static void test_disk_that_lio_serves_is_in_use(void **state)
{
	struct tree *t = *state;

	put_nvme(t);
	put(t, CONFIG "/target/core/iblock_0/lun0/enable", "1\n");
	put(t, CONFIG "/target/core/iblock_0/lun0/udev_path", "/dev/nvme1n1\n");
	scan_tree(t);
	assert_used(t, NVME, USE_EXPORT, "LIO serves nvme1n1");
}

static void test_disk_that_lio_serves_as_a_file_is_in_use(void **state)
{
	struct tree *t = *state;

	put_nvme(t);
	put(t, CONFIG "/target/core/fileio_0/lun0/enable", "1\n");
	put(t, CONFIG "/target/core/fileio_0/lun0/info",
	    "Status: ACTIVATED  Max Queue Depth: 0\n"
	    "        TCM FILEIO ID: 0        File: /dev/nvme1n1  Size: 1073741824\n");
	scan_tree(t);
	assert_used(t, NVME, USE_EXPORT, "LIO serves nvme1n1");
}

static void test_tape_that_lio_passes_through_is_in_use(void **state)
{
	static const char lun[] = HBA "/host3/target3:0:0/3:0:0:0";
	struct tree *t = *state;

	put_pci(t, HBA, HBA_ID, "mpt3sas");
	put_device(t, lun, "scsi", "st");
	put_class(t, "scsi_tape", HBA "/host3/target3:0:0/3:0:0:0/scsi_tape/st0");
	put(t, CONFIG "/target/core/pscsi_0/tape/enable", "1\n");
	put(t, CONFIG "/target/core/pscsi_0/tape/udev_path", "/dev/st0\n");
	scan_tree(t);
	assert_used(t, lun, USE_EXPORT, "LIO serves /dev/st0");
}

static void test_disk_that_rnbd_serves_is_in_use(void **state)
{
	struct tree *t = *state;

	put_nvme(t);
	put_link(t, "/sys/class/rnbd-server/ctl/devices/a/block_dev",
		 "/sys" NVME "/nvme/nvme1/nvme1n1");
	scan_tree(t);
	assert_used(t, NVME, USE_EXPORT, "rnbd serves nvme1n1");
}

static void test_process_and_target_are_both_told(void **state)
{
	struct tree *t = *state;

	put_nvme(t);
	put(t, CONFIG "/nvmet/subsystems/lab/namespaces/1/device_path", "/dev/nvme1n1\n");
	put_holder(t, "/dev/nvme1n1");
	scan_tree(t);
	assert_used(t, NVME, USE_OPEN,
		    "process 42 (tool) holds /dev/nvme1n1; nvmet serves nvme1n1");
}

/*
 * Who must not see.
 */

static void test_what_must_not_be_seen_counts_as_used(void **state)
{
	static const char why[] =
		"whether a process has it open could not be asked: EACCES on /proc/*/fd";
	struct tree *t = *state;
	char path[256];

	put_nvme(t);
	put_pci(t, HBA, HBA_ID, "hfi1");
	put_class(t, "hfi1_user", HBA "/hfi1_user/hfi1_0");
	put_pci(t, NIC, NIC_ID, "e1000e");
	put_process(t, "42", "tool\n");
	snprintf(path, sizeof(path), "%s/proc/42/fd", t->dir);
	assert_int_equal(chmod(path, 0), 0);
	assert_int_equal(chmod(t->dir, 0755), 0);
	/* Of root as well: file access goes by this identity. */
	setfsuid(65534);
	scan_tree(t);
	setfsuid(geteuid());
	assert_int_equal(chmod(path, 0755), 0);
	assert_used(t, NVME, USE_UNKNOWN, why);
	assert_used(t, HBA, USE_UNKNOWN, why);
	assert_unused(t, NIC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TREE_TEST(test_variant_drivers_of_vfio_are_in_use_by_their_group),
		TREE_TEST(test_every_device_of_a_held_group_is_in_use),
		TREE_TEST(test_vfio_device_node_is_a_use),
		TREE_TEST(test_vfio_without_groups_is_free_when_nobody_has_its_node),
		TREE_TEST(test_vfio_device_of_a_process_that_is_not_told_may_be_any),
		TREE_TEST(test_spare_vfio_device_is_free_beside_one_that_is_used),
		TREE_TEST(test_raw_disk_of_a_virtual_machine_is_in_use),
		TREE_TEST(test_reader_of_a_disk_does_not_count),
		TREE_TEST(test_descriptor_of_a_disk_without_flags_counts_as_written),
		TREE_TEST(test_raw_partition_keeps_the_disk),
		TREE_TEST(test_raw_logical_volume_keeps_what_it_lies_on),
		TREE_TEST(test_mount_tells_more_than_who_has_its_disk_open),
		TREE_TEST(test_nodes_count_by_their_class),
		TREE_TEST(test_verbs_count_where_the_driver_waits_for_them),
		TREE_TEST(test_verbs_that_can_be_taken_away_do_not_count),
		TREE_TEST(test_counters_of_a_process_keep_the_uncore_devices),
		TREE_TEST(test_open_resource_of_an_unbound_function_is_a_use),
		TREE_TEST(test_mapped_resource_is_a_use_when_its_descriptor_is_closed),
		TREE_TEST(test_mapped_node_is_a_use_when_its_descriptor_is_closed),
		TREE_TEST(test_namespace_that_nvmet_serves_is_in_use),
		TREE_TEST(test_disk_that_lio_serves_is_in_use),
		TREE_TEST(test_disk_that_lio_serves_as_a_file_is_in_use),
		TREE_TEST(test_tape_that_lio_passes_through_is_in_use),
		TREE_TEST(test_disk_that_rnbd_serves_is_in_use),
		TREE_TEST(test_process_and_target_are_both_told),
		TREE_TEST(test_what_must_not_be_seen_counts_as_used),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
