// SPDX-License-Identifier: GPL-2.0-or-later
/* grub.cfg files as distributions write them, and as they break: what entries come of them. */
#include "unit/entry/test_entry_bench.h"

#define CONFIG "/boot/grub/grub.cfg"

static void add_kernels(struct bench *b)
{
	bench_file(b, "/boot/vmlinuz-1", "kernel");
	bench_file(b, "/boot/vmlinuz-2", "kernel");
	bench_file(b, "/boot/initrd-1", "initrd");
	bench_file(b, "/boot/initrd-2", "initrd");
}

static void read_config(struct bench *b, const char *text)
{
	add_kernels(b);
	bench_file(b, CONFIG, text);
	bench_read(b);
}

#define ENTRY(name, more) "menuentry " name " " more " { linux /boot/vmlinuz-1\n}\n"

/* The shape of what grub-mkconfig writes on Debian and Ubuntu. */
static const char debian[] =
	"if [ -s $prefix/grubenv ]; then\n  set have_env=1\n  load_env\nfi\n"
	"if [ \"${next_entry}\" ] ; then\n  set default=\"${next_entry}\"\n  set next_entry=\n"
	"  save_env next_entry\nelse\n  set default=\"${saved_entry}\"\nfi\n"
	"if [ x\"${feature_menuentry_id}\" = xy ]; then\n  id_option=\"--id\"\n"
	"else\n  id_option=\"\"\nfi\nexport id_option\n"
	"function savedefault {\n  if [ -z \"${boot_once}\" ]; then\n"
	"    saved_entry=\"${chosen}\"\n    save_env saved_entry\n  fi\n}\n"
	"function load_video {\n  if [ x$feature_all_video_module = xy ]; then\n"
	"    insmod all_video\n  else\n    insmod vga\n  fi\n}\n"
	"if loadfont unicode ; then\n  set gfxmode=auto\n  load_video\n  insmod gfxterm\nfi\n"
	"terminal_output gfxterm\n"
	"if [ \"${recordfail}\" = 1 ] ; then\n  set timeout=30\nelse\n"
	"  if [ x$feature_timeout_style = xy ] ; then\n    set timeout_style=menu\n"
	"    set timeout=5\n  else\n    set timeout=9\n  fi\nfi\n"
	"function gfxmode {\n\tset gfxpayload=\"${1}\"\n}\n"
	"menuentry 'Debian GNU/Linux' --class debian --class os $id_option 'simple-1' {\n"
	"\tsavedefault\n\tload_video\n\tgfxmode $linux_gfx_mode\n\tinsmod gzio\n"
	"\tif [ x$grub_platform = xxen ]; then insmod xzio; insmod lzopio; fi\n"
	"\tset root='hd0,gpt2'\n\tif [ x$feature_platform_search_hint = xy ]; then\n"
	"\t  search --no-floppy --fs-uuid --set=root --hint-bios=hd0,gpt2 --hint hd0,gpt2  1-2\n"
	"\telse\n\t  search --no-floppy --fs-uuid --set=root 1-2\n\tfi\n"
	"\techo\t'Loading ...'\n"
	"\tlinux\t/boot/vmlinuz-2 root=UUID=1-2 ro  quiet dyndbg=\"a b\"\n"
	"\tinitrd\t/boot/initrd-1 /boot/initrd-2\n}\n"
	"submenu 'More' $id_option 'advanced-1' {\n"
	"\tmenuentry 'Linux 2' $id_option 'two' {\n\t\tlinux /boot/vmlinuz-2 ro\n\t}\n"
	"\tmenuentry 'Linux 1' --unrestricted $id_option 'one' {\n"
	"\t\tlinux /boot/vmlinuz-1 ro single\n\t\tinitrd /boot/initrd-1\n\t}\n}\n"
	"menuentry 'Setup' --id setup {\n\tfwsetup\n}\n"
	"if [ -f ${config_directory}/custom.cfg ]; then\n"
	"  source ${config_directory}/custom.cfg\nfi\n";

