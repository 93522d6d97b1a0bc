/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Descriptors 0 to 2: whatever happens, they are open. */
#pragma once

/*
 * Opens those of 0, 1 and 2 that are closed: on @console, else on /dev/null, else on the folder "/",
 * which can neither be read from nor written to. Else the next file opened, a disk for one, would
 * become standard output, and what is printed would go there.
 */
void standard_files_open(const char *console);
