// SPDX-License-Identifier: GPL-2.0-or-later
/* The order of a rollback, from the record's events; see rollback.h. */
#include "run/rollback_internal.h"

#include "run/links.h"
#include "run/worker.h"
#include "sys/pci.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ATTRIBUTE_LIMIT_MS 20000
#define LINKS_WAIT_MS	   15000
#define LINKS_LIMIT_MS	   45000
#define PROBE_LIMIT_MS	   30000
#define STORAGE_LIMIT_MS   180000 /* the kernel's own patience with a slow controller */

/* What the events since the last whole rollback say. Arrays of the same length as the events. */
struct undo {
	struct rollback rollback;
	json_t *events;
	struct changed *changes;
	size_t change_count;
	struct rebind *devices;
	size_t device_count;
	struct follower *followers;
	size_t follower_count;
	size_t planned; /* the last "plan" event so far */
};

static const char *field(const json_t *event, const char *name)
{
	return json_string_value(json_object_get(event, name)) ?: "";
}

static bool is_event(const json_t *event, const char *name)
{
	return !strcmp(field(event, "event"), name);
}

/* --- for all parts --- */

void rollback_fail(struct rollback *rollback, const char *format, ...)
{
	char text[768];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	rollback->result->failed++;
	json_array_append_new(rollback->result->names, json_string(text));
	record_write(rollback->record, "not-restored", json_pack("{s:s}", "why", text));
}

void rollback_tell(struct rollback *rollback, const struct bound *device, const char *what,
		   double ms)
{
	char line[512];

	record_write(rollback->record, "restored",
		     json_pack("{s:s s:s s:s s:f}", "device", device->device, "driver",
			       device->driver, "how", what, "ms", (double)(long long)ms));
	if (!rollback->progress)
		return;
	snprintf(line, sizeof(line), "%-20s %-16s %s (%.2f s)", device->name, device->driver, what,
		 ms / 1e3);
	rollback->progress(line);
}

/* An attribute that is empty is set so by a newline: sysfs ignores a write of nothing, and
 * driver_override shows "(null)" for none. */
static const char *writable(const char *old)
{
	return old[0] && strcmp(old, "(null)") != 0 ? old : "\n";
}

static bool says_already(const struct sys *sys, const struct changed *changed)
{
	char now[4096];

	return sysroot_read(sys->root, changed->path, now, sizeof(now)) >= 0 &&
	       !strcmp(now, changed->old);
}

int changed_restore(const struct sys *sys, const struct changed *changed)
{
	int code;

	if (says_already(sys, changed))
		return 0;
	code = sys_write(sys, changed->path, writable(changed->old));
	/* Another number of virtual functions first wants none (Documentation/PCI/pci-iov-howto). */
	if (code == -EBUSY && strstr(changed->path, "/sriov_numvfs") &&
	    sys_write(sys, changed->path, "0") == 0)
		code = sys_write(sys, changed->path, changed->old);
	return code;
}

/* --- reading the events --- */

static bool ends_with(const char *path, const char *end)
{
	size_t length = strlen(path), tail = strlen(end);

	return length >= tail && !strcmp(path + length - tail, end);
}

/* The first event of an attribute has what it said before kexit. */
static void add_change(struct undo *undo, const json_t *event)
{
	const char *path = field(event, "path");

	for (size_t i = 0; i < undo->change_count; i++)
		if (!strcmp(undo->changes[i].path, path))
			return;
	/* The record is root's own, but it is a file: nothing but sysfs is written from it. */
	if (strncmp(path, "/sys/", 5) != 0 || strstr(path, "/../"))
		return;
	undo->changes[undo->change_count++] =
		(struct changed){ .path = path, .old = field(event, "old") };
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
	return is_storage(sys, field(event, "device")) ? STORAGE_LIMIT_MS : PROBE_LIMIT_MS;
}

static struct bound bound_of(const json_t *event)
{
	return (struct bound){
		.device = field(event, "device"),
		.bus = field(event, "bus"),
		.driver = field(event, "driver"),
		.name = field(event, "name"),
	};
}

