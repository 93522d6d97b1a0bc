// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Each decoder with the registers of its device stopped and running: quiet when stopped, live when
 * running with Bus Master on, masked when running with it off.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "unit/inspect/test_inspect_states.h"

#define NVME	 "nvme", 0x010802, 0x1b36, 0x0010, 0, NULL
#define AHCI	 "ahci", 0x010601, 0x8086, 0x2922, 0, NULL
#define XHCI	 "xhci", 0x0c0330, 0x1b36, 0x000d, 0, NULL
#define E1000	 "e1000", 0x020000, 0x8086, 0x10d3, 0, NULL

#define EHCI	 "ehci", 0x0c0320, 0x8086, 0x293a, 0, NULL
#define OHCI	 "ohci", 0x0c0310, 0x106b, 0x003f, 0, NULL
#define UHCI	 "uhci", 0x0c0300, 0x8086, 0x2934, 0x10, NULL
#define HDA	 "hda", 0x040300, 0x8086, 0x2668, 0, NULL
#define SDHCI	 "sdhci", 0x080501, 0x1b36, 0x0007, 0, NULL
#define VIRTIO	 "virtio", 0x020000, 0x1af4, 0x1041, 0, make_modern
#define LEGACY	 "virtio", 0x020000, 0x1af4, 0x1000, 0x1, NULL
#define IDE	 "ide", 0x010180, 0x8086, 0x7010, 0x10, NULL
#define RTL8139	 "rtl8139", 0x020000, 0x10ec, 0x8139, 0x1, NULL
#define RTL8169	 "rtl8169", 0x020000, 0x10ec, 0x8168, 0x1, NULL
#define TULIP	 "tulip", 0x020000, 0x1011, 0x0019, 0x1, NULL
#define E100	 "e100", 0x020000, 0x8086, 0x1229, 0x2, NULL
#define AC97	 "ac97", 0x040100, 0x8086, 0x2415, 0x3, NULL
#define ES1370	 "es137x", 0x040100, 0x1274, 0x5000, 0x1, NULL
#define PCNET	 "pcnet", 0x020000, 0x1022, 0x2000, 0x1, NULL
#define NE2K	 "ne2k", 0x020000, 0x10ec, 0x8029, 0x1, NULL
#define LSI	 "lsi53c8xx", 0x010000, 0x1000, 0x0012, 0x1, NULL
#define AM53C974 "am53c974", 0x010000, 0x1022, 0x2020, 0x1, NULL
#define MEGARAID "megaraid", 0x010400, 0x1000, 0x0060, 0x4, NULL
#define MPT	 "mpt", 0x010000, 0x1000, 0x0054, 0x1, NULL
#define IGB	 "igb", 0x020000, 0x8086, 0x1521, 0, NULL
#define IXGBE	 "ixgbe", 0x020000, 0x8086, 0x10fb, 0, NULL
#define IXGBE_98 "ixgbe", 0x020000, 0x8086, 0x10b6, 0, NULL

/* A vendor capability of another type, then the one of the common configuration: BAR 4, 0x1000. */
static void make_modern(struct function *f)
{
	static const uint8_t ids[] = { PCI_CAP_MSIX, PCI_CAP_VENDOR, PCI_CAP_VENDOR, 0 };

	fake_capabilities(f, ids);
	f->config.bytes[0x50 + 3] = 4;
	f->config.bytes[0x60 + 3] = 1;
	f->config.bytes[0x60 + 4] = 4;
	fake_put32(f, 0x60 + 8, 0x1000);
}

