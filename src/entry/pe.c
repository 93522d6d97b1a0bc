// SPDX-License-Identifier: GPL-2.0-or-later
/* PE headers; see pe.h. All numbers are little-endian. */
#include "entry/pe.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define DOS_SIZE	  64
#define DOS_PE_AT	  0x3c /* where the offset of the PE header is */
#define COFF_SIZE	  24   /* with the signature "PE\0\0" before it */
#define OPTIONAL_MAX	  240  /* of a 64-bit program; what is behind is not looked at */
#define SECTION_SIZE	  40
#define CERTIFICATE_TABLE 4 /* its index among the data directories */

struct file {
	int fd;
	uint64_t start, length;
};

static uint16_t get16(const unsigned char *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static uint32_t get32(const unsigned char *p)
{
	return get16(p) | (uint32_t)get16(p + 2) << 16;
}

/* All @size bytes at @offset, or -EBADMSG where the file ends before. */
static int read_at(const struct file *file, uint64_t offset, void *buffer, size_t size)
{
	char *to = buffer;

	if (offset > file->length || size > file->length - offset)
		return -EBADMSG;
	while (size) {
		ssize_t n = pread(file->fd, to, size, (off_t)(file->start + offset));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EBADMSG;
		to += n;
		offset += (uint64_t)n;
		size -= (size_t)n;
	}
	return 0;
}

static const char *machine_name(uint16_t machine)
{
	static const struct {
		uint16_t code;
		const char *name;
	} machines[] = {
		{ 0x8664, "x86_64" },  { 0x014c, "i686" },	  { 0xaa64, "aarch64" },
		{ 0x01c2, "armv7l" },  { 0x01c4, "armv7l" },	  { 0x5032, "riscv32" },
		{ 0x5064, "riscv64" }, { 0x6264, "loongarch64" },
	};

	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++)
		if (machines[i].code == machine)
			return machines[i].name;
	return NULL;
}

/* The optional header of @size bytes: where its data directories begin depends on its magic. */
static bool has_certificates(const unsigned char *header, size_t size)
{
	uint16_t magic = size >= 2 ? get16(header) : 0;
	size_t directories = magic == 0x20b ? 112 : magic == 0x10b ? 96 : size;
	size_t entry = directories + CERTIFICATE_TABLE * 8;

	if (entry + 8 > size || get32(header + directories - 4) <= CERTIFICATE_TABLE)
		return false;
	return get32(header + entry) && get32(header + entry + 4);
}

/*
 * A section takes the bytes it has in the file or those it has in memory, whichever are fewer: the
 * file's are padded to its alignment.
 */
static int take_section(const struct file *file, const unsigned char *header,
			struct pe_section *section)
{
	uint32_t in_memory = get32(header + 8), in_file = get32(header + 16);

	memcpy(section->name, header, 8);
	section->name[8] = '\0';
	section->length = in_memory < in_file ? in_memory : in_file;
	section->offset = get32(header + 20);
	if (!section->length) {
		section->offset = 0;
		return 0;
	}
	if (section->offset > file->length || section->length > file->length - section->offset)
		return -EBADMSG;
	section->offset += file->start;
	return 0;
}

static int read_sections(const struct file *file, uint64_t at, size_t count, struct pe *pe)
{
	if (count > PE_SECTIONS_MAX)
		return -EBADMSG;
	for (size_t i = 0; i < count; i++) {
		unsigned char header[SECTION_SIZE];
		int code = read_at(file, at + i * SECTION_SIZE, header, sizeof(header));

		if (!code)
			code = take_section(file, header, &pe->sections[i]);
		if (code)
			return code;
	}
	pe->section_count = count;
	return 0;
}

int pe_read(int fd, uint64_t offset, uint64_t length, struct pe *ret_pe)
{
	const struct file file = { .fd = fd, .start = offset, .length = length };
	unsigned char dos[DOS_SIZE], coff[COFF_SIZE], optional[OPTIONAL_MAX];
	size_t optional_size, looked_at;
	uint64_t at;
	int code = read_at(&file, 0, dos, sizeof(dos));

	if (code == -EBADMSG || (!code && memcmp(dos, "MZ", 2) != 0))
		return -ENOEXEC;
	at = code ? 0 : get32(dos + DOS_PE_AT);
	if (!code)
		code = read_at(&file, at, coff, sizeof(coff));
	/* A DOS program, or a boot sector of an old kernel, begins like this, too. */
	if (code == -EBADMSG || (!code && memcmp(coff, "PE\0", 4) != 0))
		return -ENOEXEC;
	if (code)
		return code;
	optional_size = get16(coff + 20);
	looked_at = optional_size < sizeof(optional) ? optional_size : sizeof(optional);
	code = read_at(&file, at + COFF_SIZE, optional, looked_at);
	if (code)
		return code;
	ret_pe->machine = machine_name(get16(coff + 4));
	ret_pe->is_signed = has_certificates(optional, looked_at);
	return read_sections(&file, at + COFF_SIZE + optional_size, get16(coff + 6), ret_pe);
}
