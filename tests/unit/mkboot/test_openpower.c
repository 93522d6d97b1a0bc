// SPDX-License-Identifier: GPL-2.0-or-later
/* BOOTKERNEL and the flash images that it goes into. */
#include "mkboot/flash.h"
#include "mkboot/wrap.h"
#include "openpower/branches.h"
#include "openpower/layout.h"
#include "unit/mkboot/bytes.h"

#include <elf.h>
#include <endian.h>
#include <errno.h>
#include <lzma.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static uint32_t big32(const char *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return be32toh(value);
}

static uint32_t xored(const char *at, size_t size)
{
	uint32_t sum = 0, word;

	for (size_t i = 0; i < size; i += sizeof(word)) {
		memcpy(&word, at + i, sizeof(word));
		sum ^= word;
	}
	return sum;
}

/* Offsets as in skiboot's libflash/ffs.h: a header of 48 bytes, entries of 128. */
static void a_flash_has_a_table_and_the_kernel_where_it_says(void **state)
{
	struct buffer kernel = bytes("the kernel"), image = { 0 };
	struct error e = ERROR_NONE;
	const char *entry;

	assert_int_equal(flash_make(&kernel, &image, &e), 0);
	assert_int_equal(image.size, FLASH_SIZE);
	assert_memory_equal(image.data, "PART", 4);
	assert_int_equal(big32(image.data + 16), 3);
	assert_int_equal(xored(image.data, 48), 0);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(xored(image.data + 48 + 128 * i, 128), 0);
	entry = image.data + 48 + 128 * 2;
	assert_string_equal(entry, "BOOTKERNEL");
	assert_int_equal(big32(entry + 20) * big32(image.data + 20), BOOTKERNEL_SIZE);
	assert_int_equal(big32(entry + 40), kernel.size);
	assert_memory_equal(image.data + (size_t)big32(entry + 16) * 4096, "the kernel", 10);
	buffer_done(&kernel);
	buffer_done(&image);
}

static void a_kernel_too_large_for_its_partition_is_told(void **state)
{
	struct buffer kernel = { .size = BOOTKERNEL_SIZE + 1 }, image = { 0 };
	struct error e = ERROR_NONE;

	assert_int_equal(flash_make(&kernel, &image, &e), -EFBIG);
	assert_non_null(strstr(e.text, "--class"));
	assert_null(image.data);
}

/* bl 0x100 from 0 and from 8; the instruction between them is no call (AA = 1, `bla`). */
static void calls_of_one_function_become_alike(void **state)
{
	unsigned char code[] = { 0x01, 0x01, 0x00, 0x48, 0x03, 0x01,
				 0x00, 0x48, 0xf9, 0x00, 0x00, 0x48 };
	const unsigned char alike[] = { 0x01, 0x01, 0x00, 0x48, 0x03, 0x01,
					0x00, 0x48, 0x01, 0x01, 0x00, 0x48 };

	branches_convert(code, sizeof(code), BRANCHES_TO_TARGETS);
	assert_memory_equal(code, alike, sizeof(code));
}

/* With distances that wrap, words that only look like calls, and an end within a word. */
static void all_bytes_come_back_as_they_were(void **state)
{
	unsigned char code[4099], before[sizeof(code)];
	uint32_t random = 1;

	for (size_t i = 0; i < sizeof(code); i++) {
		random = random * 1103515245 + 12345;
		code[i] = i % 8 == 3 ? 0x48 + random % 4 : (unsigned char)(random >> 16);
	}
	memcpy(before, code, sizeof(code));
	branches_convert(code, sizeof(code), BRANCHES_TO_TARGETS);
	assert_memory_not_equal(code, before, sizeof(code));
	branches_convert(code, sizeof(code), BRANCHES_TO_DISTANCES);
	assert_memory_equal(code, before, sizeof(code));
}

struct small_kernel {
	Elf64_Ehdr header;
	Elf64_Phdr segment;
	char code[16];
};

