// SPDX-License-Identifier: GPL-2.0-or-later
/* Lines of a run on stderr; see progress.h. */
#include "cli/progress.h"

#include "base/log.h"
#include "worker/worker.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static double started_ms;
static bool is_drawn; /* the "waiting for" line is on the terminal */

static bool on_terminal(void)
{
	return isatty(STDERR_FILENO) && log_level() >= LOG_NORMAL;
}

static void put(const char *text)
{
	ssize_t ignored = write(STDERR_FILENO, text, strlen(text));

	(void)ignored;
}

static void erase(void)
{
	if (is_drawn)
		put("\r\033[K");
	is_drawn = false;
}

static double since_start(void)
{
	if (!started_ms)
		started_ms = clock_ms();
	return (clock_ms() - started_ms) / 1e3;
}

static void on_stage(const char *name, size_t steps)
{
	erase();
	if (steps)
		log_debug("%7.3f s  %s (%zu)", since_start(), name, steps);
	else
		log_debug("%7.3f s  %s", since_start(), name);
}

/* What became of it, as one word that stands out when it is not what was wanted. */
static const char *result_word(const struct release_result *result)
{
	if (result->outcome == OUTCOME_RELEASED && result->inspected)
		return verdict_name(result->verdict);
	return outcome_name(result->outcome);
}

static void on_released(const struct release_result *result)
{
	const struct device *device = result->decision->device;
	const char *provides = device->provide_count ? device->provides[0] : "";
	bool wanted = result->outcome == OUTCOME_RELEASED || result->outcome == OUTCOME_GONE;

	erase();
	if (wanted)
		log_info("%7.3f s  %-16s %-14s %-10s %-10s %4.0f ms%s%s", since_start(),
			 device->name, device->driver, provides, result_word(result),
			 result->elapsed_ms, result->text[0] ? "  " : "", result->text);
	else
		log_warning("%s (%s %s): %s: %s", device->name, device->driver, provides,
			    outcome_name(result->outcome), result->text);
}

static void on_waiting(const struct decision *decision, size_t running)
{
	char line[120];

	if (!on_terminal())
		return;
	snprintf(line, sizeof(line), "\r\033[K%7.3f s  %zu running, one is %s (%s)", since_start(),
		 running, decision->device->name, decision->device->driver);
	put(line);
	is_drawn = true;
}

static void on_halted(const struct halt_result *result)
{
	const struct halt_report *report = &result->report;
	const char *name = result->halt->device->name, *registers = result->halt->class->registers;

	if (report->end == HALT_END_IDLE)
		return;
	erase();
	if (report->end == HALT_END_HALTED)
		log_info("%7.3f s  %-16s halted (%s): was %s, is %s %4.0f ms", since_start(), name,
			 registers, verdict_name(report->before), verdict_name(report->after),
			 result->elapsed_ms);
	else
		log_warning("%s: %s without a driver, and not halted: %s", name,
			    verdict_name(report->before), report->text);
}

static void on_reset(const struct reset_result *result)
{
	const struct reset_domain *domain = result->domain;
	const char *outcome = result->stuck ? "stuck" : reset_end_name(result->report.end);
	const char *what = domain->is_bus ? "bus below reset" : "reset";

	erase();
	if (!result->stuck && result->report.end == RESET_END_DONE && !result->running)
		log_info("%7.3f s  %-16s %s (%s, was %s): %zu back as before %4.0f ms",
			 since_start(), domain->device->name, what, domain->method, result->why,
			 domain->function_count, result->elapsed_ms);
	else if (result->running)
		log_warning("%s: %s (%s): %zu still running", domain->device->name, what,
			    domain->method, result->running);
	else
		log_warning("%s: %s (%s): %s: %s", domain->device->name, what, domain->method,
			    outcome, result->report.text);
}

static void on_note(const char *line)
{
	erase();
	log_warning("%s", line);
}

const struct progress progress_lines = {
	.stage = on_stage,
	.released = on_released,
	.waiting = on_waiting,
	.halted = on_halted,
	.reset = on_reset,
	.note = on_note,
};
