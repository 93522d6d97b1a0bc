/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files of a boot entry's device tree, made into one. For load.c alone. */
#pragma once

#include "image/method.h"
#include "sys/root.h"

/* Sets image->dtb_fd, a file in memory, and image->note. 0, or a negative errno with @e. */
int board_tree_open(const struct sysroot *root, struct image *image, struct error *e);
