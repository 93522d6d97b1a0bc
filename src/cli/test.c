// SPDX-License-Identifier: GPL-2.0-or-later
/* kexit test: one device used, released, looked at and bound again, many times; a table for the
 * author of its driver. */
#include "base/log.h"
#include "cli/test_report.h"
#include "cli/verb.h"
#include "host/host.h"
#include "host/pid1.h"
#include "record/record.h"
#include "trial/subject.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CYCLES	  10
#define MOST	  1000000
#define SETTLE_MS 30000
#define NAME	  18 /* width of the table's first column */

struct arguments {
	struct cycles_options cycles;
	const char *report; /* a file, or NULL */
	bool json, now, help;
};

/* ---- the table */

static void print_verdicts(const struct cycles *cycles, const struct cycles_summary *summary,
			   size_t asked)
{
	static const char *const meanings[] = {
		[VERDICT_QUIET] = "its engine was stopped",
		[VERDICT_LIVE] = "an engine ran and mastered the bus",
		[VERDICT_MASKED] = "an engine ran, only Bus Master was off",
		[VERDICT_UNKNOWN] = "no decoder for its engine",
		[VERDICT_UNREADABLE] = "its registers could not be read",
	};

	printf("%-*s %zu of %zu\n", NAME, "cycles", cycles->count, asked);
	for (int i = 0; i < VERDICT_BOUND; i++)
		if (summary->verdicts[i] || i <= VERDICT_MASKED)
			printf("%-*s %-5zu %s\n", NAME, verdict_name((enum verdict)i),
			       summary->verdicts[i], meanings[i]);
	if (summary->cleared)
		printf("%-*s %-5zu remove() left it on; kexit cleared it\n", NAME, "bus master",
		       summary->cleared);
}

/* Each text once, with the cycle that showed it first. */
static void print_texts(const struct cycles *cycles, const char *name,
			const char *(*text_of)(const struct cycle *cycle))
{
	for (size_t i = 0; i < cycles->count; i++) {
		const char *text = text_of(&cycles->list[i]);
		bool is_new = text[0];

		for (size_t j = 0; j < i && is_new; j++)
			is_new = strcmp(text, text_of(&cycles->list[j])) != 0;
		if (is_new)
			printf("%-*s %s (cycle %zu)\n", NAME, name, text, i + 1);
	}
}

static const char *reset_failure_of(const struct cycle *cycle)
{
	return cycle->reset.text;
}

static void print_resets(const struct cycles *cycles)
{
	size_t done = 0, quiet = 0, slowest = 0;

	if (!cycles->resets)
		return;
	for (size_t i = 0; i < cycles->count; i++) {
		const struct cycle_reset *reset = &cycles->list[i].reset;

		done += reset->happened && reset->end == RESET_END_DONE;
		quiet += reset->happened && reset->verdict == VERDICT_QUIET;
		if (reset->ms > cycles->list[slowest].reset.ms)
			slowest = i;
	}
	printf("%-*s %zu of %zu gave config space back as before, %zu quiet after\n", NAME, "reset",
	       done, cycles->count, quiet);
	printf("%-*s %.0f ms (cycle %zu)\n", NAME, "slowest reset", cycles->list[slowest].reset.ms,
	       slowest + 1);
	print_texts(cycles, "reset failed", reset_failure_of);
}

static const char *registers_of(const struct cycle *cycle)
{
	return cycle->text;
}

static const char *use_failure_of(const struct cycle *cycle)
{
	return cycle->used.text;
}

static void print_use(const struct cycles *cycles)
{
	const struct exercise *used = &cycles->list[0].used;
	unsigned int carriers = 0, reads = 0;

	for (size_t i = 0; i < cycles->count; i++) {
		carriers += cycles->list[i].used.carriers;
		reads += cycles->list[i].used.reads;
	}
	if (!used->links && !used->disks)
		printf("%-*s not used: it has no link and no disk\n", NAME, "use");
	if (used->links)
		printf("%-*s %u link%s up, a carrier in %u of %zu\n", NAME, "use", used->links,
		       used->links == 1 ? "" : "s", carriers, used->links * cycles->count);
	if (used->disks)
		printf("%-*s %u disk%s, a block read in %u of %zu\n", NAME, "use", used->disks,
		       used->disks == 1 ? "" : "s", reads, used->disks * cycles->count);
	print_texts(cycles, "use failed", use_failure_of);
}

static void print_times(const struct cycles *cycles, const struct cycles_summary *summary)
{
	printf("%-*s %.0f ms (cycle %zu)\n", NAME, "slowest release",
	       cycles->list[summary->slowest_release].release_ms, summary->slowest_release + 1);
	printf("%-*s %.0f ms (cycle %zu)\n", NAME, "slowest probe",
	       cycles->list[summary->slowest_probe].probe_ms, summary->slowest_probe + 1);
}

