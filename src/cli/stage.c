// SPDX-License-Identifier: GPL-2.0-or-later
/* kexit stage: the exit environment laid out, by which every kexec of a running system becomes a clean one. */
#include "exit/stage.h"
#include "base/log.h"
#include "cli/verb.h"
#include "host/systemd.h"

#include <getopt.h>

struct stage_arguments {
	bool removes, unless_kexec;
};

static int stage(struct sysroot *root, const struct stage_arguments *arguments)
{
	const struct sys sys = { .root = root, .ops = &sys_ops_live };
	bool removes = arguments->removes;
	struct error e = ERROR_NONE;
	int r;

	if (removes && arguments->unless_kexec && systemd_goes_to_kexec(&sys)) {
		log_info("a kexec is under way: the exit environment stays for it");
		return STATUS_DONE;
	}
	r = removes ? exit_unstage(&sys, &e) : exit_stage(&sys, &e);

	if (r < 0) {
		log_error("%s", e.text);
		return STATUS_FAILED;
	}
	if (removes)
		log_info("the exit environment is gone: a kexec of this system is the stock one");
	else
		log_info("%s: every kexec of this system goes through it now", EXIT_FOLDER);
	return STATUS_DONE;
}

static int run(const struct verb *verb, struct sysroot *root, int argc, char *argv[])
{
	static const struct option options[] = {
		{ "remove", no_argument, NULL, 'r' },
		{ "unless-kexec", no_argument, NULL, 'k' },
		{ "quiet", no_argument, NULL, 'q' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct stage_arguments arguments = { .removes = false };
	int option;

	while ((option = getopt_long(argc, argv, "qh", options, NULL)) != -1) {
		switch (option) {
		case 'r':
			arguments.removes = true;
			break;
		case 'k':
			arguments.unless_kexec = true;
			break;
		case 'q':
			log_set_level(LOG_QUIET);
			break;
		case 'h':
			return verb_help(verb);
		default:
			return verb_usage(verb);
		}
	}
	if (verb_has_argument(verb, argc, argv))
		return verb_usage(verb);
	return stage(root, &arguments);
}

const struct verb verb_stage = {
	.name = "stage",
	.arguments = "[--remove [--unless-kexec]]",
	.summary = "Lay out in RAM what makes each kexec of this system a clean one",
	.help = "  --remove     take it away again\n"
		"  --unless-kexec\n"
		"               but not while the service manager goes to a kexec\n"
		"  -q, --quiet  warnings and errors only\n"
		"\n"
		"kexit-exit.service does this at every start: 'systemctl enable --now\n"
		"kexit-exit.service'. 'kexit reboot' does it by itself.\n",
	.acts = true,
	.run = run,
};
