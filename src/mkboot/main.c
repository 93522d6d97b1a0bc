// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kexit-mkboot: a boot loader out of an installed kernel, for firmware to start.
 *
 * A program of its own: it needs libraries that have no business in what it makes.
 */
#include "base/log.h"
#include "mkboot/archive.h"
#include "mkboot/classes.h"
#include "mkboot/contents.h"
#include "mkboot/host.h"
#include "mkboot/kernel.h"
#include "mkboot/marker.h"
#include "mkboot/modules.h"
#include "mkboot/outputs.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STATUS_DONE, STATUS_FAILED, STATUS_USAGE };

struct arguments {
	const char *root; /* "" for this system */
	const char *release, *image, *modules;
	const char *classes; /* NULL: the default */
	bool is_host_only;
	struct contents contents;
	enum compression compression;
	struct outputs outputs;
	bool is_json;
};

/* All that lives until the images are written. */
struct work {
	const struct arguments *arguments;
	struct arena *arena;
	struct kernel kernel;
	struct programs programs;
	struct buffer archive, initrd;
	struct manifest manifest;
};

static int usage(FILE *out)
{
	fputs("usage: kexit-mkboot [OPTION...] [--output DIR] [--uki FILE] [--bootkernel FILE]\n"
	      "                    [--flash FILE]\n\n"
	      "Makes a boot image: a kernel, and an initramfs that shows what can be booted and hands\n"
	      "the machine over. The same input gives the same bytes.\n\n"
	      "What is written:\n"
	      "  -o, --output DIR   DIR/vmlinuz and DIR/initramfs.img\n"
	      "  --uki FILE         a unified kernel image, for UEFI\n"
	      "  --bootkernel FILE  for OpenPOWER: what goes into the flash partition BOOTKERNEL\n"
	      "  --flash FILE       for OpenPOWER: a whole flash image, without hostboot\n\n"
	      "What goes into it:\n"
	      "  --root DIR         the system to take all from (/)\n"
	      "  --kernel RELEASE   its kernel (the highest version installed)\n"
	      "  --vmlinuz FILE --modules DIR  or this kernel, and its lib/modules/RELEASE\n"
	      "  --class LIST       modules: storage,usb,hid,fs,md,mmc,soc,net,san or none\n"
	      "                     (the first five; mmc but on ppc64el, soc on arm64)\n"
	      "  --host-only        modules for the devices of this machine instead\n"
	      "  --with LIST        lvm,mdadm or none (those that are installed)\n"
	      "  --init FILE        another init than kexit-boot\n"
	      "  --conf FILE        as /etc/kexit/boot.conf\n"
	      "  --add FILE:/PATH   another file, with its libraries if it is a program\n"
	      "  --append STRING    the kernel's command line, for --uki and --bootkernel\n\n"
	      "How:\n"
	      "  --compress WORD    xz or zstd (xz)\n"
	      "  --stub FILE        systemd's EFI stub (usr/lib/systemd/boot/efi below --root)\n"
	      "  --wrapper FILE     kexit's openpower.bin (usr/lib/kexit below --root)\n"
	      "  --stand-ins DIR    kexit's stand-ins (usr/lib/kexit/stand-in below --root)\n"
	      "  --json             print what was made as JSON\n"
	      "  --help, --version\n\n"
	      "Exit status: 0 done, 1 failed, 2 usage.\n",
	      out);
	return out == stdout ? STATUS_DONE : STATUS_USAGE;
}

/* This system is the root "", so that paths in messages begin with one slash. */
static const char *root_prefix(const char *root)
{
	return strcmp(root, "/") != 0 ? root : "";
}

static int find_kernel(struct work *w, struct error *e)
{
	const struct arguments *a = w->arguments;

	if (a->image)
		return kernel_from_files(w->arena, a->image, a->modules, &w->kernel, e);
	return kernel_find(w->arena, a->root, a->release, &w->kernel, e);
}

static int add_programs(struct work *w, struct error *e)
{
	const char *root = *w->arguments->root ? w->arguments->root : "/";
	int r = fsroot_open(root, &w->programs.root);

	if (r)
		return error_set(e, r, "--root %s: cannot be opened: %s", root, errno_text(r));
	w->programs.tree = tree_new();
	w->programs.arena = w->arena;
	if (!w->programs.tree)
		return error_set(e, -ENOMEM, "%s", errno_text(ENOMEM));
	r = contents_add(&w->arguments->contents, &w->programs, e);
	if (!r && !w->programs.arch)
		r = error_set(e, -ENOEXEC, "no program in the image tells its architecture");
	return r;
}

