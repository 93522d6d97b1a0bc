// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A program without what only debuggers and linkers read; see elf.h. No loader asks for sections:
 * kernel and ld.so(8) go by program headers alone, and what these do not name lies behind what they
 * do, in all that linkers write.
 */
#include "mkboot/elf.h"

#include <elf.h>
#include <endian.h>
#include <string.h>

/* Where the last byte that a program header names ends; 0: the headers are not all in the file. */
static uint64_t end_of_segments(const struct buffer *file, const Elf64_Ehdr *header)
{
	uint64_t at = le64toh(header->e_phoff), count = le16toh(header->e_phnum);
	uint64_t end = at + count * sizeof(Elf64_Phdr);
	Elf64_Phdr p;

	if (at > file->size || count * sizeof(p) > file->size - at)
		return 0;
	for (uint64_t i = 0; i < count; i++) {
		memcpy(&p, file->data + at + i * sizeof(p), sizeof(p));
		if (le64toh(p.p_filesz) > file->size ||
		    le64toh(p.p_offset) > file->size - le64toh(p.p_filesz))
			return 0;
		if (le64toh(p.p_offset) + le64toh(p.p_filesz) > end)
			end = le64toh(p.p_offset) + le64toh(p.p_filesz);
	}
	return end;
}

void elf_trim(struct buffer *file)
{
	Elf64_Ehdr header;
	uint64_t end;

	if (file->size < sizeof(header))
		return;
	memcpy(&header, file->data, sizeof(header));
	if (memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 ||
	    header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB ||
	    le16toh(header.e_phentsize) != sizeof(Elf64_Phdr) || !header.e_phnum)
		return;
	end = end_of_segments(file, &header);
	if (end < sizeof(header))
		return;
	header.e_shoff = 0;
	header.e_shnum = header.e_shstrndx = 0;
	memcpy(file->data, &header, sizeof(header));
	file->size = end;
}