static const struct state states[] = {
	{ "nvme disabled", NVME, false, NULL, { { 0, 0x14, 0x00460000 }, { 0, 0x1c, 0 } } },
	{ "nvme ready",
	  NVME,
	  true,
	  "CSTS=0x00000001 ready",
	  { { 0, 0x14, 0x00460001 }, { 0, 0x1c, 1 } } },
	{ "nvme after a normal shutdown, still enabled",
	  NVME,
	  false,
	  NULL,
	  { { 0, 0x14, 0x00464001 }, { 0, 0x1c, 0x9 } } },
	{ "nvme while it shuts down",
	  NVME,
	  true,
	  "shutting down",
	  { { 0, 0x14, 0x00464001 }, { 0, 0x1c, 0x5 } } },
	{ "nvme enabled, not ready yet",
	  NVME,
	  true,
	  "not ready",
	  { { 0, 0x14, 0x00460001 }, { 0, 0x1c, 0 } } },
	{ "nvme disabled, still ready",
	  NVME,
	  true,
	  "CSTS=0x00000001",
	  { { 0, 0x14, 0x00460000 }, { 0, 0x1c, 1 } } },
	{ "nvme in fatal error",
	  NVME,
	  true,
	  "fatal error",
	  { { 0, 0x14, 0x00460001 }, { 0, 0x1c, 3 } } },

	{ "ahci stopped",
	  AHCI,
	  false,
	  NULL,
	  { { 5, 0x04, 0x80000000 }, { 5, 0x0c, 0x3f }, { 5, 0x118, 0x6 }, { 5, 0x198, 0x6 } } },
	{ "ahci third port running",
	  AHCI,
	  true,
	  "P2CMD=0x0000c017 command list and FIS receive on",
	  { { 5, 0x04, 0x80000002 }, { 5, 0x0c, 0x3f }, { 5, 0x218, 0xc017 } } },
	{ "ahci FIS receive alone",
	  AHCI,
	  true,
	  "P0CMD=0x00004016 FIS receive on",
	  { { 5, 0x04, 0x80000000 }, { 5, 0x0c, 0x1 }, { 5, 0x118, 0x4016 } } },
	{ "ahci last of 32 ports running",
	  AHCI,
	  true,
	  "P31CMD=0x00008001 command list on",
	  { { 5, 0x04, 0x80000000 }, { 5, 0x0c, 0xffffffff }, { 5, 0x1098, 0x8001 } } },
	{ "ahci running port that is not implemented",
	  AHCI,
	  false,
	  NULL,
	  { { 5, 0x04, 0x80000000 }, { 5, 0x0c, 0x1 }, { 5, 0x198, 0xc017 } } },
	{ "ahci asked to start, no disk",
	  AHCI,
	  false,
	  NULL,
	  { { 5, 0x04, 0x80000002 }, { 5, 0x0c, 0x1 }, { 5, 0x118, 0x7 } } },

	{ "xhci halted",
	  XHCI,
	  false,
	  NULL,
	  { { 0, 0x00, 0x01000040 }, { 0, 0x40, 0 }, { 0, 0x44, 1 } } },
	{ "xhci running",
	  XHCI,
	  true,
	  "USBSTS=0x00000008 running",
	  { { 0, 0x00, 0x01000040 }, { 0, 0x40, 5 }, { 0, 0x44, 8 } } },
	{ "xhci told to stop, not halted yet",
	  XHCI,
	  true,
	  "USBSTS=0x00000000 running",
	  { { 0, 0x00, 0x01000020 }, { 0, 0x20, 0 }, { 0, 0x24, 0 } } },

	/* Seen on QEMU's e1000e: after a stock kexec, and after an unbind. */
	{ "e1000e receiving",
	  E1000,
	  true,
	  "RCTL=0x04008002 receiver on",
	  { { 0, 0x100, 0x04008002 }, { 0, 0x400, 0x0003f0f8 } } },
	{ "e1000e unbound", E1000, false, NULL, { { 0, 0x100, 0 }, { 0, 0x400, 0 } } },
	{ "e1000e transmitting",
	  E1000,
	  true,
	  "TCTL=0x0103f0fa transmitter on",
	  { { 0, 0x100, 0 }, { 0, 0x400, 0x0103f0fa } } },

	{ "ehci halted",
	  EHCI,
	  false,
	  NULL,
	  { { 0, 0x00, 0x01000020 }, { 0, 0x20, 0x00080000 }, { 0, 0x24, 0x1000 } } },
	{ "ehci running",
	  EHCI,
	  true,
	  "USBSTS=0x00008008 running",
	  { { 0, 0x00, 0x01000020 }, { 0, 0x20, 0x00080021 }, { 0, 0x24, 0x8008 } } },

	{ "ohci in reset", OHCI, false, NULL, { { 0, 0x04, 0x00 } } },
	{ "ohci suspended", OHCI, false, NULL, { { 0, 0x04, 0xc0 } } },
	{ "ohci operational",
	  OHCI,
	  true,
	  "HcControl=0x00000083 operational",
	  { { 0, 0x04, 0x83 } } },

	{ "uhci halted", UHCI, false, NULL, { { 4, 0x00, 0 }, { 4, 0x02, 0x20 } } },
	{ "uhci running", UHCI, true, "USBSTS=0x0000 running", { { 4, 0x00, 0xc1 } } },

	{ "hda in reset", HDA, false, NULL, { { 0, 0x08, 0 }, { 0, 0x4c, 2 } } },
	{ "hda out of reset, all off",
	  HDA,
	  false,
	  NULL,
	  { { 0, 0x00, 0x4401 }, { 0, 0x08, 1 }, { 0, 0x80, 0x00100000 } } },
	{ "hda with its rings on",
	  HDA,
	  true,
	  "CORBCTL=0x02 command ring on, RIRBCTL=0x03 response ring on",
	  { { 0, 0x00, 0x4401 }, { 0, 0x08, 1 }, { 0, 0x4c, 2 }, { 0, 0x5c, 3 } } },
	{ "hda last of 8 streams running",
	  HDA,
	  true,
	  "SD7CTL=0x00100006 stream runs",
	  { { 0, 0x00, 0x4401 }, { 0, 0x08, 1 }, { 0, 0x160, 0x00100006 } } },
	{ "hda beyond its 8 streams",
	  HDA,
	  false,
	  NULL,
	  { { 0, 0x00, 0x4401 }, { 0, 0x08, 1 }, { 0, 0x180, 0x00100006 } } },

	{ "sdhci idle", SDHCI, false, NULL, { { 0, 0x24, 0x01ff0000 }, { 0, 0x0c, 0x1 } } },
	{ "sdhci read by DMA",
	  SDHCI,
	  true,
	  "PRESENT=0x01ff0206 transfer with DMA",
	  { { 0, 0x24, 0x01ff0206 }, { 0, 0x0c, 0x11 } } },
	{ "sdhci read by hand",
	  SDHCI,
	  false,
	  NULL,
	  { { 0, 0x24, 0x01ff0206 }, { 0, 0x0c, 0x10 } } },

	{ "virtio reset", VIRTIO, false, NULL, { { 4, 0x1014, 0 } } },
	{ "virtio driven", VIRTIO, true, "status=0x0f queues on", { { 4, 0x1014, 0x0f } } },
	{ "virtio broken", VIRTIO, true, "status=0x4f broken", { { 4, 0x1014, 0x4f } } },
	{ "virtio only seen", VIRTIO, false, NULL, { { 4, 0x1014, 0x03 } } },
	{ "legacy virtio reset", LEGACY, false, NULL, { { 0, 0x12, 0 } } },
	{ "legacy virtio driven", LEGACY, true, "status=0x07 queues on", { { 0, 0x12, 0x07 } } },

	{ "ide idle", IDE, false, NULL, { { 4, 0x02, 0x60 }, { 4, 0x0a, 0x60 } } },
	{ "ide started and done", IDE, false, NULL, { { 4, 0x00, 0x09 }, { 4, 0x02, 0x64 } } },
	{ "ide second channel active",
	  IDE,
	  true,
	  "BMISS=0x61 transfer active",
	  { { 4, 0x08, 0x09 }, { 4, 0x0a, 0x61 } } },

	/* Seen on QEMU's rtl8139: after a stock kexec, and after an unbind. */
	{ "rtl8139 on",
	  RTL8139,
	  true,
	  "CR=0x0d receiver or transmitter on",
	  { { 1, 0x37, 0x0d } } },
	{ "rtl8139 off", RTL8139, false, NULL, { { 1, 0x37, 0x01 } } },
	{ "r8169 on", RTL8169, true, "CR=0x0c receiver or transmitter on", { { 1, 0x37, 0x0c } } },
	{ "r8169 off", RTL8169, false, NULL, { { 1, 0x37, 0x00 } } },

	{ "tulip stopped",
	  TULIP,
	  false,
	  NULL,
	  { { 1, 0x28, 0xfc000000 }, { 1, 0x30, 0x32000040 } } },
	{ "tulip receiving",
	  TULIP,
	  true,
	  "CSR6=0x320e2002 receiver or transmitter on",
	  { { 1, 0x28, 0xfc660000 }, { 1, 0x30, 0x320e2002 } } },
	{ "tulip told to stop, in a frame",
	  TULIP,
	  true,
	  "CSR5=0xfc060000 not stopped",
	  { { 1, 0x28, 0xfc060000 }, { 1, 0x30, 0x320c0000 } } },

	{ "e100 idle", E100, false, NULL, { { 0, 0x00, 0x0000 } } },
	{ "e100 receive unit suspended", E100, false, NULL, { { 0, 0x00, 0x0004 } } },
	{ "e100 receiving",
	  E100,
	  true,
	  "SCB RU=0x0050 receive unit ready",
	  { { 0, 0x00, 0x0050 } } },
	{ "e100 in a command",
	  E100,
	  true,
	  "SCB CU=0x0080 command unit active",
	  { { 0, 0x00, 0x0080 } } },

	{ "pcnet stopped", PCNET, false, NULL, { { 0, 0x10, 0x0004 } } },
	{ "pcnet receiving",
	  PCNET,
	  true,
	  "CSR0=0x0073 receiver or transmitter on",
	  { { 0, 0x10, 0x0073 } } },
	{ "pcnet reads its rings, both ways off",
	  PCNET,
	  true,
	  "CSR0=0x0001 not stopped",
	  { { 0, 0x10, 0x0001 } } },

	{ "ne2k stopped", NE2K, false, NULL, { { 0, 0x00, 0x21 } } },
	{ "ne2k stopped, another page", NE2K, false, NULL, { { 0, 0x00, 0xe1 } } },
	{ "ne2k started", NE2K, true, "CR=0x22 not stopped", { { 0, 0x00, 0x22 } } },
	{ "ne2k transmitting", NE2K, true, "CR=0x26 not stopped", { { 0, 0x00, 0x26 } } },

	{ "lsi53c8xx stopped", LSI, false, NULL, { { 1, 0x14, 0x00 }, { 1, 0x15, 0x00 } } },
	{ "lsi53c8xx connected, SCRIPTS stopped",
	  LSI,
	  false,
	  NULL,
	  { { 1, 0x14, 0x08 }, { 1, 0x15, 0x01 } } },
	{ "lsi53c8xx in SCRIPTS",
	  LSI,
	  true,
	  "ISTAT1=0x02 SCRIPTS run",
	  { { 1, 0x14, 0x00 }, { 1, 0x15, 0x02 } } },

	{ "am53c974 idle", AM53C974, false, NULL, { { 0, 0x40, 0x00 } } },
	{ "am53c974 aborted, set to write", AM53C974, false, NULL, { { 0, 0x40, 0x82 } } },
	{ "am53c974 writing to memory",
	  AM53C974,
	  true,
	  "DMA CMD=0x00000093 transfer started",
	  { { 0, 0x40, 0x93 } } },

	{ "ac97 stopped", AC97, false, NULL, { { 1, 0x06, 1 }, { 1, 0x16, 1 }, { 1, 0x26, 1 } } },
	{ "ac97 playing", AC97, true, "PO_CR=0x15 running", { { 1, 0x1b, 0x15 }, { 1, 0x16, 0 } } },
	{ "ac97 at its last buffer", AC97, false, NULL, { { 1, 0x1b, 0x15 }, { 1, 0x16, 0x7 } } },

	{ "es1370 stopped", ES1370, false, NULL, { { 0, 0x00, 0x00000002 } } },
	{ "es1370 playing",
	  ES1370,
	  true,
	  "CONTROL=0x00000022 a channel runs",
	  { { 0, 0x00, 0x00000022 } } },

	{ "megaraid ready", MEGARAID, false, NULL, { { 0, 0xb0, 0xb0000010 } } },
	{ "megaraid operational",
	  MEGARAID,
	  true,
	  "OSP0=0xc0000010 firmware operational",
	  { { 0, 0xb0, 0xc0000010 } } },

	{ "mpt ready", MPT, false, NULL, { { 1, 0x00, 0x10000000 } } },
	{ "mpt operational",
	  MPT,
	  true,
	  "DOORBELL=0x22000000 IOC operational",
	  { { 1, 0x00, 0x22000000 } } },

	{ "igb off, first queue enabled",
	  IGB,
	  false,
	  NULL,
	  { { 0, 0xc028, 0x02000000 }, { 0, 0xe028, 0x02000000 } } },
	{ "igb receiving", IGB, true, "RCTL=0x04008002 receiver on", { { 0, 0x100, 0x04008002 } } },

	{ "ixgbe off", IXGBE, false, NULL, { { 0, 0x6028, 0x02000000 } } },
	{ "ixgbe receiving", IXGBE, true, "RXCTRL=0x00000001 receiver on", { { 0, 0x3000, 1 } } },
	{ "ixgbe transmitting",
	  IXGBE,
	  true,
	  "DMATXCTL=0x00000001 transmitter on",
	  { { 0, 0x4a80, 1 } } },
	{ "82598 off", IXGBE_98, false, NULL, { { 0, 0x4a80, 1 } } },
	{ "82598 last of 32 queues on",
	  IXGBE_98,
	  true,
	  "TXDCTL=0x02000000 queue on",
	  { { 0, 0x67e8, 0x02000000 } } },
};

