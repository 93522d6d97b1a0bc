// SPDX-License-Identifier: GPL-2.0-or-later
/* Which disks GRUB's names can be found by, and which are not guessed. */
#include "entry/device_name.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct device_facts boot = { .disk = "sda", .partition = 1, .scheme = "gpt" };
static const struct device_facts root = { .disk = "sda", .partition = 2, .scheme = "gpt" };
static const struct device_facts other = { .disk = "sdb", .partition = 2, .scheme = "gpt" };
static const struct device_facts stick = { .disk = "sdc" };
static const struct device_facts volume = { .disk = "dm-0", .mapped = "vg-root" };
static const struct device_facts array = { .disk = "md127" };

static void a_partition_of_the_same_disk_is_found(void **state)
{
	assert_int_equal(device_name_fits("hd0,gpt2", &root, &root), 1);
	assert_int_equal(device_name_fits("hd0,gpt2", &root, &boot), 0);
	assert_int_equal(device_name_fits("hd0,gpt1", &root, &boot), 1);
	assert_int_equal(device_name_fits("hd0,2", &root, &root), 1);
}

static void the_same_number_on_another_disk_is_another(void **state)
{
	assert_int_equal(device_name_fits("hd0,gpt2", &boot, &other), 0);
}

static void a_partition_of_another_table_is_another(void **state)
{
	const struct device_facts unknown = { .disk = "sda", .partition = 2 };

	assert_int_equal(device_name_fits("hd0,msdos2", &root, &root), 0);
	assert_int_equal(device_name_fits("hd0,msdos2", &unknown, &unknown), 1);
}

static void the_number_of_another_disk_is_not_guessed(void **state)
{
	assert_int_equal(device_name_fits("hd1,gpt2", &root, &root), -ENXIO);
	assert_int_equal(device_name_fits("hd1,gpt2", &root, &other), -ENXIO);
	assert_int_equal(device_name_fits("hd01,gpt2", &root, &root), -ENXIO);
	assert_int_equal(device_name_fits("ieee1275//sas/disk@0,msdos2", &root, &root), -ENXIO);
	assert_int_equal(device_name_fits("hd0,msdos1,bsd1", &root, &root), -ENXIO);
	assert_int_equal(device_name_fits("mduuid/a1b2", &array, &array), -ENXIO);
}

static void a_disk_without_partitions_has_no_number(void **state)
{
	assert_int_equal(device_name_fits("hd0", &stick, &stick), 1);
	assert_int_equal(device_name_fits("cd", &stick, &stick), 1);
	assert_int_equal(device_name_fits("hd0", &root, &root), 0);
	assert_int_equal(device_name_fits("hd0,gpt1", &stick, &stick), 0);
}

static void volumes_and_arrays_are_found_by_name(void **state)
{
	assert_int_equal(device_name_fits("lvm/vg-root", &boot, &volume), 1);
	assert_int_equal(device_name_fits("lvm/vg-home", &boot, &volume), 0);
	assert_int_equal(device_name_fits("lvm/vg-root", &boot, &root), 0);
	assert_int_equal(device_name_fits("md/127", &boot, &array), 1);
	assert_int_equal(device_name_fits("md/0", &boot, &array), 0);
	assert_int_equal(device_name_fits("md/boot", &boot, &array), -ENXIO);
}

/* Which of its disks would be "the" disk? */
static void from_a_volume_or_an_array_no_disk_is_the_same(void **state)
{
	assert_int_equal(device_name_fits("hd0,gpt1", &volume, &boot), -ENXIO);
	assert_int_equal(device_name_fits("hd0,gpt1", &array, &boot), -ENXIO);
}

static void a_copy_in_a_folder_means_itself(void **state)
{
	const struct device_facts copy = { .disk = NULL }, second = { .disk = NULL };

	assert_int_equal(device_name_fits("hd7,gpt9", &copy, &copy), 1);
	assert_int_equal(device_name_fits("hd7,gpt9", &copy, &second), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_partition_of_the_same_disk_is_found),
		cmocka_unit_test(the_same_number_on_another_disk_is_another),
		cmocka_unit_test(a_partition_of_another_table_is_another),
		cmocka_unit_test(the_number_of_another_disk_is_not_guessed),
		cmocka_unit_test(a_disk_without_partitions_has_no_number),
		cmocka_unit_test(volumes_and_arrays_are_found_by_name),
		cmocka_unit_test(from_a_volume_or_an_array_no_disk_is_the_same),
		cmocka_unit_test(a_copy_in_a_folder_means_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
