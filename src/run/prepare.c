// SPDX-License-Identifier: GPL-2.0-or-later
/* The machine-wide changes before the releases; see prepare.h. */
#include "run/prepare.h"

#include "links/links.h"
#include "undo/changes.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>

static bool goes_away(const struct plan *plan, const struct device *device)
{
	enum fate fate = plan->decisions[device->id].fate;

	return fate == FATE_RELEASE || fate == FATE_FOLLOW;
}

static int change(const struct sys *sys, struct record *record, const char *path, const char *value,
		  struct error *e)
{
	int r = change_attribute(sys, record, path, value);

	if (r < 0)
		return error_set(e, r, "%s: writing \"%s\" failed: %s", path, value, errno_text(r));
	return 0;
}

static int stop_autoprobe(const struct sys *sys, const struct plan *plan, struct record *record,
			  struct error *e)
{
	char path[PATH_MAX];
	int r = 0;

	for (size_t i = 0; i < plan->graph->bus_count && r == 0; i++) {
		snprintf(path, sizeof(path), "/sys/bus/%s/drivers_autoprobe",
			 plan->graph->buses[i]);
		r = change(sys, record, path, "0", e);
	}
	return r;
}

/* Bridges included: a port that sleeps takes everything below it along. */
static int keep_awake(const struct sys *sys, const struct plan *plan, struct record *record,
		      struct error *e)
{
	char path[PATH_MAX];
	int r = 0;

	for (size_t i = 0; i < plan->graph->device_count && r == 0; i++) {
		const struct device *device = plan->graph->devices[i];

		if (!device->pci)
			continue;
		snprintf(path, sizeof(path), "/sys%s/power/control", device->path);
		r = change(sys, record, path, "on", e);
	}
	return r;
}

static bool disk_goes_away(const struct plan *plan, const struct disk *disk)
{
	for (size_t i = 0; i < disk->owner_count; i++) {
		if (goes_away(plan, disk->owners[i]))
			return true;
	}
	return false;
}

static int keep_spinning(const struct sys *sys, const struct plan *plan, struct record *record,
			 struct error *e)
{
	/* 6.1 has the first; newer kernels split it. An attribute that is absent is no error. */
	static const char *const names[] = {
		"manage_start_stop",
		"manage_system_start_stop",
		"manage_runtime_start_stop",
	};
	char path[PATH_MAX];
	int r = 0;

	for (size_t i = 0; i < plan->graph->disk_count && r == 0; i++) {
		const struct disk *disk = plan->graph->disks[i];

		if (!disk->scsi_disk || !disk_goes_away(plan, disk))
			continue;
		for (size_t j = 0; j < sizeof(names) / sizeof(names[0]) && r == 0; j++) {
			snprintf(path, sizeof(path), "%s/%s", disk->scsi_disk, names[j]);
			r = change(sys, record, path, "0", e);
		}
	}
	return r;
}

/* sysfs does not say which framebuffer a console is on, so one that goes takes all consoles off. */
static int free_framebuffers(const struct sys *sys, const struct plan *plan, struct record *record,
			     struct error *e)
{
	const struct graph *graph = plan->graph;
	bool one_goes = false;
	char path[PATH_MAX];
	int r = 0;

	for (size_t i = 0; i < graph->framebuffer_count; i++) {
		const struct device *owner = graph->framebuffers[i].owner;

		one_goes |= owner && goes_away(plan, owner);
	}
	for (size_t i = 0; one_goes && i < graph->fbcon_count && r == 0; i++) {
		if (!graph->fbcons[i].is_bound)
			continue;
		snprintf(path, sizeof(path), "%s/bind", graph->fbcons[i].path);
		r = change(sys, record, path, "0", e);
	}
	return r;
}

int prepare(const struct sys *sys, const struct plan *plan, struct record *record, struct error *e)
{
	int r = stop_autoprobe(sys, plan, record, e);

	if (r == 0)
		r = keep_awake(sys, plan, record, e);
	if (r == 0)
		r = keep_spinning(sys, plan, record, e);
	if (r == 0)
		r = free_framebuffers(sys, plan, record, e);
	/* Last, while every link is whole: what a rollback puts back. */
	if (r == 0)
		r = links_save(sys, plan, record, e);
	return r;
}
