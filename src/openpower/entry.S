/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From skiboot to C: little-endian, at the address that the wrapper is linked for, with a stack.
 *
 * skiboot enters in real mode, big-endian, with r3 the device tree, r8 and r9 OPAL's base and entry
 * (skiboot: asm/head.S, start_kernel; Linux: Documentation/powerpc/booting.rst). r3 to r9 reach the
 * kernel as they came, but for the device tree.
 */
#include "openpower/layout.h"

	.section .head, "ax"
	.globl	_start
_start:
	/* Read little-endian this traps never; read big-endian it is a branch by 8. */
	tdi	0, 0, 0x48
	b	little
	/* The same eight instructions in big-endian order: to `little`, with MSR[LE] set. */
	.byte	0x42, 0x9f, 0x00, 0x05	/* bcl 20, 31, .+4 */
	.byte	0x7d, 0x48, 0x02, 0xa6	/* mflr r10 */
	.byte	0x39, 0x4a, 0x00, 0x1c	/* addi r10, r10, little - (. - 4) */
	.byte	0x7d, 0x60, 0x00, 0xa6	/* mfmsr r11 */
	.byte	0x61, 0x6b, 0x00, 0x01	/* ori r11, r11, 1 */
	.byte	0x7d, 0x5a, 0x03, 0xa6	/* mtsrr0 r10 */
	.byte	0x7d, 0x7b, 0x03, 0xa6	/* mtsrr1 r11 */
	.byte	0x4c, 0x00, 0x00, 0x24	/* rfid */
little:
	b	move

	.org	WRAPPER_TABLE
	.ascii	WRAPPER_MAGIC
	.byte	0
	.quad	_image_end - _start
	.space	7 * 8

	/* The libraries are compiled for POWER8, which has vectors: Facility Unavailable otherwise. */
move:
	lis	%r11, 0x0280		/* MSR[VEC], MSR[VSX] */
	ori	%r11, %r11, 0x2000	/* MSR[FP] */
	mfmsr	%r10
	or	%r10, %r10, %r11
	mtmsrd	%r10
	isync

	bcl	20, 31, 1f
1:	mflr	%r12
	addi	%r12, %r12, _start - 1b	/* r12: where skiboot put us, kept for C */
	lis	%r10, WRAPPER_BASE@h
	lis	%r11, _image_words@h
	ori	%r11, %r11, _image_words@l
	mtctr	%r11
	li	%r11, 0
2:	ldx	%r0, %r12, %r11
	stdx	%r0, %r10, %r11
	addi	%r11, %r11, 8
	bdnz	2b

	/* Out of the data cache, or the next fetch may see what was there before. */
	lis	%r11, _image_lines@h
	ori	%r11, %r11, _image_lines@l
	mtctr	%r11
3:	dcbst	0, %r10
	sync
	icbi	0, %r10
	addi	%r10, %r10, 128
	bdnz	3b
	sync
	isync

	lis	%r10, moved@h
	ori	%r10, %r10, moved@l
	mtctr	%r10
	bctr

moved:
	lis	%r10, __bss_start@h
	ori	%r10, %r10, __bss_start@l
	lis	%r11, _bss_words@h
	ori	%r11, %r11, _bss_words@l
	mtctr	%r11
	li	%r0, 0
4:	std	%r0, 0(%r10)
	addi	%r10, %r10, 8
	bdnz	4b

	lis	%r1, _stack_top@h
	ori	%r1, %r1, _stack_top@l
	lis	%r2, .TOC.@h
	ori	%r2, %r2, .TOC.@l
	/* Where glibc's code looks for the stack protector's guard, at -0x7010. */
	lis	%r13, _thread@h
	ori	%r13, %r13, _thread@l

	lis	%r10, _entered@h
	ori	%r10, %r10, _entered@l
	std	%r3, 0(%r10)
	std	%r4, 8(%r10)
	std	%r5, 16(%r10)
	std	%r6, 24(%r10)
	std	%r7, 32(%r10)
	std	%r8, 40(%r10)
	std	%r9, 48(%r10)
	mr	%r3, %r10
	mr	%r4, %r12
	stdu	%r1, -112(%r1)
	lis	%r12, wrapper_main@h
	ori	%r12, %r12, wrapper_main@l
	mtctr	%r12
	bctrl

	mtctr	%r3
	lis	%r10, _entered@h
	ori	%r10, %r10, _entered@l
	ld	%r3, 0(%r10)
	ld	%r4, 8(%r10)
	ld	%r5, 16(%r10)
	ld	%r6, 24(%r10)
	ld	%r7, 32(%r10)
	ld	%r8, 40(%r10)
	ld	%r9, 48(%r10)
	isync
	bctr				/* Linux takes either byte order */

	.globl	flush_code
	/* r3: from, r4: bytes. */
flush_code:
	addi	%r4, %r4, 127
	srdi	%r4, %r4, 7
	mtctr	%r4
5:	dcbst	0, %r3
	icbi	0, %r3
	addi	%r3, %r3, 128
	bdnz	5b
	sync
	isync
	blr

	.bss
	.balign	16
_entered:
	.space	7 * 8
	.balign	16
	.space	0x8000
_thread:
	.space	16
	.balign	16
	.space	0x10000
_stack_top:
	.space	128
