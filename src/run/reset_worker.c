// SPDX-License-Identifier: GPL-2.0-or-later
/* One domain's reset, in a process of its own; see reset_worker.h. */
#include "run/reset_worker.h"

#include "base/arena.h"
#include "base/error.h"
#include "run/pci_master.h"
#include "worker/worker.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

static bool is_bound(const struct sys *sys, const struct device *device)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/sys%s/driver", device->path);
	return sysroot_exists(sys->root, path);
}

bool reset_is_free(const struct sys *sys, const struct reset_domain *domain,
		   const struct device **ret_bound)
{
	for (size_t i = 0; i < domain->function_count; i++) {
		const struct device *device = domain->functions[i];

		if (device->pci->header_type == 1 || !is_bound(sys, device))
			continue;
		*ret_bound = device;
		return false;
	}
	return true;
}

static void refuse(struct reset_report *report, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void refuse(struct reset_report *report, int code, const char *format, ...)
{
	va_list args;

	*report = (struct reset_report){ .end = RESET_END_REFUSED, .code = code };
	va_start(args, format);
	vsnprintf(report->text, sizeof(report->text), format, args);
	va_end(args);
}

/*
 * A "release" like any other for the record, so that a rollback binds it again. A service that
 * cannot go would take the link's drop for a removal: then there is no reset.
 */
static int release_service(const struct reset_task *task, const struct device *service)
{
	int r;

	if (!is_bound(task->sys, service))
		return 0;
	record_write(task->record, "release",
		     json_pack("{s:s, s:s, s:s, s:s}", "device", service->path, "bus", service->bus,
			       "driver", service->driver, "name", service->name));
	r = record_status(task->record);
	if (r == 0)
		r = sys_unbind(task->sys, service->bus, service->driver, service->name);
	if (r == 0 && is_bound(task->sys, service))
		r = -EBUSY;
	record_write(task->record, "released",
		     json_pack("{s:s, s:s, s:f, s:f, s:s}", "device", service->path, "outcome",
			       r < 0 ? "failed" : "released", "ms", 0.0, "path_ms", 0.0, "reason",
			       "it would take the reset for a removal or an error"));
	return r;
}

/* The kernel gives Command back as it was: with Bus Master off if it was off before. */
static void clear_masters(const struct reset_task *task)
{
	for (size_t i = 0; i < task->domain->function_count; i++) {
		const struct device *device = task->domain->functions[i];

		if (device->pci->header_type == 0 && pci_may_clear_master(device->pci) &&
		    pci_clear_master(task->sys, task->record, device) > 0)
			task->after[i].bus_master = false;
	}
}

/* The bridge, if it is a bus, then its functions: "/sys/devices/...". NULL: no memory. */
static const char **paths_of(struct arena *arena, const struct reset_domain *domain)
{
	const char **paths = arena_alloc(arena, (domain->function_count + 2) * sizeof(*paths));
	size_t used = 0;

	if (!paths)
		return NULL;
	if (domain->is_bus)
		paths[used++] = arena_printf(arena, "/sys%s", domain->device->path);
	for (size_t i = 0; i < domain->function_count; i++)
		paths[used++] = arena_printf(arena, "/sys%s", domain->functions[i]->path);
	for (size_t i = 0; i < used; i++)
		if (!paths[i])
			return NULL;
	return paths;
}

static int reset(const struct reset_task *task, struct arena *arena,
		 struct reset_report *ret_report)
{
	const struct reset_domain *domain = task->domain;
	size_t extra = domain->is_bus, count = domain->function_count + extra;
	const char **paths = arena ? paths_of(arena, domain) : NULL;
	struct reset_after *after = arena ? arena_alloc(arena, (count + 1) * sizeof(*after)) : NULL;
	struct reset_target target = {
		.is_bus = domain->is_bus,
		.functions = paths,
		.count = count,
	};

	if (!paths || !after)
		return -ENOMEM;
	target.path = paths[0];
	reset_run(task->sys, &target, after, ret_report);
	memcpy(task->after, after + extra, domain->function_count * sizeof(*after));
	return 0;
}

void reset_work(const struct reset_task *task, struct reset_report *ret_report)
{
	const struct reset_domain *domain = task->domain;
	const struct device *bound;
	struct arena *arena;
	int r;

	if (!reset_is_free(task->sys, domain, &bound)) {
		refuse(ret_report, -EBUSY, "%s has a driver again", bound->name);
		return;
	}
	for (size_t i = 0; i < domain->service_count; i++) {
		r = release_service(task, domain->services[i]);

		if (r == 0)
			continue;
		refuse(ret_report, r,
		       "%s (%s) would take it for a removal, and cannot be unbound: %s",
		       domain->services[i]->name, domain->services[i]->driver, errno_text(r));
		return;
	}
	/* Given up while it waited for a service's lock: nothing is reset behind anyone's back. */
	if (!worker_is_wanted())
		return;
	clear_masters(task);
	arena = arena_new();
	r = reset(task, arena, ret_report);
	arena_free(arena);
	if (r < 0)
		refuse(ret_report, r, "no memory");
	if (worker_is_wanted())
		clear_masters(task);
}
