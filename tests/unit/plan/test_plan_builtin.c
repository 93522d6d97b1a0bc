// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Each row of the built-in rules on the device it was written for: what the device looks like in
 * sysfs, and what shall become of it.
 */
#include "unit/plan/test_plan_bench.h"

/* One device and its fate. */
struct row {
	const char *what;
	const char *path; /* below /devices */
	const char *bus, *driver;
	uint32_t class_code; /* bus pci */
	const char *class;   /* a sysfs class it owns */
	enum fate fate;
	enum phase phase; /* of a release */
	const char *says; /* begins the reason: it was the intended rule that decided */
};

/* clang-format off */
static const struct row rows[] = {
	/* PCI by class code */
	{ "NVMe", "0000:01:00.0", "pci", "nvme", 0x010802, "nvme", FATE_RELEASE, PHASE_STORAGE, "remove() flushes" },
	{ "AHCI", "0000:00:1f.2", "pci", "ahci", 0x010601, "scsi_host", FATE_RELEASE, PHASE_STORAGE, "remove() flushes" },
	{ "IDE", "0000:00:1f.1", "pci", "ata_piix", 0x01018a, "scsi_host", FATE_RELEASE, PHASE_STORAGE, "remove() flushes" },
	{ "RAID", "0000:01:00.0", "pci", "megaraid_sas", 0x010400, NULL, FATE_RELEASE, PHASE_STORAGE, "remove() flushes" },
	{ "SAS", "0000:01:00.0", "pci", "mpt3sas", 0x010700, NULL, FATE_RELEASE, PHASE_STORAGE, "remove() flushes" },
	{ "pvscsi", "0000:01:00.0", "pci", "vmw_pvscsi", 0x010700, NULL, FATE_RELEASE, PHASE_STORAGE, "remove() flushes" },
	{ "Fibre Channel", "0000:01:00.0", "pci", "qla2xxx", 0x0c0400, NULL, FATE_RELEASE, PHASE_STORAGE, "Fibre Channel" },
	{ "ethernet", "0000:00:03.0", "pci", "e1000e", 0x020000, "net", FATE_RELEASE, PHASE_NET, "receives" },
	{ "ethernet, down to its class", "0000:00:03.0", "pci", "8139cp", 0x020000, NULL, FATE_RELEASE, PHASE_NET, "receives" },
	{ "wireless", "0000:00:03.0", "pci", "iwlwifi", 0x028000, "net", FATE_RELEASE, PHASE_NET, "receives" },
	{ "InfiniBand", "0000:00:03.0", "pci", "mlx5_core", 0x020700, "infiniband", FATE_RELEASE, PHASE_NET, "receives" },
	{ "CAN", "0000:00:03.0", "pci", "kvaser_pciefd", 0x0c0900, "net", FATE_RELEASE, PHASE_NET, "receives" },
	{ "vfio", "0000:00:03.0", "pci", "vfio-pci", 0x020000, NULL, FATE_RELEASE, PHASE_NET, "handed to a guest" },
	{ "vfio variant", "0000:00:03.0", "pci", "mlx5_vfio_pci", 0x020000, NULL, FATE_RELEASE, PHASE_NET, "handed to a guest" },
	{ "vfio of a disk", "0000:00:03.0", "pci", "vfio-pci", 0x010802, NULL, FATE_RELEASE, PHASE_NET, "handed to a guest" },
	{ "HD audio", "0000:00:1b.0", "pci", "snd_hda_intel", 0x040300, "sound", FATE_RELEASE, PHASE_NET, "sound and video" },
	{ "AC97", "0000:00:1b.0", "pci", "snd_intel8x0", 0x040100, "sound", FATE_RELEASE, PHASE_NET, "sound and video" },
	{ "TV card", "0000:00:1b.0", "pci", "cx23885", 0x040000, NULL, FATE_RELEASE, PHASE_NET, "sound and video" },
	{ "xHCI", "0000:00:14.0", "pci", "xhci_hcd", 0x0c0330, NULL, FATE_RELEASE, PHASE_BUS, "USB host" },
	{ "EHCI", "0000:00:1d.0", "pci", "ehci-pci", 0x0c0320, NULL, FATE_RELEASE, PHASE_BUS, "USB host" },
	{ "UHCI", "0000:00:1d.1", "pci", "uhci_hcd", 0x0c0300, NULL, FATE_RELEASE, PHASE_BUS, "USB host" },
	{ "FireWire", "0000:00:1e.0", "pci", "firewire_ohci", 0x0c0010, NULL, FATE_RELEASE, PHASE_BUS, "FireWire" },
	{ "SD card reader", "0000:00:1a.0", "pci", "sdhci-pci", 0x080501, "mmc_host", FATE_RELEASE, PHASE_STORAGE, "card reader" },
	{ "I/OAT", "0000:00:04.0", "pci", "ioatdma", 0x088000, NULL, FATE_RELEASE, PHASE_ENGINE, "DMA engine" },
	{ "DSA", "0000:6a:01.0", "pci", "idxd", 0x088000, NULL, FATE_RELEASE, PHASE_ENGINE, "DMA engine" },
	{ "QAT", "0000:6b:00.0", "pci", "4xxx", 0x0b4000, NULL, FATE_RELEASE, PHASE_ENGINE, "crypto" },
	{ "crypto", "0000:6b:00.0", "pci", "nitrox", 0x108000, NULL, FATE_RELEASE, PHASE_ENGINE, "crypto" },
	{ "accelerator", "0000:6b:00.0", "pci", "habanalabs", 0x120000, NULL, FATE_RELEASE, PHASE_ENGINE, "crypto or offload" },
	{ "NTB", "0000:6b:00.0", "pci", "ntb_hw_intel", 0x068000, NULL, FATE_RELEASE, PHASE_ENGINE, "NTB" },
	{ "virtio-pci disk", "0000:00:05.0", "pci", "virtio-pci", 0x010000, NULL, FATE_RELEASE, PHASE_STORAGE, "remove() resets" },
	{ "virtio-pci NIC", "0000:00:05.0", "pci", "virtio-pci", 0x020000, NULL, FATE_RELEASE, PHASE_STORAGE, "remove() resets" },
	{ "what no class rule knows", "0000:00:05.0", "pci", "some", 0xff0000, NULL, FATE_RELEASE, PHASE_BUS, "remove() stops" },

	{ "root port", "0000:00:1c.0", "pci", "pcieport", 0x060400, NULL, FATE_LEAVE, 0, "bridge: unbinding" },
	{ "hotplug bridge", "0000:00:1e.0", "pci", "shpchp", 0x060400, NULL, FATE_LEAVE, 0, "bridge: unbinding" },
	{ "ISA bridge", "0000:00:1f.0", "pci", "lpc_ich", 0x060100, NULL, FATE_LEAVE, 0, "I2C, SPI, LPC" },
	{ "host bridge", "0000:00:00.0", "pci", "ie31200_edac", 0x060000, NULL, FATE_LEAVE, 0, "watches" },
	{ "VMD", "0000:00:0e.0", "pci", "vmd", 0x010400, NULL, FATE_LEAVE, 0, "bridge of the NVMe" },
	{ "GPU", "0000:00:02.0", "pci", "i915", 0x030000, "drm", FATE_LEAVE, 0, "display" },
	{ "GPU without a picture", "0000:03:00.0", "pci", "amdgpu", 0x120000, "drm", FATE_LEAVE, 0, "display" },
	{ "display without DRM", "0000:00:02.0", "pci", "aty128fb", 0x030000, "graphics", FATE_LEAVE, 0, "display" },
	{ "secure processor", "0000:01:00.2", "pci", "ccp", 0x108000, NULL, FATE_LEAVE, 0, "secure processor" },
	{ "Thunderbolt", "0000:05:00.0", "pci", "thunderbolt", 0x088000, NULL, FATE_LEAVE, 0, "Thunderbolt" },
	{ "USB4", "0000:05:00.0", "pci", "thunderbolt", 0x0c0340, NULL, FATE_LEAVE, 0, "Thunderbolt" },
	{ "SMBus", "0000:00:1f.3", "pci", "i801_smbus", 0x0c0500, NULL, FATE_LEAVE, 0, "I2C, SPI, LPC" },
	{ "SMBus of PIIX4", "0000:00:07.3", "pci", "piix4_smbus", 0x068000, NULL, FATE_LEAVE, 0, "I2C, SPI, LPC" },
	{ "LPSS", "0000:00:15.0", "pci", "intel-lpss", 0x118000, NULL, FATE_LEAVE, 0, "I2C, SPI, LPC" },
	{ "I2C", "0000:00:15.0", "pci", "i2c-designware-pci", 0x0c8000, NULL, FATE_LEAVE, 0, "I2C, SPI, LPC" },
	{ "SPI flash controller", "0000:00:1f.5", "pci", "intel-spi", 0x0c8000, NULL, FATE_LEAVE, 0, "I2C, SPI, LPC" },
	{ "thermal", "0000:00:04.0", "pci", "proc_thermal_pci", 0x118000, NULL, FATE_LEAVE, 0, "watches" },
	{ "PCI watchdog", "0000:00:06.0", "pci", "i6300esb", 0x088000, "watchdog", FATE_LEAVE, 0, "watchdog" },
	{ "PCI serial port", "0000:00:06.0", "pci", "serial", 0x070002, NULL, FATE_LEAVE, 0, "serial port" },
	{ "PCI IPMI", "0000:00:06.0", "pci", "ipmi_si", 0x0c0701, "ipmi", FATE_LEAVE, 0, "console or watchdog" },
	{ "CXL memory", "0000:35:00.0", "pci", "cxl_pci", 0x050210, NULL, FATE_LEAVE, 0, "memory behind CXL" },
	{ "IOMMU", "0000:00:00.2", "pci", "some", 0x080600, NULL, FATE_LEAVE, 0, "system peripheral" },
	{ "uncore counters", "0000:00:00.2", "pci", "skx_uncore", 0x110100, NULL, FATE_LEAVE, 0, "performance counters" },
	{ "uncore counters of another class", "0000:00:00.2", "pci", "snbep_uncore", 0x088000, NULL, FATE_LEAVE, 0, "performance counters" },
	{ "stub", "0000:00:00.2", "pci", "pci-stub", 0x020000, NULL, FATE_LEAVE, 0, "held for" },

	/* platform and the like */
	{ "SoC NIC", "platform/soc/30be0000.ethernet", "platform", "fec", 0, "net", FATE_RELEASE, PHASE_NET, "receives" },
	{ "SoC MMC", "platform/soc/fe340000.mmc", "platform", "sdhci-iproc", 0, "mmc_host", FATE_RELEASE, PHASE_STORAGE, "card reader" },
	{ "SoC AHCI", "platform/soc/29000000.sata", "platform", "ahci", 0, "scsi_host", FATE_RELEASE, PHASE_STORAGE, "host adapter" },
	{ "SoC xHCI", "platform/soc/xhci-hcd.0.auto", "platform", "xhci-hcd", 0, NULL, FATE_RELEASE, PHASE_BUS, "USB host" },
	{ "SoC sound", "platform/sound", "platform", "asoc-simple-card", 0, "sound", FATE_RELEASE, PHASE_NET, "plays" },
	{ "virtio-mmio", "platform/a003e00.virtio_mmio", "platform", "virtio-mmio", 0, NULL, FATE_RELEASE, PHASE_STORAGE, "remove() resets" },
	{ "PL180 MMC", "platform/mb/mmci", "amba", "mmci-pl18x", 0, "mmc_host", FATE_RELEASE, PHASE_STORAGE, "card reader" },
	{ "clock controller", "platform/soc/clk", "platform", "clk-imx8mm", 0, NULL, FATE_LEAVE, 0, "others may live" },
	{ "PHY", "platform/soc/phy", "platform", "imx8mq-usb-phy", 0, NULL, FATE_LEAVE, 0, "others may live" },
	{ "host bridge of a SoC", "platform/soc/40000000.pcie", "platform", "pcie-xilinx", 0, NULL, FATE_LEAVE, 0, "host bridge" },
	{ "SMMU", "platform/arm-smmu-v3.0.auto", "platform", "arm-smmu-v3", 0, NULL, FATE_LEAVE, 0, "IOMMU" },
	{ "EFI framebuffer", "platform/efi-framebuffer.0", "platform", "efi-framebuffer", 0, "graphics", FATE_LEAVE, 0, "draws the console" },
	{ "simpledrm", "platform/simple-framebuffer.0", "platform", "simple-framebuffer", 0, "drm", FATE_LEAVE, 0, "display" },
	{ "serial port", "platform/serial8250", "platform", "serial8250", 0, NULL, FATE_LEAVE, 0, "serial port" },
	{ "PL011", "platform/9000000.pl011", "amba", "uart-pl011", 0, NULL, FATE_LEAVE, 0, "belongs to the board" },
	{ "I2C controller of a SoC", "platform/soc/i2c", "platform", "i2c_designware", 0, NULL, FATE_LEAVE, 0, "others may live" },
	{ "hwmon", "platform/coretemp.0", "platform", "coretemp", 0, "hwmon", FATE_LEAVE, 0, "others may live" },
	{ "watchdog", "platform/iTCO_wdt", "platform", "iTCO_wdt", 0, "watchdog", FATE_LEAVE, 0, "watchdog" },
	{ "OPAL console", "platform/ibm,opal:consoles", "platform", "hvc_opal", 0, NULL, FATE_LEAVE, 0, "console or watchdog" },
	{ "IPMI", "platform/IPI0001:00", "platform", "ipmi_si", 0, "ipmi", FATE_LEAVE, 0, "console or watchdog" },
	{ "TPM", "LNXSYSTM:00/MSFT0101:00", "acpi", "tpm_crb", 0, "tpm", FATE_LEAVE, 0, "TPM" },
	{ "ACPI button", "LNXSYSTM:00/LNXPWRBN:00", "acpi", "button", 0, NULL, FATE_LEAVE, 0, "firmware's own" },
	{ "PNP serial port", "pnp0/00:04", "pnp", "serial", 0, NULL, FATE_LEAVE, 0, "legacy" },
	{ "RTC", "pnp0/00:01", "pnp", "rtc_cmos", 0, "rtc", FATE_LEAVE, 0, "legacy" },
	{ "processor", "system/cpu/cpu0", "cpu", "processor", 0, NULL, FATE_LEAVE, 0, "a part of the machine" },
	{ "pmem", "LNXSYSTM:00/ndbus0/region0", "nd", "nd_region", 0, NULL, FATE_LEAVE, 0, "persistent" },
	{ "dax", "dax/dax0.0", "dax", "device_dax", 0, NULL, FATE_LEAVE, 0, "persistent" },
	{ "CXL", "platform/ACPI0017:00/mem0", "cxl", "cxl_mem", 0, NULL, FATE_LEAVE, 0, "memory behind CXL" },
	{ "Xen", "vbd-51712", "xen", "vbd", 0, NULL, FATE_LEAVE, 0, "Xen's" },
	{ "Hyper-V", "VMBUS:00/x", "vmbus", "hv_netvsc", 0, "net", FATE_LEAVE, 0, "Hyper-V's" },
	{ "pSeries", "vio/30000002", "vio", "ibmveth", 0, "net", FATE_LEAVE, 0, "its bus calls" },
	{ "keyboard port", "platform/i8042/serio0", "serio", "atkbd", 0, "input", FATE_LEAVE, 0, "nothing that it sits on" },
	{ "a bus from the future", "new/thing", "new", "drv", 0, NULL, FATE_LEAVE, 0, "no rule says" },
	{ "wireless without a link", "0000:00:03.0", "pci", "iwlwifi", 0x028000, NULL, FATE_RELEASE, PHASE_NET, "wireless" },
	{ "InfiniBand of old", "0000:00:03.0", "pci", "ib_mthca", 0x0c0600, NULL, FATE_RELEASE, PHASE_NET, "receives" },
	{ "NIC with an odd class code", "0000:00:03.0", "pci", "some", 0xff0000, "net", FATE_RELEASE, PHASE_NET, "receives" },
	{ "HBA with an odd class code", "0000:00:03.0", "pci", "some", 0xff0000, "scsi_host", FATE_RELEASE, PHASE_STORAGE, "remove() flushes" },
	{ "reader with an odd class code", "0000:00:03.0", "pci", "some", 0xff0000, "mmc_host", FATE_RELEASE, PHASE_STORAGE, "card reader" },
	{ "reader before its host is up", "0000:00:1a.0", "pci", "sdhci-pci", 0x080501, NULL, FATE_RELEASE, PHASE_STORAGE, "card reader" },
	{ "memory controller", "0000:00:03.0", "pci", "some", 0x058000, NULL, FATE_LEAVE, 0, "memory controller" },
	{ "CXL without its driver's name", "0000:35:00.0", "pci", "some", 0x050210, NULL, FATE_LEAVE, 0, "memory behind CXL" },
	{ "port with another driver", "0000:00:1c.0", "pci", "some", 0x060400, NULL, FATE_LEAVE, 0, "bridge: unbinding" },
	{ "port with an odd class code", "0000:00:1c.0", "pci", "pcieport", 0xff0000, NULL, FATE_LEAVE, 0, "bridge: unbinding" },
	{ "serial port with an odd class code", "0000:00:06.0", "pci", "exar_serial", 0xff0000, NULL, FATE_LEAVE, 0, "serial port" },
	{ "serial port with another driver", "0000:00:06.0", "pci", "some", 0x070002, NULL, FATE_LEAVE, 0, "serial port" },
	{ "SMBus with another driver", "0000:00:1f.3", "pci", "some", 0x0c0500, NULL, FATE_LEAVE, 0, "SMBus, I3C or SPI" },
	{ "USB4 with another driver", "0000:05:00.0", "pci", "some", 0x0c0340, NULL, FATE_LEAVE, 0, "Thunderbolt" },
	{ "IPMI with another driver", "0000:00:06.0", "pci", "some", 0x0c0701, NULL, FATE_LEAVE, 0, "IPMI" },
	{ "IPMI by its class", "platform/some", "platform", "some", 0, "ipmi", FATE_LEAVE, 0, "IPMI" },
	{ "channel device", "css0/0.0.0000", "ccw", "dasd-eckd", 0, NULL, FATE_LEAVE, 0, "channel devices" },
	{ "ISA card", "isa/ne.0", "isa", "ne", 0, NULL, FATE_LEAVE, 0, "legacy device" },
	{ "port service", "pci0000:00/0000:00:1c.0:pcie004", "pci_express", "pciehp", 0, NULL, FATE_LEAVE, 0, "port service" },
	{ "SPI-NOR", "platform/soc/spi/spi0.0", "spi", "spi-nor", 0, NULL, FATE_LEAVE, 0, "flash" },
};
/* clang-format on */

static void each_device_gets_its_fate(void **state)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		struct bench *b;
		struct device *d;
		char path[256];

		bench_setup((void **)&b);
		builtin(b);
		snprintf(path, sizeof(path), "/devices/%s", row->path);
		d = row->class_code ? add_pci(b, row->path, row->driver, row->class_code)
				    : add(b, path, row->bus, row->driver);
		if (row->class)
			add_class(b, d, row->class);
		make_plan(b);
		if (decision(b, d)->fate != row->fate ||
		    (row->phase && decision(b, d)->phase != row->phase) ||
		    strncmp(decision(b, d)->reason, row->says, strlen(row->says)) != 0)
			fail_msg("%s: %s in phase %s (%s: %s)", row->what,
				 fate_name(decision(b, d)->fate), phase_name(decision(b, d)->phase),
				 decision(b, d)->rule, decision(b, d)->reason);
		bench_teardown((void **)&b);
	}
	(void)state;
}

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
		T(each_device_gets_its_fate),
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
