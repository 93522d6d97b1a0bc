// SPDX-License-Identifier: GPL-2.0-or-later
/* What the boot loader was told, what it chooses, when, and how entries travel to it. */
#include "boot/countdown.h"
#include "boot/settings.h"
#include "boot/trace.h"
#include "offer/offer.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- settings */

static void test_settings_of_a_file(void **state)
{
	struct settings settings;

	settings_init(&settings);
	settings_parse_file(&settings, "boot.conf",
			    "# what this machine wants\n"
			    "timeout = 3\n"
			    "default=debian*.conf\n"
			    "menu=lines\n"
			    "wait=20s\n"
			    "\n"
			    "shell = no\n");
	assert_int_equal(settings.problem.code, 0);
	assert_int_equal(settings.timeout, 3);
	assert_string_equal(settings.chosen, "debian*.conf");
	assert_int_equal(settings.menu, SETTINGS_MENU_LINES);
	assert_int_equal(settings.wait_ms, 20000);
	assert_false(settings.may_shell);
	assert_true(settings.falls_back);
}

static void test_the_command_line_wins(void **state)
{
	struct settings settings;

	settings_init(&settings);
	settings_parse_file(&settings, "boot.conf", "timeout=3\n");
	settings_parse_cmdline(
		&settings, "quiet kexit.timeout=forever kexit.default=\"The second one\" root=x\n");
	assert_int_equal(settings.timeout, SETTINGS_TIMEOUT_FOREVER);
	assert_string_equal(settings.chosen, "The second one");
}

static void test_what_is_not_understood_is_told_and_left(void **state)
{
	struct settings settings;

	settings_init(&settings);
	settings_parse_file(&settings, "boot.conf", "timeout=3\n\ntimeout=soon\ncolour=red\n");
	assert_int_equal(settings.timeout, 3);
	assert_string_equal(settings.problem.text,
			    "boot.conf:3: timeout=soon: must be seconds, 'system' or 'forever'");
	settings_init(&settings);
	settings_parse_cmdline(&settings, "kexit.colour=red");
	assert_string_equal(settings.problem.text,
			    "kernel command line: there is no setting 'colour'");
}

static void test_disks_are_named_by_known_words(void **state)
{
	struct settings settings;

	settings_init(&settings);
	assert_string_equal(settings.bootdevs, "fixed,any");
	settings_parse_cmdline(&settings, "kexit.bootdevs=UUID=1A2B-3C4D,usb");
	assert_string_equal(settings.bootdevs, "UUID=1A2B-3C4D,usb");
	assert_int_equal(settings.problem.code, 0);
	settings_parse_cmdline(&settings, "kexit.bootdevs=usb,floppy");
	assert_string_equal(settings.bootdevs, "UUID=1A2B-3C4D,usb");
	assert_non_null(strstr(settings.problem.text, "bootdevs=usb,floppy: must be"));
}

static void test_how_long_the_chain_is(void **state)
{
	struct settings settings;

	settings_init(&settings);
	assert_int_equal(settings.chain, 0);
	settings_parse_cmdline(&settings, "kexit.chain=3");
	assert_int_equal(settings.chain, 3);
	/* Nobody's number: as good as one. */
	settings_parse_cmdline(&settings, "kexit.chain=-x");
	assert_int_equal(settings.chain, 1);
	assert_int_equal(settings.problem.code, 0);
}

/* ---- what two file systems offer */

struct bench {
	struct fsroot *root;
	struct entry_list *lists[2];
};

static struct entry *add(struct bench *b, int list, const char *id, const char *title)
{
	struct entry_source source = { .root = b->root };
	struct entry *entry = entry_list_add(b->lists[list], &source, ENTRY_BLS, "/x.conf", 1);

	entry->id = id;
	entry->title = title;
	entry->kernel = (struct entry_file){ .root = b->root, .path = "/vmlinuz" };
	return entry;
}

static int setup(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	assert_int_equal(fsroot_name("/run/kexit/mnt/sda1", &b->root), 0);
	b->lists[0] = entry_list_new();
	b->lists[1] = entry_list_new();
	add(b, 0, "sda1:old.conf", "Debian, old");
	add(b, 0, "sda1:grey.conf", "Debian, broken")->greyed = "its kernel is not there";
	b->lists[1]->preferred = add(b, 1, "sdb1:new.conf", "Debian, new");
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	struct bench *b = *state;

	entry_list_free(b->lists[0]);
	entry_list_free(b->lists[1]);
	fsroot_close(b->root);
	free(b);
	return 0;
}

/* ---- the countdown */

static void test_it_runs_out(void **state)
{
	struct countdown countdown = { 0 };
	struct countdown_case now = {
		.now_ms = 1000,
		.has_default = true,
		.system_timeout = 2,
		.timeout = SETTINGS_TIMEOUT_SYSTEM,
		.is_quiet = true,
	};
	int seconds = -1;

	assert_int_equal(countdown_ask(&countdown, &now, &seconds), COUNTDOWN_RUNS);
	assert_int_equal(seconds, 2);
	now.now_ms = 2500;
	assert_int_equal(countdown_ask(&countdown, &now, &seconds), COUNTDOWN_RUNS);
	assert_int_equal(seconds, 1);
	now.now_ms = 3000;
	assert_int_equal(countdown_ask(&countdown, &now, &seconds), COUNTDOWN_BOOT);
}

