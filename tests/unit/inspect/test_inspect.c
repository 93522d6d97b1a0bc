// SPDX-License-Identifier: GPL-2.0-or-later
/* Config space, and the verdict. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "inspect/function.h"
#include "inspect/guard.h"
#include "inspect/live.h"
#include "sys/bar.h"
#include "unit/inspect/test_inspect_fake.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- config space */

static void capabilities_are_found_in_order(void **unused)
{
	static const uint8_t ids[] = { PCI_CAP_PM, PCI_CAP_VENDOR, PCI_CAP_MSIX, PCI_CAP_VENDOR,
				       0 };
	struct function f;
	struct fake fake = { 0 };

	fake_function(&f, &fake, 0x020000, 1, 1, 0);
	fake_capabilities(&f, ids);
	assert_int_equal(pci_config_find(&f.config, PCI_CAP_PM, 0), 0x40);
	assert_int_equal(pci_config_find(&f.config, PCI_CAP_MSIX, 0), 0x60);
	assert_int_equal(pci_config_find(&f.config, PCI_CAP_VENDOR, 0), 0x50);
	assert_int_equal(pci_config_find(&f.config, PCI_CAP_VENDOR, 0x50), 0x70);
	assert_int_equal(pci_config_find(&f.config, PCI_CAP_VENDOR, 0x70), 0);
	assert_int_equal(pci_config_find(&f.config, PCI_CAP_MSI, 0), 0);
}

static void a_looping_list_ends(void **unused)
{
	static const uint8_t ids[] = { PCI_CAP_VENDOR, PCI_CAP_VENDOR, 0 };
	struct function f;
	struct fake fake = { 0 };
	unsigned int found = 0;

	fake_function(&f, &fake, 0x020000, 1, 1, 0);
	fake_capabilities(&f, ids);
	f.config.bytes[0x51] = 0x40; /* the second points back to the first */
	for (unsigned int at = pci_config_find(&f.config, PCI_CAP_VENDOR, 0); at;
	     at = pci_config_find(&f.config, PCI_CAP_VENDOR, at))
		assert_true(++found <= 2);
	assert_int_equal(found, 2);
	f.config.bytes[0x41] = 0x40; /* the first points to itself */
	assert_int_equal(pci_config_find(&f.config, PCI_CAP_VENDOR, 0x40), 0);
}

/* Every pointer and id that a broken function could hold: nothing may hang or read beyond. */
static void random_config_space_is_survived(void **unused)
{
	struct function f;
	struct fake fake = { 0 };
	struct inspection ins;

	srandom(1);
	for (unsigned int round = 0; round < 2000; round++) {
		fake_function(&f, &fake, 0x010802, 1, 1, 0);
		for (size_t i = 0; i < PCI_CONFIG_SIZE; i++)
			f.config.bytes[i] = (uint8_t)random();
		f.config.size = (size_t)random() % (PCI_CONFIG_SIZE + 1);
		function_identify(&f);
		for (unsigned int id = 0; id < 256; id++)
			for (unsigned int at = pci_config_find(&f.config, id, 0), n = 0; at;
			     at = pci_config_find(&f.config, id, at))
				assert_true(++n <= 64);
		inspect_function(&f, false, &ins);
	}
}

static void beyond_what_was_read_is_all_ones(void **unused)
{
	struct pci_config config = { .size = 64 };

	assert_int_equal(pci_config_u8(&config, 63), 0);
	assert_int_equal(pci_config_u8(&config, 64), 0xff);
	assert_int_equal(pci_config_u16(&config, 63), 0xffff);
	assert_int_equal(pci_config_u32(&config, 62), 0xffffffff);
	assert_int_equal(pci_config_u32(&config, 0xfffffffe), 0xffffffff);
}

/* ---- verdicts */

static void facts_come_from_config_space(void **unused)
{
	struct function f;
	struct fake fake;
	struct inspection ins;

	fake_nic(&f, &fake);
	inspect_function(&f, false, &ins);
	assert_true(ins.intx_enabled);
	assert_false(ins.msi_enabled || ins.msix_enabled || ins.transactions_pending);
	assert_false(ins.bus_master || ins.intx_pending);
	assert_int_equal(ins.power_state, 0);

	fake_put16(&f, PCI_REG_COMMAND, 0x0406);
	fake_put16(&f, PCI_REG_STATUS, PCI_STATUS_HAS_CAPS | PCI_STATUS_INTX);
	fake_put16(&f, 0x50 + 2, 0x0081);
	fake_put16(&f, 0x60 + 0x0a, 0x0020);
	fake_put16(&f, 0x70 + 2, 0x8003);
	inspect_function(&f, false, &ins);
	assert_false(ins.intx_enabled || ins.io_decode);
	assert_true(ins.msi_enabled && ins.msix_enabled && ins.transactions_pending);
	assert_true(ins.bus_master && ins.intx_pending && ins.memory_decode);
	assert_int_equal(ins.class_code, 0x020000);
}

