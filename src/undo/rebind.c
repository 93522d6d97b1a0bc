// SPDX-License-Identifier: GPL-2.0-or-later
/* Devices bound again to the driver they had, each in a worker: a probe may hang. */
#include "links/vfs.h"
#include "undo/changes.h"
#include "undo/internal.h"

#include "worker/worker.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define POLL_US	       20000

/* How long a device may take to appear again, or its deferred probe to run. */
#define APPEAR_WAIT_MS 5000

struct answer {
	int code; /* 0 or a negative errno */
	int was_bound;
	char text[512];	   /* why not */
	char missing[512]; /* what is not as it was though it is bound; "": nothing */
};

const char *bound_driver(const struct sys *sys, const char *device, char *buffer, size_t size)
{
	char path[PATH_MAX], target[PATH_MAX];
	const char *name;

	snprintf(path, sizeof(path), "/sys%s/driver", device);
	if (sysroot_readlink(sys->root, path, target, sizeof(target)) < 0)
		return NULL;
	name = strrchr(target, '/');
	snprintf(buffer, size, "%s", name ? name + 1 : target);
	return buffer;
}

static bool is_bound_to(const struct sys *sys, const struct bound *what)
{
	char driver[NAME_MAX];

	return bound_driver(sys, what->device, driver, sizeof(driver)) &&
	       !strcmp(driver, what->driver);
}

static bool is_there(const struct sys *sys, const struct bound *what)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/sys%s", what->device);
	return sysroot_exists(sys->root, path);
}

/* Looks until @condition holds. In a captured tree nothing happens by itself. */
static bool wait_until(const struct sys *sys, const struct bound *what,
		       bool (*condition)(const struct sys *sys, const struct bound *what))
{
	double end = clock_ms() + APPEAR_WAIT_MS;

	while (!condition(sys, what)) {
		if (sysroot_is_captured(sys->root) || clock_ms() >= end)
			return false;
		usleep(POLL_US);
	}
	return true;
}

static void __attribute__((format(printf, 3, 4)))
refuse(struct answer *answer, int code, const char *format, ...)
{
	va_list args;

	answer->code = code;
	va_start(args, format);
	vsnprintf(answer->text, sizeof(answer->text), format, args);
	va_end(args);
}

static void explain(const struct sys *sys, const struct bound *what, int code,
		    struct answer *answer)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/sys/bus/%s/drivers/%s", what->bus, what->driver);
	if (!sysroot_exists(sys->root, path))
		refuse(answer, -ENOENT,
		       "its driver %s is not loaded any more; load it, then run `kexit rollback` "
		       "again",
		       what->driver);
	else
		refuse(answer, code < 0 ? code : -EIO, "binding it to %s: %s; see the kernel log",
		       what->driver,
		       code < 0 ? errno_text(code) : "the kernel said yes, but it is not bound");
}

static void bind_again(const struct sys *sys, const struct bound *what, struct answer *answer)
{
	int code = sys_bind(sys, what->bus, what->driver, what->name);

	/* EAGAIN: its probe was deferred, and runs when what it waits for is there. */
	if (code == -EAGAIN && wait_until(sys, what, is_bound_to))
		return;
	/* It may have been bound by itself meanwhile. */
	if (!is_bound_to(sys, what))
		explain(sys, what, code, answer);
}

static void rebind_device(const struct sys *sys, const struct bound *what, struct answer *answer)
{
	char driver[NAME_MAX];

	if (!wait_until(sys, what, is_there))
		refuse(answer, -ENODEV, "it is gone");
	else if (is_bound_to(sys, what))
		answer->was_bound = 1;
	else if (bound_driver(sys, what->device, driver, sizeof(driver)))
		refuse(answer, -EBUSY, "it is bound to %s now, not to %s", driver, what->driver);
	else
		bind_again(sys, what, answer);
}

static void note_missing(const char *clause, void *context)
{
	struct answer *answer = context;
	size_t used = strlen(answer->missing);

	snprintf(answer->missing + used, sizeof(answer->missing) - used, "%s%s", used ? "; " : "",
		 clause);
}

/* As long as no driver has one of them. They are bound one by one later, each to what it had. */
static int make_vfs_idle(const struct rebind *rebind, struct answer *answer)
{
	const struct sys *sys = rebind->rollback->sys;
	char path[PATH_MAX], old[16];
	int code;

	snprintf(path, sizeof(path), "/sys%s/sriov_drivers_autoprobe", rebind->what.device);
	if (sysroot_read(sys->root, path, old, sizeof(old)) < 0)
		old[0] = '\0';
	code = change_attribute(sys, rebind->rollback->record, path, "0");
	if (code < 0)
		note_missing("its virtual functions were made with sriov_drivers_autoprobe on",
			     answer);
	code = changed_restore(sys, rebind->numvfs);
	if (code == 0)
		vfs_restore(sys, rebind->vfs, sysroot_is_captured(sys->root) ? 0 : APPEAR_WAIT_MS,
			    note_missing, answer);
	if (old[0] && sys_write(sys, path, old) < 0)
		note_missing("its sriov_drivers_autoprobe is off", answer);
	return code;
}

static void make_vfs(const struct rebind *rebind, struct answer *answer)
{
	int code = rebind->vfs ? make_vfs_idle(rebind, answer)
			       : changed_restore(rebind->rollback->sys, rebind->numvfs);

	if (code < 0)
		refuse(answer, code, "bound, but writing %s to its sriov_numvfs: %s",
		       rebind->numvfs->old, errno_text(code));
}