static struct rebind *find_device(const struct undo *undo, const char *device)
{
	for (size_t i = 0; i < undo->device_count; i++)
		if (!strcmp(undo->devices[i].what.device, device))
			return &undo->devices[i];
	return NULL;
}

static void add_release(struct undo *undo, const json_t *event, size_t at)
{
	struct bound what = bound_of(event);

	/* Released again after it came back half-way: the driver it had at first counts. */
	if (find_device(undo, what.device))
		return;
	undo->devices[undo->device_count++] = (struct rebind){
		.rollback = &undo->rollback,
		.what = what,
		.started = at,
		.ended = SIZE_MAX,
		.deadline_ms = probe_limit(undo->rollback.sys, event),
	};
}

static void end_release(struct undo *undo, const json_t *event, size_t at)
{
	struct rebind *device = find_device(undo, field(event, "device"));

	if (device && device->ended == SIZE_MAX)
		device->ended = at;
}

/* A run that went on in the same record names what it did not find changed yet once more. */
static void add_follower(struct undo *undo, const json_t *event)
{
	struct bound what = bound_of(event);

	for (size_t i = 0; i < undo->follower_count; i++)
		if (!strcmp(undo->followers[i].what.device, what.device))
			return;
	undo->followers[undo->follower_count++] = (struct follower){
		.what = what,
		.with = field(event, "with"),
		.planned = undo->planned,
	};
}

static void read_event(struct undo *undo, const json_t *event, size_t at)
{
	if (is_event(event, "plan"))
		undo->planned = at;
	else if (is_event(event, "attribute"))
		add_change(undo, event);
	else if (is_event(event, "release"))
		add_release(undo, event, at);
	else if (is_event(event, "released"))
		end_release(undo, event, at);
	else if (is_event(event, "follow"))
		add_follower(undo, event);
}

/* The release whose folder @device lies in: the nearest. */
static const struct rebind *carrier_of(const struct undo *undo, const char *device)
{
	char path[PATH_MAX];
	char *slash;

	snprintf(path, sizeof(path), "%s", device);
	while ((slash = strrchr(path, '/')) && slash != path) {
		const struct rebind *carrier;

		*slash = '\0';
		carrier = find_device(undo, path);
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

		f.carrier = carrier_of(undo, f.what.device) ?: find_device(undo, f.with);
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
		rebind = find_device(undo, device);
		if (rebind)
			rebind->numvfs = &undo->changes[i];
	}
}

/* The events after the last whole rollback; a new array. */
static json_t *open_events(const json_t *events)
{
	json_t *open = json_array();
	const json_t *event;
	size_t i;

	json_array_foreach (events, i, event) {
		if (is_event(event, "rolled-back"))
			json_array_clear(open);
		else
			json_array_append_new(open, json_deep_copy(event));
	}
	return open;
}

static void undo_done(struct undo *undo)
{
	free(undo->changes);
	free(undo->devices);
	free(undo->followers);
	json_decref(undo->events);
}

static int undo_init(struct undo *undo, const json_t *events)
{
	const json_t *event;
	size_t count, i;

	undo->events = open_events(events);
	count = json_array_size(undo->events) + 1;
	undo->changes = calloc(count, sizeof(*undo->changes));
	undo->devices = calloc(count, sizeof(*undo->devices));
	undo->followers = calloc(count, sizeof(*undo->followers));
	if (!undo->events || !undo->changes || !undo->devices || !undo->followers)
		return -ENOMEM;
	json_array_foreach (undo->events, i, event)
		read_event(undo, event, i);
	join_followers(undo);
	join_numvfs(undo);
	return 0;
}

/* --- attributes --- */

/* An attribute being restored in a worker: its write may wait for a lock that a stuck remove()
 * holds (power/control and driver_override take the device's). */
struct restoring {
	struct rollback *rollback;
	const struct changed *changed;
};

static size_t attribute_work(void *subject, void *answer, size_t size)
{
	const struct restoring *restoring = subject;
	int code = changed_restore(restoring->rollback->sys, restoring->changed);

	memcpy(answer, &code, sizeof(code));
	return sizeof(code);
}

