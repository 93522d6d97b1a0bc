// SPDX-License-Identifier: GPL-2.0-or-later
/* Type 1 entries and loader.conf, as distributions write them and as they break. */
#include "entry/efi_choice.h"
#include "unit/entry/test_entry_bench.h"

static void a_debian_entry(void **state)
{
	struct bench *b = *state;
	struct entry *entry;

	/* As kernel-install writes it on Debian 12 for an ESP. */
	bench_file(b, "/0123abcd/6.1.0-56-amd64/linux", "kernel");
	bench_file(b, "/0123abcd/6.1.0-56-amd64/initrd.img-6.1.0-56-amd64", "initrd");
	bench_file(b, "/loader/entries/0123abcd-6.1.0-56-amd64.conf",
		   "# Boot Loader Specification type#1 entry\n"
		   "title      Debian GNU/Linux 12 (bookworm)\n"
		   "version    6.1.0-56-amd64\n"
		   "machine-id 0123abcd0123abcd0123abcd0123abcd\n"
		   "sort-key   debian\n"
		   "options    root=UUID=1-2 ro quiet \n"
		   "linux      /0123abcd/6.1.0-56-amd64/linux\n"
		   "initrd     /0123abcd/6.1.0-56-amd64/initrd.img-6.1.0-56-amd64\n");
	bench_read(b);
	entry = bench_find(b, "0123abcd-6.1.0-56-amd64.conf");
	assert_string_equal(entry->title, "Debian GNU/Linux 12 (bookworm)");
	assert_string_equal(entry->version, "6.1.0-56-amd64");
	assert_string_equal(entry->machine_id, "0123abcd0123abcd0123abcd0123abcd");
	assert_string_equal(entry->sort_key, "debian");
	assert_string_equal(entry->options, "root=UUID=1-2 ro quiet");
	assert_string_equal(entry->kernel.path, "/0123abcd/6.1.0-56-amd64/linux");
	assert_int_equal(entry->initrd_count, 1);
	assert_null(entry->greyed);
	assert_true(entry->is_default);
	assert_int_equal(b->list->problem_count, 0);
}

static void an_arch_entry(void **state)
{
	struct bench *b = *state;
	struct entry *entry;

	/* Written by hand, as the installation guide shows: files at the top, microcode first. */
	bench_file(b, "/vmlinuz-linux", "kernel");
	bench_file(b, "/intel-ucode.img", "microcode");
	bench_file(b, "/initramfs-linux.img", "initrd");
	bench_file(b, "/loader/entries/arch.conf",
		   "title\tArch Linux\n"
		   "linux\t/vmlinuz-linux\n"
		   "initrd\t/intel-ucode.img\n"
		   "initrd\t/initramfs-linux.img\n"
		   "options root=\"LABEL=arch_os\" rw\n"
		   "options loglevel=3\n");
	bench_read(b);
	entry = bench_find(b, "arch.conf");
	assert_null(entry->greyed);
	assert_int_equal(entry->initrd_count, 2);
	assert_string_equal(entry->initrds[0].path, "/intel-ucode.img");
	assert_string_equal(entry->initrds[1].path, "/initramfs-linux.img");
	assert_string_equal(entry->options, "root=\"LABEL=arch_os\" rw loglevel=3");
}

static void an_opensuse_entry(void **state)
{
	struct bench *b = *state;
	struct entry *entry;

	/* sdbootutil: a snapshot each, paths as of the ESP, a counter in the name. */
	bench_file(b, "/opensuse-tumbleweed/6.11.8-1-default/linux-1f2e", "kernel");
	bench_file(b, "/opensuse-tumbleweed/6.11.8-1-default/initrd-3d4c", "initrd");
	bench_file(b, "/loader/entries/opensuse-tumbleweed-6.11.8-1-default-42+3.conf",
		   "# Boot Loader Specification type#1 entry\n"
		   "title      openSUSE Tumbleweed 20241120\n"
		   "version    42@6.11.8-1-default\n"
		   "sort-key   opensuse-tumbleweed\n"
		   "options    root=UUID=a rootflags=subvol=@/.snapshots/42/snapshot\n"
		   "linux      /opensuse-tumbleweed/6.11.8-1-default/linux-1f2e\n"
		   "initrd     /opensuse-tumbleweed/6.11.8-1-default/initrd-3d4c\n");
	bench_read(b);
	entry = bench_find(b, "opensuse-tumbleweed-6.11.8-1-default-42.conf");
	assert_null(entry->greyed);
	assert_int_equal(entry->tries_left, 3);
	assert_int_equal(entry->tries_done, 0);
	assert_string_equal(entry->options,
			    "root=UUID=a rootflags=subvol=@/.snapshots/42/snapshot");
}

