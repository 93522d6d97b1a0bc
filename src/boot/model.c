// SPDX-License-Identifier: GPL-2.0-or-later
/* What all consoles show; see model.h. */
#include "boot/model.h"

#include "boot/found.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void model_free_rows(struct boot *boot)
{
	shown_done(&boot->shown);
	boot->model.rows = NULL;
	boot->model.row_count = 0;
	boot->model.preferred = NULL;
}

/* All file systems that were read, in an array that the caller frees; NULL: no memory. */
static struct volume_view *make_views(const struct boot *boot, size_t *ret_count)
{
	size_t count = volumes_count(boot->volumes);
	struct volume_view *views = calloc(count + 1, sizeof(*views));

	for (size_t i = 0; views && i < count; i++)
		views[i] = volumes_get(boot->volumes, i);
	*ret_count = views ? count : 0;
	return views;
}

static void make_rows(struct boot *boot)
{
	const struct shown_wish wish = {
		.preferred = boot->unattended.preferred,
		.failed_id = boot->unattended.failed_id,
	};
	size_t count;
	struct volume_view *views = make_views(boot, &count);

	shown_make(&boot->shown, views, count, &wish);
	free(views);
	boot->model.rows = boot->shown.rows;
	boot->model.row_count = boot->shown.count;
}

/* One line: what failed last, else what is wrong with the settings or with a disk. */
static void make_trouble(struct boot *boot)
{
	const char *slow_name, *reason = volumes_reason(boot->volumes);
	static char line[sizeof(boot->trouble)];
	size_t slow;

	volumes_busy(boot->volumes, &slow, &slow_name);
	boot->model.trouble = line;
	if (*boot->trouble)
		strcpy(line, boot->trouble);
	else if (boot->settings.problem.code)
		strcpy(line, boot->settings.problem.text);
	else if (slow)
		snprintf(line, sizeof(line),
			 "%s: has not answered for %u s, and is no longer waited for", slow_name,
			 boot->settings.wait_ms / 1000);
	else if (boot->unattended.lacks_wanted)
		snprintf(line, sizeof(line),
			 "kexit.default=%s: nothing that was found is called so",
			 boot->settings.chosen);
	else if (reason)
		snprintf(line, sizeof(line), "%s", reason);
	else
		boot->model.trouble = NULL;
}

/* Once somebody asked for it, it is always what is the case. */
static void make_log(struct boot *boot)
{
	free(boot->log);
	boot->log = boot->wants_log ? found_text(boot->volumes, &boot->unattended) : NULL;
	boot->model.log = boot->log;
}

void model_show(struct boot *boot)
{
	seats_show(boot->seats, &boot->model);
}

void model_make(struct boot *boot)
{
	boot->model.preferred = boot->unattended.preferred;
	boot->model.rule = *boot->unattended.rule ? boot->unattended.rule : NULL;
	boot->model.waits = *boot->unattended.waits ? boot->unattended.waits : NULL;
	make_rows(boot);
	make_trouble(boot);
	boot->model.plan = pages_plan(boot->pages);
	boot->model.last = pages_last(boot->pages);
	boot->model.info = pages_info(boot->pages);
	make_log(boot);
}
