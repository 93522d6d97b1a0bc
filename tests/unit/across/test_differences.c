// SPDX-License-Identifier: GPL-2.0-or-later
/* What two inventories differ in, and what of it is a loss. */
#include "across/differences.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define NIC(driver)                                                                                \
	"{'address': '0000:01:00.0', 'ids': '8086:10d3 8086:a01f', 'class': '020000', "            \
	"'vf': false, 'driver': " driver "}"
#define DISK(name, serial, bytes)                                                                  \
	"{'name': '" name "', 'wwid': null, 'serial': '" serial "', 'bytes': " bytes               \
	", 'empty': false}"
#define LINK(name, mac, rest)                                                                      \
	"{'name': '" name "', 'permanent_address': " mac                                           \
	", 'function': '0000:01:00.0', 'up': true, " rest "}"
#define GIGABIT		 "'carrier': true, 'speed': 1000, 'duplex': 'full', 'addresses': ['192.0.2.7/24']"

#define FUNCTIONS(items) "{'functions': [" items "]}"
#define DISKS(items)	 "{'disks': [" items "]}"
#define LINKS(items)	 "{'links': [" items "]}"

/* With ' for ", which C would want escaped. */
static json_t *inventory(const char *text)
{
	char copy[2048];
	json_t *value;

	snprintf(copy, sizeof(copy), "%s", text);
	for (char *at = copy; *at; at++)
		if (*at == '\'')
			*at = '"';
	value = json_loads(copy, 0, NULL);
	assert_non_null(value);
	return value;
}

/* All lines of @lines, each ended by ";". */
static const char *joined(const json_t *lines, char *text, size_t size)
{
	const json_t *line;
	size_t i;

	text[0] = '\0';
	json_array_foreach (lines, i, line) {
		size_t used = strlen(text);

		snprintf(text + used, size - used, "%s;", json_string_value(line));
	}
	return text;
}

static void assert_differ(const char *before, const char *now, const char *lost, const char *notes)
{
	json_t *a = inventory(before), *b = inventory(now);
	struct differences found;
	char text[1024];

	assert_int_equal(differences_find(a, b, &found), 0);
	assert_string_equal(joined(found.lost, text, sizeof(text)), lost);
	assert_string_equal(joined(found.notes, text, sizeof(text)), notes);
	differences_done(&found);
	json_decref(a);
	json_decref(b);
}

static void the_same_is_the_same(void **state)
{
	const char *all = "{'functions': [" NIC("'e1000e'") "], 'disks': [" DISK(
		"sda", "S1", "512") "], 'links': [" LINK("eth0", "'52:54:00:00:00:01'",
							 GIGABIT) "]}";

	assert_differ(all, all, "", "");
}

static void a_function_that_went_is_lost(void **state)
{
	assert_differ(FUNCTIONS(NIC("'e1000e'")), FUNCTIONS(""),
		      "0000:01:00.0: the function is not there now;", "");
}

static void a_function_that_came_is_a_note(void **state)
{
	assert_differ(FUNCTIONS(""), FUNCTIONS(NIC("'e1000e'")), "",
		      "0000:01:00.0: the function is new;");
}

static void a_driver_that_did_not_bind_is_lost(void **state)
{
	assert_differ(FUNCTIONS(NIC("'e1000e'")), FUNCTIONS(NIC("null")),
		      "0000:01:00.0: driver e1000e then, none now;", "");
	assert_differ(FUNCTIONS(NIC("'e1000e'")), FUNCTIONS(NIC("'vfio-pci'")),
		      "0000:01:00.0: driver e1000e then, vfio-pci now;", "");
}

static void a_driver_where_none_was_is_a_note(void **state)
{
	assert_differ(FUNCTIONS(NIC("null")), FUNCTIONS(NIC("'e1000e'")), "",
		      "0000:01:00.0: no driver then, e1000e now;");
}

static void another_device_at_the_address_is_lost(void **state)
{
	assert_differ(FUNCTIONS(NIC("'e1000e'")),
		      FUNCTIONS("{'address': '0000:01:00.0', 'ids': 'ffff:ffff ffff:ffff', "
				"'driver': null}"),
		      "0000:01:00.0: another device: 8086:10d3 8086:a01f then, ffff:ffff ffff:ffff "
		      "now;",
		      "");
}

static void a_disk_with_another_name_is_back(void **state)
{
	assert_differ(DISKS(DISK("sda", "S1", "512") ", " DISK("sdb", "S2", "1024")),
		      DISKS(DISK("sda", "S2", "1024") ", " DISK("sdb", "S1", "512")), "",
		      "sda (S1): is called sdb now;sdb (S2): is called sda now;");
}

