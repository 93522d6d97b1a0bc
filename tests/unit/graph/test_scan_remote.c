// SPDX-License-Identifier: GPL-2.0-or-later
/* Links and mounts in other namespaces, and what network disks need below them. */
#include "test_scan_tree.h"

#define HOST	"/devices/pci0000:00"
#define NIC	HOST "/0000:00:19.0"
#define NVME	HOST "/0000:00:03.0"

#define NIC_ID	"pci:v00008086d000010FBsv00008086sd00000000bc02sc00i00"
#define WIFI_ID "pci:v00008086d00002723sv00008086sd00000000bc02sc80i00"
#define NVME_ID "pci:v0000144Dd0000A824sv0000144Dsd00000000bc01sc08i02"

static void put_net(const struct tree *t, const char *path, const char *flags)
{
	put_in(t, path, "flags", flags);
	put_in(t, path, "ifindex", "2");
	put_class(t, "net", path);
}

/* Every namespace has it. */
static void put_loopback(const struct tree *t)
{
	put_net(t, "/devices/virtual/net/lo", "0x9");
}

static void test_function_whose_link_cannot_be_seen_is_unknown(void **state)
{
	struct tree *t = *state;

	put_loopback(t);
	put_pci(t, NIC, NIC_ID, "ixgbe");
	scan_tree(t);
	assert_used(t, NIC, USE_UNKNOWN, "a network function, and no link of it can be seen");
}

static void test_function_with_its_link_is_free(void **state)
{
	struct tree *t = *state;

	put_loopback(t);
	put_pci(t, NIC, NIC_ID, "ixgbe");
	put_net(t, NIC "/net/eth0", "0x1003");
	scan_tree(t);
	assert_unused(t, NIC);
}

/* sysfs lists no link there, and counts one. */
static void test_link_that_a_container_has_is_a_use(void **state)
{
	struct tree *t = *state;

	put_loopback(t);
	put_pci(t, NIC, NIC_ID, "ixgbe");
	put_in(t, NIC "/net/hidden", "ifindex", "7");
	scan_tree(t);
	assert_used(t, NIC, USE_NETNS, "1 network link of it in another network namespace");
	assert_null(device_at(t, NIC)->uses->next);
}

static void test_second_link_of_a_function_is_seen_to_be_missing(void **state)
{
	struct tree *t = *state;

	put_loopback(t);
	put_pci(t, NIC, NIC_ID, "mlx4_core");
	put_net(t, NIC "/net/eth0", "0x1003");
	put_in(t, NIC "/net/hidden", "ifindex", "7");
	scan_tree(t);
	assert_used(t, NIC, USE_NETNS, "1 network link of it in another network namespace");
}

static void test_link_of_a_usb_adapter_that_a_container_has_is_a_use(void **state)
{
	static const char adapter[] = HOST "/0000:00:14.0/usb1/1-2/1-2:1.0";
	struct tree *t = *state;

	put_loopback(t);
	put_device(t, adapter, "usb", "r8152");
	put_in(t, HOST "/0000:00:14.0/usb1/1-2/1-2:1.0/net/hidden", "ifindex", "7");
	scan_tree(t);
	assert_used(t, adapter, USE_NETNS, "1 network link of it in another network namespace");
}

static void test_radio_that_a_container_has_is_a_use(void **state)
{
	struct tree *t = *state;

	put_loopback(t);
	put_pci(t, NIC, WIFI_ID, "iwlwifi");
	/* The kernel has the class for as long as it knows radios at all, whoever has them. */
	put_class(t, "ieee80211", "/devices/virtual/ieee80211/phy1");
	put_in(t, NIC "/ieee80211/phy0", "index", "0");
	scan_tree(t);
	assert_used(t, NIC, USE_NETNS, "1 network link of it in another network namespace");
}

static void test_radio_without_a_link_is_free(void **state)
{
	struct tree *t = *state;

	put_loopback(t);
	put_pci(t, NIC, WIFI_ID, "iwlwifi");
	put_class(t, "ieee80211", NIC "/ieee80211/phy0");
	scan_tree(t);
	assert_unused(t, NIC);
}

static void test_functions_that_are_no_links_of_the_host_are_not_asked_for_one(void **state)
{
	static const char *const drivers[] = { "vfio-pci", "virtio-pci", "pci-stub" };
	struct tree *t = *state;
	char path[64];

	put_loopback(t);
	claims_are(t, "vfio/1 free\n");
	for (unsigned int i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), HOST "/0000:00:1%u.0", i);
		put_pci(t, path, NIC_ID, drivers[i]);
		put_link_in(t, path, "iommu_group", "/kernel/iommu_groups/1");
	}
	put_pci(t, HOST "/0000:00:19.0", NIC_ID, "uio_pci_generic");
	put_class(t, "uio", HOST "/0000:00:19.0/uio/uio0");
	put_pci(t, HOST "/0000:00:1a.0", NIC_ID, "hfi1");
	put_class(t, "infiniband", HOST "/0000:00:1a.0/infiniband/hfi1_0");
	scan_tree(t);
	for (size_t i = 0; i < t->graph->device_count; i++)
		assert_unused(t, t->graph->devices[i]->path);
}

