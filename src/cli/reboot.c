// SPDX-License-Identifier: GPL-2.0-or-later
/* kexit reboot: on a running system, by the service manager to a clean jump; or through firmware. */
#include "across/departure.h"
#include "across/mark.h"
#include "base/log.h"
#include "cli/crossing.h"
#include "cli/guarding.h"
#include "cli/image_options.h"
#include "cli/verb.h"
#include "config/config.h"
#include "exit/precheck.h"
#include "exit/stage.h"
#include "hooks/hooks.h"
#include "host/host.h"
#include "host/known.h"
#include "host/systemd.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

struct reboot_arguments {
	struct image_options image;
	struct config config; /* what the command line leaves open */
	bool dry_run, firmware, forgets, ignores_inhibitors;
	bool help;
};

/* Every one is asked, so that a person reads all of it at once; the first decides the status. */
static int ask(const struct sys *sys, const struct reboot_arguments *arguments)
{
	int status = STATUS_DONE;

	for (const struct precheck *check = prechecks; check->name; check++) {
		struct error e = ERROR_NONE;
		bool is_moot =
			(check->status == PRECHECK_INHIBITED && arguments->ignores_inhibitors) ||
			(check->status == PRECHECK_FIRMWARE && arguments->firmware);

		if (is_moot || check->ask(sys, &e) == 0) {
			if (arguments->dry_run)
				printf("%-17s %s\n", check->name, is_moot ? "not asked" : "ok");
			continue;
		}
		log_error("%s: %s", check->name, e.text);
		if (!status)
			status = (int)check->status;
	}
	return status;
}

/* What would be loaded, as far as can be said without loading it. */
static int find_image(struct sysroot *root, struct image_options *image, struct error *e)
{
	int r = host_may_load(root, e);

	if (r == 0)
		r = host_may_jump(root, e);
	if (r == 0)
		r = image_options_open(image, root, e);
	return r ?: image_check(root, &image->request, e);
}

static void note(const char *line)
{
	log_warning("%s", line);
}

static struct departure departure_of(struct image_request *request, const json_t *handover,
				     const struct config *config)
{
	return (struct departure){
		.environment = EXIT_FOLDER,
		.request = request,
		.handover = handover,
		.failures_max = config->failures,
		.is_guarded = config->watchdog_seconds,
		.note = note,
	};
}

static void print_image(const struct image_options *image)
{
	printf("%-17s %s\n%-17s %s\n", "entry", image->chosen, "kernel", image->request.kernel);
	for (size_t i = 0; i < image->request.initrd_count; i++)
		printf("%-17s %s\n", "initrd", image->request.initrds[i]);
	printf("%-17s %s\n", "command line", image->request.append ?: "");
}

static int rehearse(const struct sysroot *root, struct reboot_arguments *arguments, struct error *e)
{
	struct image_request *request = &arguments->image.request;
	json_t *handover = crossing_name(root, "reboot", request, e);
	struct departure departure = departure_of(request, handover, &arguments->config);
	int r;

	print_image(&arguments->image);
	r = departure_check(root, &departure, e);
	json_decref(handover);
	return r;
}

static int go_by_firmware(const struct sys *sys, const char *why)
{
	struct error e = ERROR_NONE;

	if (why)
		log_error("the machine reboots through firmware: %s", why);
	departure_cancel(sys, EXIT_FOLDER);
	/* A reboot would be made a jump of it, the stock way. */
	if (image_unload(sys, &e) == 0 && systemd_end(sys, SYSTEMD_REBOOT, &e) == 0)
		return STATUS_DONE;
	log_error("no reboot: %s", e.text);
	return STATUS_FAILED;
}

static int depart(const struct sys *sys, struct reboot_arguments *arguments, struct error *e)
{
	struct image_request *request = &arguments->image.request;
	struct departure departure;
	struct crossing crossing;
	int r;

	crossing_make(sys->root, "reboot", request, &crossing);
	departure = departure_of(request, crossing.handover, &arguments->config);
	r = departure_make(sys, &departure, e);
	crossing_done(&crossing);
	if (r == 0)
		guarding_prepare(sys->root, request);
	return r;
}

