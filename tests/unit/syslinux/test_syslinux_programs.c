// SPDX-License-Identifier: GPL-2.0-or-later
/* What syslinux, extlinux, isolinux and U-Boot read differently, and what each boots when nobody types. */
#include "unit/entry/test_entry_bench.h"

/* ---- one configuration, several programs */

static void read_as(struct bench *b, const char *path, const char *text)
{
	bench_file(b, "/k", "kernel");
	bench_file(b, "/i", "initrd");
	bench_file(b, "/j", "initrd");
	bench_file(b, path, text);
	bench_read(b);
}

/* pxe_utils.c: MENU DEFAULT where nothing is set yet, DEFAULT always. */
static void default_goes_before_menu_default_for_u_boot(void **state)
{
	struct bench *b = *state;

	read_as(b, "/boot/extlinux/extlinux.conf",
		"default good one\nlabel other\nmenu default\nlinux /k\nlabel good one\nlinux /k\n");
	assert_string_equal(b->list->preferred->id, "good one");
	assert_int_equal(b->list->timeout, 0);
	assert_true(b->list->is_menu_hidden);
}

static void variables_of_u_boot_are_left_out_and_told(void **state)
{
	struct bench *b = *state;

	read_as(b, "/extlinux/extlinux.conf",
		"label a\nlinux /k\nappend ${cbootargs} root=/dev/mmcblk0p1 $(more)x$y ${open\n");
	assert_string_equal(bench_find(b, "a")->options, "root=/dev/mmcblk0p1 x$y ${open");
	assert_int_equal(b->list->problem_count, 2);
	assert_problem(b, 0,
		       "/extlinux/extlinux.conf:1: ${cbootargs} of label 'a' is from U-Boot's "
		       "environment, which is gone by now: left out");
}

static void u_boot_takes_the_first_and_the_whole_line(void **state)
{
	struct bench *b = *state;

	read_as(b, "/extlinux/extlinux.conf",
		"APPEND for all\nUI menu.c32\nlabel a\nlinux /k\ninitrd /i\ninitrd /j\nfdt /i\nfdt /j\n"
		"label none\nappend x\nlabel fit\nkernel /k#conf-2\nlabel b\nlinux /k.img\n"
		"label hidden\nmenu hide\nlinux /k quiet\n");
	assert_order(b, "a fit b hidden");
	assert_int_equal(bench_find(b, "a")->initrd_count, 1);
	assert_string_equal(bench_find(b, "a")->initrds[0].path, "/i");
	assert_string_equal(bench_find(b, "a")->devicetree.path, "/i");
	assert_null(bench_find(b, "a")->options);
	assert_string_equal(
		bench_find(b, "fit")->greyed,
		"/k is a FIT image, of which #conf-2 is wanted: kexit takes none apart");
	assert_false(bench_find(b, "fit")->leads_away);
	assert_string_equal(bench_find(b, "b")->greyed, "the kernel /k.img is not there");
	assert_false(bench_find(b, "hidden")->is_hidden);
	assert_string_equal(bench_find(b, "hidden")->greyed, "the kernel /k quiet is not there");
	/* UI is nothing to it, and without a line MENU it boots at once. */
	assert_int_equal(b->list->timeout, 0);
}

static void u_boot_applies_overlays_to_a_tree_that_is_named(void **state)
{
	struct bench *b = *state;

	read_as(b, "/extlinux/extlinux.conf",
		"label a\nlinux /k\nfdtoverlays /i\nlabel b\nlinux /k\nfdt /i\nfdtoverlays /i\n"
		"label c\nlinux /k\nfdtdir /dtbs\nfdtoverlays /i /j\nlabel d\nlinux /k\nfdtdir /dtbs\n");
	assert_null(bench_find(b, "a")->greyed);
	assert_non_null(bench_find(b, "b")->greyed);
	assert_non_null(bench_find(b, "c")->greyed);
	assert_null(bench_find(b, "d")->greyed);
}

/* The same file beside extlinux's own program is extlinux's. */
static void an_extlinux_beside_its_program(void **state)
{
	struct bench *b = *state;

	bench_file(b, "/extlinux/ldlinux.sys", "program");
	read_as(b, "/extlinux/extlinux.conf",
		"APPEND for all\nUI menu.c32\nTIMEOUT 20\nlabel a\nlinux /k\ninitrd /i\ninitrd /j\n"
		"label b\nlinux /k quiet\nappend ${x}\n");
	assert_string_equal(bench_find(b, "a")->options, "for all");
	assert_string_equal(bench_find(b, "a")->initrds[0].path, "/j");
	assert_string_equal(bench_find(b, "b")->options, "quiet ${x}");
	assert_int_equal(b->list->timeout, 2);
}

