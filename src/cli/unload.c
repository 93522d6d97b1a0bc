// SPDX-License-Identifier: GPL-2.0-or-later
/* kexit unload: the loaded kernel out of memory again. */
#include "base/log.h"
#include "cli/verb.h"
#include "host/host.h"
#include "host/watchdog.h"
#include "image/load.h"

#include <getopt.h>

static int unload(struct sysroot *root)
{
	const struct sys sys = { .root = root, .ops = &sys_ops_live };
	struct error e = ERROR_NONE;

	if (host_may_load(root, &e)) {
		log_error("nothing was unloaded: %s", e.text);
		return STATUS_REFUSED;
	}
	watchdog_note_forget(root);
	if (host_has_image(root, NULL)) {
		log_info("no kernel was loaded: nothing to do");
		return STATUS_DONE;
	}
	if (image_unload(&sys, &e)) {
		log_error("%s", e.text);
		return STATUS_FAILED;
	}
	log_info("the loaded kernel was taken away");
	return STATUS_DONE;
}

static int run(const struct verb *verb, struct sysroot *root, int argc, char *argv[])
{
	static const struct option options[] = {
		{ "quiet", no_argument, NULL, 'q' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "qh", options, NULL)) != -1) {
		switch (option) {
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
	return unload(root);
}

const struct verb verb_unload = {
	.name = "unload",
	.arguments = "",
	.summary = "Take the loaded kernel away, whoever loaded it",
	.help = "  -q, --quiet  warnings and errors only\n",
	.acts = true,
	.run = run,
};
