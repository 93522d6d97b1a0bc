// SPDX-License-Identifier: GPL-2.0-or-later
/* Sections added to systemd's stub; see uki.h. */
#include "mkboot/uki.h"

#include "mkboot/archive.h"
#include "mkboot/pe.h"
#include "sys/boot_image.h"

#include <errno.h>
#include <string.h>

#define OSREL                                                                                      \
	"ID=" BOOT_IMAGE_ID                                                                        \
	"\nNAME=kexit\nPRETTY_NAME=\"kexit boot menu\"\nVERSION_ID=" KEXIT_VERSION "\n"

#define PARTS_MAX 5

/* IMAGE_FILE_MACHINE_AMD64, _ARM64. */
static uint16_t machine_of(const struct arch *arch)
{
	return strcmp(arch->efi_suffix, "aa64") ? 0x8664 : 0xaa64;
}

static int read_stub(const char *stub, const struct arch *arch, struct buffer *ret, struct error *e)
{
	int r = buffer_read(ret, stub, e);

	if (r)
		return error_wrap(e, r,
				  "the stub is in the package systemd-boot-efi, or name another "
				  "one with --stub");
	return pe_check(ret, stub, machine_of(arch), PARTS_MAX, e);
}

int uki_check_stub(const char *stub, const struct arch *arch, struct error *e)
{
	struct buffer image = { 0 };
	int r = read_stub(stub, arch, &image, e);

	buffer_done(&image);
	return r;
}

static struct pe_part text_part(const char *name, const char *text)
{
	return (struct pe_part){ .name = name, .data = text, .size = strlen(text) };
}

/* @ret has room for PARTS_MAX. */
static size_t list_parts(const struct uki_parts *parts, const struct buffer *kernel,
			 struct pe_part *ret)
{
	size_t n = 0;

	ret[n++] = text_part(".osrel", OSREL);
	ret[n++] = text_part(".uname", parts->release);
	/* An empty section would be no section to the stub. */
	if (parts->command_line && *parts->command_line)
		ret[n++] = text_part(".cmdline", parts->command_line);
	ret[n++] = (struct pe_part){ ".initrd", parts->initrd->data, parts->initrd->size, false };
	/* Last: a stub that unpacks the kernel in place lets it grow over what follows. */
	ret[n++] = (struct pe_part){ ".linux", kernel->data, kernel->size, true };
	return n;
}

int uki_make(const struct uki_parts *parts, const char *path, size_t *ret_size, struct error *e)
{
	struct buffer image = { 0 }, kernel = { 0 };
	struct pe_part list[PARTS_MAX];
	size_t count;
	int r = read_stub(parts->stub, parts->arch, &image, e);

	if (!r)
		r = buffer_read(&kernel, parts->kernel, e);
	count = list_parts(parts, &kernel, list);
	if (!r)
		r = pe_add(&image, path, list, count, archive_time(), e);
	if (!r)
		r = pe_verify(&image, path, list, count, e);
	if (!r)
		r = buffer_write(&image, path, e);
	if (!r)
		*ret_size = image.size;
	buffer_done(&image);
	buffer_done(&kernel);
	return r;
}
