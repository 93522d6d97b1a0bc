// SPDX-License-Identifier: GPL-2.0-or-later
/* Restarting through firmware; see leave.h. */
#include "run/leave.h"

#include "run/sync.h"

#include <errno.h>
#include <stdio.h>

#define LINE_SIZE 240

/* A machine that restarts must not lose what can be written; one whose disk is dead must restart. */
static void sync_first(const struct sys *sys, struct record *record, void (*note)(const char *line))
{
	const struct sync_options options = {
		.idle_deadline_ms = SYNC_IDLE_DEADLINE_MS,
		.wake_fd = -1,
		.note = note,
	};
	char line[LINE_SIZE];
	int r = sync_bounded(sys, record, &options);

	if (r == 0)
		return;
	snprintf(line, sizeof(line), "sync did not end (%s): what was not written by now is lost",
		 errno_name(r));
	sys_kmsg(sys, line);
	if (note)
		note(line);
}

static void tell(const struct sys *sys, struct record *record, const char *why, const char *how)
{
	char line[LINE_SIZE];

	snprintf(line, sizeof(line), "kexit: restarting through firmware: %s", why);
	sys_kmsg(sys, line);
	record_write(record, "firmware", json_pack("{s:s, s:s}", "why", why, "how", how));
}

int leave_at_once(const struct sys *sys, struct record *record, const char *why,
		  void (*note)(const char *line), struct error *e)
{
	int r;

	sync_first(sys, record, note);
	tell(sys, record, why, "sysrq");
	r = sys_sysrq(sys, 'b');
	return error_set(e, r < 0 ? r : -EIO,
			 "/proc/sysrq-trigger: restarting through firmware failed: %s",
			 errno_text(r < 0 ? r : -EIO));
}

int leave_in_order(const struct sys *sys, struct record *record, const char *why,
		   void (*note)(const char *line), struct error *e)
{
	int r;

	sync_first(sys, record, note);
	tell(sys, record, why, "reboot");
	r = sys_power(sys, false);
	return error_set(e, r < 0 ? r : -EIO, "reboot(2): restarting through firmware failed: %s",
			 errno_text(r < 0 ? r : -EIO));
}
