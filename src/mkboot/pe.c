// SPDX-License-Identifier: GPL-2.0-or-later
/* EFI programs, written and read; see pe.h. */
#include "mkboot/pe.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

#define DOS_SIZE	   64
#define DOS_PE_AT	   0x3c /* where the offset of the PE signature is */
#define OPTIONAL_MIN	   112	/* of PE32+, up to its data directories */
#define MAGIC_PE32_PLUS	   0x20b
#define DIRECTORY_SECURITY 4
#define PAGE		   0x1000

#define CODE		   0x00000020U /* IMAGE_SCN_CNT_CODE */
#define INITIALIZED_DATA   0x00000040U
#define EXECUTE		   0x20000000U
#define READ		   0x40000000U

struct coff {
	uint32_t signature; /* "PE\0\0" */
	uint16_t machine, sections;
	uint32_t time, symbols_at, symbols;
	uint16_t optional_size, characteristics;
} __attribute__((packed));

struct optional {
	uint16_t magic, linker;
	uint32_t code_size, data_size, bss_size, entry, code_base;
	uint64_t image_base;
	uint32_t section_alignment, file_alignment;
	uint16_t versions[6];
	uint32_t win32, image_size, headers_size, checksum;
	uint16_t subsystem, dll_characteristics;
	uint64_t stack_reserve, stack_commit, heap_reserve, heap_commit;
	uint32_t loader_flags, directory_count;
} __attribute__((packed));

struct section {
	char name[8];
	uint32_t virtual_size, address, raw_size, raw_at;
	uint32_t relocations_at, lines_at;
	uint16_t relocations, lines;
	uint32_t characteristics;
} __attribute__((packed));

_Static_assert(sizeof(struct optional) == OPTIONAL_MIN, "as in the specification");
_Static_assert(sizeof(struct section) == 40, "as in the specification");

/* The headers in a file's bytes, which may lie anywhere and are little-endian. */
struct view {
	struct coff *coff;
	struct optional *optional;
	struct section *table;
	size_t table_at; /* in the file */
};

static int look(const struct buffer *image, struct view *ret)
{
	struct view v;
	uint32_t at;

	if (image->size < DOS_SIZE || memcmp(image->data, "MZ", 2) != 0)
		return -ENOEXEC;
	memcpy(&at, image->data + DOS_PE_AT, sizeof(at));
	at = le32toh(at);
	if (at > image->size || image->size - at < sizeof(*v.coff) + sizeof(*v.optional))
		return -ENOEXEC;
	v.coff = (struct coff *)(image->data + at);
	v.optional = (struct optional *)(v.coff + 1);
	v.table_at = at + sizeof(*v.coff) + le16toh(v.coff->optional_size);
	if (le32toh(v.coff->signature) != 0x4550 || le16toh(v.coff->optional_size) < OPTIONAL_MIN ||
	    le16toh(v.optional->magic) != MAGIC_PE32_PLUS || v.table_at > image->size ||
	    (image->size - v.table_at) / sizeof(*v.table) < le16toh(v.coff->sections))
		return -ENOEXEC;
	v.table = (struct section *)(image->data + v.table_at);
	*ret = v;
	return 0;
}

/* Up to where the section table may grow: the headers' end, or the first contents in the file. */
static size_t table_limit(const struct view *v)
{
	size_t limit = le32toh(v->optional->headers_size);

	for (size_t i = 0; i < le16toh(v->coff->sections); i++)
		if (v->table[i].raw_size && le32toh(v->table[i].raw_at) < limit)
			limit = le32toh(v->table[i].raw_at);
	return limit;
}

int pe_check(const struct buffer *image, const char *name, uint16_t machine, size_t more,
	     struct error *e)
{
	struct view v;
	size_t end;
	int r = look(image, &v);

	if (r)
		return error_set(e, r, "%s: is no 64-bit EFI program", name);
	if (le16toh(v.coff->machine) != machine)
		return error_set(e, -EXDEV,
				 "%s: is for another architecture than the kernel (PE machine "
				 "%#06x, not %#06x)",
				 name, le16toh(v.coff->machine), machine);
	end = v.table_at + (le16toh(v.coff->sections) + more) * sizeof(*v.table);
	if (end > table_limit(&v))
		return error_set(e, -ENOSPC, "%s: its headers have no room for %zu more sections",
				 name, more);
	return 0;
}

static uint64_t round_up(uint64_t value, uint64_t alignment)
{
	return alignment ? (value + alignment - 1) / alignment * alignment : value;
}

/* What is in the file beyond the virtual size is padding, which is not loaded: systemd 252's stub has
 * its next section there. */
static uint64_t loaded_end(const struct section *s)
{
	uint32_t size = le32toh(s->virtual_size);

	return (uint64_t)le32toh(s->address) + (size ? size : le32toh(s->raw_size));
}

/* The first address above the headers and all sections. */
static uint64_t image_end(const struct view *v)
{
	uint64_t end = le32toh(v->optional->headers_size);

	for (size_t i = 0; i < le16toh(v->coff->sections); i++)
		if (loaded_end(&v->table[i]) > end)
			end = loaded_end(&v->table[i]);
	return end;
}