static int want_host(struct modules *modules, struct error *e)
{
	struct sysroot *machine;
	int r = sysroot_open(NULL, &machine);

	if (r)
		return error_set(e, r, "/sys: %s", errno_text(r));
	r = host_want_modules(modules, machine, e);
	sysroot_close(machine);
	/*
	 * Arrays and volumes are no devices before they are put together, nor is a file system one: what
	 * is not mounted now may hold another system, and FAT asks for character sets by name.
	 */
	return r ?: modules_want_classes(modules, CLASS_FS | CLASS_MD, e);
}

static unsigned int classes_wanted(const struct work *w)
{
	unsigned int classes = CLASSES_DEFAULT;

	if (w->arguments->classes) {
		classes_parse(w->arguments->classes, &classes);
		return classes;
	}
	if (strcmp(w->programs.arch->name, "ppc64el") != 0)
		classes |= CLASS_MMC;
	if (!strcmp(w->programs.arch->name, "arm64"))
		classes |= CLASS_SOC;
	return classes;
}

static int add_modules(struct work *w, struct error *e)
{
	unsigned int classes = classes_wanted(w);
	struct modules *modules;
	int r;

	if (!classes && !w->arguments->is_host_only)
		return 0;
	r = modules_open(&w->kernel, &modules, e);
	if (r)
		return r;
	r = w->arguments->is_host_only ? want_host(modules, e)
				       : modules_want_classes(modules, classes, e);
	if (!r)
		r = modules_want_late(modules, e);
	if (!r)
		r = modules_add(modules, w->programs.tree, e);
	w->manifest.modules = modules_count(modules);
	modules_close(modules);
	return r;
}

static int pack(struct work *w, struct error *e)
{
	int r = archive_pack(w->programs.tree, archive_time(), &w->archive, e);

	/* With another init it is no boot loader of ours. */
	if (!r && !w->arguments->contents.init)
		r = marker_begin(&w->initrd, archive_time(), e);
	if (!r)
		r = archive_compress(&w->archive, w->arguments->compression,
				     w->programs.arch->instruction, &w->initrd, e);
	/* An initramfs that follows another must begin at a multiple of four. */
	if (!r && buffer_align(&w->initrd, 4))
		r = error_set(e, -ENOMEM, "initramfs: %s", errno_text(ENOMEM));
	return r;
}

static struct image image_of(struct work *w)
{
	return (struct image){
		.arena = w->arena,
		.root = w->arguments->root,
		.arch = w->programs.arch,
		.kernel = &w->kernel,
		.initrd = &w->initrd,
		.is_boot_loader = !w->arguments->contents.init,
	};
}

static int check_outputs(struct work *w, struct error *e)
{
	const struct image image = image_of(w);

	return outputs_check(&w->arguments->outputs, &image, e);
}

static int write_outputs(struct work *w, struct error *e)
{
	const struct image image = image_of(w);

	return outputs_write(&w->arguments->outputs, &image, &w->manifest, e);
}

static void print(struct work *w)
{
	w->manifest.kernel = &w->kernel;
	w->manifest.arch = w->programs.arch;
	w->manifest.tree = w->programs.tree;
	w->manifest.cpio_bytes = w->archive.size;
	w->manifest.packed_bytes = w->initrd.size;
	if (w->arguments->is_json)
		manifest_print_json(&w->manifest);
	else
		manifest_print_text(&w->manifest);
}

static int make(const struct arguments *arguments)
{
	struct work w = { .arguments = arguments, .arena = arena_new() };
	struct error e = ERROR_NONE;
	int r = w.arena ? find_kernel(&w, &e) : error_set(&e, -ENOMEM, "%s", errno_text(ENOMEM));

	if (!r)
		r = add_programs(&w, &e);
	if (!r)
		r = check_outputs(&w, &e);
	if (!r)
		r = add_modules(&w, &e);
	if (!r)
		r = pack(&w, &e);
	if (!r)
		r = write_outputs(&w, &e);
	if (r)
		log_error("%s", e.text);
	else
		print(&w);
	buffer_done(&w.archive);
	buffer_done(&w.initrd);
	tree_free(w.programs.tree);
	fsroot_close(w.programs.root);
	arena_free(w.arena);
	return r || fflush(stdout) ? STATUS_FAILED : STATUS_DONE;
}

