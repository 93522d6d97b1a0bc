/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a boot entry to what the image layer loads: its files opened, its sections as parts of them. */
#pragma once

#include "entry/entry.h"
#include "image/load.h"

struct entry_image;

/*
 * Opens the files of @entry below the roots of their file systems. @append (may be NULL) comes
 * behind its command line. The caller owns *@ret_image, which the entry need not outlive. -EINVAL:
 * the entry is greyed, with the reason in @e; or why a file cannot be opened.
 */
int entry_image_open(const struct entry *entry, const char *append, struct entry_image **ret_image,
		     struct error *e);
void entry_image_close(struct entry_image *image);

/* For image_check() and image_load(); its method and nothing else may be changed. */
struct image_request *entry_image_request(struct entry_image *image);
