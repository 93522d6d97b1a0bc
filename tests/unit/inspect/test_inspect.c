// SPDX-License-Identifier: GPL-2.0-or-later
/* Config space, BARs, the verdict, and the child that survives what it reads. */
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

#define RCTL_ON                                                                                    \
	{                                                                                          \
		0, 0x100, 0x04008002                                                               \
	}

static const struct fake_register receiving[] = { RCTL_ON };

static void make_nic(struct function *f, struct fake *fake)
{
	static const uint8_t ids[] = { PCI_CAP_PM, PCI_CAP_MSI, PCI_CAP_EXPRESS, PCI_CAP_MSIX, 0 };

	*fake = (struct fake){ .registers = receiving, .count = 1 };
	fake_function(f, fake, 0x020000, 0x8086, 0x10d3, 0);
	fake_capabilities(f, ids);
	f->config.bytes[0x3d] = 1;
}

static void facts_come_from_config_space(void **unused)
{
	struct function f;
	struct fake fake;
	struct inspection ins;

	make_nic(&f, &fake);
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

	make_nic(&f, &fake);
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

	make_nic(&f, &fake);
	fake_put16(&f, 0x44, 0x0003);
	inspect_function(&f, false, &ins);
	assert_int_equal(ins.verdict, VERDICT_UNREADABLE);
	assert_non_null(strstr(ins.why, "D3hot"));

	make_nic(&f, &fake);
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

	make_nic(&f, &fake);
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

	make_nic(&f, &fake);
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

		make_nic(&f, &fake);
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
	make_nic(f, fake);
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

/* ---- a function's folder, as sysfs has it */

static char folder[64];
static struct sysroot *machine;

static void put_file(const char *name, const void *data, size_t length)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, length), (ssize_t)length);
	close(fd);
}

static void put_text(const char *name, const char *text)
{
	put_file(name, text, strlen(text));
}

static int make_folder(void **unused)
{
	strcpy(folder, "/tmp/kexit-inspect-XXXXXX");
	return mkdtemp(folder) && !sysroot_open(NULL, &machine) ? 0 : -1;
}

static int remove_folder(void **unused)
{
	static const char *const names[] = { "config",	  "resource",	 "resource0",
					     "resource1", "power_state", "driver" };
	char path[128];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		unlink(path);
	}
	sysroot_close(machine);
	machine = NULL;
	return rmdir(folder);
}

#define RESOURCE_MEMORY "0x00000000fe000400 0x00000000fe0005ff 0x0000000000040200\n"
#define RESOURCE_PORTS	"0x000000000000c000 0x000000000000c00f 0x0000000000040101\n"
#define RESOURCE_UNSET	"0x0000000000000000 0x0000000000000fff 0x0000000020040200\n"
#define RESOURCE_NONE	"0x0000000000000000 0x0000000000000000 0x0000000000000000\n"

static void a_small_bar_is_read_inside_its_page(void **unused)
{
	uint8_t page[4096] = { 0 };
	struct bar *bar;

	page[0x400 + 8] = 0x78;
	page[0x400 + 9] = 0x56;
	page[0x400 + 10] = 0x34;
	page[0x400 + 11] = 0x12;
	page[0x600] = 0xee; /* the neighbour's */
	put_text("resource", RESOURCE_MEMORY RESOURCE_NONE);
	put_file("resource0", page, sizeof(page));
	assert_int_equal(bar_open(machine, folder, 0, &bar), 0);
	assert_false(bar_is_io(bar));
	assert_int_equal(bar_size(bar), 0x200);
	assert_int_equal(bar_read32(bar, 8), 0x12345678);
	assert_int_equal(bar_read16(bar, 10), 0x1234);
	assert_int_equal(bar_read8(bar, 9), 0x56);
	assert_int_equal(bar_read8(bar, 0x200), 0xff);
	assert_int_equal(bar_read32(bar, 9), 0xffffffff);
	assert_int_equal(bar_read32(bar, UINT64_MAX - 3), 0xffffffff);
	bar_close(bar);
}

static void ports_are_read_one_by_one(void **unused)
{
	static const uint8_t ports[16] = { [4] = 0x34, [5] = 0x12 };
	struct bar *bar;

	put_text("resource", RESOURCE_NONE RESOURCE_PORTS);
	put_file("resource1", ports, sizeof(ports));
	assert_int_equal(bar_open(machine, folder, 1, &bar), 0);
	assert_true(bar_is_io(bar));
	assert_int_equal(bar_read16(bar, 4), 0x1234);
	assert_int_equal(bar_read8(bar, 5), 0x12);
	assert_int_equal(bar_read32(bar, 16), 0xffffffff);
	bar_close(bar);
}

