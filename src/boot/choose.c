// SPDX-License-Identifier: GPL-2.0-or-later
/* The choice of a default; see choose.h. */
#include "boot/choose.h"

#include <fnmatch.h>
#include <string.h>

static bool can_boot(const struct entry *entry)
{
	return !entry->greyed && entry->kernel.root;
}

/* A name that has a '[' of its own matches itself too. */
static bool text_matches(const char *pattern, const char *text)
{
	return text && (!strcmp(pattern, text) || !fnmatch(pattern, text, 0));
}

static bool matches(const struct entry *entry, const char *pattern)
{
	const char *colon = strchr(entry->id, ':');

	return text_matches(pattern, entry->id) || text_matches(pattern, entry->title) ||
	       text_matches(pattern, colon ? colon + 1 : NULL);
}

const struct entry *choose_default(const struct entry_list *const lists[], size_t count,
				   const char *wanted)
{
	for (size_t i = 0; i < count; i++) {
		if (!wanted || !*wanted) {
			/* What its own boot loader would do instead is no reason to boot another disk. */
			if (lists[i]->withheld)
				return NULL;
			if (lists[i]->preferred && can_boot(lists[i]->preferred))
				return lists[i]->preferred;
			continue;
		}
		for (size_t j = 0; j < lists[i]->count; j++)
			if (can_boot(lists[i]->entries[j]) && matches(lists[i]->entries[j], wanted))
				return lists[i]->entries[j];
	}
	return NULL;
}

const struct entry *choose_next(const struct entry_list *const lists[], size_t count,
				const char *failed)
{
	const struct entry *first = NULL;
	bool is_behind = false;

	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < lists[i]->count; j++) {
			const struct entry *entry = lists[i]->entries[j];

			if (!strcmp(entry->id, failed)) {
				is_behind = true;
				continue;
			}
			if (!can_boot(entry) || entry->is_hidden)
				continue;
			if (is_behind)
				return entry;
			first = first ?: entry;
		}
	}
	return first;
}