static void a_bound_function_is_not_touched(void **unused)
{
	struct function f;
	struct fake fake;
	struct inspection ins;

	fake_nic(&f, &fake);
	inspect_function(&f, true, &ins);
	assert_int_equal(ins.verdict, VERDICT_BOUND);
	assert_int_equal(fake.reads, 0);
	assert_string_equal(ins.engine, "e1000");
}

static void a_sleeping_function_is_not_touched(void **unused)
{
	struct function f;
	struct fake fake;
	struct inspection ins;

	fake_nic(&f, &fake);
	fake_put16(&f, 0x44, 0x0003);
	inspect_function(&f, false, &ins);
	assert_int_equal(ins.verdict, VERDICT_UNREADABLE);
	assert_non_null(strstr(ins.why, "D3hot"));

	fake_nic(&f, &fake);
	f.kernel_power = 4;
	inspect_function(&f, false, &ins);
	assert_int_equal(ins.verdict, VERDICT_UNREADABLE);
	assert_non_null(strstr(ins.why, "D3cold"));
	assert_int_equal(fake.reads, 0);
}

static void without_privilege_the_power_state_is_not_guessed(void **unused)
{
	struct function f;
	struct fake fake;
	struct inspection ins;

	fake_nic(&f, &fake);
	f.config.size = 64;
	inspect_function(&f, false, &ins);
	assert_int_equal(ins.verdict, VERDICT_UNREADABLE);
	assert_false(ins.has_capabilities);
	assert_int_equal(ins.power_state, -1);
	assert_int_equal(fake.reads, 0);
}

static void a_function_that_is_gone_is_said_to_be(void **unused)
{
	struct function f;
	struct fake fake;
	struct inspection ins;

	fake_nic(&f, &fake);
	memset(f.config.bytes, 0xff, sizeof(f.config.bytes));
	function_identify(&f);
	inspect_function(&f, false, &ins);
	assert_int_equal(ins.verdict, VERDICT_UNREADABLE);
	assert_non_null(strstr(ins.why, "gone"));
	assert_false(ins.has_config || ins.bus_master);
}

static void an_engine_nobody_knows_is_unknown(void **unused)
{
	struct function f;
	struct fake fake = { 0 };
	struct inspection ins;
	char text[200];

	fake_function(&f, &fake, 0x118000, 0x1234, 0x5678, 0);
	inspect_function(&f, false, &ins);
	assert_int_equal(ins.verdict, VERDICT_UNKNOWN);
	inspection_describe(&ins, text, sizeof(text));
	assert_string_equal(text, "no decoder for class 0x118000 (1234:5678)");
}

