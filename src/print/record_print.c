// SPDX-License-Identifier: GPL-2.0-or-later
/* A record for a person; see record_print.h. */
#include "print/record_print.h"

#include <stdbool.h>
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
static void print_released(FILE *out, const json_t *event, const char *driver)
{
	const char *reason = field(event, "reason");
	const char *code = field(event, "errno");

	fprintf(out, "%-20s %-16s %-9s %7.2f s  %s%s%s%s\n", last_part(field(event, "device")),
		driver, field(event, "outcome"), number(event, "ms") / 1e3, field(event, "verdict"),
		json_is_true(json_object_get(event, "bus_master_cleared")) ? " (bus master cleared)"
									   : "",
		*reason ? "; " : "", reason);
	if (*code && !strstr(reason, code))
		fprintf(out, "%-20s the kernel answered %s\n", "", code);
}

static void print_start(FILE *out, const json_t *event)
{
	fprintf(out, "kexit %s, process %d, %s, kernel %s\n\n", field(event, "verb"),
		(int)number(event, "pid"), field(event, "time"), field(event, "kernel"));
}

static void print_left(FILE *out, const json_t *event)
{
	fprintf(out, "%-20s %-16s %-9s            %s\n", last_part(field(event, "device")), "",
		"left", field(event, "reason"));
}

static void print_flush(FILE *out, const json_t *event)
{
	fprintf(out, "disks flushed: %d, %s\n", (int)number(event, "disks"),
		field(event, "result"));
}

static void print_all(FILE *out, const json_t *event)
{
	fprintf(out, "releases took %.2f s; their slowest chain %.2f s\n",
		number(event, "stage_ms") / 1e3, number(event, "critical_path_ms") / 1e3);
}

static void print_clear(FILE *out, const json_t *event)
{
	fprintf(out, "%-20s %-16s bus master cleared, 0x%04x -> 0x%04x\n",
		last_part(field(event, "device")), "", (unsigned int)number(event, "old"),
		(unsigned int)number(event, "new"));
}

static void print_not_cleared(FILE *out, const json_t *event)
{
	fprintf(out, "%-20s %-16s bus master not cleared: %s\n", last_part(field(event, "device")),
		"", field(event, "errno"));
}

/* The last list: what was not known to be quiet. */
static void print_doubts(FILE *out, const json_t *event)
{
	const json_t *item, *list = json_object_get(event, "functions");
	size_t i;

	if (!json_array_size(list)) {
		fputs("fine: all was released and quiet, and nothing mastered the bus\n", out);
		return;
	}
	fprintf(out,
		"not known to be quiet: %d left, %d not verified or not quiet, %d mastering the bus\n",
		(int)number(event, "left"), (int)number(event, "unverified"),
		(int)number(event, "masters"));
	json_array_foreach (list, i, item)
		fprintf(out, "  %-18s %s%s: %s\n", last_part(field(item, "device")),
			field(item, "what"),
			json_is_true(json_object_get(item, "bus_master")) &&
					strcmp(field(item, "what"), "masters the bus") != 0
				? ", masters the bus"
				: "",
			field(item, "reason"));
}

static void print_bind_again(FILE *out, const json_t *event)
{
	fprintf(out, "%-20s %-16s bound again: Bus Master could not be cleared\n",
		last_part(field(event, "device")), field(event, "driver"));
}

/* "halt" says what was to be written, and is not shown: this has what became of it. */
static void print_halted(FILE *out, const json_t *event)
{
	const char *ran = field(event, "ran"), *reason = field(event, "reason");

	fprintf(out, "%-20s %-16s halt: %-9s %7.2f s  %s%s%s%s%s\n",
		last_part(field(event, "device")), "", field(event, "outcome"),
		number(event, "ms") / 1e3, field(event, "verdict"), *ran ? "; ran: " : "", ran,
		*reason ? "; " : "", reason);
}

/* What a reset hit, where it is not as it was or still runs. */
static void print_after(FILE *out, const json_t *after)
{
	const char *state = field(after, "state"), *verdict = field(after, "verdict");
	bool runs = !strcmp(verdict, "live") || !strcmp(verdict, "masked");

	if (!strcmp(state, "as before") && !runs)
		return;
	fprintf(out, "%-20s %-16s %s%s%s; %s\n", last_part(field(after, "device")), "", state,
		*verdict ? ", " : "", verdict, field(after, "text"));
}

