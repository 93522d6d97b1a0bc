// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kexit inspect: what each PCI function really does, as a table or as JSON (doc/inspect-json.md).
 *
 * The next kernel's initramfs runs this before any driver is loaded: it needs nothing but sysfs.
 */
#include "inspect/inspect.h"
#include "base/error.h"
#include "base/log.h"
#include "cli/verb.h"
#include "inspect/decoding.h"
#include "inspect/guard.h"
#include "inspect/list.h"
#include "inspect/wake.h"
#include "sys/lockdown.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCHEMA	1
#define COLUMNS 80
#define INDENT	14 /* below the first column */

struct row {
	const struct listed_function *function;
	char driver[64]; /* "" for none */
};

struct report {
	struct row *rows;
	struct inspection *inspections;
	size_t count;
	enum lockdown lockdown;
};

/* ---- what is asked for */

static void row_fill(const struct sysroot *root, const struct listed_function *function,
		     struct row *ret)
{
	char name[PATH_MAX], target[PATH_MAX];
	const char *slash;

	*ret = (struct row){ .function = function };
	snprintf(name, sizeof(name), "%s/driver", function->path);
	if (sysroot_readlink(root, name, target, sizeof(target)) < 0)
		return;
	slash = strrchr(target, '/');
	snprintf(ret->driver, sizeof(ret->driver), "%.63s", slash ? slash + 1 : target);
}

/* The functions named in @names, or all when there is no name. -ENODEV: one is not there. */
static int choose(const struct sysroot *root, const struct function_list *list, char *names[],
		  size_t name_count, struct report *report)
{
	report->count = name_count ? name_count : list->count;
	report->rows = calloc(report->count + 1, sizeof(*report->rows));
	report->inspections = calloc(report->count + 1, sizeof(*report->inspections));
	if (!report->rows || !report->inspections) {
		log_error("inspect: no memory for %zu functions", report->count);
		return -ENOMEM;
	}
	for (size_t i = 0; i < report->count; i++) {
		const struct listed_function *function =
			name_count ? function_list_find(list, names[i]) : &list->items[i];

		if (!function) {
			log_error("inspect: no PCI function '%s': give an address such as "
				  "0000:00:1f.2, or a path below /sys; 'kexit inspect' lists all",
				  names[i]);
			return -ENODEV;
		}
		row_fill(root, function, &report->rows[i]);
	}
	return 0;
}

static int inspect_all(const struct sys *sys, struct report *report)
{
	const char **paths = calloc(report->count + 1, sizeof(*paths));
	int r;

	if (!paths)
		return -ENOMEM;
	for (size_t i = 0; i < report->count; i++)
		paths[i] = report->rows[i].function->path;
	r = inspect_many(sys, paths, report->count, report->inspections);
	free(paths);
	return r;
}

static int wake(const struct sys *sys, const struct row *row, struct inspection *ins)
{
	const char *path = row->function->path;
	int r;

	if (wake_is_needed(sys, path, ins)) {
		r = wake_inspect(sys, path, ins);
		if (r < 0)
			log_error("inspect: %s was woken, and could not be put back to sleep as it "
				  "was: %s; see its power/control",
				  row->function->address, errno_text(r));
		return r;
	}
	if (decoding_is_off(ins)) {
		r = decoding_inspect(sys, path, ins);
		if (r < 0)
			log_error(
				"inspect: %s was made to decode its addresses, and could not be put "
				"back as it was: %s; see its `enable` and its Command register",
				row->function->address, errno_text(r));
		return r;
	}
	return 0;
}

/* One that stays awake by our doing is a failure; one that could not be woken says why. */
static int wake_all(const struct sys *sys, struct report *report)
{
	int first = 0;

	for (size_t i = 0; i < report->count; i++) {
		int r = wake(sys, &report->rows[i], &report->inspections[i]);

		if (!first)
			first = r;
	}
	return first;
}

/* ---- the table */

/* @text at INDENT, broken at spaces so that no line is wider than COLUMNS. */
static void print_wrapped(const char *text)
{
	size_t width = COLUMNS - INDENT;

	while (*text) {
		size_t length = strlen(text);

		if (length > width) {
			length = width;
			while (length && text[length] != ' ')
				length--;
			if (!length)
				length = width;
		}
		printf("%*s%.*s\n", INDENT, "", (int)length, text);
		text += length;
		text += *text == ' ';
	}
}

static const char *intx_text(const struct inspection *ins)
{
	if (!ins->has_config)
		return "?";
	if (ins->intx_pending)
		return "raised";
	return ins->intx_enabled ? "on" : "off";
}

static const char *msi_text(const struct inspection *ins)
{
	if (!ins->has_capabilities)
		return "?";
	if (ins->msix_enabled)
		return "MSI-X";
	return ins->msi_enabled ? "MSI" : "off";
}

