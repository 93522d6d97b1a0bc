// SPDX-License-Identifier: GPL-2.0-or-later
/* The machine-wide changes before the releases; see prepare.h. */
#include "run/prepare.h"

#include "links/links.h"
#include "undo/changes.h"
#include "worker/bounded.h"
#include "worker/walk.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

/* A probe that is under way holds its device's lock: what a rollback gives one as well. */
#define CHANGE_LIMIT_MS 30000

/* One attribute to be changed. Strings are the plan's arena's. */
struct change {
	const char *path;
	const char *value;
};

struct changes {
	const struct plan *plan;
	struct change *list;
	size_t count, capacity;
	int code; /* -ENOMEM */
};

static bool goes_away(const struct plan *plan, const struct device *device)
{
	enum fate fate = plan->decisions[device->id].fate;

	return fate == FATE_RELEASE || fate == FATE_FOLLOW;
}

static void change_add(struct changes *changes, const char *path, const char *value)
{
	int r = arena_grow(changes->plan->arena, &changes->list, &changes->capacity,
			   changes->count + 1, sizeof(*changes->list));

	if (r < 0 || !path)
		changes->code = -ENOMEM;
	else
		changes->list[changes->count++] = (struct change){ path, value };
}

/* ---- what is to be changed */

/* Something of it goes, or has no driver: a driver that binds now would start an engine again. */
static bool is_bus_concerned(const struct plan *plan, const char *bus)
{
	const struct graph *graph = plan->graph;

	for (size_t i = 0; i < graph->device_count; i++)
		if (plan->decisions[i].fate != FATE_LEAVE && !strcmp(graph->devices[i]->bus, bus))
			return true;
	return false;
}

static void stop_autoprobe(struct changes *changes)
{
	const struct graph *graph = changes->plan->graph;

	for (size_t i = 0; i < graph->bus_count; i++)
		if (is_bus_concerned(changes->plan, graph->buses[i]))
			change_add(changes,
				   arena_printf(changes->plan->arena,
						"/sys/bus/%s/drivers_autoprobe", graph->buses[i]),
				   "0");
}

/* Bridges included: a port that sleeps takes everything below it along. */
static void keep_awake(struct changes *changes)
{
	const struct graph *graph = changes->plan->graph;

	for (size_t i = 0; i < graph->device_count; i++)
		if (graph->devices[i]->pci && !graph->devices[i]->is_locked)
			change_add(changes,
				   arena_printf(changes->plan->arena, "/sys%s/power/control",
						graph->devices[i]->path),
				   "on");
}

static bool disk_goes_away(const struct plan *plan, const struct disk *disk)
{
	for (size_t i = 0; i < disk->owner_count; i++) {
		if (goes_away(plan, disk->owners[i]))
			return true;
	}
	return false;
}

static void keep_spinning(struct changes *changes)
{
	/* 6.1 has the first; newer kernels split it. An attribute that is absent is no error. */
	static const char *const names[] = {
		"manage_start_stop",
		"manage_system_start_stop",
		"manage_runtime_start_stop",
	};
	const struct graph *graph = changes->plan->graph;

	for (size_t i = 0; i < graph->disk_count; i++) {
		const struct disk *disk = graph->disks[i];

		if (!disk->scsi_disk || !disk_goes_away(changes->plan, disk))
			continue;
		for (size_t j = 0; j < sizeof(names) / sizeof(names[0]); j++)
			change_add(changes,
				   arena_printf(changes->plan->arena, "%s/%s", disk->scsi_disk,
						names[j]),
				   "0");
	}
}

/* sysfs does not say which framebuffer a console is on, so one that goes takes all consoles off. */
static void free_framebuffers(struct changes *changes)
{
	const struct graph *graph = changes->plan->graph;
	bool one_goes = false;

	for (size_t i = 0; i < graph->framebuffer_count; i++) {
		const struct device *owner = graph->framebuffers[i].owner;

		one_goes |= owner && goes_away(changes->plan, owner);
	}
	for (size_t i = 0; one_goes && i < graph->fbcon_count; i++)
		if (graph->fbcons[i].is_bound)
			change_add(changes,
				   arena_printf(changes->plan->arena, "%s/bind",
						graph->fbcons[i].path),
				   "0");
}

