// SPDX-License-Identifier: GPL-2.0-or-later
/* loader.conf and what is set in firmware: the default and the timeout, as systemd-boot takes them. */
#include "entry/efi_choice.h"
#include "unit/entry/test_entry_bench.h"

/* ---- loader.conf */

static void add_three(struct bench *b)
{
	bench_file(b, "/k", "kernel");
	bench_file(b, "/loader/entries/sys-1.conf", "linux /k\noptions 1\n");
	bench_file(b, "/loader/entries/sys-2.conf", "linux /k\noptions 2\n");
	bench_file(b, "/loader/entries/arch.conf", "linux /k\noptions 3\n");
}

static void the_first_in_order_is_the_default(void **state)
{
	struct bench *b = *state;

	add_three(b);
	bench_read(b);
	assert_order(b, "sys-2.conf sys-1.conf arch.conf");
	assert_string_equal(b->list->preferred->id, "sys-2.conf");
	assert_int_equal(b->list->timeout, ENTRY_TIMEOUT_UNSET);
}

static void default_is_a_glob(void **state)
{
	struct bench *b = *state;

	add_three(b);
	bench_file(b, "/loader/loader.conf", "timeout 3\nconsole-mode keep\ndefault ARCH*\n");
	bench_read(b);
	assert_string_equal(b->list->preferred->id, "arch.conf");
	assert_true(bench_find(b, "arch.conf")->is_default);
	assert_false(bench_find(b, "sys-2.conf")->is_default);
	assert_int_equal(b->list->timeout, 3);
}

static void a_default_that_is_gone_gives_way(void **state)
{
	struct bench *b = *state;

	add_three(b);
	bench_file(b, "/loader/loader.conf", "default gone-*\n");
	bench_read(b);
	assert_string_equal(b->list->preferred->id, "sys-2.conf");
}

static void what_was_booted_last_can_be_the_default(void **state)
{
	struct bench *b = *state;

	add_three(b);
	bench_file(b, "/loader/loader.conf", "default @saved\n");
	b->list->last_id = "sys-1.conf";
	bench_read(b);
	assert_string_equal(b->list->preferred->id, "sys-1.conf");
}

/* "x\0y\0\0\0", behind four bytes of attributes, as efivarfs has it. */
static void put_variable(struct bench *b, const char *name, const char *value)
{
	char path[256], bytes[128] = { 7 };
	size_t length = strlen(value);

	snprintf(path, sizeof(path),
		 "/sys/firmware/efi/efivars/%s-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f", name);
	for (size_t i = 0; i < length; i++)
		bytes[4 + 2 * i] = value[i];
	fake_bytes(b->fake, path, bytes, 4 + 2 * (length + 1));
}

static void what_bootctl_set_comes_before_loader_conf(void **state)
{
	struct bench *b = *state;

	add_three(b);
	bench_file(b, "/loader/loader.conf", "default sys-1.conf\n");
	put_variable(b, "LoaderEntryDefault", "arch.conf");
	assert_int_equal(efi_choice_read(b->list, b->fake->sys.root), 0);
	bench_read(b);
	assert_string_equal(b->list->preferred->id, "arch.conf");
}

static void what_firmware_says_was_booted_last_is_known(void **state)
{
	struct bench *b = *state;

	add_three(b);
	bench_file(b, "/loader/loader.conf", "default @saved\n");
	put_variable(b, "LoaderEntryLastBooted", "sys-1.conf");
	put_variable(b, "LoaderEntryDefault", "not an id\n");
	assert_int_equal(efi_choice_read(b->list, b->fake->sys.root), 0);
	bench_read(b);
	assert_null(b->list->chosen_id);
	assert_string_equal(b->list->preferred->id, "sys-1.conf");
}

