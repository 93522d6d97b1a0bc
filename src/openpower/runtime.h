/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The little of a C library that liblzma and libfdt ask for, with no system below. */
#pragma once

#include <stddef.h>

/* Zeroed; never given back. NULL when the heap of layout.h is full. */
void *runtime_allocate(size_t size);

/* The end: what was being done is left in the wrapper's memory for a debugger. */
void runtime_stop(const char *what) __attribute__((noreturn));
