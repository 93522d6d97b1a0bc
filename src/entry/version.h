/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which of two versions is newer, for the order of boot entries. */
#pragma once

/*
 * Compares as the Version Format Specification (uapi-group.org) says: below, equal to or above 0.
 * NULL is an empty version. Where its words and systemd, whose order it describes, differ, this goes
 * with systemd: "^" is older than "." ("1^x" < "1.1"), and a number, be it 0, is newer than none.
 */
int version_compare(const char *a, const char *b);
