// SPDX-License-Identifier: GPL-2.0-or-later
/* A sleeping function in a folder: what is asked of it, and that it is put back. Nothing wakes in a
 * folder; that it does on a machine is tested on one (tests/vm/test_cycles.py). */
#include "unit/fake/fake_ops.h"

#include "inspect/live.h"
#include "inspect/wake.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NIC	"/sys/devices/pci0000:00/0000:00:02.0"
#define CONTROL NIC "/power/control"

/* An unbound e1000e in @pm_state, its Power Management capability at 0x40. */
static struct fake *machine(uint8_t pm_state, const char *control, const struct fake_fault *faults)
{
	struct fake *fake = fake_new(NULL, faults);
	uint8_t config[256] = { 0x86, 0x80, 0xd3, 0x10, 0x02, 0x00, 0x10 };

	config[10] = 0x00;
	config[11] = 0x02;
	config[0x34] = 0x40;
	config[0x40] = 0x01;
	config[0x44] = pm_state;
	fake_device(fake, NIC, "pci", NULL);
	fake_bytes(fake, NIC "/config", config, sizeof(config));
	fake_file(fake, CONTROL, control);
	return fake;
}

static struct inspection look(const struct fake *fake)
{
	struct inspection ins;

	inspect_here(&fake->sys, NIC, &ins);
	return ins;
}

static void assert_control(const struct fake *fake, const char *expected)
{
	char *text = fake_text(fake, CONTROL);

	assert_string_equal(text, expected);
	free(text);
}

static void only_what_sleeps_is_woken(void **unused)
{
	struct fake *fake = machine(3, "auto", NULL);
	struct inspection ins = look(fake);

	assert_int_equal(ins.power_state, 3);
	assert_true(wake_is_needed(&fake->sys, NIC, &ins));
	ins.verdict = VERDICT_BOUND;
	assert_false(wake_is_needed(&fake->sys, NIC, &ins));
	fake_free(fake);

	fake = machine(0, "auto", NULL);
	ins = look(fake);
	assert_false(wake_is_needed(&fake->sys, NIC, &ins));
	fake_file(fake, NIC "/power/runtime_status", "suspended\n");
	assert_true(wake_is_needed(&fake->sys, NIC, &ins));
	fake_free(fake);
}

static void one_that_does_not_wake_is_put_back(void **unused)
{
	struct fake *fake = machine(3, "auto", NULL);
	struct inspection ins = look(fake);

	assert_int_equal(wake_inspect(&fake->sys, NIC, &ins), 0);
	assert_int_equal(ins.verdict, VERDICT_UNREADABLE);
	assert_false(ins.woken);
	assert_non_null(strstr(ins.why, "ETIMEDOUT"));
	assert_int_equal(fake_log_find(fake, "write " CONTROL " on = 0"), 0);
	assert_int_equal(fake_log_find(fake, "config * 0x44 0x3 0x3 = 0"), 1);
	assert_int_equal(fake_log_find(fake, "write " CONTROL " auto = 0"), 2);
	assert_control(fake, "auto");
	fake_free(fake);
}

/* Let go first: the kernel takes what is `on` for awake. */
static void one_that_is_on_is_let_go_first(void **unused)
{
	struct fake *fake = machine(3, "on", NULL);
	struct inspection ins;

	fake_file(fake, NIC "/power/runtime_status", "suspended\n");
	ins = look(fake);
	assert_int_equal(wake_inspect(&fake->sys, NIC, &ins), 0);
	assert_int_equal(fake_log_find(fake, "write " CONTROL " auto = 0"), 0);
	assert_int_equal(fake_log_find(fake, "write " CONTROL " on = 0"), 1);
	assert_control(fake, "on");
	fake_free(fake);
}

static void an_attribute_that_cannot_be_written_is_told(void **unused)
{
	static const struct fake_fault faults[] = {
		{ "write", "*/power/control", FAKE_ERRNO, -EACCES },
		{ 0 },
	};
	struct fake *fake = machine(3, "auto", faults);
	struct inspection ins = look(fake);

	assert_int_equal(wake_inspect(&fake->sys, NIC, &ins), -EACCES);
	assert_non_null(strstr(ins.why, "EACCES"));
	fake_free(fake);
}

static void a_locked_down_kernel_leaves_it_asleep(void **unused)
{
	struct fake *fake = machine(3, "auto", NULL);
	struct inspection ins = look(fake);

	fake_file(fake, "/sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
	assert_int_equal(wake_inspect(&fake->sys, NIC, &ins), 0);
	assert_non_null(strstr(ins.why, "locked down (integrity)"));
	assert_int_equal(fake_log_count(fake, "*"), 0);
	fake_free(fake);
}

/* Its config space would answer, and the question would wake it. */
static void a_function_in_d3cold_is_not_even_asked(void **unused)
{
	struct fake *fake = machine(0, "auto", NULL);
	struct inspection ins;

	fake_file(fake, NIC "/power_state", "D3cold\n");
	ins = look(fake);
	assert_int_equal(ins.verdict, VERDICT_UNREADABLE);
	assert_int_equal(ins.power_state, 4);
	assert_false(ins.has_config);
	assert_non_null(strstr(ins.why, "D3cold"));
	assert_true(wake_is_needed(&fake->sys, NIC, &ins));
	fake_free(fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_sleeps_is_woken),
		cmocka_unit_test(one_that_does_not_wake_is_put_back),
		cmocka_unit_test(one_that_is_on_is_let_go_first),
		cmocka_unit_test(an_attribute_that_cannot_be_written_is_told),
		cmocka_unit_test(a_locked_down_kernel_leaves_it_asleep),
		cmocka_unit_test(a_function_in_d3cold_is_not_even_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
