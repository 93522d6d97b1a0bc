/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Times as people write them, in rules and on the command line. */
#pragma once

/* "10s", "500ms", "2min", up to an hour, as milliseconds. 0, or -EINVAL for anything else and for 0. */
int duration_parse(const char *text, unsigned int *ret_ms);
