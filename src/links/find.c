// SPDX-License-Identifier: GPL-2.0-or-later
/* Which link of now is which of the record. */
#include "links/internal.h"

#include "worker/worker.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Parts of a likeness: the more significant decide alone. */
#define LIKE_DEVICE  8 /* below its device's own folder */
#define LIKE_CARRIER 4 /* only below the folder of what was released */
#define LIKE_ADDRESS 2
#define LIKE_NAME    1

/* A link that is there now. */
struct candidate {
	const char *name;
	const char *path; /* below /sys */
	long long dev_port;
	char address[96];
	bool is_claimed;
};

/* A candidate where it may be looked for; of one place the first listed comes first. */
struct offer {
	struct candidate *candidate;
	struct offer *next;
};

struct offers {
	struct offer *first, *last;
};

/*
 * One look at all links. Each candidate is put where any link that it may be looks for it, so that
 * 10,000 links take the time of 10,000, and not of all pairs of them.
 */
struct look {
	struct restore *restore;
	struct arena *arena;
	struct map *folders; /* those of the links' devices and carriers */
	struct map *named;   /* candidates by name */
	struct map *places;  /* place_of() -> struct offers */
};

static void candidate_read(const struct restore *restore, const char *name, struct candidate *ret)
{
	char text[32];

	if (link_attribute(restore, name, "dev_port", text, sizeof(text)) > 0)
		ret->dev_port = atoll(text);
	if (link_attribute(restore, name, "address", ret->address, sizeof(ret->address)) < 0)
		ret->address[0] = '\0';
}

/* Where a link with that port, hardware address and name looks for itself below a folder; @like says
 * which of the two count. NULL: no memory. */
static const char *place_of(const struct look *look, const char *folder, size_t length, int like,
			    long long port, const char *address, const char *name)
{
	return arena_printf(look->arena, "%.*s\n%lld\n%d\n%s\n%s", (int)length, folder, port,
			    like & (LIKE_ADDRESS | LIKE_NAME), like & LIKE_ADDRESS ? address : "",
			    like & LIKE_NAME ? name : "");
}

static int offer_at(struct look *look, const char *place, struct candidate *candidate)
{
	struct offer *offer = arena_alloc(look->arena, sizeof(*offer));
	struct offers *offers = place ? map_get(look->places, place) : NULL;

	if (!offer || !place)
		return -ENOMEM;
	offer->candidate = candidate;
	if (offers) {
		offers->last = offers->last->next = offer;
		return 0;
	}
	offers = arena_alloc(look->arena, sizeof(*offers));
	if (!offers)
		return -ENOMEM;
	offers->first = offers->last = offer;
	return map_put(look->places, place, offers);
}

/* Below each folder that somebody looks in. */
static int offer_candidate(struct look *look, struct candidate *c)
{
	int code = 0;

	for (size_t length = strlen(c->path); length > 1 && code == 0; length--) {
		if (c->path[length] != '/' || !map_get_n(look->folders, c->path, length))
			continue;
		for (int like = 0; like <= (LIKE_ADDRESS | LIKE_NAME) && code == 0; like++)
			code = offer_at(look,
					place_of(look, c->path, length, like, c->dev_port,
						 c->address, c->name),
					c);
	}
	return code;
}

static int add_candidate(struct look *look, const char *name)
{
	char link[PATH_MAX], path[PATH_MAX];
	struct candidate *candidate;
	int code;

	if (strlen(name) >= IFNAMSIZ)
		return 0;
	snprintf(link, sizeof(link), "/sys/class/net/%s", name);
	if (sysroot_resolve(look->restore->sys->root, link, path, sizeof(path)) < 5 ||
	    strncmp(path, "/sys/", 5) != 0)
		return 0;
	candidate = arena_alloc(look->arena, sizeof(*candidate));
	if (!candidate)
		return -ENOMEM;
	candidate->name = arena_strdup(look->arena, name);
	candidate->path = arena_strdup(look->arena, path + 4);
	if (!candidate->name || !candidate->path)
		return -ENOMEM;
	candidate_read(look->restore, name, candidate);
	code = map_put(look->named, candidate->name, candidate);
	return code < 0 ? code : offer_candidate(look, candidate);
}

