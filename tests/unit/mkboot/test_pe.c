// SPDX-License-Identifier: GPL-2.0-or-later
/* Sections added to EFI programs. Offsets are of Microsoft's "PE Format", counted by hand. */
#include "mkboot/pe.h"
#include "unit/mkboot/bytes.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define X86_64	      0x8664
#define PE_AT	      0x80
#define OPTIONAL_AT   (PE_AT + 24)
#define OPTIONAL_SIZE 240 /* with all 16 data directories */
#define TABLE_AT      (OPTIONAL_AT + OPTIONAL_SIZE)
#define IMAGE_BASE    (OPTIONAL_AT + 24)
#define IMAGE_SIZE    (OPTIONAL_AT + 56)
#define CHECKSUM      (OPTIONAL_AT + 64)
#define SECURITY      (OPTIONAL_AT + 112 + 8 * 4)

static void put(struct buffer *b, size_t at, uint64_t value, size_t width)
{
	for (size_t i = 0; i < width; i++)
		b->data[at + i] = (char)(value >> 8 * i);
}

static uint64_t get(const struct buffer *b, size_t at, size_t width)
{
	uint64_t value = 0;

	for (size_t i = 0; i < width; i++)
		value |= (uint64_t)(unsigned char)b->data[at + i] << 8 * i;
	return value;
}

static void put_section(struct buffer *b, size_t index, const char *name, uint64_t address,
			uint64_t size, uint64_t raw_at)
{
	size_t at = TABLE_AT + 40 * index;

	memcpy(b->data + at, name, strlen(name));
	put(b, at + 8, size, 4);
	put(b, at + 12, address, 4);
	put(b, at + 16, 0x200, 4);
	put(b, at + 20, raw_at, 4);
}

/* As systemd 257's: .text and .data, linked for a base of its own, with room in the headers. */
static struct buffer stub(uint64_t image_base)
{
	struct buffer b = { 0 };

	assert_int_equal(buffer_add(&b, "MZ", 2), 0);
	assert_int_equal(buffer_align(&b, 0xa00), 0);
	put(&b, 0x3c, PE_AT, 4);
	memcpy(b.data + PE_AT, "PE\0", 4);
	put(&b, PE_AT + 4, X86_64, 2);
	put(&b, PE_AT + 6, 2, 2);
	put(&b, PE_AT + 8, 0x12345678, 4);
	put(&b, PE_AT + 20, OPTIONAL_SIZE, 2);
	put(&b, OPTIONAL_AT, 0x20b, 2);
	put(&b, IMAGE_BASE, image_base, 8);
	put(&b, OPTIONAL_AT + 32, 0x1000, 4);
	put(&b, OPTIONAL_AT + 36, 0x200, 4);
	put(&b, IMAGE_SIZE, 0x4000, 4);
	put(&b, OPTIONAL_AT + 60, 0x600, 4);
	put(&b, CHECKSUM, 0xabcd, 4);
	put(&b, OPTIONAL_AT + 108, 16, 4);
	put_section(&b, 0, ".text", 0x1000, 0x1234, 0x600);
	put_section(&b, 1, ".data", 0x3000, 0x10, 0x800);
	return b;
}

static const char kernel[0x2345] = "the kernel";

static const struct pe_part parts[] = {
	{ ".uname", "6.1", 3, false },
	{ ".linux", kernel, sizeof(kernel), true },
};

static void addresses_do_not_count_from_the_base(void **state)
{
	static const uint64_t bases[] = { 0, 0x10000, 0x14df90000, 0x7ff000000000 };
	struct error e = ERROR_NONE;

	for (size_t i = 0; i < sizeof(bases) / sizeof(bases[0]); i++) {
		struct buffer b = stub(bases[i]);

		assert_int_equal(pe_check(&b, "stub", X86_64, 2, &e), 0);
		assert_int_equal(pe_add(&b, "uki", parts, 2, 7, &e), 0);
		assert_int_equal(get(&b, PE_AT + 6, 2), 4);
		assert_int_equal(get(&b, TABLE_AT + 80 + 12, 4), 0x4000);
		assert_int_equal(get(&b, TABLE_AT + 120 + 12, 4), 0x5000);
		assert_int_equal(get(&b, TABLE_AT + 120 + 8, 4), sizeof(kernel));
		assert_int_equal(get(&b, IMAGE_SIZE, 4), 0x8000);
		assert_int_equal(get(&b, IMAGE_BASE, 8), bases[i]);
		assert_string_equal(b.data + get(&b, TABLE_AT + 120 + 20, 4), kernel);
		assert_int_equal(pe_verify(&b, "uki", parts, 2, &e), 0);
		buffer_done(&b);
	}
}