static void test_a_person_or_no_default_stops_it(void **state)
{
	struct countdown countdown = { 0 };
	struct countdown_case now = {
		.has_default = true,
		.timeout = 0,
		.is_quiet = true,
	};
	int seconds = -1;

	now.has_default = false;
	assert_int_equal(countdown_ask(&countdown, &now, &seconds), COUNTDOWN_WAIT);
	now.has_default = true;
	now.timeout = SETTINGS_TIMEOUT_FOREVER;
	assert_int_equal(countdown_ask(&countdown, &now, &seconds), COUNTDOWN_WAIT);
	now.timeout = 0;
	countdown.is_attended = true;
	assert_int_equal(countdown_ask(&countdown, &now, &seconds), COUNTDOWN_WAIT);
	countdown.is_attended = false;
	assert_int_equal(countdown_ask(&countdown, &now, &seconds), COUNTDOWN_BOOT);
}

static void test_with_no_timeout_all_that_is_known_is_read_first(void **state)
{
	struct countdown countdown = { 0 };
	struct countdown_case now = { .has_default = true, .timeout = 0, .is_quiet = false };
	int seconds = -1;

	assert_int_equal(countdown_ask(&countdown, &now, &seconds), COUNTDOWN_RUNS);
	now.is_quiet = true;
	assert_int_equal(countdown_ask(&countdown, &now, &seconds), COUNTDOWN_BOOT);
}

/* ---- entries on their way */

static int ask(const struct entry_file *file, struct offer_file *ret)
{
	*ret = (struct offer_file){ .size = 4711, .device = 8, .inode = 12 };
	return 0;
}

static struct offer *carry(const struct entry_list *list)
{
	json_t *json = offer_encode(list, "sda1", "Debian", true, ask);
	char *text = json_dumps(json, JSON_COMPACT);
	struct offer *offer = offer_decode(text, strlen(text));

	free(text);
	json_decref(json);
	return offer;
}

static void test_an_entry_arrives_whole(void **state)
{
	struct bench *b = *state;
	struct entry_source source = { .root = b->root };
	struct entry_list *list = b->lists[1];
	struct entry *entry = list->preferred, *got;
	struct offer *offer;

	entry->id = "new.conf";
	entry->is_default = true;
	entry->tries_left = 2;
	entry_add_options(list, entry, "root=/dev/sda2 ro");
	entry_add_initrd(list, entry, b->root, "/uki.efi");
	entry->initrds[0].offset = 512;
	entry->initrds[0].length = 100;
	entry_add_overlay(list, entry, b->root, "/one.dtbo");
	entry_list_problem(list, &source, "/y.conf", 7, "cut short");
	list->timeout = 4;
	list->withheld = "its default is Windows";
	list->rule = "DEFAULT";
	offer = carry(list);
	assert_non_null(offer);
	assert_string_equal(offer->system, "Debian");
	assert_true(offer->misses_volume);
	assert_int_equal(offer->list->timeout, 4);
	assert_string_equal(offer->list->withheld, "its default is Windows");
	assert_string_equal(offer->list->rule, "DEFAULT");
	got = offer->list->preferred;
	assert_string_equal(got->id, "sda1:new.conf");
	assert_string_equal(got->options, "root=/dev/sda2 ro");
	assert_string_equal(fsroot_path(got->kernel.root), "/run/kexit/mnt/sda1");
	assert_int_equal(got->kernel.length, 4711);
	assert_int_equal(got->kernel.device, 8);
	assert_int_equal(got->kernel.inode, 12);
	assert_int_equal(got->initrds[0].offset, 512);
	assert_int_equal(got->initrds[0].length, 100);
	assert_null(got->devicetree.root);
	assert_int_equal(got->overlay_count, 1);
	assert_string_equal(got->overlays[0].path, "/one.dtbo");
	assert_int_equal(got->tries_left, 2);
	assert_int_equal(offer->list->problems[0].line, 7);
	assert_string_equal(offer->list->problems[0].reason, "cut short");
	offer_free(offer);
}

static void test_an_answer_that_was_cut_is_none(void **state)
{
	static const char text[] = "{\"system\": \"Debian\", \"entries\": [{\"id\": 3}]}";

	assert_null(offer_decode("", 0));
	assert_null(offer_decode(text, 20));
	assert_null(offer_decode(text, sizeof(text) - 1));
	assert_null(offer_decode("[]", 2));
}

/* ---- the trace */

static void test_the_trace_has_what_was_done_and_when(void **state)
{
	struct trace trace = { .start_ms = 4000 };
	char text[256];

	trace_text(&trace, text, sizeof(text));
	assert_string_equal(text, "");
	trace.at_ms[TRACE_DISK] = 4123;
	trace.at_ms[TRACE_LOADED] = 6500;
	trace_text(&trace, text, sizeof(text));
	assert_string_equal(text, "disk 0.12, loaded 2.50");
	for (size_t i = 0; i < TRACE_COUNT; i++)
		trace.at_ms[i] = 123456789;
	trace_text(&trace, text, 20);
	assert_int_equal(strlen(text), 19);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_settings_of_a_file),
		cmocka_unit_test(test_the_command_line_wins),
		cmocka_unit_test(test_what_is_not_understood_is_told_and_left),
		cmocka_unit_test(test_disks_are_named_by_known_words),
		cmocka_unit_test(test_how_long_the_chain_is),
		cmocka_unit_test(test_it_runs_out),
		cmocka_unit_test(test_a_person_or_no_default_stops_it),
		cmocka_unit_test(test_with_no_timeout_all_that_is_known_is_read_first),
		cmocka_unit_test_setup_teardown(test_an_entry_arrives_whole, setup, teardown),
		cmocka_unit_test(test_an_answer_that_was_cut_is_none),
		cmocka_unit_test(test_the_trace_has_what_was_done_and_when),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