/* A section is given pages of its own: firmware protects memory by pages. */
static uint64_t alignment_of(const struct view *v)
{
	uint32_t alignment = le32toh(v->optional->section_alignment);

	return alignment > PAGE ? alignment : PAGE;
}

/* @image may move: views of it are to be made again. */
static int add_one(struct buffer *image, const struct pe_part *part)
{
	struct view v;
	struct section section = { 0 };
	uint64_t address, raw_at, raw_size;
	uint32_t file_alignment;
	int r = look(image, &v);

	if (r)
		return r;
	file_alignment = le32toh(v.optional->file_alignment);
	address = round_up(image_end(&v), alignment_of(&v));
	raw_at = round_up(image->size, file_alignment);
	raw_size = round_up(part->size, file_alignment);
	if (address + raw_size > UINT32_MAX - PAGE || raw_at + raw_size > UINT32_MAX)
		return -EFBIG;
	memcpy(section.name, part->name, strnlen(part->name, sizeof(section.name)));
	section.virtual_size = htole32((uint32_t)part->size);
	section.address = htole32((uint32_t)address);
	section.raw_size = htole32((uint32_t)raw_size);
	section.raw_at = htole32((uint32_t)raw_at);
	section.characteristics =
		htole32(READ | (part->is_code ? CODE | EXECUTE : INITIALIZED_DATA));
	v.table[le16toh(v.coff->sections)] = section;
	v.coff->sections = htole16((uint16_t)(le16toh(v.coff->sections) + 1));
	v.optional->data_size = htole32(le32toh(v.optional->data_size) + (uint32_t)raw_size);
	r = buffer_align(image, file_alignment);
	if (!r)
		r = buffer_add(image, part->data, part->size);
	return r ?: buffer_align(image, file_alignment);
}

/* A linker's hour, and what was computed over bytes that are others now. */
static void settle(struct view *v, time_t time)
{
	v->coff->time = htole32((uint32_t)time);
	v->optional->checksum = 0;
	v->optional->image_size = htole32((uint32_t)round_up(image_end(v), alignment_of(v)));
	if (le32toh(v->optional->directory_count) > DIRECTORY_SECURITY &&
	    le16toh(v->coff->optional_size) >= OPTIONAL_MIN + 8 * (DIRECTORY_SECURITY + 1))
		memset((char *)(v->optional + 1) + 8 * DIRECTORY_SECURITY, 0, 8);
}

int pe_add(struct buffer *image, const char *name, const struct pe_part *parts, size_t count,
	   time_t time, struct error *e)
{
	struct view v;
	int r = 0;

	for (size_t i = 0; !r && i < count; i++) {
		r = add_one(image, &parts[i]);
		if (r)
			error_set(e, r, "%s: section %s of %zu bytes: %s", name, parts[i].name,
				  parts[i].size, errno_text(r));
	}
	if (!r)
		r = look(image, &v);
	if (!r)
		settle(&v, time);
	return r;
}

static int check_section(const struct buffer *image, const char *name, const struct view *v,
			 size_t index, struct error *e)
{
	const struct section *s = &v->table[index];
	uint64_t above = le32toh(v->optional->headers_size);

	if (index)
		above = loaded_end(s - 1);
	if (le32toh(s->address) < above || loaded_end(s) > le32toh(v->optional->image_size))
		return error_set(e, -EBADMSG,
				 "%s: section %.8s would be loaded at %#x, over another or outside "
				 "of the image",
				 name, s->name, le32toh(s->address));
	if ((uint64_t)le32toh(s->raw_at) + le32toh(s->raw_size) > image->size)
		return error_set(e, -EBADMSG, "%s: section %.8s is not in the file", name, s->name);
	return 0;
}

static bool is_part(const struct buffer *image, const struct view *v, const struct section *s,
		    const struct pe_part *part)
{
	return !strncmp(s->name, part->name, sizeof(s->name)) &&
	       le32toh(s->virtual_size) == part->size && le32toh(s->raw_size) >= part->size &&
	       le32toh(s->address) % alignment_of(v) == 0 &&
	       !memcmp(image->data + le32toh(s->raw_at), part->data, part->size);
}

int pe_verify(const struct buffer *image, const char *name, const struct pe_part *parts,
	      size_t count, struct error *e)
{
	struct view v;
	size_t sections;
	int r = look(image, &v);

	if (r)
		return error_set(e, -EBADMSG, "%s: is no EFI program", name);
	sections = le16toh(v.coff->sections);
	if (v.table_at + sections * sizeof(*v.table) > table_limit(&v))
		return error_set(e, -EBADMSG, "%s: its section table runs into its contents", name);
	for (size_t i = 0; !r && i < sections; i++)
		r = check_section(image, name, &v, i, e);
	for (size_t i = 0; !r && i < count; i++)
		if (sections < count ||
		    !is_part(image, &v, &v.table[sections - count + i], &parts[i]))
			r = error_set(e, -EBADMSG, "%s: section %s is not what was put there", name,
				      parts[i].name);
	return r;
}