static void a_configuration_of_debian(void **state)
{
	struct bench *b = *state;
	struct entry *entry;

	bench_file(b, "/boot/grub/custom.cfg", ENTRY("mine", ""));
	read_config(b, debian);
	assert_order(b, "simple-1 two one setup mine");
	entry = bench_find(b, "simple-1");
	assert_true(entry->is_default);
	assert_string_equal(entry->title, "Debian GNU/Linux");
	assert_string_equal(entry->kernel.path, "/boot/vmlinuz-2");
	assert_string_equal(entry->options, "root=UUID=1-2 ro quiet \"dyndbg=a b\"");
	assert_int_equal(entry->initrd_count, 2);
	assert_string_equal(entry->initrds[1].path, "/boot/initrd-2");
	assert_int_equal(entry->line, 50);
	assert_null(entry->greyed);
	assert_int_equal(entry->menu_count, 0);
	entry = bench_find(b, "one");
	assert_int_equal(entry->menu_count, 1);
	assert_string_equal(entry->menus[0], "More");
	assert_true(entry->is_unrestricted);
	assert_string_equal(entry->options, "ro single");
	assert_string_equal(bench_find(b, "setup")->greyed,
			    CONFIG ":76: it leads into the setup of the firmware");
	assert_string_equal(bench_find(b, "mine")->path, "/boot/grub/custom.cfg");
	assert_int_equal(b->list->timeout, 5);
	assert_false(b->list->is_menu_hidden);
	assert_int_equal(b->list->problem_count, 0);
}

static void the_environment_block_says_what_was_saved(void **state)
{
	struct bench *b = *state;

	bench_file(b, "/boot/grub/grubenv",
		   "# GRUB Environment Block\nsaved_entry=advanced-1>one\nrecordfail=1\n####");
	read_config(b, debian);
	assert_string_equal(b->list->preferred->id, "one");
	assert_int_equal(b->list->timeout, 30);
}

/* Nothing takes it away: what is for one boot would be for ever. */
static void what_is_next_is_told_and_not_followed(void **state)
{
	struct bench *b = *state;

	bench_file(b, "/boot/grub/grubenv",
		   "# GRUB Environment Block\n# a comment\nsaved_entry=simple-1\n"
		   "next_entry=1>0\n####");
	read_config(b, debian);
	assert_string_equal(b->list->preferred->id, "simple-1");
	assert_problem(b, 0,
		       CONFIG
		       ":3: next_entry=1>0, for the next boot only, is not followed: kexit does "
		       "not take it away, and it would be for ever");
}

static void what_was_saved_before_a_single_boot_counts(void **state)
{
	struct bench *b = *state;

	bench_file(b, "/boot/grub/grubenv",
		   "# GRUB Environment Block\nprev_saved_entry=advanced-1>one\n"
		   "saved_entry=advanced-1>two\n####");
	read_config(b, debian);
	assert_string_equal(b->list->preferred->id, "one");
}

static void a_block_that_is_none_is_told(void **state)
{
	struct bench *b = *state;

	bench_file(b, "/boot/grub/grubenv", "saved_entry=two\n");
	read_config(b, debian);
	assert_string_equal(b->list->preferred->id, "simple-1");
	assert_problem(b, 0, CONFIG ":3: the environment block is none: it does not begin as one");
}

static void values_of_the_block_are_unescaped_and_chosen(void **state)
{
	struct bench *b = *state;

	bench_file(b, "/boot/grub/grubenv",
		   "# GRUB Environment Block\na=x\\\\y\nb=one\nc=two\nd=cut");
	read_config(b, "load_env a b\nmenuentry \"$a$b$c$d\" { linux /boot/vmlinuz-1\n}\n");
	assert_string_equal(b->list->entries[0]->title, "x\\yone");
}

