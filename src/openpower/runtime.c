// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * malloc(3) and <string.h> without a system; see runtime.h. Compiled with
 * -fno-tree-loop-distribute-patterns: the compiler would make a call of memset() out of memset()'s
 * own loop.
 */
#include "openpower/runtime.h"
#include "openpower/layout.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static uintptr_t heap = WRAPPER_HEAP;
static const char *volatile stopped_by;

void __stack_chk_fail(void) __attribute__((noreturn));

void *runtime_allocate(size_t size)
{
	uintptr_t start = heap;

	if (size > WRAPPER_HEAP_END - start - 16)
		return NULL;
	heap = (start + size + 15) & ~(uintptr_t)15;
	return (void *)start;
}

void runtime_stop(const char *what)
{
	stopped_by = what;
	for (;;)
		__asm__ volatile("" ::: "memory");
}

void *malloc(size_t size)
{
	return runtime_allocate(size);
}

void *calloc(size_t count, size_t size)
{
	void *memory = count && size > SIZE_MAX / count ? NULL : runtime_allocate(count * size);

	return memory ? memset(memory, 0, count * size) : NULL;
}

void free(void *memory)
{
}

/* Debian's libraries call it when a function's stack was written over. */
void __stack_chk_fail(void)
{
	runtime_stop("a library overran its stack");
}

void *memset(void *to, int byte, size_t size)
{
	unsigned char *t = to;

	while (size--)
		*t++ = (unsigned char)byte;
	return to;
}

void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
	unsigned char *t = to;
	const unsigned char *f = from;

	for (; size >= 8; size -= 8, t += 8, f += 8)
		*(uint64_t *)(void *)t = *(const uint64_t *)(const void *)f;
	while (size--)
		*t++ = *f++;
	return to;
}

void *memmove(void *to, const void *from, size_t size)
{
	unsigned char *t = to;
	const unsigned char *f = from;

	if (t <= f || t >= f + size)
		return memcpy(to, from, size);
	while (size--)
		t[size] = f[size];
	return to;
}

int memcmp(const void *a, const void *b, size_t size)
{
	const unsigned char *x = a, *y = b;

	for (; size; size--, x++, y++)
		if (*x != *y)
			return *x - *y;
	return 0;
}

void *memchr(const void *memory, int byte, size_t size)
{
	const unsigned char *m = memory;

	for (; size; size--, m++)
		if (*m == (unsigned char)byte)
			return (void *)(uintptr_t)m;
	return NULL;
}

size_t strlen(const char *text)
{
	size_t n = 0;

	while (text[n])
		n++;
	return n;
}

size_t strnlen(const char *text, size_t size)
{
	const char *end = memchr(text, '\0', size);

	return end ? (size_t)(end - text) : size;
}

char *strrchr(const char *text, int byte)
{
	size_t n = strlen(text) + 1;

	while (n--)
		if (text[n] == (char)byte)
			return (char *)(uintptr_t)(text + n);
	return NULL;
}
