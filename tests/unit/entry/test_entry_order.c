// SPDX-License-Identifier: GPL-2.0-or-later
/* Versions, the specification's order, and what several boot loaders on one disk come to. */
#include "entry/order.h"
#include "entry/osrel.h"
#include "entry/version.h"
#include "unit/entry/test_entry_bench.h"

/* ---- versions */

/* Each newer than all before it; the row is systemd-analyze's (compare-versions), of systemd 252. */
static void versions_in_their_order(void **state)
{
	static const char *const versions[] = {
		"~",
		"~~",
		"",
		"-1",
		"^1",
		".a",
		"A",
		"a",
		"aa",
		"0~rc",
		"0",
		"0.0",
		"1",
		"1-1",
		"1^2",
		"1.0",
		"1.1",
		"1.1a",
		"1a",
		"2",
		"6.1.0-9-amd64",
		"6.1.0-56-amd64",
		"6.2",
		"6.12",
		"9",
		"10",
		"10.1-1",
		"123~a",
		"123",
		"124",
	};
	size_t count = sizeof(versions) / sizeof(versions[0]);

	for (size_t i = 0; i < count; i++)
		for (size_t k = i + 1; k < count; k++) {
			assert_true(version_compare(versions[i], versions[k]) < 0);
			assert_true(version_compare(versions[k], versions[i]) > 0);
		}
}

static void each_example_of_the_specification(void **state)
{
	static const struct {
		const char *a, *b;
		int order;
	} examples[] = {
		{ "11", "11", 0 },
		{ "systemd-123", "systemd-123", 0 },
		{ "bar-123", "foo-123", -1 },
		{ "123a", "123", 1 },
		{ "123.a", "123", 1 },
		{ "123.a", "123.b", -1 },
		{ "123a", "123.a", 1 },
		{ "11\xce\xb1", "11\xce\xb2", 0 },
		{ "A", "a", -1 },
		{ "", "0", -1 },
		{ "0.", "0", 1 },
		{ "0.0", "0", 1 },
		{ "1_", "1", 0 },
		{ "_1", "1", 0 },
		{ "1_", "1.2", -1 },
		{ "1_2_3", "1.3.3", 1 },
		{ "1+", "1", 0 },
		{ "+1", "1", 0 },
		{ "1+", "1.2", -1 },
		{ "1+2+3", "1.3.3", 1 },
		{ NULL, "", 0 },
	};

	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		int order = version_compare(examples[i].a, examples[i].b);
		int back = version_compare(examples[i].b, examples[i].a);

		assert_int_equal((order > 0) - (order < 0), examples[i].order);
		assert_int_equal((back > 0) - (back < 0), -examples[i].order);
	}
}

/* ---- the specification's order */

static void add(struct bench *b, const char *name, const char *lines)
{
	char path[128], text[512];

	snprintf(path, sizeof(path), "/loader/entries/%s", name);
	/* A command line of its own each, so that they are no twins of entries elsewhere. */
	snprintf(text, sizeof(text), "linux /k\noptions %s\n%s", name, lines);
	bench_file(b, "/k", "kernel");
	bench_file(b, path, text);
}

static void keys_come_first_and_newest_versions(void **state)
{
	struct bench *b = *state;

	add(b, "z-1.conf", "sort-key b\nmachine-id 1\nversion 9\n");
	add(b, "z-2.conf", "sort-key b\nmachine-id 1\nversion 10\n");
	add(b, "z-3.conf", "sort-key b\nmachine-id 0\nversion 1\n");
	add(b, "z-4.conf", "sort-key a\nversion 1\n");
	add(b, "old-9.conf", "version 1\n");
	add(b, "old-10.conf", "version 0\n");
	add(b, "bad-1+0-3.conf", "sort-key a\nversion 100\n");
	add(b, "try-1+1.conf", "sort-key a\nversion 100\n");
	bench_read(b);
	assert_order(b, "try-1.conf z-4.conf z-3.conf z-2.conf z-1.conf old-10.conf old-9.conf "
			"bad-1.conf");
}

static void a_failed_entry_boots_unattended_only_where_nothing_else_can(void **state)
{
	struct bench *b = *state;

	add(b, "a+0-3.conf", "");
	bench_read(b);
	assert_string_equal(b->list->preferred->id, "a.conf");
}

static void what_is_no_counter_belongs_to_the_name(void **state)
{
	struct bench *b = *state;

	add(b, "a+b.conf", "");
	add(b, "a+1-.conf", "");
	add(b, "a+.conf", "");
	add(b, "a+99999999999.conf", "");
	add(b, "a+1-2.conf", "");
	bench_read(b);
	assert_int_equal(bench_find(b, "a+b.conf")->tries_left, ENTRY_NOT_COUNTED);
	assert_int_equal(bench_find(b, "a+1-.conf")->tries_left, ENTRY_NOT_COUNTED);
	assert_int_equal(bench_find(b, "a+.conf")->tries_left, ENTRY_NOT_COUNTED);
	assert_int_equal(bench_find(b, "a+99999999999.conf")->tries_left, ENTRY_NOT_COUNTED);
	assert_int_equal(bench_find(b, "a.conf")->tries_left, 1);
	assert_int_equal(bench_find(b, "a.conf")->tries_done, 2);
}

