// SPDX-License-Identifier: GPL-2.0-or-later
/* syslinux, extlinux and isolinux configurations, as they are written and as they break. */
#include "unit/entry/test_entry_bench.h"

static void add_files(struct bench *b)
{
	bench_file(b, "/boot/vmlinuz-6.1", "kernel");
	bench_file(b, "/boot/vmlinuz-5.10", "older kernel");
	bench_file(b, "/boot/initrd.img-6.1", "initrd");
	bench_file(b, "/boot/initrd.img-5.10", "older initrd");
}

/* As Debian's u-boot-menu writes it. */
static void an_extlinux_of_u_boot(void **state)
{
	struct bench *b = *state;
	struct entry *entry;

	add_files(b);
	bench_file(b, "/boot/board.dtb", "tree");
	bench_file(b, "/boot/extlinux/extlinux.conf",
		   "## written by a tool\n\n"
		   "default l0\nmenu title U-Boot menu\nprompt 0\ntimeout 55\n\n\n"
		   "label l0\n\tmenu label Debian GNU/Linux 12 6.1\n\tlinux /boot/vmlinuz-6.1\n"
		   "\tinitrd /boot/initrd.img-6.1\n\tfdt /boot/board.dtb\n"
		   "\n\tappend root=UUID=1 ro quiet\n\n"
		   "label l0r\n\tmenu label Debian GNU/Linux 12 6.1 (rescue target)\n"
		   "\tlinux /boot/vmlinuz-6.1\n\tinitrd /boot/initrd.img-6.1\n"
		   "\tfdtdir /usr/lib/linux-image-6.1/\n\tappend root=UUID=1 ro single\n");
	bench_read(b);
	assert_order(b, "l0 l0r");
	entry = bench_find(b, "l0");
	assert_string_equal(entry->title, "Debian GNU/Linux 12 6.1");
	assert_string_equal(entry->kernel.path, "/boot/vmlinuz-6.1");
	assert_string_equal(entry->initrds[0].path, "/boot/initrd.img-6.1");
	assert_string_equal(entry->devicetree.path, "/boot/board.dtb");
	assert_string_equal(entry->options, "root=UUID=1 ro quiet");
	assert_int_equal(entry->line, 9);
	assert_null(entry->greyed);
	assert_null(bench_find(b, "l0r")->greyed);
	assert_true(entry->is_default);
	assert_int_equal(b->list->timeout, 6);
	assert_int_equal(b->list->problem_count, 0);
}

/* A menu on a BIOS machine, in parts. */
static void a_menu_of_syslinux(void **state)
{
	struct bench *b = *state;

	bench_file(b, "/syslinux/vmlinuz-linux", "kernel");
	bench_file(b, "/syslinux/initramfs-linux.img", "initrd");
	bench_file(b, "/syslinux/menu.inc",
		   "LABEL arch\n MENU LABEL ^Arch Linux\n KERNEL vmlinuz-linux\n"
		   " APPEND initrd=old.img root=/dev/sda1 initrd=initramfs-linux.img rw\n"
		   " TEXT HELP\n LABEL is a word in here\n ENDTEXT\n"
		   "LABEL arch2\n MENU DEFAULT\n LINUX vmlinuz-linux\n APPEND -\n");
	bench_file(b, "/syslinux/syslinux.cfg",
		   "UI menu.c32\nPROMPT 0\nMENU HIDDEN\nTIMEOUT 0\nAPPEND quiet\n"
		   "INCLUDE menu.inc\n"
		   "LABEL plain\n LINUX vmlinuz-linux\n"
		   "LABEL -\n MENU LABEL Tools:\n MENU DISABLE\n"
		   "MENU BEGIN tools\n MENU TITLE More tools\n"
		   "LABEL hdt\n COM32 hdt.c32\n"
		   "LABEL reboot\n KERNEL reboot.c32\n"
		   "LABEL disk\n MENU HIDE\n LOCALBOOT 0x80\n"
		   "LABEL memdisk\n LINUX memdisk\n"
		   "MENU END\nLABEL last\n LINUX vmlinuz-linux\n APPEND x\n IPAPPEND 2\n");
	bench_read(b);
	assert_order(b, "arch arch2 plain hdt reboot disk memdisk last");
	assert_string_equal(bench_find(b, "arch")->title, "Arch Linux");
	assert_string_equal(bench_find(b, "arch")->options, "root=/dev/sda1 rw");
	assert_int_equal(bench_find(b, "arch")->initrd_count, 1);
	assert_string_equal(bench_find(b, "arch")->initrds[0].path,
			    "/syslinux/initramfs-linux.img");
	assert_string_equal(bench_find(b, "arch")->path, "/syslinux/menu.inc");
	assert_null(bench_find(b, "arch2")->options);
	assert_string_equal(bench_find(b, "plain")->options, "quiet");
	assert_string_equal(bench_find(b, "hdt")->greyed,
			    "hdt.c32 is a program for syslinux, not a kernel");
	assert_int_equal(bench_find(b, "hdt")->menu_count, 1);
	assert_string_equal(bench_find(b, "hdt")->menus[0], "More tools");
	assert_string_equal(bench_find(b, "reboot")->greyed,
			    "reboot.c32 is a program for syslinux, not a kernel");
	assert_string_equal(bench_find(b, "disk")->greyed,
			    "it goes on through firmware (LOCALBOOT), without a kernel");
	assert_true(bench_find(b, "disk")->is_hidden);
	assert_string_equal(bench_find(b, "memdisk")->greyed,
			    "memdisk needs a BIOS, which is gone by now");
	assert_int_equal(bench_find(b, "last")->menu_count, 0);
	assert_string_equal(b->list->preferred->id, "arch2");
	assert_int_equal(b->list->timeout, ENTRY_TIMEOUT_FOREVER);
	assert_true(b->list->is_menu_hidden);
	assert_int_equal(b->list->problem_count, 0);
}