static void attribute_ended(void *subject, enum job_end end, const void *answer, size_t length,
			    double elapsed_ms)
{
	const struct restoring *restoring = subject;
	const struct changed *changed = restoring->changed;
	int code = end == JOB_STUCK ? -ETIMEDOUT : -EIO;

	if (end == JOB_DONE && length == sizeof(code))
		memcpy(&code, answer, sizeof(code));
	/* Gone with its object; the one that came in its place has the kernel's defaults, or its
	 * device is named as missing. */
	if (code == -ENOENT || code == -ENODEV)
		record_write(restoring->rollback->record, "attribute-gone",
			     json_pack("{s:s}", "path", changed->path));
	else if (code < 0)
		rollback_fail(restoring->rollback, "%s: writing \"%s\" back: %s", changed->path,
			      changed->old, errno_text(code));
}

static bool is_of_bus(const struct changed *changed)
{
	return ends_with(changed->path, "drivers_autoprobe") ||
	       ends_with(changed->path, "/driver_override");
}

static int restore_attributes(struct undo *undo, bool of_bus)
{
	struct restoring *list = calloc(undo->change_count ?: 1, sizeof(*list));
	struct pool *pool = NULL;
	int code = list ? pool_new(64, "/proc", &pool) : -ENOMEM;

	for (size_t i = undo->change_count; i-- > 0 && code == 0;) {
		struct job job = {
			.subject = &list[i],
			.deadline_ms = ATTRIBUTE_LIMIT_MS,
			.work = attribute_work,
			.ended = attribute_ended,
		};

		list[i] = (struct restoring){ &undo->rollback, &undo->changes[i] };
		if (is_of_bus(&undo->changes[i]) == of_bus &&
		    !says_already(undo->rollback.sys, &undo->changes[i]))
			code = pool_start(pool, &job);
	}
	while (code >= 0 && pool_running(pool))
		code = pool_wait(pool, -1, 0);
	pool_free(pool);
	free(list);
	return code < 0 ? code : 0;
}

/* --- Bus Master of functions that no driver ever held --- */

static int restore_clear(struct undo *undo, const json_t *event)
{
	const char *device = field(event, "device");
	json_int_t old = json_integer_value(json_object_get(event, "old"));
	char path[PATH_MAX], driver[NAME_MAX];

	/* A driver sets it by itself; and a function that lost its driver may have an engine that
	 * still runs. */
	if (!(old & PCI_CMD_MASTER) || find_device(undo, device) ||
	    bound_driver(undo->rollback.sys, device, driver, sizeof(driver)))
		return 0;
	snprintf(path, sizeof(path), "/sys%s", device);
	return sys_config_write16(undo->rollback.sys, path, PCI_REG_COMMAND, PCI_CMD_MASTER,
				  PCI_CMD_MASTER);
}

static void restore_clears(struct undo *undo)
{
	const json_t *event;
	size_t i;

	json_array_foreach (undo->events, i, event) {
		int code = is_event(event, "clear") ? restore_clear(undo, event) : 0;

		if (code < 0)
			rollback_fail(&undo->rollback, "%s: setting Bus Master again: %s",
				      field(event, "device"), errno_text(code));
	}
}

/* --- links --- */

/* In a worker, since a remove() that hangs may hold the lock that every rtnetlink call takes. */
static size_t links_work(void *subject, void *answer, size_t size)
{
	const struct undo *undo = subject;
	unsigned int wait_ms = sysroot_is_captured(undo->rollback.sys->root) ? 0 : LINKS_WAIT_MS;
	json_t *failed = json_array();
	int code = links_restore(undo->rollback.sys, undo->events, wait_ms, failed);
	size_t length, left = json_array_size(failed);

	if (code < 0)
		json_array_append_new(failed, json_string("network links: no memory"));
	/* As many messages as one answer holds. */
	while ((length = json_dumpb(failed, answer, size, JSON_COMPACT)) > size && left > 1) {
		json_array_remove(failed, --left);
		json_array_set_new(failed, left - 1,
				   json_string("network links: more, see "
					       "the \"link\" events of the record"));
	}
	return length <= size ? length : 0;
}

