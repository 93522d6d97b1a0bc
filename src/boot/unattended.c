// SPDX-License-Identifier: GPL-2.0-or-later
/* choose.h asked of the volumes; see unattended.h. */
#include "boot/unattended.h"

#include "boot/choose.h"

#include <stdlib.h>

/* The lists of all volumes in an array that the caller frees; NULL: no memory. */
static const struct entry_list **make_lists(const struct volumes *volumes, size_t *ret_count)
{
	size_t count = volumes_count(volumes);
	const struct entry_list **lists = calloc(count + 1, sizeof(*lists));

	for (size_t i = 0; lists && i < count; i++)
		lists[i] = volumes_get(volumes, i).offer->list;
	*ret_count = lists ? count : 0;
	return lists;
}

const struct entry *unattended_choose(const struct unattended *unattended,
				      const struct volumes *volumes)
{
	size_t count;
	const struct entry_list **lists = make_lists(volumes, &count);
	const struct entry *entry;

	if (unattended->failed_id) {
		entry = choose_next(lists, count, unattended->failed_id);
	} else {
		entry = choose_default(lists, count, unattended->wanted);
		/* What was asked for by name did not come: better the system's own than nothing. */
		if (!entry && unattended->has_waited)
			entry = choose_default(lists, count, NULL);
	}
	free(lists);
	return entry;
}

bool unattended_lacks_wanted(const struct unattended *unattended, const struct volumes *volumes)
{
	size_t count;
	const struct entry_list **lists;
	bool is_missing;

	if (!unattended->has_waited || !*unattended->wanted)
		return false;
	lists = make_lists(volumes, &count);
	is_missing = !choose_default(lists, count, unattended->wanted);
	free(lists);
	return is_missing;
}

const struct entry_list *unattended_list(const struct volumes *volumes, const struct entry *entry)
{
	for (size_t i = 0; entry && i < volumes_count(volumes); i++) {
		const struct entry_list *list = volumes_get(volumes, i).offer->list;

		for (size_t j = 0; j < list->count; j++)
			if (list->entries[j] == entry)
				return list;
	}
	return NULL;
}
