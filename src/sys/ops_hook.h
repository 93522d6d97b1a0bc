/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The operation that runs an administrator's program, for the live table; see ops.h. */
#pragma once

int hook_run(void *context, char *const argv[], char *const environment[], unsigned int limit_ms);
