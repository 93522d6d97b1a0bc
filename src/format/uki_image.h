/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A unified kernel image, or an addon to one, open: its sections by name (Unified Kernel Image
 * Specification; "Multi-Profile UKIs" for profiles). Inside src/entry only.
 */
#pragma once

#include "entry/entry.h"
#include "entry/pe.h"

struct uki_image {
	const struct fsroot *root;
	const char *path;
	int fd;
	struct pe pe;
};

/* 0, or a negative errno as fsroot_open_file() and pe_read() have it: nothing is open then. */
int uki_image_open(const struct fsroot *root, const char *path, struct uki_image *ret_image);
void uki_image_close(struct uki_image *image);

/* How many profiles it names; 0: it has none, and is one by itself. */
unsigned int uki_image_profiles(const struct uki_image *image);

/* A profile's own section, or that of the base, which lies before all profiles; NULL: neither. */
const struct pe_section *uki_image_find(const struct uki_image *image, unsigned int profile,
					const char *name);

/* The contents up to the first NUL, without blanks around them; NULL: no such section, or -- see
 * @ret_code, untouched else -- it cannot be had. */
char *uki_image_text(struct entry_list *list, const struct uki_image *image, unsigned int profile,
		     const char *name, int *ret_code);

/* @section as a file of its own. */
struct entry_file uki_image_file(const struct uki_image *image, const struct pe_section *section);