static void a_fedora_entry_without_grub(void **state)
{
	struct bench *b = *state;
	struct entry *entry;

	/* Of the time when all of it was in GRUB's environment. */
	bench_file(b, "/vmlinuz-5.0", "kernel");
	bench_file(b, "/initramfs-5.0.img", "initrd");
	bench_file(b, "/loader/entries/0a1b-5.0.conf",
		   "title Fedora (5.0) 30 (Thirty)\n"
		   "version 5.0\n"
		   "linux /vmlinuz-5.0\n"
		   "initrd /initramfs-5.0.img $tuned_initrd\n"
		   "options $kernelopts $tuned_params\n"
		   "id fedora-20190101000000-5.0\n"
		   "grub_users $grub_users\n"
		   "grub_arg --unrestricted\n"
		   "grub_class kernel\n");
	bench_read(b);
	entry = bench_find(b, "0a1b-5.0.conf");
	assert_string_equal(entry->greyed, "$kernelopts is for GRUB to fill in, and was not");
	assert_int_equal(b->list->problem_count, 0);
}

static void paths_below_boot_are_found_both_ways(void **state)
{
	struct bench *b = *state;

	bench_file(b, "/boot/vmlinuz", "kernel");
	bench_file(b, "/boot/loader/entries/a.conf", "linux /boot/vmlinuz\n");
	bench_file(b, "/boot/loader/entries/b.conf", "linux vmlinuz\n");
	bench_read(b);
	assert_string_equal(bench_find(b, "a.conf")->kernel.path, "/boot/vmlinuz");
	assert_string_equal(bench_find(b, "b.conf")->kernel.path, "/boot/vmlinuz");
	assert_null(bench_find(b, "b.conf")->greyed);
}

static void carriage_returns_and_a_byte_order_mark_do_no_harm(void **state)
{
	struct bench *b = *state;

	bench_file(b, "/k", "kernel");
	bench_file(b, "/loader/entries/a.conf", "\xef\xbb\xbflinux /k\r\n# x\r\noptions a  b\r\n");
	bench_read(b);
	assert_string_equal(bench_find(b, "a.conf")->options, "a  b");
	assert_null(bench_find(b, "a.conf")->greyed);
}

/* ---- what cannot be booted */

static void assert_greyed(struct bench *b, const char *text, const char *reason)
{
	const struct entry *entry;

	bench_file(b, "/k", "kernel");
	bench_file(b, "/loader/entries/a.conf", text);
	bench_read(b);
	entry = bench_find(b, "a.conf");
	assert_non_null(entry->greyed);
	assert_string_equal(entry->greyed, reason);
	assert_null(b->list->preferred);
}

static void an_efi_program(void **state)
{
	assert_greyed(*state, "title Memory test\nefi /EFI/memtest.efi\n",
		      "it starts the EFI program /EFI/memtest.efi, which only firmware can");
}

static void a_kernel_for_another_machine(void **state)
{
	assert_greyed(*state, "linux /k\narchitecture AA64\n",
		      "it is for aarch64, and this machine is x86_64");
}

static void a_kernel_that_is_gone(void **state)
{
	assert_greyed(*state, "linux /vmlinuz-9\n", "the kernel /vmlinuz-9 is not there");
}

static void an_initrd_that_is_gone(void **state)
{
	assert_greyed(*state, "linux /k\ninitrd /i\n", "the initrd /i is not there");
}

static void a_kernel_cut_short(void **state)
{
	bench_file(*state, "/empty", "");
	assert_greyed(*state, "linux /empty\n",
		      "the kernel /empty is empty: was it written in full?");
}

static void a_kernel_that_is_a_folder(void **state)
{
	assert_greyed(*state, "linux /loader\n", "the kernel /loader is not a regular file");
}

static void no_kernel_at_all(void **state)
{
	assert_greyed(*state, "title nothing\n", "it names no kernel: no line 'linux ...'");
}

static void overlays(void **state)
{
	assert_greyed(*state, "linux /k\ndevicetree-overlay /a.dtbo /b.dtbo\n",
		      "it needs a device tree overlay (/a.dtbo /b.dtbo), and kexit applies none");
}

