/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changing an attribute so that it can be taken back: recorded with its old value, then written. */
#pragma once

#include "record/record.h"
#include "sys/ops.h"

/*
 * Writes @value to the attribute @path ("/sys/...") unless it says so already. An attribute that
 * is not there needs no change: 0. The "attribute" event is in the record before the write; when
 * the record cannot be written, neither is the attribute. 0 or a negative errno: what the kernel
 * answered, or record_status().
 */
int change_attribute(const struct sys *sys, struct record *record, const char *path,
		     const char *value);
