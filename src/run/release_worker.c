// SPDX-License-Identifier: GPL-2.0-or-later
/* One device's release, in a process of its own; see release_worker.h. */
#include "run/release_worker.h"

#include "base/error.h"
#include "graph/scan.h"
#include "links/links.h"
#include "run/verify.h"
#include "undo/changes.h"
#include "worker/worker.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void answer_set(struct release_answer *answer, enum outcome outcome, int code,
		       const char *format, ...) __attribute__((format(printf, 4, 5)));

static void answer_set(struct release_answer *answer, enum outcome outcome, int code,
		       const char *format, ...)
{
	va_list args;

	answer->outcome = outcome;
	answer->code = code;
	va_start(args, format);
	vsnprintf(answer->text, sizeof(answer->text), format, args);
	va_end(args);
}

/* True while a driver is bound: the kernel's unbind says success whatever remove() did. */
static bool is_bound(const struct sys *sys, const struct device *device)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/sys%s/driver", device->path);
	return sysroot_exists(sys->root, path);
}

/* A plan goes stale: the device may have got a user, another driver, or be gone. */
static bool may_go(const struct release_task *task, struct release_answer *answer)
{
	struct device *device = task->decision->device;
	int r = scan_recheck(task->sys->root, task->graph, device);

	if (r == 0)
		return true;
	if (r == 1)
		answer_set(answer, OUTCOME_LEFT, 0, "in use by now: %s",
			   device->uses ? device->uses->words : "?");
	else if (r == -ENODEV && !is_bound(task->sys, device))
		answer_set(answer, OUTCOME_GONE, 0, "went with what it depends on");
	else if (r == -ENODEV)
		answer_set(answer, OUTCOME_LEFT, r, "bound to another driver by now");
	else
		answer_set(answer, OUTCOME_LEFT, r, "could not be asked whether it is in use: %s",
			   errno_text(r));
	return false;
}

/* VFs go with their PF's remove(), which some drivers refuse while they are there. */
static int drop_vfs(const struct release_task *task)
{
	const struct device *device = task->decision->device;
	unsigned long long count;
	char path[PATH_MAX];

	if (!device->pci)
		return 0;
	snprintf(path, sizeof(path), "/sys%s/sriov_numvfs", device->path);
	if (sysroot_read_u64(task->sys->root, path, &count) || !count)
		return 0;
	return change_attribute(task->sys, task->record, path, "0");
}

void release_work(const struct release_task *task, struct release_answer *ret_answer)
{
	const struct device *device = task->decision->device;
	unsigned int patience_ms;
	int r;

	if (!may_go(task, ret_answer))
		return;
	patience_ms = verify_patience_ms(task);
	/* A link that will not go down, or VFs that stay, are remove()'s to deal with. */
	r = links_down(task->sys, task->graph, device);
	if (r == 0 && worker_is_wanted())
		r = drop_vfs(task);
	if (r < 0)
		answer_set(ret_answer, OUTCOME_RELEASED, r, "preparing it failed: %s",
			   errno_text(r));
	/* Given up while it waited for a lock: by now the device may be bound to be used again. */
	if (!worker_is_wanted())
		return;
	ret_answer->outcome = OUTCOME_RELEASED;
	r = sys_unbind(task->sys, device->bus, device->driver, device->name);
	if (is_bound(task->sys, device)) {
		answer_set(ret_answer, OUTCOME_FAILED, r, "unbinding %s: %s", device->driver,
			   r < 0 ? errno_text(r) : "the kernel said yes, but it is still bound");
		return;
	}
	if (worker_is_wanted())
		release_verify(task, patience_ms, ret_answer);
}

void release_answer_read(const struct release_answer *answer, struct release_result *result)
{
	result->outcome = (enum outcome)answer->outcome;
	result->code = answer->code;
	result->verdict = (enum verdict)answer->verdict;
	result->inspected = answer->inspected;
	result->cleared = answer->cleared;
	result->not_cleared = answer->not_cleared;
	result->is_ending = answer->is_ending;
	memcpy(result->why, answer->why, sizeof(result->why));
	result->why[sizeof(result->why) - 1] = '\0';
	memcpy(result->text, answer->text, sizeof(result->text));
	result->text[sizeof(result->text) - 1] = '\0';
}

void release_answer_guess(const struct sys *sys, struct release_result *result)
{
	const struct device *device = result->decision->device;

	if (is_bound(sys, device)) {
		result->outcome = OUTCOME_FAILED;
		snprintf(result->text, sizeof(result->text), "its worker died before the unbind");
		return;
	}
	/* Unbound, and reading its registers killed the worker. */
	result->outcome = OUTCOME_RELEASED;
	result->inspected = device->pci != NULL;
	result->verdict = VERDICT_UNREADABLE;
	snprintf(result->text, sizeof(result->text), "its worker died after the unbind");
	snprintf(result->why, sizeof(result->why), "its worker died after the unbind");
}
