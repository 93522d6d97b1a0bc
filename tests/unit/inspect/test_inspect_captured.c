// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Each decoder that QEMU has a model for, with register values that were seen in one: at work, with
 * its driver and traffic, and released by kexit exec, as the next kernel found it.
 *
 * Captured by lab/run from QEMU 7.2.22 (q35) and Linux 6.1.0-56-amd64 by QEMU's monitor, which reads
 * the registers from outside (at_work and monitor_registers in its JSON); to repeat: lab/run
 * --machines nics,storage,desktop,desktop-idle --kernels 6.1 --ways kexit. Not every run catches the
 * transfers that are over soon (am53c974, sdhci, ide). Sound cards at work are those of `desktop`,
 * where their mixers are open and kexit leaves them; released they are those of `desktop-idle`. A
 * register that is not in a table was 0, or is no part of a verdict.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "unit/inspect/test_inspect_states.h"

#define E1000	       "e1000", 0x020000, 0x8086, 0x100e, 0x2, NULL
#define E1000E	       "e1000", 0x020000, 0x8086, 0x10d3, 0x4, NULL
#define RTL8139	       "rtl8139", 0x020000, 0x10ec, 0x8139, 0x1, NULL
#define TULIP	       "tulip", 0x020000, 0x1011, 0x0019, 0x1, NULL
#define PCNET	       "pcnet", 0x020000, 0x1022, 0x2000, 0x1, NULL
#define I82559ER       "e100", 0x020000, 0x8086, 0x1209, 0x2, NULL
#define VIRTIO_NET     "virtio", 0x020000, 0x1af4, 0x1000, 0x1, make_modern
#define VIRTIO_LEGACY  "virtio", 0x020000, 0x1af4, 0x1000, 0x1, NULL
#define NE2K_PCI       "ne2k", 0x020000, 0x10ec, 0x8029, 0x1, NULL
#define NVME	       "nvme", 0x010802, 0x1b36, 0x0010, 0, NULL
#define ICH9_AHCI      "ahci", 0x010601, 0x8086, 0x2922, 0x10, NULL
#define PIIX3_IDE      "ide", 0x010180, 0x8086, 0x7010, 0x10, NULL
#define LSI53C895A     "lsi53c8xx", 0x010000, 0x1000, 0x0012, 0x1, NULL
#define AM53C974       "am53c974", 0x010000, 0x1022, 0x2020, 0x1, NULL
#define MPTSAS1068     "mpt", 0x010000, 0x1000, 0x0054, 0x1, NULL
#define MEGASAS	       "megaraid", 0x010400, 0x1000, 0x0060, 0x4, NULL
#define SDHCI_PCI      "sdhci", 0x080501, 0x1b36, 0x0007, 0, NULL
#define QEMU_XHCI      "xhci", 0x0c0330, 0x1b36, 0x000d, 0, NULL
#define USB_EHCI       "ehci", 0x0c0320, 0x8086, 0x24cd, 0, NULL
#define PCI_OHCI       "ohci", 0x0c0310, 0x106b, 0x003f, 0, NULL
#define PIIX3_USB_UHCI "uhci", 0x0c0300, 0x8086, 0x7020, 0x10, NULL
#define INTEL_HDA      "hda", 0x040300, 0x8086, 0x2668, 0, NULL
#define AC97	       "ac97", 0x040100, 0x8086, 0x2415, 0x3, NULL
#define ES1370	       "es137x", 0x040100, 0x1274, 0x5000, 0x1, NULL

/* A capability that has the common configuration at the start of BAR 4. */
static void make_modern(struct function *f)
{
	static const uint8_t ids[] = { PCI_CAP_VENDOR, 0 };

	fake_capabilities(f, ids);
	f->config.bytes[0x40 + 3] = 1;
	f->config.bytes[0x40 + 4] = 4;
}

