// SPDX-License-Identifier: GPL-2.0-or-later
/* BOOTKERNEL; see wrap.h, and openpower/layout.h for what the wrapper expects. */
#include "mkboot/wrap.h"

#include "mkboot/archive.h"
#include "openpower/branches.h"
#include "openpower/layout.h"

#include <elf.h>
#include <endian.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

/* The wrapper begins here, behind the ELF headers. */
#define WRAPPER_AT   4096
/* The kernel maps and frees an initramfs by pages, of 64 KiB on these machines. */
#define INITRD_ALIGN 65536
#define PART_ALIGN   4096

/* The kernel's one loaded segment, and where it is entered. */
struct segment {
	struct buffer bytes; /* of the file's; not owned */
	uint64_t entry;
};

static int bad_kernel(struct error *e, const char *what)
{
	return error_set(e, -ENOEXEC, "the kernel is no vmlinux that OpenPOWER firmware starts: %s",
			 what);
}

static bool is_inside(const struct buffer *file, uint64_t offset, uint64_t size)
{
	return offset <= file->size && size <= file->size - offset;
}

/* Linux's ppc64 vmlinux has one segment to load, with its entry in it, meant for address 0. */
static int find_segment(const struct buffer *file, struct segment *ret, struct error *e)
{
	const Elf64_Ehdr *header = (const void *)file->data;
	const Elf64_Phdr *p;

	if (file->size < sizeof(*header) || memcmp(file->data, ELFMAG, SELFMAG) != 0 ||
	    header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB ||
	    le16toh(header->e_machine) != EM_PPC64)
		return bad_kernel(e, "not a 64-bit little-endian PowerPC ELF file");
	p = (const void *)(file->data + le64toh(header->e_phoff));
	if (!is_inside(file, le64toh(header->e_phoff),
		       (uint64_t)le16toh(header->e_phnum) * sizeof(*p)))
		return bad_kernel(e, "its program headers are cut off");
	for (size_t i = 0; i < le16toh(header->e_phnum); i++, p++) {
		uint64_t start = le64toh(p->p_vaddr), entry = le64toh(header->e_entry);

		if (le32toh(p->p_type) != PT_LOAD || entry < start ||
		    entry - start >= le64toh(p->p_filesz))
			continue;
		if (!is_inside(file, le64toh(p->p_offset), le64toh(p->p_filesz)))
			return bad_kernel(e, "its segment is cut off");
		ret->bytes.data = file->data + le64toh(p->p_offset);
		ret->bytes.size = le64toh(p->p_filesz);
		ret->entry = entry - start;
		return 0;
	}
	return bad_kernel(e, "no segment holds its entry");
}

int wrap_check(const struct buffer *wrapper, struct error *e)
{
	struct wrapper_table table;

	if (wrapper->size >= WRAPPER_TABLE + sizeof(table)) {
		memcpy(&table, wrapper->data + WRAPPER_TABLE, sizeof(table));
		if (!memcmp(table.magic, WRAPPER_MAGIC, sizeof(table.magic)) &&
		    le64toh(table.image_size) <= wrapper->size)
			return 0;
	}
	return error_set(e, -ENOEXEC,
			 "the wrapper is not the openpower.bin of this kexit-mkboot: its table of "
			 "parts is missing");
}

/* One part behind the last: its offset from the wrapper's first byte. */
static int add_part(struct buffer *file, const void *data, size_t size, size_t alignment,
		    uint64_t *ret_offset)
{
	int r = 0;

	/* Counted from the wrapper, which is what skiboot's 64 KiB of headers leave aligned. */
	while (!r && (file->size - WRAPPER_AT) % alignment)
		r = buffer_add(file, "", 1);
	*ret_offset = htole64(file->size - WRAPPER_AT);
	return r ?: buffer_add(file, data, size);
}

static int pack_kernel(const struct buffer *segment, struct buffer *ret, struct error *e)
{
	struct buffer copy = { 0 };
	int r = buffer_add(&copy, segment->data, segment->size);

	if (r)
		return error_set(e, r, "the kernel: %s", errno_text(r));
	branches_convert((unsigned char *)copy.data, copy.size, BRANCHES_TO_TARGETS);
	r = archive_compress(&copy, COMPRESSION_XZ, 4, ret, e);
	buffer_done(&copy);
	return r;
}