static void images_are_kernels_but_for_isolinux(void **state)
{
	struct bench *b = *state;
	const char *text = "DEFAULT a\nLABEL a\nKERNEL /k.img\nLABEL m\nKERNEL /k.bin\n"
			   "LABEL s\nKERNEL /boot.bss\n";

	bench_file(b, "/k.img", "kernel");
	bench_file(b, "/k.bin", "kernel");
	read_as(b, "/syslinux/syslinux.cfg", text);
	assert_null(bench_find(b, "a")->greyed);
	assert_null(bench_find(b, "m")->greyed);
	assert_string_equal(bench_find(b, "s")->greyed,
			    "/boot.bss is a program for syslinux, not a kernel");
}

static void images_are_for_a_cd_s_firmware(void **state)
{
	struct bench *b = *state;

	bench_file(b, "/k.img", "kernel");
	read_as(b, "/isolinux/isolinux.cfg",
		"DEFAULT b\nLABEL a\nKERNEL /k.img\nLABEL b\nKERNEL /k\n");
	assert_string_equal(bench_find(b, "a")->greyed,
			    "/k.img is a program for syslinux, not a kernel");
	assert_string_equal(b->list->preferred->id, "b");
}

static void backslashes_are_slashes_on_fat(void **state)
{
	struct bench *b = *state;

	bench_file(b, "/syslinux/sub/k2", "kernel");
	read_as(b, "/syslinux/syslinux.cfg",
		"LABEL a\nLINUX \\k\nINITRD \\i\nLABEL b\nLINUX sub\\k2\n");
	assert_string_equal(bench_find(b, "a")->kernel.path, "/k");
	assert_string_equal(bench_find(b, "a")->initrds[0].path, "/i");
	assert_string_equal(bench_find(b, "b")->kernel.path, "/syslinux/sub/k2");
}

/* ---- labels */

static void a_label_is_the_whole_line(void **state)
{
	struct bench *b = *state;

	read_as(b, "/syslinux/syslinux.cfg",
		"default menu.c32\nprompt 0\ntimeout 50\nlabel Store\nkernel /k\n"
		"label Store with a desktop\nmenu default\nkernel /k\nappend initrd=/i,/j\n");
	assert_order(b, "Store Store with a desktop");
	assert_string_equal(b->list->preferred->id, "Store with a desktop");
	assert_int_equal(b->list->preferred->initrd_count, 2);
	assert_int_equal(b->list->timeout, 5);
}

static void a_label_without_a_kernel_is_one(void **state)
{
	struct bench *b = *state;

	bench_file(b, "/syslinux/k", "kernel");
	bench_file(b, "/syslinux/i", "initrd");
	read_as(b, "/syslinux/syslinux.cfg",
		"DEFAULT k\nLABEL k\nAPPEND root=/dev/sda1 initrd=i\nLABEL heading\nMENU LABEL Tools\n");
	assert_order(b, "k");
	assert_string_equal(bench_find(b, "k")->kernel.path, "/syslinux/k");
	assert_string_equal(bench_find(b, "k")->initrds[0].path, "/syslinux/i");
	assert_string_equal(bench_find(b, "k")->options, "root=/dev/sda1");
}

static void options_may_stand_behind_the_kernel(void **state)
{
	struct bench *b = *state;

	read_as(b, "/syslinux/syslinux.cfg",
		"LABEL a\nKERNEL /k initrd=/j ro\nAPPEND quiet\nLABEL b\nKERNEL linux.c32 /k rw\n"
		"APPEND initrd=/i\n");
	assert_string_equal(bench_find(b, "a")->kernel.path, "/k");
	assert_string_equal(bench_find(b, "a")->options, "ro quiet");
	assert_string_equal(bench_find(b, "a")->initrds[0].path, "/j");
	assert_string_equal(bench_find(b, "b")->kernel.path, "/k");
	assert_string_equal(bench_find(b, "b")->options, "rw");
	assert_string_equal(bench_find(b, "b")->initrds[0].path, "/i");
}

/* ---- what boots when nobody types */

static void a_default_may_be_a_command_line(void **state)
{
	struct bench *b = *state;

	read_as(b, "/syslinux/syslinux.cfg", "DEFAULT /k initrd=/i root=/dev/ram0 quiet\n");
	assert_int_equal(b->list->count, 1);
	assert_string_equal(b->list->preferred->kernel.path, "/k");
	assert_string_equal(b->list->preferred->initrds[0].path, "/i");
	assert_string_equal(b->list->preferred->options, "root=/dev/ram0 quiet");
	assert_int_equal(b->list->timeout, 0);
}

