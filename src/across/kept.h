/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What outlived a jump that did not arrive: lines of the kernel's log in the firmware's or the memory's
 * store (ERST, EFI variables, ramoops), as pstore shows them and systemd-pstore(8) files them.
 */
#pragma once

#include "sys/root.h"

#include <jansson.h>

/*
 * [{"file": "/sys/fs/pstore/dmesg-efi-...", "lines": ["<5>[12.3] kexit: ...", ...]}, ...]: of each file kexit's
 * own lines, and those of a panic or of the restart that ended it; files without any are left out. Lines are
 * printable. The caller owns it; NULL: no memory.
 */
json_t *kept_read(const struct sysroot *root);
