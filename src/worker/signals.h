/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Signals while devices are taken and brought back: none may stop that half way.
 *
 * SIGHUP and SIGPIPE are ignored, since an SSH session dies with its NIC; SIGINT and SIGTERM are
 * held back and read where a run can be turned around. Workers inherit both.
 */
#pragma once

#include <stdbool.h>

/* From here on. Returns a signalfd for SIGINT and SIGTERM that the caller closes, or -1: then they
 * are held back and not seen. */
int signals_hold(void);

/* True once for each signal that came; @fd is from signals_hold(), -1 is allowed. */
bool signals_came(int fd);