/* @end, @why: NULL before the services stop; how it ended and why, where it did not go well. */
static int call_hooks(const struct sys *sys, const struct reboot_arguments *arguments,
		      const char *end, const char *why, struct error *e)
{
	const struct image_request *request = &arguments->image.request;
	struct hooks_facts facts = { 0 };
	int r;

	hooks_facts_add(&facts, "VERB", "reboot");
	hooks_facts_add(&facts, "PLACE", "system");
	hooks_facts_add(&facts, "ENTRY", "%s", arguments->image.chosen);
	hooks_facts_add(&facts, "NEXT_KERNEL", "%s", request->kernel ?: "");
	hooks_facts_add(&facts, "NEXT_CMDLINE", "%s", request->append ?: "");
	if (end) {
		hooks_facts_add(&facts, "END", "%s", end);
		hooks_facts_add(&facts, "WHY", "%s", why);
	}
	r = hooks_run(sys, end ? HOOKS_FAILED : HOOKS_BEFORE_RELEASE, &facts, e);
	hooks_facts_done(&facts);
	return r;
}

/* What a hook said no to does not go another way. */
static int stay(const struct sys *sys, const struct error *e)
{
	struct error unload = ERROR_NONE;

	departure_cancel(sys, EXIT_FOLDER);
	log_error("reboot was refused, the machine goes on running: %s", e->text);
	if (image_unload(sys, &unload) < 0)
		log_error("%s", unload.text);
	return PRECHECK_HOOK;
}

static int go_by_kexec(const struct sys *sys, struct reboot_arguments *arguments)
{
	struct error e = ERROR_NONE, hook = ERROR_NONE;
	int r = exit_stage(sys, &e);

	if (r == 0)
		r = depart(sys, arguments, &e);
	if (r == 0 && call_hooks(sys, arguments, NULL, NULL, &e) < 0)
		return stay(sys, &e);
	r = r ?: systemd_end(sys, SYSTEMD_KEXEC, &e);
	if (r == 0) {
		log_info("%s: loaded; services stop now, then every device is released, and the "
			 "machine jumps",
			 arguments->image.chosen);
		return STATUS_DONE;
	}
	if (call_hooks(sys, arguments, arguments->config.aborts ? "nothing-changed" : "firmware",
		       e.text, &hook) < 0)
		log_warning("%s", hook.text);
	if (!arguments->config.aborts)
		return go_by_firmware(sys, e.text);
	departure_cancel(sys, EXIT_FOLDER);
	log_error("no reboot: %s", e.text);
	return STATUS_FAILED;
}

static int reboot(struct sysroot *root, struct reboot_arguments *arguments)
{
	const struct sys sys = { .root = root, .ops = &sys_ops_live };
	struct error e = ERROR_NONE;
	int status, r;

	if (arguments->forgets) {
		if (mark_forget(root, &e) == 0)
			return STATUS_DONE;
		log_error("%s", e.text);
		return STATUS_FAILED;
	}
	if (!systemd_runs(root)) {
		log_error(
			"reboot was refused, nothing was changed: PID 1 is not systemd, the only "
			"service manager that kexit can ask: load a kernel with 'kexit load', stop "
			"the services, then 'kexit exec'");
		return STATUS_REFUSED;
	}
	status = ask(&sys, arguments);
	if (status)
		return status;
	if (arguments->firmware)
		return arguments->dry_run ? puts("through firmware") < 0
					  : go_by_firmware(&sys, NULL);
	r = arguments->config.trusts_known_bad ? 0 : known_ask(root, &e);
	if (r == 0)
		r = find_image(root, &arguments->image, &e);
	if (r == 0 && !arguments->dry_run)
		return go_by_kexec(&sys, arguments);
	if (r == 0)
		r = rehearse(root, arguments, &e);
	if (r == 0)
		return STATUS_DONE;
	if (!arguments->dry_run && !arguments->config.aborts)
		return go_by_firmware(&sys, e.text);
	log_error("%s%s",
		  arguments->dry_run ? "it would go through firmware: " : "no reboot: ", e.text);
	return STATUS_REFUSED;
}

enum { OPTION_DRY_RUN = 0x100, OPTION_FIRMWARE, OPTION_WHEN_FAILED, OPTION_IGNORE, OPTION_FORGET };

