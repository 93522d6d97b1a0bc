// SPDX-License-Identifier: GPL-2.0-or-later
/* One reset and the look at what it hit; see reset.h. */
#include "reset/reset.h"

#include "base/error.h"
#include "inspect/live.h"
#include "reset/registers.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/*
 * PCIe 6.0 6.6.1: software waits 100 ms after a conventional reset before the first access, and a
 * function may ask for more time until one second has passed. 6.6.2: an FLR takes up to 100 ms.
 */
#define LEAST_RESET_MS 100
#define READY_MS       1000
#define POLL_US	       10000

/* While somebody else holds the lock of a device below, the kernel answers -EAGAIN at once. */
#define BUSY_TRIES     20
#define BUSY_US	       100000

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

const char *reset_end_name(enum reset_end end)
{
	static const char *const names[] = {
		[RESET_END_DONE] = "done",
		[RESET_END_CHANGED] = "changed",
		[RESET_END_DEAD] = "dead",
		[RESET_END_REFUSED] = "refused",
	};

	return names[end];
}

/* ---- before */

static void save(const struct sys *sys, const char *path, struct pci_config *config,
		 struct reset_after *after)
{
	*after = (struct reset_after){ .verdict = VERDICT_UNREADABLE };
	if (pci_config_read(sys->root, path, config) < 0 || !registers_answer(config))
		return;
	after->was_there = true;
	after->is_bridge = (pci_config_u8(config, PCI_REG_HEADER) & 0x7f) == 1;
}

/* ---- the kernel's part */

static int ask_kernel(const struct sys *sys, const struct reset_target *target)
{
	char path[PATH_MAX];
	int r = -EAGAIN;

	snprintf(path, sizeof(path), "%s/%s", target->path,
		 target->is_bus ? "reset_subordinate" : "reset");
	for (int i = 0; i < BUSY_TRIES && r == -EAGAIN; i++) {
		if (i)
			usleep(BUSY_US);
		r = sys_write(sys, path, "1");
	}
	return r;
}

/*
 * A reset that was begun takes its time before the kernel says that nobody came back; one that is
 * not possible is refused at once. No other errno is given after the fact.
 */
static bool was_begun(int code, double kernel_ms)
{
	return code == 0 || (code == -ENOTTY && kernel_ms >= LEAST_RESET_MS);
}

/*
 * The kernel may be content with less: a lone xHCI below a port was answered for after 14 ms by
 * Linux 6.1. The specification wants its 100 ms before the next look.
 */
static void wait_the_least(double kernel_ms)
{
	if (kernel_ms < LEAST_RESET_MS)
		usleep((useconds_t)((LEAST_RESET_MS - kernel_ms) * 1e3));
}

/* ---- after */

/* True when there is nothing more to wait for. */
static bool look(const struct sys *sys, const char *path, const struct pci_config *before,
		 struct reset_after *after)
{
	struct pci_config now;

	after->is_back = pci_config_read(sys->root, path, &now) == 0 && registers_answer(&now);
	if (!after->is_back)
		return false;
	after->bus_master = pci_config_u16(&now, PCI_REG_COMMAND) & PCI_CMD_MASTER;
	after->text[0] = '\0';
	after->differences = registers_compare(before, &now, after->text, sizeof(after->text));
	return !after->differences;
}

static void wait_for_all(const struct sys *sys, const struct reset_target *target,
			 const struct pci_config *before, struct reset_after *after)
{
	double end_ms = now_ms() + READY_MS;
	size_t first = 0;

	for (;;) {
		while (first < target->count &&
		       (!after[first].was_there ||
			look(sys, target->functions[first], &before[first], &after[first])))
			first++;
		if (first == target->count || now_ms() >= end_ms)
			break;
		usleep(POLL_US);
	}
	/* The first that never got ready must not hide the state of those behind it. */
	for (; first < target->count; first++)
		if (after[first].was_there)
			look(sys, target->functions[first], &before[first], &after[first]);
}

static void inspect(const struct sys *sys, const char *path, struct reset_after *after)
{
	struct inspection ins;

	if (!after->is_back || after->is_bridge)
		return;
	inspect_here(sys, path, &ins);
	after->verdict = ins.verdict;
	after->bus_master = ins.has_config && ins.bus_master;
	if (!after->differences && (ins.verdict == VERDICT_LIVE || ins.verdict == VERDICT_MASKED))
		inspection_describe(&ins, after->text, sizeof(after->text));
}

static const char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Counts, and tells the worst thing first: of those that are dead, else of those that changed. */
static void summarize(const struct reset_target *target, const struct reset_after *after,
		      struct reset_report *report)
{
	for (size_t i = 0; i < target->count; i++) {
		const struct reset_after *a = &after[i];
		bool is_dead = a->was_there && !a->is_back;

		if (is_dead && !report->dead++)
			snprintf(report->text, sizeof(report->text),
				 "%s did not come back: its config space reads all-ones",
				 name_of(target->functions[i]));
		else if (!is_dead && a->differences && !report->changed++ && !report->dead)
			snprintf(report->text, sizeof(report->text), "%s: %.150s",
				 name_of(target->functions[i]), a->text);
	}
	report->end = report->dead	? RESET_END_DEAD
		      : report->changed ? RESET_END_CHANGED
					: RESET_END_DONE;
}

static void look_after(const struct sys *sys, const struct reset_target *target,
		       const struct pci_config *before, struct reset_after *after,
		       struct reset_report *report)
{
	wait_the_least(report->kernel_ms);
	wait_for_all(sys, target, before, after);
	for (size_t i = 0; i < target->count; i++)
		inspect(sys, target->functions[i], &after[i]);
	summarize(target, after, report);
}

void reset_run(const struct sys *sys, const struct reset_target *target,
	       struct reset_after *ret_after, struct reset_report *ret_report)
{
	struct pci_config *before = calloc(target->count + 1, sizeof(*before));
	double start_ms;

	*ret_report = (struct reset_report){ .end = RESET_END_REFUSED, .code = -ENOMEM };
	if (!before) {
		snprintf(ret_report->text, sizeof(ret_report->text), "no memory");
		return;
	}
	for (size_t i = 0; i < target->count; i++)
		save(sys, target->functions[i], &before[i], &ret_after[i]);
	start_ms = now_ms();
	ret_report->functions = target->count;
	ret_report->code = ask_kernel(sys, target);
	ret_report->kernel_ms = now_ms() - start_ms;
	if (was_begun(ret_report->code, ret_report->kernel_ms))
		look_after(sys, target, before, ret_after, ret_report);
	else
		snprintf(ret_report->text, sizeof(ret_report->text),
			 "the kernel did not reset it: %s", errno_text(ret_report->code));
	free(before);
}
