// SPDX-License-Identifier: GPL-2.0-or-later
/* A folder, a unified image, OpenPOWER's flash; see outputs.h. */
#include "mkboot/outputs.h"

#include "base/log.h"
#include "mkboot/flash.h"
#include "mkboot/marker.h"
#include "mkboot/uki.h"
#include "mkboot/wrap.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static int no_memory(struct error *e, const char *path)
{
	return error_set(e, -ENOMEM, "%s: %s", path, errno_text(ENOMEM));
}

static int write_one(const struct buffer *data, const char *kind, const char *path,
		     struct manifest *manifest, struct error *e)
{
	int r = buffer_write(data, path, e);

	if (!r)
		manifest_add_output(manifest, kind, path, data->size);
	return r;
}

/*
 * A folder.
 */

static int check_folder(const char *folder, struct error *e)
{
	struct stat st;

	if (mkdir(folder, 0755) && errno != EEXIST)
		return error_set(e, -errno, "%s: cannot be made: %s", folder, errno_text(errno));
	if (stat(folder, &st) || !S_ISDIR(st.st_mode))
		return error_set(e, -ENOTDIR, "--output %s: is not a folder", folder);
	return 0;
}

static int write_folder(const char *folder, const struct image *image, struct manifest *manifest,
			struct error *e)
{
	char *kernel_path = arena_printf(image->arena, "%s/vmlinuz", folder);
	char *initrd_path = arena_printf(image->arena, "%s/initramfs.img", folder);
	struct buffer kernel = { 0 };
	int r;

	if (!kernel_path || !initrd_path)
		return no_memory(e, folder);
	r = buffer_read(&kernel, image->kernel->image, e);
	if (!r)
		r = write_one(&kernel, "kernel", kernel_path, manifest, e);
	if (!r)
		r = write_one(image->initrd, "initramfs", initrd_path, manifest, e);
	buffer_done(&kernel);
	return r;
}

/*
 * UEFI.
 */

/* NULL: no memory. Flash has nothing that anybody lists, and its kernel may have a command line of its own. */
static const char *command_line_of(const struct outputs *outputs, const struct image *image)
{
	if (image->is_boot_loader)
		return marker_command_line(image->arena, outputs->command_line);
	return outputs->command_line ?: "";
}

/* NULL: no memory. */
static const char *stub_path(const struct outputs *outputs, const struct image *image)
{
	return outputs->stub
		       ?: arena_printf(image->arena, "%s/usr/lib/systemd/boot/efi/linux%s.efi.stub",
				       image->root, image->arch->efi_suffix);
}

static int check_uki(const struct outputs *outputs, const struct image *image, struct error *e)
{
	const char *stub;

	if (!image->arch->efi_suffix)
		return error_set(e, -ENOTSUP, "--uki: %s machines have no UEFI", image->arch->name);
	stub = stub_path(outputs, image);
	return stub ? uki_check_stub(stub, image->arch, e) : no_memory(e, outputs->uki);
}

static int write_uki(const struct outputs *outputs, const struct image *image,
		     struct manifest *manifest, struct error *e)
{
	const struct uki_parts parts = {
		.arch = image->arch,
		.stub = stub_path(outputs, image),
		.kernel = image->kernel->image,
		.release = image->kernel->release,
		.command_line = command_line_of(outputs, image),
		.initrd = image->initrd,
	};
	size_t size = 0;
	int r = parts.stub && parts.command_line ? uki_make(&parts, outputs->uki, &size, e)
						 : no_memory(e, outputs->uki);

	if (!r)
		manifest_add_output(manifest, "uki", outputs->uki, size);
	return r;
}

/*
 * OpenPOWER.
 */

static int read_wrapper(const struct outputs *outputs, const struct image *image,
			struct buffer *ret, struct error *e)
{
	const char *path = outputs->wrapper
				   ?: arena_printf(image->arena, "%s/usr/lib/kexit/openpower.bin",
						   image->root);
	int r = path ? buffer_read(ret, path, e) : no_memory(e, "the wrapper");

	/* A build on another architecture does not make it. */
	if (r == -ENOENT && !outputs->wrapper)
		error_wrap(e, r,
			   "the wrapper for OpenPOWER comes from kexit's build for ppc64el; "
			   "--wrapper names it elsewhere");
	if (!r)
		r = wrap_check(ret, e);
	return r;
}

static int check_openpower(const struct outputs *outputs, const struct image *image,
			   struct error *e)
{
	struct buffer wrapper = { 0 };
	int r;

	if (strcmp(image->arch->name, "ppc64el") != 0)
		return error_set(
			e, -ENOTSUP, "%s: is for OpenPOWER machines, and these programs are for %s",
			outputs->bootkernel ? "--bootkernel" : "--flash", image->arch->name);
	r = read_wrapper(outputs, image, &wrapper, e);
	buffer_done(&wrapper);
	return r;
}

static int write_wrapped(const struct outputs *outputs, const struct buffer *bootkernel,
			 struct manifest *manifest, struct error *e)
{
	struct buffer flash = { 0 };
	int r = 0;

	if (outputs->bootkernel) {
		r = write_one(bootkernel, "bootkernel", outputs->bootkernel, manifest, e);
		if (!r && bootkernel->size > BOOTKERNEL_SIZE)
			log_warning("%s: %zu bytes are more than the partition of most machines "
				    "has, %u: take fewer modules in (--class)",
				    outputs->bootkernel, bootkernel->size, BOOTKERNEL_SIZE);
	}
	if (!r && outputs->flash)
		r = flash_make(bootkernel, &flash, e);
	if (!r && outputs->flash)
		r = write_one(&flash, "flash", outputs->flash, manifest, e);
	buffer_done(&flash);
	return r;
}

static int write_openpower(const struct outputs *outputs, const struct image *image,
			   struct manifest *manifest, struct error *e)
{
	struct buffer wrapper = { 0 }, kernel = { 0 }, bootkernel = { 0 };
	const struct wrap_parts parts = { &wrapper, &kernel, image->initrd, outputs->command_line };
	int r = read_wrapper(outputs, image, &wrapper, e);

	if (!r)
		r = buffer_read(&kernel, image->kernel->image, e);
	if (!r)
		r = wrap(&parts, &bootkernel, e);
	if (!r)
		r = write_wrapped(outputs, &bootkernel, manifest, e);
	buffer_done(&wrapper);
	buffer_done(&kernel);
	buffer_done(&bootkernel);
	return r;
}

int outputs_check(const struct outputs *outputs, const struct image *image, struct error *e)
{
	int r = outputs->folder ? check_folder(outputs->folder, e) : 0;

	if (!r && outputs->uki)
		r = check_uki(outputs, image, e);
	if (!r && (outputs->bootkernel || outputs->flash))
		r = check_openpower(outputs, image, e);
	return r;
}

int outputs_write(const struct outputs *outputs, const struct image *image,
		  struct manifest *manifest, struct error *e)
{
	int r = outputs->folder ? write_folder(outputs->folder, image, manifest, e) : 0;

	if (!r && outputs->uki)
		r = write_uki(outputs, image, manifest, e);
	if (!r && (outputs->bootkernel || outputs->flash))
		r = write_openpower(outputs, image, manifest, e);
	return r;
}
