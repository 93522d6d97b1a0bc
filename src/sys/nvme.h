/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long an NVMe controller says that its shutdown takes: RTD3 Entry Latency, which only an Identify
 * command tells. The kernel asks as well, and tells nobody.
 */
#pragma once

#include "sys/root.h"

#include <stdint.h>

/*
 * The RTD3E of the controller whose sysfs folder is @path, in microseconds; 0: it does not say (NVM
 * Express Base 2.0, Identify Controller, bytes 91:88). Its driver must still hold it. Blocks until the
 * controller answers or the kernel gives it up. -ENOENT: no controller there; -EOPNOTSUPP: a captured
 * tree; or what opening its node or the command answered.
 */
int nvme_shutdown_us(const struct sysroot *root, const char *path, uint32_t *ret_us);

/* The same from the data of an Identify Controller command, 4096 bytes. */
uint32_t nvme_identified_shutdown_us(const uint8_t *data);
