// SPDX-License-Identifier: GPL-2.0-or-later
/* The built-in rules on devices among others: which go with which, and which keep which. */
#include "unit/plan/test_plan_bench.h"

/* ---- what needs more than one device */

/* @child below a released @parent: goes along, and does not keep it. */
static void assert_follows(struct bench *b, struct device *child, struct device *parent)
{
	graph_link_parents(b->graph);
	builtin(b);
	make_plan(b);
	assert_fate(b, parent, FATE_RELEASE);
	assert_fate(b, child, FATE_FOLLOW);
	assert_ptr_equal(decision(b, child)->because, parent);
}

/* @child below a @parent that would go: stays, and keeps it. */
static void assert_keeps(struct bench *b, struct device *child, struct device *parent)
{
	graph_link_parents(b->graph);
	builtin(b);
	make_plan(b);
	assert_fate(b, child, FATE_LEAVE);
	assert_fate(b, parent, FATE_LEAVE);
	assert_ptr_equal(decision(b, parent)->because, child);
}

#define PCI "/devices/pci0000:00/"

static void sd_goes_with_ahci(void **state)
{
	struct bench *b = *state;
	struct device *ahci = add_pci(b, "0000:00:1f.2", "ahci", 0x010601);

	assert_follows(b, add(b, PCI "0000:00:1f.2/ata1/host0/target0:0:0/0:0:0:0", "scsi", "sd"),
		       ahci);
	assert_int_equal(decision(b, ahci)->deadline_ms, 180000);
}

static void a_keyboard_goes_with_its_controller_with_a_warning(void **state)
{
	struct bench *b = *state;
	struct device *xhci = add_pci(b, "0000:00:14.0", "xhci_hcd", 0x0c0330);
	struct device *key;

	add(b, PCI "0000:00:14.0/usb1", "usb", "usb");
	add(b, PCI "0000:00:14.0/usb1/1-1", "usb", "usb");
	key = add(b, PCI "0000:00:14.0/usb1/1-1/1-1:1.0", "usb", "usbhid");
	key->modalias = "usb:v046Dp0000d0000dc00dsc00dp00ic03isc01ip01in00";
	add(b, PCI "0000:00:14.0/usb1/1-1/1-1:1.0/0003:046D:0000.0001", "hid", "hid-generic");
	assert_follows(b, key, xhci);
	assert_int_equal(decision(b, key)->warning_count, 1);
}

static void a_usb_disk_lends_its_patience_to_the_controller(void **state)
{
	struct bench *b = *state;
	struct device *xhci = add_pci(b, "0000:00:14.0", "xhci_hcd", 0x0c0330);

	add(b, PCI "0000:00:14.0/usb1/1-2/1-2:1.0", "usb", "usb-storage");
	assert_follows(
		b,
		add(b, PCI "0000:00:14.0/usb1/1-2/1-2:1.0/host6/target6:0:0/6:0:0:0", "scsi", "sd"),
		xhci);
	assert_int_equal(decision(b, xhci)->deadline_ms, 180000);
}

static void a_usb_nic_goes_first_by_itself(void **state)
{
	struct bench *b = *state;
	struct device *xhci = add_pci(b, "0000:00:14.0", "xhci_hcd", 0x0c0330);
	struct device *nic = add(b, PCI "0000:00:14.0/usb1/1-1/1-1:1.0", "usb", "ax88179_178a");

	add_class(b, nic, "net");
	builtin(b);
	make_plan(b);
	assert_fate(b, nic, FATE_RELEASE);
	assert_true(waits(b, xhci, nic));
}

static void virtio_blk_goes_with_its_transport_and_lends_it_its_patience(void **state)
{
	struct bench *b = *state;
	struct device *mmio =
		add(b, "/devices/platform/a003e00.virtio_mmio", "platform", "virtio-mmio");

	assert_follows(
		b, add(b, "/devices/platform/a003e00.virtio_mmio/virtio0", "virtio", "virtio_blk"),
		mmio);
	assert_int_equal(decision(b, mmio)->deadline_ms, 180000);
}

static void virtiofs_keeps_its_transport(void **state)
{
	struct bench *b = *state;
	struct device *pci = add_pci(b, "0000:00:05.0", "virtio-pci", 0x018000);

	assert_keeps(b, add(b, PCI "0000:00:05.0/virtio0", "virtio", "virtiofs"), pci);
}