static int list_candidates(struct look *look)
{
	DIR *dir = sysroot_opendir(look->restore->sys->root, "/sys/class/net");
	const struct dirent *entry;
	int code = 0;

	while (dir && code == 0 && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			code = add_candidate(look, entry->d_name);
	if (dir)
		closedir(dir);
	return code;
}

static bool is_missing(const struct back *link)
{
	return !link->index && !flag_of(link, "upper");
}

static int list_folders(struct look *look)
{
	static const char *const fields[] = { "device", "carrier" };
	struct restore *restore = look->restore;

	for (size_t i = 0; i < restore->count; i++) {
		for (size_t j = 0; j < sizeof(fields) / sizeof(fields[0]); j++) {
			const char *folder = text_of(&restore->links[i], fields[j]);

			if (folder && is_missing(&restore->links[i]) &&
			    map_put(look->folders, folder, restore) < 0)
				return -ENOMEM;
		}
	}
	return 0;
}

static void skip_claimed(struct look *look)
{
	for (size_t i = 0; i < look->restore->count; i++) {
		const struct back *link = &look->restore->links[i];
		struct candidate *candidate = link->index ? map_get(look->named, link->name) : NULL;

		if (candidate)
			candidate->is_claimed = true;
	}
}

static struct candidate *first_free(struct offers *offers)
{
	while (offers && offers->first && offers->first->candidate->is_claimed)
		offers->first = offers->first->next;
	return offers && offers->first ? offers->first->candidate : NULL;
}

/*
 * How sure it is that a candidate is @link is its likeness. Below the carrier names may have changed
 * (virtio3 came back as virtio7, usb2 as usb4), and one device may have several links.
 */
static int claim(struct look *look, struct back *link, int like)
{
	const char *folder = text_of(link, like & LIKE_DEVICE ? "device" : "carrier");
	const char *address = text_of(link, "permanent_address") ?: text_of(link, "address");
	long long port = json_integer_value(json_object_get(link->event, "dev_port"));
	struct candidate *candidate;
	const char *place;

	if (!folder || (like & LIKE_ADDRESS && !address))
		return 0;
	place = place_of(look, folder, strlen(folder), like, port, address, link->wanted);
	if (!place)
		return -ENOMEM;
	candidate = first_free(map_get(look->places, place));
	if (!candidate)
		return 0;
	candidate->is_claimed = true;
	strcpy(link->name, candidate->name);
	link_is_named(look->restore, link);
	link->index = index_of(look->restore, candidate->name);
	return 0;
}

/* The sure ones choose first. */
static int claim_all(struct look *look, bool accept_unsure)
{
	int least = accept_unsure ? LIKE_CARRIER : LIKE_CARRIER + LIKE_ADDRESS;
	struct restore *restore = look->restore;
	int code = 0;

	for (int like = LIKE_DEVICE + LIKE_ADDRESS + LIKE_NAME; like >= least && code == 0; like--)
		for (size_t i = 0; i < restore->count && code == 0; i++)
			if (is_missing(&restore->links[i]))
				code = claim(look, &restore->links[i], like);
	return code;
}

static int look_once(struct look *look, bool accept_unsure)
{
	int code;

	if (!look->arena || !look->folders || !look->named || !look->places)
		return -ENOMEM;
	code = list_folders(look);
	if (code == 0)
		code = list_candidates(look);
	if (code < 0)
		return code;
	skip_claimed(look);
	return claim_all(look, accept_unsure);
}

/* Looks once; returns how many are still missing. What memory was short for is looked for again. */
static size_t locate(struct restore *restore, bool accept_unsure)
{
	struct look look = {
		.restore = restore,
		.arena = arena_new(),
		.folders = map_new(),
		.named = map_new(),
		.places = map_new(),
	};
	size_t missing = 0;

	look_once(&look, accept_unsure);
	map_free(look.folders);
	map_free(look.named);
	map_free(look.places);
	arena_free(look.arena);
	for (size_t i = 0; i < restore->count; i++)
		missing += is_missing(&restore->links[i]);
	return missing;
}

/* Drivers register links some time after their probe (firmware, USB, virtio). */
void links_find(struct restore *restore, unsigned int wait_ms)
{
	double end = clock_ms() + wait_ms;
	size_t missing = locate(restore, false);

	while (missing && clock_ms() < end) {
		usleep(LINKS_POLL_US);
		missing = locate(restore, false);
	}
	if (missing)
		locate(restore, true);
	for (size_t i = 0; i < restore->count; i++)
		if (is_missing(&restore->links[i]))
			restore_fail(restore,
				     "%s: its device %s has no network link now; addresses and "
				     "routes are in the record",
				     restore->links[i].wanted,
				     text_of(&restore->links[i], "device") ?: "?");
}
