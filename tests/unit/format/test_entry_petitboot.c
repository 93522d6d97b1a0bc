// SPDX-License-Identifier: GPL-2.0-or-later
/* petitboot.conf, kboot.conf, yaboot.conf and what looks like it, and configurations of nobody here. */
#include "unit/entry/test_entry_bench.h"

static void add_kernels(struct bench *b)
{
	bench_file(b, "/k", "kernel");
	bench_file(b, "/k2", "kernel");
	bench_file(b, "/i", "initrd");
	bench_file(b, "/tree.dtb", "tree");
}

/* A disk each for what is named, by any of the ways to name one. */
static struct fsroot *other_root;

static int find_other(const struct entry_source *source, enum entry_volume kind, const char *name,
		      const struct fsroot **ret_root)
{
	bool is_it = (kind == ENTRY_VOLUME_NAME && !strcmp(name, "sda2")) ||
		     (kind == ENTRY_VOLUME_UUID && !strcmp(name, "12-34")) ||
		     (kind == ENTRY_VOLUME_LABEL && !strcmp(name, "DATA"));

	*ret_root = other_root;
	return is_it ? 0 : -ENOENT;
}

static int set_up(void **state)
{
	struct bench *b;

	bench_set_up(state);
	b = *state;
	add_kernels(b);
	bench_file(b, "/other/k3", "kernel");
	assert_int_equal(
		fsroot_open(strcat(strcpy((char[256]){ 0 }, b->fake->tree), "/other"), &other_root),
		0);
	b->source.find = find_other;
	return 0;
}

static int tear_down(void **state)
{
	fsroot_close(other_root);
	return bench_tear_down(state);
}

/* ---- petitboot.conf */

static void an_option_begins_with_its_name(void **state)
{
	struct bench *b = *state;
	struct entry *entry;

	bench_file(b, "/boot/petitboot.conf",
		   "default the second one\ndev_description a disk\n\n"
		   "name first\nimage /k\ninitrd /i\nargs console=hvc0  quiet\ndtb /tree.dtb\n"
		   "description words\nimage /k2\n"
		   "name the second one\nargs only\nimage\t/k2\n");
	bench_read(b);
	assert_order(b, "first the second one");
	entry = bench_find(b, "first");
	assert_string_equal(entry->title, "first");
	assert_string_equal(entry->kernel.path, "/k");
	assert_string_equal(entry->initrds[0].path, "/i");
	assert_string_equal(entry->devicetree.path, "/tree.dtb");
	assert_string_equal(entry->options, "console=hvc0  quiet");
	assert_string_equal(b->list->preferred->id, "the second one");
	assert_string_equal(b->list->rule, "default of /boot/petitboot.conf");
	assert_int_equal(b->list->timeout, ENTRY_TIMEOUT_UNSET);
}

static void files_may_be_on_other_disks(void **state)
{
	struct bench *b = *state;

	bench_file(
		b, "/petitboot.conf",
		"name a\nimage sda2:/k3\nname b\nimage /dev/sda2:k3\nname c\nimage uuid=12-34:/k3\n"
		"name d\nimage label=DATA:/k3\nname e\nimage sdx:/k3\nname f\nimage http://h/k\n"
		"name g\ninitrd /i\n");
	bench_read(b);
	for (const char *id = "a\0b\0c\0d\0"; *id; id += 2) {
		assert_ptr_equal(bench_find(b, id)->kernel.root, other_root);
		assert_string_equal(bench_find(b, id)->kernel.path, "/k3");
		assert_null(bench_find(b, id)->greyed);
	}
	assert_string_equal(bench_find(b, "e")->greyed, "the disk of sdx:/k3: it is not there");
	assert_string_equal(bench_find(b, "f")->greyed,
			    "http://h/k lies on the network, which kexit does not read");
	assert_string_equal(bench_find(b, "g")->greyed, "it names no kernel");
}

/* ---- kboot.conf */