static void a_kernel_of_the_network(void **state)
{
	assert_greyed(*state, "uki-url http://example.org/a.efi\n",
		      "its kernel lies on the network (http://example.org/a.efi), "
		      "which kexit does not read");
}

static void a_path_does_not_leave_the_file_system(void **state)
{
	struct bench *b = *state;

	/* That folder is there outside, and is looked for inside. */
	assert_greyed(b, "linux ../../../../../etc/passwd\n",
		      "the kernel /../../../../../etc/passwd is not there");
}

/* ---- broken files */

static void a_broken_file_costs_its_own_entry_only(void **state)
{
	struct bench *b = *state;
	char zeros[64] = "";

	bench_file(b, "/k", "kernel");
	bench_file(b, "/loader/entries/a.conf", "linux /k\n");
	bench_file(b, "/loader/entries/b.conf", "");
	fake_bytes(b->fake, "/loader/entries/c.conf", zeros, sizeof(zeros));
	fake_link(b->fake, "/loader/entries/d.conf", "nowhere");
	bench_file(b, "/loader/entries/e.conf", "title\nlinux /k\n");
	bench_file(b, "/loader/entries/f.conf~", "linux /k\n");
	bench_file(b, "/loader/entries/.g.conf", "linux /k\n");
	bench_read(b);
	assert_order(b, "e.conf a.conf");
	assert_int_equal(b->list->problem_count, 4);
	assert_problem(b, 0, "/loader/entries/b.conf:0: empty: was it written in full?");
	assert_problem(b, 1, "/loader/entries/c.conf:0: not a text file");
	assert_problem(b, 2,
		       "/loader/entries/d.conf:0: cannot be read: "
		       "ENOENT (No such file or directory)");
	assert_problem(b, 3, "/loader/entries/e.conf:1: title without a value");
}

static void an_endless_file_is_not_read(void **state)
{
	struct bench *b = *state;
	char *text = malloc(70001);

	memset(text, 'x', 70000);
	text[70000] = '\0';
	bench_file(b, "/loader/entries/a.conf", text);
	free(text);
	bench_read(b);
	assert_int_equal(b->list->count, 0);
	assert_problem(b, 0,
		       "/loader/entries/a.conf:0: longer than 65536 bytes: not what it should be");
}

static void a_title_cannot_speak_to_the_terminal(void **state)
{
	struct bench *b = *state;

	bench_file(b, "/k", "kernel");
	bench_file(b, "/loader/entries/a.conf", "title A\033[2Jb\nlinux /k\n");
	bench_read(b);
	assert_string_equal(bench_find(b, "a.conf")->title, "A [2Jb");
}

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

/* ---- as systemd-boot reads it, beyond the specification's text */

static void either_slash_parts_a_path(void **state)
{
	struct bench *b = *state;

	bench_file(b, "/EFI/a/vmlinuz", "kernel");
	bench_file(b, "/EFI/a/initrd", "initrd");
	bench_file(b, "/loader/entries/a.conf",
		   "title A\nlinux \\EFI\\a\\vmlinuz\ninitrd \\EFI\\a\\initrd\noptions a\\b\n");
	bench_read(b);
	assert_string_equal(bench_find(b, "a.conf")->kernel.path, "/EFI/a/vmlinuz");
	assert_string_equal(bench_find(b, "a.conf")->initrds[0].path, "/EFI/a/initrd");
	assert_string_equal(bench_find(b, "a.conf")->options, "a\\b");
	assert_null(bench_find(b, "a.conf")->greyed);
}

static void quotes_around_a_value_go(void **state)
{
	struct bench *b = *state;

	bench_file(b, "/EFI/a b/vmlinuz", "kernel");
	bench_file(b, "/EFI/a b/initrd", "initrd");
	bench_file(b, "/loader/entries/a.conf",
		   "title \"A system\"\nlinux \"/EFI/a b/vmlinuz\"\ninitrd \"/EFI/a b/initrd\"\n"
		   "options \"root=UUID=1 ro\"\noptions x=\"y z\"\n");
	bench_file(b, "/loader/loader.conf", "default \"a.conf\"\n");
	bench_read(b);
	assert_string_equal(bench_find(b, "a.conf")->title, "A system");
	assert_string_equal(bench_find(b, "a.conf")->kernel.path, "/EFI/a b/vmlinuz");
	assert_string_equal(bench_find(b, "a.conf")->initrds[0].path, "/EFI/a b/initrd");
	assert_string_equal(bench_find(b, "a.conf")->options, "root=UUID=1 ro x=\"y z\"");
	assert_string_equal(b->list->rule, "default a.conf of /loader/loader.conf");
}

