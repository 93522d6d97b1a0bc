/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether the running kernel has a function: what a rule about a driver's shutdown() asks. */
#pragma once

#include "sys/root.h"

/*
 * Whether @module, loaded or built in, has @function, static ones included. 1 or 0, or a negative
 * errno when neither the module's BTF nor /proc/kallsyms can be read: nobody knows.
 */
int kernel_function_find(const struct sysroot *root, const char *module, const char *function);