static int check(const struct arguments *a)
{
	const struct outputs *o = &a->outputs;
	unsigned int classes;

	if (!o->folder && !o->uki && !o->bootkernel && !o->flash)
		log_error("nothing is to be written: --output, --uki, --bootkernel or --flash");
	else if (!a->image != !a->modules)
		log_error("--vmlinuz and --modules go together");
	else if (a->image && a->release)
		log_error("--kernel, or --vmlinuz with --modules: not both");
	else if (a->classes && classes_parse(a->classes, &classes))
		log_error(
			"--class %s: words of storage,usb,hid,fs,md,mmc,soc,net,san are wanted, or none",
			a->classes);
	else if (!contents_with_is_known(a->contents.with))
		log_error("--with %s: lvm, mdadm, both with a comma between them, or none",
			  a->contents.with);
	else if (archive_time() < 0)
		log_error("SOURCE_DATE_EPOCH=%s: seconds since 1970 are wanted",
			  getenv("SOURCE_DATE_EPOCH"));
	else if (a->classes && a->is_host_only)
		log_error("--class or --host-only: not both");
	else if (a->is_host_only && *a->root)
		log_error("--host-only asks this machine, and --root names another system");
	else
		return 0;
	return -EINVAL;
}

/* Which option goes where, by getopt's number. */
static int take_option(struct arguments *a, int option, const char *value)
{
	switch (option) {
	case 'o':
		a->outputs.folder = value;
		return 0;
	case 'r':
		a->root = root_prefix(value);
		return 0;
	case 'k':
		a->release = value;
		return 0;
	case 'z':
		a->image = value;
		return 0;
	case 'm':
		a->modules = value;
		return 0;
	case 'c':
		a->classes = value;
		return 0;
	case 'H':
		a->is_host_only = true;
		return 0;
	case 'w':
		a->contents.with = value;
		return 0;
	case 'i':
		a->contents.init = value;
		return 0;
	case 'C':
		a->contents.settings = value;
		return 0;
	case 'A':
		if (a->contents.extra_count == EXTRAS_MAX) {
			log_error("--add: more than %d files", EXTRAS_MAX);
			return -E2BIG;
		}
		a->contents.extras[a->contents.extra_count++] = value;
		return 0;
	case 'p':
		a->outputs.command_line = value;
		return 0;
	case 'x':
		if (!compression_parse(value, &a->compression))
			return 0;
		log_error("--compress %s: xz or zstd is wanted", value);
		return -EINVAL;
	case 'u':
		a->outputs.uki = value;
		return 0;
	case 's':
		a->outputs.stub = value;
		return 0;
	case 'b':
		a->outputs.bootkernel = value;
		return 0;
	case 'f':
		a->outputs.flash = value;
		return 0;
	case 'W':
		a->outputs.wrapper = value;
		return 0;
	case 'S':
		a->contents.stand_ins = value;
		return 0;
	case 'j':
		a->is_json = true;
		return 0;
	default:
		return -EINVAL;
	}
}

int main(int argc, char *argv[])
{
	static const struct option options[] = {
		{ "output", required_argument, NULL, 'o' },
		{ "root", required_argument, NULL, 'r' },
		{ "kernel", required_argument, NULL, 'k' },
		{ "vmlinuz", required_argument, NULL, 'z' },
		{ "modules", required_argument, NULL, 'm' },
		{ "class", required_argument, NULL, 'c' },
		{ "host-only", no_argument, NULL, 'H' },
		{ "with", required_argument, NULL, 'w' },
		{ "init", required_argument, NULL, 'i' },
		{ "conf", required_argument, NULL, 'C' },
		{ "add", required_argument, NULL, 'A' },
		{ "append", required_argument, NULL, 'p' },
		{ "compress", required_argument, NULL, 'x' },
		{ "uki", required_argument, NULL, 'u' },
		{ "stub", required_argument, NULL, 's' },
		{ "bootkernel", required_argument, NULL, 'b' },
		{ "flash", required_argument, NULL, 'f' },
		{ "wrapper", required_argument, NULL, 'W' },
		{ "stand-ins", required_argument, NULL, 'S' },
		{ "json", no_argument, NULL, 'j' },
		{ "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct arguments arguments = { .root = "" };
	int option;

	log_set_program("kexit-mkboot");
	while ((option = getopt_long(argc, argv, "o:h", options, NULL)) != -1) {
		if (option == 'h')
			return usage(stdout);
		if (option == 'V')
			return puts("kexit-mkboot " KEXIT_VERSION) < 0 ? STATUS_FAILED
								       : STATUS_DONE;
		if (take_option(&arguments, option, optarg)) {
			fputs("kexit-mkboot: try 'kexit-mkboot --help'\n", stderr);
			return STATUS_USAGE;
		}
	}
	if (optind < argc)
		log_error("no argument is expected: '%s'", argv[optind]);
	else if (!check(&arguments))
		return make(&arguments);
	return STATUS_USAGE;
}
