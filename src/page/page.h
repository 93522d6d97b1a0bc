/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A record as one page for a browser: what became of each device, when, and what held the rest up.
 * The page needs nothing but itself: no script, no font, no picture from elsewhere.
 */
#pragma once

#include <jansson.h>
#include <stdio.h>

/* Writes the page of @events (record_load()). 0, -ENOMEM, or -EIO when @out did not take it all. */
int page_write(FILE *out, const json_t *events);