static void implicit_0_allows_labels_only(void **state)
{
	struct bench *b = *state;

	read_as(b, "/syslinux/syslinux.cfg", "DEFAULT /k\nIMPLICIT 0\nLABEL a\nLINUX /k\n");
	assert_order(b, "a");
}

static void a_default_that_is_a_program_leads_away(void **state)
{
	struct bench *b = *state;

	read_as(b, "/syslinux/syslinux.cfg",
		"UI menu.c32\nTIMEOUT 10\nONTIMEOUT chain.c32 hd1\nLABEL a\nLINUX /k\n");
	assert_null(b->list->preferred);
	assert_string_equal(b->list->withheld,
			    "its default is 'chain.c32 hd1', a program for syslinux and no kernel");
}

/* An installer's stick: left alone, it goes on to the hard disk, and must not install. */
static void a_default_that_goes_on_through_firmware_leads_away(void **state)
{
	struct bench *b = *state;

	read_as(b, "/syslinux/syslinux.cfg",
		"UI menu.c32\nTIMEOUT 100\nDEFAULT disk\nLABEL disk\nLOCALBOOT 0x80\n"
		"LABEL reinstall\nLINUX /k\n");
	assert_null(b->list->preferred);
	assert_int_equal(b->list->timeout, ENTRY_TIMEOUT_FOREVER);
	assert_string_equal(b->list->withheld,
			    "its default, 'disk', leads elsewhere: it goes on through firmware "
			    "(LOCALBOOT), without a kernel");
	assert_null(bench_find(b, "reinstall")->greyed);
}

/* The first of a menu is what that menu boots, also where nothing says so. */
static void the_first_of_a_menu_may_lead_away(void **state)
{
	struct bench *b = *state;

	read_as(b, "/isolinux/isolinux.cfg",
		"DEFAULT vesamenu.c32\nTIMEOUT 100\nLABEL disk\nLOCALBOOT -1\n"
		"LABEL install\nLINUX /k\n");
	assert_null(b->list->preferred);
	assert_non_null(b->list->withheld);
}

static void a_memory_test_boots_by_hand_only(void **state)
{
	struct bench *b = *state;

	bench_file(b, "/memtest86+.bin", "test");
	read_as(b, "/syslinux/syslinux.cfg",
		"UI menu.c32\nTIMEOUT 100\nDEFAULT m\nLABEL m\nKERNEL /memtest86+.bin\n"
		"LABEL a\nLINUX /k\n");
	assert_null(bench_find(b, "m")->greyed);
	assert_null(b->list->preferred);
	assert_string_equal(b->list->withheld,
			    "its default, 'm', leads elsewhere: it is a memory test");
}

static void menu_default_is_of_the_menu_it_stands_in(void **state)
{
	struct bench *b = *state;

	read_as(b, "/isolinux/isolinux.cfg",
		"default vesamenu.c32\ntimeout 100\nlabel main\nmenu default\nkernel /k\n"
		"menu begin dark\nmenu title Dark theme\nlabel dark\nmenu default\nkernel /k\nmenu end\n");
	assert_string_equal(b->list->preferred->id, "main");
	assert_string_equal(bench_find(b, "dark")->menus[0], "Dark theme");
}

static void menu_start_is_the_menu_that_is_shown(void **state)
{
	struct bench *b = *state;

	read_as(b, "/isolinux/isolinux.cfg",
		"ui vesamenu.c32\ntimeout 100\nlabel main\nmenu default\nkernel /k\n"
		"menu begin dark\nmenu start\nlabel x\nkernel /k\nlabel dark\nmenu default\n"
		"kernel /k\nmenu end\n");
	assert_string_equal(b->list->preferred->id, "dark");
}

/* readconfig.c, "Handle global default": DEFAULT beside UI means a label, in whichever menu. */
static void default_beside_ui_is_a_label(void **state)
{
	struct bench *b = *state;

	read_as(b, "/isolinux/isolinux.cfg",
		"ui vesamenu.c32\ndefault x now\ntimeout 100\nlabel main\nmenu default\nkernel /k\n"
		"menu begin more\nlabel x\nkernel /k\nmenu end\n");
	assert_string_equal(b->list->rule, "DEFAULT of /isolinux/isolinux.cfg");
	assert_string_equal(b->list->preferred->menus[0], "more");
}