static void one_of_two_disks_with_one_serial_is_missed(void **state)
{
	assert_differ(DISKS(DISK("sda", "S1", "512") ", " DISK("sdb", "S1", "512")),
		      DISKS(DISK("sda", "S1", "512")), "sdb (S1): the disk is not there now;", "");
}

static void a_disk_of_another_size_is_lost(void **state)
{
	assert_differ(DISKS(DISK("sda", "S1", "1024")), DISKS(DISK("sda", "S1", "512")),
		      "sda (S1): 1024 bytes then, 512 now;", "");
}

static void a_link_that_went_is_lost(void **state)
{
	assert_differ(LINKS(LINK("eth0", "'52:54:00:00:00:01'", GIGABIT)),
		      LINKS(LINK("eth0", "'52:54:00:00:00:02'", GIGABIT)),
		      "eth0 (52:54:00:00:00:01): the network link is not there now;",
		      "eth0 (52:54:00:00:00:02): the network link is new;");
}

static void a_link_with_another_name_is_told(void **state)
{
	assert_differ(LINKS(LINK("eth0", "'52:54:00:00:00:01'", GIGABIT)),
		      LINKS(LINK("eth1", "'52:54:00:00:00:01'", GIGABIT)),
		      "eth0 (52:54:00:00:00:01): is called eth1 now;", "");
}

static void a_random_address_tells_no_link_apart(void **state)
{
	assert_differ(LINKS(LINK("eth0", "null", GIGABIT)), LINKS(LINK("eth0", "null", GIGABIT)),
		      "", "");
	assert_differ(LINKS(LINK("eth0", "null", GIGABIT)), LINKS(LINK("eth7", "null", GIGABIT)),
		      "eth0: is called eth7 now;", "");
}

static void speed_and_duplex_are_held_against_each_other(void **state)
{
	assert_differ(LINKS(LINK("eth0", "null", GIGABIT)),
		      LINKS(LINK("eth0", "null",
				 "'carrier': true, 'speed': 100, 'duplex': 'half', 'addresses': "
				 "['192.0.2.7/24']")),
		      "eth0: 1000 Mb/s then, 100 now;eth0: full duplex then, half now;", "");
}

static void no_carrier_is_told_once(void **state)
{
	assert_differ(LINKS(LINK("eth0", "null", GIGABIT)),
		      LINKS(LINK("eth0", "null",
				 "'carrier': false, 'speed': null, 'duplex': null, 'addresses': "
				 "['192.0.2.7/24']")),
		      "eth0: had a carrier, and has none now;", "");
}

static void an_address_that_went_is_a_note(void **state)
{
	assert_differ(LINKS(LINK("eth0", "null", GIGABIT)),
		      LINKS(LINK("eth0", "null",
				 "'carrier': true, 'speed': 1000, 'duplex': 'full', 'addresses': "
				 "['192.0.2.8/24']")),
		      "", "eth0: had the address 192.0.2.7/24, and has it not now;");
}

/* What came with the initrd is a file, and may be anything. */
static void what_is_no_inventory_is_no_crash(void **state)
{
	assert_differ("{}", "{}", "", "");
	assert_differ("{'functions': 7, 'disks': {'a': 1}, 'links': [null, 3, {}]}", "{}",
		      "none: the network link is not there now;none: the network link is not there "
		      "now;none: the network link is not there now;",
		      "");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_is_the_same),
		cmocka_unit_test(a_function_that_went_is_lost),
		cmocka_unit_test(a_function_that_came_is_a_note),
		cmocka_unit_test(a_driver_that_did_not_bind_is_lost),
		cmocka_unit_test(a_driver_where_none_was_is_a_note),
		cmocka_unit_test(another_device_at_the_address_is_lost),
		cmocka_unit_test(a_disk_with_another_name_is_back),
		cmocka_unit_test(one_of_two_disks_with_one_serial_is_missed),
		cmocka_unit_test(a_disk_of_another_size_is_lost),
		cmocka_unit_test(a_link_that_went_is_lost),
		cmocka_unit_test(a_link_with_another_name_is_told),
		cmocka_unit_test(a_random_address_tells_no_link_apart),
		cmocka_unit_test(speed_and_duplex_are_held_against_each_other),
		cmocka_unit_test(no_carrier_is_told_once),
		cmocka_unit_test(an_address_that_went_is_a_note),
		cmocka_unit_test(what_is_no_inventory_is_no_crash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
