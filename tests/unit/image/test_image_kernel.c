// SPDX-License-Identifier: GPL-2.0-or-later
/* Kernels, and what is taken for one, told from made-up first bytes. */
#include "image/kernel.h"

#include <elf.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static unsigned char head[KERNEL_HEAD_SIZE];
static struct kernel_info info;
static struct error error;

static int set_up(void **state)
{
	memset(head, 0, sizeof(head));
	memset(&info, 0, sizeof(info));
	error = (struct error)ERROR_NONE;
	return 0;
}

static void put(size_t offset, const void *bytes, size_t size)
{
	memcpy(head + offset, bytes, size);
}
#define PUT(offset, literal) put(offset, literal, sizeof(literal) - 1)

static int recognise(void)
{
	return kernel_recognise("/boot/file", head, sizeof(head), &info, &error);
}

static void assert_kernel(const char *kind, const char *machine, size_t limit)
{
	assert_int_equal(recognise(), 0);
	assert_string_equal(info.kind, kind);
	if (machine)
		assert_string_equal(info.machine, machine);
	else
		assert_null(info.machine);
	assert_int_equal(info.cmdline_limit, limit);
}

static void assert_no_kernel(const char *what)
{
	assert_int_equal(recognise(), -ENOEXEC);
	if (!strstr(error.text, what) || !strstr(error.text, "/boot/file"))
		fail_msg("\"%s\" is not in \"%s\"", what, error.text);
	assert_null(info.kind);
}

/* Protocol 2.15, as Linux 6.1: a 64-bit entry, 2047 bytes of command line. */
static void make_bzimage(void)
{
	PUT(0x1fe, "\x55\xaa");
	PUT(0x202, "HdrS\x0f\x02");
	PUT(0x236, "\x3f\x00\xff\x07\x00\x00");
}

static void test_bzimage(void **state)
{
	make_bzimage();
	assert_kernel("x86 bzImage", "x86_64", 2046);
	/* An EFI stub makes it an EFI program as well. */
	PUT(0, "MZ");
	assert_kernel("x86 bzImage", "x86_64", 2046);
}

static void test_bzimage_32_bit(void **state)
{
	make_bzimage();
	PUT(0x236, "\x3e");
	assert_kernel("x86 bzImage", "i686", 2046);
}

static void test_old_bzimage_has_a_short_line(void **state)
{
	make_bzimage();
	PUT(0x206, "\x05\x02");
	assert_kernel("x86 bzImage", "i686", 254);
}

static void test_arm64_image(void **state)
{
	PUT(0, "MZ");
	PUT(56, "ARM\x64");
	assert_kernel("arm64 Image", "aarch64", 2047);
}

static void test_zboot(void **state)
{
	PUT(0, "MZ\0\0zimg");
	PUT(0x3c, "\x40");
	PUT(0x40, "PE\0\0\x64\xaa");
	assert_kernel("compressed EFI image (zboot)", "aarch64", 2047);
	/* The offset is the file's to choose. */
	PUT(0x3c, "\xff\xff\xff\xff");
	assert_kernel("compressed EFI image (zboot)", NULL, 2047);
}

static void test_gzip_tells_no_machine(void **state)
{
	PUT(0, "\x1f\x8b\x08");
	assert_kernel("gzip-compressed image", NULL, 2047);
}

static void make_elf64(uint16_t type, uint16_t machine, uint32_t segment)
{
	Elf64_Ehdr header = { .e_type = type,
			      .e_machine = machine,
			      .e_phoff = sizeof(header),
			      .e_phentsize = sizeof(Elf64_Phdr),
			      .e_phnum = 1 };
	Elf64_Phdr program = { .p_type = segment };

	memcpy(header.e_ident, ELFMAG, SELFMAG);
	header.e_ident[EI_CLASS] = ELFCLASS64;
	header.e_ident[EI_DATA] = ELFDATA2LSB;
	put(0, &header, sizeof(header));
	put(sizeof(header), &program, sizeof(program));
}

static void test_elf(void **state)
{
	make_elf64(ET_EXEC, EM_PPC64, PT_LOAD);
	assert_kernel("ELF image", "ppc64le", 2047);
	make_elf64(ET_DYN, EM_AARCH64, PT_LOAD);
	assert_kernel("ELF image", "aarch64", 2047);
}

static void test_big_endian_elf(void **state)
{
	PUT(0, "\x7f"
	       "ELF\x02\x02\x01");
	PUT(16, "\x00\x02\x00\x15");
	assert_kernel("ELF image", "ppc64", 2047);
}

static void test_elf_that_is_no_kernel(void **state)
{
	make_elf64(ET_DYN, EM_X86_64, PT_INTERP);
	assert_no_kernel("a program");
	make_elf64(ET_EXEC, EM_X86_64, PT_TLS);
	assert_no_kernel("a program");
	make_elf64(ET_REL, EM_X86_64, PT_NULL);
	assert_no_kernel("kernel module");
}

