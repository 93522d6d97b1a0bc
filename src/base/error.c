// SPDX-License-Identifier: GPL-2.0-or-later
/* Failure messages; see error.h. */
#include "base/error.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *errno_name(int code)
{
	const char *name = strerrorname_np(abs(code));

	return name ? name : "E?";
}

const char *errno_text(int code)
{
	static _Thread_local char text[128];

	snprintf(text, sizeof(text), "%s (%s)", errno_name(code),
		 strerrordesc_np(abs(code)) ?: "?");
	return text;
}

int(error_set)(struct error *e, int code, const char *format, ...)
{
	va_list args;

	if (!e)
		return code;
	e->code = code;
	/* "%m" reads errno; the message must name the failure it is about, not a later one. */
	errno = abs(code);
	va_start(args, format);
	vsnprintf(e->text, sizeof(e->text), format, args);
	va_end(args);
	return code;
}

int error_wrap(struct error *e, int code, const char *format, ...)
{
	char old[sizeof(e->text)];
	size_t used;
	va_list args;

	if (!e)
		return code;
	memcpy(old, e->text, sizeof(old));
	e->code = code;
	errno = abs(code);
	va_start(args, format);
	vsnprintf(e->text, sizeof(e->text), format, args);
	va_end(args);
	used = strlen(e->text);
	if (old[0])
		snprintf(e->text + used, sizeof(e->text) - used, ": %s", old);
	return code;
}
