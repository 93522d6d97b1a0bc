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

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(each_device_gets_its_fate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