static void kernels_of_one_title_are_told_apart(void **state)
{
	struct bench *b = *state;

	add(b, "a.conf", "title Debian\nversion 1\n");
	add(b, "b.conf", "title Debian\nversion 2\n");
	add(b, "c.conf", "title Debian\nversion 2\n");
	add(b, "d.conf", "title Arch\nversion 2\n");
	bench_read(b);
	assert_string_equal(bench_find(b, "a.conf")->title, "Debian (1)");
	assert_string_equal(bench_find(b, "b.conf")->title, "Debian (2) (b.conf)");
	assert_string_equal(bench_find(b, "c.conf")->title, "Debian (2) (c.conf)");
	assert_string_equal(bench_find(b, "d.conf")->title, "Arch");
}

static void one_name_on_two_file_systems(void **state)
{
	struct bench *b = *state;

	add(b, "a.conf", "");
	bench_file(b, "/boot/loader/entries/a.conf", "linux /k\noptions other\n");
	bench_read(b);
	assert_order(b, "a.conf a.conf#2");
}

/* ---- several boot loaders */

/* As a reader of that format would report it: the kernel is /k, the command line @options. */
static struct entry *report(struct bench *b, enum entry_format format, const char *id,
			    const char *path, const char *options)
{
	struct entry *entry = entry_list_add(b->list, &b->source, format, path, 1);

	bench_file(b, "/k", "kernel");
	entry->id = id;
	entry->kernel = (struct entry_file){ .root = b->root, .path = "/k" };
	entry_add_options(b->list, entry, options);
	if (format != ENTRY_BLS && format != ENTRY_UKI)
		b->list->settings[format].is_configured = true;
	return entry;
}

static void settle(struct bench *b)
{
	assert_int_equal(entry_list_settle(b->list), 0);
}

static void report_all(struct bench *b)
{
	report(b, ENTRY_SYSLINUX, "s", "/syslinux.cfg", "s");
	report(b, ENTRY_GRUB, "g1", "/grub/grub.cfg", "g1");
	report(b, ENTRY_GRUB, "g2", "/grub/grub.cfg", "g2");
	report(b, ENTRY_BLS, "b1", "/loader/entries/b1.conf", "b1");
	report(b, ENTRY_UKI, "b2", "/EFI/Linux/b2.efi", "b2");
	b->list->settings[ENTRY_BLS].timeout = 1;
	b->list->settings[ENTRY_GRUB].timeout = 2;
	b->list->settings[ENTRY_GRUB].default_id = "g2";
	b->list->settings[ENTRY_SYSLINUX].timeout = 3;
}

static void grub_speaks_where_there_is_no_loader_conf(void **state)
{
	struct bench *b = *state;

	report_all(b);
	settle(b);
	assert_order(b, "g1 g2 s b2 b1");
	assert_string_equal(b->list->preferred->id, "g2");
	assert_int_equal(b->list->timeout, 2);
}

static void systemd_boot_speaks_where_there_is_a_loader_conf(void **state)
{
	struct bench *b = *state;

	report_all(b);
	b->list->settings[ENTRY_BLS].is_configured = true;
	settle(b);
	assert_order(b, "b2 b1 g1 g2 s");
	assert_string_equal(b->list->preferred->id, "b2");
	assert_int_equal(b->list->timeout, 1);
}

static void who_can_boot_nothing_says_nothing(void **state)
{
	struct bench *b = *state;

	report_all(b);
	entry_grey(b->list, entry_list_find(b->list, "g1"), "broken");
	entry_grey(b->list, entry_list_find(b->list, "g2"), "broken");
	settle(b);
	assert_string_equal(b->list->preferred->id, "s");
	assert_int_equal(b->list->timeout, 3);
}

static void where_nothing_can_be_booted_nothing_is_preferred(void **state)
{
	struct bench *b = *state;

	entry_grey(b->list, report(b, ENTRY_GRUB, "g", "/grub.cfg", ""), "broken");
	settle(b);
	assert_null(b->list->preferred);
	assert_int_equal(b->list->timeout, ENTRY_TIMEOUT_UNSET);
}

