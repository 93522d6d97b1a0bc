/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The watchdog of kexit.conf(5), from the load of an image to its jump. */
#pragma once

#include "image/load.h"
#include "sys/root.h"

/*
 * After @request was loaded: which watchdog will guard its jump is looked up now, while the next
 * kernel's modules can be read, and kept. Says which, or why none; nothing where none was asked for.
 */
void guarding_prepare(const struct sysroot *root, const struct image_request *request);
