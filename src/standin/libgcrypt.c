// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A libgcrypt.so.20 that knows nothing, for boot images.
 *
 * libsystemd, as Debian builds it, links this library for the seals of a journal that journalctl(1)
 * verifies. lvm(8) links libsystemd to write to a journal and to talk on the bus, of which an image
 * has neither, and nothing there opens a sealed file. With libgpg-error, which only it wants, the
 * real library would be a tenth of an image with LVM (0.5 of 5 MB). kexit-mkboot puts it in only
 * where libsystemd alone wants libgcrypt, and asks for nothing that is not below (systemd 252:
 * src/libsystemd/sd-journal/journal-authenticate.c).
 */
#include "standin/stand_in.h"

NOTHING(gcry_check_version)
NOTHING(gcry_control)
NOTHING(gcry_md_close)
NOTHING(gcry_md_copy)
NOTHING(gcry_md_ctl)
NOTHING(gcry_md_get_algo_dlen)
NOTHING(gcry_md_open)
NOTHING(gcry_md_read)
NOTHING(gcry_md_reset)
NOTHING(gcry_md_setkey)
NOTHING(gcry_md_write)
