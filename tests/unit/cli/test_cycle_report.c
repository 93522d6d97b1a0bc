// SPDX-License-Identifier: GPL-2.0-or-later
/* What is told of made-up cycles, and what a report to be shared must not hold. */
#include "unit/fake/fake_ops.h"

#include "cli/test_report.h"
#include "trial/subject.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NIC	 "/sys/devices/pci0000:00/0000:00:02.0"
#define RECEIVER "RCTL=0x04008002 receiver on"
#define SECRET	 "SERIAL-4711"

static struct cycle cycle(enum verdict verdict, const char *text, double release_ms)
{
	struct cycle cycle = {
		.inspected = true,
		.verdict = verdict,
		.cleared = verdict == VERDICT_LIVE,
		.release_ms = release_ms,
		.probe_ms = 100 - release_ms,
		.has_slab = true,
		.used = { .links = 1, .carriers = release_ms < 30 },
	};

	strcpy(cycle.text, text);
	return cycle;
}

static void verdicts_and_extremes_are_counted(void **unused)
{
	struct cycle list[] = {
		cycle(VERDICT_QUIET, "", 10),
		cycle(VERDICT_LIVE, RECEIVER, 30),
		cycle(VERDICT_MASKED, RECEIVER, 20),
	};
	const struct cycles cycles = { .list = list, .count = 3 };
	struct cycles_summary summary;

	cycles_summarize(&cycles, &summary);
	assert_int_equal(summary.verdicts[VERDICT_QUIET], 1);
	assert_int_equal(summary.verdicts[VERDICT_LIVE], 1);
	assert_int_equal(summary.verdicts[VERDICT_MASKED], 1);
	assert_int_equal(summary.cleared, 1);
	assert_int_equal(summary.not_used, 1);
	assert_int_equal(summary.slowest_release, 1);
	assert_int_equal(summary.slowest_probe, 0);
	assert_true(summary.has_slab);
	assert_false(summary.growth.is_known);
}

static void all_that_were_asked_for_must_be_quiet(void **unused)
{
	struct cycle list[] = { cycle(VERDICT_QUIET, "", 1), cycle(VERDICT_UNKNOWN, "", 1) };

	assert_true(cycles_are_quiet(&(struct cycles){ .list = list, .count = 1 }, 1));
	assert_false(cycles_are_quiet(&(struct cycles){ .list = list, .count = 1 }, 2));
	assert_false(cycles_are_quiet(&(struct cycles){ .list = list, .count = 2 }, 2));
	assert_false(cycles_are_quiet(&(struct cycles){ .list = list, .count = 0 }, 1));
}

static void a_reset_that_changed_a_register_is_no_clean_cycle(void **unused)
{
	struct cycle list[] = { cycle(VERDICT_QUIET, "", 1) };
	const struct cycles cycles = { .list = list, .count = 1, .resets = true };

	assert_false(cycles_are_quiet(&cycles, 1));
	list[0].reset = (struct cycle_reset){ .happened = true, .end = RESET_END_DONE };
	assert_true(cycles_are_quiet(&cycles, 1));
	list[0].reset.end = RESET_END_CHANGED;
	assert_false(cycles_are_quiet(&cycles, 1));
}

static struct fake *machine(void)
{
	static const char *const identity[] = {
		"product_serial", "board_serial",      "chassis_serial",
		"product_uuid",	  "chassis_asset_tag",
	};
	struct fake *fake = fake_new(NULL, NULL);
	char path[128];

	fake_device(fake, NIC, "pci", "e1000e");
	fake_file(fake, NIC "/class", "0x020000\n");
	fake_file(fake, NIC "/vendor", "0x8086\n");
	fake_file(fake, NIC "/device", "0x10d3\n");
	fake_file(fake, NIC "/net/eth0/address", SECRET "\n");
	fake_link(fake, "/sys/bus/pci/drivers/e1000e/module", "../../../../module/e1000e");
	fake_file(fake, "/sys/module/e1000e/version", "3.2.6-k\n");
	fake_file(fake, "/proc/self/mountinfo", "");
	fake_file(fake, "/proc/cmdline", SECRET "\n");
	fake_file(fake, "/sys/class/dmi/id/product_name", "Box 1\n");
	for (size_t i = 0; i < sizeof(identity) / sizeof(identity[0]); i++) {
		snprintf(path, sizeof(path), "/sys/class/dmi/id/%s", identity[i]);
		fake_file(fake, path, SECRET "\n");
	}
	return fake;
}

static json_t *report_of(struct fake *fake, const struct cycles *cycles)
{
	struct error e = ERROR_NONE;
	struct subject subject;
	json_t *report;

	assert_int_equal(subject_find(fake->sys.root, "0000:00:02.0", false, &subject, &e), 0);
	report = report_head(fake->sys.root, subject.decision->device);
	subject_done(&subject);
	assert_non_null(report);
	assert_int_equal(report_add_result(report, cycles, 3, "it broke"), 0);
	return report;
}

static const char *text_of(const json_t *report, const char *part, const char *key)
{
	return json_string_value(json_object_get(json_object_get(report, part), key)) ?: "";
}

static void a_report_names_kind_driver_and_registers(void **unused)
{
	struct fake *fake = machine();
	struct cycle list[] = { cycle(VERDICT_LIVE, RECEIVER, 10),
				cycle(VERDICT_LIVE, RECEIVER, 9) };
	json_t *report = report_of(fake, &(struct cycles){ .list = list, .count = 2 });
	const json_t *result = json_object_get(report, "result");
	const json_t *registers = json_object_get(result, "registers");

	assert_string_equal(text_of(report, "machine", "product_name"), "Box 1");
	assert_string_equal(text_of(report, "device", "driver"), "e1000e");
	assert_string_equal(text_of(report, "device", "module_version"), "3.2.6-k");
	assert_string_equal(text_of(report, "device", "device"), "0x10d3");
	assert_string_equal(text_of(report, "result", "ended_early"), "it broke");
	assert_int_equal(json_integer_value(json_object_get(registers, RECEIVER)), 2);
	assert_true(json_is_false(json_object_get(result, "all_quiet")));
	json_decref(report);
	fake_free(fake);
}

static void a_report_holds_nothing_of_this_one_machine(void **unused)
{
	struct fake *fake = machine();
	json_t *report = report_of(fake, &(struct cycles){ 0 });
	char *text = json_dumps(report, 0);

	assert_non_null(text);
	assert_null(strstr(text, SECRET));
	free(text);
	json_decref(report);
	fake_free(fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verdicts_and_extremes_are_counted),
		cmocka_unit_test(all_that_were_asked_for_must_be_quiet),
		cmocka_unit_test(a_reset_that_changed_a_register_is_no_clean_cycle),
		cmocka_unit_test(a_report_names_kind_driver_and_registers),
		cmocka_unit_test(a_report_holds_nothing_of_this_one_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
