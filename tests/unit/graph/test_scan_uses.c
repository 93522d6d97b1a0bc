// SPDX-License-Identifier: GPL-2.0-or-later
/* Links and network disks, VFIO, consoles, watchdogs, and nodes that a process holds open. */
#include "unit/graph/test_scan_tree.h"

#define NIC    "/devices/pci0000:00/0000:00:04.0"
#define NIC_ID "pci:v00008086d000010D3sv00008086sd0000A01Fbc02sc00i00"

static void put_nic(const struct tree *t, const char *flags)
{
	put_pci(t, NIC, NIC_ID, "e1000e");
	put_in(t, NIC "/net/eth0", "flags", flags);
	put_in(t, NIC "/net/eth0", "ifindex", "2");
	put_in(t, NIC "/net/eth0", "carrier", "1");
	put_class(t, "net", NIC "/net/eth0");
}

static const struct netlink_if *link_named(const struct tree *t, const char *name)
{
	for (size_t i = 0; i < t->graph->link_count; i++)
		if (!strcmp(t->graph->links[i]->name, name))
			return t->graph->links[i];
	fail_msg("no link %s", name);
	return NULL;
}

static void test_link_knows_its_master_and_what_is_above(void **state)
{
	struct tree *t = *state;
	const struct netlink_if *eth0, *bond0;

	put_nic(t, "0x1803");
	put_link_in(t, NIC "/net/eth0", "master", "/devices/virtual/net/bond0");
	put_link_in(t, NIC "/net/eth0", "upper_bond0", "/devices/virtual/net/bond0");
	put_in(t, "/devices/virtual/net/bond0", "flags", "0x1403");
	put_link_in(t, "/devices/virtual/net/bond0", "upper_bond0.7",
		    "/devices/virtual/net/bond0.7");
	put_class(t, "net", "/devices/virtual/net/bond0");
	put_in(t, "/devices/virtual/net/bond0.7", "flags", "0x1003");
	put_class(t, "net", "/devices/virtual/net/bond0.7");
	scan_tree(t);
	assert_int_equal(scan_details(t->root, t->graph), 0);
	eth0 = link_named(t, "eth0");
	bond0 = link_named(t, "bond0");
	assert_ptr_equal(eth0->owner, device_at(t, NIC));
	assert_int_equal(eth0->index, 2);
	assert_true(eth0->is_up);
	assert_true(eth0->has_carrier);
	assert_string_equal(eth0->master, "bond0");
	assert_int_equal(eth0->upper_count, 1);
	assert_null(bond0->owner);
	assert_int_equal(bond0->upper_count, 1);
	assert_string_equal(bond0->uppers[0], "bond0.7");
	assert_unused(t, NIC);
	assert_true(device_has_class(device_at(t, NIC), "net"));
}

static void put_nbd(const struct tree *t)
{
	put_disk(t, "/devices/virtual/block/nbd0", "43:0");
	put_in(t, "/devices/virtual/block/nbd0", "pid", "812\n");
}

static void test_nbd_puts_the_link_in_use(void **state)
{
	struct tree *t = *state;

	put_nic(t, "0x1003");
	put_nbd(t);
	scan_tree(t);
	assert_used(t, NIC, USE_NETDISK, "NBD nbd0 through eth0");
}

static void test_nbd_that_is_not_connected_uses_nothing(void **state)
{
	struct tree *t = *state;

	put_nic(t, "0x1003");
	put_disk(t, "/devices/virtual/block/nbd0", "43:0");
	scan_tree(t);
	assert_unused(t, NIC);
}

static void test_link_that_is_down_carries_no_disk(void **state)
{
	struct tree *t = *state;

	put_nic(t, "0x1002");
	put_nbd(t);
	scan_tree(t);
	assert_unused(t, NIC);
}