static void the_default_is_what_grub_takes_it_for(void **state)
{
	static const struct {
		const char *value, *id;
	} defaults[] = {
		{ "0", "a" },		{ "2", "c" },
		{ "b", "b" },		{ "Title b", "b" },
		{ "s>d", "d" },		{ "3>1", "Sub>x>y" },
		{ "Sub>Title d", "d" }, { "Sub>x>>y", "Sub>x>y" },
		{ "3", "d" },		{ "99", "a" },
		{ "nothing", "a" },	{ "", "a" },
		{ "s>nothing", "d" },	{ "1x", "a" },
	};

	for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++) {
		char text[1024];
		struct bench *b;

		bench_set_up((void **)&b);
		snprintf(text, sizeof(text),
			 "set default='%s'\n" ENTRY("'Title a'", "--id a") ENTRY("'Title b'",
										 "--id=b")
				 ENTRY("'Title c'", "--id c") "submenu Sub --id s {\n" ENTRY(
					 "'Title d'", "--id d") ENTRY("'x>y'", "") "}\n",
			 defaults[i].value);
		read_config(b, text);
		assert_string_equal(b->list->preferred->id, defaults[i].id);
		bench_tear_down((void **)&b);
	}
}

static void an_entry_without_a_title_can_be_named(void **state)
{
	struct bench *b = *state;

	read_config(b, "set default=1\n" ENTRY("a", "") ENTRY("''", "") ENTRY("''", ""));
	assert_order(b, "a grub grub#2");
	assert_string_equal(b->list->preferred->id, "grub");
	assert_string_equal(b->list->preferred->title, "grub");
}

static void fallback_is_for_a_default_that_cannot_boot(void **state)
{
	struct bench *b = *state;

	read_config(b, "set default=0\nset fallback='1 c'\nset timeout=0\n"
		       "menuentry a { linux /boot/gone\n}\n"
		       "menuentry b { chainloader +1\n}\n" ENTRY("c", ""));
	assert_string_equal(b->list->preferred->id, "c");
	assert_int_equal(b->list->timeout, 0);
	assert_true(b->list->is_menu_hidden);
	assert_string_equal(bench_find(b, "b")->greyed,
			    CONFIG ":6: it starts another boot loader, which only firmware can");
}

static void without_a_timeout_it_waits(void **state)
{
	struct bench *b = *state;

	read_config(b, ENTRY("a", ""));
	assert_int_equal(b->list->timeout, ENTRY_TIMEOUT_FOREVER);
}

static void a_submenu_sees_what_was_exported(void **state)
{
	struct bench *b = *state;

	read_config(b, "set x=kept\nset y=lost\nexport x\n"
		       "menuentry \"out $x $y\" { linux /boot/vmlinuz-1 $x $y $1\n}\n"
		       "submenu s {\nset z=inner\n"
		       "menuentry \"in $x$y\" p2 { linux /boot/vmlinuz-1 $x $y $z $2\n}\n}\n"
		       "set x=late\n");
	/* Bodies are run when they are chosen: after the whole script. */
	assert_string_equal(b->list->entries[0]->title, "out kept lost");
	assert_string_equal(b->list->entries[0]->options, "late lost out kept lost");
	assert_string_equal(b->list->entries[1]->title, "in late");
	assert_string_equal(b->list->entries[1]->options, "late inner p2");
}

static void an_entry_changes_no_variable_of_another(void **state)
{
	struct bench *b = *state;

	read_config(b, "set a=1\nmenuentry a { set a=2; linux /boot/vmlinuz-1 $a\n}\n"
		       "menuentry b { linux /boot/vmlinuz-1 $a\n}\n");
	assert_string_equal(bench_find(b, "a")->options, "2");
	assert_string_equal(bench_find(b, "b")->options, "1");
}

