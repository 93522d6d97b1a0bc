/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sections of an EFI program (Microsoft, "PE Format": COFF File Header, Section Table), read
 * from files that anybody may have written: every number is held against the size of the file.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* More than the format allows a loader to expect: 96. */
#define PE_SECTIONS_MAX 96

struct pe_section {
	char name[9];		 /* as it is in the table, 8 bytes at most, and a NUL */
	uint64_t offset, length; /* of its contents in the file, in bytes */
};

struct pe {
	const char *machine; /* as uname -m has it; NULL: none that is known */
	bool is_signed;	     /* it carries a table of certificates; whose is not looked at */
	size_t section_count;
	struct pe_section sections[PE_SECTIONS_MAX];
};

/*
 * Looks at the @length bytes of @fd from @offset on. -ENOEXEC: no such program; -EBADMSG: one whose
 * headers contradict themselves or the file's size; or why it cannot be read. *@ret_pe is undefined
 * on failure.
 */
int pe_read(int fd, uint64_t offset, uint64_t length, struct pe *ret_pe);