/* What sits on another device and is harmless: bus and driver, as they are found in sysfs. */
static void harmless_kinds_go_with_what_they_sit_on(void **state)
{
	static const char *const kinds[][2] = {
		{ "serio", "psmouse" },
		{ "serial-base", "port" },
		{ "bcma", "brcmsmac" },
		{ "ssb", "b43" },
		{ "media", "drv" },

		{ "memstick", "mspro_block" },
		{ "mei", "mei_hdcp" },
		{ "dsa", "dmaengine" },
		{ "soundwire", "rt711" },
		{ "usb-serial", "ftdi_sio" },
		{ "sdio", "ath10k_sdio" },
		{ "hid", "hid-generic" },
		{ "i2c", "at24" },
		{ "thunderbolt", "drv" },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct bench *b;
		struct device *parent, *child;

		bench_setup((void **)&b);
		parent = add_pci(b, "0000:00:05.0", "some", 0xff0000);
		child = add(b, PCI "0000:00:05.0/child", kinds[i][0], kinds[i][1]);
		assert_follows(b, child, parent);
		bench_teardown((void **)&b);
	}
	(void)state;
}

static void virtio_net_goes_with_virtio_mmio(void **state)
{
	struct bench *b = *state;
	struct device *mmio =
		add(b, "/devices/platform/a003e00.virtio_mmio", "platform", "virtio-mmio");
	struct device *net =
		add(b, "/devices/platform/a003e00.virtio_mmio/virtio0", "virtio", "virtio_net");

	add_class(b, net, "net");
	assert_follows(b, net, mmio);
}

static void virtio_iommu_keeps_its_transport(void **state)
{
	struct bench *b = *state;
	struct device *pci = add_pci(b, "0000:00:05.0", "virtio-pci", 0x080600);

	assert_keeps(b, add(b, PCI "0000:00:05.0/virtio0", "virtio", "virtio_iommu"), pci);
}

static void virtio_mem_keeps_its_transport(void **state)
{
	struct bench *b = *state;
	struct device *pci = add_pci(b, "0000:00:05.0", "virtio-pci", 0x00ff00);

	assert_keeps(b, add(b, PCI "0000:00:05.0/virtio0", "virtio", "virtio_mem"), pci);
}

static void virtio_gpu_keeps_its_transport(void **state)
{
	struct bench *b = *state;
	struct device *pci = add_pci(b, "0000:00:05.0", "virtio-pci", 0x038000);
	struct device *gpu = add(b, PCI "0000:00:05.0/virtio0", "virtio", "virtio_gpu");

	add_class(b, gpu, "drm");
	assert_keeps(b, gpu, pci);
}

static void a_virtio_console_in_use_keeps_its_transport(void **state)
{
	struct bench *b = *state;
	struct device *pci = add_pci(b, "0000:00:05.0", "virtio-pci", 0x078000);
	struct device *console = add(b, PCI "0000:00:05.0/virtio0", "virtio", "virtio_console");

	graph_add_use(b->graph, console, USE_CONSOLE, "console hvc0");
	assert_keeps(b, console, pci);
}

static void a_virtio_console_that_nobody_uses_goes(void **state)
{
	struct bench *b = *state;
	struct device *pci = add_pci(b, "0000:00:05.0", "virtio-pci", 0x078000);

	assert_follows(b, add(b, PCI "0000:00:05.0/virtio0", "virtio", "virtio_console"), pci);
}

static void a_tuner_goes_with_its_card(void **state)
{
	struct bench *b = *state;
	struct device *card = add_pci(b, "0000:04:00.0", "cx23885", 0x040000);

	assert_follows(b, add(b, PCI "0000:04:00.0/i2c-5/5-0061", "i2c", "tda18271"), card);
}

static void an_i2c_device_stays_with_its_controller(void **state)
{
	struct bench *b = *state;
	struct device *smbus = add_pci(b, "0000:00:1f.3", "i801_smbus", 0x0c0500);
	struct device *eeprom = add(b, PCI "0000:00:1f.3/i2c-0/0-0050", "i2c", "ee1004");

	builtin(b);
	make_plan(b);
	assert_fate(b, eeprom, FATE_LEAVE);
	assert_ptr_equal(decision(b, eeprom)->because, smbus);
}

