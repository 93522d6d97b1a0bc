/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What sysfs does not tell of network links: permanent hardware addresses, and IP addresses. */
#pragma once

#include <jansson.h>

/*
 * Of this network namespace: {"2": {"permanent_address": "52:54:...", "addresses": ["192.0.2.1/24"]}}
 * by interface index; what the kernel did not tell is left out. IPv6's temporary and link-local
 * addresses are, too: they are made anew. The caller owns it; NULL: no memory.
 */
json_t *addresses_read(void);