static void links_ended(void *subject, enum job_end end, const void *answer, size_t length,
			double elapsed_ms)
{
	struct undo *undo = subject;
	json_t *failed = end == JOB_DONE ? json_loadb(answer, length, 0, NULL) : NULL;
	const json_t *text;
	size_t i;

	if (!failed)
		rollback_fail(&undo->rollback, "network links: restoring them %s",
			      end == JOB_STUCK ? "did not end; the kernel's network lock is held"
					       : "failed");
	json_array_foreach (failed, i, text)
		rollback_fail(&undo->rollback, "%s", json_string_value(text) ?: "?");
	json_decref(failed);
}

static bool has_links(const struct undo *undo)
{
	const json_t *event;
	size_t i;

	json_array_foreach (undo->events, i, event)
		if (is_event(event, "link"))
			return true;
	return false;
}

static int restore_links(struct undo *undo)
{
	struct job job = {
		.subject = undo,
		.deadline_ms = LINKS_LIMIT_MS,
		.work = links_work,
		.ended = links_ended,
	};
	struct pool *pool;
	int code;

	if (!has_links(undo))
		return 0;
	code = pool_new(1, "/proc", &pool);
	if (code < 0)
		return code;
	code = pool_start(pool, &job);
	while (code >= 0 && pool_running(pool))
		code = pool_wait(pool, -1, 0);
	pool_free(pool);
	return code < 0 ? code : 0;
}

/* --- the order --- */

static void stage(struct undo *undo, const char *what, int code)
{
	if (code < 0)
		rollback_fail(&undo->rollback, "%s: %s; run `kexit rollback` again", what,
			      errno_text(code));
}

/*
 * After a kill -9 a worker may still have been on its way to an unbind when its device was looked
 * at and found bound. By now it has been there.
 */
static void rebind_lost(struct undo *undo)
{
	char driver[NAME_MAX];

	for (size_t i = 0; i < undo->device_count; i++) {
		struct rebind *device = &undo->devices[i];

		if (device->state != REBIND_DONE ||
		    bound_driver(undo->rollback.sys, device->what.device, driver, sizeof(driver)))
			continue;
		device->state = REBIND_WAITS;
		undo->rollback.result->devices--;
	}
	rebind_all(&undo->rollback, undo->devices, undo->device_count);
}

static void run_stages(struct undo *undo)
{
	struct rollback *rollback = &undo->rollback;

	stage(undo, "attributes of buses", restore_attributes(undo, true));
	rebind_all(rollback, undo->devices, undo->device_count);
	followers_wait(rollback, undo->followers, undo->follower_count);
	rebind_lost(undo);
	restore_clears(undo);
	stage(undo, "attributes", restore_attributes(undo, false));
	stage(undo, "network links", restore_links(undo));
}

int rollback_run(const struct sys *sys, struct record *record, const json_t *events,
		 void (*progress)(const char *line), struct rollback_result *ret_result)
{
	struct rollback_result result = { .names = json_array() };
	struct undo undo = {
		.rollback = { sys, record, progress, &result },
	};

	if (!record_is_of_this_boot(events))
		rollback_fail(&undo.rollback,
			      "the record is of an earlier boot, whose devices and links this "
			      "kernel does not know; nothing was changed");
	else if (undo_init(&undo, events) < 0)
		rollback_fail(&undo.rollback, "no memory to read the record; nothing was changed");
	else
		run_stages(&undo);
	undo_done(&undo);
	if (!result.failed)
		record_write(record, "rolled-back",
			     json_pack("{s:i}", "devices", (int)result.devices));
	*ret_result = result;
	return result.failed ? -EIO : 0;
}

bool rollback_is_needed(const json_t *events)
{
	static const char *const changes[] = { "attribute", "link", "release", "clear" };
	const json_t *event;
	bool needed = false;
	size_t i;

	json_array_foreach (events, i, event) {
		for (size_t j = 0; j < sizeof(changes) / sizeof(changes[0]); j++)
			needed |= is_event(event, changes[j]);
		if (is_event(event, "rolled-back"))
			needed = false;
	}
	return needed && record_is_of_this_boot(events);
}
