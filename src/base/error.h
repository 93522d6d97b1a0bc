/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One failure, in words a person at a console can act on.
 *
 * Libraries return a negative errno; where that says too little they also fill a struct error with
 * one message: the device or file:line, what was tried, what the kernel answered, what to do next.
 * The verb prints it once. Nothing here allocates, so a failure can always be told.
 */
#pragma once

#include <stdarg.h>

struct error {
	int code;	/* negative errno, 0 while nothing failed */
	char text[768]; /* one line, no trailing newline or full stop */
};

#define ERROR_NONE                                                                                 \
	{                                                                                          \
		.code = 0, .text = ""                                                              \
	}

/*
 * Fills @e (which may be NULL) and returns @code, so that `return error_set(e, -EBUSY, ...)` reads
 * as one step. @code must be negative. "%m" in @format prints the text of @code, errno_name() its name.
 */
int error_set(struct error *e, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#ifdef __clang_analyzer__
/* The analyser does not know that errno is positive, and takes failures for successes. */
#define error_set(...)                                                                             \
	({                                                                                         \
		int code_ = error_set(__VA_ARGS__);                                                \
		if (code_ >= 0)                                                                    \
			__builtin_unreachable();                                                   \
		code_;                                                                             \
	})
#endif

/* As error_set(), and puts the earlier message behind the new one: "new: old". */
int error_wrap(struct error *e, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* "EBUSY" for 16 or -16; "E?" for what libc has no name for. Static storage. */
const char *errno_name(int code);

/* "EBUSY (Device or resource busy)". Static storage per thread, overwritten by the next call. */
const char *errno_text(int code);