static void print_slab(const struct cycles_summary *summary)
{
	const struct slab_growth *growth = &summary->growth;

	if (!summary->has_slab) {
		printf("%-*s /proc/slabinfo does not say\n", NAME, "slab");
		return;
	}
	printf("%-*s %.0f kB in use after the first cycle, %.0f kB after the last\n", NAME, "slab",
	       summary->first.live_kb, summary->last.live_kb);
	if (!growth->is_known)
		printf("%-*s not judged: growth needs %d cycles to be told from noise\n", NAME, "",
		       SLAB_LEAST_CYCLES);
	else
		printf("%-*s %s: %+.2f kB a cycle over the last %zu, noise up to %.2f\n", NAME, "",
		       growth->grows ? "GROWS" : "no growth beyond noise", growth->kb_a_cycle,
		       growth->count, growth->noise_kb);
}

static void print_table(const json_t *report, const struct cycles *cycles, size_t asked)
{
	const json_t *device = json_object_get(report, "device");
	const char *version = json_string_value(json_object_get(device, "module_version"));
	struct cycles_summary summary;

	cycles_summarize(cycles, &summary);
	printf("%-*s %s, driver %s%s%s\n", NAME, "device",
	       json_string_value(json_object_get(device, "name")),
	       json_string_value(json_object_get(device, "driver")), version ? " " : "",
	       version ?: "");
	print_verdicts(cycles, &summary, asked);
	print_texts(cycles, "registers", registers_of);
	if (!cycles->count)
		return;
	print_resets(cycles);
	print_use(cycles);
	print_times(cycles, &summary);
	print_slab(&summary);
}

/* ---- progress */

static void tell_cycle(size_t number, const struct cycle *cycle)
{
	log_info("cycle %zu: %s, released in %.0f ms, bound in %.0f ms%s%s%s%s", number,
		 verdict_name(cycle->verdict), cycle->release_ms, cycle->probe_ms,
		 cycle->text[0] ? "; " : "", cycle->text, cycle->used.text[0] ? "; " : "",
		 cycle->used.text);
}

static void tell_note(const char *line)
{
	log_warning("%s", line);
}

/* ---- the run */

static int refuse(const struct error *e)
{
	log_error("test was refused, nothing was changed: %s", e->text);
	return STATUS_REFUSED;
}

static int check_host(const struct sysroot *root, const struct arguments *arguments,
		      struct error *e)
{
	struct pid1 pid1;
	int r = host_may_quiesce(root, true, "test", e);

	if (r == 0 && !arguments->now && pid1_is_manager(root, &pid1))
		r = error_set(e, -EBUSY,
			      "PID 1 is %s, whose services may use %s while it comes and goes: "
			      "stop those that do, then run 'kexit test %s --now', or test from an "
			      "initramfs",
			      pid1.name, arguments->cycles.device, arguments->cycles.device);
	return r;
}

static int tell_end(enum handover_end end, const struct cycles *cycles, size_t asked,
		    const struct error *e)
{
	switch (end) {
	case HANDOVER_DONE:
		return cycles_are_quiet(cycles, asked) ? STATUS_DONE : STATUS_FAILED;
	case HANDOVER_REFUSED:
		return refuse(e);
	case HANDOVER_FAILED:
		log_error("test failed, nothing was changed: %s", e->text);
		return STATUS_FAILED;
	case HANDOVER_ROLLED_BACK:
		log_error("test ended in cycle %zu, all was rolled back: %s", cycles->count + 1,
			  e->text);
		return STATUS_ROLLED_BACK;
	case HANDOVER_NOT_ROLLED_BACK:
		break;
	}
	log_error("test ended in cycle %zu, and not all could be rolled back (see above; 'kexit "
		  "rollback' tries again): %s",
		  cycles->count + 1, e->text);
	return STATUS_NOT_ROLLED_BACK;
}

static void write_report(const char *path, FILE *file, const json_t *report)
{
	if (json_dumpf(report, file, JSON_INDENT(2)) || putc('\n', file) < 0 || fflush(file))
		log_error("%s: the report could not be written: %s", path, errno_text(errno));
}

static int cycle_all(const struct sys *sys, const struct arguments *arguments, json_t *report,
		     FILE *file)
{
	const struct cycles_options *options = &arguments->cycles;
	struct error e = ERROR_NONE;
	struct cycles cycles;
	enum handover_end end = cycles_run(sys, options, &cycles, &e);
	bool has_begun = end != HANDOVER_REFUSED && (end != HANDOVER_FAILED || cycles.count);

	if (has_begun && report_add_result(report, &cycles, options->count, e.text) == 0) {
		if (arguments->json && json_dumpf(report, stdout, JSON_INDENT(2)) == 0)
			putchar('\n');
		else if (!arguments->json)
			print_table(report, &cycles, options->count);
		if (file)
			write_report(arguments->report, file, report);
	}
	free(cycles.list);
	return tell_end(end, &cycles, options->count, &e);
}