static void a_bar_that_is_not_there_is_enoent(void **unused)
{
	struct bar *bar;

	put_text("resource", RESOURCE_NONE RESOURCE_UNSET);
	put_text("resource1", "");
	assert_int_equal(bar_open(machine, folder, 0, &bar), -ENOENT);
	assert_int_equal(bar_open(machine, folder, 1, &bar), -ENOENT);
	assert_int_equal(bar_open(machine, folder, 5, &bar), -ENOENT);
	bar_close(NULL);
}

/* An e1000e that receives, its registers in a file. @size: how much of its BAR there is. */
static void put_nic(size_t size)
{
	static uint8_t registers[0x20000];
	struct function f;
	struct fake fake;

	make_nic(&f, &fake);
	memset(registers, 0, sizeof(registers));
	registers[0x100] = 0x02;
	put_file("config", f.config.bytes, PCI_CONFIG_SIZE);
	put_text("resource",
		 "0x00000000fe000000 0x00000000fe01ffff 0x0000000000040200\n" RESOURCE_NONE);
	put_file("resource0", registers, size);
	put_text("power_state", "unknown\n");
}

static void a_function_is_read_from_its_folder(void **unused)
{
	struct inspection ins;

	put_nic(0x20000);
	inspect_here(&(struct sys){ .root = machine }, folder, &ins);
	assert_int_equal(ins.verdict, VERDICT_MASKED);
	assert_string_equal(ins.readings[0].name, "RCTL");
	put_text("power_state", "D3cold\n");
	inspect_here(&(struct sys){ .root = machine }, folder, &ins);
	assert_int_equal(ins.verdict, VERDICT_UNREADABLE);
}

static void a_captured_machine_has_no_registers(void **unused)
{
	struct inspection ins;
	struct sysroot *captured;

	put_nic(0x20000);
	assert_int_equal(sysroot_open(folder, &captured), 0);
	inspect_here(&(struct sys){ .root = captured }, "/", &ins);
	sysroot_close(captured);
	assert_int_equal(ins.verdict, VERDICT_UNREADABLE);
	assert_non_null(strstr(ins.why, "captured"));
}

/* A file shorter than its mapping: reading beyond its end raises SIGBUS, as hardware does. */
static void a_fault_costs_one_function(void **unused)
{
	const char *paths[] = { folder, "/nonexistent", folder };
	struct inspection ins[3];

	put_nic(0);
	assert_int_equal(inspect_many(&(struct sys){ .root = machine }, paths, 3, ins), 0);
	assert_int_equal(ins[0].verdict, VERDICT_UNREADABLE);
	assert_non_null(strstr(ins[0].why, "SIGBUS"));
	assert_non_null(strstr(ins[1].why, "ENOENT"));
	assert_non_null(strstr(ins[2].why, "SIGBUS"));
}

/* ---- the child */

static void misbehave(void *context, size_t item, struct inspection *ret)
{
	const char *what = context;

	if (what[item] == 's')
		raise(SIGSEGV);
	if (what[item] == 'e')
		_exit(3);
	while (what[item] == 'h')
		pause();
	ret->verdict = VERDICT_LIVE;
	ret->engine = "test";
}

static void the_child_goes_on_after_faults_and_hangs(void **unused)
{
	static char what[] = "s..h.es.";
	struct inspection ins[8];

	/* Long enough that only what hangs runs into it, on a busy machine under a sanitizer too. */
	assert_int_equal(guard_run(8, misbehave, what, 2000, ins), 0);
	for (size_t i = 0; i < 8; i++) {
		assert_int_equal(ins[i].verdict,
				 what[i] == '.' ? VERDICT_LIVE : VERDICT_UNREADABLE);
		if (what[i] == '.')
			assert_string_equal(ins[i].engine, "test");
	}
	assert_non_null(strstr(ins[0].why, "SIGSEGV"));
	assert_non_null(strstr(ins[3].why, "2000 ms"));
	assert_non_null(strstr(ins[5].why, "ended early"));
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
		cmocka_unit_test_setup_teardown(a_small_bar_is_read_inside_its_page, make_folder,
						remove_folder),
		cmocka_unit_test_setup_teardown(ports_are_read_one_by_one, make_folder,
						remove_folder),
		cmocka_unit_test_setup_teardown(a_bar_that_is_not_there_is_enoent, make_folder,
						remove_folder),
		cmocka_unit_test_setup_teardown(a_function_is_read_from_its_folder, make_folder,
						remove_folder),
		cmocka_unit_test_setup_teardown(a_captured_machine_has_no_registers, make_folder,
						remove_folder),
		cmocka_unit_test_setup_teardown(a_fault_costs_one_function, make_folder,
						remove_folder),
		cmocka_unit_test(the_child_goes_on_after_faults_and_hangs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
