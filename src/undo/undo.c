// SPDX-License-Identifier: GPL-2.0-or-later
/* From the record's events to what has to be undone; see undo.h. */
#include "undo/undo.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROBE_LIMIT_MS	 30000
#define STORAGE_LIMIT_MS 180000 /* the kernel's own patience with a slow controller */

const char *event_field(const json_t *event, const char *name)
{
	return json_string_value(json_object_get(event, name)) ?: "";
}

bool event_is(const json_t *event, const char *name)
{
	return !strcmp(event_field(event, "event"), name);
}

static bool ends_with(const char *path, const char *end)
{
	size_t length = strlen(path), tail = strlen(end);

	return length >= tail && !strcmp(path + length - tail, end);
}

/* The first event of an attribute has what it said before kexit. */
static int add_change(struct undo *undo, const json_t *event)
{
	const char *path = event_field(event, "path");
	struct changed *change = &undo->changes[undo->change_count];

	/* The record is root's own, but it is a file: nothing but sysfs is written from it. */
	if (map_get(undo->change_at, path) || strncmp(path, "/sys/", 5) != 0 ||
	    strstr(path, "/../"))
		return 0;
	*change = (struct changed){ .path = path, .old = event_field(event, "old") };
	undo->change_count++;
	return map_put(undo->change_at, path, change);
}

static bool is_storage(const struct sys *sys, const char *device)
{
	unsigned long long class;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/sys%s/class", device);
	return sysroot_read_u64(sys->root, path, &class) == 0 && class >> 16 == 0x01;
}

/* A record may say how long a probe takes; a disk controller's takes as long as its release. */
static unsigned int probe_limit(const struct sys *sys, const json_t *event)
{
	json_int_t said = json_integer_value(json_object_get(event, "probe_ms"));

	if (said > 0 && said < 3600000)
		return (unsigned int)said;
	return is_storage(sys, event_field(event, "device")) ? STORAGE_LIMIT_MS : PROBE_LIMIT_MS;
}

static struct bound bound_of(const json_t *event)
{
	return (struct bound){
		.device = event_field(event, "device"),
		.bus = event_field(event, "bus"),
		.driver = event_field(event, "driver"),
		.name = event_field(event, "name"),
	};
}

struct rebind *undo_find(const struct undo *undo, const char *device)
{
	return map_get(undo->device_at, device);
}

static int add_release(struct undo *undo, const json_t *event, size_t at)
{
	struct rebind *device = &undo->devices[undo->device_count];
	struct bound what = bound_of(event);

	/* Released again after it came back half-way: the driver it had at first counts. */
	if (undo_find(undo, what.device))
		return 0;
	*device = (struct rebind){
		.rollback = &undo->rollback,
		.what = what,
		.started = at,
		.ended = SIZE_MAX,
		.deadline_ms = probe_limit(undo->rollback.sys, event),
	};
	undo->device_count++;
	return map_put(undo->device_at, what.device, device);
}

static void end_release(struct undo *undo, const json_t *event, size_t at)
{
	struct rebind *device = undo_find(undo, event_field(event, "device"));

	if (device && device->ended == SIZE_MAX)
		device->ended = at;
}

/* A run that went on in the same record names what it did not find changed yet once more. */
static int add_follower(struct undo *undo, const json_t *event)
{
	struct follower *follower = &undo->followers[undo->follower_count];
	struct bound what = bound_of(event);

	if (map_get(undo->follower_at, what.device))
		return 0;
	*follower = (struct follower){
		.what = what,
		.with = event_field(event, "with"),
		.planned = undo->planned,
	};
	undo->follower_count++;
	return map_put(undo->follower_at, what.device, follower);
}

/* As with links, the first one tells how it was. */
static int add_vfs(struct undo *undo, json_t *event)
{
	const char *device = event_field(event, "device");

	return map_get(undo->vfs_at, device) ? 0 : map_put(undo->vfs_at, device, event);
}

