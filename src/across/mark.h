/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The mark on disk that a handover leaves behind before its jump, and what became of it: the id that comes
 * with the next initrd is the mark's, or the handover failed. Failures are counted for the pair of kernels,
 * so that what fails is not tried for ever. doc/across.md has the file's members.
 */
#pragma once

#include "base/error.h"
#include "sys/root.h"

#include <jansson.h>
#include <stdbool.h>

#define MARK_FOLDER "/var/lib/kexit"
#define MARK_FILE   MARK_FOLDER "/handover.json"

enum mark_end {
	MARK_NONE,    /* nothing was under way */
	MARK_WAITS,   /* it is of this boot: the jump has not been made */
	MARK_ARRIVED, /* its id came with the initrd */
	MARK_FAILED,  /* another start came in its place */
	MARK_UNKNOWN, /* nothing shows which: this initrd lacks the module, or another handover came */
};

/* What became of the handover under way. */
struct mark_told {
	enum mark_end end;
	char id[64], from[128], kernel[256]; /* its own; "" with MARK_NONE */
	unsigned int failures;		     /* of its pair in a row, this one included */
};

/*
 * Settles the handover under way, if any: a failure is counted, an arrival clears what its pair had; with
 * @writes in the file, too. 0, or a negative errno with @e where it could not be; *@ret is filled in any
 * case.
 */
int mark_settle(const struct sysroot *root, bool writes, struct mark_told *ret, struct error *e);

/*
 * May the way of @handover (handover_id.h) be tried? -ECANCELED, with why and what to type in @e, where it
 * failed @limit times in a row (0: no number is too many). What is under way is counted as if it were settled; nothing is written.
 */
int mark_check(const struct sysroot *root, const json_t *handover, unsigned int limit,
	       struct error *e);

/* Settles what was under way, and has the mark of @handover on disk when it returns. 0, or a negative
 * errno with @e: a failure of it could not be noticed. */
int mark_begin(const struct sysroot *root, const json_t *handover, struct error *e);

/* The handover under way is not made. No mark is success. */
int mark_cancel(const struct sysroot *root, struct error *e);

/* The devices that got stuck in an earlier handover of this kernel (stuck.h), what came being counted as if it
 * were settled. The caller owns it; NULL: no memory. */
json_t *mark_stuck(const struct sysroot *root);

/* The pairs that failed, as the file's "failed" has them, what is under way counted as if it were settled. The
 * caller owns it; NULL: no memory. */
json_t *mark_failed(const struct sysroot *root);

/* Takes the file away: none is under way, and none ever failed. */
int mark_forget(const struct sysroot *root, struct error *e);
