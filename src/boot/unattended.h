/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The entry that boots when nobody chooses, among all that the file systems offer now. */
#pragma once

#include "boot/volumes.h"

struct unattended {
	const char *wanted; /* kexit.default=, "" for none */
	bool has_waited;    /* long enough for what is wanted: the system's own will do */
	char *failed_id;    /* the entry that failed last: the next one is meant; NULL: none */
};

/* NULL: there is none, or it may still appear. */
const struct entry *unattended_choose(const struct unattended *unattended,
				      const struct volumes *volumes);

/* True when what is wanted by name did not come in time. */
bool unattended_lacks_wanted(const struct unattended *unattended, const struct volumes *volumes);

/* The list that @entry is of; NULL: none. */
const struct entry_list *unattended_list(const struct volumes *volumes, const struct entry *entry);
