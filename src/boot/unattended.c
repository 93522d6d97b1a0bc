// SPDX-License-Identifier: GPL-2.0-or-later
/* choose.h asked of the volumes; see unattended.h. */
#include "boot/unattended.h"

#include "offer/bootdevs.h"
#include "offer/chain.h"
#include "offer/choose.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* All volumes in an array that the caller frees; NULL: no memory. */
static struct choose_source *make_sources(const struct volumes *volumes, size_t *ret_count)
{
	size_t count = volumes_count(volumes);
	struct choose_source *sources = calloc(count + 1, sizeof(*sources));

	for (size_t i = 0; sources && i < count; i++) {
		struct volume_view view = volumes_get(volumes, i);

		sources[i] = (struct choose_source){
			.list = view.offer->list,
			.may_boot = view.may_boot,
			.is_fixed = view.class == DISK_FIXED,
		};
	}
	*ret_count = sources ? count : 0;
	return sources;
}

static bool is_of(const struct entry_list *list, const struct entry *entry)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->entries[i] == entry)
			return true;
	return false;
}

static struct volume_view view_of(const struct volumes *volumes, const struct entry *entry)
{
	for (size_t i = 0; i < volumes_count(volumes); i++) {
		struct volume_view view = volumes_get(volumes, i);

		if (is_of(view.offer->list, entry))
			return view;
	}
	return (struct volume_view){ .name = "" };
}

/* The name of the file system that offers @list. */
static const char *name_of(const struct volumes *volumes, const struct entry_list *list)
{
	for (size_t i = 0; i < volumes_count(volumes); i++) {
		struct volume_view view = volumes_get(volumes, i);

		if (view.offer->list == list)
			return view.name;
	}
	return "";
}

static void choose_after_failure(struct unattended *u, const struct choose_source *sources,
				 size_t count)
{
	u->preferred = choose_next(sources, count, u->failed_id);
	if (u->preferred)
		snprintf(u->rule, sizeof(u->rule), "another kernel, since %.256s failed",
			 u->failed_id);
	else
		snprintf(u->waits, sizeof(u->waits),
			 "there is no other kernel to fall back to: nothing boots by itself");
}

/* By kexit.default=. False: nothing is called so. */
static bool choose_wanted(struct unattended *u, const struct choose_source *sources, size_t count)
{
	const char *wanted = u->settings->chosen;
	struct choice choice = choose_default(sources, count, wanted);

	u->preferred = choice.entry;
	if (choice.entry)
		snprintf(u->rule, sizeof(u->rule), "kexit.default=%s", wanted);
	if (choice.stuck)
		snprintf(
			u->waits, sizeof(u->waits),
			"kexit.default=%s: '%.128s' cannot be booted: %.512s; nothing boots by itself",
			wanted, choice.stuck->title, choice.stuck->greyed ?: "it has no kernel");
	return choice.entry || choice.stuck;
}

static void choose_own(struct unattended *u, const struct volumes *volumes,
		       const struct choose_source *sources, size_t count)
{
	const char *bootdevs = u->settings->bootdevs;
	struct choice choice = choose_default(sources, count, NULL);

	u->preferred = choice.entry;
	if (choice.entry) {
		struct volume_view view = view_of(volumes, choice.entry);

		snprintf(u->rule, sizeof(u->rule), "%.300s, on %s; kexit.bootdevs=%.128s",
			 (view.offer ? view.offer->list->rule : NULL) ?: "its boot loader's",
			 view.name, bootdevs);
	} else if (choice.withheld) {
		snprintf(u->waits, sizeof(u->waits), "%s: %.1000s; nothing boots by itself",
			 name_of(volumes, choice.withheld->list), choice.withheld->list->withheld);
	} else if (count && u->has_waited && strcmp(bootdevs, BOOTDEVS_DEFAULT) != 0) {
		snprintf(u->waits, sizeof(u->waits),
			 "kexit.bootdevs=%s: what it names offers nothing to boot, and nothing "
			 "else boots by itself",
			 bootdevs);
	}
}

/* The list that @entry is of; NULL: there is no entry, or it went with its disk. */
static const struct entry_list *list_of(const struct volumes *volumes, const struct entry *entry)
{
	struct volume_view view = { 0 };

	if (entry)
		view = view_of(volumes, entry);
	return view.offer ? view.offer->list : NULL;
}

void unattended_choose(struct unattended *u, const struct volumes *volumes)
{
	size_t count;
	struct choose_source *sources = make_sources(volumes, &count);

	u->preferred = NULL;
	u->lacks_wanted = false;
	u->rule[0] = u->waits[0] = '\0';
	if (u->failed_id)
		choose_after_failure(u, sources, count);
	else if (!*u->settings->chosen)
		choose_own(u, volumes, sources, count);
	else if (!choose_wanted(u, sources, count) && u->has_waited) {
		/* What was asked for by name did not come: better the system's own than nothing. */
		u->lacks_wanted = true;
		choose_own(u, volumes, sources, count);
	}
	free(sources);
	u->list = list_of(volumes, u->preferred);
	u->may_boot = u->preferred && u->settings->chain < CHAIN_MAX;
	if (u->settings->chain >= CHAIN_MAX)
		snprintf(u->waits, sizeof(u->waits),
			 "a kexit-boot started this one (kexit.chain=%u): nothing boots by itself",
			 u->settings->chain);
}