static void test_network_file_system_puts_the_link_in_use(void **state)
{
	struct tree *t = *state;

	put_nic(t, "0x1003");
	put_nbd(t);
	put(t, "/proc/self/mountinfo", "40 1 0:45 / /home rw - nfs4 srv:/home rw,proto=tcp\n");
	scan_tree(t);
	assert_used(t, NIC, USE_NETDISK, "NBD nbd0 and 1 more through eth0");
	assert_int_equal(scan_recheck(t->root, t->graph, device_at(t, NIC)), 1);
}

static void test_iscsi_disk_goes_before_the_link(void **state)
{
	static const char lun[] = "/devices/platform/host2/session1/target2:0:0/2:0:0:0";
	struct tree *t = *state;

	put_nic(t, "0x1003");
	put_device(t, lun, "scsi", "sd");
	put_disk(t, "/devices/platform/host2/session1/target2:0:0/2:0:0:0/block/sdb", "8:16");
	scan_tree(t);
	assert_used(t, NIC, USE_NETDISK, "iSCSI sdb through eth0");
	assert_int_equal(t->graph->edge_count, 1);
	assert_int_equal(t->graph->edges[0].kind, EDGE_HOLDER);
	assert_ptr_equal(t->graph->edges[0].first, device_at(t, lun));
	assert_ptr_equal(t->graph->edges[0].then, device_at(t, NIC));
}

static void test_nvme_over_fabrics_puts_the_link_in_use(void **state)
{
	static const char subsystem[] = "/devices/virtual/nvme-subsystem/nvme-subsys0";
	struct tree *t = *state;

	put_nic(t, "0x1003");
	put_link_in(t, subsystem, "nvme0", "/devices/virtual/nvme-fabrics/ctl/nvme0");
	put_disk(t, "/devices/virtual/nvme-subsystem/nvme-subsys0/nvme0n1", "259:0");
	scan_tree(t);
	assert_used(t, NIC, USE_NETDISK, "NVMe-oF nvme0n1 through eth0");
}

static void test_nvme_over_fibre_channel_keeps_the_adapters(void **state)
{
	static const char subsystem[] = "/devices/virtual/nvme-subsystem/nvme-subsys0";
	static const char adapter[] = "/devices/pci0000:00/0000:00:06.0";
	struct tree *t = *state;

	put_nic(t, "0x1003");
	put_pci(t, adapter, "pci:v000010DFd0000F400sv000010DFsd0000F400bc0Csc04i00", "lpfc");
	put_class(t, "fc_host", "/devices/pci0000:00/0000:00:06.0/host3/fc_host/host3");
	put_in(t, "/devices/virtual/nvme-fabrics/ctl/nvme0", "transport", "fc\n");
	put_link_in(t, subsystem, "nvme0", "/devices/virtual/nvme-fabrics/ctl/nvme0");
	put_disk(t, "/devices/virtual/nvme-subsystem/nvme-subsys0/nvme0n1", "259:0");
	claims_are(t, "nvme0n1 busy\n");
	put(t, "/proc/self/mountinfo", "25 1 259:0 / / rw - ext4 /dev/nvme0n1 rw\n");
	scan_tree(t);
	assert_used(t, adapter, USE_MOUNT, "ext4 on / through nvme0n1");
	assert_unused(t, NIC);
}

static void test_virtiofs_keeps_its_device(void **state)
{
	static const char path[] = "/devices/pci0000:00/0000:00:05.0/virtio2";
	struct tree *t = *state;

	put_device(t, path, "virtio", "virtiofs");
	put(t, "/proc/self/mountinfo", "25 1 0:40 / /mnt rw - virtiofs share rw\n");
	scan_tree(t);
	assert_used(t, path, USE_MOUNT, "virtiofs on /mnt");
	assert_int_equal(scan_recheck(t->root, t->graph, device_at(t, path)), 1);
	put(t, "/proc/self/mountinfo", "");
	assert_int_equal(scan_recheck(t->root, t->graph, device_at(t, path)), 0);
}

static void put_vfio(const struct tree *t, const char *answer)
{
	put_pci(t, NIC, NIC_ID, "vfio-pci");
	put_link_in(t, NIC, "iommu_group", "/kernel/iommu_groups/12");
	claims_are(t, answer);
}

