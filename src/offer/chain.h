/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How many kexit-boots in a row handed a machine on: a word of the command line that each gives the next
 * kernel. A boot loader that starts itself, in whatever guise, reads that it did. Pure.
 */
#pragma once

#define CHAIN_NAME "chain" /* kexit.chain=COUNT; an installed system has no use for it */

/* Nothing boots by itself from here on. */
#define CHAIN_MAX  1

/*
 * @options with the word for @count in front, and without one that was there; the caller frees it. As
 * it was where nothing may be added: an empty one that a kernel other than x86's would replace by
 * its own (CONFIG_CMDLINE), and one near the 2048 bytes that a kernel takes. NULL: no memory.
 */
char *chain_add(const char *options, unsigned int count, const char *machine);
