// SPDX-License-Identifier: GPL-2.0-or-later
/* Logical volumes: what lvm is asked, and what is made of its answers. */
#include "unit/fake/fake_ops.h"

#include "storage/assemble.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const char *const members[] = { "sda1", "sdb1" };

static int load(const char *name)
{
	return 0;
}

/* What `lvm pvs` and `lvs --segments` of lvm2 2.03.16 print for two disks with a group. */
#define PVS                                                                                         \
	"  LVM2_PV_NAME=/dev/sda1|LVM2_VG_NAME=my-vg|LVM2_PE_START=2048|LVM2_VG_EXTENT_SIZE=8192\n" \
	"  LVM2_PV_NAME=/dev/sdb1|LVM2_VG_NAME=my-vg|LVM2_PE_START=4096|LVM2_VG_EXTENT_SIZE=8192\n"

#define VG "LVM2_VG_NAME=my-vg|LVM2_VG_UUID=aaaaaa-bbbb|"

#define SEGMENT(lv, uuid, attributes, type, chunk, start, size, devices)                           \
	"  " VG "LVM2_LV_NAME=" lv "|LVM2_LV_UUID=" uuid "|LVM2_LV_ATTR=" attributes               \
	"|LVM2_SEGTYPE=" type "|LVM2_STRIPE_SIZE=" chunk "|LVM2_SEG_START=" start                  \
	"|LVM2_SEG_SIZE=" size "|LVM2_DEVICES=" devices "\n"

/* A machine with these two disks and that report; what is logged of each volume is looked for. */
static struct fake *volume_group(const char *lvs, const struct fake_fault *faults)
{
	struct fake *fake = fake_new(NULL, faults);

	fake_file(fake, "/sys/class/block/sda1/dev", "8:1\n");
	fake_file(fake, "/sys/class/block/sdb1/dev", "8:17\n");
	fake_file(fake, "/.said/lvm pvs", PVS);
	fake_file(fake, "/.said/lvm lvs", lvs);
	return fake;
}

/* lvm is asked about its own disks alone, and for no change. */
static void test_lvm_only_reports(void **state)
{
	struct fake *fake = volume_group("", NULL);
	struct error e = ERROR_NONE;

	assert_int_equal(assemble_lvm(&fake->sys, members, 2, load, &e), 0);
	assert_int_equal(fake_log_count(fake, "run lvm pvs --readonly --driverloaded n *--devices "
					      "/dev/sda1,/dev/sdb1 --config "
					      "*metadata_read_only=1* = 0"),
			 1);
	assert_int_equal(fake_log_count(fake, "run lvm lvs --readonly --driverloaded n * = 0"), 1);
	assert_int_equal(fake_log_count(fake, "run *"), 2);
	assert_int_equal(fake_log_count(fake, "dm-create *"), 0);
	fake_free(fake);
}

static void test_linear_and_striped_volumes_are_mapped_read_only(void **state)
{
	struct fake *fake =
		volume_group("  WARNING: VG name my-vg is used by another one.\n" SEGMENT(
				     "fast", "cccccc-dddd", "-wi-------", "striped", "128", "0",
				     "16384", "/dev/sda1(20),/dev/sdb1(10)")
				     SEGMENT("root", "eeeeee-ffff", "owi-------", "linear", "0",
					     "0", "8192", "/dev/sda1(0)")
					     SEGMENT("root", "eeeeee-ffff", "owi-------", "linear",
						     "0", "8192", "16384", "/dev/sdb1(2)"),
			     NULL);
	struct error e = ERROR_NONE;

	assert_int_equal(assemble_lvm(&fake->sys, members, 2, load, &e), 0);
	assert_int_equal(fake_log_count(fake, "dm-create my--vg-fast LVM-aaaaaabbbbccccccdddd ro 0 "
					      "16384 striped 2 128 8:1 165888 8:17 86016; = 0"),
			 1);
	assert_int_equal(fake_log_count(fake, "dm-create my--vg-root LVM-aaaaaabbbbeeeeeeffff ro 0 "
					      "8192 linear 8:1 2048;8192 16384 linear 8:17 20480; "
					      "= 0"),
			 1);
	assert_int_equal(fake_log_count(fake, "dm-create *"), 2);
	fake_free(fake);
}

