// SPDX-License-Identifier: GPL-2.0-or-later
/* A function whose address decoding is off, in a folder: what is asked of the kernel, and that it is
 * put back. That registers can be read then is seen on a machine (the lab's powernv9). */
#include "unit/fake/fake_ops.h"

#include "inspect/decoding.h"
#include "inspect/live.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NIC    "/sys/devices/pci0000:00/0000:00:02.0"
#define ENABLE NIC "/enable"

/* An unbound e1000e with an address in BAR 0 and @command in its Command register. */
static struct fake *machine(uint8_t command, const struct fake_fault *faults)
{
	struct fake *fake = fake_new(NULL, faults);
	uint8_t config[256] = { 0x86, 0x80, 0xd3, 0x10, command };

	config[11] = 0x02;
	config[0x13] = 0xfe;
	fake_device(fake, NIC, "pci", NULL);
	fake_bytes(fake, NIC "/config", config, sizeof(config));
	fake_file(fake, ENABLE, "0\n");
	return fake;
}

static struct inspection look(const struct fake *fake)
{
	struct inspection ins;

	inspect_here(&fake->sys, NIC, &ins);
	return ins;
}

static void only_decoding_that_is_off_is_lent(void **unused)
{
	struct fake *fake = machine(0x00, NULL);
	struct inspection ins = look(fake);

	assert_int_equal(ins.verdict, VERDICT_UNREADABLE);
	assert_true(decoding_is_off(&ins));
	fake_free(fake);

	/* Here it is the folder that has no registers. */
	fake = machine(PCI_CMD_MEMORY, NULL);
	ins = look(fake);
	assert_int_equal(ins.verdict, VERDICT_UNREADABLE);
	assert_false(decoding_is_off(&ins));
	fake_free(fake);
}

static void it_is_put_back_as_it_was(void **unused)
{
	struct fake *fake = machine(PCI_CMD_IO, NULL);
	struct inspection ins = look(fake);

	assert_int_equal(decoding_inspect(&fake->sys, NIC, &ins), 0);
	assert_true(ins.decoding_lent);
	assert_int_equal(fake_log_find(fake, "write " ENABLE " 1 = 0"), 0);
	assert_int_equal(fake_log_find(fake, "write " ENABLE " 0 = 0"), 1);
	assert_int_equal(fake_log_find(fake, "config * 0x4 0x3 0x1 = 0"), 2);
	fake_free(fake);
}

/* A BAR without an address: pci_enable_device() answers EINVAL, and nothing is to be put back. */
static void a_kernel_that_refuses_is_told(void **unused)
{
	static const struct fake_fault faults[] = {
		{ "write", "*/enable", FAKE_ERRNO, -EINVAL },
		{ 0 },
	};
	struct fake *fake = machine(0x00, faults);
	struct inspection ins = look(fake);

	assert_int_equal(decoding_inspect(&fake->sys, NIC, &ins), 0);
	assert_false(ins.decoding_lent);
	assert_non_null(strstr(ins.why, "EINVAL"));
	assert_true(fake_log_find(fake, "config *") < 0);
	fake_free(fake);
}

static void a_locked_down_kernel_is_not_asked(void **unused)
{
	struct fake *fake = machine(0x00, NULL);
	struct inspection ins = look(fake);

	fake_file(fake, "/sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
	assert_int_equal(decoding_inspect(&fake->sys, NIC, &ins), 0);
	assert_non_null(strstr(ins.why, "locked down"));
	assert_true(fake_log_find(fake, "write *") < 0);
	fake_free(fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_decoding_that_is_off_is_lent),
		cmocka_unit_test(it_is_put_back_as_it_was),
		cmocka_unit_test(a_kernel_that_refuses_is_told),
		cmocka_unit_test(a_locked_down_kernel_is_not_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
