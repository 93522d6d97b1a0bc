// SPDX-License-Identifier: GPL-2.0-or-later
/* Lines to the terminal that never fail the run; see log.h. */
#include "base/log.h"
#include "base/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *program = "kexit";
static enum log_level current = LOG_NORMAL;

void log_set_program(const char *name)
{
	program = name;
}

void log_set_level(enum log_level level)
{
	current = level;
}

enum log_level log_level(void)
{
	return current;
}

/* One write(2) a line: several workers share the terminal, and their lines must not mix. */
static void put_line(const char *name, const char *kind, const char *format, va_list args)
{
	char line[1024];
	int used = snprintf(line, sizeof(line), "%s%s%s", name, *name ? ": " : "", kind);
	size_t length;
	ssize_t ignored;

	vsnprintf(line + used, sizeof(line) - (size_t)used - 1, format, args);
	/* What names a file has bytes of a disk in it, and a terminal must not obey these. */
	utf8_make_printable(line);
	length = strlen(line);
	line[length++] = '\n';
	ignored = write(STDERR_FILENO, line, length);
	(void)ignored;
}

void log_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	put_line(program, "", format, args);
	va_end(args);
}

void log_warning(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	put_line(program, "warning: ", format, args);
	va_end(args);
}

void log_info(const char *format, ...)
{
	va_list args;

	if (current < LOG_NORMAL)
		return;
	va_start(args, format);
	put_line("", "", format, args);
	va_end(args);
}

void log_debug(const char *format, ...)
{
	va_list args;

	if (current < LOG_VERBOSE)
		return;
	va_start(args, format);
	put_line("", "", format, args);
	va_end(args);
}