static void the_last_linux_counts(void **state)
{
	struct bench *b = *state;
	struct entry *entry;

	read_config(b, "menuentry a { linux /boot/vmlinuz-1 one\ninitrd /boot/initrd-1\n"
		       "linuxefi /boot/vmlinuz-2 two\ninitrdefi /boot/initrd-1\n"
		       "initrd /boot/initrd-2\ndevicetree /boot/vmlinuz-1\n}\n");
	entry = bench_find(b, "a");
	assert_string_equal(entry->kernel.path, "/boot/vmlinuz-2");
	assert_string_equal(entry->options, "two");
	assert_int_equal(entry->initrd_count, 1);
	assert_string_equal(entry->initrds[0].path, "/boot/initrd-2");
	assert_string_equal(entry->devicetree.path, "/boot/vmlinuz-1");
}

static void arguments_are_quoted_as_grub_quotes_them(void **state)
{
	struct bench *b = *state;

	read_config(b, "menuentry a { linux /boot/vmlinuz-1 a=\"b c\" d='e\"f' g\\\\h "
		       "i=/dev/x\\x2dy\n}\n");
	assert_string_equal(bench_find(b, "a")->options,
			    "\"a=b c\" d=e\\\"f g\\\\h i=/dev/x\\x2dy");
}

static void what_is_not_linux_is_grey(void **state)
{
	struct bench *b = *state;

	read_config(b, "menuentry a { multiboot /boot/xen.gz\nmodule /boot/vmlinuz-1\n}\n"
		       "menuentry b { echo nothing\n}\n"
		       "menuentry c { launch_rocket /boot/vmlinuz-1\n}\n"
		       "menuentry d { loopback loop /a.iso\nlinux (loop)/vmlinuz\n}\n"
		       "menuentry e { reboot\n}\n"
		       "menuentry f { linux /boot/vmlinuz-1\nboot\nreboot\n}\n"
		       "menuentry g { linux vmlinuz-1\n}\n");
	assert_string_equal(bench_find(b, "a")->greyed, CONFIG
			    ":1: it loads a multiboot kernel, and kexit loads Linux kernels");
	assert_string_equal(bench_find(b, "b")->greyed, CONFIG ":4: it loads no kernel");
	assert_string_equal(bench_find(b, "c")->greyed,
			    CONFIG ":6: GRUB itself may know launch_rocket, kexit does not");
	assert_string_equal(bench_find(b, "d")->greyed,
			    CONFIG ":9: what is inside the image file /a.iso is not here");
	assert_string_equal(bench_find(b, "e")->greyed, CONFIG ":11: it restarts the machine");
	assert_null(bench_find(b, "f")->greyed);
	assert_string_equal(bench_find(b, "g")->greyed,
			    CONFIG ":17: vmlinuz-1 is no path from the root of a file system");
}

/*
 * What is broken costs what it is about.
 */

/* grub-emu 2.06 does not have "b" in its menu: number 1 is "c". */
static void a_broken_line_greys_its_entry_which_has_no_number(void **state)
{
	struct bench *b = *state;

	read_config(b, "set default=1\n" ENTRY(
			       "a",
			       "") "menuentry b {\n\tlinux /boot/vmlinuz-1 && true\n}\n" ENTRY("c",
											       ""));
	assert_order(b, "a b c");
	assert_null(bench_find(b, "a")->greyed);
	assert_string_equal(bench_find(b, "b")->greyed, CONFIG ":5: GRUB's scripts have no &&");
	assert_null(bench_find(b, "c")->greyed);
	assert_string_equal(b->list->preferred->id, "c");
	assert_problem(b, 0, CONFIG ":5: GRUB's scripts have no &&");
	assert_problem(b, 1, CONFIG ":6: '}' is not expected here");
}