static const char *woken_text(const struct inspection *ins)
{
	if (ins->reset_by_waking)
		return "woken for this, which reset it (no No_Soft_Reset): what ran before is not "
		       "known";
	return "woken for this reading, and put back";
}

static void print_row(const struct row *row, const struct inspection *ins)
{
	printf("%-13s %-15.15s %-10s %-3s %-6s %-5s  %s\n", row->function->address,
	       row->driver[0] ? row->driver : "-", verdict_name(ins->verdict),
	       !ins->has_config	 ? "?"
	       : ins->bus_master ? "on"
				 : "off",
	       intx_text(ins), msi_text(ins), ins->engine ?: "-");
	print_wrapped(ins->why);
	if (ins->woken)
		print_wrapped(woken_text(ins));
	if (ins->decoding_lent)
		print_wrapped("address decoding turned on for this reading, and off again");
	if (ins->transactions_pending)
		print_wrapped("transactions pending: it waits for answers to its own requests");
	for (size_t i = 0; i < ins->reading_count; i++) {
		const struct reading *reading = &ins->readings[i];

		printf("%*s%-10s 0x%0*" PRIx64 "%*s%s%s\n", INDENT, "", reading->name,
		       (int)(2 * reading->width), reading->value, (int)(10 - 2 * reading->width),
		       "", reading->running ? "* " : "  ", reading->meaning ?: "");
	}
}

static bool is_locked(const struct report *report)
{
	return report->lockdown == LOCKDOWN_INTEGRITY ||
	       report->lockdown == LOCKDOWN_CONFIDENTIALITY;
}

static size_t count_unreadable(const struct report *report)
{
	size_t count = 0;

	for (size_t i = 0; i < report->count; i++)
		count += report->inspections[i].verdict == VERDICT_UNREADABLE;
	return count;
}

static void print_summary(const struct report *report)
{
	size_t counts[VERDICT_BOUND + 1] = { 0 };
	const char *separator = ": ";

	for (size_t i = 0; i < report->count; i++)
		counts[report->inspections[i].verdict]++;
	printf("%zu function%s", report->count, report->count == 1 ? "" : "s");
	for (size_t verdict = 0; verdict <= VERDICT_BOUND; verdict++) {
		if (!counts[verdict])
			continue;
		printf("%s%zu %s", separator, counts[verdict], verdict_name(verdict));
		separator = ", ";
	}
	putchar('\n');
}

static void print_table(const struct report *report)
{
	printf("%-13s %-15s %-10s %-3s %-6s %-5s  %s\n", "ADDRESS", "DRIVER", "VERDICT", "BM",
	       "INTX", "MSI", "ENGINE");
	for (size_t i = 0; i < report->count; i++)
		print_row(&report->rows[i], &report->inspections[i]);
	print_summary(report);
	if (is_locked(report))
		printf("the kernel is locked down (%s) and refuses registers in memory: %zu "
		       "unreadable\n",
		       lockdown_name(report->lockdown), count_unreadable(report));
}

/* ---- JSON */

static json_t *json_hex(uint64_t value, unsigned int digits)
{
	return json_sprintf("0x%0*" PRIx64, (int)digits, value);
}

/* A fact that is null when it could not be read. */
static json_t *json_fact(bool known, bool value)
{
	return known ? json_boolean(value) : json_null();
}

static json_t *json_power(int state)
{
	static const char *const names[] = { "D0", "D1", "D2", "D3hot", "D3cold" };

	return state < 0 ? json_null() : json_string(names[state]);
}

static json_t *json_woken(const struct inspection *ins)
{
	if (!ins->woken)
		return json_null();
	return ins->woken_from > 0 ? json_power(ins->woken_from) : json_string("suspended");
}

static json_t *json_readings(const struct inspection *ins)
{
	json_t *list = json_array();

	for (size_t i = 0; i < ins->reading_count; i++) {
		const struct reading *reading = &ins->readings[i];

		json_array_append_new(
			list, json_pack("{s:s, s:o, s:b, s:s?}", "name", reading->name, "value",
					json_hex(reading->value, 2 * reading->width), "running",
					reading->running, "meaning", reading->meaning));
	}
	return list;
}

static json_t *json_ids(const struct inspection *ins, json_t *object)
{
	bool known = ins->has_config;

	json_object_set_new(object, "class", known ? json_hex(ins->class_code, 6) : json_null());
	json_object_set_new(object, "vendor", known ? json_hex(ins->vendor, 4) : json_null());
	json_object_set_new(object, "device", known ? json_hex(ins->device, 4) : json_null());
	return object;
}

