/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What only firmware knows, from one tree into another. For devicetree.c alone. */
#pragma once

#include "base/error.h"

/*
 * Makes @tree, which has room, say of memory, of memory that is not for the kernel, of the network
 * ports' addresses and of EFI what @running says. @name is for messages. 0, or a negative errno with @e:
 * -EINVAL where @tree cannot be one for this machine.
 */
int devicetree_take_firmware(void *tree, const void *running, const char *name, struct error *e);
