/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Loading the next kernel: what is asked for is checked first, then handed to the kernel by the
 * first method that it supports (kexec_file_load, else kexec-tools' kexec_load).
 *
 * A load that fails leaves the image that was loaded before, if any, where it was.
 */
#pragma once

#include "base/error.h"
#include "image/file.h"
#include "sys/ops.h"

#include <stdbool.h>
#include <stddef.h>

enum image_method {
	IMAGE_METHOD_AUTO,    /* the first that the kernel supports */
	IMAGE_METHOD_FILE,    /* kexec_file_load(2): the kernel reads and verifies the files */
	IMAGE_METHOD_CLASSIC, /* kexec_load(2), by kexec-tools' `kexec -l` */
};

/* What a person asks for; strings are the caller's. Zeroed is a request for nothing. */
struct image_request {
	const char *kernel;
	const char *const *initrds; /* given to the kernel as one, in this order */
	size_t initrd_count;
	const char *append; /* NULL: none */
	bool reuse_cmdline; /* this kernel's command line first, then @append */
	const char *dtb;    /* NULL: none; only the classic method takes one */
	enum image_method method;

	/*
	 * Where these are given, it is they that are read, and the paths only name them in messages;
	 * @initrd_parts is one for each of @initrds.
	 */
	const struct image_part *kernel_part, *initrd_parts, *dtb_part;

	/* Comes behind the last initrd, where there is one, and is as the kernel's unpacker wants it;
	 * NULL: nothing does. */
	const struct image_part *carried;

	/*
	 * @dtb is of a boot entry: @overlays are applied to it, and it gets what this machine's firmware
	 * told this kernel (devicetree.h). What a person names by hand is taken as it is.
	 */
	bool is_board_tree;
	const char *const *overlays; /* what @overlay_parts, one for each, are called */
	const struct image_part *overlay_parts;
	size_t overlay_count;
};

/* What was loaded, for a person. */
struct image_loaded {
	const char *method; /* "kexec_file_load" */
	const char *kind;   /* "x86 bzImage" */
	unsigned long long kernel_bytes, initrd_bytes;
	size_t cmdline_length, cmdline_limit; /* bytes, without the NUL */
	char note[256]; /* what of the request was left out, one line; "": nothing */
};

/*
 * Everything that can be said without asking the kernel to load: are the files there, is it a
 * kernel, for this architecture, does the command line fit. No effect. 0 or a negative errno; what
 * it refuses is a refusal (exit 5) and not yet a failure: -ENOENT and friends for a file, -ENOEXEC
 * not a kernel, -EINVAL for options that exclude each other, -E2BIG for the command line.
 */
int image_check(const struct sysroot *root, const struct image_request *request, struct error *e);

/* Checks and loads. Besides the above: what the kernel or kexec-tools answered. */
int image_load(const struct sys *sys, const struct image_request *request, struct error *e);

/* As image_load(), and says what it did; *@ret_loaded is untouched on failure. */
int image_load_describe(const struct sys *sys, const struct image_request *request,
			struct image_loaded *ret_loaded, struct error *e);

/* Takes the loaded image away. Nothing loaded is success. */
int image_unload(const struct sys *sys, struct error *e);

/* "auto", "file", "classic"; -EINVAL for any other word. */
int image_method_parse(const char *word, enum image_method *ret_method);
