/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What crosses a jump: JSON files in a cpio archive behind the next kernel's initrd, and how they are
 * found again. A module of initramfs-tools or dracut moves them to CARRIED_FOLDER before the real root
 * is switched to.
 */
#pragma once

#include "base/error.h"
#include "sys/root.h"

#include <jansson.h>

#define CARRIED_FOLDER	  "/run/kexit/previous"

/* Their names, there and in the archive's folder "kexit". */
#define CARRIED_HANDOVER  "handover.json"
#define CARRIED_INVENTORY "inventory.json"
#define CARRIED_PLAN	  "plan.json"
#define CARRIED_RECORD	  "record.json"

/* Beside them: what was seen before a driver was loaded (witnessed.h), ... */
#define CARRIED_WITNESS	  "witness.json"

/* ... and what `kexit verify` made of it all (verified.h). */
#define CARRIED_VERIFIED  "verified.json"

struct carried_file {
	const char *name;
	const json_t *value; /* NULL: left out */
};

/*
 * The archive in memory: *@ret_fd is the caller's, O_CLOEXEC. It can come behind any initrd that ends at
 * a multiple of 4 bytes. @files ends with a name of NULL. 0, or a negative errno with @e.
 */
int carried_pack(const struct carried_file files[], int *ret_fd, struct error *e);

/*
 * What came over the last jump as @name. The caller owns *@ret_value. -ENOENT: nothing came; -EBADMSG: it
 * is no JSON object, with @e.
 */
int carried_read(const struct sysroot *root, const char *name, json_t **ret_value, struct error *e);

/* True where the initrd of this start had the module: it makes the folder, whether anything came or not. */
bool carried_would_show(const struct sysroot *root);
