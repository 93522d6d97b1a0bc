/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two inventories held against each other: is all that was there back as it was. Pure. */
#pragma once

#include <jansson.h>

struct differences {
	json_t *lost;  /* one line for each that is not back as it was */
	json_t *notes; /* what is new, or otherwise worth a line, and no failure */
	json_t *seen; /* what was looked at apart and is as it should be; empty from differences_find() */
};

/*
 * @before and @now as inventory_json() makes them; what is not there or of another kind counts as
 * unknown. 0 or -ENOMEM; the caller ends *@ret with differences_done().
 */
int differences_find(const json_t *before, const json_t *now, struct differences *ret);
void differences_done(struct differences *differences);