/* lv_attr and segtype as lvs(8) has them: what activation would write to, and no memory is free. */
static void test_volumes_whose_activation_writes_stay(void **state)
{
	static const struct {
		const char *row, *reason;
	} cases[] = {
		{ SEGMENT("v", "cc", "rwi-------", "raid1", "0", "0", "8192",
			  "v_rimage_0(0),v_rimage_1(0)"),
		  "of the type raid1" },
		{ SEGMENT("v", "cc", "mwi-------", "mirror", "0", "0", "8192",
			  "v_mimage_0(0),v_mimage_1(0)"),
		  "of the type mirror" },
		{ SEGMENT("v", "cc", "Vwi-------", "thin", "0", "0", "8192", ""),
		  "of the type thin" },
		{ SEGMENT("v", "cc", "Cwi-------", "cache", "0", "0", "8192", "v_corig(0)"),
		  "of the type cache" },
		{ SEGMENT("v", "cc", "Owi-------", "linear", "0", "0", "8192", "/dev/sda1(0)"),
		  "a snapshot is to be merged" },
		{ SEGMENT("v", "cc", "swi-------", "linear", "0", "0", "8192", "/dev/sda1(0)"),
		  "it is a snapshot" },
		{ SEGMENT("v", "cc", "-wi-----p-", "linear", "0", "0", "8192", "[unknown](0)"),
		  "a disk of it is missing" },
		{ SEGMENT("v", "cc", "-wI-------", "linear", "0", "0", "8192", "pvmove0(0)"),
		  "a disk of it is missing" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fake *fake = volume_group(cases[i].row, NULL);
		struct error e = ERROR_NONE;

		assert_int_equal(assemble_lvm(&fake->sys, members, 2, load, &e), -ENOTSUP);
		assert_non_null(strstr(e.text, "my-vg/v: this LVM volume cannot be read: "));
		assert_non_null(strstr(e.text, cases[i].reason));
		assert_int_equal(fake_log_count(fake, "dm-create *"), 0);
		fake_free(fake);
	}
}

/* One segment that cannot be mapped, and the whole would be a volume with a hole. */
static void test_a_volume_is_mapped_as_a_whole(void **state)
{
	struct fake *fake = volume_group(
		SEGMENT("a", "cc", "rwi-------", "raid1", "0", "0", "8192", "a_rimage_0(0)")
			SEGMENT("b", "dd", "-wi-------", "linear", "0", "0", "8192", "/dev/sda1(0)")
				SEGMENT("b", "dd", "-wi-------", "linear", "0", "8192", "8192",
					"[unknown](0)") SEGMENT("c", "ee", "-wi-------", "linear",
								"0", "0", "8192", "/dev/sdb1(7)")
					SEGMENT("d", "ff", "-wi------k", "linear", "0", "0", "8192",
						"/dev/sdb1(8)"),
		NULL);
	struct error e = ERROR_NONE;

	assert_int_equal(assemble_lvm(&fake->sys, members, 2, load, &e), -ENOTSUP);
	assert_non_null(strstr(e.text, "my-vg/a: this LVM volume cannot be read: it is of the type "
				       "raid1"));
	assert_non_null(strstr(e.text, "; my-vg/b: this LVM volume cannot be read: a disk of it "
				       "is missing"));
	assert_int_equal(fake_log_count(fake, "dm-create my--vg-c *"), 1);
	assert_int_equal(fake_log_count(fake, "dm-create *"), 1);
	fake_free(fake);
}

#define RAID                                                                                       \
	SEGMENT("v", "cc", "rwi-------", "raid1", "0", "0", "8192", "v_rimage_0(0),v_rimage_1(0)")
#define MERGE SEGMENT("w", "dd", "Owi-------", "linear", "0", "0", "8192", "/dev/sda1(0)")
#define THIN  SEGMENT("x", "ee", "Vwi-------", "thin", "0", "0", "8192", "")

static struct fake *group_in_ram(const char *lvs, const struct fake_fault *faults)
{
	struct fake *fake = volume_group(lvs, faults);

	fake_file(fake, "/proc/meminfo", "MemAvailable: 800000 kB\n");
	fake_file(fake, "/proc/sys/dev/raid/speed_limit_max", "200000\n");
	fake_file(fake, "/sys/class/block/sda1/size", "99999\n");
	fake_file(fake, "/sys/class/block/sdb1/size", "99999\n");
	return fake;
}

/* lvm sees the layers alone, and only of a group that is complete does it take a volume. */
static void test_what_writes_is_activated_in_memory(void **state)
{
	struct fake *fake = group_in_ram(RAID MERGE, NULL);
	struct error e = ERROR_NONE;

	assert_int_equal(assemble_lvm(&fake->sys, members, 2, load, &e), 0);
	assert_int_equal(fake_log_count(fake, "dm-create kexit-sda1 *"), 1);
	assert_int_equal(fake_log_count(fake, "dm-create kexit-sdb1 *"), 1);
	assert_int_equal(fake_log_count(fake, "dm-create *"), 2);
	assert_int_equal(fake_log_count(fake, "run lvm lvchange --activate y --sysinit "
					      "--activationmode complete --devices "
					      "/dev/dm-7,/dev/dm-7 --config * my-vg/v my-vg/w = 0"),
			 1);
	assert_int_equal(fake_log_count(fake, "write /proc/sys/dev/raid/speed_limit_max 1 = 0"), 1);
	fake_free(fake);
}

static void test_a_thin_volume_is_not(void **state)
{
	struct fake *fake = group_in_ram(RAID THIN, NULL);
	struct error e = ERROR_NONE;

	assert_int_equal(assemble_lvm(&fake->sys, members, 2, load, &e), -ENOTSUP);
	assert_null(strstr(e.text, "my-vg/v"));
	assert_non_null(strstr(e.text, "my-vg/x: this LVM volume cannot be read: it is of the type "
				       "thin"));
	assert_int_equal(fake_log_count(fake, "run lvm lvchange * my-vg/v = 0"), 1);
	fake_free(fake);
}

/* What lvm says, and no layer is left. */
static void test_what_lvm_does_not_activate_is_told(void **state)
{
	struct fake *fake = group_in_ram(RAID, NULL);
	struct error e = ERROR_NONE;

	fake_file(fake, "/.exit/lvm lvchange", "5");
	fake_file(fake, "/.said/lvm lvchange",
		  "  WARNING: a\n  Refusing activation of partial LV v.\n");
	assert_int_equal(assemble_lvm(&fake->sys, members, 2, load, &e), -ENOTSUP);
	assert_non_null(strstr(e.text, "Refusing activation of partial LV v."));
	assert_int_equal(fake_log_count(fake, "dm-remove kexit-sda1 = 0"), 1);
	assert_int_equal(fake_log_count(fake, "dm-remove kexit-sdb1 = 0"), 1);
	fake_free(fake);
}

/* The loop looks again after an attempt that failed. */
static void test_a_volume_that_is_mapped_stays_so(void **state)
{
	static const struct fake_fault faults[] = {
		{ "dm-create", "*", FAKE_ERRNO, -EBUSY },
		{ NULL, NULL, FAKE_ERRNO, 0 },
	};
	struct fake *fake = volume_group(
		SEGMENT("root", "cc", "-wi-------", "linear", "0", "0", "8192", "/dev/sda1(0)"),
		faults);
	struct error e = ERROR_NONE;

	assert_int_equal(assemble_lvm(&fake->sys, members, 2, load, &e), 0);
	assert_int_equal(fake_log_count(fake, "dm-create my--vg-root * = EBUSY"), 1);
	fake_free(fake);
}

static void test_an_image_without_the_program_is_told(void **state)
{
	static const struct fake_fault faults[] = {
		{ "run", "lvm", FAKE_ERRNO, -ENOENT },
		{ NULL, NULL, FAKE_ERRNO, 0 },
	};
	struct fake *fake = fake_new(NULL, faults);
	struct error e = ERROR_NONE;

	assert_int_equal(assemble_lvm(&fake->sys, members, 2, load, &e), -ENOENT);
	assert_non_null(strstr(e.text, "build the image with lvm2"));
	fake_free(fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lvm_only_reports),
		cmocka_unit_test(test_linear_and_striped_volumes_are_mapped_read_only),
		cmocka_unit_test(test_volumes_whose_activation_writes_stay),
		cmocka_unit_test(test_a_volume_is_mapped_as_a_whole),
		cmocka_unit_test(test_what_writes_is_activated_in_memory),
		cmocka_unit_test(test_a_thin_volume_is_not),
		cmocka_unit_test(test_what_lvm_does_not_activate_is_told),
		cmocka_unit_test(test_a_volume_that_is_mapped_stays_so),
		cmocka_unit_test(test_an_image_without_the_program_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