static const struct state captured[] = {
	{ "e1000 at work",
	  E1000,
	  true,
	  "RCTL=0x00008002",
	  { { 0, 0x100, 0x8002 }, { 0, 0x400, 0x103f0fa }, { 0, 0xd0, 0x9d } } },
	{ "e1000 released", E1000, false, NULL, { { 0, 0x400, 0x8 } } },
	{ "e1000e at work",
	  E1000E,
	  true,
	  "RCTL=0x04008002",
	  { { 0, 0x100, 0x4008002 }, { 0, 0x400, 0x103f0fa }, { 0, 0xd0, 0x1570244 } } },
	{ "e1000e released", E1000E, false, NULL, { { 0, 0x400, 0x103f0f8 } } },
	{ "rtl8139 at work", RTL8139, true, "CR=0x0d", { { 1, 0x37, 0xd }, { 1, 0x3c, 0x80ff } } },
	{ "rtl8139 released", RTL8139, false, NULL, { { 1, 0x37, 0x1 } } },
	{ "tulip at work",
	  TULIP,
	  true,
	  "CSR5=0xf0660000",
	  { { 1, 0x28, 0xf0660000 }, { 1, 0x30, 0x820e2202 } } },
	{ "tulip released",
	  TULIP,
	  false,
	  NULL,
	  { { 1, 0x28, 0xf0000004 }, { 1, 0x30, 0x820e0200 } } },
	{ "pcnet at work", PCNET, true, "CSR0=0x04fb", { { 0, 0x10, 0x4fb } } },
	{ "pcnet released", PCNET, false, NULL, { { 0, 0x10, 0x14 } } },
	{ "i82559er at work", I82559ER, true, "SCB RU=0x4050", { { 0, 0x00, 0x4050 } } },
	{ "i82559er released", I82559ER, false, NULL, { { 0, 0x00, 0x1000 } } },
	{ "virtio-net at work", VIRTIO_NET, true, "status=0x0f", { { 4, 0x14, 0xf } } },
	{ "virtio-net released", VIRTIO_NET, false, NULL, { { 4, 0x14, 0x1 } } },
	{ "virtio-legacy at work", VIRTIO_LEGACY, true, "status=0x07", { { 0, 0x12, 0x7 } } },
	{ "virtio-legacy released", VIRTIO_LEGACY, false, NULL, { { 0, 0x12, 0x1 } } },
	{ "ne2k_pci at work", NE2K_PCI, true, "CR=0x22", { { 0, 0x00, 0x22 } } },
	{ "ne2k_pci released", NE2K_PCI, false, NULL, { { 0, 0x00, 0x21 } } },
	{ "nvme at work",
	  NVME,
	  true,
	  "CSTS=0x00000001",
	  { { 0, 0x14, 0x460061 }, { 0, 0x1c, 0x1 } } },
	{ "nvme released", NVME, false, NULL, { { 0, 0x14, 0x464061 }, { 0, 0x1c, 0x9 } } },
	{ "ich9-ahci at work",
	  ICH9_AHCI,
	  true,
	  "P0CMD=0x0000c011",
	  { { 5, 0x04, 0x80000002 },
	    { 5, 0x0c, 0x3f },
	    { 5, 0x118, 0xc011 },
	    { 5, 0x198, 0x4010 },
	    { 5, 0x218, 0x4010 },
	    { 5, 0x298, 0x4010 },
	    { 5, 0x318, 0x4010 },
	    { 5, 0x398, 0x4010 } } },
	{ "ich9-ahci released",
	  ICH9_AHCI,
	  false,
	  NULL,
	  { { 5, 0x04, 0x80000002 }, { 5, 0x0c, 0x3f } } },
	{ "piix3-ide at work", PIIX3_IDE, true, "BMISP=0x01", { { 4, 0x02, 0x1 } } },
	{ "piix3-ide released", PIIX3_IDE, false, NULL, { { 4, 0x02, 0x0 } } },
	{ "lsi53c895a at work", LSI53C895A, true, "ISTAT1=0x02", { { 1, 0x15, 0x2 } } },
	{ "lsi53c895a released", LSI53C895A, false, NULL, { { 1, 0x14, 0x0 } } },
	{ "am53c974 at work", AM53C974, true, "DMA CMD=0x00000083", { { 0, 0x40, 0x83 } } },
	{ "am53c974 released", AM53C974, false, NULL, { { 0, 0x40, 0x0 } } },
	{ "mptsas1068 at work",
	  MPTSAS1068,
	  true,
	  "DOORBELL=0x24000000",
	  { { 1, 0x00, 0x24000000 } } },
	{ "mptsas1068 released", MPTSAS1068, false, NULL, { { 1, 0x00, 0x14000000 } } },
	{ "megasas at work", MEGASAS, true, "OSP0=0xc45003e8", { { 0, 0xb0, 0xc45003e8 } } },
	{ "megasas released", MEGASAS, false, NULL, { { 0, 0xb0, 0xb45003e8 } } },
	{ "sdhci-pci at work",
	  SDHCI_PCI,
	  true,
	  "PRESENT=0x01ff0206",
	  { { 0, 0x24, 0x1ff0206 }, { 0, 0x0c, 0x33 } } },
	{ "sdhci-pci released", SDHCI_PCI, false, NULL, { { 0, 0x24, 0x1ff0000 } } },
	{ "qemu-xhci at work",
	  QEMU_XHCI,
	  true,
	  "USBSTS=0x00000000",
	  { { 0, 0x00, 0x1000040 }, { 0, 0x40, 0x5 } } },
	{ "qemu-xhci released",
	  QEMU_XHCI,
	  false,
	  NULL,
	  { { 0, 0x00, 0x1000040 }, { 0, 0x44, 0x1 } } },
	{ "usb-ehci at work",
	  USB_EHCI,
	  true,
	  "USBSTS=0x00008020",
	  { { 0, 0x00, 0x1000020 }, { 0, 0x20, 0x10021 }, { 0, 0x24, 0x8020 } } },
	{ "usb-ehci released",
	  USB_EHCI,
	  false,
	  NULL,
	  { { 0, 0x00, 0x1000020 }, { 0, 0x20, 0x80000 }, { 0, 0x24, 0x1000 } } },
	{ "pci-ohci at work", PCI_OHCI, true, "HcControl=0x000000a3", { { 0, 0x04, 0xa3 } } },
	{ "pci-ohci released", PCI_OHCI, false, NULL, { { 0, 0x04, 0xc0 } } },
	{ "piix3-usb-uhci at work", PIIX3_USB_UHCI, true, "USBSTS=0x0000", { { 4, 0x00, 0xc1 } } },
	{ "piix3-usb-uhci released", PIIX3_USB_UHCI, false, NULL, { { 4, 0x02, 0x20 } } },
	{ "intel-hda at work",
	  INTEL_HDA,
	  true,
	  "SD4CTL=0x2050001e",
	  { { 0, 0x00, 0x4401 },
	    { 0, 0x08, 0x101 },
	    { 0, 0x4c, 0x2 },
	    { 0, 0x5c, 0x3 },
	    { 0, 0x80, 0x20000000 },
	    { 0, 0xa0, 0x20000000 },
	    { 0, 0xc0, 0x20000000 },
	    { 0, 0xe0, 0x20000000 },
	    { 0, 0x100, 0x2050001e },
	    { 0, 0x120, 0x20000000 },
	    { 0, 0x140, 0x20000000 },
	    { 0, 0x160, 0x20000000 } } },
	{ "intel-hda released",
	  INTEL_HDA,
	  false,
	  NULL,
	  { { 0, 0x00, 0x4401 },
	    { 0, 0x08, 0x1 },
	    { 0, 0x80, 0x20000000 },
	    { 0, 0xa0, 0x20000000 },
	    { 0, 0xc0, 0x20000000 },
	    { 0, 0xe0, 0x20000000 },
	    { 0, 0x100, 0x20000000 },
	    { 0, 0x120, 0x20000000 },
	    { 0, 0x140, 0x20000000 },
	    { 0, 0x160, 0x20000000 } } },
	{ "AC97 at work",
	  AC97,
	  true,
	  "PO_CR=0x11",
	  { { 1, 0x06, 0x1 }, { 1, 0x1b, 0x11 }, { 1, 0x26, 0x1 } } },
	{ "AC97 released",
	  AC97,
	  false,
	  NULL,
	  { { 1, 0x06, 0x1 }, { 1, 0x16, 0x1 }, { 1, 0x26, 0x1 } } },
	{ "ES1370 at work", ES1370, true, "CONTROL=0x00ae0022", { { 0, 0x00, 0xae0022 } } },
	{ "ES1370 released", ES1370, false, NULL, { { 0, 0x00, 0x1 } } },
};

static void captured_values_are_decoded(void **unused)
{
	check_states(captured, sizeof(captured) / sizeof(captured[0]));
}

/* vmxnet3 and pvscsi have no register that tells. */
static void every_model_was_captured_at_work_and_released(void **unused)
{
	for (const struct engine *const *engine = engines; *engine; engine++) {
		const char *name = (*engine)->name;

		if (!(*engine)->from_specification && strcmp(name, "vmxnet3") &&
		    strcmp(name, "pvscsi"))
			check_has_both(name, captured, sizeof(captured) / sizeof(captured[0]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(captured_values_are_decoded),
		cmocka_unit_test(every_model_was_captured_at_work_and_released),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
