// SPDX-License-Identifier: GPL-2.0-or-later
/* kexit report: the record of the last run, for a person. */
#include "cli/verb.h"

#include "across/arrived.h"
#include "across/carried.h"
#include "base/log.h"
#include "page/page.h"
#include "print/handover_print.h"
#include "print/record_print.h"
#include "record/record.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

static void print_json(json_t *events)
{
	json_t *out = json_pack("{s:i s:O}", "schema", RECORD_SCHEMA, "events", events);

	if (out)
		json_dumpf(out, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
	putchar('\n');
	json_decref(out);
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

static int report_arrived(const struct sysroot *root, bool json)
{
	json_t *arrived = arrived_json(root);

	if (json && arrived) {
		json_dumpf(arrived, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
		putchar('\n');
	} else if (arrived_is_empty(arrived)) {
		log_error(
			"nothing came over a jump into this kernel (/run/kexit/previous), no earlier "
			"run of this start left a record, no handover is known to have failed, and "
			"nothing of a kernel's log was kept (pstore)");
		json_decref(arrived);
		return STATUS_FAILED;
	} else {
		handover_print(arrived);
	}
	json_decref(arrived);
	return STATUS_DONE;
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

	if (!arrived_is_there(root))
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
	if (arguments->previous && arrived_is_there(root))
		return report_arrived(root, arguments->json);
	r = record_load(dir, arguments->previous, &events, &e);
	if (arguments->previous && r == -ENOENT)
		return report_arrived(root, arguments->json);
	if (r < 0) {
		log_error("%s", e.text);
		return STATUS_FAILED;
	}
	if (arguments->json)
		print_json(events);
	else
		record_print(stdout, events);
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
