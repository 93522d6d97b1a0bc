// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * In which order entries of all formats are shown, and which one boots unattended.
 *
 * A machine has one boot loader, and leftovers of others. Whose configuration is there is taken to be
 * the one: loader.conf (systemd-boot), else a grub.cfg, else a syslinux.cfg or extlinux.conf, else
 * a petitboot.conf, a kboot.conf or a yaboot.conf; entries of the Boot Loader Specification without a loader.conf come last, since on a machine with GRUB it
 * is GRUB that reads them. The entries of that loader come first, in its own order (the
 * specification's "Sorting" for its own), and it says default and timeout, if something of it can
 * be booted; else the next one does. Where its default cannot be booted, nothing is in its place.
 * What two loaders both offer is shown once.
 */
#include "entry/order.h"
#include "base/map.h"
#include "entry/version.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Formats that are one loader's. Lower ranks come first. */
static unsigned int rank_of(const struct entry_list *list, enum entry_format format)
{
	switch (format) {
	case ENTRY_GRUB:
		return 1;
	case ENTRY_SYSLINUX:
		return 2;
	case ENTRY_PETITBOOT:
		return 3;
	case ENTRY_KBOOT:
		return 4;
	case ENTRY_YABOOT:
		return 5;
	default:
		return list->settings[ENTRY_BLS].is_configured ? 0 : 6;
	}
}

#define RANKS 7

/* The format whose settings count for a rank. */
static enum entry_format format_of(unsigned int rank)
{
	static const enum entry_format formats[RANKS] = {
		ENTRY_BLS,   ENTRY_GRUB,   ENTRY_SYSLINUX, ENTRY_PETITBOOT,
		ENTRY_KBOOT, ENTRY_YABOOT, ENTRY_BLS,
	};

	return formats[rank];
}

/*
 * The order of the entries.
 */

static int compare_texts(const char *a, const char *b)
{
	return strcmp(a ?: "", b ?: "");
}

static int compare_keyed(const struct entry *a, const struct entry *b)
{
	int order = strcmp(a->sort_key, b->sort_key);

	if (!order)
		order = compare_texts(a->machine_id, b->machine_id);
	return order ?: -version_compare(a->version, b->version);
}

/*
 * systemd-boot folds ids to small letters and compares them with their ".conf" (boot_entry_compare()),
 * although the specification has them without: "-" comes before ".", and arch.conf before
 * arch-lts.conf. What is behind "@" is a profile of the same image.
 */
static int compare_ids(const struct entry *a, const struct entry *b)
{
	char folded_a[256], folded_b[256];
	const char *ids[2] = { a->id, b->id };
	char *folded[2] = { folded_a, folded_b };

	for (size_t i = 0; i < 2; i++) {
		const char *at = a->format == ENTRY_UKI ? strrchr(ids[i], '@') : NULL;
		size_t length = at ? (size_t)(at - ids[i]) : strlen(ids[i]);

		length = length < sizeof(folded_a) ? length : sizeof(folded_a) - 1;
		for (size_t k = 0; k < length; k++)
			folded[i][k] =
				(char)(ids[i][k] >= 'A' && ids[i][k] <= 'Z' ? ids[i][k] - 'A' + 'a'
									    : ids[i][k]);
		folded[i][length] = '\0';
	}
	return -version_compare(folded_a, folded_b);
}

/* Entries of the specification: its "Sorting", and what systemd-boot adds for counted twins. */
static int compare_bls(const struct entry *a, const struct entry *b)
{
	int order = (a->tries_left == 0) - (b->tries_left == 0);

	if (!order)
		order = !a->sort_key - !b->sort_key;
	if (!order && a->sort_key)
		order = compare_keyed(a, b);
	if (!order)
		order = compare_ids(a, b);
	if (!order && a->tries_left >= 0 && b->tries_left >= 0) {
		order = b->tries_left - a->tries_left;
		order = order ?: a->tries_done - b->tries_done;
	}
	return order;
}

/* An entry while it is sorted: qsort(3) keeps no order of its own. */
struct place {
	struct entry *entry;
	unsigned int rank;
	size_t index;
};

static int compare_places(const void *left, const void *right)
{
	const struct place *a = left, *b = right;
	int order = (a->rank > b->rank) - (a->rank < b->rank);

	if (!order && format_of(a->rank) == ENTRY_BLS)
		order = compare_bls(a->entry, b->entry);
	return order ?: (a->index > b->index) - (a->index < b->index);
}

int order_sort(struct entry_list *list)
{
	struct place *places = calloc(list->count + 1, sizeof(*places));

	if (!places)
		return -ENOMEM;
	for (size_t i = 0; i < list->count; i++)
		places[i] = (struct place){
			.entry = list->entries[i],
			.rank = rank_of(list, list->entries[i]->format),
			.index = i,
		};
	qsort(places, list->count, sizeof(*places), compare_places);
	for (size_t i = 0; i < list->count; i++)
		list->entries[i] = places[i].entry;
	free(places);
	return 0;
}

/*
 * The default.
 */

static struct entry *find_id(const struct entry_list *list, unsigned int rank, const char *id)
{
	for (size_t i = 0; id && i < list->count; i++)
		if (rank_of(list, list->entries[i]->format) == rank &&
		    !strcmp(list->entries[i]->id, id))
			return list->entries[i];
	return NULL;
}

/* systemd-boot knows ids in small letters only, since FAT does not tell them apart. */
static struct entry *find_glob(const struct entry_list *list, unsigned int rank, const char *glob)
{
	for (size_t i = 0; glob && i < list->count; i++)
		if (rank_of(list, list->entries[i]->format) == rank &&
		    fnmatch(glob, list->entries[i]->id, FNM_CASEFOLD) == 0)
			return list->entries[i];
	return NULL;
}

/*
 * "default NAME" without ".conf" is how gummiboot and the first systemd-boots had it, and how Pop!_OS's
 * kernelstub still writes it: what matches nothing is tried once more with the suffix.
 */
static struct entry *find_pattern(struct entry_list *list, unsigned int rank, const char *glob)
{
	struct entry *entry = find_glob(list, rank, glob);
	const char *longer;

	if (entry || !glob)
		return entry;
	longer = arena_printf(list->arena, "%s.conf", glob);
	return longer ? find_glob(list, rank, longer) : NULL;
}

/* What `bootctl set-default` chose; "@saved" is what was booted last, as in loader.conf. */
static struct entry *find_chosen(const struct entry_list *list, unsigned int rank)
{
	bool is_last = list->chosen_id && !strcmp(list->chosen_id, "@saved");

	if (format_of(rank) != ENTRY_BLS)
		return NULL;
	return find_glob(list, rank, is_last ? list->last_id : list->chosen_id);
}

/* Of @rank: what its settings name, bootable or not. NULL: they name nothing that is there. */
static struct entry *find_configured(struct entry_list *list, unsigned int rank)
{
	const struct entry_settings *settings = &list->settings[format_of(rank)];

	if (settings->default_entry)
		return settings->default_entry;
	if (settings->default_id)
		return find_id(list, rank, settings->default_id);
	return find_pattern(list, rank, settings->default_glob);
}

/* No memory test, and nothing that is grey. */
static bool may_be_default(const struct entry *entry)
{
	return !entry->greyed && !entry->leads_away;
}

/* Of @rank and bootable: the first that has not failed before; better a hidden or failed one than none. */
static struct entry *find_first(const struct entry_list *list, unsigned int rank)
{
	struct entry *first = NULL;

	for (size_t i = 0; i < list->count; i++) {
		struct entry *entry = list->entries[i];

		if (!may_be_default(entry) || rank_of(list, entry->format) != rank)
			continue;
		if (!first || ((first->is_hidden || first->tries_left == 0) && !entry->is_hidden &&
			       entry->tries_left != 0))
			first = entry;
	}
	return first;
}

static bool has_any(const struct entry_list *list, unsigned int rank)
{
	for (size_t i = 0; i < list->count; i++)
		if (rank_of(list, list->entries[i]->format) == rank)
			return true;
	return false;
}

/*
 * Entries that systemd-boot makes of itself ("auto-windows", "auto-reboot-to-firmware-setup"): none is
 * a Linux (loader.conf(5), "default").
 */
static int find_away(struct entry_list *list, unsigned int rank)
{
	struct entry_settings *settings = &list->settings[format_of(rank)];
	const char *names[] = { list->chosen_id, settings->default_glob };

	/* The firmware's memory is about a disk with systemd-boot, and says nothing of others. */
	if (format_of(rank) != ENTRY_BLS || (!settings->is_configured && !has_any(list, rank)))
		return 0;
	for (size_t i = 0; i < 2; i++) {
		if (settings->default_away || !names[i] || strncasecmp(names[i], "auto-", 5) != 0)
			continue;
		settings->default_away = arena_printf(
			list->arena, "%s, which only systemd-boot itself can start", names[i]);
		if (!settings->default_away)
			return -ENOMEM;
	}
	return 0;
}

static int take_rank(struct entry_list *list, unsigned int rank, struct entry *entry,
		     bool is_configured)
{
	const struct entry_settings *settings = &list->settings[format_of(rank)];

	list->preferred = entry;
	list->timeout = settings->timeout;
	list->is_menu_hidden = settings->is_menu_hidden;
	if (is_configured)
		list->rule = settings->default_rule ?: "the boot loader's configuration";
	else
		list->rule = "no default is configured: the first that can be booted";
	return 0;
}

/* Its default is no entry at all. */
static int withhold_away(struct entry_list *list, unsigned int rank)
{
	const char *away = list->settings[format_of(rank)].default_away;

	take_rank(list, rank, NULL, true);
	list->withheld = arena_printf(list->arena, "its default is %s", away);
	return list->withheld ? 0 : -ENOMEM;
}

static bool is_elsewhere(const struct entry_list *list, unsigned int rank)
{
	const struct entry_settings *settings = &list->settings[format_of(rank)];

	return settings->has_sibling && (settings->default_glob || list->chosen_id) &&
	       !settings->default_away;
}

/*
 * Where a default is configured, only that boots unattended: a person who had the machine start
 * Windows, go on to the hard disk or test its memory did not ask for what stands below, which on an
 * installer's medium wipes a disk. A loader of which nothing can be booted, by accident, is taken
 * for a leftover if there is another.
 */
int order_choose(struct entry_list *list)
{
	struct entry *stuck = NULL;
	unsigned int stuck_rank = 0;

	for (unsigned int rank = 0; rank < RANKS; rank++) {
		struct entry *chosen = find_chosen(list, rank);
		struct entry *configured = chosen ?: find_configured(list, rank);
		struct entry *first = find_first(list, rank);

		if (find_away(list, rank))
			return -ENOMEM;
		if (chosen)
			list->settings[ENTRY_BLS].default_rule =
				"the EFI variable LoaderEntryDefault";
		if (!configured && is_elsewhere(list, rank))
			return 0;
		if (!configured && list->settings[format_of(rank)].default_away)
			return withhold_away(list, rank);
		if (configured && (first || configured->leads_away))
			return take_rank(list, rank, configured, true);
		if (first)
			return take_rank(list, rank, first, false);
		if (configured && !stuck) {
			stuck = configured;
			stuck_rank = rank;
		}
	}
	return stuck ? take_rank(list, stuck_rank, stuck, true) : 0;
}

int order_withhold(struct entry_list *list)
{
	const struct entry *entry = list->preferred;

	if (entry && !may_be_default(entry)) {
		list->withheld =
			arena_printf(list->arena, "its default, '%s', %s: %s", entry->title,
				     entry->leads_away ? "leads elsewhere" : "cannot be booted",
				     entry->greyed ?: "it is a memory test");
		if (!list->withheld)
			return -ENOMEM;
		list->preferred = NULL;
	}
	if (list->withheld) {
		list->timeout = ENTRY_TIMEOUT_FOREVER;
		list->is_menu_hidden = false;
	}
	return 0;
}

/*
 * What two loaders both offer.
 */

static char *add_file(struct arena *arena, const char *key, const struct entry_file *file)
{
	if (!file->root)
		return arena_printf(arena, "%s\n", key);
	return arena_printf(arena, "%s\n%p %llu %s", key, (const void *)file->root,
			    (unsigned long long)file->offset, file->path);
}

/* All that the kernel will get, in one string; blanks in the command line count once. */
static char *key_of(struct arena *arena, const struct entry *entry)
{
	char *key = add_file(arena, "", &entry->kernel), *options, *to;

	for (size_t i = 0; key && i < entry->initrd_count; i++)
		key = add_file(arena, key, &entry->initrds[i]);
	options = key ? arena_strdup(arena, entry->options ?: "") : NULL;
	if (!options)
		return NULL;
	to = options;
	for (const char *from = options; *from; from++)
		if (*from != ' ' || (from[1] && from[1] != ' ' && to != options))
			*to++ = *from;
	*to = '\0';
	return arena_printf(arena, "%s\n%s", key, options);
}

static bool is_better(const struct entry *a, const struct entry *b)
{
	if (!a->greyed != !b->greyed)
		return !a->greyed;
	return !a->is_hidden && b->is_hidden;
}

/* One of @first, which is earlier, and @second goes. */
static void drop(struct entry_list *list, struct entry *first, struct entry *second)
{
	struct entry *stays = is_better(second, first) ? second : first;
	struct entry *goes = stays == first ? second : first;

	goes->is_dropped = true;
	if (list->preferred == goes)
		list->preferred = stays;
}

/*
 * An entry file that GRUB's blscfg read is the same entry, whatever its variables made of it; else
 * what gives the kernel the same is. Within one loader both are there on purpose, as in GRUB's
 * "Advanced options".
 */
static int match(struct entry_list *list, struct map *seen, struct entry *entry, const char *key)
{
	struct entry *other = key ? map_get(seen, key) : NULL;

	if (!key)
		return -ENOMEM;
	if (!other)
		return map_put(seen, key, entry);
	if (rank_of(list, other->format) == rank_of(list, entry->format) || other->is_dropped ||
	    entry->is_dropped)
		return 0;
	drop(list, other, entry);
	return entry->is_dropped ? 0 : map_put(seen, key, entry);
}

static bool is_entry_file(const struct entry *entry)
{
	size_t length = strlen(entry->path);

	return length > 5 && !strcasecmp(entry->path + length - 5, ".conf") &&
	       strstr(entry->path, "/loader/entries/");
}

static int find_twins(struct entry_list *list, struct map *seen)
{
	int r = 0;

	for (size_t i = 0; !r && i < list->count; i++) {
		struct entry *entry = list->entries[i];

		if (is_entry_file(entry))
			r = match(list, seen, entry,
				  arena_printf(list->arena, "%p %s", (const void *)entry->root,
					       entry->path));
		if (!r && entry->kernel.root && !entry->is_dropped)
			r = match(list, seen, entry, key_of(list->arena, entry));
	}
	return r;
}

int order_drop_twins(struct entry_list *list)
{
	struct map *seen = map_new();
	size_t count = 0;
	int r = seen ? find_twins(list, seen) : -ENOMEM;

	map_free(seen);
	if (r)
		return r;
	for (size_t i = 0; i < list->count; i++)
		if (!list->entries[i]->is_dropped)
			list->entries[count++] = list->entries[i];
	list->count = count;
	return 0;
}
