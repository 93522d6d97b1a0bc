// SPDX-License-Identifier: GPL-2.0-or-later
/* image_load() with an end; see load_bounded.h. */
#include "run/load_bounded.h"

#include "worker/bounded.h"

#include <errno.h>
#include <string.h>

/* What the kernel itself gives a disk. */
#define DEADLINE_MS 180000

struct loading {
	const struct sys *sys;
	const struct image_request *request;
};

static size_t load(void *subject, void *answer, size_t size)
{
	const struct loading *loading = subject;
	struct error e = ERROR_NONE;

	(void)size;
	if (image_load(loading->sys, loading->request, &e) < 0 && !e.code)
		error_set(&e, -EIO, "the next kernel could not be loaded");
	memcpy(answer, &e, sizeof(e));
	return sizeof(e);
}

int image_load_bounded(const struct sys *sys, const struct image_request *request, int wake_fd,
		       struct error *e)
{
	struct loading loading = { sys, request };
	const struct bounded call = {
		.name = request->kernel ?: "the next kernel",
		.changes_nothing = true,
		.deadline_ms = DEADLINE_MS,
		.wake_fd = wake_fd,
		.subject = &loading,
		.work = load,
	};
	struct error answer = ERROR_NONE;
	int r = bounded_call(sys->root, &call, &answer, sizeof(answer));

	if (r == 0 && answer.code < 0)
		return error_set(e, answer.code, "%s", answer.text);
	if (r == -EINTR)
		return error_set(e, r, "interrupted by a signal");
	if (r < 0)
		return error_set(e, r, "%s: loading it did not end: %s; does its disk answer?",
				 call.name, errno_text(r));
	return 0;
}