static void a_codec_goes_with_its_sound_card(void **state)
{
	struct bench *b = *state;
	struct device *hda = add_pci(b, "0000:00:1b.0", "snd_hda_intel", 0x040300);

	assert_follows(
		b, add(b, PCI "0000:00:1b.0/hdaudioC0D0", "hdaudio", "snd_hda_codec_generic"), hda);
}

static void an_auxiliary_device_goes_with_its_nic(void **state)
{
	struct bench *b = *state;
	struct device *nic = add_pci(b, "0000:01:00.0", "mlx5_core", 0x020000);
	struct device *eth =
		add(b, PCI "0000:01:00.0/mlx5_core.eth.0", "auxiliary", "mlx5_core.eth");

	add_class(b, eth, "net");
	assert_follows(b, eth, nic);
}

static void a_phy_goes_with_its_nic(void **state)
{
	struct bench *b = *state;
	struct device *nic = add_pci(b, "0000:02:00.0", "r8169", 0x020000);

	assert_follows(b,
		       add(b, PCI "0000:02:00.0/mdio_bus/r8169-0-200/r8169-0-200:00", "mdio_bus",
			   "RTL8211F Gigabit Ethernet"),
		       nic);
}

static void a_card_goes_with_its_reader_and_lends_it_its_patience(void **state)
{
	struct bench *b = *state;
	struct device *reader = add_pci(b, "0000:3c:00.0", "rtsx_pci", 0xff0000);

	assert_follows(b,
		       add(b, PCI "0000:3c:00.0/rtsx_pci_sdmmc.0/mmc_host/mmc0/mmc0:0001", "mmc",
			   "mmcblk"),
		       reader);
	assert_int_equal(decision(b, reader)->deadline_ms, 180000);
}

static void a_platform_cell_goes_with_its_pci_function(void **state)
{
	struct bench *b = *state;
	struct device *reader = add_pci(b, "0000:3c:00.0", "rtsx_pci", 0xff0000);

	assert_follows(b, add(b, PCI "0000:3c:00.0/rtsx_pci_ms.0", "platform", "rtsx_pci_ms"),
		       reader);
}

static void a_platform_cell_stays_with_a_function_that_stays(void **state)
{
	struct bench *b = *state;
	struct device *lpss = add_pci(b, "0000:00:15.0", "intel-lpss", 0x118000);
	struct device *uart = add(b, PCI "0000:00:15.0/dw-apb-uart.0", "platform", "dw-apb-uart");

	builtin(b);
	make_plan(b);
	assert_fate(b, uart, FATE_LEAVE);
	assert_ptr_equal(decision(b, uart)->because, lpss);
}

static void a_watchdog_below_a_function_keeps_it(void **state)
{
	struct bench *b = *state;
	struct device *mei = add_pci(b, "0000:00:16.0", "mei_me", 0x078000);
	struct device *dog = add(b, PCI "0000:00:16.0/0000:00:16.0-05b79a6f", "mei", "mei_wdt");

	add_class(b, dog, "watchdog");
	assert_keeps(b, dog, mei);
}

static void port_services_stay_with_their_port(void **state)
{
	struct bench *b = *state;
	struct device *service;

	add_pci(b, "0000:00:1c.0", "pcieport", 0x060400);
	service = add(b, PCI "0000:00:1c.0/0000:00:1c.0:pcie004", "pci_express", "pciehp");
	builtin(b);
	make_plan(b);
	assert_fate(b, service, FATE_LEAVE);
}

static void a_disk_behind_vmd_goes_and_vmd_stays(void **state)
{
	struct bench *b = *state;
	struct device *vmd = add_pci(b, "0000:00:0e.0", "vmd", 0x010400);
	struct device *disk = add_pci(b, "0000:00:0e.0/pci10000:00/10000:00:02.0/10000:01:00.0",
				      "nvme", 0x010802);

	builtin(b);
	make_plan(b);
	assert_fate(b, vmd, FATE_LEAVE);
	assert_fate(b, disk, FATE_RELEASE);
}

