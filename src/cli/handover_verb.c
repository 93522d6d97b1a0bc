// SPDX-License-Identifier: GPL-2.0-or-later
/* From the command line to handover_run(); see handover_verb.h. */
#include "cli/handover_verb.h"

#include "across/spare.h"
#include "base/duration.h"
#include "base/log.h"
#include "cli/progress.h"
#include "host/host.h"
#include "host/watchdog.h"
#include "print/plan_print.h"
#include "record/record.h"
#include "run/handover.h"
#include "run/silent.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum {
	OPTION_NOW = CHOICE_END,
	OPTION_JOBS,
	OPTION_DEADLINE,
	OPTION_SHUTDOWN_DEADLINE,
	OPTION_ON_STUCK,
	OPTION_ON_DEAD,
};

static const struct option options[] = {
	CHOICES_OPTIONS,
	IMAGE_OPTIONS,
	{ "now", no_argument, NULL, OPTION_NOW },
	{ "jobs", required_argument, NULL, OPTION_JOBS },
	{ "deadline", required_argument, NULL, OPTION_DEADLINE },
	{ "shutdown-deadline", required_argument, NULL, OPTION_SHUTDOWN_DEADLINE },
	{ "on-stuck", required_argument, NULL, OPTION_ON_STUCK },
	{ "on-dead", required_argument, NULL, OPTION_ON_DEAD },
	{ "quiet", no_argument, NULL, 'q' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

struct arguments {
	struct choices choices;
	struct image_options image;
	struct handover_options handover;
	bool loads;
	bool now;
	bool help;
};

static int take_jobs(const char *text, unsigned int *ret_jobs)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (end == text || *end || value > 100000 || text[0] == '-') {
		log_error("--jobs %s: not a number of jobs (0: as many as are ready)", text);
		return STATUS_USAGE;
	}
	*ret_jobs = (unsigned int)value;
	return STATUS_DONE;
}

static int take_deadline(const char *option, const char *text, unsigned int *ret_ms)
{
	if (duration_parse(text, ret_ms) < 0) {
		log_error("%s %s: not a time such as 90s, 5min or 500ms", option, text);
		return STATUS_USAGE;
	}
	return STATUS_DONE;
}

static int take_on_stuck(const char *text, enum on_stuck *ret_on_stuck)
{
	static const char *const words[] = {
		[ON_STUCK_AUTO] = "auto",
		[ON_STUCK_FIRMWARE] = "firmware",
		[ON_STUCK_WAIT] = "wait",
		[ON_STUCK_ABORT] = "abort",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(words[i], text) != 0)
			continue;
		*ret_on_stuck = (enum on_stuck)i;
		return STATUS_DONE;
	}
	log_error("--on-stuck %s: must be auto, firmware, wait or abort", text);
	return STATUS_USAGE;
}

static int take_on_dead(const char *text, enum on_dead *ret_on_dead)
{
	if (!strcmp(text, "continue")) {
		*ret_on_dead = ON_DEAD_CONTINUE;
	} else if (!strcmp(text, "firmware")) {
		*ret_on_dead = ON_DEAD_FIRMWARE;
	} else {
		log_error("--on-dead %s: must be continue or firmware", text);
		return STATUS_USAGE;
	}
	return STATUS_DONE;
}

static int take_shared(struct arguments *arguments, int option)
{
	struct error e = ERROR_NONE;
	int r = choices_take(&arguments->choices, option, optarg, &e);

	if (r < 0)
		log_error("%s", e.text);
	if (r)
		return r > 0 ? STATUS_DONE : STATUS_USAGE;
	if (!arguments->loads && option >= IMAGE_OPTION_INITRD)
		log_error("that option belongs to load and boot");
	else if (image_options_take(&arguments->image, option, optarg) == 0)
		return STATUS_DONE;
	return STATUS_USAGE;
}

static int take_option(struct arguments *arguments, int option)
{
	switch (option) {
	case OPTION_NOW:
		arguments->now = true;
		return STATUS_DONE;
	case OPTION_JOBS:
		return take_jobs(optarg, &arguments->handover.jobs);
	case OPTION_DEADLINE:
		return take_deadline("--deadline", optarg, &arguments->handover.run_deadline_ms);
	case OPTION_SHUTDOWN_DEADLINE:
		return take_deadline("--shutdown-deadline", optarg,
				     &arguments->handover.shutdown_deadline_ms);
	case OPTION_ON_STUCK:
		return take_on_stuck(optarg, &arguments->handover.on_stuck);
	case OPTION_ON_DEAD:
		return take_on_dead(optarg, &arguments->handover.on_dead);
	case 'q':
		log_set_level(LOG_QUIET);
		return STATUS_DONE;
	case 'v':
		log_set_level(LOG_VERBOSE);
		return STATUS_DONE;
	case 'h':
		arguments->help = true;
		return STATUS_DONE;
	}
	return take_shared(arguments, option);
}

