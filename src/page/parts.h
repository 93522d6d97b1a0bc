/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of the page, in the order in which they stand on it. */
#pragma once

#include "page/facts.h"

#include <stdio.h>

/* How it ended, in a line; the counts; what there was before and after. */
void head_write(FILE *out, const struct facts *facts);

/* When what was released, and the chain that took longest. 0 or -ENOMEM. */
int timeline_write(FILE *out, const struct facts *facts, const json_t *events);

/* The device tree, coloured. 0 or -ENOMEM. */
int tree_write(FILE *out, const struct facts *facts);

/* Every device with what there was and what there is. 0 or -ENOMEM. */
int table_write(FILE *out, const struct facts *facts);