static void test_busy_vfio_group_is_a_use(void **state)
{
	struct tree *t = *state;

	put_vfio(t, "vfio/12 busy\n");
	scan_tree(t);
	assert_used(t, NIC, USE_VFIO, "a user of VFIO group 12");
}

static void test_free_vfio_group_is_no_use(void **state)
{
	struct tree *t = *state;

	put_vfio(t, "vfio/12 free\n");
	scan_tree(t);
	assert_unused(t, NIC);
}

static void test_vfio_group_that_cannot_be_asked_counts_as_used(void **state)
{
	struct tree *t = *state;

	put_vfio(t, "vfio/12 EACCES\n");
	scan_tree(t);
	assert_used(t, NIC, USE_UNKNOWN,
		    "whether its VFIO group is in use could not be asked: EACCES");
}

static void test_active_console_is_a_use(void **state)
{
	struct tree *t = *state;

	put_device(t, "/devices/pnp0/00:04", "pnp", "serial");
	put_in(t, "/devices/pnp0/00:04/tty/ttyS0", "dev", "4:64");
	put_link(t, "/sys/dev/char/4:64", "/sys/devices/pnp0/00:04/tty/ttyS0");
	put(t, "/proc/consoles",
	    "tty0                 -WU (EC  p  )    4:1\n"
	    "ttyS0                -W- (E   p a)    4:64\n");
	scan_tree(t);
	assert_used(t, "/devices/pnp0/00:04", USE_CONSOLE, "active console ttyS0");
}

static void test_disabled_console_is_no_use(void **state)
{
	struct tree *t = *state;

	put_device(t, "/devices/pnp0/00:04", "pnp", "serial");
	put_link(t, "/sys/dev/char/4:64", "/sys/devices/pnp0/00:04/tty/ttyS0");
	put(t, "/proc/consoles", "ttyS0                -W- (    p a)    4:64\n");
	scan_tree(t);
	assert_unused(t, "/devices/pnp0/00:04");
}

static void test_framebuffer_with_consoles_is_the_boot_display(void **state)
{
	struct tree *t = *state;

	put_pci(t, NIC, "pci:v00001234d00001111sv00001AF4sd00001100bc03sc80i00", "bochs-drm");
	put_class(t, "graphics", NIC "/graphics/fb0");
	put_class(t, "vtconsole", "/devices/virtual/vtconsole/vtcon0");
	put_in(t, "/devices/virtual/vtconsole/vtcon0", "name", "(S) dummy device");
	put_class(t, "vtconsole", "/devices/virtual/vtconsole/vtcon1");
	put_in(t, "/devices/virtual/vtconsole/vtcon1", "name", "(M) frame buffer device");
	put_in(t, "/devices/virtual/vtconsole/vtcon1", "bind", "1");
	scan_tree(t);
	assert_int_equal(t->graph->fbcon_count, 1);
	assert_string_equal(t->graph->fbcons[0].path, "/sys/class/vtconsole/vtcon1");
	assert_true(t->graph->fbcons[0].is_bound);
	assert_int_equal(t->graph->framebuffer_count, 1);
	assert_ptr_equal(t->graph->framebuffers[0].owner, device_at(t, NIC));
	assert_true(device_at(t, NIC)->pci->is_boot_display);
}

static void put_watchdog(const struct tree *t, const char *state)
{
	static const char path[] = "/devices/platform/iTCO_wdt/watchdog/watchdog0";

	put_device(t, "/devices/platform/iTCO_wdt", "platform", "iTCO_wdt");
	put_class(t, "watchdog", path);
	put_in(t, path, "state", state);
	put_in(t, path, "timeout", "30");
	put_in(t, path, "nowayout", "1");
}