static void print_reset_ended(FILE *out, const json_t *event)
{
	const json_t *functions = json_object_get(event, "functions"), *after;
	size_t i;

	fprintf(out, "%-20s %-16s reset: %-7s %7.2f s  %zu function%s%s%s\n",
		last_part(field(event, "device")), "", field(event, "outcome"),
		number(event, "ms") / 1e3, json_array_size(functions),
		json_array_size(functions) == 1 ? "" : "s", *field(event, "reason") ? "; " : "",
		field(event, "reason"));
	json_array_foreach (functions, i, after)
		print_after(out, after);
}

static void print_not_reset(FILE *out, const json_t *event)
{
	fprintf(out, "%-20s %-16s %s, and not reset: %s\n", last_part(field(event, "device")), "",
		field(event, "verdict"), field(event, "reason"));
}

static void print_reset_all(FILE *out, const json_t *event)
{
	fprintf(out, "%d resets took %.2f s; the slowest %.2f s\n", (int)number(event, "domains"),
		number(event, "stage_ms") / 1e3, number(event, "slowest_ms") / 1e3);
}

static void print_link(FILE *out, const json_t *event)
{
	fprintf(out, "link %s: %zu address%s and %zu route%s saved\n", field(event, "name"),
		json_array_size(json_object_get(event, "addresses")),
		json_array_size(json_object_get(event, "addresses")) == 1 ? "" : "es",
		json_array_size(json_object_get(event, "routes")),
		json_array_size(json_object_get(event, "routes")) == 1 ? "" : "s");
}

static void print_jump(FILE *out, const json_t *event)
{
	fprintf(out, "%.2f s: jump into the next kernel\n", number(event, "time_ms") / 1e3);
}

static void print_jump_returned(FILE *out, const json_t *event)
{
	fprintf(out, "%.2f s: the kernel did not jump: %s\n", number(event, "time_ms") / 1e3,
		field(event, "errno"));
}

static void print_why(FILE *out, const json_t *event)
{
	fprintf(out, "%.2f s: %s: %s\n", number(event, "time_ms") / 1e3, field(event, "event"),
		field(event, "why"));
}

static void print_late(FILE *out, const json_t *event)
{
	fprintf(out, "left to kexit_late: %zu to reset, %zu stuck, %.0f s for shutdown()\n",
		json_array_size(json_object_get(event, "reset")),
		json_array_size(json_object_get(event, "stuck")), number(event, "timeout_s"));
}

static void print_arrived(FILE *out, const json_t *event)
{
	fprintf(out, "%-20s %-16s came after the plan was made\n",
		last_part(field(event, "device")), field(event, "driver"));
}

static void print_restored(FILE *out, const json_t *event)
{
	fprintf(out, "%-20s %-16s %s\n", last_part(field(event, "device")), field(event, "driver"),
		field(event, "how"));
}

static void print_rolled_back(FILE *out, const json_t *event)
{
	fprintf(out, "%.2f s: rolled back\n", number(event, "time_ms") / 1e3);
}

/* Events that are not here are steps that a person need not read. "released" is printed apart. */
static const struct {
	const char *event;
	void (*print)(FILE *out, const json_t *event);
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
	{ "halted", print_halted },
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

static void print_event(FILE *out, const json_t *events, size_t at)
{
	const json_t *event = json_array_get(events, at);
	const char *name = field(event, "event");

	if (!strcmp(name, "released")) {
		print_released(out, event, driver_of(events, at, field(event, "device")));
		return;
	}
	for (size_t i = 0; i < sizeof(printers) / sizeof(printers[0]); i++)
		if (!strcmp(name, printers[i].event))
			printers[i].print(out, event);
}

static void print_totals(FILE *out, const json_t *events)
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
	putc('\n', out);
	for (size_t j = 0; j < sizeof(outcomes) / sizeof(outcomes[0]); j++)
		if (counts[j] || j == 0)
			fprintf(out, "%s%zu %s", j ? ", " : "", counts[j], outcomes[j]);
	fprintf(out, "; %zu left by the plan\n", kept);
}

void record_print(FILE *out, const json_t *events)
{
	for (size_t i = 0; i < json_array_size(events); i++)
		print_event(out, events, i);
	print_totals(out, events);
}
