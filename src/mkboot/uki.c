// SPDX-License-Identifier: GPL-2.0-or-later
/* Sections added to systemd's stub; see uki.h. */
#include "mkboot/uki.h"

#include "mkboot/archive.h"
#include "mkboot/child.h"

#include <endian.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Where the first section is loaded, relative to the image: above all of the stub's own. */
#define SECTIONS_AT    0x100000
#define SECTION_ALIGN  0x1000
#define PE_OFFSET_AT   0x3c /* of the PE header's offset (Microsoft, PE Format: MS-DOS Stub) */
#define PE_TIME_AT     8    /* of TimeDateStamp, from the PE header (COFF File Header) */
#define PE_CHECKSUM_AT 88   /* of CheckSum (Optional Header Windows-Specific Fields) */

#define OSREL                                                                                      \
	"ID=kexit\nNAME=kexit\nPRETTY_NAME=\"kexit boot menu\"\nVERSION_ID=" KEXIT_VERSION "\n"

struct work {
	const struct uki_parts *parts;
	struct arena *arena;
	struct child_folder folder;
	const char *argv[32];
	size_t argc;
	uint64_t address; /* of the next section */
};

static int add_section(struct work *w, const char *name, const char *path, uint64_t size)
{
	const char *add = arena_printf(w->arena, "%s=%s", name, path);
	const char *move =
		arena_printf(w->arena, "%s=0x%llx", name, (unsigned long long)w->address);

	if (!add || !move)
		return -ENOMEM;
	w->argv[w->argc++] = "--add-section";
	w->argv[w->argc++] = add;
	w->argv[w->argc++] = "--change-section-vma";
	w->argv[w->argc++] = move;
	w->address += (size + SECTION_ALIGN - 1) / SECTION_ALIGN * SECTION_ALIGN;
	return 0;
}

static int add_bytes(struct work *w, const char *name, const void *data, size_t size,
		     struct error *e)
{
	const struct buffer bytes = { .data = (char *)(uintptr_t)data, .size = size };
	char *path = arena_printf(w->arena, "%s/%s", w->folder.path, name + 1);
	int r = path ? buffer_write(&bytes, path, e) : -ENOMEM;

	return r ?: add_section(w, name, path, size);
}

static int add_text(struct work *w, const char *name, const char *text, struct error *e)
{
	return add_bytes(w, name, text, strlen(text), e);
}

static int add_kernel(struct work *w, struct error *e)
{
	struct stat st;

	if (stat(w->parts->kernel, &st))
		return error_set(e, -errno, "%s: %s", w->parts->kernel, errno_text(errno));
	return add_section(w, ".linux", w->parts->kernel, (uint64_t)st.st_size);
}

static int add_sections(struct work *w, struct error *e)
{
	int r = add_text(w, ".osrel", OSREL, e);

	if (!r)
		r = add_text(w, ".uname", w->parts->release, e);
	if (!r)
		r = add_text(w, ".cmdline", w->parts->command_line ?: "", e);
	if (!r)
		r = add_bytes(w, ".initrd", w->parts->initrd->data, w->parts->initrd->size, e);
	/* Last: a stub that unpacks the kernel in place lets it grow over what follows. */
	return r ?: add_kernel(w, e);
}

/*
 * objcopy writes the hour into the COFF header, and a checksum over all; the same input shall give
 * the same bytes. Firmware reads neither, and who signs the file computes the checksum anew.
 */
static int set_time(struct buffer *image, const char *path, struct error *e)
{
	const uint32_t none = 0;
	uint32_t offset, time = htole32((uint32_t)archive_time());

	if (image->size < PE_OFFSET_AT + sizeof(offset))
		return error_set(e, -EBADMSG, "%s: objcopy made no EFI program of it", path);
	memcpy(&offset, image->data + PE_OFFSET_AT, sizeof(offset));
	offset = le32toh(offset);
	if (image->size < PE_CHECKSUM_AT + sizeof(none) ||
	    offset > image->size - PE_CHECKSUM_AT - sizeof(none))
		return error_set(e, -EBADMSG, "%s: its PE header is outside of it", path);
	memcpy(image->data + offset + PE_TIME_AT, &time, sizeof(time));
	memcpy(image->data + offset + PE_CHECKSUM_AT, &none, sizeof(none));
	return 0;
}

static int finish(struct work *w, const char *path, struct error *e)
{
	char *draft = arena_printf(w->arena, "%s/uki", w->folder.path);
	struct buffer image = { 0 };
	int r;

	if (!draft)
		return error_set(e, -ENOMEM, "%s: %s", path, errno_text(ENOMEM));
	w->argv[w->argc++] = w->parts->stub;
	w->argv[w->argc++] = draft;
	w->argv[w->argc] = NULL;
	r = child_run(w->argv, "binutils (of another architecture: binutils-TRIPLET)", e);
	if (!r)
		r = buffer_read(&image, draft, e);
	if (!r)
		r = set_time(&image, path, e);
	if (!r)
		r = buffer_write(&image, path, e);
	buffer_done(&image);
	return r;
}

static int make(struct work *w, const char *path, struct error *e)
{
	w->argv[w->argc++] = arena_printf(w->arena, "%s-objcopy", w->parts->arch->triplet);
	if (!w->argv[0])
		return error_set(e, -ENOMEM, "%s: %s", path, errno_text(ENOMEM));
	return add_sections(w, e) ?: finish(w, path, e);
}

/* Its sections must end below ours; it is loaded about as large as its file is. */
int uki_check_stub(const char *stub, struct error *e)
{
	struct stat st;

	if (stat(stub, &st))
		return error_set(e, -errno,
				 "%s: %s: the stub is in the package systemd-boot-efi, or name "
				 "another one with --stub",
				 stub, errno_text(errno));
	if (st.st_size > SECTIONS_AT / 2)
		return error_set(e, -EFBIG, "%s: %lld bytes are too many for a stub", stub,
				 (long long)st.st_size);
	return 0;
}

int uki_make(const struct uki_parts *parts, const char *path, struct error *e)
{
	struct work w = { .parts = parts, .arena = arena_new(), .address = SECTIONS_AT };
	int r = w.arena ? uki_check_stub(parts->stub, e) : -ENOMEM;

	if (!r)
		r = child_folder_new(&w.folder, e);
	if (!r) {
		r = make(&w, path, e);
		child_folder_done(&w.folder);
	}
	arena_free(w.arena);
	return r;
}