/* An installer's CD: a menu in many files, each with a word to say. */
static void an_isolinux_of_an_installer(void **state)
{
	struct bench *b = *state;

	bench_file(b, "/install.amd/vmlinuz", "kernel");
	bench_file(b, "/install.amd/initrd.gz", "initrd");
	bench_file(b, "/isolinux/isolinux.cfg",
		   "# made by the build\npath \ninclude menu.cfg\ndefault vesamenu.c32\n"
		   "prompt 0\ntimeout 0\n");
	bench_file(b, "/isolinux/menu.cfg",
		   "menu hshift 7\nmenu title Installer menu (BIOS mode)\ninclude std.cfg\n"
		   "include gtk.cfg\nmenu begin advanced\n\tmenu label ^Advanced options\n"
		   "\tinclude std.cfg\n\tlabel mainmenu\n\t\tmenu label ^Back..\n\t\tmenu exit\n"
		   "\tinclude rescue.cfg\nmenu end\nlabel help\n\tmenu label ^Help\n\ttext help\n"
		   "   kernel and initrd are explained there\n\tendtext\n\tconfig prompt.cfg\n");
	bench_file(b, "/isolinux/std.cfg", "menu background splash.png\nmenu color title * #F *\n");
	bench_file(b, "/isolinux/gtk.cfg",
		   "default installgui\nlabel installgui\n\tmenu label ^Graphical install\n"
		   "\tmenu default\n\tkernel /install.amd/vmlinuz\n"
		   "\tappend vga=788 initrd=/install.amd/initrd.gz --- quiet \n");
	bench_file(b, "/isolinux/rescue.cfg",
		   "label rescue\n\tmenu label ^Rescue mode\n\tkernel /install.amd/vmlinuz\n"
		   "\tappend initrd=/install.amd/initrd.gz rescue/enable=true --- quiet\n");
	bench_read(b);
	assert_order(b, "installgui rescue help");
	assert_string_equal(bench_find(b, "installgui")->options, "vga=788 --- quiet");
	assert_string_equal(bench_find(b, "installgui")->initrds[0].path, "/install.amd/initrd.gz");
	assert_null(bench_find(b, "installgui")->greyed);
	assert_string_equal(bench_find(b, "rescue")->menus[0], "Advanced options");
	assert_string_equal(bench_find(b, "help")->greyed,
			    "it leads to the configuration /isolinux/prompt.cfg, which is not "
			    "there");
	assert_string_equal(b->list->preferred->id, "installgui");
	assert_int_equal(b->list->timeout, ENTRY_TIMEOUT_FOREVER);
	assert_int_equal(b->list->problem_count, 0);
}

static void initrds_may_be_parted_by_commas(void **state)
{
	struct bench *b = *state;

	add_files(b);
	bench_file(b, "/boot/extlinux.conf",
		   "LABEL a\nLINUX vmlinuz-6.1\nINITRD initrd.img-6.1,/boot/initrd.img-5.10\n");
	bench_read(b);
	assert_int_equal(bench_find(b, "a")->initrd_count, 2);
	assert_string_equal(bench_find(b, "a")->initrds[1].path, "/boot/initrd.img-5.10");
	assert_null(bench_find(b, "a")->greyed);
}

/* At the prompt, which PROMPT asks for; the words behind the label make a command line of its own. */
static void ontimeout_is_what_boots_unattended(void **state)
{
	struct bench *b = *state;

	add_files(b);
	bench_file(b, "/boot/extlinux.conf",
		   "DEFAULT a\nONTIMEOUT b single initrd=initrd.img-5.10\nTIMEOUT 1\nPROMPT 1\n"
		   "LABEL a\nLINUX vmlinuz-6.1\n"
		   "LABEL b\nLINUX vmlinuz-5.10\nAPPEND initrd=initrd.img-6.1 ro\n");
	bench_read(b);
	assert_string_equal(b->list->preferred->id, "b single initrd=initrd.img-5.10");
	assert_string_equal(b->list->preferred->options, "ro single");
	assert_int_equal(b->list->preferred->initrd_count, 1);
	assert_string_equal(b->list->preferred->initrds[0].path, "/boot/initrd.img-5.10");
	assert_string_equal(b->list->rule, "ONTIMEOUT of /boot/extlinux.conf");
	assert_string_equal(bench_find(b, "b")->options, "ro");
	assert_int_equal(b->list->timeout, 1);
}