/* GRUB parses all of a menu entry before any of it is run. */
static void a_broken_line_that_is_not_reached_greys_its_entry(void **state)
{
	struct bench *b = *state;

	read_config(b, "menuentry b {\nif false; then\na && b\nfi\nlinux /boot/vmlinuz-1\n}\n");
	assert_string_equal(bench_find(b, "b")->greyed, CONFIG ":3: GRUB's scripts have no &&");
}

/* What stands on the lines behind is run as though nothing were around it: tried with grub-emu 2.06. */
static void a_broken_condition_costs_its_line(void **state)
{
	struct bench *b = *state;

	read_config(b, "if true; fi\n" ENTRY("a", "") "if [ a ] || [ b ]; then\n" ENTRY(
			       "b", "") "fi\n" ENTRY("c", ""));
	assert_order(b, "a b c");
	for (size_t i = 0; i < 3; i++)
		assert_null(b->list->entries[i]->greyed);
	assert_problem(b, 2, CONFIG ":7: 'fi' is not expected here");
}

static void what_is_on_a_broken_line_is_not_run(void **state)
{
	struct bench *b = *state;

	read_config(b, "x=1; ; y=2\nif true; then x=3; ; fi\nx=4\nmenuentry \"$x$y\" { linux "
		       "/boot/vmlinuz-1\n}\n");
	assert_order(b, "4");
}

static void an_entry_without_an_end_takes_no_other_along(void **state)
{
	struct bench *b = *state;

	read_config(b, ENTRY("a", "") "menuentry b {\n\tlinux /boot/vmlinuz-1\n" ENTRY("c", "")
			       ENTRY("d", ""));
	assert_order(b, "a b c d");
	assert_string_equal(bench_find(b, "b")->greyed, CONFIG ":3: its '{' is not closed");
	assert_null(bench_find(b, "c")->greyed);
	assert_null(bench_find(b, "d")->greyed);
}

/* GRUB comes to nothing of it, and so it is neither the default nor does it say what is. */
static void what_is_behind_such_an_entry_is_no_default(void **state)
{
	struct bench *b = *state;

	read_config(b, "set default=c\nset timeout=5\n" ENTRY(
			       "a", "") "menuentry b {\nset timeout=1\n" ENTRY("c", ""));
	assert_string_equal(b->list->preferred->id, "a");
	assert_int_equal(b->list->timeout, 5);
}

static void a_submenu_without_an_end_loses_no_entry(void **state)
{
	struct bench *b = *state;

	read_config(b, "submenu s {\n" ENTRY("a", "") ENTRY("b", ""));
	assert_order(b, "a b");
	assert_null(b->list->entries[0]->greyed);
	assert_problem(b, 0, CONFIG ":1: its '{' is not closed");
}

static void a_quote_without_an_end_takes_no_other_along(void **state)
{
	struct bench *b = *state;

	read_config(b,
		    ENTRY("a", "") "menuentry 'b {\n\tlinux /boot/vmlinuz-1\n}\n" ENTRY("c", ""));
	assert_null(bench_find(b, "a")->greyed);
	assert_null(bench_find(b, "c")->greyed);
	assert_problem(b, 0, CONFIG ":3: a quote that is not closed");
}

static void a_stray_word_is_told(void **state)
{
	struct bench *b = *state;

	read_config(b, "fi\n}\n" ENTRY("a", ""));
	assert_problem(b, 0, CONFIG ":1: 'fi' is not expected here");
	assert_problem(b, 1, CONFIG ":2: '}' is not expected here");
	assert_null(bench_find(b, "a")->greyed);
}

/*
 * Other files.
 */

