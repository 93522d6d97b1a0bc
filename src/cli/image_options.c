// SPDX-License-Identifier: GPL-2.0-or-later
/* The options that name what to load; see image_options.h. */
#include "cli/image_options.h"
#include "base/log.h"
#include "base/utf8.h"
#include "mounted/entry_roots.h"

#include <errno.h>
#include <stdio.h>

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
	case IMAGE_OPTION_ENTRY:
		return take_once(&options->entry, "entry", argument);
	case IMAGE_OPTION_ROOT:
		return take_once(&options->root, "root", argument);
	default:
		return 1;
	}
}

/* An entry says all of this itself. */
static int check_entry(const struct image_options *options, int argc, char *argv[])
{
	const struct image_request *request = &options->request;

	if (optind < argc)
		log_error("%s: either --entry or a kernel, not also '%s'", argv[0], argv[optind]);
	else if (request->dtb || options->request.initrd_count || request->reuse_cmdline)
		log_error("%s: --entry names initrds, device tree and command line itself; only "
			  "--append goes with it",
			  argv[0]);
	else
		return 0;
	return -EINVAL;
}

int image_options_end(struct image_options *options, int argc, char *argv[])
{
	if (options->entry || options->takes_default)
		return check_entry(options, argc, argv);
	if (options->root) {
		log_error("%s: --root is where --entry is looked for: give that, too", argv[0]);
		return -EINVAL;
	}
	if (optind == argc) {
		log_error("%s: which kernel? Give its file, or --entry", argv[0]);
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

static int find_default(const struct entry_roots *roots, struct entry **ret_entry, struct error *e)
{
	const struct entry_list *list = roots->list;

	if (list->preferred && !list->withheld) {
		*ret_entry = list->preferred;
		return 0;
	}
	return error_set(e, -ENOENT, "no boot entry is the default: %s. 'kexit entries' lists them",
			 list->withheld ?: "none can be booted");
}

static int open_entry(struct image_options *options, const struct entry_roots *roots,
		      struct error *e)
{
	enum image_method method = options->request.method;
	struct entry *entry;
	int code = options->entry ? entry_roots_find(roots, options->entry, &entry, e)
				  : find_default(roots, &entry, e);

	if (!code)
		code = entry_image_open(entry, options->request.append, &options->entry_image, e);
	if (code)
		return code;
	snprintf(options->chosen, sizeof(options->chosen), "%s", entry->title ?: entry->id);
	utf8_make_printable(options->chosen);
	options->request = *entry_image_request(options->entry_image);
	options->request.method = method;
	return 0;
}

int image_options_open(struct image_options *options, const struct sysroot *machine,
		       struct error *e)
{
	struct entry_roots roots;
	int code;

	if (!options->entry && !options->takes_default)
		return 0;
	code = entry_roots_read(&roots, options->root ?: sysroot_path(machine), machine, e);
	if (!code)
		code = open_entry(options, &roots, e);
	entry_roots_done(&roots);
	return code;
}

void image_options_done(struct image_options *options)
{
	entry_image_close(options->entry_image);
	options->entry_image = NULL;
}
