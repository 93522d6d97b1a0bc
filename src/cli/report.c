// SPDX-License-Identifier: GPL-2.0-or-later
/* kexit report: the record of the last run, for a person. */
#include "across/carried.h"
#include "cli/previous.h"
#include "cli/verb.h"

#include "base/log.h"
#include "page/page.h"
#include "record/record.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

static const char *field(const json_t *event, const char *name)
{
	return json_string_value(json_object_get(event, name)) ?: "";
}

static double number(const json_t *event, const char *name)
{
	return json_number_value(json_object_get(event, name));
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* How the kernel has it: "released", then what the hardware said of it. */
static void print_released(const json_t *event, const char *driver)
{
	const char *reason = field(event, "reason");
	const char *code = field(event, "errno");

	printf("%-20s %-16s %-9s %7.2f s  %s%s%s%s\n", last_part(field(event, "device")), driver,
	       field(event, "outcome"), number(event, "ms") / 1e3, field(event, "verdict"),
	       json_is_true(json_object_get(event, "bus_master_cleared")) ? " (bus master cleared)"
									  : "",
	       *reason ? "; " : "", reason);
	if (*code && !strstr(reason, code))
		printf("%-20s the kernel answered %s\n", "", code);
}

static void print_start(const json_t *event)
{
	printf("kexit %s, process %d, %s, kernel %s\n\n", field(event, "verb"),
	       (int)number(event, "pid"), field(event, "time"), field(event, "kernel"));
}

static void print_left(const json_t *event)
{
	printf("%-20s %-16s %-9s            %s\n", last_part(field(event, "device")), "", "left",
	       field(event, "reason"));
}

static void print_flush(const json_t *event)
{
	printf("disks flushed: %d, %s\n", (int)number(event, "disks"), field(event, "result"));
}

static void print_all(const json_t *event)
{
	printf("releases took %.2f s; their slowest chain %.2f s\n",
	       number(event, "stage_ms") / 1e3, number(event, "critical_path_ms") / 1e3);
}

static void print_clear(const json_t *event)
{
	printf("%-20s %-16s bus master cleared, 0x%04x -> 0x%04x\n",
	       last_part(field(event, "device")), "", (unsigned int)number(event, "old"),
	       (unsigned int)number(event, "new"));
}

static void print_not_cleared(const json_t *event)
{
	printf("%-20s %-16s bus master not cleared: %s\n", last_part(field(event, "device")), "",
	       field(event, "errno"));
}

/* The last list: what was not known to be quiet. */
static void print_doubts(const json_t *event)
{
	const json_t *item, *list = json_object_get(event, "functions");
	size_t i;

	if (!json_array_size(list)) {
		puts("fine: all was released and quiet, and nothing mastered the bus");
		return;
	}
	printf("not known to be quiet: %d left, %d not verified or not quiet, %d mastering the bus\n",
	       (int)number(event, "left"), (int)number(event, "unverified"),
	       (int)number(event, "masters"));
	json_array_foreach (list, i, item)
		printf("  %-18s %s%s: %s\n", last_part(field(item, "device")), field(item, "what"),
		       json_is_true(json_object_get(item, "bus_master")) &&
				       strcmp(field(item, "what"), "masters the bus") != 0
			       ? ", masters the bus"
			       : "",
		       field(item, "reason"));
}

static void print_bind_again(const json_t *event)
{
	printf("%-20s %-16s bound again: Bus Master could not be cleared\n",
	       last_part(field(event, "device")), field(event, "driver"));
}

/* What a reset hit, where it is not as it was or still runs. */
static void print_after(const json_t *after)
{
	const char *state = field(after, "state"), *verdict = field(after, "verdict");
	bool runs = !strcmp(verdict, "live") || !strcmp(verdict, "masked");

	if (!strcmp(state, "as before") && !runs)
		return;
	printf("%-20s %-16s %s%s%s; %s\n", last_part(field(after, "device")), "", state,
	       *verdict ? ", " : "", verdict, field(after, "text"));
}

static void print_reset_ended(const json_t *event)
{
	const json_t *functions = json_object_get(event, "functions"), *after;
	size_t i;

	printf("%-20s %-16s reset: %-7s %7.2f s  %zu function%s%s%s\n",
	       last_part(field(event, "device")), "", field(event, "outcome"),
	       number(event, "ms") / 1e3, json_array_size(functions),
	       json_array_size(functions) == 1 ? "" : "s", *field(event, "reason") ? "; " : "",
	       field(event, "reason"));
	json_array_foreach (functions, i, after)
		print_after(after);
}

static void print_not_reset(const json_t *event)
{
	printf("%-20s %-16s %s, and not reset: %s\n", last_part(field(event, "device")), "",
	       field(event, "verdict"), field(event, "reason"));
}

static void print_reset_all(const json_t *event)
{
	printf("%d resets took %.2f s; the slowest %.2f s\n", (int)number(event, "domains"),
	       number(event, "stage_ms") / 1e3, number(event, "slowest_ms") / 1e3);
}

static void print_link(const json_t *event)
{
	printf("link %s: %zu address%s and %zu route%s saved\n", field(event, "name"),
	       json_array_size(json_object_get(event, "addresses")),
	       json_array_size(json_object_get(event, "addresses")) == 1 ? "" : "es",
	       json_array_size(json_object_get(event, "routes")),
	       json_array_size(json_object_get(event, "routes")) == 1 ? "" : "s");
}

static void print_jump(const json_t *event)
{
	printf("%.2f s: jump into the next kernel\n", number(event, "time_ms") / 1e3);
}

static void print_jump_returned(const json_t *event)
{
	printf("%.2f s: the kernel did not jump: %s\n", number(event, "time_ms") / 1e3,
	       field(event, "errno"));
}

static void print_why(const json_t *event)
{
	printf("%.2f s: %s: %s\n", number(event, "time_ms") / 1e3, field(event, "event"),
	       field(event, "why"));
}

static void print_late(const json_t *event)
{
	printf("left to kexit_late: %zu to reset, %zu stuck, %.0f s for shutdown()\n",
	       json_array_size(json_object_get(event, "reset")),
	       json_array_size(json_object_get(event, "stuck")), number(event, "timeout_s"));
}

static void print_arrived(const json_t *event)
{
	printf("%-20s %-16s came after the plan was made\n", last_part(field(event, "device")),
	       field(event, "driver"));
}

static void print_restored(const json_t *event)
{
	printf("%-20s %-16s %s\n", last_part(field(event, "device")), field(event, "driver"),
	       field(event, "how"));
}

static void print_rolled_back(const json_t *event)
{
	printf("%.2f s: rolled back\n", number(event, "time_ms") / 1e3);
}

/* Events that are not here are steps that a person need not read. "released" is printed apart. */
static const struct {
	const char *event;
	void (*print)(const json_t *event);
} printers[] = {
	{ "start", print_start },
	{ "flush", print_flush },
	{ "left", print_left },
	{ "link", print_link },
	{ "released-all", print_all },
	{ "clear", print_clear },
	{ "not-cleared", print_not_cleared },
	{ "bind-again", print_bind_again },
	{ "doubts", print_doubts },
	{ "arrived", print_arrived },
	{ "late", print_late },
	{ "late-refused", print_why },
	{ "reset-ended", print_reset_ended },
	{ "not-reset", print_not_reset },
	{ "reset-all", print_reset_all },
	{ "jump", print_jump },
	{ "jump-returned", print_jump_returned },
	{ "failed", print_why },
	{ "firmware", print_why },
	{ "not-restored", print_why },
	{ "restored", print_restored },
	{ "rolled-back", print_rolled_back },
};

/* The driver that the last "release" event of @device before @at named. */
static const char *driver_of(const json_t *events, size_t at, const char *device)
{
	while (at-- > 0) {
		const json_t *event = json_array_get(events, at);

		if (!strcmp(field(event, "event"), "release") &&
		    !strcmp(field(event, "device"), device))
			return field(event, "driver");
	}
	return "";
}

static void print_event(const json_t *events, size_t at)
{
	const json_t *event = json_array_get(events, at);
	const char *name = field(event, "event");

	if (!strcmp(name, "released")) {
		print_released(event, driver_of(events, at, field(event, "device")));
		return;
	}
	for (size_t i = 0; i < sizeof(printers) / sizeof(printers[0]); i++)
		if (!strcmp(name, printers[i].event))
			printers[i].print(event);
}

static void print_totals(const json_t *events)
{
	static const char *const outcomes[] = { "released", "not-quiet", "gone",
						"left",	    "failed",	 "stuck" };
	size_t counts[sizeof(outcomes) / sizeof(outcomes[0])] = { 0 };
	size_t kept = 0, i;
	const json_t *event;

	json_array_foreach (events, i, event) {
		kept += !strcmp(field(event, "event"), "left");
		for (size_t j = 0; j < sizeof(outcomes) / sizeof(outcomes[0]); j++)
			counts[j] += !strcmp(field(event, "event"), "released") &&
				     !strcmp(field(event, "outcome"), outcomes[j]);
	}
	putchar('\n');
	for (size_t j = 0; j < sizeof(outcomes) / sizeof(outcomes[0]); j++)
		if (counts[j] || j == 0)
			printf("%s%zu %s", j ? ", " : "", counts[j], outcomes[j]);
	printf("; %zu left by the plan\n", kept);
}

static void print_json(json_t *events)
{
	json_t *out = json_pack("{s:i s:O}", "schema", RECORD_SCHEMA, "events", events);

	if (out)
		json_dumpf(out, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
	putchar('\n');
	json_decref(out);
}

static void print_events(const json_t *events)
{
	for (size_t i = 0; i < json_array_size(events); i++)
		print_event(events, i);
	print_totals(events);
}

/* "-" is standard output. A page that is not whole is none. */
static int write_page(const char *path, const json_t *events)
{
	FILE *out = strcmp(path, "-") ? fopen(path, "we") : stdout;
	int r;

	if (!out) {
		log_error("--html %s: the page cannot be written: %s", path, errno_text(errno));
		return STATUS_FAILED;
	}
	r = page_write(out, events);
	if (out != stdout && fclose(out) && r == 0)
		r = -errno;
	if (r == 0)
		return STATUS_DONE;
	log_error("--html %s: the page is not whole: %s", path, errno_text(r));
	return STATUS_FAILED;
}

struct report_arguments {
	bool previous, json;
	const char *page;
};

/* The events of the handover into this kernel, where they came along; else of the run before the last. */
static int load_previous(const struct sysroot *root, const char *dir, json_t **ret_events,
			 struct error *e)
{
	json_t *record;
	int r;

	if (!previous_came(root))
		return record_load(dir, true, ret_events, e);
	r = carried_read(root, CARRIED_RECORD, &record, e);
	if (r < 0)
		return error_wrap(e, r, "the record of the handover did not cross the jump");
	*ret_events = json_incref(json_object_get(record, "events"));
	json_decref(record);
	return *ret_events ? 0 : error_set(e, -ENOENT, "the record that crossed the jump is empty");
}

static int report_page(const struct sysroot *root, const char *dir, bool previous, const char *path)
{
	struct error e = ERROR_NONE;
	json_t *events = NULL;
	int status, r = previous ? load_previous(root, dir, &events, &e)
				 : record_load(dir, false, &events, &e);

	if (r < 0) {
		log_error("--html %s: no page: %s", path, e.text);
		return STATUS_FAILED;
	}
	status = write_page(path, events);
	json_decref(events);
	return status;
}

static int report(const struct sysroot *root, const struct report_arguments *arguments)
{
	struct error e = ERROR_NONE;
	char dir[PATH_MAX];
	json_t *events;
	int r;

	snprintf(dir, sizeof(dir), "%s" RECORD_DIR,
		 sysroot_is_captured(root) ? sysroot_path(root) : "");
	if (arguments->page)
		return report_page(root, dir, arguments->previous, arguments->page);
	if (arguments->previous && previous_came(root))
		return previous_report(root, arguments->json, print_events);
	r = record_load(dir, arguments->previous, &events, &e);
	if (arguments->previous && r == -ENOENT)
		return previous_report(root, arguments->json, print_events);
	if (r < 0) {
		log_error("%s", e.text);
		return STATUS_FAILED;
	}
	if (arguments->json)
		print_json(events);
	else
		print_events(events);
	json_decref(events);
	return STATUS_DONE;
}

static int report_main(const struct verb *verb, struct sysroot *root, int argc, char *argv[])
{
	static const struct option options[] = {
		{ "previous", no_argument, NULL, 'p' },
		{ "json", no_argument, NULL, 'j' },
		{ "html", required_argument, NULL, 'w' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	struct report_arguments arguments = { 0 };
	int c;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) >= 0) {
		switch (c) {
		case 'p':
			arguments.previous = true;
			break;
		case 'j':
			arguments.json = true;
			break;
		case 'w':
			arguments.page = optarg;
			break;
		case 'h':
			return verb_help(verb);
		default:
			return verb_usage(verb);
		}
	}
	if (verb_has_argument(verb, argc, argv))
		return verb_usage(verb);
	return report(root, &arguments);
}

const struct verb verb_report = {
	.name = "report",
	.arguments = "[--previous] [--json | --html FILE]",
	.summary = "Print what the last run did to each device",
	.help = "  --previous     the handover into this kernel; where none came, the run before the\n"
		"                 last; else which handovers failed, and what was kept of their log\n"
		"  --html FILE    as one page for a browser, which needs nothing else; -: to standard\n"
		"                 output\n"
		"  --json         the record's events, as doc/record.md describes them\n",
	.run = report_main,
};
