/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The entry that boots when nobody chooses, among all that the file systems offer now, and why it does. */
#pragma once

#include "boot/settings.h"
#include "boot/volumes.h"

struct unattended {
	const struct settings *settings;
	bool has_waited; /* long enough for what is wanted: the system's own will do */
	char *failed_id; /* the entry that failed last: the next one is meant; NULL: none */

	/* From unattended_choose(); valid as long as the volumes are as they were. */
	const struct entry *preferred;	 /* the default; NULL: none, or it may still appear */
	const struct entry_list *list;	 /* the list that it is of */
	bool may_boot;			 /* by itself */
	bool lacks_wanted;		 /* what kexit.default= names did not come in time */
	char rule[SETTING_SIZE + 128];	 /* what made it the default; "" */
	char waits[SETTING_SIZE + 1024]; /* why nothing boots by itself; "" */
};

void unattended_choose(struct unattended *unattended, const struct volumes *volumes);
