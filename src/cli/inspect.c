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
#include "inspect/list.h"

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

static int inspect_all(const struct sysroot *root, struct report *report)
{
	const char **paths = calloc(report->count + 1, sizeof(*paths));
	int r;

	if (!paths)
		return -ENOMEM;
	for (size_t i = 0; i < report->count; i++)
		paths[i] = report->rows[i].function->path;
	r = inspect_many(root, paths, report->count, report->inspections);
	free(paths);
	return r;
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

static void print_row(const struct row *row, const struct inspection *ins)
{
	printf("%-13s %-15.15s %-10s %-3s %-6s %-5s  %s\n", row->function->address,
	       row->driver[0] ? row->driver : "-", verdict_name(ins->verdict),
	       !ins->has_config	 ? "?"
	       : ins->bus_master ? "on"
				 : "off",
	       intx_text(ins), msi_text(ins), ins->engine ?: "-");
	print_wrapped(ins->why);
	if (ins->transactions_pending)
		print_wrapped("transactions pending: it waits for answers to its own requests");
	for (size_t i = 0; i < ins->reading_count; i++) {
		const struct reading *reading = &ins->readings[i];

		printf("%*s%-10s 0x%0*" PRIx64 "%*s%s%s\n", INDENT, "", reading->name,
		       (int)(2 * reading->width), reading->value, (int)(10 - 2 * reading->width),
		       "", reading->running ? "* " : "  ", reading->meaning ?: "");
	}
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

static json_t *json_power(const struct inspection *ins)
{
	static const char *const names[] = { "D0", "D1", "D2", "D3hot", "D3cold" };

	return ins->power_state < 0 ? json_null() : json_string(names[ins->power_state]);
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
	json_object_set_new(object, "power_state", json_power(ins));
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
	document = json_pack("{s:i, s:o}", "schema", SCHEMA, "functions", functions);
	r = json_dumpf(document, stdout, JSON_INDENT(2));
	if (!r)
		putchar('\n');
	json_decref(document);
	return r ? -EIO : 0;
}

/* ---- the verb */

static int report_make(const struct sysroot *root, const struct function_list *list, char *names[],
		       size_t name_count, struct report *report)
{
	int r = choose(root, list, names, name_count, report);

	if (r)
		return r;
	r = inspect_all(root, report);
	if (r)
		log_error("inspect: cannot start the process that reads registers: %s",
			  errno_text(r));
	return r;
}

static int run_inspect(struct sysroot *root, char *names[], size_t name_count, bool json)
{
	struct function_list list = { 0 };
	struct report report = { 0 };
	int r = function_list_read(root, &list);

	/* A machine without PCI has no function that could be live. */
	if (r && r != -ENOENT) {
		log_error("inspect: cannot read /sys/bus/pci/devices: %s", errno_text(r));
		return STATUS_FAILED;
	}
	r = report_make(root, &list, names, name_count, &report);
	if (!r && json)
		r = print_json(&report);
	else if (!r)
		print_table(&report);
	free(report.rows);
	free(report.inspections);
	function_list_done(&list);
	return r ? STATUS_FAILED : STATUS_DONE;
}

static int inspect_run(const struct verb *verb, struct sysroot *root, int argc, char *argv[])
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	bool json = false;
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case 'j':
			json = true;
			break;
		case 'h':
			return verb_help(verb);
		default:
			return verb_usage(verb);
		}
	}
	return run_inspect(root, argv + optind, (size_t)(argc - optind), json);
}

const struct verb verb_inspect = {
	.name = "inspect",
	.arguments = "[DEV...] [--json]",
	.summary = "Show each PCI function's real state, read from the hardware",
	.help = "  DEV     an address (0000:00:1f.2, 00:1f.2) or a path below /sys; all by default\n"
		"  --json  print JSON: one object a function\n"
		"\n"
		"Verdicts: quiet, its engine is stopped; live, an engine runs and masters the bus;\n"
		"masked, an engine runs and only Bus Master is off; unknown, no decoder for it;\n"
		"unreadable, with the reason; bound, a driver holds it, its registers are not read.\n"
		"A register marked * shows an engine at work. Only registers whose read has no side\n"
		"effect are read, by a child process that a fault may end.\n",
	.run = inspect_run,
};
