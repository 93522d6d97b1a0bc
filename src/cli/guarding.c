// SPDX-License-Identifier: GPL-2.0-or-later
/* A watchdog for the image that was loaded; see guarding.h. */
#include "cli/guarding.h"

#include "base/log.h"
#include "config/config.h"
#include "host/watchdog.h"
#include "image/release.h"

static int prepare(const struct sysroot *root, const struct image_request *request,
		   unsigned int seconds, struct watchdog_choice *ret_choice, struct error *e)
{
	char release[128];
	int r = image_release(request, release, sizeof(release), e);

	if (r == 0)
		r = watchdog_choose(root, release, seconds, ret_choice, e);
	return r ?: watchdog_note_write(root, ret_choice, e);
}

void guarding_prepare(const struct sysroot *root, const struct image_request *request)
{
	struct watchdog_choice choice = { 0 };
	struct error e = ERROR_NONE;
	struct config config;

	/* That of an image that was loaded before. */
	watchdog_note_forget(root);
	if (config_read(root, &config, &e) < 0) {
		log_warning("no watchdog will guard the jump: %s", e.text);
		return;
	}
	if (!config.watchdog_seconds)
		return;
	if (prepare(root, request, config.watchdog_seconds, &choice, &e) < 0) {
		log_warning("no watchdog will guard the jump: %s", e.text);
		return;
	}
	log_info(
		"%s (%s) will guard the jump: it restarts the machine in %u s unless the next kernel "
		"feeds it%s",
		choice.name, choice.module, choice.seconds,
		watchdog_is_nowayout(root, choice.name)
			? "; once armed it cannot be stopped (nowayout)"
			: "");
}
