// SPDX-License-Identifier: GPL-2.0-or-later
/* Bus Master and INTx of one function that no driver holds. */
#include "unit/fake/fake_pci.h"

#include "graph/scan.h"
#include "run/pci_master.h"
#include "sys/pci.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define NIC	"/sys/devices/pci0000:00/0000:00:02.0"
#define PENDING 0x08 /* Status, bit 3 */

struct bench {
	struct fake *fake;
	struct record *record;
	struct graph *graph;
	char record_dir[96];
};

/* A NIC without a driver; @command and @status in its config space, and an interrupt pin. */
static struct device *prepare(struct bench *b, uint8_t command, uint8_t status,
			      const struct fake_fault *faults)
{
	uint8_t config[256] = { 0x86, 0x80,   0x34, 0x12,	 command,
				0,    status, 0,    [11] = 0x02, [0x3d] = 1 };
	struct error e = ERROR_NONE;

	b->fake = fake_new(NULL, faults);
	fake_pci(b->fake, NIC, NULL, 0x020000, command, 0);
	fake_bytes(b->fake, NIC "/config", config, sizeof(config));
	snprintf(b->record_dir, sizeof(b->record_dir), "/dev/shm/kexit-master-%d", getpid());
	assert_int_equal(record_create(b->record_dir, "exec", &b->record, NULL), 0);
	assert_int_equal(scan(b->fake->sys.root, &b->graph, &e), 0);
	return graph_lookup(b->graph, "0000:00:02.0");
}

static void finish(struct bench *b)
{
	char command[160];

	record_close(b->record);
	graph_free(b->graph);
	fake_free(b->fake);
	snprintf(command, sizeof(command), "rm -rf %s", b->record_dir);
	assert_int_equal(system(command), 0);
}

static uint16_t command_now(const struct bench *b)
{
	struct pci_config config;

	assert_int_equal(pci_config_read(b->fake->sys.root, NIC, &config), 0);
	return pci_config_u16(&config, PCI_REG_COMMAND);
}

static void bus_master_is_cleared(void **state)
{
	struct bench b;
	struct device *device = prepare(&b, 0x06, 0, NULL);

	(void)state;
	assert_true(pci_is_master(&b.fake->sys, device));
	assert_int_equal(pci_clear_master(&b.fake->sys, b.record, device), 1);
	assert_int_equal(command_now(&b), 0x0002);
	assert_false(pci_is_master(&b.fake->sys, device));
	assert_int_equal(pci_clear_master(&b.fake->sys, b.record, device), 0);
	finish(&b);
}

/* The next pci_enable_device() takes Interrupt Disable back by itself. */
static void an_asserted_interrupt_is_disabled(void **state)
{
	struct bench b;
	struct device *device = prepare(&b, 0x02, PENDING, NULL);

	(void)state;
	assert_int_equal(pci_clear_master(&b.fake->sys, b.record, device), 0);
	assert_int_equal(command_now(&b), 0x0402);
	finish(&b);
}

static void both_go_in_one_write(void **state)
{
	struct bench b;
	struct device *device = prepare(&b, 0x06, PENDING, NULL);

	(void)state;
	assert_int_equal(pci_clear_master(&b.fake->sys, b.record, device), 1);
	assert_int_equal(command_now(&b), 0x0402);
	assert_int_equal(fake_log_count(b.fake, "config *"), 1);
	finish(&b);
}

static void a_refusal_is_not_lost(void **state)
{
	static const struct fake_fault refused[] = { { "config", "*", FAKE_ERRNO, -EPERM }, { 0 } };
	static const struct fake_fault ignored[] = { { "config", "*", FAKE_PRETEND, 0 }, { 0 } };
	struct bench b;
	struct device *device = prepare(&b, 0x06, 0, refused);

	(void)state;
	assert_int_equal(pci_clear_master(&b.fake->sys, b.record, device), -EPERM);
	finish(&b);
	device = prepare(&b, 0x06, 0, ignored);
	assert_int_equal(pci_clear_master(&b.fake->sys, b.record, device), -EIO);
	finish(&b);
}

/* By the kernel's own word: what it knows to be in D0 to D3hot. */
static void the_kernel_clears_what_it_knows_the_state_of(void **state)
{
	static const struct {
		const char *state;
		bool clears;
	} cases[] = { { "D0\n", true },
		      { "D3hot\n", true },
		      { "D3cold\n", false },
		      { "unknown\n", false },
		      { "error\n", false } };
	struct bench b;
	struct device *device = prepare(&b, 0x06, 0, NULL);

	(void)state;
	assert_false(pci_kernel_clears_master(&b.fake->sys, device));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		fake_file(b.fake, NIC "/power_state", cases[i].state);
		assert_int_equal(pci_kernel_clears_master(&b.fake->sys, device), cases[i].clears);
	}
	finish(&b);
}

/* Reading the config space of one in D3cold would wake it. */
static void what_is_without_power_masters_nothing(void **state)
{
	struct bench b;
	struct device *device = prepare(&b, 0x06, 0, NULL);

	(void)state;
	fake_file(b.fake, NIC "/power_state", "D3cold\n");
	assert_false(pci_is_master(&b.fake->sys, device));
	finish(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bus_master_is_cleared),
		cmocka_unit_test(an_asserted_interrupt_is_disabled),
		cmocka_unit_test(both_go_in_one_write),
		cmocka_unit_test(a_refusal_is_not_lost),
		cmocka_unit_test(the_kernel_clears_what_it_knows_the_state_of),
		cmocka_unit_test(what_is_without_power_masters_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