static json_t *json_facts(const struct inspection *ins, json_t *object)
{
	bool config = ins->has_config, capabilities = ins->has_capabilities;

	json_object_set_new(object, "bus_master", json_fact(config, ins->bus_master));
	json_object_set_new(object, "memory_decode", json_fact(config, ins->memory_decode));
	json_object_set_new(object, "io_decode", json_fact(config, ins->io_decode));
	json_object_set_new(object, "intx_enabled", json_fact(config, ins->intx_enabled));
	json_object_set_new(object, "intx_pending", json_fact(config, ins->intx_pending));
	json_object_set_new(object, "msi_enabled", json_fact(capabilities, ins->msi_enabled));
	json_object_set_new(object, "msix_enabled", json_fact(capabilities, ins->msix_enabled));
	json_object_set_new(object, "transactions_pending",
			    json_fact(capabilities, ins->transactions_pending));
	json_object_set_new(object, "power_state", json_power(ins->power_state));
	json_object_set_new(object, "woken_from", json_woken(ins));
	json_object_set_new(object, "decoding_lent", json_boolean(ins->decoding_lent));
	json_object_set_new(object, "reset_by_waking", json_boolean(ins->reset_by_waking));
	return object;
}

static json_t *json_row(const struct row *row, const struct inspection *ins)
{
	json_t *object = json_pack(
		"{s:s, s:s, s:s?, s:s, s:s?}", "address", row->function->address, "path",
		row->function->path, "driver", row->driver[0] ? row->driver : NULL, "verdict",
		verdict_name(ins->verdict), "why", ins->why[0] ? ins->why : NULL);

	json_ids(ins, object);
	json_facts(ins, object);
	json_object_set_new(object, "engine", ins->engine ? json_string(ins->engine) : json_null());
	json_object_set_new(object, "from_specification", json_boolean(ins->from_specification));
	json_object_set_new(object, "readings", json_readings(ins));
	return object;
}

static int print_json(const struct report *report)
{
	json_t *functions = json_array(), *document;
	int r;

	for (size_t i = 0; i < report->count; i++)
		json_array_append_new(functions,
				      json_row(&report->rows[i], &report->inspections[i]));
	document = json_pack("{s:i, s:s, s:o}", "schema", SCHEMA, "lockdown",
			     lockdown_name(report->lockdown), "functions", functions);
	r = json_dumpf(document, stdout, JSON_INDENT(2));
	if (!r)
		putchar('\n');
	json_decref(document);
	return r ? -EIO : 0;
}

/* ---- the verb */

static int report_make(const struct sys *sys, const struct function_list *list, char *names[],
		       size_t name_count, struct report *report)
{
	int r = choose(sys->root, list, names, name_count, report);

	if (r)
		return r;
	r = inspect_all(sys, report);
	if (r)
		log_error("inspect: cannot start the process that reads registers: %s",
			  errno_text(r));
	return r;
}

static int run_inspect(struct sysroot *root, char *names[], size_t name_count, bool json, bool wake)
{
	struct function_list list = { 0 };
	const struct sys sys = { .root = root, .ops = &sys_ops_live };
	struct report report = { .lockdown = lockdown_read(root) };
	int r = function_list_read(root, &list), asleep = 0;

	/* A machine without PCI has no function that could be live. */
	if (r && r != -ENOENT) {
		log_error("inspect: cannot read /sys/bus/pci/devices: %s", errno_text(r));
		return STATUS_FAILED;
	}
	r = report_make(&sys, &list, names, name_count, &report);
	if (!r && wake)
		asleep = wake_all(&sys, &report);
	if (!r && json)
		r = print_json(&report);
	else if (!r)
		print_table(&report);
	free(report.rows);
	free(report.inspections);
	function_list_done(&list);
	return r || asleep ? STATUS_FAILED : STATUS_DONE;
}

static int inspect_run(const struct verb *verb, struct sysroot *root, int argc, char *argv[])
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "wake", no_argument, NULL, 'w' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	bool json = false, wake = false;
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case 'j':
			json = true;
			break;
		case 'w':
			wake = true;
			break;
		case 'h':
			return verb_help(verb);
		default:
			return verb_usage(verb);
		}
	}
	if (wake && sysroot_is_captured(root)) {
		log_error(
			"--wake changes the machine and cannot be used with --sysroot: a captured "
			"tree can only be looked at");
		return STATUS_USAGE;
	}
	return run_inspect(root, argv + optind, (size_t)(argc - optind), json, wake);
}

const struct verb verb_inspect = {
	.name = "inspect",
	.arguments = "[DEV...] [--json] [--wake]",
	.summary = "Show each PCI function's real state, read from the hardware",
	.help = "  DEV     an address (0000:00:1f.2, 00:1f.2) or a path below /sys; all by default\n"
		"  --json  print JSON: one object a function\n"
		"  --wake  wake functions that sleep, turn on address decoding that is off, for the\n"
		"          reading, and put it back after it\n"
		"\n"
		"Verdicts: quiet, its engine is stopped; live, an engine runs and masters the bus;\n"
		"masked, an engine runs and only Bus Master is off; unknown, no decoder for it;\n"
		"unreadable, with the reason; bound, a driver holds it, its registers are not read.\n"
		"A register marked * shows an engine at work. Only registers whose read has no side\n"
		"effect are read, by a child process that a fault may end.\n",
	.run = inspect_run,
};