/* A preseeded installer: Debian's files, and one line behind them. */
static void a_default_takes_the_menu_of_another_back(void **state)
{
	struct bench *b = *state;

	read_as(b, "/isolinux/isolinux.cfg",
		"label auto\nkernel /k\nlabel other\nmenu default\nkernel /k\ndefault other\n"
		"default vesamenu.c32\nprompt 0\ntimeout 0\ndefault auto\n");
	assert_string_equal(b->list->preferred->id, "auto");
	assert_int_equal(b->list->timeout, 0);
}

/* Yocto's wic: TIMEOUT is the prompt's, and there is none. */
static void a_timeout_of_0_without_a_menu_boots_at_once(void **state)
{
	struct bench *b = *state;

	read_as(b, "/syslinux.cfg",
		"PROMPT 0\nTIMEOUT 0\nDEFAULT boot\nLABEL boot\nKERNEL /k\nAPPEND console=ttyS0\n");
	assert_string_equal(b->list->preferred->id, "boot");
	assert_int_equal(b->list->timeout, 0);
	assert_true(b->list->is_menu_hidden);
}

static void without_a_default_the_prompt_stays(void **state)
{
	struct bench *b = *state;

	read_as(b, "/syslinux.cfg", "LABEL boot\nKERNEL /k\n");
	assert_int_equal(b->list->timeout, ENTRY_TIMEOUT_FOREVER);
}

/* ---- more configurations */

/* Arch's media: no menu here, but one there. */
static void config_is_followed_in_its_place(void **state)
{
	struct bench *b = *state;

	bench_file(b, "/boot/syslinux/sys.cfg",
		   "UI vesamenu.c32\nTIMEOUT 150\nDEFAULT arch\nLABEL arch\nLINUX /k\nINITRD /i\n"
		   "LABEL back\nCONFIG syslinux.cfg\n");
	read_as(b, "/boot/syslinux/syslinux.cfg",
		"DEFAULT select\nLABEL select\nCOM32 whichsys.c32\nAPPEND -pxe- pxe -sys- sys -iso- sys\n"
		"LABEL pxe\nCONFIG pxe.cfg\nLABEL sys\nCONFIG sys.cfg\n");
	assert_order(b, "pxe arch");
	assert_string_equal(bench_find(b, "pxe")->greyed,
			    "it leads to the configuration /boot/syslinux/pxe.cfg, which is not "
			    "there");
	assert_int_equal(bench_find(b, "arch")->menu_count, 0);
	assert_string_equal(b->list->preferred->id, "arch");
	assert_int_equal(b->list->timeout, 15);
	assert_string_equal(b->list->rule, "DEFAULT of /boot/syslinux/sys.cfg");
}

/* Two labels of a name, one a file: what DEFAULT means is in its own. */
static void a_menu_in_another_file_is_a_submenu(void **state)
{
	struct bench *b = *state;

	bench_file(b, "/syslinux/tools/more.cfg",
		   "LABEL linux\nLINUX k3\nLABEL exit\nKERNEL vesamenu.c32\nAPPEND syslinux.cfg\n");
	bench_file(b, "/syslinux/k3", "kernel");
	bench_file(b, "/syslinux/d/k3", "kernel");
	bench_file(b, "/syslinux/e.cfg", "DEFAULT x\nLABEL x\nLINUX k3\n");
	read_as(b, "/syslinux/syslinux.cfg",
		"UI menu.c32\nTIMEOUT 30\nDEFAULT linux\nLABEL t\nMENU LABEL Tools\nKERNEL menu.c32\n"
		"APPEND tools/more.cfg\nLABEL e\nCONFIG e.cfg d\nLABEL linux\nLINUX /k\n");
	assert_order(b, "linux linux#2 x");
	assert_string_equal(b->list->preferred->kernel.path, "/k");
	assert_string_equal(bench_find(b, "linux#2")->menus[0], "Tools");
	assert_string_equal(bench_find(b, "linux#2")->kernel.path, "/syslinux/k3");
	assert_string_equal(bench_find(b, "x")->kernel.path, "/syslinux/d/k3");
	assert_int_equal(b->list->timeout, 3);
}

/* Two countdowns, one after the other. */
static void a_default_in_another_menu_waits_for_both(void **state)
{
	struct bench *b = *state;

	bench_file(b, "/syslinux/more.cfg", "TIMEOUT 20\nLABEL x\nLINUX /k\n");
	read_as(b, "/syslinux/syslinux.cfg",
		"UI menu.c32\nTIMEOUT 30\nDEFAULT t\nLABEL t\nKERNEL menu.c32\nAPPEND more.cfg\n");
	assert_string_equal(b->list->preferred->id, "x");
	assert_int_equal(b->list->timeout, 5);
}

