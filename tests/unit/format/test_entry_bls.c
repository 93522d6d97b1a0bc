// SPDX-License-Identifier: GPL-2.0-or-later
/* Type 1 entries, as distributions write them and as they break. */
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
		BENCH_TEST(either_slash_parts_a_path),
		BENCH_TEST(quotes_around_a_value_go),
		BENCH_TEST(an_initrd_in_the_options_is_an_initrd),
		BENCH_TEST(an_efi_program_that_is_a_kernel_is_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
