// SPDX-License-Identifier: GPL-2.0-or-later
/* The canary's pattern, and Bus Master of functions that nobody drives. */
#include "unit/fake/fake_pci.h"

#include "sys/pci.h"
#include "witness/masters.h"
#include "witness/pattern.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PAGE	 4096
#define FREE_NIC "/sys/devices/pci0000:00/0000:00:02.0"
#define HELD_NIC "/sys/devices/pci0000:00/0000:00:03.0"
#define BRIDGE	 "/sys/devices/pci0000:00/0000:00:04.0"
#define BUSY_NIC "/sys/devices/pci0000:00/0000:00:05.0"

static uint64_t memory[4 * PAGE / sizeof(uint64_t)];

static void untouched_memory_has_no_change(void **state)
{
	struct changed_run run;

	pattern_fill(memory, sizeof(memory));
	assert_false(pattern_next_change(memory, sizeof(memory), 0, PAGE, &run));
}

static void a_frame_across_two_pages_is_two_runs(void **state)
{
	struct changed_run run;

	pattern_fill(memory, sizeof(memory));
	memset((char *)memory + PAGE - 16, 0x52, 64);
	assert_true(pattern_next_change(memory, sizeof(memory), 0, PAGE, &run));
	assert_int_equal(run.offset, PAGE - 16);
	assert_int_equal(run.length, 16);
	assert_true(
		pattern_next_change(memory, sizeof(memory), run.offset + run.length, PAGE, &run));
	assert_int_equal(run.offset, PAGE);
	assert_int_equal(run.length, 48);
	assert_false(
		pattern_next_change(memory, sizeof(memory), run.offset + run.length, PAGE, &run));
}

static void zeroes_and_a_copied_page_are_changes(void **state)
{
	struct changed_run run;

	pattern_fill(memory, sizeof(memory));
	memory[0] = 0;
	assert_true(pattern_next_change(memory, sizeof(memory), 0, PAGE, &run));
	assert_int_equal(run.offset, 0);
	pattern_fill(memory, sizeof(memory));
	memcpy((char *)memory + PAGE, memory, PAGE);
	assert_true(pattern_next_change(memory, sizeof(memory), 0, PAGE, &run));
	assert_int_equal(run.offset, PAGE);
	assert_int_equal(run.length, PAGE);
}

static void the_last_word_counts(void **state)
{
	struct changed_run run;

	pattern_fill(memory, sizeof(memory));
	memory[sizeof(memory) / sizeof(*memory) - 1] ^= 1;
	assert_true(pattern_next_change(memory, sizeof(memory), 0, PAGE, &run));
	assert_int_equal(run.offset, sizeof(memory) - 8);
	assert_int_equal(run.length, 8);
}

static unsigned int master(const struct fake *fake, const char *path)
{
	struct pci_config config;

	assert_int_equal(pci_config_read(fake->sys.root, path, &config), 0);
	return pci_config_u16(&config, PCI_REG_COMMAND) & PCI_CMD_MASTER;
}

/* Off again only where it was turned on: what mastered the bus before is evidence, not ours. */
static void masters_are_turned_on_and_put_back(void **state)
{
	struct fake *fake = fake_new(NULL, NULL);
	struct masters *masters;
	size_t count;

	fake_pci(fake, FREE_NIC, NULL, 0x020000, 0x02, 0);
	fake_pci(fake, HELD_NIC, "e1000e", 0x020000, 0x02, 0);
	fake_pci(fake, BRIDGE, NULL, 0x060000, 0x02, 1);
	fake_pci(fake, BUSY_NIC, NULL, 0x020000, 0x06, 0);
	assert_int_equal(masters_on(&fake->sys, &masters, &count, NULL), 0);
	assert_int_equal(count, 1);
	assert_true(master(fake, FREE_NIC));
	assert_false(master(fake, HELD_NIC));
	assert_false(master(fake, BRIDGE));
	masters_off(&fake->sys, masters);
	assert_false(master(fake, FREE_NIC));
	assert_true(master(fake, BUSY_NIC));
	fake_free(fake);
}

static void a_refused_write_is_an_error_and_undone(void **state)
{
	static const struct fake_fault faults[] = {
		{ "config", "*:03.0", FAKE_ERRNO, -1 /* EPERM: lockdown */ },
		{ 0 },
	};
	struct fake *fake = fake_new(NULL, faults);
	struct error e = ERROR_NONE;
	struct masters *masters;
	size_t count;

	fake_pci(fake, FREE_NIC, NULL, 0x020000, 0x02, 0);
	fake_pci(fake, HELD_NIC, NULL, 0x020000, 0x02, 0);
	assert_int_equal(masters_on(&fake->sys, &masters, &count, &e), -1);
	assert_non_null(strstr(e.text, "0000:00:03.0"));
	assert_non_null(strstr(e.text, "EPERM"));
	assert_false(master(fake, FREE_NIC));
	fake_free(fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(untouched_memory_has_no_change),
		cmocka_unit_test(a_frame_across_two_pages_is_two_runs),
		cmocka_unit_test(zeroes_and_a_copied_page_are_changes),
		cmocka_unit_test(the_last_word_counts),
		cmocka_unit_test(masters_are_turned_on_and_put_back),
		cmocka_unit_test(a_refused_write_is_an_error_and_undone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