/* The worker. Virtual functions first exist when their physical function's driver makes them. */
static size_t rebind_work(void *subject, void *buffer, size_t size)
{
	const struct rebind *rebind = subject;
	const struct sys *sys = rebind->rollback->sys;
	struct answer answer = { .code = 0 };

	rebind_device(sys, &rebind->what, &answer);
	if (answer.code == 0 && rebind->numvfs)
		make_vfs(rebind, &answer);
	memcpy(buffer, &answer, sizeof(answer));
	return sizeof(answer);
}

static void rebind_ended(void *subject, enum job_end end, const void *buffer, size_t length,
			 double elapsed_ms)
{
	struct rebind *rebind = subject;
	struct rollback *rollback = rebind->rollback;
	struct answer answer = { .code = -EIO };

	if (end == JOB_DONE && length == sizeof(answer))
		memcpy(&answer, buffer, sizeof(answer));
	else if (end == JOB_STUCK)
		refuse(&answer, -ETIMEDOUT,
		       "binding it to %s did not end within %.1f s; its worker waits in the kernel",
		       rebind->what.driver, rebind->deadline_ms / 1e3);
	else
		refuse(&answer, -EIO, "the worker that bound it to %s died", rebind->what.driver);
	rebind->state = answer.code < 0 ? REBIND_FAILED : REBIND_DONE;
	if (answer.code < 0) {
		rollback_fail(rollback, "%s: %s", rebind->what.name, answer.text);
		return;
	}
	if (answer.missing[0])
		rollback_fail(rollback, "%s: %s", rebind->what.name, answer.missing);
	rollback->result->devices++;
	rollback_tell(rollback, &rebind->what, answer.was_bound ? "is bound" : "bound again",
		      elapsed_ms);
}

static int rebind_start(struct pool *pool, struct rebind *rebind)
{
	struct job job = {
		.subject = rebind,
		.name = rebind->what.name,
		.deadline_ms = rebind->deadline_ms,
		.work = rebind_work,
		.ended = rebind_ended,
	};
	int code = pool_start(pool, &job);

	if (code == 0)
		rebind->state = REBIND_RUNS;
	return code;
}

/*
 * Who is next, without a walk over all of them for each that ended: `last` walks down those that are
 * not taken back yet by when their release began, `next` down those that wait by when it had ended.
 */
struct order {
	struct rebind **by_start, **by_end; /* the latest first */
	size_t count, last, next;
};

static int compare_start(const void *a, const void *b)
{
	const struct rebind *const *x = a, *const *y = b;

	return ((*x)->started < (*y)->started) - ((*x)->started > (*y)->started);
}

/* Of those that did not end, and of none else, several may be equal. */
static int compare_end(const void *a, const void *b)
{
	const struct rebind *const *x = a, *const *y = b;

	if ((*x)->ended != (*y)->ended)
		return (*x)->ended < (*y)->ended ? 1 : -1;
	return compare_start(a, b);
}

static void order_done(struct order *order)
{
	free(order->by_start);
	free(order->by_end);
}

/* -ENOMEM leaves nothing to be ended. */
static int order_init(struct order *order, struct rebind *list, size_t count)
{
	*order = (struct order){ .count = count };
	order->by_start = calloc(count + 1, sizeof(struct rebind *));
	order->by_end = calloc(count + 1, sizeof(struct rebind *));
	if (!order->by_start || !order->by_end) {
		order_done(order);
		return -ENOMEM;
	}
	for (size_t i = 0; i < count; i++)
		order->by_start[i] = order->by_end[i] = &list[i];
	qsort(order->by_start, count, sizeof(struct rebind *), compare_start);
	qsort(order->by_end, count, sizeof(struct rebind *), compare_end);
	return 0;
}

/* Where the last release began that is not taken back yet. */
static size_t last_open(struct order *order)
{
	while (order->last < order->count && order->by_start[order->last]->state >= REBIND_DONE)
		order->last++;
	return order->last < order->count ? order->by_start[order->last]->started : 0;
}

static int start_ready(struct pool *pool, struct order *order)
{
	size_t last = last_open(order);
	int code = 0;

	for (; order->next < order->count && code == 0; order->next++) {
		struct rebind *rebind = order->by_end[order->next];

		if (rebind->state != REBIND_WAITS)
			continue;
		if (rebind->ended < last)
			break;
		code = rebind_start(pool, rebind);
	}
	return code;
}

static void give_up(struct rollback *rollback, struct rebind *list, size_t count, int code)
{
	for (size_t i = 0; i < count; i++) {
		if (list[i].state >= REBIND_DONE)
			continue;
		list[i].state = REBIND_FAILED;
		rollback_fail(rollback, "%s: not bound to %s, since no worker could be started: %s",
			      list[i].what.name, list[i].what.driver, errno_text(code));
	}
}

static int run_pool(struct pool *pool, struct order *order)
{
	for (;;) {
		int code = start_ready(pool, order);

		/* What runs is waited for even when no more can be started: it points into @list. */
		if (!pool_left(pool))
			return code;
		code = pool_wait(pool, -1, 0);
		if (code < 0)
			return code;
	}
}

void rebind_all(struct rollback *rollback, struct rebind *list, size_t count)
{
	struct pool *pool = NULL;
	struct order order;
	int code = order_init(&order, list, count);

	if (code == 0) {
		code = pool_new(0, rollback->sys->root, &pool);
		if (code == 0)
			code = run_pool(pool, &order);
		order_done(&order);
	}
	pool_free(pool);
	if (code < 0)
		give_up(rollback, list, count, code);
}
