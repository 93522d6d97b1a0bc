/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The machine, its disks and its devices, as text for a person: from sysfs and /proc alone. */
#pragma once

#include "sys/root.h"

#include <stdio.h>

/* Lines ending in "\n"; what the kernel does not tell is left out. */
void info_write(const struct sysroot *root, FILE *out);