static void each_word_of_timeout_is_taken(void **state)
{
	static const struct {
		const char *text;
		int timeout;
		bool hidden;
	} words[] = {
		{ "timeout 0\n", 0, true },
		{ "timeout menu-hidden\n", 0, true },
		{ "timeout menu-disabled\n", 0, true },
		{ "timeout menu-force\n", ENTRY_TIMEOUT_FOREVER, false },
		{ "timeout 10\n", 10, false },
		{ "# timeout 10\n", ENTRY_TIMEOUT_UNSET, false },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct bench *b;

		bench_set_up((void **)&b);
		add_three(b);
		bench_file(b, "/loader/loader.conf", words[i].text);
		bench_read(b);
		assert_int_equal(b->list->timeout, words[i].timeout);
		assert_int_equal(b->list->is_menu_hidden, words[i].hidden);
		bench_tear_down((void **)&b);
	}
}

static void a_timeout_that_is_none_is_told(void **state)
{
	struct bench *b = *state;

	add_three(b);
	bench_file(b, "/loader/loader.conf", "\ntimeout soon\n");
	bench_read(b);
	assert_problem(b, 0,
		       "/loader/loader.conf:2: timeout soon: neither seconds nor menu-force or "
		       "menu-hidden");
	assert_int_equal(b->list->timeout, ENTRY_TIMEOUT_UNSET);
}

static void what_is_no_file_is_told(void **state)
{
	struct bench *b = *state;

	bench_file(b, "/loader/entries/a.conf/b", "linux /k");
	bench_read(b);
	assert_problem(b, 0, "/loader/entries/a.conf:0: not a regular file");
}

/* Pop!_OS writes "default Pop_OS-current", and gummiboot took no other. */
/* ---- as systemd-boot takes them, beyond the specification's text */

static void a_default_may_lack_its_suffix(void **state)
{
	struct bench *b = *state;

	add_three(b);
	bench_file(b, "/loader/loader.conf", "default Sys-1\n");
	bench_read(b);
	assert_string_equal(b->list->preferred->id, "sys-1.conf");
}

/* "-" is lower than the "." of ".conf", in boot_entry_compare() as in bootctl. */
static void ids_are_compared_with_their_suffix_in_small_letters(void **state)
{
	struct bench *b = *state;

	bench_file(b, "/k", "kernel");
	bench_file(b, "/loader/entries/arch-lts.conf", "linux /k\n");
	bench_file(b, "/loader/entries/arch-fallback.conf", "linux /k\n");
	bench_file(b, "/loader/entries/ARCH.conf", "linux /k\n");
	bench_read(b);
	assert_order(b, "ARCH.conf arch-lts.conf arch-fallback.conf");
}

static void a_choice_that_names_nothing_falls_through(void **state)
{
	struct bench *b = *state;

	add_three(b);
	bench_file(b, "/loader/loader.conf", "default sys-1.conf\n");
	b->list->chosen_id = "gone.conf";
	bench_read(b);
	assert_string_equal(b->list->preferred->id, "sys-1.conf");
	assert_string_equal(b->list->rule, "default sys-1.conf of /loader/loader.conf");
}

static void what_was_booted_last_is_known_in_small_letters(void **state)
{
	struct bench *b = *state;

	add_three(b);
	bench_file(b, "/loader/loader.conf", "default @saved\n");
	b->list->last_id = "SYS-1.conf";
	bench_read(b);
	assert_string_equal(b->list->preferred->id, "sys-1.conf");
}

static void a_default_of_systemd_boot_s_own_leads_away(void **state)
{
	struct bench *b = *state;

	add_three(b);
	bench_file(b, "/loader/loader.conf", "default auto-windows\ntimeout 3\n");
	bench_read(b);
	assert_null(b->list->preferred);
	assert_string_equal(b->list->withheld, "its default is auto-windows, which only "
					       "systemd-boot itself can start");
	assert_int_equal(b->list->timeout, ENTRY_TIMEOUT_FOREVER);
}

/* A disk without any of systemd-boot's entries is not meant. */
static void a_choice_of_the_firmware_s_memory_is_for_systemd_boot_s_disks(void **state)
{
	struct bench *b = *state;

	b->list->chosen_id = "auto-windows";
	bench_read(b);
	assert_null(b->list->withheld);
}

