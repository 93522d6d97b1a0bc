// SPDX-License-Identifier: GPL-2.0-or-later
/* The choice of a default; see choose.h. */
#include "offer/choose.h"

#include "offer/sameness.h"

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

static struct choice find_wanted(const struct choose_source *sources, size_t count,
				 const char *wanted)
{
	struct choice choice = { .entry = NULL };

	for (size_t i = 0; i < count; i++) {
		const struct entry_list *list = sources[i].list;

		for (size_t j = 0; j < list->count; j++) {
			if (!matches(list->entries[j], wanted))
				continue;
			if (can_boot(list->entries[j]))
				return (struct choice){ .entry = list->entries[j] };
			choice.stuck = choice.stuck ?: list->entries[j];
		}
	}
	return choice;
}

struct choice choose_default(const struct choose_source *sources, size_t count, const char *wanted)
{
	if (wanted && *wanted)
		return find_wanted(sources, count, wanted);
	for (size_t i = 0; i < count; i++) {
		const struct entry_list *list = sources[i].list;

		if (!sources[i].may_boot)
			continue;
		/* What its own boot loader would do instead is no reason to boot another disk. */
		if (list->withheld)
			return (struct choice){ .withheld = &sources[i] };
		if (list->preferred && can_boot(list->preferred))
			return (struct choice){ .entry = list->preferred };
	}
	return (struct choice){ .entry = NULL };
}

/* How much better than nothing @entry is after @failed; 0: it is nothing. */
static unsigned int worth_of(const struct entry *entry, const struct entry *failed)
{
	if (entry == failed || !can_boot(entry) || entry->is_hidden || entry->leads_away)
		return 0;
	if (failed && sameness_of_files(entry, failed))
		return 0;
	return 1 + (!failed || !sameness_of_kernel(entry, failed)) +
	       2 * !sameness_is_recovery(entry);
}

/* The best of @list, from @from on and around. */
static const struct entry *best_of(const struct entry_list *list, size_t from,
				   const struct entry *failed, unsigned int worth)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct entry *entry = list->entries[(from + i) % list->count];

		if (worth_of(entry, failed) == worth)
			return entry;
	}
	return NULL;
}

static const struct choose_source *find_id(const struct choose_source *sources, size_t count,
					   const char *id, size_t *ret_index)
{
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < sources[i].list->count; j++)
			if (!strcmp(sources[i].list->entries[j]->id, id)) {
				*ret_index = j;
				return &sources[i];
			}
	return NULL;
}

const struct entry *choose_next(const struct choose_source *sources, size_t count,
				const char *failed_id)
{
	size_t at = 0;
	const struct choose_source *own = find_id(sources, count, failed_id, &at);
	const struct entry *failed = own ? own->list->entries[at] : NULL, *entry = NULL;

	for (unsigned int worth = 4; worth > 0 && !entry; worth--) {
		if (own)
			entry = best_of(own->list, at, failed, worth);
		for (size_t i = 0; i < count && !entry; i++)
			if (&sources[i] != own && sources[i].may_boot && sources[i].is_fixed &&
			    !sources[i].list->withheld)
				entry = best_of(sources[i].list, 0, failed, worth);
	}
	return entry;
}
