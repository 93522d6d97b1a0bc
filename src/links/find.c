// SPDX-License-Identifier: GPL-2.0-or-later
/* Which link of now is which of the record. */
#include "links/internal.h"

#include "worker/worker.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A link that is there now. */
struct candidate {
	char name[IFNAMSIZ];
	char path[PATH_MAX]; /* below /sys */
	long long dev_port;
	char address[96];
	bool is_claimed;
};

static bool candidate_read(const struct restore *restore, const char *name, struct candidate *ret)
{
	char link[PATH_MAX], path[PATH_MAX], text[32];
	ssize_t n;

	if (strlen(name) >= sizeof(ret->name))
		return false;
	memset(ret, 0, sizeof(*ret));
	strcpy(ret->name, name);
	snprintf(link, sizeof(link), "/sys/class/net/%s", name);
	n = sysroot_resolve(restore->sys->root, link, path, sizeof(path));
	if (n < 5 || strncmp(path, "/sys/", 5) != 0)
		return false;
	memcpy(ret->path, path + 4, (size_t)n - 3);
	if (link_attribute(restore, name, "dev_port", text, sizeof(text)) > 0)
		ret->dev_port = atoll(text);
	if (link_attribute(restore, name, "address", ret->address, sizeof(ret->address)) < 0)
		ret->address[0] = '\0';
	return true;
}

static size_t list_candidates(const struct restore *restore, struct candidate **ret_list)
{
	DIR *dir = sysroot_opendir(restore->sys->root, "/sys/class/net");
	struct candidate *list = NULL;
	size_t count = 0, capacity = 0;
	const struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		if (count == capacity) {
			struct candidate *grown = realloc(list, (capacity + 16) * sizeof(*list));

			if (!grown)
				break;
			list = grown;
			capacity += 16;
		}
		count += candidate_read(restore, entry->d_name, &list[count]);
	}
	if (dir)
		closedir(dir);
	*ret_list = list;
	return count;
}

static bool lies_below(const char *path, const char *folder)
{
	size_t length = folder ? strlen(folder) : 0;

	return length && !strncmp(path, folder, length) && path[length] == '/';
}

/* Parts of a likeness: the more significant decide alone. */
#define LIKE_DEVICE  8 /* below its device's own folder */
#define LIKE_CARRIER 4 /* only below the folder of what was released */
#define LIKE_ADDRESS 2
#define LIKE_NAME    1

/*
 * How sure it is that @candidate is @link: 0 not at all. Below the carrier names may have changed
 * (virtio3 came back as virtio7, usb2 as usb4), and one device may have several links.
 */
static int likeness(const struct back *link, const struct candidate *candidate)
{
	long long port = json_integer_value(json_object_get(link->event, "dev_port"));
	const char *permanent = text_of(link, "permanent_address") ?: text_of(link, "address");
	int like = 0;

	if (candidate->is_claimed || candidate->dev_port != port)
		return 0;
	if (lies_below(candidate->path, text_of(link, "device")))
		like = LIKE_DEVICE;
	else if (lies_below(candidate->path, text_of(link, "carrier")))
		like = LIKE_CARRIER;
	else
		return 0;
	if (permanent && !strcmp(candidate->address, permanent))
		like += LIKE_ADDRESS;
	if (!strcmp(candidate->name, link->wanted))
		like += LIKE_NAME;
	return like;
}

static void claim_best(const struct restore *restore, struct back *link, struct candidate *list,
		       size_t count, int at_least)
{
	struct candidate *best = NULL;
	int best_likeness = at_least - 1;

	for (size_t i = 0; i < count; i++) {
		int like = likeness(link, &list[i]);

		if (like > best_likeness) {
			best = &list[i];
			best_likeness = like;
		}
	}
	if (!best)
		return;
	best->is_claimed = true;
	strcpy(link->name, best->name);
	link->index = index_of(restore, best->name);
}

/* Looks once; the sure ones choose first. Returns how many are still missing. */
static size_t locate(struct restore *restore, bool accept_unsure)
{
	struct candidate *list;
	size_t count = list_candidates(restore, &list), missing = 0;
	int least = accept_unsure ? LIKE_CARRIER : LIKE_CARRIER + LIKE_ADDRESS;

	for (size_t i = 0; i < restore->count; i++)
		for (size_t j = 0; j < count; j++)
			if (restore->links[i].index &&
			    !strcmp(restore->links[i].name, list[j].name))
				list[j].is_claimed = true;
	for (int at_least = LIKE_DEVICE + LIKE_ADDRESS + LIKE_NAME; at_least >= least; at_least--)
		for (size_t i = 0; i < restore->count; i++)
			if (!restore->links[i].index && !flag_of(&restore->links[i], "upper"))
				claim_best(restore, &restore->links[i], list, count, at_least);
	for (size_t i = 0; i < restore->count; i++)
		missing += !restore->links[i].index && !flag_of(&restore->links[i], "upper");
	free(list);
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
		if (!restore->links[i].index && !flag_of(&restore->links[i], "upper"))
			restore_fail(restore,
				     "%s: its device %s has no network link now; addresses and "
				     "routes are in the record",
				     restore->links[i].wanted,
				     text_of(&restore->links[i], "device") ?: "?");
}
