// SPDX-License-Identifier: GPL-2.0-or-later
/* kexit load: the next kernel into memory, while the disks still work. */
#include "image/load.h"
#include "base/log.h"
#include "cli/image_options.h"
#include "cli/verb.h"
#include "host/host.h"

#include <errno.h>
#include <getopt.h>

static void print_loaded(const struct image_request *request, const struct image_loaded *loaded)
{
	log_info(
		"%s: %s of %.1f MiB, initrd of %.1f MiB, command line of %zu bytes (of %zu): loaded "
		"by %s",
		request->kernel, loaded->kind, (double)loaded->kernel_bytes / (1 << 20),
		(double)loaded->initrd_bytes / (1 << 20), loaded->cmdline_length,
		loaded->cmdline_limit, loaded->method);
	if (!loaded->cmdline_length)
		log_warning(
			"the command line is empty: --reuse-cmdline takes this kernel's, --append "
			"gives one");
}

/* What may not or cannot be is a refusal; only what the kernel then answers is a failure. */
static int load(struct sysroot *root, struct image_options *image)
{
	const struct sys sys = { .root = root, .ops = &sys_ops_live };
	const struct image_request *request = &image->request;
	struct image_loaded loaded;
	struct error e = ERROR_NONE;

	if (host_may_load(root, &e) || image_options_open(image, root, &e) ||
	    image_check(root, request, &e)) {
		log_error("nothing was loaded: %s", e.text);
		return STATUS_REFUSED;
	}
	if (image_load_describe(&sys, request, &loaded, &e)) {
		log_error("nothing was loaded: %s", e.text);
		return e.code == -EPERM ? STATUS_REFUSED : STATUS_FAILED;
	}
	print_loaded(request, &loaded);
	return STATUS_DONE;
}

static int run(const struct verb *verb, struct sysroot *root, int argc, char *argv[])
{
	static const struct option options[] = {
		IMAGE_OPTIONS,
		{ "quiet", no_argument, NULL, 'q' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct image_options image = { .initrds = { NULL } };
	int option, status;

	while ((option = getopt_long(argc, argv, "qh", options, NULL)) != -1) {
		switch (option) {
		case 'q':
			log_set_level(LOG_QUIET);
			break;
		case 'h':
			return verb_help(verb);
		default:
			if (image_options_take(&image, option, optarg))
				return verb_usage(verb);
		}
	}
	if (image_options_end(&image, argc, argv))
		return verb_usage(verb);
	status = load(root, &image);
	image_options_done(&image);
	return status;
}

const struct verb verb_load = {
	.name = "load",
	.arguments = "KERNEL | --entry ENTRY [--initrd FILE]... [--append STRING] ...",
	.summary = "Load the next kernel",
	.help = IMAGE_OPTIONS_HELP
	"  -q, --quiet      warnings and errors only\n"
	"\n"
	"A kernel that was loaded before stays when this one cannot be loaded.\n",
	.acts = true,
	.run = run,
};
