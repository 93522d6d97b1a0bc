// SPDX-License-Identifier: GPL-2.0-or-later
/* Boot entries loaded: what reaches the kernel of a type 1 entry and of a unified kernel image. */
#include "entry/image.h"
#include "unit/entry/test_entry_bench.h"
#include "unit/fake/fake_uki.h"

#include <elf.h>
#include <unistd.h>

/* The head of an ELF kernel for the machine that the test was built for. */
#if defined(__x86_64__)
#define ELF_MACHINE EM_X86_64
#define PE_MACHINE  0x8664
#elif defined(__aarch64__)
#define ELF_MACHINE EM_AARCH64
#define PE_MACHINE  0xaa64
#else
#define ELF_MACHINE EM_PPC64
#define PE_MACHINE  0x01f2 /* no EFI there: any */
#endif
static const Elf64_Ehdr elf_kernel = {
	.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
	.e_type = ET_EXEC,
	.e_machine = ELF_MACHINE,
};

static struct error error;

static int set_up(void **state)
{
	struct bench *b;

	bench_set_up(state);
	b = *state;
	b->list->machine = NULL;
	error = (struct error)ERROR_NONE;
	fake_file(b->fake, "/sys/kernel/kexec_loaded", "0\n");
	fake_bytes(b->fake, "/vmlinuz", &elf_kernel, sizeof(elf_kernel));
	bench_file(b, "/initrd", "12345");
	bench_file(b, "/more", "abcd");
	return 0;
}

static struct entry_image *open_entry(struct bench *b, const char *id, const char *append)
{
	struct entry_image *image = NULL;

	assert_int_equal(entry_image_open(bench_find(b, id), append, &image, &error), 0);
	return image;
}

static void add_uki(struct bench *b, const char *initrd)
{
	const struct fake_section sections[] = {
		{ ".text", "stub", 0 },
		{ ".cmdline", "root=/dev/vda1", 0 },
		{ ".initrd", initrd, 0 },
		{ ".linux", (const char *)&elf_kernel, sizeof(elf_kernel) },
		{ ".ucode", "microcode", 0 },
	};
	size_t size;
	unsigned char *file = fake_uki(PE_MACHINE, sections, 5, 0, &size);

	fake_bytes(b->fake, "/EFI/Linux/a.efi", file, size);
	free(file);
}

static void a_type_1_entry_is_loaded(void **state)
{
	struct bench *b = *state;
	struct entry_image *image;

	bench_file(b, "/loader/entries/a.conf",
		   "linux /vmlinuz\ninitrd /initrd\noptions root=/dev/vda1 ro\n");
	bench_read(b);
	image = open_entry(b, "a.conf", NULL);
	assert_int_equal(image_load(&b->fake->sys, entry_image_request(image), &error), 0);
	assert_int_equal(fake_log_find(b->fake, "load 64 5 0 root=/dev/vda1 ro = 0"), 0);
	entry_image_close(image);
}

/* A PC's kernel takes none, whatever a script says. */
static void a_tree_and_its_overlays_are_opened(void **state)
{
	struct bench *b = *state;
	const struct image_request *request;
	struct entry_image *image;

	b->list->applies_overlays = true;
	bench_file(b, "/board.dtb", "tree");
	bench_file(b, "/one.dtbo", "1");
	bench_file(b, "/two.dtbo", "22");
	bench_file(b, "/extlinux/extlinux.conf",
		   "label a\nlinux /vmlinuz\nfdt /board.dtb\nfdtoverlays /one.dtbo /two.dtbo\n");
	bench_read(b);
	image = open_entry(b, "a", NULL);
	request = entry_image_request(image);
#if defined(__x86_64__)
	assert_null(request->dtb);
	assert_int_equal(request->overlay_count, 0);
#else
	assert_true(request->is_board_tree);
	assert_int_equal(request->overlay_count, 2);
	assert_non_null(strstr(request->overlays[1], "/two.dtbo"));
	assert_true(request->overlay_parts[1].fd >= 0);
#endif
	entry_image_close(image);
}

static void what_is_appended_comes_last(void **state)
{
	struct bench *b = *state;
	struct entry_image *image;

	bench_file(b, "/loader/entries/a.conf", "linux /vmlinuz\noptions ro\n");
	bench_read(b);
	image = open_entry(b, "a.conf", "single");
	assert_string_equal(entry_image_request(image)->append, "ro single");
	assert_int_equal(entry_image_request(image)->initrd_count, 0);
	entry_image_close(image);
}

/* Microcode, padded to 12 bytes, then 5 bytes, padded to 8. */
static void sections_of_an_image_are_loaded(void **state)
{
	struct bench *b = *state;
	struct entry_image *image;

	add_uki(b, "12345");
	bench_read(b);
	image = open_entry(b, "a.efi", NULL);
	assert_int_equal(image_load(&b->fake->sys, entry_image_request(image), &error), 0);
	assert_int_equal(fake_log_find(b->fake, "load 64 20 0 root=/dev/vda1 = 0"), 0);
	entry_image_close(image);
}

