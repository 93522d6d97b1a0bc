// SPDX-License-Identifier: GPL-2.0-or-later
/* kexit rollback: brings the machine back to what it was before a run, from the run's record. */
#include "cli/verb.h"

#include "base/log.h"
#include "record/record.h"
#include "sys/ops.h"
#include "undo/rollback.h"
#include "worker/signals.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>

static void print_progress(const char *line)
{
	log_info("%s", line);
}

static void print_json(const struct rollback_result *result)
{
	json_t *out = json_pack("{s:i s:I s:O}", "schema", RECORD_SCHEMA, "devices",
				(json_int_t)result->devices, "failed", result->names);

	if (out)
		json_dumpf(out, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(out);
}

static int tell_result(const struct rollback_result *result, bool json)
{
	const json_t *text;
	size_t i;

	json_array_foreach (result->names, i, text)
		log_error("not restored: %s", json_string_value(text));
	if (json)
		print_json(result);
	else if (!result->failed)
		log_info("rolled back: %zu device%s bound as before", result->devices,
			 result->devices == 1 ? "" : "s");
	if (result->failed)
		log_error("%zu thing%s could not be restored; once the cause is gone, run `kexit "
			  "rollback` again",
			  result->failed, result->failed == 1 ? "" : "s");
	return result->failed ? STATUS_NOT_ROLLED_BACK : STATUS_DONE;
}

static int nothing_to_do(bool json)
{
	struct rollback_result none = { .names = json_array() };

	if (json)
		print_json(&none);
	else
		log_info("there is nothing to roll back");
	json_decref(none.names);
	return STATUS_DONE;
}

static int roll_back(struct sysroot *root, struct record *record, const json_t *events, bool json)
{
	struct sys sys = { .root = root, .ops = &sys_ops_live };
	struct rollback_result result;
	int status;

	if (json_array_size(events) && !record_is_of_this_boot(events)) {
		log_error("the record %s/record is of an earlier boot, whose devices this kernel "
			  "does not know; nothing was changed",
			  RECORD_DIR);
		return STATUS_FAILED;
	}
	if (!rollback_is_needed(events))
		return nothing_to_do(json);
	/* Cut short it could be run again, but the SSH session whose link just came back must not be
	 * what cuts it. */
	signals_hold();
	rollback_run(&sys, record, events, json ? NULL : print_progress, &result);
	status = tell_result(&result, json);
	json_decref(result.names);
	return status;
}

/* Under the lock, so that what is read is whole. */
static int run_locked(struct sysroot *root, bool json)
{
	struct error e = ERROR_NONE;
	struct record *record;
	json_t *events = NULL;
	int status = STATUS_FAILED;
	int code = record_reopen(RECORD_DIR, &record, &e);

	if (code == -ENOENT)
		return nothing_to_do(json);
	if (code < 0) {
		log_error("%s", e.text);
		return code == -EBUSY ? STATUS_REFUSED : STATUS_FAILED;
	}
	if (record_load(RECORD_DIR, false, &events, &e) < 0)
		log_error("%s", e.text);
	else
		status = roll_back(root, record, events, json);
	json_decref(events);
	record_close(record);
	return status;
}

static int rollback_main(const struct verb *verb, struct sysroot *root, int argc, char *argv[])
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "quiet", no_argument, NULL, 'q' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	bool json = false;
	int c;

	while ((c = getopt_long(argc, argv, "qvh", options, NULL)) >= 0) {
		switch (c) {
		case 'j':
			json = true;
			break;
		case 'q':
			log_set_level(LOG_QUIET);
			break;
		case 'v':
			log_set_level(LOG_VERBOSE);
			break;
		case 'h':
			return verb_help(verb);
		default:
			return verb_usage(verb);
		}
	}
	if (verb_has_argument(verb, argc, argv))
		return verb_usage(verb);
	return run_locked(root, json);
}

const struct verb verb_rollback = {
	.name = "rollback",
	.arguments = "[--json] [-q]",
	.summary = "Bring back what the last run took away",
	.help = "  --json         print the result as JSON\n"
		"  -q, --quiet    print only what could not be restored\n"
		"\n"
		"Binds every device that was released to the driver it had, and restores every\n"
		"attribute, network address, route and bond or bridge port that was changed, from\n"
		"the record in " RECORD_DIR ". Works after kexit was killed, and may be repeated.\n"
		"Exits with 0 when everything is back, 4 when something is not.\n",
	.acts = true,
	.run = rollback_main,
};
