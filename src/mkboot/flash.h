/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A flash image of an OpenPOWER machine (PNOR) with the partitions skiboot wants from it: the table
 * (FFS, skiboot: libflash/ffs.h), NVRAM, which it formats, and BOOTKERNEL. No hostboot: for emulators,
 * and to see that a BOOTKERNEL works before it goes into a real one with pflash(8).
 */
#pragma once

#include "base/error.h"
#include "mkboot/buffer.h"

/* Of the machines' flash, and of the partition in it (op-build: defaultPnorLayout XML). */
#define FLASH_SIZE	(64U << 20)
#define BOOTKERNEL_SIZE (16U << 20)

/* Adds the image to @ret, which must be empty. -EFBIG where @bootkernel is larger than its partition. */
int flash_make(const struct buffer *bootkernel, struct buffer *ret, struct error *e);