static void a_line_of_kboot_is_an_entry(void **state)
{
	struct bench *b = *state;
	struct entry *entry;

	bench_file(b, "/etc/kboot.conf",
		   "# by hand\ntimeout=10\nmessage=/etc/welcome\ndefault=linux\nroot=/dev/sda1\n"
		   "linux='/k initrd=/i dtb=/tree.dtb video=ps3fb quiet'\n"
		   "other = \"/k2 root=/dev/sdb1 ro\"\nbare\nempty=\n");
	bench_read(b);
	assert_order(b, "linux other");
	entry = bench_find(b, "linux");
	assert_string_equal(entry->kernel.path, "/k");
	assert_string_equal(entry->initrds[0].path, "/i");
	assert_string_equal(entry->devicetree.path, "/tree.dtb");
	assert_string_equal(entry->options, "root=/dev/sda1 video=ps3fb quiet");
	assert_string_equal(bench_find(b, "other")->options, "root=/dev/sdb1 ro");
	assert_int_equal(bench_find(b, "other")->initrd_count, 0);
	assert_string_equal(b->list->preferred->id, "linux");
}

/* XeLL's, of the Xbox 360. */
static void a_kboot_conf_of_xell(void **state)
{
	struct bench *b = *state;

	bench_file(
		b, "/kboot.conf",
		"#KBOOTCONFIG\n; says speed=1\nspeedup=1\n;videomode=10\ntimeout=30\nip=10.0.0.1\n"
		"one=\"uda0:/k root=/dev/sda1\"\ntwo=\"/k2 x\"\n");
	bench_read(b);
	assert_order(b, "one two");
	assert_int_equal(b->list->settings[ENTRY_KBOOT].timeout, 30);
	/* Its disk is one of XeLL's names: the first is its default, and nothing is in its place. */
	assert_string_equal(b->list->withheld,
			    "its default, 'one', cannot be booted: the disk of uda0:/k: it is not "
			    "there");
}

/* ---- yaboot.conf */

static void an_image_of_yaboot_is_an_entry(void **state)
{
	struct bench *b = *state;
	struct entry *entry;

	bench_file(
		b, "/etc/yaboot.conf",
		"boot=/dev/sda1\ntimeout = 55\ndefault = NEW\nroot=/dev/sda3\nread-only\n"
		"append=\"for all\"\n\nimage = /k\n\tlabel = new\n\tinitrd = /i\n"
		"\tappend = \"quiet splash\"\n\nimage=/k2\n\tlabel=old\n\troot=/dev/sda4\n\tread-write\n"
		"\tramdisk=8192\n\tinitrd-size=4096\nimage=/k2\n\tliteral=\"console=hvc0\"\n");
	bench_read(b);
	assert_order(b, "new old k2");
	entry = bench_find(b, "new");
	assert_string_equal(entry->kernel.path, "/k");
	assert_string_equal(entry->initrds[0].path, "/i");
	assert_string_equal(entry->options, "root=/dev/sda3 ro quiet splash");
	assert_string_equal(bench_find(b, "old")->options,
			    "root=/dev/sda4 rw ramdisk=8192 ramdisk_size=4096 for all");
	assert_string_equal(bench_find(b, "k2")->options, "console=hvc0");
	assert_string_equal(b->list->preferred->id, "new");
	assert_int_equal(b->list->timeout, 6);
}

static void yaboot_without_a_default_boots_the_first(void **state)
{
	struct bench *b = *state;

	bench_file(b, "/etc/lilo.conf",
		   "prompt\ndefault=\nother=/dev/hda1\n  label=Windows\nimage=/k\n  label=linux\n");
	bench_read(b);
	assert_order(b, "Windows linux");
	assert_true(bench_find(b, "Windows")->leads_away);
	assert_null(b->list->preferred);
	assert_non_null(b->list->withheld);
}