/* The kernel that is handed over is byte for byte the section. */
static void a_section_becomes_a_file(void **state)
{
	struct bench *b = *state;
	struct entry_image *image;
	struct file_range range;
	Elf64_Ehdr found;
	int fd;

	add_uki(b, "12345");
	bench_read(b);
	image = open_entry(b, "a.efi", NULL);
	assert_int_equal(file_open("a.efi", entry_image_request(image)->kernel_part, "the kernel",
				   &range, &error),
			 0);
	assert_int_equal(file_whole(&range, "a.efi", "the kernel", &fd, &error), 0);
	assert_int_equal(pread(fd, &found, sizeof(found), 0), sizeof(found));
	assert_memory_equal(&found, &elf_kernel, sizeof(found));
	assert_int_equal(lseek(fd, 0, SEEK_END), sizeof(elf_kernel));
	close(fd);
	entry_image_close(image);
}

static void kexec_tools_reads_through_descriptors(void **state)
{
	struct bench *b = *state;
	struct entry_image *image;

	bench_file(b, "/loader/entries/a.conf", "linux /vmlinuz\ninitrd /initrd\n");
	bench_read(b);
	image = open_entry(b, "a.conf", NULL);
	entry_image_request(image)->method = IMAGE_METHOD_CLASSIC;
	assert_int_equal(image_load(&b->fake->sys, entry_image_request(image), &error), 0);
	assert_int_equal(fake_log_count(b->fake, "run kexec -l -c --initrd=/proc/self/fd/* "
						 "--command-line= /proc/self/fd/* = 0"),
			 1);
	entry_image_close(image);
}

static void messages_name_the_file(void **state)
{
	struct bench *b = *state;
	struct entry_image *image;
	char expected[256];

	bench_file(b, "/loader/entries/a.conf", "linux /more\n");
	bench_read(b);
	image = open_entry(b, "a.conf", NULL);
	assert_int_equal(image_check(b->fake->sys.root, entry_image_request(image), &error),
			 -ENOEXEC);
	snprintf(expected, sizeof(expected), "%s/more", b->fake->tree);
	assert_non_null(strstr(error.text, expected));
	entry_image_close(image);
}

static void a_greyed_entry_is_refused_with_its_reason(void **state)
{
	struct bench *b = *state;
	struct entry_image *image = NULL;

	bench_file(b, "/loader/entries/a.conf", "efi /x.efi\n");
	bench_read(b);
	assert_int_equal(entry_image_open(bench_find(b, "a.conf"), NULL, &image, &error), -EINVAL);
	assert_null(image);
	assert_string_equal(error.text, "'a.conf' cannot be booted: it starts the EFI program "
					"/x.efi, which only firmware can");
}

static void an_image_that_shrank_is_refused(void **state)
{
	struct bench *b = *state;
	struct entry_image *image;
	char path[256];

	add_uki(b, "12345");
	bench_read(b);
	image = open_entry(b, "a.efi", NULL);
	snprintf(path, sizeof(path), "%s/EFI/Linux/a.efi", b->fake->tree);
	assert_int_equal(truncate(path, 4096), 0);
	assert_int_equal(image_load(&b->fake->sys, entry_image_request(image), &error), -ENODATA);
	assert_non_null(strstr(error.text, "the kernel is cut short"));
	entry_image_close(image);
}

/* ---- the command line */

static void assert_usage(const char *arguments, const char *words)
{
	char command[512], output[1024] = "";
	FILE *pipe;

	snprintf(command, sizeof(command), "%s load %s 2>&1; echo $?", getenv("KEXIT"), arguments);
	pipe = popen(command, "r");
	assert_non_null(pipe);
	assert_true(fread(output, 1, sizeof(output) - 1, pipe) > 0);
	pclose(pipe);
	assert_non_null(strstr(output, words));
	assert_non_null(strstr(output, "\n2\n"));
}

static void an_entry_goes_with_nothing_else(void **state)
{
	assert_usage("--entry a.conf /vmlinuz", "either --entry or a kernel");
	assert_usage("--entry a.conf --initrd /initrd", "names initrds");
	assert_usage("--entry a.conf --reuse-cmdline", "names initrds");
	assert_usage("--root / /vmlinuz", "give that, too");
	assert_usage("--entry a --entry b", "given twice");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, bench_tear_down)
		TEST(a_type_1_entry_is_loaded),
		TEST(a_tree_and_its_overlays_are_opened),
		TEST(what_is_appended_comes_last),
		TEST(sections_of_an_image_are_loaded),
		TEST(a_section_becomes_a_file),
		TEST(kexec_tools_reads_through_descriptors),
		TEST(messages_name_the_file),
		TEST(a_greyed_entry_is_refused_with_its_reason),
		TEST(an_image_that_shrank_is_refused),
		cmocka_unit_test(an_entry_goes_with_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