static void test_running_watchdog_is_a_use(void **state)
{
	struct tree *t = *state;

	put_watchdog(t, "active\n");
	scan_tree(t);
	assert_used(t, "/devices/platform/iTCO_wdt", USE_WATCHDOG,
		    "watchdog0 runs (30 s, cannot be stopped)");
	assert_true(t->graph->watchdogs[0].is_running);
}

static void test_stopped_watchdog_is_no_use(void **state)
{
	struct tree *t = *state;

	put_watchdog(t, "inactive\n");
	scan_tree(t);
	assert_unused(t, "/devices/platform/iTCO_wdt");
	put_in(t, "/devices/platform/iTCO_wdt/watchdog/watchdog0", "state", "active\n");
	assert_int_equal(
		scan_recheck(t->root, t->graph, device_at(t, "/devices/platform/iTCO_wdt")), 1);
}

static void test_open_sound_device_is_a_use(void **state)
{
	static const char card[] = "/devices/pci0000:00/0000:00:1b.0";
	struct tree *t = *state;
	char path[256];

	put_pci(t, card, "pci:v00008086d0000293Esv00001AF4sd00001100bc04sc03i00", "snd_hda_intel");
	put_class(t, "sound", "/devices/pci0000:00/0000:00:1b.0/sound/card0/pcmC0D0p");
	put(t, "/proc/812/comm", "aplay\n");
	put(t, "/proc/812/fd/.keep", "");
	snprintf(path, sizeof(path), "%s/proc/812/fd/5", t->dir);
	assert_int_equal(symlink("/dev/snd/pcmC0D0p", path), 0);
	scan_tree(t);
	assert_used(t, card, USE_OPEN, "process 812 (aplay) holds /dev/snd/pcmC0D0p");
	unlink(path);
	assert_int_equal(scan_recheck(t->root, t->graph, device_at(t, card)), 0);
}

/* The same card through OSS's nodes, which lie directly in /dev. */
static void test_open_oss_device_is_a_use(void **state)
{
	static const char card[] = "/devices/pci0000:00/0000:00:1b.0";
	struct tree *t = *state;
	char path[256];

	put_pci(t, card, "pci:v00008086d0000293Esv00001AF4sd00001100bc04sc03i00", "snd_hda_intel");
	put_class(t, "sound", "/devices/pci0000:00/0000:00:1b.0/sound/card0/dsp");
	put(t, "/proc/812/comm", "madplay\n");
	put(t, "/proc/812/fd/.keep", "");
	snprintf(path, sizeof(path), "%s/proc/812/fd/5", t->dir);
	assert_int_equal(symlink("/dev/dsp", path), 0);
	scan_tree(t);
	assert_used(t, card, USE_OPEN, "process 812 (madplay) holds /dev/dsp");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TREE_TEST(test_link_knows_its_master_and_what_is_above),
		TREE_TEST(test_nbd_puts_the_link_in_use),
		TREE_TEST(test_nbd_that_is_not_connected_uses_nothing),
		TREE_TEST(test_link_that_is_down_carries_no_disk),
		TREE_TEST(test_network_file_system_puts_the_link_in_use),
		TREE_TEST(test_iscsi_disk_goes_before_the_link),
		TREE_TEST(test_nvme_over_fabrics_puts_the_link_in_use),
		TREE_TEST(test_nvme_over_fibre_channel_keeps_the_adapters),
		TREE_TEST(test_virtiofs_keeps_its_device),
		TREE_TEST(test_busy_vfio_group_is_a_use),
		TREE_TEST(test_free_vfio_group_is_no_use),
		TREE_TEST(test_vfio_group_that_cannot_be_asked_counts_as_used),
		TREE_TEST(test_active_console_is_a_use),
		TREE_TEST(test_disabled_console_is_no_use),
		TREE_TEST(test_framebuffer_with_consoles_is_the_boot_display),
		TREE_TEST(test_running_watchdog_is_a_use),
		TREE_TEST(test_stopped_watchdog_is_no_use),
		TREE_TEST(test_open_sound_device_is_a_use),
		TREE_TEST(test_open_oss_device_is_a_use),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
