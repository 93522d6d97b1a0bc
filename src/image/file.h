/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file that a person named on the command line. */
#pragma once

#include "base/error.h"

/*
 * Opens @path for reading (O_CLOEXEC). Only a regular file that has something in it will do; @role
 * ("the kernel", "--initrd") is what it is for, for the message. Returns the descriptor, which the
 * caller closes, or a negative errno with @e.
 */
int file_open(const char *path, const char *role, unsigned long long *ret_bytes, struct error *e);
