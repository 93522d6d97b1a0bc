// SPDX-License-Identifier: GPL-2.0-or-later
/* Links up and disks read, in a worker; see exercise.h. */
#include "trial/exercise.h"

#include "run/prepare.h"
#include "sys/netlink.h"
#include "worker/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CARRIER_WAIT_MS 10000 /* autonegotiation takes up to some seconds */
#define CARRIER_POLL_US 50000
#define DEADLINE_MS	60000
#define BLOCK		4096 /* a multiple of every disk's logical block that Linux 6 accepts */

struct task {
	const struct sys *sys;
	const struct subject *subject;
	struct exercise result;
	enum job_end end;
};

void exercise_count(const struct subject *subject, struct exercise *ret)
{
	const struct graph *graph = subject->graph;

	*ret = (struct exercise){ 0 };
	for (size_t i = 0; i < graph->link_count; i++)
		ret->links += subject_has_link(subject, graph->links[i]);
	for (size_t i = 0; i < graph->disk_count; i++)
		ret->disks += subject_has_disk(subject, graph->disks[i]);
}

static void __attribute__((format(printf, 2, 3)))
complain(struct exercise *result, const char *format, ...)
{
	va_list args;

	if (result->text[0])
		return;
	va_start(args, format);
	vsnprintf(result->text, sizeof(result->text), format, args);
	va_end(args);
}

/* ---- links */

static void take_up(struct task *task, const struct netlink_if *link)
{
	struct ifinfomsg body = {
		.ifi_index = (int)link->index,
		.ifi_flags = IFF_UP,
		.ifi_change = IFF_UP,
	};
	struct netlink_message request;
	int r;

	if (link->is_up)
		return;
	netlink_message_init(&request, RTM_NEWLINK, 0, &body, sizeof(body));
	r = sys_netlink(task->sys, &request.header, request.header.nlmsg_len);
	if (r < 0)
		complain(&task->result, "%s: taking the link up: %s", link->name, errno_text(r));
}

static bool has_carrier(const struct sys *sys, const struct netlink_if *link)
{
	unsigned long long carrier;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/sys/class/net/%s/carrier", link->name);
	return sysroot_read_u64(sys->root, path, &carrier) == 0 && carrier;
}

static void wait_for_carrier(struct task *task, const struct netlink_if *link, double end_ms)
{
	while (!has_carrier(task->sys, link)) {
		if (clock_ms() >= end_ms || sysroot_is_captured(task->sys->root)) {
			complain(&task->result, "%s: no carrier within %d s: is a cable in?",
				 link->name, CARRIER_WAIT_MS / 1000);
			return;
		}
		usleep(CARRIER_POLL_US);
	}
	task->result.carriers++;
}

/* All up first: their negotiations go on side by side. */
static void use_links(struct task *task)
{
	const struct graph *graph = task->subject->graph;
	double end_ms = clock_ms() + CARRIER_WAIT_MS;

	for (size_t i = 0; i < graph->link_count; i++)
		if (subject_has_link(task->subject, graph->links[i]))
			take_up(task, graph->links[i]);
	for (size_t i = 0; i < graph->link_count; i++)
		if (subject_has_link(task->subject, graph->links[i]))
			wait_for_carrier(task, graph->links[i], end_ms);
}

/* ---- disks */

/* Past the cache, so that the controller has to do it; not every file can (tests: a plain one). */
static int open_disk(const struct sysroot *root, const char *path)
{
	int fd = sysroot_openat(root, path, O_RDONLY | O_DIRECT);

	return fd == -EINVAL ? sysroot_openat(root, path, O_RDONLY) : fd;
}

static int read_block(const struct sysroot *root, const char *name)
{
	static char block[BLOCK] __attribute__((aligned(BLOCK)));
	char path[PATH_MAX];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/dev/%s", name);
	fd = open_disk(root, path);
	if (fd < 0)
		return fd;
	n = pread(fd, block, sizeof(block), 0);
	if (n < 0)
		n = -errno;
	close(fd);
	return n < 0 ? (int)n : n ? 0 : -ENODATA;
}

static void use_disks(struct task *task)
{
	const struct graph *graph = task->subject->graph;

	for (size_t i = 0; i < graph->disk_count; i++) {
		const struct disk *disk = graph->disks[i];
		int r;

		if (!subject_has_disk(task->subject, disk))
			continue;
		r = read_block(task->sys->root, disk->name);
		if (r < 0)
			complain(&task->result, "%s: reading its first block: %s", disk->name,
				 errno_text(r));
		else
			task->result.reads++;
	}
}

/* ---- the worker */

static size_t work(void *subject, void *answer, size_t size)
{
	struct task *task = subject;

	use_links(task);
	use_disks(task);
	if (size < sizeof(task->result))
		return 0;
	memcpy(answer, &task->result, sizeof(task->result));
	return sizeof(task->result);
}

static void ended(void *subject, enum job_end end, const void *answer, size_t length,
		  double elapsed_ms)
{
	struct task *task = subject;

	(void)elapsed_ms;
	task->end = end;
	if (end == JOB_DONE && length == sizeof(task->result))
		memcpy(&task->result, answer, sizeof(task->result));
	else if (end == JOB_DONE)
		task->end = JOB_DIED;
}

/* A signal does not cut it short: it is bounded, and what it holds must be free for a rollback. */
static int run_worker(struct task *task)
{
	struct job job = {
		.subject = task,
		.deadline_ms = DEADLINE_MS,
		.work = work,
		.ended = ended,
	};
	struct pool *pool;
	int r = pool_new(1, task->sys->root, &pool);

	if (r < 0)
		return r;
	r = pool_start(pool, &job);
	if (r >= 0)
		r = pool_drain(pool, -1, 0);
	pool_free(pool);
	return r < 0 ? r : 0;
}

int exercise(const struct sys *sys, const struct subject *subject, struct record *record,
	     struct exercise *ret, struct error *e)
{
	const char *name = subject->decision->device->name;
	struct task task = { .sys = sys, .subject = subject };
	const struct prepare_options options = { .wake_fd = -1 };
	int r = prepare_links(sys, subject->plan, record, &options, e);

	if (r < 0)
		return r;
	exercise_count(subject, &task.result);
	if (task.result.links || task.result.disks)
		r = run_worker(&task);
	if (r < 0)
		return error_set(e, r, "%s: no worker could be started to use it: %s", name,
				 errno_text(r));
	if (task.end == JOB_STUCK)
		return error_set(e, -ETIMEDOUT,
				 "%s: using its links and disks did not end within %d s; see the "
				 "kernel log",
				 name, DEADLINE_MS / 1000);
	if (task.end == JOB_DIED)
		return error_set(e, -EIO, "%s: the worker that used it died", name);
	*ret = task.result;
	return 0;
}
