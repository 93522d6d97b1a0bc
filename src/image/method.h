/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A way to load an image; one file each, tried in the order of the table in load.c. */
#pragma once

#include "image/kernel.h"
#include "image/load.h"

/* What was checked and is ready to be handed over. */
struct image {
	const struct image_request *request;
	struct kernel_info info;
	int kernel_fd;
	int initrd_fd;	  /* -1: none */
	int dtb_fd;	  /* -1: none */
	bool is_dtb_made; /* it is no file that request->dtb leads to */
	unsigned long long kernel_bytes, initrd_bytes;
	char *cmdline;	/* "" rather than NULL */
	char note[256]; /* as in image_loaded */
};

struct method {
	enum image_method id;
	const char *name;
	/*
	 * 0: loaded. 1: not supported here, or not with this image: the next may do, @e says why not.
	 * A negative errno: it would be wrong to try another.
	 */
	int (*load)(const struct sys *sys, const struct image *image, struct error *e);
};

extern const struct method method_file, method_classic;
