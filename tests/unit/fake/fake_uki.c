// SPDX-License-Identifier: GPL-2.0-or-later
/* EFI programs for tests; see fake_uki.h. Layout: Microsoft, "PE Format". */
#include "unit/fake/fake_uki.h"

#include <stdlib.h>
#include <string.h>

#define PE_AT	      0x80
#define OPTIONAL_AT   (PE_AT + 24)
#define OPTIONAL_SIZE 160 /* 112, and six data directories */
#define SECTIONS_AT   (OPTIONAL_AT + OPTIONAL_SIZE)
#define HEADERS_SIZE  0x1000
#define ALIGNMENT     512

static void put16(unsigned char *at, size_t value)
{
	at[0] = (unsigned char)value;
	at[1] = (unsigned char)(value >> 8);
}

static void put32(unsigned char *at, size_t value)
{
	put16(at, value);
	put16(at + 2, value >> 16);
}

static size_t size_of(const struct fake_section *section)
{
	return section->size ? section->size : strlen(section->text);
}

static size_t aligned(size_t size)
{
	return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static void put_section(unsigned char *header, const struct fake_section *section, size_t at)
{
	memcpy(header, section->name, strnlen(section->name, 8));
	put32(header + 8, size_of(section));
	put32(header + 12, at);
	put32(header + 16, aligned(size_of(section)));
	put32(header + 20, at);
}

unsigned char *fake_uki(uint16_t machine, const struct fake_section *sections, size_t count,
			int is_signed, size_t *ret_size)
{
	size_t size = HEADERS_SIZE, at = HEADERS_SIZE;
	unsigned char *file;

	for (size_t i = 0; i < count; i++)
		size += aligned(size_of(&sections[i]));
	file = calloc(1, size);
	if (!file)
		abort();
	memcpy(file, "MZ", 2);
	put32(file + 0x3c, PE_AT);
	memcpy(file + PE_AT, "PE\0", 4);
	put16(file + PE_AT + 4, machine);
	put16(file + PE_AT + 6, count);
	put16(file + PE_AT + 20, OPTIONAL_SIZE);
	put16(file + OPTIONAL_AT, 0x20b);
	put32(file + OPTIONAL_AT + 108, 6);
	put32(file + OPTIONAL_AT + 112 + 4 * 8, is_signed ? size : 0);
	put32(file + OPTIONAL_AT + 112 + 4 * 8 + 4, is_signed ? 1 : 0);
	for (size_t i = 0; i < count; i++) {
		put_section(file + SECTIONS_AT + i * 40, &sections[i], at);
		memcpy(file + at, sections[i].text, size_of(&sections[i]));
		at += aligned(size_of(&sections[i]));
	}
	*ret_size = size;
	return file;
}
