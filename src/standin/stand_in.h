/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A function of a library that is linked and never called: whoever does is told that there is nothing. */
#pragma once

#include <stddef.h>

#define NOTHING(name)                                                                              \
	void *name(void);                                                                          \
	void *name(void)                                                                           \
	{                                                                                          \
		return NULL;                                                                       \
	}