static int parse(const struct verb *verb, int argc, char *argv[], struct arguments *arguments)
{
	int option;

	while ((option = getopt_long(argc, argv, "qvh", options, NULL)) != -1)
		if (take_option(arguments, option))
			return verb_usage(verb);
	if (arguments->help)
		return STATUS_DONE;
	if (arguments->loads)
		return image_options_end(&arguments->image, argc, argv) < 0 ? verb_usage(verb)
									    : STATUS_DONE;
	if (verb_has_argument(verb, argc, argv))
		return verb_usage(verb);
	return STATUS_DONE;
}

/* All that can be refused before anything is touched; the cheapest and most telling first. */
static int check(const struct sysroot *root, struct arguments *arguments)
{
	const struct handover_options *handover = &arguments->handover;
	struct error e = ERROR_NONE;
	int r = 0;

	if (handover->jump)
		r = host_may_jump(root, &e);
	if (r == 0 && arguments->loads)
		r = host_may_load(root, &e);
	if (r == 0 && arguments->loads)
		r = image_options_open(&arguments->image, root, &e);
	if (r == 0 && arguments->loads)
		r = image_check(root, &arguments->image.request, &e);
	if (r == 0 && handover->jump && !arguments->loads)
		r = host_has_image(root, &e);
	if (r == 0)
		r = host_may_quiesce(root, arguments->now, handover->verb, &e);
	if (r == 0)
		return STATUS_DONE;
	log_error("%s was refused, nothing was changed: %s", handover->verb, e.text);
	return STATUS_REFUSED;
}

static int status_of(enum handover_end end)
{
	static const int statuses[] = {
		[HANDOVER_DONE] = STATUS_DONE,
		[HANDOVER_FAILED] = STATUS_FAILED,
		[HANDOVER_ROLLED_BACK] = STATUS_ROLLED_BACK,
		[HANDOVER_NOT_ROLLED_BACK] = STATUS_NOT_ROLLED_BACK,
		[HANDOVER_REFUSED] = STATUS_REFUSED,
	};

	return statuses[end];
}

static int tell_end(const struct arguments *arguments, enum handover_end end, const struct error *e)
{
	static const char *const words[] = {
		[HANDOVER_FAILED] = "failed, nothing was changed",
		[HANDOVER_ROLLED_BACK] = "failed, all was rolled back",
		[HANDOVER_NOT_ROLLED_BACK] =
			"failed, not all could be rolled back ('kexit rollback' tries again)",
		[HANDOVER_REFUSED] = "was refused, nothing was changed",
	};

	if (end != HANDOVER_DONE)
		log_error("%s %s: %s", arguments->handover.verb, words[end], e->text);
	else
		log_info("quiesced: 'kexit exec' jumps, 'kexit rollback' undoes it, 'kexit report' "
			 "tells what was done");
	return status_of(end);
}

static int hand_over(struct sysroot *root, struct arguments *arguments)
{
	const struct sys sys = { .root = root, .ops = &sys_ops_live };
	const struct probes_options probes_options = {
		.limit_ms = arguments->handover.run_deadline_ms,
		.note = progress_lines.note,
	};
	struct probes probes = { 0 };
	struct watchdog_choice watchdog;
	struct error e = ERROR_NONE;
	struct graph *graph;
	struct plan *plan;
	int status = check(root, arguments);

	if (status)
		return status;
	if (silent_disks_avoid(root, probes_options.limit_ms, probes_options.note) < 0 ||
	    probes_wait(&sys, &probes_options, &probes) < 0) {
		log_error("%s: no memory", arguments->handover.verb);
		return STATUS_FAILED;
	}
	/* Of the image that is loaded, where a load by kexit left word of it. */
	if (!arguments->loads && watchdog_note_read(root, &watchdog) == 0)
		arguments->handover.watchdog = &watchdog;
	arguments->choices.probes = &probes;
	status = choices_plan(&arguments->choices, root, &graph, &plan);
	probes_done(&probes);
	if (status)
		return status;
	if (log_level() >= LOG_VERBOSE)
		plan_print_text(stderr, plan, true);
	status = tell_end(arguments, handover_run(&sys, graph, plan, &arguments->handover, &e), &e);
	plan_free(plan);
	graph_free(graph);
	return status;
}

/* In the exit environment of `kexit reboot` alone is there something to be loaded again. */
static void load_again(const struct sys *sys, struct record *record)
{
	spare_load(sys, "", RECORD_DIR, record);
}

int handover_verb_run(const struct verb *verb, struct sysroot *root, int argc, char *argv[],
		      bool loads, bool jumps)
{
	struct arguments arguments = {
		.loads = loads,
		.handover = {
			.verb = verb->name,
			.image = loads ? &arguments.image.request : NULL,
			.jump = jumps,
			.record_dir = RECORD_DIR,
			.before_jump = loads ? NULL : load_again,
			.progress = &progress_lines,
		},
	};
	int status;

	if (choices_init(&arguments.choices) < 0) {
		log_error("%s: no memory", verb->name);
		return STATUS_FAILED;
	}
	arguments.choices.claims = true;
	status = parse(verb, argc, argv, &arguments);
	if (status == STATUS_DONE)
		status = arguments.help ? verb_help(verb) : hand_over(root, &arguments);
	image_options_done(&arguments.image);
	choices_done(&arguments.choices);
	return status;
}
