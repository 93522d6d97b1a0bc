/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What kexit says on its terminal while it works.
 *
 * An SSH session dies with its NIC in the middle of a run, so a write that fails is never fatal
 * and never retried: the record is what must survive, not the terminal.
 */
#pragma once

enum log_level {
	LOG_QUIET = -1, /* errors and warnings only (-q) */
	LOG_NORMAL = 0,
	LOG_VERBOSE = 1, /* every step (-v) */
};

/* What lines begin with, of static storage; "kexit" before. */
void log_set_program(const char *name);

void log_set_level(enum log_level level);
enum log_level log_level(void);

/* Each writes one line to stderr; log_info() from LOG_NORMAL on, log_debug() from LOG_VERBOSE on. */
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));