static void test_link_below_a_virtio_device_is_its_functions(void **state)
{
	struct tree *t = *state;

	put_loopback(t);
	put_pci(t, NIC, NIC_ID, "virtio-pci");
	put_device(t, NIC "/virtio3", "virtio", "virtio_net");
	put_in(t, NIC "/virtio3/net/hidden", "ifindex", "7");
	scan_tree(t);
	assert_used(t, NIC "/virtio3", USE_NETNS,
		    "1 network link of it in another network namespace");
}

/*
 * Mount namespaces.
 */

static void put_namespace(const struct tree *t, const char *pid, const char *comm,
			  const char *number, const char *mountinfo)
{
	char path[256], target[64];

	snprintf(path, sizeof(path), "/proc/%s/comm", pid);
	put(t, path, comm);
	snprintf(path, sizeof(path), "/proc/%s/mountinfo", pid);
	put(t, path, mountinfo);
	snprintf(path, sizeof(path), "/proc/%s/ns/.keep", pid);
	put(t, path, "");
	snprintf(path, sizeof(path), "%s/proc/%s/ns/mnt", t->dir, pid);
	snprintf(target, sizeof(target), "mnt:[%s]", number);
	assert_int_equal(symlink(target, path), 0);
}

static void put_own_namespace(const struct tree *t)
{
	put_namespace(t, "self", "kexit\n", "4026531841", "");
}

static void put_nic(const struct tree *t)
{
	put_pci(t, NIC, NIC_ID, "ixgbe");
	put_net(t, NIC "/net/eth0", "0x1003");
}

static void test_nfs_in_a_container_puts_the_link_in_use(void **state)
{
	struct tree *t = *state;

	put_nic(t);
	put_own_namespace(t);
	put_namespace(t, "42", "pod\n", "4026532200",
		      "90 1 0:51 / /data rw - nfs4 srv:/data rw,proto=tcp\n");
	scan_tree(t);
	assert_used(t, NIC, USE_NETDISK,
		    "nfs4 on /data in the mount namespace of process 42 (pod) through eth0");
}

static void test_mount_that_a_namespace_was_born_with_is_told_once(void **state)
{
	static const char home[] = "40 1 0:45 / /home rw - nfs4 srv:/home rw\n";
	struct tree *t = *state;

	put_nic(t);
	put_namespace(t, "self", "kexit\n", "4026531841", home);
	put_namespace(t, "42", "pod\n", "4026532200", home);
	scan_tree(t);
	assert_used(t, NIC, USE_NETDISK, "nfs4 on /home through eth0");
}

/* Of whichever process comes first: that is the file system's to say. */
static void test_each_namespace_is_read_once(void **state)
{
	struct tree *t = *state;
	const struct use *use;

	put_nic(t);
	put_own_namespace(t);
	put_namespace(t, "42", "pod\n", "4026532200", "90 1 0:51 / /a rw - nfs4 srv:/a rw\n");
	put_namespace(t, "43", "pod\n", "4026532200", "91 1 0:52 / /b rw - nfs4 srv:/b rw\n");
	scan_tree(t);
	use = device_at(t, NIC)->uses;
	assert_non_null(use);
	assert_null(use->next);
}

static void test_disk_that_only_a_container_has_mounted_is_in_use(void **state)
{
	struct tree *t = *state;

	put_pci(t, NVME, NVME_ID, "nvme");
	put_disk(t, NVME "/nvme/nvme0/nvme0n1", "259:0");
	put_own_namespace(t);
	put_namespace(t, "42", "pod\n", "4026532200", "90 1 259:0 / / rw - xfs /dev/nvme0n1 rw\n");
	scan_tree(t);
	assert_used(t, NVME, USE_MOUNT,
		    "xfs on / in the mount namespace of process 42 (pod) through nvme0n1");
}

static void test_root_of_a_container_does_not_hide_a_mount_of_ones_own(void **state)
{
	struct tree *t = *state;

	put_pci(t, NVME, NVME_ID, "nvme");
	put_disk(t, NVME "/nvme/nvme0/nvme0n1", "259:0");
	put_namespace(t, "self", "kexit\n", "4026531841",
		      "40 1 259:0 / /srv rw - xfs /dev/nvme0n1 rw\n");
	put_namespace(t, "42", "pod\n", "4026532200",
		      "90 1 259:0 /pod / rw - xfs /dev/nvme0n1 rw\n");
	scan_tree(t);
	assert_used(t, NVME, USE_MOUNT, "xfs on /srv through nvme0n1");
}

static void test_file_system_that_no_mountinfo_shows_is_in_use(void **state)
{
	struct tree *t = *state;

	put_pci(t, NVME, NVME_ID, "nvme");
	put_disk(t, NVME "/nvme/nvme0/nvme0n1", "259:0");
	put(t, "/sys/fs/xfs/nvme0n1/stats/.keep", "");
	scan_tree(t);
	assert_used(t, NVME, USE_MOUNT, "xfs (mount not seen) through nvme0n1");
}