static void a_configfile_is_a_menu_and_its_entry_a_submenu(void **state)
{
	struct bench *b = *state;

	bench_file(b, "/boot/grub/snapshots.cfg", ENTRY("s1", "") ENTRY("s2", ""));
	read_config(b, ENTRY("a", "") "menuentry Snapshots { configfile $prefix/snapshots.cfg\n}\n"
				      "submenu Again { configfile ${prefix}/snapshots.cfg\n}\n"
				      "source /boot/gone.cfg\n");
	/* What is in the list already is not listed again. */
	assert_order(b, "a Snapshots>s1 Snapshots>s2");
	assert_string_equal(bench_find(b, "Snapshots>s1")->menus[0], "Snapshots");
	assert_string_equal(bench_find(b, "Snapshots>s1")->path, "/boot/grub/snapshots.cfg");
	assert_problem(b, 0, CONFIG ":7: /boot/gone.cfg is not there");
}

static void a_path_does_not_leave_the_file_system(void **state)
{
	struct bench *b = *state;

	read_config(b, "menuentry a { linux /../../../../boot/vmlinuz-1\n}\n"
		       "menuentry b { linux /../etc/passwd\n}\n");
	assert_null(bench_find(b, "a")->greyed);
	assert_string_equal(bench_find(b, "b")->greyed, "the kernel /../etc/passwd is not there");
}

static void a_boot_partition_and_a_subvolume_begin_elsewhere(void **state)
{
	struct bench *b = *state;

	read_config(b, "menuentry a { linux /vmlinuz-1\ninitrd /initrd-1\n}\n"
		       "menuentry b { linux /@/boot/vmlinuz-1\n}\n"
		       "menuentry c { linux /ROOT/debian@/boot/vmlinuz-1\n}\n"
		       "menuentry d { linux /@/boot/gone\n}\n");
	assert_string_equal(bench_find(b, "a")->kernel.path, "/boot/vmlinuz-1");
	assert_string_equal(bench_find(b, "a")->initrds[0].path, "/boot/initrd-1");
	assert_string_equal(bench_find(b, "b")->kernel.path, "/boot/vmlinuz-1");
	assert_string_equal(bench_find(b, "c")->kernel.path, "/boot/vmlinuz-1");
	assert_string_equal(bench_find(b, "d")->greyed, "the kernel /@/boot/gone is not there");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BENCH_TEST(a_configuration_of_debian),
		BENCH_TEST(the_environment_block_says_what_was_saved),
		BENCH_TEST(what_is_next_is_told_and_not_followed),
		BENCH_TEST(what_was_saved_before_a_single_boot_counts),
		BENCH_TEST(a_block_that_is_none_is_told),
		BENCH_TEST(values_of_the_block_are_unescaped_and_chosen),
		BENCH_TEST(the_default_is_what_grub_takes_it_for),
		BENCH_TEST(an_entry_without_a_title_can_be_named),
		BENCH_TEST(fallback_is_for_a_default_that_cannot_boot),
		BENCH_TEST(without_a_timeout_it_waits),
		BENCH_TEST(a_submenu_sees_what_was_exported),
		BENCH_TEST(an_entry_changes_no_variable_of_another),
		BENCH_TEST(the_last_linux_counts),
		BENCH_TEST(arguments_are_quoted_as_grub_quotes_them),
		BENCH_TEST(what_is_not_linux_is_grey),
		BENCH_TEST(a_broken_line_greys_its_entry_which_has_no_number),
		BENCH_TEST(a_broken_line_that_is_not_reached_greys_its_entry),
		BENCH_TEST(a_broken_condition_costs_its_line),
		BENCH_TEST(what_is_on_a_broken_line_is_not_run),
		BENCH_TEST(an_entry_without_an_end_takes_no_other_along),
		BENCH_TEST(what_is_behind_such_an_entry_is_no_default),
		BENCH_TEST(a_submenu_without_an_end_loses_no_entry),
		BENCH_TEST(a_quote_without_an_end_takes_no_other_along),
		BENCH_TEST(a_stray_word_is_told),
		BENCH_TEST(a_configfile_is_a_menu_and_its_entry_a_submenu),
		BENCH_TEST(a_path_does_not_leave_the_file_system),
		BENCH_TEST(a_boot_partition_and_a_subvolume_begin_elsewhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
