/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One handover, named: what handover.json holds, and the mark on disk. */
#pragma once

#include "base/error.h"
#include "sys/root.h"

#include <jansson.h>

#define HANDOVER_SCHEMA 1

/*
 * A new one with an id of its own, from this kernel to @kernel (the file), which is the one with @identity
 * (image/identity.h). The caller owns it. NULL with @e: no memory, or /proc does not tell.
 */
json_t *handover_id_new(const struct sysroot *root, const char *verb, const char *kernel,
			const char *identity, struct error *e);

/* "" where it is not told. Borrowed. */
const char *handover_id(const json_t *handover);
const char *handover_from(const json_t *handover);    /* the release of the kernel that ended */
const char *handover_boot_id(const json_t *handover); /* and its boot */
const char *handover_to(const json_t *handover);      /* the identity of the next one */
const char *handover_kernel(const json_t *handover);  /* and its file */