static void a_menu_of_other_files_hides_the_labels_here(void **state)
{
	struct bench *b = *state;

	bench_file(b, "/syslinux/menu.cfg", "TIMEOUT 20\nLABEL x\nMENU DEFAULT\nLINUX /k\n");
	read_as(b, "/syslinux/syslinux.cfg",
		"UI vesamenu.c32 menu.cfg\nDEFAULT y\nLABEL y\nLINUX /k\nAPPEND y\n");
	assert_true(bench_find(b, "y")->is_hidden);
	assert_string_equal(b->list->preferred->id, "x");
	assert_int_equal(b->list->timeout, 2);
}

static void an_include_with_a_tag_is_a_submenu(void **state)
{
	struct bench *b = *state;

	bench_file(b, "/syslinux/more.cfg", "LABEL b\nMENU DEFAULT\nLINUX /k\n");
	read_as(b, "/syslinux/syslinux.cfg",
		"UI menu.c32\nLABEL a\nLINUX /k\nINCLUDE more.cfg More systems\nLABEL c\nLINUX /k\n");
	assert_int_equal(bench_find(b, "a")->menu_count, 0);
	assert_string_equal(bench_find(b, "b")->menus[0], "More systems");
	assert_int_equal(bench_find(b, "c")->menu_count, 0);
	assert_string_equal(b->list->preferred->id, "a");
}

/* ifcpu64.c32 asks the processor; by hand it may be chosen for either. */
static void a_label_for_this_processor(void **state)
{
	struct bench *b = *state;

	read_as(b, "/isolinux/isolinux.cfg",
		"DEFAULT go\nLABEL go\nCOM32 ifcpu64.c32\nAPPEND big -- small\n"
		"LABEL small\nLINUX /k\nLABEL big\nLINUX /k\n");
	assert_order(b, "small big");
	assert_string_equal(b->list->preferred->id, "big");
}

static void configurations_that_lead_to_each_other_come_to_an_end(void **state)
{
	struct bench *b = *state;

	bench_file(b, "/syslinux/a.cfg", "DEFAULT x\nLABEL x\nCONFIG b.cfg\n");
	bench_file(b, "/syslinux/b.cfg", "DEFAULT y\nLABEL y\nCONFIG a.cfg\nLABEL z\nLINUX /k\n");
	read_as(b, "/syslinux/syslinux.cfg", "DEFAULT w\nLABEL w\nCONFIG a.cfg\n");
	assert_order(b, "z");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BENCH_TEST(default_goes_before_menu_default_for_u_boot),
		BENCH_TEST(variables_of_u_boot_are_left_out_and_told),
		BENCH_TEST(u_boot_takes_the_first_and_the_whole_line),
		BENCH_TEST(u_boot_applies_overlays_to_a_tree_that_is_named),
		BENCH_TEST(an_extlinux_beside_its_program),
		BENCH_TEST(images_are_kernels_but_for_isolinux),
		BENCH_TEST(images_are_for_a_cd_s_firmware),
		BENCH_TEST(backslashes_are_slashes_on_fat),
		BENCH_TEST(a_label_is_the_whole_line),
		BENCH_TEST(a_label_without_a_kernel_is_one),
		BENCH_TEST(options_may_stand_behind_the_kernel),
		BENCH_TEST(a_default_may_be_a_command_line),
		BENCH_TEST(implicit_0_allows_labels_only),
		BENCH_TEST(a_default_that_is_a_program_leads_away),
		BENCH_TEST(a_default_that_goes_on_through_firmware_leads_away),
		BENCH_TEST(the_first_of_a_menu_may_lead_away),
		BENCH_TEST(a_memory_test_boots_by_hand_only),
		BENCH_TEST(menu_default_is_of_the_menu_it_stands_in),
		BENCH_TEST(menu_start_is_the_menu_that_is_shown),
		BENCH_TEST(default_beside_ui_is_a_label),
		BENCH_TEST(a_default_takes_the_menu_of_another_back),
		BENCH_TEST(a_timeout_of_0_without_a_menu_boots_at_once),
		BENCH_TEST(without_a_default_the_prompt_stays),
		BENCH_TEST(config_is_followed_in_its_place),
		BENCH_TEST(a_menu_in_another_file_is_a_submenu),
		BENCH_TEST(a_default_in_another_menu_waits_for_both),
		BENCH_TEST(a_menu_of_other_files_hides_the_labels_here),
		BENCH_TEST(an_include_with_a_tag_is_a_submenu),
		BENCH_TEST(a_label_for_this_processor),
		BENCH_TEST(configurations_that_lead_to_each_other_come_to_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
