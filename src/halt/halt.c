// SPDX-License-Identifier: GPL-2.0-or-later
/* A look, the stop, another look; see halt.h. */
#include "halt/halt.h"

#include "base/error.h"
#include "halt/halting.h"
#include "inspect/live.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static halt_engine_stop *const stops[HALT_ENGINES] = {
	[HALT_AHCI] = halt_ahci, [HALT_NVME] = halt_nvme,   [HALT_XHCI] = halt_xhci,
	[HALT_EHCI] = halt_ehci, [HALT_OHCI] = halt_ohci,   [HALT_UHCI] = halt_uhci,
	[HALT_HDA] = halt_hda,	 [HALT_SDHCI] = halt_sdhci,
};

const char *halt_end_name(enum halt_end end)
{
	static const char *const names[] = {
		[HALT_END_IDLE] = "idle",
		[HALT_END_HALTED] = "halted",
		[HALT_END_NOT_QUIET] = "not-quiet",
		[HALT_END_REFUSED] = "refused",
	};

	return names[end];
}

int halt_function(const struct function *f, const struct halt_class *class,
		  void (*pause)(void *context, unsigned int us), void *context,
		  const char **ret_why)
{
	struct halting h = { .f = f, .pause = pause, .context = context };
	int r;

	/* What it is now, by its own word: the plan's may be of another that was in its place. */
	if (f->is_virtual || halt_class_find(f->class_code) != class)
		return -ENODEV;
	r = stops[class->engine](&h);
	*ret_why = h.why;
	return r;
}

static void sleep_us(void *context, unsigned int us)
{
	(void)context;
	usleep(us);
}

struct visit {
	const struct halt_class *class;
	const char *why;
};

static int stop_it(const struct function *f, void *context)
{
	struct visit *visit = context;

	return halt_function(f, visit->class, sleep_us, NULL, &visit->why);
}

/* Whatever the stop said: the registers have the last word. */
static void conclude(struct halt_report *report, const struct inspection *after, const char *why)
{
	bool was_told = !report->code || report->code == -ETIMEDOUT;

	report->after = after->verdict;
	if (after->verdict == VERDICT_QUIET) {
		report->end = HALT_END_HALTED;
		report->code = 0;
		return;
	}
	report->end = was_told ? HALT_END_NOT_QUIET : HALT_END_REFUSED;
	if (was_told)
		inspection_describe(after, report->text, sizeof(report->text));
	else
		snprintf(report->text, sizeof(report->text), "%s", why ?: errno_text(report->code));
}

void halt_here(const struct sys *sys, const char *path, const struct halt_class *class,
	       struct halt_report *ret_report)
{
	struct visit visit = { .class = class };
	struct inspection ins;

	*ret_report = (struct halt_report){ .end = HALT_END_IDLE };
	inspect_here(sys, path, &ins);
	ret_report->before = ret_report->after = ins.verdict;
	/* An asserted interrupt alone is no engine; what is ending by itself is to be left to it. */
	if (!ins.is_running || ins.is_ending || ins.verdict == VERDICT_BOUND)
		return;
	inspection_describe(&ins, ret_report->ran, sizeof(ret_report->ran));
	ret_report->code = function_visit(sys, path, stop_it, &visit);
	inspect_here(sys, path, &ins);
	conclude(ret_report, &ins, visit.why);
}