/* The extended boot partition's entries, on /boot, and the system partition on /efi. */
static void the_loader_conf_beside_efi_programs_rules(void **state)
{
	struct bench *b = *state;

	bench_file(b, "/k", "kernel");
	bench_file(b, "/boot/loader/entries/a.conf", "linux /k\n");
	bench_file(b, "/boot/loader/entries/b.conf", "linux /k\n");
	bench_file(b, "/boot/loader/loader.conf", "default b.conf\ntimeout 9\n");
	bench_file(b, "/boot/EFI/Linux/broken.efi", "image");
	bench_file(b, "/efi/EFI/systemd/systemd-bootx64.efi", "program");
	bench_file(b, "/efi/loader/loader.conf", "default a.conf\n");
	bench_read(b);
	assert_string_equal(b->list->preferred->id, "a.conf");
	assert_int_equal(b->list->timeout, ENTRY_TIMEOUT_UNSET);
}

/* ---- the system partition and the extended boot partition, a list each */

struct other {
	struct fake *fake;
	struct fsroot *root;
};

static int find_other(const struct entry_source *source, enum entry_volume kind, const char *name,
		      const struct fsroot **ret_root)
{
	const struct other *other = source->context;

	if (kind != ENTRY_VOLUME_SIBLING || fsroot_exists(other->root, name))
		return -ENOENT;
	*ret_root = other->root;
	return 0;
}

static void open_other(struct bench *b, struct other *other)
{
	other->fake = fake_new(NULL, NULL);
	assert_int_equal(fsroot_open(other->fake->tree, &other->root), 0);
	b->source.find = find_other;
	b->source.context = other;
}

static void close_other(struct other *other)
{
	fsroot_close(other->root);
	fake_free(other->fake);
}

static void the_system_partition_s_loader_conf_rules_the_extended_one(void **state)
{
	struct bench *b = *state;
	struct other esp;

	add_three(b);
	open_other(b, &esp);
	fake_file(esp.fake, "/EFI/systemd/systemd-bootx64.efi", "program");
	fake_file(esp.fake, "/loader/loader.conf", "default arch.conf\ntimeout 7\n");
	bench_read(b);
	assert_string_equal(b->list->preferred->id, "arch.conf");
	assert_int_equal(b->list->timeout, 7);
	close_other(&esp);
}

static void a_default_on_the_extended_partition_leaves_the_system_partition_without(void **state)
{
	struct bench *b = *state;
	struct other extended;

	bench_file(b, "/k", "kernel");
	bench_file(b, "/EFI/systemd/systemd-bootx64.efi", "program");
	bench_file(b, "/loader/entries/rescue.conf", "linux /k\n");
	bench_file(b, "/loader/loader.conf", "timeout 3\n");
	b->list->chosen_id = "arch.conf";
	open_other(b, &extended);
	fake_file(extended.fake, "/loader/entries/arch.conf", "linux /k\n");
	bench_read(b);
	assert_null(b->list->preferred);
	assert_null(b->list->withheld);
	close_other(&extended);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BENCH_TEST(the_first_in_order_is_the_default),
		BENCH_TEST(default_is_a_glob),
		BENCH_TEST(a_default_that_is_gone_gives_way),
		BENCH_TEST(what_was_booted_last_can_be_the_default),
		BENCH_TEST(what_bootctl_set_comes_before_loader_conf),
		BENCH_TEST(what_firmware_says_was_booted_last_is_known),
		BENCH_TEST(a_timeout_that_is_none_is_told),
		cmocka_unit_test(each_word_of_timeout_is_taken),
		BENCH_TEST(what_is_no_file_is_told),
		BENCH_TEST(a_default_may_lack_its_suffix),
		BENCH_TEST(ids_are_compared_with_their_suffix_in_small_letters),
		BENCH_TEST(a_choice_that_names_nothing_falls_through),
		BENCH_TEST(what_was_booted_last_is_known_in_small_letters),
		BENCH_TEST(a_default_of_systemd_boot_s_own_leads_away),
		BENCH_TEST(a_choice_of_the_firmware_s_memory_is_for_systemd_boot_s_disks),
		BENCH_TEST(the_loader_conf_beside_efi_programs_rules),
		BENCH_TEST(the_system_partition_s_loader_conf_rules_the_extended_one),
		BENCH_TEST(a_default_on_the_extended_partition_leaves_the_system_partition_without),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