static const struct small_kernel small = {
	.header = {
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB },
		.e_machine = EM_PPC64,
		.e_entry = 0xc000000000000004,
		.e_phoff = offsetof(struct small_kernel, segment),
		.e_phnum = 1,
	},
	.segment = {
		.p_type = PT_LOAD,
		.p_offset = offsetof(struct small_kernel, code),
		.p_vaddr = 0xc000000000000000,
		.p_filesz = 16,
		.p_memsz = 32,
	},
	.code = "kernel's code.",
};

static struct buffer fake_wrapper(void)
{
	const struct wrapper_table table = { .magic = WRAPPER_MAGIC, .image_size = 256 };
	struct buffer b = { 0 };

	assert_int_equal(buffer_add(&b, "", 1), 0);
	assert_int_equal(buffer_align(&b, 256), 0);
	memcpy(b.data + WRAPPER_TABLE, &table, sizeof(table));
	return b;
}

static void skiboot_is_told_the_length_of_the_whole_file(void **state)
{
	struct buffer wrapper = fake_wrapper(), initrd = bytes("initrd"), file = { 0 };
	struct buffer kernel = { .data = (char *)(uintptr_t)&small, .size = sizeof(small) };
	const struct wrap_parts parts = { &wrapper, &kernel, &initrd, "console=hvc0" };
	struct wrapper_table table;
	uint64_t limit = UINT64_MAX;
	size_t in = 0, out = 0;
	struct error e = ERROR_NONE;
	Elf64_Ehdr header;
	char code[32];

	assert_int_equal(wrap(&parts, &file, &e), 0);
	memcpy(&header, file.data, sizeof(header));
	assert_int_equal(header.e_shoff + header.e_shnum * header.e_shentsize, file.size);
	memcpy(&table, file.data + 4096 + WRAPPER_TABLE, sizeof(table));
	assert_int_equal(table.kernel_entry, 4);
	assert_int_equal(table.initrd_offset % 65536, 0);
	assert_memory_equal(file.data + 4096 + table.initrd_offset, "initrd", table.initrd_size);
	assert_string_equal(file.data + 4096 + table.command_offset, "console=hvc0");
	assert_int_equal(lzma_stream_buffer_decode(
				 &limit, 0, NULL,
				 (const uint8_t *)file.data + 4096 + table.kernel_offset, &in,
				 table.kernel_size, (uint8_t *)code, &out, sizeof(code)),
			 LZMA_OK);
	assert_int_equal(out, 16);
	assert_memory_equal(code, small.code, 16);
	buffer_done(&wrapper);
	buffer_done(&initrd);
	buffer_done(&file);
}

static void only_a_kernel_for_the_machine_is_wrapped(void **state)
{
	struct small_kernel other = small;
	struct buffer wrapper = fake_wrapper(), initrd = bytes("initrd"), file = { 0 };
	struct buffer kernel = { .data = (char *)&other, .size = sizeof(other) };
	const struct wrap_parts parts = { &wrapper, &kernel, &initrd, NULL };
	struct error e = ERROR_NONE;

	other.segment.p_filesz = 17;
	assert_int_equal(wrap(&parts, &file, &e), -ENOEXEC);
	other = small;
	other.header.e_machine = EM_X86_64;
	assert_int_equal(wrap(&parts, &file, &e), -ENOEXEC);
	wrapper.data[WRAPPER_TABLE] = 'x';
	assert_int_equal(wrap(&parts, &file, &e), -ENOEXEC);
	assert_non_null(strstr(e.text, "openpower.bin"));
	buffer_done(&wrapper);
	buffer_done(&initrd);
	buffer_done(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_flash_has_a_table_and_the_kernel_where_it_says),
		cmocka_unit_test(a_kernel_too_large_for_its_partition_is_told),
		cmocka_unit_test(calls_of_one_function_become_alike),
		cmocka_unit_test(all_bytes_come_back_as_they_were),
		cmocka_unit_test(skiboot_is_told_the_length_of_the_whole_file),
		cmocka_unit_test(only_a_kernel_for_the_machine_is_wrapped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
