// SPDX-License-Identifier: GPL-2.0-or-later
/* Files that a person typed become files of the entry; and the machine's page has what sysfs tells. */
#include "boot/edited.h"
#include "boot/info.h"
#include "unit/fake/fake_ops.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct fsroot *own;
static struct arena *arena;

static int setup(void **state)
{
	arena = arena_new();
	return fsroot_name("/run/kexit/mnt/sda1", &own);
}

static int teardown(void **state)
{
	arena_free(arena);
	fsroot_close(own);
	return 0;
}

static struct fsroot *opened;

static int open_volume(const char *name, struct fsroot **ret_root)
{
	if (strcmp(name, "sdb2") != 0)
		return -ENOENT;
	*ret_root = opened;
	return 0;
}

/* A unified image: kernel and initrd are sections of one file. */
static struct entry unified(struct entry_file *initrd)
{
	*initrd = (struct entry_file){ own, "/a.efi", 4096, 100, 0, 0 };
	return (struct entry){
		.kernel = { own, "/a.efi", 512, 50, 0, 0 },
		.initrds = initrd,
		.initrd_count = 1,
	};
}

static int apply(struct entry *entry, const char *kernel, const char *initrds, struct error *e)
{
	return edited_apply(entry, kernel, initrds, "/run/kexit/mnt", open_volume, arena, e);
}

static void what_was_not_edited_stays(void **state)
{
	struct entry_file initrd;
	struct entry entry = unified(&initrd);
	struct error e = ERROR_NONE;

	assert_int_equal(apply(&entry, NULL, NULL, &e), 0);
	assert_int_equal(entry.kernel.offset, 512);
	assert_ptr_equal(entry.initrds, &initrd);
}

static void a_section_stays_beside_a_new_file(void **state)
{
	struct entry_file initrd;
	struct entry entry = unified(&initrd);
	struct error e = ERROR_NONE;

	assert_int_equal(apply(&entry, "/a.efi", "/a.efi more.img", &e), 0);
	assert_int_equal(entry.kernel.offset, 512);
	assert_int_equal(entry.initrd_count, 2);
	assert_int_equal(entry.initrds[0].offset, 4096);
	assert_string_equal(entry.initrds[1].path, "/more.img");
	assert_ptr_equal(entry.initrds[1].root, own);
	assert_int_equal(entry.initrds[1].length, 0);
}

static void a_file_of_another_file_system(void **state)
{
	struct entry_file initrd;
	struct entry entry = unified(&initrd);
	struct error e = ERROR_NONE;

	assert_int_equal(fsroot_name("/run/kexit/mnt/sdb2", &opened), 0);
	assert_int_equal(apply(&entry, "(sdb2)/boot/vmlinuz", "", &e), 0);
	assert_ptr_equal(entry.kernel.root, opened);
	assert_string_equal(entry.kernel.path, "/boot/vmlinuz");
	assert_int_equal(entry.kernel.offset, 0);
	assert_int_equal(entry.initrd_count, 0);
	assert_int_equal(apply(&entry, "(sdc1)/vmlinuz", NULL, &e), -ENOENT);
	assert_non_null(strstr(e.text, "there is no file system (sdc1)"));
	fsroot_close(opened);
}

static void one_kernel_is_wanted(void **state)
{
	struct entry_file initrd;
	struct entry entry = unified(&initrd);
	struct error e = ERROR_NONE;

	assert_int_equal(apply(&entry, "/a /b", NULL, &e), -EINVAL);
	assert_int_equal(apply(&entry, "  ", NULL, &e), -EINVAL);
	assert_int_equal(entry.kernel.offset, 512);
}

/* ---- the page on the machine */

/* Static: gcc 12 takes what fclose() leaves behind for a pointer to a variable that is gone. */
static char *info(struct fake *fake)
{
	static char *text;
	static size_t size;
	FILE *out = open_memstream(&text, &size);

	info_write(fake->sys.root, out);
	fclose(out);
	return text;
}

static void a_machine_and_its_devices(void **state)
{
	struct fake *fake = fake_new(NULL, NULL);
	char *text;

	fake_file(fake, "/sys/class/dmi/id/sys_vendor", "ACME\n");
	fake_file(fake, "/sys/class/dmi/id/product_name", "Box 9  \n");
	fake_file(fake, "/sys/firmware/efi/fw_platform_size", "64\n");
	fake_file(fake, "/proc/cpuinfo", "processor\t: 0\nmodel name\t: Fast CPU\n");
	fake_file(fake, "/sys/devices/system/cpu/online", "0-3\n");
	fake_file(fake, "/proc/meminfo", "MemTotal:        2097152 kB\n");
	fake_file(fake, "/proc/cmdline", "quiet kexit.timeout=3\n");
	fake_file(fake, "/sys/devices/pci/usb1/1-1/host0/block/sda/size", "4096\n");
	fake_file(fake, "/sys/devices/pci/usb1/1-1/host0/block/sda/device/model", "Stick\n");
	fake_link(fake, "/sys/class/block/sda", "../../devices/pci/usb1/1-1/host0/block/sda");
	fake_file(fake, "/sys/devices/pci/0000:00:01.0/class", "0x010802\n");
	fake_file(fake, "/sys/devices/pci/0000:00:01.0/vendor", "0x8086\n");
	fake_file(fake, "/sys/devices/pci/0000:00:01.0/device", "0x5845\n");
	fake_link(fake, "/sys/devices/pci/0000:00:01.0/driver", "../../../bus/pci/drivers/nvme");
	fake_link(fake, "/sys/bus/pci/devices/0000:00:01.0", "../../../devices/pci/0000:00:01.0");
	text = info(fake);
	assert_non_null(strstr(text, "machine    ACME Box 9\n"));
	assert_non_null(strstr(text, "firmware   UEFI, bits: 64\n"));
	assert_non_null(strstr(text, "processor  Fast CPU, CPUs 0-3\n"));
	assert_non_null(strstr(text, "memory     2048 MiB\n"));
	assert_non_null(strstr(text, "started by quiet kexit.timeout=3\n"));
	assert_non_null(strstr(text, "2.0 MiB  usb  Stick\n"));
	assert_non_null(strstr(text, "0000:00:01.0  class 010802  8086:5845  nvme\n"));
	free(text);
	fake_free(fake);
}

static void a_machine_that_tells_nothing(void **state)
{
	struct fake *fake = fake_new(NULL, NULL);
	char *text = info(fake);

	assert_string_equal(text, "firmware   BIOS, or what it calls so\n\ndisks\n");
	free(text);
	fake_free(fake);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_was_not_edited_stays),
		TEST(a_section_stays_beside_a_new_file),
		TEST(a_file_of_another_file_system),
		TEST(one_kernel_is_wanted),
		cmocka_unit_test(a_machine_and_its_devices),
		cmocka_unit_test(a_machine_that_tells_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
