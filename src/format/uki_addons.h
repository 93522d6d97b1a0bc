/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Addons of unified kernel images: what systemd's stub adds to an image from files beside it
 * (systemd-stub(7), "Companion Files"; Unified Kernel Image Specification, "Addons").
 */
#pragma once

#include "format/uki_image.h"

struct uki_addons {
	const char *options;	      /* for the end of the command line; "" for none */
	struct entry_file *microcode; /* before all initrds */
	struct entry_file *initrds;   /* behind them */
	size_t microcode_count, initrd_count, microcode_capacity, initrd_capacity;
	const char *greyed; /* why the image cannot be booted with them; NULL: it can */
};

/*
 * Those of @image, whose name without boot counter is @name: of @place/loader/addons, then of its own
 * folder NAME.extra.d. What is left out there is told as a problem. 0 or -ENOMEM.
 */
int uki_addons_read(struct entry_list *list, const struct entry_source *source,
		    const struct uki_image *image, const char *place, const char *name,
		    struct uki_addons *ret_addons);

/* Adds them to @entry, whose own sections it has already. 0 or -ENOMEM. */
int uki_addons_apply(struct entry_list *list, struct entry *entry, const struct uki_addons *addons);