static void test_elf_cut_short(void **state)
{
	make_elf64(ET_EXEC, EM_X86_64, PT_LOAD);
	head[offsetof(Elf64_Ehdr, e_phnum)] = 0xff;
	head[offsetof(Elf64_Ehdr, e_phoff) + 6] = 0xff;
	/* An allocation of exactly what is there, so that a read beyond it is found. */
	for (size_t length = 0; length < 80; length++) {
		unsigned char *exact = malloc(length ?: 1);

		memcpy(exact, head, length);
		kernel_recognise("/boot/file", exact, length, &info, &error);
		free(exact);
	}
}

static void test_what_it_looks_like(void **state)
{
	static const struct {
		const char *bytes;
		size_t size;
		const char *what;
	} cases[] = {
#define CASE(bytes, what) { bytes, sizeof(bytes) - 1, what }
		CASE("070701000", "is it the initrd?"),
		CASE("\x28\xb5\x2f\xfd\x00", "zstd"),
		CASE("\xfd"
		     "7zXZ\0",
		     "xz"),
		CASE("\x27\x05\x19\x56", "U-Boot"),
		CASE("#!/bin/sh\n", "a script"),
		CASE("MZ\x90\0", "unified kernel image"),
		CASE("\0\0\0\0", "nothing that kexit knows"),
#undef CASE
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		set_up(NULL);
		put(0, cases[i].bytes, cases[i].size);
		assert_no_kernel(cases[i].what);
	}
}

static void test_text_and_empty(void **state)
{
	assert_int_equal(kernel_recognise("/etc/fstab", "# fstab\n", 8, &info, &error), -ENOEXEC);
	assert_non_null(strstr(error.text, "looks like text"));
	assert_int_equal(kernel_recognise("/boot/x", "", 0, &info, &error), -ENOEXEC);
	assert_non_null(strstr(error.text, "an empty file"));
}

static void test_cut_short(void **state)
{
	make_bzimage();
	PUT(0x1f1, "\x03");
	PUT(0x1f4, "\x00\x10");
	assert_kernel("x86 bzImage", "x86_64", 2046);
	assert_int_equal(kernel_is_whole("k", &info, 4 * 512 + 65536, &error), 0);
	assert_int_equal(kernel_is_whole("k", &info, 4 * 512 + 65535, &error), -ENODATA);
	assert_non_null(strstr(error.text, "cut short: it has 67583 bytes"));
}

static void test_elf_cut_short_on_disk(void **state)
{
	Elf64_Phdr program = { .p_type = PT_LOAD, .p_offset = 0x10000, .p_filesz = 0x500 };

	make_elf64(ET_EXEC, EM_PPC64, PT_LOAD);
	put(sizeof(Elf64_Ehdr), &program, sizeof(program));
	assert_kernel("ELF image", "ppc64le", 2047);
	assert_int_equal(kernel_is_whole("k", &info, 0x10500, &error), 0);
	assert_int_equal(kernel_is_whole("k", &info, 0x104ff, &error), -ENODATA);
}

static void test_machines_that_fit(void **state)
{
	struct kernel_info x86 = { .kind = "x86 bzImage", .machine = "x86_64" };
	struct kernel_info any = { .kind = "gzip-compressed image" };
	struct kernel_info power = { .kind = "ELF image", .machine = "ppc64" };

	assert_int_equal(kernel_fits("k", &x86, "x86_64", &error), 0);
	assert_int_equal(kernel_fits("k", &x86, "i686", &error), 0);
	assert_int_equal(kernel_fits("k", &any, "riscv64", &error), 0);
	assert_int_equal(kernel_fits("k", &power, "ppc64le", &error), 0);
	assert_int_equal(kernel_fits("k", &any, "x86_64", &error), -ENOEXEC);
	assert_int_equal(kernel_fits("k", &x86, "aarch64", &error), -ENOEXEC);
	assert_string_equal(error.text,
			    "k is a kernel for x86_64 (x86 bzImage), and this machine is "
			    "aarch64: give a kernel for aarch64");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, set_up)
	const struct CMUnitTest tests[] = {
		TEST(test_bzimage),
		TEST(test_bzimage_32_bit),
		TEST(test_old_bzimage_has_a_short_line),
		TEST(test_arm64_image),
		TEST(test_zboot),
		TEST(test_gzip_tells_no_machine),
		TEST(test_elf),
		TEST(test_big_endian_elf),
		TEST(test_elf_that_is_no_kernel),
		TEST(test_elf_cut_short),
		TEST(test_what_it_looks_like),
		TEST(test_text_and_empty),
		TEST(test_cut_short),
		TEST(test_elf_cut_short_on_disk),
		TEST(test_machines_that_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
