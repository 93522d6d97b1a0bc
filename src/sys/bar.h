/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Read-only windows into a function's BARs, through sysfs' resourceN files; and one write at a time,
 * which is for the table of operations alone.
 *
 * A memory BAR is mapped, an I/O BAR is read with pread(2) (the kernel does the port access). A
 * read of a function that is gone gives all-ones on x86, may raise SIGBUS elsewhere, may freeze a
 * PE on POWER: callers check power state and decoding first, and read in a child process.
 */
#pragma once

#include "sys/root.h"

#include <stdbool.h>
#include <stdint.h>

struct bar;

/*
 * Opens BAR @index (0 to 5) of the function with the sysfs folder @path. The caller closes it.
 * -ENOENT: no such BAR; -EPERM: lockdown; -EINVAL: a driver holds the region (IO_STRICT_DEVMEM);
 * -EOPNOTSUPP: a captured tree.
 */
int bar_open(const struct sysroot *root, const char *path, unsigned int index,
	     struct bar **ret_bar);
void bar_close(struct bar *bar);

/* Is BAR @index of the function at @path there, by the kernel's word and not its registers', and
 * are it ports? 0 or -ENOENT, or why `resource` cannot be read. */
int bar_kind(const struct sysroot *root, const char *path, unsigned int index, bool *ret_is_io);

/* Bytes in the window. */
uint64_t bar_size(const struct bar *bar);

/* True for an I/O BAR. */
bool bar_is_io(const struct bar *bar);

/*
 * One access of the given width at @offset (naturally aligned), in CPU byte order; PCI registers
 * are little-endian. All-ones outside the window.
 */
uint8_t bar_read8(const struct bar *bar, uint64_t offset);
uint16_t bar_read16(const struct bar *bar, uint64_t offset);
uint32_t bar_read32(const struct bar *bar, uint64_t offset);

/*
 * One write of @width bytes (1, 2 or 4) at @offset (naturally aligned) of BAR @index; @value is in CPU
 * byte order. Nothing is written beyond the BAR (-ERANGE), nor in a captured tree. As bar_open().
 */
int bar_write(const struct sysroot *root, const char *path, unsigned int index, uint64_t offset,
	      unsigned int width, uint32_t value);
