/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sections added to an EFI program (Microsoft, "PE Format": COFF File Header, Optional Header, Section
 * Table). Addresses in a section table are relative to the image's base, whatever that is: tools that
 * count from 0 misplace what they add to a program whose ImageBase is another.
 */
#pragma once

#include "base/error.h"
#include "mkboot/buffer.h"

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

struct pe_part {
	const char *name; /* at most 8 bytes, with its dot: ".linux" */
	const void *data;
	size_t size;
	bool is_code; /* firmware that protects memory must let it run in place */
};

/*
 * Whether the program @image, called @name in messages, is a 64-bit EFI program for @machine
 * (IMAGE_FILE_MACHINE_...) whose headers have room for @more sections. -ENOEXEC, -EXDEV, -ENOSPC.
 */
int pe_check(const struct buffer *image, const char *name, uint16_t machine, size_t more,
	     struct error *e);

/*
 * Adds @parts to the program @image, which pe_check() accepted, above all that it has and in this
 * order. Its time stamp becomes @time; a checksum and a signature, which would be wrong, go.
 * -EFBIG, -ENOMEM; *@image may have grown then, and is of no use.
 */
int pe_add(struct buffer *image, const char *name, const struct pe_part *parts, size_t count,
	   time_t time, struct error *e);

/*
 * Reads @image as firmware does: each section of its table must lie in the file, above the headers and
 * above the section before it, and in the image's memory; and of @parts each must be there, with its
 * contents. -EBADMSG.
 */
int pe_verify(const struct buffer *image, const char *name, const struct pe_part *parts,
	      size_t count, struct error *e);