static int take_option(struct reboot_arguments *arguments, int option)
{
	switch (option) {
	case OPTION_DRY_RUN:
		arguments->dry_run = true;
		return 0;
	case OPTION_FIRMWARE:
		arguments->firmware = true;
		return 0;
	case OPTION_FORGET:
		arguments->forgets = true;
		return 0;
	case OPTION_IGNORE:
	case 'i':
		arguments->ignores_inhibitors = true;
		return 0;
	case OPTION_WHEN_FAILED:
		arguments->config.aborts = !strcmp(optarg, "abort");
		if (arguments->config.aborts || !strcmp(optarg, "firmware"))
			return 0;
		log_error("--when-failed %s: must be firmware or abort", optarg);
		return -EINVAL;
	case 'q':
		log_set_level(LOG_QUIET);
		return 0;
	case 'h':
		arguments->help = true;
		return 0;
	}
	return image_options_take(&arguments->image, option, optarg);
}

/* A setting that is not understood is a reason to ask, not to guess; the way by firmware has none. */
static int run_checked(struct sysroot *root, struct reboot_arguments *arguments,
		       const struct error *e)
{
	if (!e->code || arguments->firmware)
		return reboot(root, arguments);
	log_error("reboot was refused, nothing was changed: %s", e->text);
	return STATUS_REFUSED;
}

static int run(const struct verb *verb, struct sysroot *root, int argc, char *argv[])
{
	static const struct option options[] = {
		{ "append", required_argument, NULL, IMAGE_OPTION_APPEND },
		{ "method", required_argument, NULL, IMAGE_OPTION_METHOD },
		{ "dry-run", no_argument, NULL, OPTION_DRY_RUN },
		{ "firmware", no_argument, NULL, OPTION_FIRMWARE },
		{ "when-failed", required_argument, NULL, OPTION_WHEN_FAILED },
		{ "forget", no_argument, NULL, OPTION_FORGET },
		{ "ignore-inhibitors", no_argument, NULL, OPTION_IGNORE },
		{ "quiet", no_argument, NULL, 'q' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct reboot_arguments arguments = { .image = { .takes_default = true } };
	struct error e = ERROR_NONE;
	int option, status;

	config_init(&arguments.config);
	config_read(root, &arguments.config, &e);
	while ((option = getopt_long(argc, argv, "iqh", options, NULL)) != -1)
		if (take_option(&arguments, option))
			return verb_usage(verb);
	if (arguments.help)
		return verb_help(verb);
	if (optind < argc)
		arguments.image.entry = argv[optind++];
	if (verb_has_argument(verb, argc, argv))
		return verb_usage(verb);
	status = run_checked(root, &arguments, &e);
	image_options_done(&arguments.image);
	return status;
}

const struct verb verb_reboot = {
	.name = "reboot",
	.arguments = "[ENTRY] [--dry-run] [--firmware] [--when-failed firmware|abort] ...",
	.summary = "Stop the services, release every device, jump into a boot entry",
	.help = "  ENTRY            a boot entry by its id, title or number in 'kexit entries';\n"
		"                   default: the one that the boot loader would boot\n"
		"  --dry-run        say what would happen, and what speaks against it; change nothing\n"
		"  --firmware       the old way: stop the services and start through firmware\n"
		"  --when-failed WHAT\n"
		"                   where nothing can be loaded or staged, or a jump is known to stick:\n"
		"                   firmware (the default: reboot through it) or abort (go on running)\n"
		"  --forget         that earlier jumps did not arrive; no reboot\n"
		"  --append STRING  comes behind the entry's command line\n"
		"  --method METHOD  auto, file or classic, as for load\n"
		"  -i, --ignore-inhibitors\n"
		"                   even where somebody asked the service manager not to shut down\n"
		"  -q, --quiet      warnings and errors only\n"
		"\n"
		"Defaults are set in /etc/kexit/kexit.conf, see kexit.conf(5).\n"
		"Exit status besides those of kexit(8), nothing having been changed: 10 no room,\n"
		"11 a firmware update waits, 12 a disk fails or an array is at work, 13 a package\n"
		"manager is at work, 14 inhibited, 15 a hook said no.\n",
	.acts = true,
	.run = run,
};