static void test_journal_on_a_disk_of_its_own_is_in_use(void **state)
{
	struct tree *t = *state;

	put_pci(t, NVME, NVME_ID, "nvme");
	put_disk(t, NVME "/nvme/nvme0/nvme0n1", "259:0");
	put(t, "/proc/fs/jbd2/sda1-8/info", "");
	put(t, "/proc/fs/jbd2/nvme0n1/info", "");
	scan_tree(t);
	assert_used(t, NVME, USE_MOUNT, "ext4 journal (mount not seen) through nvme0n1");
}

/*
 * Network disks.
 */

static void test_fcoe_on_a_vlan_keeps_the_link_below(void **state)
{
	static const char lun[] = "/devices/virtual/net/eth0.100/ctlr_0/host3/rport-3:0-1/"
				  "target3:0:0/3:0:0:0";
	struct tree *t = *state;
	char path[256];

	put_nic(t);
	put_net(t, "/devices/virtual/net/eth0.100", "0x1003");
	put_device(t, lun, "scsi", "sd");
	snprintf(path, sizeof(path), "%s/block/sda", lun);
	put_disk(t, path, "8:0");
	claims_are(t, "sda busy\n");
	put(t, "/proc/self/mountinfo", "22 1 8:0 / / rw - ext4 /dev/sda rw\n");
	scan_tree(t);
	assert_used(t, NIC, USE_NETDISK, "FCoE sda through eth0");
	assert_used(t, lun, USE_MOUNT, "ext4 on / through sda");
	assert_int_equal(t->graph->edge_count, 1);
	assert_ptr_equal(t->graph->edges[0].first, device_at(t, lun));
	assert_ptr_equal(t->graph->edges[0].then, device_at(t, NIC));
}

/* The links that carry a bond below a bridge are up, and say nothing of what is above. */
static void test_iscsi_over_a_bridge_over_a_bond_keeps_both_links(void **state)
{
	static const char lun[] = "/devices/platform/host2/session1/target2:0:0/2:0:0:0";
	struct tree *t = *state;

	put_nic(t);
	put_pci(t, HOST "/0000:00:1a.0", NIC_ID, "ixgbe");
	put_net(t, HOST "/0000:00:1a.0/net/eth1", "0x1803");
	put_net(t, "/devices/virtual/net/bond0", "0x1403");
	put_net(t, "/devices/virtual/net/bond0.7", "0x1003");
	put_net(t, "/devices/virtual/net/br0", "0x1003");
	put_device(t, lun, "scsi", "sd");
	put_disk(t, "/devices/platform/host2/session1/target2:0:0/2:0:0:0/block/sdb", "8:16");
	scan_tree(t);
	assert_used(t, NIC, USE_NETDISK, "iSCSI sdb through eth0");
	assert_used(t, HOST "/0000:00:1a.0", USE_NETDISK, "iSCSI sdb through eth1");
}

static void test_disk_that_a_process_serves_may_come_over_the_network(void **state)
{
	struct tree *t = *state;

	put_nic(t);
	put_disk(t, "/devices/virtual/block/ublkb0", "259:9");
	scan_tree(t);
	assert_used(t, NIC, USE_NETDISK, "ublk ublkb0 through eth0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TREE_TEST(test_function_whose_link_cannot_be_seen_is_unknown),
		TREE_TEST(test_function_with_its_link_is_free),
		TREE_TEST(test_link_that_a_container_has_is_a_use),
		TREE_TEST(test_second_link_of_a_function_is_seen_to_be_missing),
		TREE_TEST(test_link_of_a_usb_adapter_that_a_container_has_is_a_use),
		TREE_TEST(test_radio_that_a_container_has_is_a_use),
		TREE_TEST(test_radio_without_a_link_is_free),
		TREE_TEST(test_functions_that_are_no_links_of_the_host_are_not_asked_for_one),
		TREE_TEST(test_link_below_a_virtio_device_is_its_functions),
		TREE_TEST(test_nfs_in_a_container_puts_the_link_in_use),
		TREE_TEST(test_mount_that_a_namespace_was_born_with_is_told_once),
		TREE_TEST(test_each_namespace_is_read_once),
		TREE_TEST(test_disk_that_only_a_container_has_mounted_is_in_use),
		TREE_TEST(test_root_of_a_container_does_not_hide_a_mount_of_ones_own),
		TREE_TEST(test_file_system_that_no_mountinfo_shows_is_in_use),
		TREE_TEST(test_journal_on_a_disk_of_its_own_is_in_use),
		TREE_TEST(test_fcoe_on_a_vlan_keeps_the_link_below),
		TREE_TEST(test_iscsi_over_a_bridge_over_a_bond_keeps_both_links),
		TREE_TEST(test_disk_that_a_process_serves_may_come_over_the_network),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