static void without_menu_and_prompt_it_boots_at_once(void **state)
{
	struct bench *b = *state;

	add_files(b);
	bench_file(b, "/boot/extlinux.conf", "DEFAULT a\nLABEL a\nLINUX vmlinuz-6.1\n");
	bench_read(b);
	assert_int_equal(b->list->timeout, 0);
	assert_true(b->list->is_menu_hidden);
}

static void files_that_include_each_other_come_to_an_end(void **state)
{
	struct bench *b = *state;

	add_files(b);
	bench_file(b, "/boot/extlinux.conf",
		   "LABEL a\nLINUX vmlinuz-6.1\nINCLUDE b.inc\nINCLUDE b.inc\n");
	bench_file(b, "/boot/b.inc", "INCLUDE extlinux.conf\nINCLUDE b.inc\n");
	bench_read(b);
	assert_int_equal(b->list->problem_count > 0, true);
	assert_true(b->list->count > 1);
	assert_string_equal(b->list->problems[0].reason,
			    "not included, since that goes too far: extlinux.conf");
}

static void an_include_that_is_gone_is_told(void **state)
{
	struct bench *b = *state;

	add_files(b);
	bench_file(b, "/boot/extlinux.conf",
		   "INCLUDE gone.inc\nINCLUDE\nLABEL\nTIMEOUT soon\nLABEL a\nLINUX vmlinuz-6.1\n");
	bench_read(b);
	assert_order(b, "a");
	assert_problem(b, 0, "/boot/extlinux.conf:1: to be included, and not there: gone.inc");
	assert_problem(b, 1, "/boot/extlinux.conf:2: INCLUDE without a file");
	assert_problem(b, 2, "/boot/extlinux.conf:3: LABEL without a name");
	assert_problem(b, 3,
		       "/boot/extlinux.conf:4: TIMEOUT: no number of tenths of a second: soon");
}

static void too_many_labels_are_told_once(void **state)
{
	struct bench *b = *state;
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	add_files(b);
	for (int i = 0; i < 600; i++)
		fprintf(file, "LABEL l%d\nLINUX vmlinuz-6.1\n", i);
	fclose(file);
	bench_file(b, "/boot/extlinux.conf", text);
	free(text);
	bench_read(b);
	assert_int_equal(b->list->count, 500);
	assert_int_equal(b->list->problem_count, 1);
	assert_problem(b, 0,
		       "/boot/extlinux.conf:1001: more than 500 labels: this and later ones are "
		       "left out");
}

static void the_last_of_two_counts(void **state)
{
	struct bench *b = *state;

	add_files(b);
	bench_file(b, "/boot/extlinux.conf",
		   "LABEL a\nLINUX vmlinuz-6.1\nLINUX vmlinuz-5.10\nAPPEND x\nAPPEND y\n");
	bench_read(b);
	assert_string_equal(bench_find(b, "a")->kernel.path, "/boot/vmlinuz-5.10");
	assert_string_equal(bench_find(b, "a")->options, "y");
}

static void two_labels_of_a_name_are_told_apart(void **state)
{
	struct bench *b = *state;

	add_files(b);
	bench_file(b, "/boot/extlinux.conf",
		   "DEFAULT a\nLABEL a\nLINUX vmlinuz-6.1\nLABEL a\nLINUX vmlinuz-5.10\n");
	bench_read(b);
	assert_order(b, "a a#2");
	assert_string_equal(b->list->preferred->id, "a");
}

static void overlays_are_not_applied(void **state)
{
	struct bench *b = *state;

	add_files(b);
	bench_file(b, "/boot/extlinux.conf",
		   "LABEL a\nLINUX vmlinuz-6.1\nFDTOVERLAYS /boot/a.dtbo\n");
	bench_read(b);
	assert_string_equal(bench_find(b, "a")->greyed,
			    "it needs device tree overlays, and kexit applies none");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BENCH_TEST(an_extlinux_of_u_boot),
		BENCH_TEST(a_menu_of_syslinux),
		BENCH_TEST(an_isolinux_of_an_installer),
		BENCH_TEST(initrds_may_be_parted_by_commas),
		BENCH_TEST(ontimeout_is_what_boots_unattended),
		BENCH_TEST(without_menu_and_prompt_it_boots_at_once),
		BENCH_TEST(files_that_include_each_other_come_to_an_end),
		BENCH_TEST(an_include_that_is_gone_is_told),
		BENCH_TEST(too_many_labels_are_told_once),
		BENCH_TEST(the_last_of_two_counts),
		BENCH_TEST(two_labels_of_a_name_are_told_apart),
		BENCH_TEST(overlays_are_not_applied),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
