/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of the fake machine share: files, the log with its faults, binding. */
#pragma once

#include "unit/fake/fake_ops.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Wrong use of the fake is a bug in the test: say where and stop. */
#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #condition,         \
				strerror(errno));                                                  \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

/* fake_machine.c */

/* A path put together; too long a one is a bug in the test. */
void print_path(char path[PATH_MAX], const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Where the file @path of the machine lies. */
void on_disk(const struct fake *fake, const char *path, char ret_path[PATH_MAX]);

/* The folders above @path, on the disk. */
void make_parents(const char *path);

/* Runs a program that has to succeed. */
void run_tool(char *const argv[]);

/* fake_log.c */

/* Puts @line at the end of the file @name beside the machine; in one write, as many processes do. */
void append(const struct fake *fake, const char *name, const char *line);

/* The text of a file on the disk, which the caller frees. NULL: there is none. */
char *read_whole(const char *path);

/* True when a fault answers in place of the fake, with *@ret_answer. */
bool fault(const struct fake *fake, const char *operation, const char *subject, int *ret_answer);

/* Logs a call and gives its @answer back. */
int logged(const struct fake *fake, int answer, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* fake_bind.c */

/* As the kernel answers a write to unbind and bind. */
int do_unbind(struct fake *fake, const char *bus, const char *driver, const char *name);

int do_bind(struct fake *fake, const char *bus, const char *driver, const char *name);

/* A relative link as sysfs has it. */
void sysfs_link(struct fake *fake, const char *path, const char *target);

/* fake_ops.c */

extern const struct sys_ops fake_ops;
