/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A record's events (record_load()) as lines for a person, and the counts of what became of the devices. */
#pragma once

#include <jansson.h>
#include <stdio.h>

void record_print(FILE *out, const json_t *events);