static int add_parts(const struct wrap_parts *parts, const struct segment *kernel,
		     struct buffer *file, struct wrapper_table *table, struct error *e)
{
	struct buffer packed = { 0 };
	const char *line = parts->command_line ?: "";
	int r = pack_kernel(&kernel->bytes, &packed, e);

	if (r)
		return r;
	table->kernel_size = htole64(packed.size);
	table->kernel_entry = htole64(kernel->entry);
	table->initrd_size = htole64(parts->initrd->size);
	table->command_size = htole64(*line ? strlen(line) + 1 : 0);
	r = add_part(file, packed.data, packed.size, PART_ALIGN, &table->kernel_offset);
	if (!r)
		r = add_part(file, parts->initrd->data, parts->initrd->size, INITRD_ALIGN,
			     &table->initrd_offset);
	if (!r)
		r = add_part(file, line, strlen(line) + 1, PART_ALIGN, &table->command_offset);
	buffer_done(&packed);
	return r ? error_set(e, r, "BOOTKERNEL: %s", errno_text(r)) : 0;
}

/*
 * skiboot takes e_shoff and the section headers' size for the length of the file (core/flash.c,
 * sizeof_elf_from_hdr), and reads that much: so there is a table, of one empty section, at the end.
 */
static int add_headers(struct buffer *file)
{
	const Elf64_Shdr none = { 0 };
	Elf64_Ehdr header = {
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
			     EV_CURRENT },
		.e_type = htole16(ET_EXEC),
		.e_machine = htole16(EM_PPC64),
		.e_version = htole32(EV_CURRENT),
		.e_entry = htole64(WRAPPER_BASE),
		.e_phoff = htole64(sizeof(header)),
		.e_flags = htole32(2), /* ELFv2 */
		.e_ehsize = htole16(sizeof(Elf64_Ehdr)),
		.e_phentsize = htole16(sizeof(Elf64_Phdr)),
		.e_phnum = htole16(1),
		.e_shentsize = htole16(sizeof(Elf64_Shdr)),
		.e_shnum = htole16(1),
	};
	Elf64_Phdr segment = {
		.p_type = htole32(PT_LOAD),
		.p_flags = htole32(PF_R | PF_W | PF_X),
		.p_offset = htole64(WRAPPER_AT),
		.p_vaddr = htole64(WRAPPER_BASE),
		.p_paddr = htole64(WRAPPER_BASE),
		.p_align = htole64(WRAPPER_AT),
	};
	int r = buffer_align(file, 8);

	if (r)
		return r;
	segment.p_filesz = segment.p_memsz = htole64(file->size - WRAPPER_AT);
	header.e_shoff = htole64(file->size);
	memcpy(file->data, &header, sizeof(header));
	memcpy(file->data + sizeof(header), &segment, sizeof(segment));
	return buffer_add(file, &none, sizeof(none));
}

int wrap(const struct wrap_parts *parts, struct buffer *ret, struct error *e)
{
	struct wrapper_table table = { .magic = WRAPPER_MAGIC };
	struct segment kernel = { 0 };
	int r = wrap_check(parts->wrapper, e);

	if (!r)
		r = find_segment(parts->kernel, &kernel, e);
	if (!r && kernel.bytes.size > WRAPPER_KERNEL_END - WRAPPER_KERNEL)
		r = bad_kernel(e, "it is larger than the 128 MiB there is room for");
	if (r)
		return r;
	if (buffer_add(ret, "", 1) || buffer_align(ret, WRAPPER_AT) ||
	    buffer_add(ret, parts->wrapper->data, parts->wrapper->size))
		return error_set(e, -ENOMEM, "BOOTKERNEL: %s", errno_text(ENOMEM));
	table.image_size = htole64(parts->wrapper->size);
	r = add_parts(parts, &kernel, ret, &table, e);
	if (!r)
		r = add_headers(ret);
	if (!r)
		memcpy(ret->data + WRAPPER_AT + WRAPPER_TABLE, &table, sizeof(table));
	if (!r && ret->size > BOOTKERNEL_MAX)
		r = error_set(e, -EFBIG, "BOOTKERNEL has %zu bytes; skiboot reads 128 MiB",
			      ret->size);
	return r;
}