static void a_default_that_cannot_be_booted_leaves_nothing_in_its_place(void **state)
{
	struct bench *b = *state;

	report_all(b);
	entry_grey(b->list, entry_list_find(b->list, "g2"), "broken");
	settle(b);
	assert_null(b->list->preferred);
	assert_string_equal(b->list->withheld, "its default, 'g2', cannot be booted: broken");
	assert_int_equal(b->list->timeout, ENTRY_TIMEOUT_FOREVER);
	assert_false(entry_list_find(b->list, "g1")->is_default);
}

/* Also where that loader has nothing else: it is no leftover, but meant so. */
static void a_default_that_leads_away_leaves_nothing_in_its_place(void **state)
{
	struct bench *b = *state;

	report(b, ENTRY_SYSLINUX, "s", "/syslinux.cfg", "s");
	entry_lead_away(b->list, report(b, ENTRY_GRUB, "g", "/grub.cfg", ""), "to Windows");
	b->list->settings[ENTRY_GRUB].default_id = "g";
	settle(b);
	assert_null(b->list->preferred);
	assert_true(entry_list_find(b->list, "g")->leads_away);
	assert_string_equal(b->list->withheld, "its default, 'g', leads elsewhere: to Windows");
}

static void a_default_that_is_no_entry_leaves_nothing_in_its_place(void **state)
{
	struct bench *b = *state;

	report_all(b);
	b->list->settings[ENTRY_GRUB].default_id = NULL;
	b->list->settings[ENTRY_GRUB].default_away = "a restart";
	settle(b);
	assert_null(b->list->preferred);
	assert_string_equal(b->list->withheld, "its default is a restart");
}

static void where_no_default_is_configured_the_first_that_can_be_booted_is(void **state)
{
	struct bench *b = *state;

	report_all(b);
	entry_grey(b->list, entry_list_find(b->list, "g1"), "broken");
	b->list->settings[ENTRY_GRUB].default_id = "not there";
	settle(b);
	assert_string_equal(b->list->preferred->id, "g2");
	assert_null(b->list->withheld);
}

static void what_nobody_can_boot_is_withheld_where_it_is_configured(void **state)
{
	struct bench *b = *state;

	entry_grey(b->list, report(b, ENTRY_GRUB, "g", "/grub.cfg", ""), "broken");
	b->list->settings[ENTRY_GRUB].default_id = "g";
	settle(b);
	assert_non_null(b->list->withheld);
}

static void the_twin_of_a_default_boots_in_its_place(void **state)
{
	struct bench *b = *state;
	const char *path = "/loader/entries/a.conf";

	entry_grey(b->list, report(b, ENTRY_BLS, "a.conf", path, "$kernelopts"), "not filled in");
	report(b, ENTRY_GRUB, "a", path, "root=1");
	report(b, ENTRY_BLS, "b.conf", "/loader/entries/b.conf", "b");
	b->list->settings[ENTRY_BLS].is_configured = true;
	b->list->settings[ENTRY_BLS].default_id = "a.conf";
	settle(b);
	assert_string_equal(b->list->preferred->id, "a");
	assert_null(b->list->withheld);
}

/* Fedora: an entry file, and what GRUB's blscfg made of it. */
static void what_blscfg_read_is_shown_once(void **state)
{
	struct bench *b = *state;
	const char *path = "/loader/entries/0a1b-6.11.conf";

	entry_grey(b->list, report(b, ENTRY_BLS, "0a1b-6.11.conf", path, "$kernelopts"),
		   "$kernelopts is for GRUB to fill in, and was not");
	report(b, ENTRY_GRUB, "0a1b-6.11", path, "root=UUID=1 ro");
	settle(b);
	assert_order(b, "0a1b-6.11");
	assert_string_equal(b->list->preferred->id, "0a1b-6.11");
}

/* The same from the files: GRUB's environment says what boots, and fills in the command line. */
static void a_machine_with_blscfg(void **state)
{
	struct bench *b = *state;
	char block[1025] = "# GRUB Environment Block\nsaved_entry=0a1b-6.10\nkernelopts=ro quiet\n";

	memset(block + strlen(block), '#', 1024 - strlen(block));
	bench_file(b, "/grub2/grubenv", block);
	bench_file(
		b, "/grub2/grub.cfg",
		"load_env\nset default=\"${saved_entry}\"\nset timeout=5\ninsmod blscfg\nblscfg\n");
	bench_file(b, "/k", "kernel");
	bench_file(b, "/loader/entries/0a1b-6.10.conf",
		   "title Fedora 6.10\nversion 6.10\nlinux /k\noptions root=1 $kernelopts\n");
	bench_file(b, "/loader/entries/0a1b-6.11.conf",
		   "title Fedora 6.11\nversion 6.11\nlinux /k\noptions root=2 $kernelopts\n");
	bench_read(b);
	assert_order(b, "0a1b-6.11 0a1b-6.10");
	assert_string_equal(bench_find(b, "0a1b-6.10")->options, "root=1 ro quiet");
	assert_true(bench_find(b, "0a1b-6.10")->is_default);
	assert_string_equal(b->list->rule, "default=0a1b-6.10 of /grub2/grub.cfg");
	assert_int_equal(b->list->timeout, 5);
}

