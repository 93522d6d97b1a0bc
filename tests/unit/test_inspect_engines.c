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

#include "test_inspect_fake.h"

#define REGISTERS 12

struct state {
	const char *what;
	const char *engine;
	uint32_t class_code;
	uint16_t vendor, device;
	unsigned int io_bars;
	void (*prepare)(struct function *f);
	bool running;
	const char *says; /* running: what inspection_describe() must contain */
	struct fake_register registers[REGISTERS];
};

#define NVME  "nvme", 0x010802, 0x1b36, 0x0010, 0, NULL
#define AHCI  "ahci", 0x010601, 0x8086, 0x2922, 0, NULL
#define XHCI  "xhci", 0x0c0330, 0x1b36, 0x000d, 0, NULL
#define E1000 "e1000", 0x020000, 0x8086, 0x10d3, 0, NULL

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
};

static void set_up(const struct state *state, struct fake *fake, struct function *f)
{
	*fake = (struct fake){ .registers = state->registers, .count = REGISTERS };
	fake_function(f, fake, state->class_code, state->vendor, state->device, state->io_bars);
	if (state->prepare)
		state->prepare(f);
}

static void check_verdict(const struct state *state, const struct inspection *ins,
			  enum verdict expected)
{
	char text[512];

	inspection_describe(ins, text, sizeof(text));
	if (ins->verdict != expected || !ins->engine || strcmp(ins->engine, state->engine))
		fail_msg("%s: %s by %s (%s), expected %s by %s", state->what,
			 verdict_name(ins->verdict), ins->engine ?: "nobody", text,
			 verdict_name(expected), state->engine);
	if (state->running && !strstr(text, state->says))
		fail_msg("%s: says '%s', expected '%s'", state->what, text, state->says);
}

static void stopped_is_quiet_running_is_live_or_masked(void **unused)
{
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		const struct state *state = &states[i];
		struct inspection ins;
		struct function f;
		struct fake fake;

		set_up(state, &fake, &f);
		inspect_function(&f, false, &ins);
		check_verdict(state, &ins, state->running ? VERDICT_MASKED : VERDICT_QUIET);
		fake_master(&f, true);
		inspect_function(&f, false, &ins);
		check_verdict(state, &ins, state->running ? VERDICT_LIVE : VERDICT_QUIET);
	}
}

/* Whatever the decoder: a function that answers all-ones is not quiet. */
static void all_ones_is_unreadable(void **unused)
{
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		struct inspection ins;
		struct function f;
		struct fake fake;

		set_up(&states[i], &fake, &f);
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

		set_up(&states[i], &fake, &f);
		fake_put16(&f, PCI_REG_COMMAND, PCI_CMD_MASTER);
		inspect_function(&f, false, &ins);
		if (ins.verdict != VERDICT_UNREADABLE || fake.reads)
			fail_msg("%s: %s after %zu reads", states[i].what,
				 verdict_name(ins.verdict), fake.reads);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stopped_is_quiet_running_is_live_or_masked),
		cmocka_unit_test(all_ones_is_unreadable),
		cmocka_unit_test(nothing_is_read_while_decoding_is_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