/* The kernel's EFI stub would have read it, and there is none after kexec. */
static void an_initrd_in_the_options_is_an_initrd(void **state)
{
	struct bench *b = *state;
	struct entry *entry;

	bench_file(b, "/vmlinuz", "kernel");
	bench_file(b, "/ucode.img", "microcode");
	bench_file(b, "/initramfs.img", "initrd");
	bench_file(b, "/loader/entries/a.conf",
		   "linux /vmlinuz\ninitrd /ucode.img\n"
		   "options initrd=\\ucode.img initrd=\\initramfs.img root=UUID=1  rw initrd=\n");
	bench_read(b);
	entry = bench_find(b, "a.conf");
	assert_int_equal(entry->initrd_count, 2);
	assert_string_equal(entry->initrds[0].path, "/ucode.img");
	assert_string_equal(entry->initrds[1].path, "/initramfs.img");
	assert_string_equal(entry->options, "root=UUID=1 rw");
}

static void an_efi_program_that_is_a_kernel_is_one(void **state)
{
	struct bench *b = *state;
	char kernel[2048] = "MZ";

	memcpy(kernel + 0x202, "HdrS", 4);
	fake_bytes(b->fake, "/EFI/arch/vmlinuz.efi", kernel, sizeof(kernel));
	kernel[0x202] = 'X';
	fake_bytes(b->fake, "/EFI/tool.efi", kernel, sizeof(kernel));
	bench_file(b, "/i", "initrd");
	bench_file(b, "/loader/entries/a.conf",
		   "efi /EFI/arch/vmlinuz.efi\noptions initrd=\\i root=UUID=1\n");
	bench_file(b, "/loader/entries/b.conf", "efi /EFI/tool.efi\n");
	bench_read(b);
	assert_string_equal(bench_find(b, "a.conf")->kernel.path, "/EFI/arch/vmlinuz.efi");
	assert_string_equal(bench_find(b, "a.conf")->initrds[0].path, "/i");
	assert_string_equal(bench_find(b, "a.conf")->options, "root=UUID=1");
	assert_true(bench_find(b, "b.conf")->leads_away);
}

/* Pop!_OS writes "default Pop_OS-current", and gummiboot took no other. */
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
		BENCH_TEST(a_debian_entry),
		BENCH_TEST(an_arch_entry),
		BENCH_TEST(an_opensuse_entry),
		BENCH_TEST(a_fedora_entry_without_grub),
		BENCH_TEST(paths_below_boot_are_found_both_ways),
		BENCH_TEST(carriage_returns_and_a_byte_order_mark_do_no_harm),
		BENCH_TEST(an_efi_program),
		BENCH_TEST(a_kernel_for_another_machine),
		BENCH_TEST(a_kernel_that_is_gone),
		BENCH_TEST(an_initrd_that_is_gone),
		BENCH_TEST(a_kernel_cut_short),
		BENCH_TEST(a_kernel_that_is_a_folder),
		BENCH_TEST(no_kernel_at_all),
		BENCH_TEST(overlays),
		BENCH_TEST(a_kernel_of_the_network),
		BENCH_TEST(a_path_does_not_leave_the_file_system),
		BENCH_TEST(a_broken_file_costs_its_own_entry_only),
		BENCH_TEST(an_endless_file_is_not_read),
		BENCH_TEST(a_title_cannot_speak_to_the_terminal),
		BENCH_TEST(the_first_in_order_is_the_default),
		BENCH_TEST(default_is_a_glob),
		BENCH_TEST(a_default_that_is_gone_gives_way),
		BENCH_TEST(what_was_booted_last_can_be_the_default),
		BENCH_TEST(what_bootctl_set_comes_before_loader_conf),
		BENCH_TEST(what_firmware_says_was_booted_last_is_known),
		BENCH_TEST(a_timeout_that_is_none_is_told),
		cmocka_unit_test(each_word_of_timeout_is_taken),
		BENCH_TEST(what_is_no_file_is_told),
		BENCH_TEST(either_slash_parts_a_path),
		BENCH_TEST(quotes_around_a_value_go),
		BENCH_TEST(an_initrd_in_the_options_is_an_initrd),
		BENCH_TEST(an_efi_program_that_is_a_kernel_is_one),
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
