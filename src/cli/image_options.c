// SPDX-License-Identifier: GPL-2.0-or-later
/* The options that name what to load; see image_options.h. */
#include "cli/image_options.h"
#include "base/log.h"

#include <errno.h>

/* Given twice, one of the two would be dropped without a word. */
static int take_once(const char **field, const char *name, const char *argument)
{
	if (*field) {
		log_error("--%s was given twice: give it once", name);
		return -EINVAL;
	}
	*field = argument;
	return 0;
}

static int take_initrd(struct image_options *options, const char *argument)
{
	if (options->request.initrd_count == IMAGE_INITRDS_MAX) {
		log_error("more than %d --initrd: join some of them with cat(1)",
			  IMAGE_INITRDS_MAX);
		return -EINVAL;
	}
	options->initrds[options->request.initrd_count++] = argument;
	return 0;
}

static int take_method(struct image_options *options, const char *argument)
{
	if (!image_method_parse(argument, &options->request.method))
		return 0;
	log_error("--method %s: there is auto, file and classic", argument);
	return -EINVAL;
}

int image_options_take(struct image_options *options, int option, const char *argument)
{
	switch (option) {
	case IMAGE_OPTION_INITRD:
		return take_initrd(options, argument);
	case IMAGE_OPTION_APPEND:
		return take_once(&options->request.append, "append", argument);
	case IMAGE_OPTION_REUSE_CMDLINE:
		options->request.reuse_cmdline = true;
		return 0;
	case IMAGE_OPTION_DTB:
		return take_once(&options->request.dtb, "dtb", argument);
	case IMAGE_OPTION_METHOD:
		return take_method(options, argument);
	default:
		return 1;
	}
}

int image_options_end(struct image_options *options, int argc, char *argv[])
{
	if (optind == argc) {
		log_error("%s: which kernel? Give its file", argv[0]);
		return -EINVAL;
	}
	if (optind + 1 < argc) {
		log_error("%s: one kernel, not also '%s'; a command line goes into --append",
			  argv[0], argv[optind + 1]);
		return -EINVAL;
	}
	options->request.kernel = argv[optind];
	options->request.initrds = options->initrds;
	return 0;
}
