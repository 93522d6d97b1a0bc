// SPDX-License-Identifier: GPL-2.0-or-later
/* Lists for the late module, as text; see late.h. */
#include "host/late.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool late_is_present(const struct sysroot *root)
{
	return sysroot_exists(root, LATE_DEVICE);
}

static void put_names(FILE *out, const char *word, const struct late_names *names)
{
	for (size_t i = 0; i < names->count; i++)
		fprintf(out, "%s %s\n", word, names->names[i]);
}

/* The list as text that the caller frees, or NULL when memory is short. */
static char *list_text(const struct late_request *request)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	fputs("kexit-late 1\n", out);
	if (request->timeout_s)
		fprintf(out, "timeout %u\n", request->timeout_s);
	put_names(out, "stuck", &request->stuck);
	put_names(out, "clear", &request->clears);
	put_names(out, "reset-function", &request->function_resets);
	put_names(out, "reset", &request->resets);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

/* The module's first words where it took a list without some of its lines. */
#define SKIPPED "skipped "

static int submit(const struct sys *sys, const char *text, char *ret_skipped, size_t size,
		  struct error *e)
{
	char reason[256];
	int r = sys_submit(sys, LATE_DEVICE, text, reason, sizeof(reason));

	if (r == 0 && size)
		snprintf(ret_skipped, size, "%s",
			 strncmp(reason, SKIPPED, strlen(SKIPPED)) ? "" : reason);
	if (r < 0 && reason[0])
		return error_set(e, r, "%s: the late module refused the list (%s): %s", LATE_DEVICE,
				 errno_name(r), reason);
	if (r < 0)
		return error_set(e, r, "%s: writing the list failed: %s; is kexit_late loaded?",
				 LATE_DEVICE, errno_text(r));
	return 0;
}

int late_arm(const struct sys *sys, const struct late_request *request, char *ret_skipped,
	     size_t size, struct error *e)
{
	char *text = list_text(request);
	int r;

	if (!text)
		return error_set(e, -ENOMEM, "%s: no memory for the list", LATE_DEVICE);
	r = submit(sys, text, ret_skipped, size, e);
	free(text);
	return r;
}

int late_disarm(const struct sys *sys, struct error *e)
{
	if (!late_is_present(sys->root))
		return 0;
	return submit(sys, "disarm\n", NULL, 0, e);
}
