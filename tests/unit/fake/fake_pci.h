/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A PCI function for a machine in a folder: the attributes that a scan reads, and config space. */
#pragma once

#include "unit/fake/fake_ops.h"

#include <stdint.h>

/* Adds the function @path, bound to @driver unless NULL, 8086:1234, with 64 bytes of config space:
 * @command, @class (24 bits) and the header type @header (0 endpoint, 1 bridge). */
void fake_pci(struct fake *fake, const char *path, const char *driver, uint32_t class,
	      uint16_t command, uint8_t header);
