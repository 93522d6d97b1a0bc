/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How kexit-boot's own images are known: kexit-mkboot writes these marks, and whoever lists what can be
 * booted leaves out what bears one. A boot loader that found itself would start itself for ever.
 */
#pragma once

/* The ID of a unified image's os-release section. */
#define BOOT_IMAGE_ID	"kexit"

/*
 * A file at the root of the initramfs, in an archive of its own that comes first and is not compressed:
 * it is found by reading a few hundred bytes.
 */
#define BOOT_IMAGE_FILE "kexit-boot-image"

/*
 * A word of the kernel's command line, where the image has one. Linux takes what has a dot for a
 * parameter of a module, and neither warns of it nor hands it to init.
 */
#define BOOT_IMAGE_WORD "kexit.image"