static void what_two_loaders_both_offer_is_shown_once(void **state)
{
	struct bench *b = *state;

	report(b, ENTRY_BLS, "b", "/loader/entries/b.conf", "root=1  quiet");
	report(b, ENTRY_GRUB, "g", "/grub/grub.cfg", "root=1 quiet");
	report(b, ENTRY_GRUB, "h", "/grub/grub.cfg", "root=1 single");
	settle(b);
	assert_order(b, "g h");
}

static void the_one_that_is_shown_stays(void **state)
{
	struct bench *b = *state;

	report(b, ENTRY_GRUB, "g", "/grub/grub.cfg", "root=1")->is_hidden = true;
	report(b, ENTRY_BLS, "b", "/loader/entries/b.conf", "root=1");
	settle(b);
	assert_order(b, "b");
	assert_string_equal(b->list->preferred->id, "b");
	assert_true(b->list->entries[0]->is_default);
}

/* "Debian GNU/Linux", and the same kernel once more below "Advanced options". */
static void what_one_loader_offers_twice_is_shown_twice(void **state)
{
	struct bench *b = *state;

	report(b, ENTRY_GRUB, "g", "/grub/grub.cfg", "root=1");
	report(b, ENTRY_GRUB, "advanced>g", "/grub/grub.cfg", "root=1");
	settle(b);
	assert_order(b, "g advanced>g");
}

static void other_initrds_make_another_entry(void **state)
{
	struct bench *b = *state;

	entry_add_initrd(b->list, report(b, ENTRY_GRUB, "g", "/grub/grub.cfg", "x"), b->root, "/k");
	report(b, ENTRY_BLS, "b", "/loader/entries/b.conf", "x");
	settle(b);
	assert_order(b, "g b");
}

/* ---- os-release */

static void os_release_is_unquoted(void **state)
{
	struct bench *b = *state;
	struct osrel osrel = osrel_parse(
		b->list->arena, "# PRETTY_NAME=no\nXPRETTY_NAME=no\n"
				"PRETTY_NAME=\"A \\\"b\\\" \\$c\"\r\n"
				"VERSION_ID='1 2' # not taken\nBUILD_ID=rolling\nID=a\\ b");

	assert_string_equal(osrel.title, "A \"b\" $c");
	assert_string_equal(osrel.version, "1 2");
	assert_string_equal(osrel.sort_key, "a b");
}

static void an_image_name_is_more_precise(void **state)
{
	struct bench *b = *state;
	struct osrel osrel =
		osrel_parse(b->list->arena, "ID=a\nIMAGE_ID=img\nIMAGE_VERSION=7\nVERSION=6\n");

	assert_string_equal(osrel.title, "img");
	assert_string_equal(osrel.version, "7");
	assert_string_equal(osrel.sort_key, "img");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(versions_in_their_order),
		cmocka_unit_test(each_example_of_the_specification),
		BENCH_TEST(keys_come_first_and_newest_versions),
		BENCH_TEST(a_failed_entry_boots_unattended_only_where_nothing_else_can),
		BENCH_TEST(what_is_no_counter_belongs_to_the_name),
		BENCH_TEST(kernels_of_one_title_are_told_apart),
		BENCH_TEST(one_name_on_two_file_systems),
		BENCH_TEST(grub_speaks_where_there_is_no_loader_conf),
		BENCH_TEST(systemd_boot_speaks_where_there_is_a_loader_conf),
		BENCH_TEST(who_can_boot_nothing_says_nothing),
		BENCH_TEST(where_nothing_can_be_booted_nothing_is_preferred),
		BENCH_TEST(a_default_that_cannot_be_booted_leaves_nothing_in_its_place),
		BENCH_TEST(a_default_that_leads_away_leaves_nothing_in_its_place),
		BENCH_TEST(a_default_that_is_no_entry_leaves_nothing_in_its_place),
		BENCH_TEST(where_no_default_is_configured_the_first_that_can_be_booted_is),
		BENCH_TEST(what_nobody_can_boot_is_withheld_where_it_is_configured),
		BENCH_TEST(the_twin_of_a_default_boots_in_its_place),
		BENCH_TEST(what_blscfg_read_is_shown_once),
		BENCH_TEST(a_machine_with_blscfg),
		BENCH_TEST(what_two_loaders_both_offer_is_shown_once),
		BENCH_TEST(the_one_that_is_shown_stays),
		BENCH_TEST(what_one_loader_offers_twice_is_shown_twice),
		BENCH_TEST(other_initrds_make_another_entry),
		BENCH_TEST(os_release_is_unquoted),
		BENCH_TEST(an_image_name_is_more_precise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
