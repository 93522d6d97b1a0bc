// SPDX-License-Identifier: GPL-2.0-or-later
/* kexit load: the next kernel into memory, while the disks still work. */
#include "image/load.h"
#include "across/spare.h"
#include "base/log.h"
#include "cli/crossing.h"
#include "cli/guarding.h"
#include "cli/image_options.h"
#include "cli/verb.h"
#include "exit/stage.h"
#include "host/host.h"
#include "host/systemd.h"

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
	if (*loaded->note)
		log_warning("%s", loaded->note);
	if (!loaded->cmdline_length)
		log_warning(
			"the command line is empty: --reuse-cmdline takes this kernel's, --append "
			"gives one");
}

/* What may not or cannot be is a refusal; only what the kernel then answers is a failure. */
static int load(struct sysroot *root, struct image_options *image)
{
	const struct sys sys = { .root = root, .ops = &sys_ops_live };
	struct image_request *request = &image->request;
	struct crossing crossing = { .part.fd = -1 };
	struct image_loaded loaded;
	struct error e = ERROR_NONE;
	int r;

	if (host_may_load(root, &e) || image_options_open(image, root, &e) ||
	    image_check(root, request, &e)) {
		log_error("nothing was loaded: %s", e.text);
		return STATUS_REFUSED;
	}
	/* What 'kexit reboot' kept is another kernel, maybe. */
	spare_drop(EXIT_FOLDER);
	/* Where each kexec is a clean one, each is to be looked at afterwards. */
	if (exit_is_staged(root))
		crossing_make(root, "load", request, &crossing);
	r = image_load_describe(&sys, request, &loaded, &e);
	crossing_done(&crossing);
	if (r < 0) {
		log_error("nothing was loaded: %s", e.text);
		return e.code == -EPERM ? STATUS_REFUSED : STATUS_FAILED;
	}
	print_loaded(request, &loaded);
	guarding_prepare(root, request);
	return STATUS_DONE;
}

/* systemd 256 and later make a kexec of every reboot while an image is loaded. */
static void tell_reboot(const struct sysroot *root)
{
	if (!systemd_runs(root))
		return;
	if (exit_is_staged(root))
		log_info("'kexit reboot', 'systemctl kexec' and, with systemd 256 and later, "
			 "'systemctl reboot' jump into it, every device released first");
	else
		log_warning(
			"'systemctl kexec' and, with systemd 256 and later, 'systemctl reboot' "
			"now jump into it with devices running, the root disk's at least: "
			"'systemctl enable --now kexit-exit.service' or 'kexit reboot' make that a clean one");
}

static int run(const struct verb *verb, struct sysroot *root, int argc, char *argv[])
{
	static const struct option options[] = {
		IMAGE_OPTIONS,
		{ "default", no_argument, NULL, 'd' },
		{ "unless-loaded", no_argument, NULL, 'u' },
		{ "quiet", no_argument, NULL, 'q' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct image_options image = { .initrds = { NULL } };
	bool unless_loaded = false;
	int option, status;

	while ((option = getopt_long(argc, argv, "qh", options, NULL)) != -1) {
		switch (option) {
		case 'd':
			image.takes_default = true;
			break;
		case 'u':
			unless_loaded = true;
			break;
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
	if (unless_loaded && host_has_image(root, NULL) == 0)
		return STATUS_DONE;
	status = load(root, &image);
	if (status == STATUS_DONE)
		tell_reboot(root);
	image_options_done(&image);
	return status;
}

const struct verb verb_load = {
	.name = "load",
	.arguments = "KERNEL | --entry ENTRY | --default [--initrd FILE]... [--append STRING] ...",
	.summary = "Load the next kernel",
	.help = IMAGE_OPTIONS_HELP
	"  --default        instead of KERNEL: the boot entry that would boot unattended\n"
	"  --unless-loaded  nothing where an image is loaded already\n"
	"  -q, --quiet      warnings and errors only\n"
	"\n"
	"A kernel that was loaded before stays when this one cannot be loaded.\n",
	.acts = true,
	.run = run,
};