/* ---- changing it */

struct changing {
	const struct sys *sys;
	struct record *record;
	const struct prepare_options *options;
	const struct changes *changes;
};

static int change(void *subject, size_t i)
{
	const struct changing *changing = subject;
	const struct change *one = &changing->changes->list[i];

	return change_attribute(changing->sys, changing->record, one->path, one->value);
}

static void tell_waiting(void *subject, size_t i)
{
	const struct changing *changing = subject;
	char line[512];

	if (!changing->options->note)
		return;
	snprintf(line, sizeof(line),
		 "%s: waiting for its lock; a probe or a remove() may be under way",
		 changing->changes->list[i].path);
	changing->options->note(line);
}

static int explain(const struct change *change, int code, struct error *e)
{
	if (code == -EINTR)
		return code;
	if (code == -ETIMEDOUT)
		return error_set(e, code,
				 "%s: writing \"%s\" did not return: another has the lock that it "
				 "takes, as a probe or a remove() that hangs does; nothing was "
				 "released. The kernel log and /proc/*/stack say who",
				 change->path, change->value);
	return error_set(e, code, "%s: writing \"%s\" failed: %s", change->path, change->value,
			 errno_text(code));
}

static int apply(struct changing *changing, struct error *e)
{
	const struct prepare_options *options = changing->options;
	const struct walk walk = {
		.name = "attributes",
		.count = changing->changes->count,
		.deadline_ms = options->deadline_ms ?: CHANGE_LIMIT_MS,
		.run_deadline_ms = options->run_deadline_ms,
		.wake_fd = options->wake_fd,
		.subject = changing,
		.call = change,
		.waits = tell_waiting,
	};
	size_t at;
	int r = walk_run(changing->sys->root, &walk, 0, &at);

	return r < 0 ? explain(&changing->changes->list[at], r, e) : 0;
}

/* ---- the links */

struct saving {
	const struct sys *sys;
	const struct plan *plan;
	struct record *record;
};

static size_t save(void *subject, void *answer, size_t size)
{
	const struct saving *saving = subject;
	struct error e = ERROR_NONE;

	(void)size;
	e.code = links_save(saving->sys, saving->plan, saving->record, &e);
	memcpy(answer, &e, sizeof(e));
	return sizeof(e);
}

_Static_assert(sizeof(struct error) <= JOB_ANSWER_SIZE, "the message goes through a pipe");

int prepare_links(const struct sys *sys, const struct plan *plan, struct record *record,
		  const struct prepare_options *options, struct error *e)
{
	struct saving saving = { sys, plan, record };
	const struct bounded call = {
		.name = "network links",
		.changes_nothing = true,
		.deadline_ms = options->deadline_ms ?: CHANGE_LIMIT_MS,
		.run_deadline_ms = options->run_deadline_ms,
		.wake_fd = options->wake_fd,
		.subject = &saving,
		.work = save,
	};
	struct error answer = ERROR_NONE;
	int r;

	r = bounded_call(sys->root, &call, &answer, sizeof(answer));
	if (r == 0 && answer.code < 0)
		return error_set(e, answer.code, "%s", answer.text);
	if (r == -ETIMEDOUT)
		return error_set(
			e, r,
			"the network links could not be listed: the kernel's network lock "
			"(RTNL) is held, as by a remove() that hangs; nothing was released");
	if (r < 0 && r != -EINTR)
		return error_set(e, r, "the network links could not be listed: %s", errno_text(r));
	return r;
}

int prepare(const struct sys *sys, const struct plan *plan, struct record *record,
	    const struct prepare_options *options, struct error *e)
{
	struct changes changes = { .plan = plan };
	struct changing changing = {
		.sys = sys,
		.record = record,
		.options = options,
		.changes = &changes,
	};
	int r;

	stop_autoprobe(&changes);
	keep_awake(&changes);
	keep_spinning(&changes);
	free_framebuffers(&changes);
	if (changes.code < 0)
		return error_set(e, changes.code, "no memory to prepare the machine");
	r = changes.count ? apply(&changing, e) : 0;
	/* Last, while every link is whole: what a rollback puts back. */
	return r < 0 || !links_may_go(plan) ? r : prepare_links(sys, plan, record, options, e);
}