static void stopped_is_quiet_running_is_live_or_masked(void **unused)
{
	check_states(states, sizeof(states) / sizeof(states[0]));
}

/* The two that nothing can be read of are in what_only_a_command_tells_is_unknown(). */
static void every_decoder_has_both(void **unused)
{
	for (const struct engine *const *engine = engines; *engine; engine++)
		if (strcmp((*engine)->name, "vmxnet3") && strcmp((*engine)->name, "pvscsi"))
			check_has_both((*engine)->name, states, sizeof(states) / sizeof(states[0]));
}

/* Whatever the decoder: a function that answers all-ones is not quiet. */
static void all_ones_is_unreadable(void **unused)
{
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		struct inspection ins;
		struct function f;
		struct fake fake;

		state_set_up(&states[i], &fake, &f);
		fake.dead = true;
		inspect_function(&f, false, &ins);
		if (ins.verdict != VERDICT_UNREADABLE || !strstr(ins.why, "all-ones"))
			fail_msg("%s: %s (%s)", states[i].what, verdict_name(ins.verdict), ins.why);
	}
}

static void nothing_is_read_while_decoding_is_off(void **unused)
{
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		struct inspection ins;
		struct function f;
		struct fake fake;

		state_set_up(&states[i], &fake, &f);
		fake_put16(&f, PCI_REG_COMMAND, PCI_CMD_MASTER);
		inspect_function(&f, false, &ins);
		if (ins.verdict != VERDICT_UNREADABLE || fake.reads)
			fail_msg("%s: %s after %zu reads", states[i].what,
				 verdict_name(ins.verdict), fake.reads);
	}
}