/* What is tested, as it is before the first cycle, and whether it may be. */
static int look(const struct sysroot *root, const struct cycles_options *cycles,
		json_t **ret_report)
{
	struct error e = ERROR_NONE;
	struct subject subject;
	int r = subject_find(root, cycles->device, cycles->resets, &subject, &e);

	if (r == -EBUSY)
		return refuse(&e);
	if (r < 0) {
		log_error("test failed, nothing was changed: %s", e.text);
		return r == -EINVAL ? STATUS_USAGE : STATUS_FAILED;
	}
	*ret_report = report_head(root, subject.decision->device);
	subject_done(&subject);
	return *ret_report ? STATUS_DONE : STATUS_FAILED;
}

/* Opened before anything is touched: a report that cannot be written is worth knowing first. */
static int open_report(const char *path, FILE **ret_file)
{
	FILE *file = fopen(path, "we");

	if (!file) {
		log_error("--report %s: the file cannot be opened: %s; nothing was changed", path,
			  errno_text(errno));
		return STATUS_FAILED;
	}
	*ret_file = file;
	return STATUS_DONE;
}

static int run_test(struct sysroot *root, const struct arguments *arguments)
{
	const struct sys sys = { .root = root, .ops = &sys_ops_live };
	struct error e = ERROR_NONE;
	json_t *report = NULL;
	FILE *file = NULL;
	int status;

	if (check_host(root, arguments, &e) < 0)
		return refuse(&e);
	status = look(root, &arguments->cycles, &report);
	if (status == STATUS_DONE && arguments->report)
		status = open_report(arguments->report, &file);
	if (status == STATUS_DONE)
		status = cycle_all(&sys, arguments, report, file);
	if (file)
		fclose(file);
	json_decref(report);
	return status;
}

/* ---- the command line */

static int take_cycles(const char *text, size_t *ret_count)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (end == text || *end || text[0] == '-' || !value || value > MOST) {
		log_error("--cycles %s: not a number from 1 to %d", text, MOST);
		return STATUS_USAGE;
	}
	*ret_count = value;
	return STATUS_DONE;
}

static int take_option(struct arguments *arguments, int option)
{
	switch (option) {
	case 'c':
		return take_cycles(optarg, &arguments->cycles.count);
	case 'r':
		arguments->report = optarg;
		return STATUS_DONE;
	case 'R':
		arguments->cycles.resets = true;
		return STATUS_DONE;
	case 'j':
		arguments->json = true;
		return STATUS_DONE;
	case 'n':
		arguments->now = true;
		return STATUS_DONE;
	case 'q':
		log_set_level(LOG_QUIET);
		return STATUS_DONE;
	case 'h':
		arguments->help = true;
		return STATUS_DONE;
	default:
		return STATUS_USAGE;
	}
}

static int test_run(const struct verb *verb, struct sysroot *root, int argc, char *argv[])
{
	static const struct option options[] = {
		{ "cycles", required_argument, NULL, 'c' }, { "reset", no_argument, NULL, 'R' },
		{ "report", required_argument, NULL, 'r' }, { "json", no_argument, NULL, 'j' },
		{ "now", no_argument, NULL, 'n' },	    { "quiet", no_argument, NULL, 'q' },
		{ "help", no_argument, NULL, 'h' },	    { NULL, 0, NULL, 0 },
	};
	struct arguments arguments = {
		.cycles = {
			.count = CYCLES,
			.record_dir = RECORD_DIR,
			.settle_ms = SETTLE_MS,
			.cycled = tell_cycle,
			.note = tell_note,
		},
	};
	int option;

	while ((option = getopt_long(argc, argv, "qh", options, NULL)) != -1)
		if (take_option(&arguments, option))
			return verb_usage(verb);
	if (arguments.help)
		return verb_help(verb);
	if (argc - optind != 1) {
		log_error("test takes one device: an address, a name such as eth0, or a path below "
			  "/sys");
		return verb_usage(verb);
	}
	arguments.cycles.device = argv[optind];
	return run_test(root, &arguments);
}

const struct verb verb_test = {
	.name = "test",
	.arguments = "DEV [--cycles N] [--reset] [--report FILE] [--json] [--now]",
	.summary = "Release and bind one device again and again: is it quiet, does memory grow",
	.help = "  DEV            an address, a name such as eth0 or nvme0n1, or a path below /sys\n"
		"  --cycles N     how many times (default 10; growth is judged from 20 on)\n"
		"  --reset        reset it in each cycle, and compare its config space\n"
		"  --report FILE  write a report on machine, device and cycles, made to be shared:\n"
		"                 without serial numbers, addresses or host name\n"
		"  --json         print that report instead of the table\n"
		"  --now          act although a service manager runs\n"
		"  -q, --quiet    warnings and errors only, and the table\n"
		"\n"
		"Each cycle takes its links up and reads its disks, releases it as a handover does,\n"
		"looks at its registers, and rolls back. Then the kernel is told to drop unused dentries\n"
		"and inodes, so that what it has in use can be counted. A device in use is refused\n"
		"(status 5). Exits with 0 when every cycle left it quiet, 1 when not, 3 or 4 when the\n"
		"test was cut short and all, or not all, is back.\n",
	.acts = true,
	.run = test_run,
};
