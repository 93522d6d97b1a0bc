// SPDX-License-Identifier: GPL-2.0-or-later
/* Which disks come first, and whose file system is meant where a copy is beside it. */
#include "offer/bootdevs.h"
#include "offer/nearness.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static unsigned int rank(const char *words, enum disk_class class, const char *uuid,
			 const char *label)
{
	const struct bootdevs_facts facts = { class, uuid, label };

	return bootdevs_rank(words, &facts);
}

static void what_was_plugged_in_comes_after_what_is_fixed(void **state)
{
	assert_int_equal(rank(BOOTDEVS_DEFAULT, DISK_FIXED, "", ""), 0);
	for (int class = DISK_USB; class < DISK_CLASSES; class ++)
		assert_int_equal(rank(BOOTDEVS_DEFAULT, (enum disk_class) class, "", ""), 1);
}

static void classes_in_the_order_of_the_words(void **state)
{
	static const char words[] = "usb,fixed";

	assert_int_equal(rank(words, DISK_USB, "", ""), 0);
	assert_int_equal(rank(words, DISK_FIXED, "", ""), 1);
	/* Not named: only by a person. */
	assert_int_equal(rank(words, DISK_CD, "", ""), bootdevs_count(words));
	assert_int_equal(rank("removable", DISK_CARD, "", ""), 0);
	assert_int_equal(rank("removable", DISK_FIXED, "", ""), 1);
}

static void one_file_system_by_its_uuid_or_label(void **state)
{
	static const char words[] = "UUID=1a2b-3c4d,LABEL=my root,any";

	assert_int_equal(rank(words, DISK_USB, "1A2B-3C4D", ""), 0);
	assert_int_equal(rank(words, DISK_USB, "", "my root"), 1);
	assert_int_equal(rank(words, DISK_USB, "1A2B-3C4D5", "my root2"), 2);
	assert_int_equal(rank(words, DISK_FIXED, "", ""), 2);
}

/* It may be the one that comes first: what is behind it has to wait. */
static void what_was_not_looked_at_counts_as_what_it_may_be(void **state)
{
	assert_int_equal(rank("fixed,UUID=1,usb", DISK_USB, NULL, NULL), 1);
	assert_int_equal(rank("fixed,UUID=1,usb", DISK_USB, "2", ""), 2);
	assert_int_equal(rank("fixed,UUID=1", DISK_FIXED, NULL, NULL), 0);
}

static void words_are_checked(void **state)
{
	assert_int_equal(bootdevs_check("fixed,usb,cd,card,removable,any,UUID=1,LABEL=a b"), 0);
	assert_int_equal(bootdevs_check("floppy"), -EINVAL);
	assert_int_equal(bootdevs_check("usb,,fixed"), -EINVAL);
	assert_int_equal(bootdevs_check("UUID="), -EINVAL);
	assert_int_equal(bootdevs_check("USB"), -EINVAL);
}

/* Two disks, one the copy of the other: each system's root is on its own. */
static void the_near_ones_are_asked_first(void **state)
{
	static const struct disk_facts disks[] = {
		{ .name = "sda1", .whole = "sda" },
		{ .name = "sda2", .whole = "sda" },
		{ .name = "sdb1", .whole = "sdb" },
		{ .name = "sdb2", .whole = "sdb" },
	};
	const struct disk_facts *all[] = { &disks[0], &disks[1], &disks[2], &disks[3] };
	static const size_t of_first[] = { 0, 1, 2, 3 }, of_last[] = { 3, 2, 0, 1 };
	size_t order[4];

	nearness_order(all, 4, 0, order);
	assert_memory_equal(order, of_first, sizeof(order));
	nearness_order(all, 4, 3, order);
	assert_memory_equal(order, of_last, sizeof(order));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_plugged_in_comes_after_what_is_fixed),
		cmocka_unit_test(classes_in_the_order_of_the_words),
		cmocka_unit_test(one_file_system_by_its_uuid_or_label),
		cmocka_unit_test(what_was_not_looked_at_counts_as_what_it_may_be),
		cmocka_unit_test(words_are_checked),
		cmocka_unit_test(the_near_ones_are_asked_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
