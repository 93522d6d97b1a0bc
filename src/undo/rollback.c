// SPDX-License-Identifier: GPL-2.0-or-later
/* The order of a rollback, from the record's events; see rollback.h. */
#include "undo/undo.h"

#include "host/late.h"
#include "links/links.h"
#include "sys/pci.h"
#include "worker/given_up.h"
#include "worker/worker.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ATTRIBUTE_LIMIT_MS 20000
#define LINKS_WAIT_MS	   15000
#define LINKS_LIMIT_MS	   45000

/* What a killed process that nothing keeps in the kernel needs to end, on a busy machine. */
#define DYING_LIMIT_MS	   2000

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

/* --- attributes --- */

/* An attribute being restored in a worker: its write may wait for a lock that a stuck remove()
 * holds (power/control and driver_override take the device's). */
struct restoring {
	struct rollback *rollback;
	const struct changed *changed;
};

static bool is_gone(const struct sys *sys, const struct changed *changed, int code)
{
	return (code == -ENOENT || code == -ENODEV) && !sysroot_exists(sys->root, changed->path);
}

static size_t attribute_work(void *subject, void *answer, size_t size)
{
	const struct restoring *restoring = subject;
	const struct sys *sys = restoring->rollback->sys;
	int code = changed_restore(sys, restoring->changed);

	/* It went while it was written, and another came in its place. */
	if ((code == -ENOENT || code == -ENODEV) && !is_gone(sys, restoring->changed, code))
		code = changed_restore(sys, restoring->changed);

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
	if (is_gone(restoring->rollback->sys, changed, code))
		record_write(restoring->rollback->record, "attribute-gone",
			     json_pack("{s:s}", "path", changed->path));
	else if (code < 0)
		rollback_fail(restoring->rollback, "%s: writing \"%s\" back: %s", changed->path,
			      changed->old, errno_text(code));
}

static int restore_attributes(struct undo *undo, bool of_bus)
{
	struct restoring *list = calloc(undo->change_count ?: 1, sizeof(*list));
	struct pool *pool = NULL;
	int code = list ? pool_new(64, undo->rollback.sys->root, &pool) : -ENOMEM;

	for (size_t i = undo->change_count; i-- > 0 && code == 0;) {
		struct job job = {
			.subject = &list[i],
			.deadline_ms = ATTRIBUTE_LIMIT_MS,
			.work = attribute_work,
			.ended = attribute_ended,
		};

		list[i] = (struct restoring){ &undo->rollback, &undo->changes[i] };
		if (changed_is_of_bus(&undo->changes[i]) == of_bus &&
		    !says_already(undo->rollback.sys, &undo->changes[i]))
			code = pool_start(pool, &job);
	}
	if (code >= 0)
		code = pool_drain(pool, -1, 0);
	pool_free(pool);
	free(list);
	return code < 0 ? code : 0;
}

/* --- Bus Master and INTx of functions that no driver ever held --- */

static uint16_t changed_bits(const json_t *event)
{
	json_int_t old = json_integer_value(json_object_get(event, "old"));
	json_int_t new = json_integer_value(json_object_get(event, "new"));

	return (uint16_t)(old ^ new) & (PCI_CMD_MASTER | PCI_CMD_INTX_DISABLE);
}

static int restore_clear(struct undo *undo, const json_t *event)
{
	const char *device = event_field(event, "device");
	uint16_t old = (uint16_t)json_integer_value(json_object_get(event, "old"));
	uint16_t bits = changed_bits(event);
	char path[PATH_MAX], driver[NAME_MAX];
	struct pci_config config;
	int r;

	/* A driver sets it by itself; and a function that lost its driver may have an engine that
	 * still runs. */
	if (undo_find(undo, device) ||
	    bound_driver(undo->rollback.sys, device, driver, sizeof(driver)))
		return 0;
	snprintf(path, sizeof(path), "/sys%s", device);
	r = pci_config_read(undo->rollback.sys->root, path, &config);
	if (r < 0)
		return r;
	/* It may never have been changed: lockdown refuses that, and would refuse this as well. */
	if (((pci_config_u16(&config, PCI_REG_COMMAND) ^ old) & bits) == 0)
		return 0;
	return sys_config_write16(undo->rollback.sys, path, PCI_REG_COMMAND, bits, old & bits);
}

static void restore_clears(struct undo *undo)
{
	const json_t *event;
	size_t i;

	json_array_foreach (undo->events, i, event) {
		int code = event_is(event, "clear") ? restore_clear(undo, event) : 0;

		if (code < 0)
			rollback_fail(&undo->rollback, "%s: setting Bus Master again: %s",
				      event_field(event, "device"), errno_text(code));
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
		if (event_is(event, "link"))
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
	code = pool_new(1, undo->rollback.sys->root, &pool);
	if (code < 0)
		return code;
	code = pool_start(pool, &job);
	if (code >= 0)
		code = pool_drain(pool, -1, 0);
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

/* The module forgets the list that the events say it got. 0 or a negative errno. */
static int disarm_late(const struct sys *sys, const json_t *events, struct record *record,
		       struct error *e)
{
	const json_t *event;
	bool armed = false;
	size_t i;
	int r;

	json_array_foreach (events, i, event) {
		if (event_is(event, "late"))
			armed = true;
		else if (event_is(event, "late-disarmed"))
			armed = false;
	}
	if (!armed)
		return 0;
	r = late_disarm(sys, e);
	if (r == 0)
		record_write(record, "late-disarmed", NULL);
	return r;
}

/* One that was killed first ends when the kernel lets it: what its call does then comes after all that
 * was brought back here. */
static void fail_where_workers_live(struct rollback *rollback)
{
	char names[256] = "a device of an earlier run";

	if (workers_given_up_wait(DYING_LIMIT_MS))
		workers_given_up_names(names, sizeof(names));
	else if (!record_has_others(rollback->record))
		return;
	rollback_fail(rollback,
		      "%s: a call into the kernel has not returned, and may change it yet; run "
		      "`kexit rollback` again once `ps` shows no kexit in state D any more",
		      names);
}

int rollback_run(const struct sys *sys, struct record *record, const json_t *events,
		 void (*progress)(const char *line), struct rollback_result *ret_result)
{
	struct rollback_result result = { .names = json_array() };
	struct undo undo = {
		.rollback = { sys, record, progress, &result },
	};
	struct error e = ERROR_NONE;

	if (!record_is_of_this_boot(events))
		rollback_fail(&undo.rollback,
			      "the record is of an earlier boot, whose devices and links this "
			      "kernel does not know; nothing was changed");
	else if (undo_init(&undo, events) < 0)
		rollback_fail(&undo.rollback, "no memory to read the record; nothing was changed");
	else
		run_stages(&undo);
	/* Not in between: what it would do to a device matters only in a jump. */
	if (disarm_late(sys, events, record, &e) < 0)
		rollback_fail(&undo.rollback, "%s", e.text);
	undo_done(&undo);
	fail_where_workers_live(&undo.rollback);
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
			needed |= event_is(event, changes[j]);
		if (event_is(event, "rolled-back"))
			needed = false;
	}
	return needed && record_is_of_this_boot(events);
}
