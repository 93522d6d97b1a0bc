// SPDX-License-Identifier: GPL-2.0-or-later
/* The look after a release; see verify.h. */
#include "run/verify.h"

#include "base/error.h"
#include "host/late.h"
#include "inspect/ending.h"
#include "run/pci_master.h"
#include "sys/nvme.h"
#include "worker/worker.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define CLASS_NVME	    0x010802

/* What the kernel gives a controller that does not say how long it takes (nvme's shutdown_timeout). */
#define DEFAULT_PATIENCE_MS 5000

unsigned int verify_patience_ms(const struct release_task *task)
{
	const struct device *device = task->decision->device;
	unsigned int patience = DEFAULT_PATIENCE_MS, most = task->decision->deadline_ms / 2;
	char path[PATH_MAX];
	uint32_t us;

	if (!device->pci || device->pci->class_code != CLASS_NVME)
		return 0;
	snprintf(path, sizeof(path), "/sys%s", device->path);
	if (nvme_shutdown_us(task->sys->root, path, &us) == 0 && us / 1000 > patience)
		patience = us / 1000;
	/* The rest of the deadline is for the release itself. */
	return patience < most ? patience : most;
}

/* Adds a clause to what the answer says. */
static void say(struct release_answer *answer, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void say(struct release_answer *answer, const char *format, ...)
{
	size_t used = strlen(answer->text);
	va_list args;

	if (used && used + 2 < sizeof(answer->text)) {
		strcpy(answer->text + used, "; ");
		used += 2;
	}
	va_start(args, format);
	vsnprintf(answer->text + used, sizeof(answer->text) - used, format, args);
	va_end(args);
}

/* ---- Bus Master */

/* Before the look: a crash in there must not leave it on. */
static void stop_mastering(const struct release_task *task, struct release_answer *answer)
{
	const struct device *device = task->decision->device;
	int r;

	if (!pci_may_clear_master(device->pci))
		return;
	r = pci_clear_master(task->sys, task->record, device);
	answer->cleared = r > 0;
	answer->not_cleared = r < 0 ? r : 0;
	if (r < 0)
		record_write(
			task->record, "not-cleared",
			json_pack("{s:s, s:s}", "device", device->path, "errno", errno_name(r)));
}

/* Bound, the kernel knows its power state, and its shutdown clears Bus Master. */
static int bind_again(const struct release_task *task)
{
	const struct device *device = task->decision->device;
	char path[PATH_MAX];
	int r;

	record_write(task->record, "bind-again",
		     json_pack("{s:s, s:s}", "device", device->path, "driver", device->driver));
	r = sys_bind(task->sys, device->bus, device->driver, device->name);
	snprintf(path, sizeof(path), "/sys%s/driver", device->path);
	if (r == 0 && !sysroot_exists(task->sys->root, path))
		r = -EIO;
	return r;
}

static void keep_from_mastering(const struct release_task *task, struct release_answer *answer)
{
	const struct device *device = task->decision->device;
	int code = answer->not_cleared, r;

	if (late_is_present(task->sys->root)) {
		say(answer, "Bus Master could not be cleared (%s), left to kexit_late",
		    errno_name(code));
		return;
	}
	if (pci_kernel_clears_master(task->sys, device)) {
		say(answer, "Bus Master could not be cleared (%s), left to the kernel's shutdown",
		    errno_name(code));
		return;
	}
	/* Given up meanwhile: whoever takes its place finds it as it is now. */
	if (!worker_is_wanted())
		return;
	r = bind_again(task);
	if (r < 0) {
		say(answer,
		    "Bus Master could not be cleared (%s), and binding it again failed: %s; the next "
		    "kernel finds it mastering the bus",
		    errno_name(code), errno_text(r));
		return;
	}
	answer->outcome = OUTCOME_LEFT;
	answer->code = code;
	answer->inspected = false;
	answer->text[0] = '\0';
	say(answer, "bound again, so that the kernel's shutdown clears Bus Master: %s",
	    errno_text(code));
}

/* ---- the look */

static bool is_running(const struct inspection *ins)
{
	return ins->verdict == VERDICT_LIVE || ins->verdict == VERDICT_MASKED;
}

static void take_verdict(struct release_answer *answer, const struct inspection *ins)
{
	answer->inspected = true;
	answer->verdict = (int)ins->verdict;
	answer->is_ending = ins->is_ending;
	snprintf(answer->why, sizeof(answer->why), "%s", ins->why);
}

/* An engine that runs behind a cleared Bus Master is masked, which is not quiet. */
static void judge(const struct release_task *task, struct release_answer *answer,
		  const struct inspection *ins)
{
	char running[sizeof(answer->text)];

	if (!is_running(ins))
		return;
	answer->outcome = OUTCOME_NOT_QUIET;
	inspection_describe(ins, running, sizeof(running));
	answer->text[0] = '\0';
	say(answer, "%s", running);
	if (task->decision->waive_verify) {
		answer->outcome = OUTCOME_RELEASED;
		say(answer, "waived by %s", task->decision->waive_rule);
	} else if (ins->is_ending) {
		say(answer, "not reset, since it may be writing out its cache");
	}
}

void release_verify(const struct release_task *task, unsigned int patience_ms,
		    struct release_answer *answer)
{
	const struct device *device = task->decision->device;
	struct inspection ins;
	char path[PATH_MAX];

	if (!device->pci)
		return;
	stop_mastering(task, answer);
	snprintf(path, sizeof(path), "/sys%s", device->path);
	inspect_until_ended(task->sys, path, patience_ms, &ins);
	take_verdict(answer, &ins);
	judge(task, answer, &ins);
	if (answer->not_cleared)
		keep_from_mastering(task, answer);
}
