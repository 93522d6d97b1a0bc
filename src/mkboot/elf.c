// SPDX-License-Identifier: GPL-2.0-or-later
/* DT_NEEDED and PT_INTERP by libelf, which reads either byte order; see elf.h. */
#include "mkboot/elf.h"

#include <errno.h>
#include <gelf.h>
#include <stdbool.h>
#include <string.h>

static const struct arch arches[] = {
	{ "amd64", EM_X86_64, "x86_64-linux-gnu", "x64", 1 },
	{ "arm64", EM_AARCH64, "aarch64-linux-gnu", "aa64", 4 },
	{ "ppc64el", EM_PPC64, "powerpc64le-linux-gnu", NULL, 4 },
};

#define ARCHES (sizeof(arches) / sizeof(arches[0]))

const struct arch *arch_find(const char *name)
{
	for (size_t i = 0; i < ARCHES; i++)
		if (!strcmp(arches[i].name, name))
			return &arches[i];
	return NULL;
}

/* All three are little-endian; ppc64, the big-endian one, has the same machine as ppc64el. */
static const struct arch *arch_of(const GElf_Ehdr *header)
{
	for (size_t i = 0; i < ARCHES; i++)
		if (arches[i].machine == header->e_machine &&
		    header->e_ident[EI_DATA] == ELFDATA2LSB)
			return &arches[i];
	return NULL;
}

/* A string of the file with its NUL inside the file, copied; NULL where it is not. */
static const char *copy_string(const struct buffer *file, uint64_t offset, struct arena *arena)
{
	if (offset >= file->size || !memchr(file->data + offset, '\0', file->size - offset))
		return NULL;
	return arena_strdup(arena, file->data + offset);
}

/* Where the loaded address @address lies in the file, or -1. */
static int64_t offset_of(Elf *elf, size_t headers, uint64_t address)
{
	GElf_Phdr p;

	for (size_t i = 0; i < headers; i++)
		if (gelf_getphdr(elf, (int)i, &p) && p.p_type == PT_LOAD && address >= p.p_vaddr &&
		    address - p.p_vaddr < p.p_filesz)
			return (int64_t)(address - p.p_vaddr + p.p_offset);
	return -1;
}

static uint64_t find_tag(Elf_Data *dynamic, size_t count, int64_t tag, bool *ret_found)
{
	GElf_Dyn entry;

	*ret_found = false;
	for (size_t i = 0; i < count && gelf_getdyn(dynamic, (int)i, &entry); i++) {
		if (entry.d_tag == DT_NULL)
			break;
		if (entry.d_tag == tag) {
			*ret_found = true;
			return entry.d_un.d_val;
		}
	}
	return 0;
}

static int take_libraries(const struct buffer *file, Elf_Data *dynamic, size_t count,
			  uint64_t strings, struct arena *arena, struct needs *needs)
{
	GElf_Dyn entry;

	needs->libraries = arena_alloc(arena, (count + 1) * sizeof(char *));
	if (!needs->libraries)
		return -ENOMEM;
	for (size_t i = 0; i < count && gelf_getdyn(dynamic, (int)i, &entry); i++) {
		if (entry.d_tag == DT_NULL)
			break;
		if (entry.d_tag != DT_NEEDED)
			continue;
		needs->libraries[needs->count] =
			copy_string(file, strings + entry.d_un.d_val, arena);
		if (!needs->libraries[needs->count++])
			return -EBADMSG;
	}
	return 0;
}

static int take_dynamic(const struct buffer *file, Elf *elf, size_t headers, const GElf_Phdr *at,
			struct arena *arena, struct needs *needs)
{
	Elf_Data *dynamic =
		elf_getdata_rawchunk(elf, (int64_t)at->p_offset, at->p_filesz, ELF_T_DYN);
	size_t count = dynamic ? dynamic->d_size / gelf_fsize(elf, ELF_T_DYN, 1, EV_CURRENT) : 0;
	bool found;
	uint64_t table = find_tag(dynamic, count, DT_STRTAB, &found), path;
	int64_t strings = found ? offset_of(elf, headers, table) : -1;

	if (strings < 0)
		return -EBADMSG;
	path = find_tag(dynamic, count, DT_RUNPATH, &found);
	if (!found)
		path = find_tag(dynamic, count, DT_RPATH, &found);
	if (found)
		needs->run_path = copy_string(file, (uint64_t)strings + path, arena);
	return take_libraries(file, dynamic, count, (uint64_t)strings, arena, needs);
}

static int take_headers(const struct buffer *file, Elf *elf, struct arena *arena,
			struct needs *needs)
{
	size_t headers;
	GElf_Phdr p;
	int r = elf_getphdrnum(elf, &headers) ? -EBADMSG : 0;

	for (size_t i = 0; !r && i < headers; i++) {
		if (!gelf_getphdr(elf, (int)i, &p))
			return -EBADMSG;
		if (p.p_type == PT_INTERP) {
			needs->loader = copy_string(file, p.p_offset, arena);
			r = needs->loader ? 0 : -EBADMSG;
		} else if (p.p_type == PT_DYNAMIC)
			r = take_dynamic(file, elf, headers, &p, arena, needs);
	}
	return r;
}

int elf_needs(const struct buffer *file, struct arena *arena, struct needs *ret_needs)
{
	struct needs needs = { 0 };
	GElf_Ehdr header;
	Elf *elf;
	int r;

	if (file->size < EI_NIDENT || memcmp(file->data, ELFMAG, SELFMAG) != 0)
		return -ENOEXEC;
	elf_version(EV_CURRENT);
	elf = elf_memory(file->data, file->size);
	if (!elf || !gelf_getehdr(elf, &header)) {
		elf_end(elf);
		return -EBADMSG;
	}
	needs.arch = arch_of(&header);
	r = needs.arch ? take_headers(file, elf, arena, &needs) : -ENOTSUP;
	elf_end(elf);
	if (!r)
		*ret_needs = needs;
	return r;
}