static void disks_of_yaboot(void **state)
{
	struct bench *b = *state;

	bench_file(b, "/yaboot.conf",
		   "device=/dev/sda1\npartition=2\nimage=/k3\n label=a\nimage=hd:3,/k\n label=b\n"
		   "image=/k\n label=c\n device=/dev/sdb\n partition=7\n");
	bench_read(b);
	assert_ptr_equal(bench_find(b, "a")->kernel.root, other_root);
	assert_string_equal(bench_find(b, "b")->kernel.path, "/k");
	assert_null(bench_find(b, "b")->greyed);
	assert_string_equal(bench_find(b, "c")->greyed,
			    "the disk of /dev/sdb7:/k: it is not there");
}

/* As ybin's example has it, and Debian's installer wrote it on Macs. */
static void names_of_open_firmware_s(void **state)
{
	struct bench *b = *state;

	bench_file(b, "/etc/yaboot.conf",
		   "device=hd:\npartition=3\nimage=/k\n label=a\nimage=/gone\n label=b\n"
		   " device=/pci@f4000000/ata-6@d/disk@0:\n");
	bench_read(b);
	assert_string_equal(bench_find(b, "a")->kernel.path, "/k");
	assert_null(bench_find(b, "a")->greyed);
	assert_string_equal(bench_find(b, "b")->greyed,
			    "/gone of /pci@f4000000/ata-6@d/disk@0:, which is a name of Open "
			    "Firmware's and not known here, is not on this file system");
}

static void suse_s_media_name_a_pair_of_files(void **state)
{
	struct bench *b = *state;

	bench_file(b, "/suseboot/vmlinux64", "kernel");
	bench_file(b, "/suseboot/initrd64", "initrd");
	bench_file(
		b, "/suseboot/yaboot.cnf",
		"default=install\nimage[64bit] = install\n append=\"quiet\"\nimage[32bit]=/k\n label=small\n");
	bench_read(b);
	assert_order(b, "install small");
	assert_string_equal(bench_find(b, "install")->kernel.path, "/suseboot/vmlinux64");
	assert_string_equal(bench_find(b, "install")->initrds[0].path, "/suseboot/initrd64");
	assert_string_equal(bench_find(b, "small")->kernel.path, "/k");
}

/* ---- which of several counts */

static void petitboot_comes_before_kboot_before_yaboot(void **state)
{
	struct bench *b = *state;

	bench_file(b, "/yaboot.conf", "image=/k\n label=y\n append=y\n");
	bench_file(b, "/kboot.conf", "k='/k k'\n");
	bench_file(b, "/petitboot.conf", "name p\nimage /k\nargs p\n");
	bench_file(b, "/loader/entries/b.conf", "linux /k\noptions b\n");
	bench_read(b);
	assert_order(b, "p k y b.conf");
	assert_string_equal(b->list->preferred->id, "p");
}

/* ---- what nobody reads */

static void a_configuration_of_nobody_is_named(void **state)
{
	struct bench *b = *state;

	bench_file(b, "/boot/limine.conf", "timeout: 3\n");
	bench_file(b, "/boot/grub/menu.lst", "default 0\n");
	bench_read(b);
	assert_int_equal(b->list->problem_count, 1);
	assert_problem(b, 0,
		       "/boot/grub/menu.lst:0: of GRUB Legacy, whose configuration kexit does not "
		       "read: what it boots is not in the menu");
}

static void beside_entries_it_is_a_leftover(void **state)
{
	struct bench *b = *state;

	bench_file(b, "/boot/grub/menu.lst", "default 0\n");
	bench_file(b, "/kboot.conf", "k='/k'\n");
	bench_read(b);
	assert_int_equal(b->list->problem_count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_option_begins_with_its_name),
		TEST(files_may_be_on_other_disks),
		TEST(a_line_of_kboot_is_an_entry),
		TEST(a_kboot_conf_of_xell),
		TEST(an_image_of_yaboot_is_an_entry),
		TEST(yaboot_without_a_default_boots_the_first),
		TEST(disks_of_yaboot),
		TEST(names_of_open_firmware_s),
		TEST(suse_s_media_name_a_pair_of_files),
		TEST(petitboot_comes_before_kboot_before_yaboot),
		TEST(a_configuration_of_nobody_is_named),
		TEST(beside_entries_it_is_a_leftover),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