static void what_was_computed_over_the_stub_goes(void **state)
{
	struct buffer b = stub(0);
	struct error e = ERROR_NONE;

	put(&b, SECURITY, 0x900, 4);
	put(&b, SECURITY + 4, 0x100, 4);
	assert_int_equal(pe_add(&b, "uki", parts, 2, 7, &e), 0);
	assert_int_equal(get(&b, PE_AT + 8, 4), 7);
	assert_int_equal(get(&b, CHECKSUM, 4), 0);
	assert_int_equal(get(&b, SECURITY, 8), 0);
	buffer_done(&b);
}

static void only_a_stub_for_the_machine_with_room_is_taken(void **state)
{
	struct buffer b = stub(0), text = bytes("#!/bin/sh\n");
	struct error e = ERROR_NONE;
	size_t room = (0x600 - TABLE_AT) / 40 - 2;

	assert_int_equal(pe_check(&text, "script", X86_64, 2, &e), -ENOEXEC);
	assert_int_equal(pe_check(&b, "stub", 0xaa64, 2, &e), -EXDEV);
	assert_int_equal(pe_check(&b, "stub", X86_64, room, &e), 0);
	assert_int_equal(pe_check(&b, "stub", X86_64, room + 1, &e), -ENOSPC);
	put(&b, OPTIONAL_AT, 0x10b, 2);
	assert_int_equal(pe_check(&b, "32 bits", X86_64, 2, &e), -ENOEXEC);
	buffer_done(&text);
	buffer_done(&b);
}

static void a_cut_stub_is_refused(void **state)
{
	struct buffer b = stub(0);
	struct error e = ERROR_NONE;

	for (b.size = 0; b.size < TABLE_AT + 80; b.size++)
		assert_int_equal(pe_check(&b, "stub", X86_64, 2, &e), -ENOEXEC);
	put(&b, 0x3c, UINT32_MAX, 4);
	b.size = 0xa00;
	assert_int_equal(pe_check(&b, "stub", X86_64, 2, &e), -ENOEXEC);
	buffer_done(&b);
}

/* Makes an image, puts @value of 4 bytes to @at, and returns what pe_verify() says of it. */
static int verified_with(size_t at, uint64_t value)
{
	struct buffer b = stub(0x14df90000);
	struct error e = ERROR_NONE;
	int r;

	assert_int_equal(pe_add(&b, "uki", parts, 2, 7, &e), 0);
	put(&b, at, value, 4);
	r = pe_verify(&b, "uki", parts, 2, &e);
	buffer_done(&b);
	return r;
}

/* systemd 252's .sdmagic begins where the padding of .sbat is. */
static void a_section_in_another_ones_padding_is_no_fault(void **state)
{
	struct buffer b = stub(0);
	struct error e = ERROR_NONE;

	put(&b, TABLE_AT + 8, 0xe2, 4);
	put(&b, TABLE_AT + 40 + 12, 0x1100, 4);
	assert_int_equal(pe_add(&b, "uki", parts, 2, 7, &e), 0);
	assert_int_equal(pe_verify(&b, "uki", parts, 2, &e), 0);
	assert_int_equal(get(&b, TABLE_AT + 80 + 12, 4), 0x2000);
	buffer_done(&b);
}

/* What objcopy, told to put .linux at 0x5000 where the base is 0x14df90000, writes into the table. */
static void a_section_at_a_wrong_place_is_found(void **state)
{
	size_t linux_at = TABLE_AT + 120;

	assert_int_equal(verified_with(linux_at + 12, 0x5000), 0);
	assert_int_equal(verified_with(linux_at + 12, (uint32_t)(0x5000 - 0x14df90000)), -EBADMSG);
	assert_int_equal(verified_with(linux_at + 12, 0x4000), -EBADMSG);
	assert_int_equal(verified_with(linux_at + 12, 0x5800), -EBADMSG);
	assert_int_equal(verified_with(IMAGE_SIZE, 0x7000), -EBADMSG);
	assert_int_equal(verified_with(linux_at + 20, 0x7fffffff), -EBADMSG);
	assert_int_equal(verified_with(linux_at + 20, 0x600), -EBADMSG);
	assert_int_equal(verified_with(linux_at + 8, 3), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_do_not_count_from_the_base),
		cmocka_unit_test(what_was_computed_over_the_stub_goes),
		cmocka_unit_test(only_a_stub_for_the_machine_with_room_is_taken),
		cmocka_unit_test(a_cut_stub_is_refused),
		cmocka_unit_test(a_section_in_another_ones_padding_is_no_fault),
		cmocka_unit_test(a_section_at_a_wrong_place_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