static int read_event(struct undo *undo, json_t *event, size_t at)
{
	if (event_is(event, "plan"))
		undo->planned = at;
	else if (event_is(event, "attribute"))
		return add_change(undo, event);
	else if (event_is(event, "release"))
		return add_release(undo, event, at);
	else if (event_is(event, "released"))
		end_release(undo, event, at);
	else if (event_is(event, "follow"))
		return add_follower(undo, event);
	else if (event_is(event, "vfs"))
		return add_vfs(undo, event);
	return 0;
}

/* The release whose folder @device lies in: the nearest. */
static const struct rebind *carrier_of(const struct undo *undo, const char *device)
{
	for (size_t length = strlen(device); length > 1; length--) {
		const struct rebind *carrier;

		if (device[length] != '/')
			continue;
		carrier = map_get_n(undo->device_at, device, length);
		if (carrier)
			return carrier;
	}
	return NULL;
}

/*
 * A carrier that was released before a later plan was made has what went with it named by the plan
 * before. What the later one saw is the same devices, half-way back and under other names.
 */
static void join_followers(struct undo *undo)
{
	size_t kept = 0;

	for (size_t i = 0; i < undo->follower_count; i++) {
		struct follower f = undo->followers[i];

		f.carrier = carrier_of(undo, f.what.device) ?: undo_find(undo, f.with);
		if (!f.carrier || f.carrier->started >= f.planned)
			undo->followers[kept++] = f;
	}
	undo->follower_count = kept;
}

/* Once all releases are known: which one makes which virtual functions again. */
static void join_numvfs(struct undo *undo)
{
	for (size_t i = 0; i < undo->change_count; i++) {
		const char *path = undo->changes[i].path;
		char device[PATH_MAX];
		struct rebind *rebind;

		if (!ends_with(path, "/sriov_numvfs"))
			continue;
		snprintf(device, sizeof(device), "%.*s",
			 (int)(strlen(path) - strlen("/sys") - strlen("/sriov_numvfs")), path + 4);
		rebind = undo_find(undo, device);
		if (!rebind)
			continue;
		rebind->numvfs = &undo->changes[i];
		rebind->vfs = map_get(undo->vfs_at, device);
	}
}

/* The events after the last whole rollback; a new array. */
static json_t *open_events(const json_t *events)
{
	json_t *open = json_array();
	const json_t *event;
	size_t i;

	json_array_foreach (events, i, event) {
		if (event_is(event, "rolled-back"))
			json_array_clear(open);
		else
			json_array_append_new(open, json_deep_copy(event));
	}
	return open;
}

void undo_done(struct undo *undo)
{
	free(undo->changes);
	free(undo->devices);
	free(undo->followers);
	map_free(undo->change_at);
	map_free(undo->device_at);
	map_free(undo->follower_at);
	map_free(undo->vfs_at);
	json_decref(undo->events);
}

static bool has_memory(const struct undo *undo)
{
	return undo->events && undo->changes && undo->devices && undo->followers &&
	       undo->change_at && undo->device_at && undo->follower_at && undo->vfs_at;
}

int undo_init(struct undo *undo, const json_t *events)
{
	json_t *event;
	size_t count, i;

	undo->events = open_events(events);
	count = json_array_size(undo->events) + 1;
	undo->change_count = undo->device_count = undo->follower_count = 0;
	undo->changes = calloc(count, sizeof(*undo->changes));
	undo->devices = calloc(count, sizeof(*undo->devices));
	undo->followers = calloc(count, sizeof(*undo->followers));
	undo->change_at = map_new();
	undo->device_at = map_new();
	undo->follower_at = map_new();
	undo->vfs_at = map_new();
	if (!has_memory(undo))
		return -ENOMEM;
	json_array_foreach (undo->events, i, event) {
		int code = read_event(undo, event, i);

		if (code < 0)
			return code;
	}
	join_followers(undo);
	join_numvfs(undo);
	return 0;
}

bool changed_is_of_bus(const struct changed *changed)
{
	return ends_with(changed->path, "drivers_autoprobe") ||
	       ends_with(changed->path, "/driver_override");
}