static void a_vf_goes_before_its_pf(void **state)
{
	struct bench *b = *state;
	struct device *pf = add_pci(b, "0000:01:00.0", "igb", 0x020000);
	struct device *vf = add_pci(b, "0000:01:10.0", "igbvf", 0x020000);

	graph_add_edge(b->graph, vf, pf, EDGE_VF);
	builtin(b);
	make_plan(b);
	assert_fate(b, vf, FATE_RELEASE);
	assert_true(waits(b, pf, vf));
}

static void a_bmc_warns_of_every_nic(void **state)
{
	struct bench *b = *state;
	struct device *nic = add_pci(b, "0000:01:00.0", "igb", 0x020000);

	add_class(b, nic, "net");
	graph_add_string(b->graph, &b->graph->host, &b->graph->host_count, &b->graph->host_capacity,
			 "bmc");
	builtin(b);
	make_plan(b);
	assert_fate(b, nic, FATE_RELEASE);
	assert_int_equal(decision(b, nic)->warning_count, 1);
	assert_int_equal(decision(b, nic)->reset, RESET_LIVE);
}

static void without_a_bmc_a_nic_has_no_warning(void **state)
{
	struct bench *b = *state;
	struct device *nic = add_pci(b, "0000:01:00.0", "igb", 0x020000);

	add_class(b, nic, "net");
	builtin(b);
	make_plan(b);
	assert_int_equal(decision(b, nic)->warning_count, 0);
	assert_int_equal(decision(b, nic)->reset, RESET_AUTO);
}

static void a_gpu_goes_when_it_is_asked_for(void **state)
{
	struct bench *b = *state;
	struct device *gpu = add_pci(b, "0000:00:02.0", "bochs-drm", 0x030000);

	add_class(b, gpu, "drm");
	builtin(b);
	assert_int_equal(
		policy_add_choice(b->policy, ACTION_RELEASE, "00:02.0", "--release", &b->e), 0);
	make_plan(b);
	assert_fate(b, gpu, FATE_RELEASE);
	assert_int_equal(decision(b, gpu)->phase, PHASE_BUS);
}

static void deadlines_are_short_but_for_storage(void **state)
{
	struct bench *b = *state;
	struct device *nic = add_pci(b, "0000:01:00.0", "igb", 0x020000);
	struct device *disk = add_pci(b, "0000:02:00.0", "nvme", 0x010802);

	builtin(b);
	make_plan(b);
	assert_int_equal(decision(b, nic)->deadline_ms, 10000);
	assert_int_equal(decision(b, disk)->deadline_ms, 180000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(sd_goes_with_ahci),
		T(a_keyboard_goes_with_its_controller_with_a_warning),
		T(a_usb_disk_lends_its_patience_to_the_controller),
		T(a_usb_nic_goes_first_by_itself),
		T(virtio_blk_goes_with_its_transport_and_lends_it_its_patience),
		T(virtiofs_keeps_its_transport),
		T(harmless_kinds_go_with_what_they_sit_on),
		T(virtio_net_goes_with_virtio_mmio),
		T(virtio_iommu_keeps_its_transport),
		T(virtio_mem_keeps_its_transport),
		T(virtio_gpu_keeps_its_transport),
		T(a_virtio_console_in_use_keeps_its_transport),
		T(a_virtio_console_that_nobody_uses_goes),
		T(a_tuner_goes_with_its_card),
		T(an_i2c_device_stays_with_its_controller),
		T(a_codec_goes_with_its_sound_card),
		T(an_auxiliary_device_goes_with_its_nic),
		T(a_phy_goes_with_its_nic),
		T(a_card_goes_with_its_reader_and_lends_it_its_patience),
		T(a_platform_cell_goes_with_its_pci_function),
		T(a_platform_cell_stays_with_a_function_that_stays),
		T(a_watchdog_below_a_function_keeps_it),
		T(port_services_stay_with_their_port),
		T(a_disk_behind_vmd_goes_and_vmd_stays),
		T(a_vf_goes_before_its_pf),
		T(a_bmc_warns_of_every_nic),
		T(without_a_bmc_a_nic_has_no_warning),
		T(a_gpu_goes_when_it_is_asked_for),
		T(deadlines_are_short_but_for_storage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