/* vmxnet3 and pvscsi tell nothing without a write. */
static void what_only_a_command_tells_is_unknown(void **unused)
{
	static const uint16_t ids[] = { 0x07b0, 0x07c0 };

	for (size_t i = 0; i < 2; i++) {
		struct inspection ins;
		struct function f;
		struct fake fake = { 0 };

		fake_function(&f, &fake, 0x020000, 0x15ad, ids[i], 0);
		inspect_function(&f, false, &ins);
		assert_int_equal(ins.verdict, VERDICT_UNKNOWN);
		assert_int_equal(fake.reads, 0);
	}
}

/* A slot count or a BAR number that no function can have is no reason to read elsewhere. */
static void impossible_bars_are_not_read(void **unused)
{
	struct inspection ins;
	struct function f;
	struct fake fake = { 0 };

	fake_function(&f, &fake, 0x080501, 0x1b36, 0x0007, 0);
	f.config.bytes[0x40] = 0x07;
	inspect_function(&f, false, &ins);
	assert_int_equal(ins.verdict, VERDICT_UNREADABLE);

	fake_function(&f, &fake, 0x020000, 0x1af4, 0x1041, 0);
	make_modern(&f);
	f.config.bytes[0x60 + 4] = 0x86;
	inspect_function(&f, false, &ins);
	assert_int_equal(ins.verdict, VERDICT_UNREADABLE);
	assert_int_equal(fake.reads, 0);
}

static void families_no_model_showed_say_so(void **unused)
{
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		const char *engine = states[i].engine;
		struct inspection ins;
		struct function f;
		struct fake fake;

		state_set_up(&states[i], &fake, &f);
		inspect_function(&f, false, &ins);
		assert_int_equal(ins.from_specification, !strcmp(engine, "igb") ||
								 !strcmp(engine, "ixgbe") ||
								 !strcmp(engine, "rtl8169"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stopped_is_quiet_running_is_live_or_masked),
		cmocka_unit_test(every_decoder_has_both),
		cmocka_unit_test(all_ones_is_unreadable),
		cmocka_unit_test(nothing_is_read_while_decoding_is_off),
		cmocka_unit_test(what_only_a_command_tells_is_unknown),
		cmocka_unit_test(impossible_bars_are_not_read),
		cmocka_unit_test(families_no_model_showed_say_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
