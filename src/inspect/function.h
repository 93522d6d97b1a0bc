/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What decoders are written with: one register at a time, or a table of registers each of which
 * tells by some of its bits whether an engine runs.
 */
#pragma once

#include "inspect/inspect.h"

/*
 * One register as the bus answers it, @width 1, 2 or 4 bytes. -ENXIO while the function does not
 * decode that kind of BAR: nothing is touched then. -ENOENT: no such BAR; or what bar_open() says.
 */
int function_get(const struct function *f, unsigned int bar, uint64_t offset, unsigned int width,
		 uint32_t *ret);

/* As function_get(), for a register that never holds all-ones: then nobody answers, -ENODATA. */
int function_read(const struct function *f, unsigned int bar, uint64_t offset, unsigned int width,
		  uint32_t *ret);
int function_read32(const struct function *f, unsigned int bar, uint64_t offset, uint32_t *ret);

/*
 * Selects what an indexed register shows: puts @value into the index at @offset of the I/O BAR @bar.
 * Only for an index that the device itself never looks at; the decoder puts it back. As
 * function.write; -EOPNOTSUPP where there is none.
 */
int function_select(const struct function *f, unsigned int bar, uint64_t offset, uint16_t value);

/*
 * Puts @value into a register of @width bytes. For halt/, which stops engines: no decoder writes. As
 * function_get() and function.write.
 */
int function_put(const struct function *f, unsigned int bar, uint64_t offset, unsigned int width,
		 uint32_t value);

/* The first memory BAR, or the first I/O BAR, by config space; -ENOENT. */
int function_memory_bar(const struct function *f);
int function_io_bar(const struct function *f);

/* The first BAR that can be read now: memory with its decoding on, else I/O with its; -ENXIO. */
int function_open_bar(const struct function *f);

/* Drops what does not fit, but never the only reading that shows an engine at work. */
void reading_add(struct inspection *ins, struct reading reading);

/*
 * For one of many like registers (ports, streams, queues): worth a line when it runs, or while the
 * idle ones leave room.
 */
void reading_add_one_of_many(struct inspection *ins, struct reading reading);

#define REG_ANY UINT32_MAX /* as `match`: running if any bit of `mask` is set */

/* A register of its own meaning: running if (value & mask) == match. */
struct reg {
	const char *name;
	uint32_t offset;
	unsigned int width;
	uint32_t mask, match;
	const char *on, *off; /* what it means: running, not running */
};

/* Reads @count registers, @base added to each offset, and adds a reading for each. */
int decode_registers(const struct function *f, struct inspection *ins, unsigned int bar,
		     uint32_t base, const struct reg regs[], size_t count);

#define DECODE(f, ins, bar, base, regs)                                                            \
	decode_registers(f, ins, bar, base, regs, sizeof(regs) / sizeof((regs)[0]))

/* True if @f has the vendor @vendor and one of the devices of @ids, which ends with 0. */
bool function_is_one_of(const struct function *f, uint16_t vendor, const uint16_t ids[]);
