// SPDX-License-Identifier: GPL-2.0-or-later
/* Unified kernel images: what is in them, where it lies, and what is refused. */
#include "entry/pe.h"
#include "unit/entry/test_entry_bench.h"
#include "unit/fake/fake_uki.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#define X86_64 0x8664

#define OSREL                                                                                      \
	"NAME=Debian\nID=debian\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n"                 \
	"VERSION_ID=\"12\"\nVERSION=\"12 (bookworm)\"\n"

static const struct fake_section usual[] = {
	{ ".text", "stub", 0 },
	{ ".osrel", OSREL, 0 },
	{ ".uname", "6.1.0-56-amd64", 0 },
	{ ".cmdline", "  root=UUID=1-2 ro\nquiet\n\0 no more", 35 },
	{ ".initrd", "the initrd", 0 },
	{ ".linux", "the kernel", 0 },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void add_image(struct bench *b, const char *path, const struct fake_section *sections,
		      size_t count)
{
	size_t size;
	unsigned char *file = fake_uki(X86_64, sections, count, 0, &size);

	fake_bytes(b->fake, path, file, size);
	free(file);
}

static void assert_contents(const struct entry_file *file, const char *text)
{
	char found[64] = "";
	int fd = fsroot_open_file(file->root, file->path, NULL);

	assert_true(fd >= 0);
	assert_true(file->length < sizeof(found));
	assert_int_equal(pread(fd, found, file->length, (off_t)file->offset), file->length);
	assert_string_equal(found, text);
	close(fd);
}

static void an_image_is_taken_apart(void **state)
{
	struct bench *b = *state;
	struct entry *entry;

	add_image(b, "/EFI/Linux/debian-6.1+2-1.efi", usual, COUNT(usual));
	bench_read(b);
	entry = bench_find(b, "debian-6.1.efi");
	assert_int_equal(entry->format, ENTRY_UKI);
	assert_string_equal(entry->title, "Debian GNU/Linux 12 (bookworm)");
	assert_string_equal(entry->version, "12 (bookworm)");
	assert_string_equal(entry->sort_key, "debian");
	assert_string_equal(entry->architecture, "x86_64");
	assert_string_equal(entry->options, "root=UUID=1-2 ro quiet");
	assert_contents(&entry->kernel, "the kernel");
	assert_int_equal(entry->initrd_count, 1);
	assert_contents(&entry->initrds[0], "the initrd");
	assert_int_equal(entry->tries_left, 2);
	assert_int_equal(entry->tries_done, 1);
	assert_null(entry->greyed);
	assert_int_equal(b->list->problem_count, 0);
}

static void microcode_comes_first(void **state)
{
	static const struct fake_section sections[] = {
		{ ".linux", "the kernel", 0 },
		{ ".initrd", "the initrd", 0 },
		{ ".ucode", "microcode", 0 },
	};
	struct bench *b = *state;
	struct entry *entry;

	add_image(b, "/EFI/Linux/a.efi", sections, COUNT(sections));
	bench_read(b);
	entry = bench_find(b, "a.efi");
	assert_int_equal(entry->initrd_count, 2);
	assert_contents(&entry->initrds[0], "microcode");
	assert_contents(&entry->initrds[1], "the initrd");
	assert_string_equal(entry->title, "a.efi");
}

static void each_profile_is_an_entry(void **state)
{
	static const struct fake_section sections[] = {
		{ ".linux", "the kernel", 0 },
		{ ".osrel", "ID=x\nPRETTY_NAME='X 1'\n", 0 },
		{ ".cmdline", "quiet", 0 },
		{ ".profile", "ID=main\n", 0 },
		{ ".profile", "ID=reset\nTITLE=\"Factory reset\"\n", 0 },
		{ ".cmdline", "quiet reset", 0 },
	};
	struct bench *b = *state;

	add_image(b, "/EFI/Linux/x.efi", sections, COUNT(sections));
	bench_read(b);
	assert_order(b, "x.efi x.efi@1");
	assert_string_equal(bench_find(b, "x.efi")->options, "quiet");
	assert_string_equal(bench_find(b, "x.efi@1")->options, "quiet reset");
	assert_string_equal(bench_find(b, "x.efi@1")->title, "X 1 (Factory reset)");
	assert_contents(&bench_find(b, "x.efi@1")->kernel, "the kernel");
	assert_string_equal(b->list->preferred->id, "x.efi");
}

static void a_type_1_entry_may_name_an_image(void **state)
{
	struct bench *b = *state;
	struct entry *entry;

	add_image(b, "/images/a.efi", usual, COUNT(usual));
	bench_file(b, "/loader/entries/a.conf", "title Mine\nuki /images/a.efi\noptions single\n");
	bench_file(b, "/loader/entries/b.conf", "uki /images/a.efi\nprofile 3\n");
	bench_file(b, "/loader/entries/c.conf", "uki /images/gone.efi\n");
	bench_read(b);
	entry = bench_find(b, "a.conf");
	assert_string_equal(entry->title, "Mine");
	assert_string_equal(entry->options, "single");
	assert_contents(&entry->kernel, "the kernel");
	assert_string_equal(bench_find(b, "b.conf")->greyed, "/images/a.efi has no profile 3");
	assert_string_equal(bench_find(b, "c.conf")->greyed,
			    "/images/gone.efi: ENOENT (No such file or directory)");
}

/* ---- addons */

#define EXTRA "/EFI/Linux/a.efi.extra.d/"

static void addons_are_added(void **state)
{
	static const struct fake_section all[] = { { ".cmdline", "console=ttyS0\n", 0 } };
	static const struct fake_section own[] = {
		{ ".cmdline", "debug", 0 },
		{ ".ucode", "newer microcode", 0 },
		{ ".initrd", "one more", 0 },
	};
	struct bench *b = *state;
	struct entry *entry;

	/* The folder's name has no boot counter. */
	add_image(b, "/EFI/Linux/a+3.efi", usual, COUNT(usual));
	add_image(b, "/loader/addons/z.addon.efi", all, COUNT(all));
	add_image(b, EXTRA "b.addon.efi", own, COUNT(own));
	bench_read(b);
	entry = bench_find(b, "a.efi");
	assert_string_equal(entry->options, "root=UUID=1-2 ro quiet console=ttyS0 debug");
	assert_int_equal(entry->initrd_count, 3);
	assert_contents(&entry->initrds[0], "newer microcode");
	assert_contents(&entry->initrds[1], "the initrd");
	assert_contents(&entry->initrds[2], "one more");
	assert_null(entry->greyed);
	assert_int_equal(b->list->problem_count, 0);
}

static void an_addon_for_another_kernel_is_passed_over(void **state)
{
	static const struct fake_section other[] = { { ".uname", "6.1.0-57-amd64", 0 },
						     { ".cmdline", "debug", 0 } };
	static const struct fake_section same[] = { { ".uname", "6.1.0-56-amd64", 0 },
						    { ".cmdline", "splash", 0 } };
	struct bench *b = *state;

	add_image(b, "/EFI/Linux/a.efi", usual, COUNT(usual));
	add_image(b, EXTRA "b.addon.efi", other, COUNT(other));
	add_image(b, EXTRA "c.addon.efi", same, COUNT(same));
	bench_read(b);
	assert_string_equal(bench_find(b, "a.efi")->options, "root=UUID=1-2 ro quiet splash");
}

static void an_addon_that_cannot_be_added_greys(void **state)
{
	static const struct fake_section tree[] = { { ".dtb", "tree", 0 } };
	struct bench *b = *state;

	add_image(b, "/EFI/Linux/a.efi", usual, COUNT(usual));
	add_image(b, EXTRA "b.addon.efi", tree, COUNT(tree));
	bench_read(b);
	assert_string_equal(bench_find(b, "a.efi")->greyed,
			    "its addon " EXTRA
			    "b.addon.efi changes the device tree, and kexit does not");
}

static void an_unsigned_addon_is_left_out_under_lockdown(void **state)
{
	static const struct fake_section addon[] = { { ".cmdline", "init=/bin/sh", 0 } };
	struct bench *b = *state;

	add_image(b, "/EFI/Linux/a.efi", usual, COUNT(usual));
	add_image(b, EXTRA "b.addon.efi", addon, COUNT(addon));
	b->list->is_locked_down = true;
	bench_read(b);
	assert_string_equal(bench_find(b, "a.efi")->options, "root=UUID=1-2 ro quiet");
	assert_problem(b, 0,
		       EXTRA "b.addon.efi:0: an addon that is not signed: left out, since this "
			     "kernel is locked down");
}

static void what_is_not_added_is_told(void **state)
{
	struct bench *b = *state;

	add_image(b, "/EFI/Linux/a.efi", usual, COUNT(usual));
	add_image(b, EXTRA "b.addon.efi", usual, COUNT(usual));
	bench_file(b, EXTRA "c.addon.efi", "x");
	bench_file(b, EXTRA "d.cred", "x");
	bench_file(b, EXTRA "e.sysext.raw", "x");
	bench_read(b);
	assert_problem(b, 0, EXTRA "b.addon.efi:0: a kernel image, and no addon: left out");
	assert_problem(b, 1,
		       EXTRA "c.addon.efi:0: no EFI program that could be an addon: left out");
	assert_problem(
		b, 2,
		"/EFI/Linux/a.efi.extra.d:0: credentials and extension images are not handed "
		"to the system: only systemd's stub does that");
	assert_int_equal(b->list->problem_count, 3);
	assert_string_equal(bench_find(b, "a.efi")->options, "root=UUID=1-2 ro quiet");
}

static void each_profile_gets_the_addons(void **state)
{
	static const struct fake_section addon[] = { { ".cmdline", "debug", 0 } };
	static const struct fake_section two[] = {
		{ ".osrel", OSREL, 0 },
		{ ".linux", "the kernel", 0 },
		{ ".cmdline", "quiet", 0 },
		{ ".profile", "ID=main\nTITLE=Main", 0 },
		{ ".profile", "ID=rescue\nTITLE=Rescue", 0 },
		{ ".cmdline", "rescue", 0 },
	};
	struct bench *b = *state;

	add_image(b, "/EFI/Linux/a.efi", two, COUNT(two));
	add_image(b, EXTRA "b.addon.efi", addon, COUNT(addon));
	bench_read(b);
	assert_string_equal(bench_find(b, "a.efi")->options, "quiet debug");
	assert_string_equal(bench_find(b, "a.efi@1")->options, "rescue debug");
}

static void an_efi_line_may_name_an_image(void **state)
{
	struct bench *b = *state;

	add_image(b, "/EFI/arch.efi", usual, COUNT(usual));
	bench_file(b, "/loader/entries/a.conf", "title Arch\nefi /EFI/arch.efi\n");
	bench_file(b, "/loader/entries/b.conf", "title Setup\nefi /shell.efi\n");
	bench_read(b);
	assert_null(bench_find(b, "a.conf")->greyed);
	assert_string_equal(bench_find(b, "a.conf")->options, "root=UUID=1-2 ro quiet");
	assert_contents(&bench_find(b, "a.conf")->kernel, "the kernel");
	assert_string_equal(bench_find(b, "b.conf")->greyed,
			    "it starts the EFI program /shell.efi, which only firmware can");
}

/* ---- lockdown */

static void add_with_kernel(struct bench *b, const char *path, int is_signed)
{
	static const struct fake_section code = { ".text", "code", 0 };
	size_t size;
	unsigned char *kernel = fake_uki(X86_64, &code, 1, is_signed, &size);
	const struct fake_section sections[] = { { ".linux", (const char *)kernel, size } };

	add_image(b, path, sections, 1);
	free(kernel);
}

static void only_a_signed_kernel_within_can_be_booted_under_lockdown(void **state)
{
	struct bench *b = *state;

	add_with_kernel(b, "/EFI/Linux/signed.efi", 1);
	add_with_kernel(b, "/EFI/Linux/not.efi", 0);
	b->list->is_locked_down = true;
	bench_read(b);
	assert_null(bench_find(b, "signed.efi")->greyed);
	assert_string_equal(bench_find(b, "not.efi")->greyed,
			    "the kernel within the image is not signed, and this kernel is locked "
			    "down: it loads signed kernels only");
}

static void without_lockdown_it_need_not_be(void **state)
{
	struct bench *b = *state;

	add_with_kernel(b, "/EFI/Linux/not.efi", 0);
	bench_read(b);
	assert_null(bench_find(b, "not.efi")->greyed);
}

/* ---- what is refused */

static void what_is_no_image_is_told(void **state)
{
	static const struct fake_section addon[] = { { ".cmdline", "quiet", 0 } };
	struct bench *b = *state;

	add_image(b, "/EFI/Linux/a.efi", addon, COUNT(addon));
	bench_file(b, "/EFI/Linux/b.efi", "text");
	bench_file(b, "/EFI/Linux/c.efi", "");
	add_image(b, "/EFI/Linux/d.efi", usual, COUNT(usual));
	bench_read(b);
	assert_order(b, "d.efi");
	assert_int_equal(b->list->problem_count, 3);
	assert_problem(b, 0,
		       "/EFI/Linux/a.efi:0: no unified kernel image: it has no section .linux");
	assert_problem(b, 1, "/EFI/Linux/b.efi:0: it is no EFI program");
	assert_problem(b, 2, "/EFI/Linux/c.efi:0: it is no EFI program");
}

/* Cut anywhere, an image is refused or taken with all its sections inside the file. */
static void an_image_cut_short_is_refused(void **state)
{
	size_t size, refused = 0;
	unsigned char *file = fake_uki(X86_64, usual, COUNT(usual), 0, &size);
	int fd = memfd_create("cut", MFD_CLOEXEC);

	assert_int_equal(write(fd, file, size), size);
	for (size_t length = 0; length < size; length += 7) {
		struct pe pe;
		int code = pe_read(fd, 0, length, &pe);

		assert_true(code == -ENOEXEC || code == -EBADMSG || code == 0);
		refused += code != 0;
	}
	/* All but what cuts the last section's padding alone. */
	assert_true(refused * 7 >= size - 512);
	close(fd);
	free(file);
}

static void sections_stay_inside_of_their_stretch(void **state)
{
	size_t size;
	unsigned char *file = fake_uki(X86_64, usual, COUNT(usual), 0, &size);
	int fd = memfd_create("inner", MFD_CLOEXEC);
	struct pe pe;

	assert_int_equal(pwrite(fd, file, size, 4096), size);
	assert_int_equal(ftruncate(fd, (off_t)(2 * size + 4096)), 0);
	assert_int_equal(pe_read(fd, 4096, size, &pe), 0);
	assert_int_equal(pe.section_count, COUNT(usual));
	assert_int_equal(pe.sections[5].offset, 4096 + size - 512);
	/* The file goes on, the stretch does not. */
	assert_int_equal(pe_read(fd, 4096, size - 512, &pe), -EBADMSG);
	close(fd);
	free(file);
}

static void too_many_sections_are_refused(void **state)
{
	size_t size;
	unsigned char *file = fake_uki(X86_64, usual, COUNT(usual), 0, &size);
	int fd = memfd_create("many", MFD_CLOEXEC);
	struct pe pe;

	file[0x80 + 6] = PE_SECTIONS_MAX + 1;
	assert_int_equal(write(fd, file, size), size);
	assert_int_equal(pe_read(fd, 0, size, &pe), -EBADMSG);
	close(fd);
	free(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BENCH_TEST(an_image_is_taken_apart),
		BENCH_TEST(microcode_comes_first),
		BENCH_TEST(each_profile_is_an_entry),
		BENCH_TEST(a_type_1_entry_may_name_an_image),
		BENCH_TEST(addons_are_added),
		BENCH_TEST(an_addon_for_another_kernel_is_passed_over),
		BENCH_TEST(an_addon_that_cannot_be_added_greys),
		BENCH_TEST(an_unsigned_addon_is_left_out_under_lockdown),
		BENCH_TEST(what_is_not_added_is_told),
		BENCH_TEST(each_profile_gets_the_addons),
		BENCH_TEST(an_efi_line_may_name_an_image),
		BENCH_TEST(only_a_signed_kernel_within_can_be_booted_under_lockdown),
		BENCH_TEST(without_lockdown_it_need_not_be),
		BENCH_TEST(what_is_no_image_is_told),
		cmocka_unit_test(an_image_cut_short_is_refused),
		cmocka_unit_test(sections_stay_inside_of_their_stretch),
		cmocka_unit_test(too_many_sections_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