static void each_refusal_has_its_reason(void **unused)
{
	static const struct {
		int code;
		const char *says;
	} cases[] = {
		{ -EPERM, "locked down" },   { -EACCES, "root" }, { -EINVAL, "driver holds" },
		{ -EOPNOTSUPP, "captured" }, { -ENOENT, "BAR" },  { -EIO, "EIO" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct function f;
		struct fake fake;
		struct inspection ins;

		fake_nic(&f, &fake);
		fake.error = cases[i].code;
		inspect_function(&f, false, &ins);
		assert_int_equal(ins.verdict, VERDICT_UNREADABLE);
		assert_non_null(strstr(ins.why, cases[i].says));
	}
}

/* ---- an interrupt that stays asserted */

/* A NIC whose receiver is off, INTx pending. */
static void make_pending_nic(struct function *f, struct fake *fake, uint16_t command)
{
	fake_nic(f, fake);
	fake->count = 0;
	fake_put16(f, PCI_REG_COMMAND, command);
	fake_put16(f, PCI_REG_STATUS, PCI_STATUS_HAS_CAPS | PCI_STATUS_INTX);
}

static void an_asserted_interrupt_is_not_quiet(void **unused)
{
	struct function f;
	struct fake fake;
	struct inspection ins;
	char text[200];

	make_pending_nic(&f, &fake, PCI_CMD_MEMORY);
	inspect_function(&f, false, &ins);
	assert_int_equal(ins.verdict, VERDICT_LIVE);
	assert_true(ins.intx_drowns);
	inspection_describe(&ins, text, sizeof(text));
	assert_string_equal(text, "Status=0x0018 INTx asserted, and not disabled");
}

static void an_asserted_interrupt_that_reaches_no_line_is_quiet(void **unused)
{
	struct function f;
	struct fake fake;
	struct inspection ins;

	make_pending_nic(&f, &fake, PCI_CMD_MEMORY | PCI_CMD_INTX_DISABLE);
	inspect_function(&f, false, &ins);
	assert_int_equal(ins.verdict, VERDICT_QUIET);

	make_pending_nic(&f, &fake, PCI_CMD_MEMORY);
	f.config.bytes[0x3d] = 0; /* no pin */
	inspect_function(&f, false, &ins);
	assert_int_equal(ins.verdict, VERDICT_QUIET);

	make_pending_nic(&f, &fake, PCI_CMD_MEMORY);
	fake_put16(&f, 0x50 + 2, 0x0081); /* MSI instead */
	inspect_function(&f, false, &ins);
	assert_int_equal(ins.verdict, VERDICT_QUIET);
	assert_false(ins.intx_drowns);
}

static void an_asserted_interrupt_of_an_unknown_engine_is_live(void **unused)
{
	struct function f;
	struct fake fake = { 0 };
	struct inspection ins;

	fake_function(&f, &fake, 0x118000, 0x1234, 0x5678, 0);
	f.config.bytes[0x3d] = 1;
	fake_put16(&f, PCI_REG_STATUS, PCI_STATUS_INTX);
	inspect_function(&f, false, &ins);
	assert_int_equal(ins.verdict, VERDICT_LIVE);
	inspect_function(&f, true, &ins);
	assert_int_equal(ins.verdict, VERDICT_BOUND);
}

/* What cannot be read is still to be asked for again, by --wake. */
static void an_asserted_interrupt_leaves_the_unreadable_unreadable(void **unused)
{
	struct function f;
	struct fake fake;
	struct inspection ins;

	make_pending_nic(&f, &fake, 0);
	inspect_function(&f, false, &ins);
	assert_int_equal(ins.verdict, VERDICT_UNREADABLE);
	assert_true(ins.decoding_off && ins.intx_drowns);
}

/* ---- a shutdown under way */

static void look_at_nvme(uint32_t csts, struct inspection *ins)
{
	const struct fake_register registers[] = { { 0, 0x14, 0x00464001 }, { 0, 0x1c, csts } };
	struct fake fake = { .registers = registers, .count = 2 };
	struct function f;

	fake_function(&f, &fake, 0x010802, 0x144d, 0xa824, 0);
	inspect_function(&f, false, ins);
}

/* CSTS: bit 0 ready, bit 1 fatal status, bits 3:2 shutdown status (NVMe Base 2.0, 3.1.3.6). */
static void a_shutdown_under_way_ends_by_itself(void **unused)
{
	struct inspection ins;

	look_at_nvme(0x5, &ins);
	assert_int_equal(ins.verdict, VERDICT_MASKED);
	assert_true(ins.is_ending);
	look_at_nvme(0x9, &ins);
	assert_int_equal(ins.verdict, VERDICT_QUIET);
	assert_false(ins.is_ending);
	look_at_nvme(0x1, &ins);
	assert_false(ins.is_ending);
}

static void a_shutdown_after_a_fatal_error_does_not(void **unused)
{
	struct inspection ins;

	look_at_nvme(0x7, &ins);
	assert_int_equal(ins.verdict, VERDICT_MASKED);
	assert_false(ins.is_ending);
}

static void a_running_engine_is_never_dropped(void **unused)
{
	struct inspection ins = { 0 };
	char text[40];

	for (unsigned int i = 0; i < 20; i++)
		reading_add(&ins, (struct reading){ .name = "IDLE", .width = 4 });
	reading_add(&ins,
		    (struct reading){ .name = "RUN", .width = 2, .value = 1, .running = true });
	assert_int_equal(ins.reading_count, INSPECT_READINGS);
	inspection_describe(&ins, text, sizeof(text));
	assert_string_equal(text, "RUN=0x0001");
	inspection_describe(&ins, text, 5);
	assert_string_equal(text, "RUN=");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(capabilities_are_found_in_order),
		cmocka_unit_test(a_looping_list_ends),
		cmocka_unit_test(random_config_space_is_survived),
		cmocka_unit_test(beyond_what_was_read_is_all_ones),
		cmocka_unit_test(facts_come_from_config_space),
		cmocka_unit_test(a_bound_function_is_not_touched),
		cmocka_unit_test(a_sleeping_function_is_not_touched),
		cmocka_unit_test(without_privilege_the_power_state_is_not_guessed),
		cmocka_unit_test(a_function_that_is_gone_is_said_to_be),
		cmocka_unit_test(an_engine_nobody_knows_is_unknown),
		cmocka_unit_test(each_refusal_has_its_reason),
		cmocka_unit_test(an_asserted_interrupt_is_not_quiet),
		cmocka_unit_test(an_asserted_interrupt_that_reaches_no_line_is_quiet),
		cmocka_unit_test(an_asserted_interrupt_of_an_unknown_engine_is_live),
		cmocka_unit_test(an_asserted_interrupt_leaves_the_unreadable_unreadable),
		cmocka_unit_test(a_shutdown_under_way_ends_by_itself),
		cmocka_unit_test(a_shutdown_after_a_fatal_error_does_not),
		cmocka_unit_test(a_running_engine_is_never_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
