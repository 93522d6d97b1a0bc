/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small EFI programs with sections, for tests: what objcopy would make of a stub and its parts. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct fake_section {
	const char *name;
	const char *text;
	size_t size; /* 0: of @text */
};

/*
 * A program for machine @machine (0x8664: x86-64) with @count sections, each aligned to 512 bytes in
 * the file; @is_signed: with a table of certificates. Returns what the caller frees, and its size.
 */
unsigned char *fake_uki(uint16_t machine, const struct fake_section *sections, size_t count,
			int is_signed, size_t *ret_size);
