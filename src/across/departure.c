// SPDX-License-Identifier: GPL-2.0-or-later
/* From a request to a machine that is ready to end; see departure.h. */
#include "across/departure.h"

#include "across/handover_id.h"
#include "across/mark.h"
#include "across/recovery.h"
#include "across/spare.h"
#include "across/stuck.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>

static void __attribute__((format(printf, 2, 3)))
note(const struct departure *departure, const char *format, ...)
{
	char line[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	departure->note(line);
}

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

int departure_check(const struct sysroot *root, const struct departure *departure, struct error *e)
{
	int r = departure->handover
			? mark_check(root, departure->handover, departure->failures_max, e)
			: 0;

	if (r == 0 && !departure->is_guarded &&
	    !recovery_is_there(root, departure->request->append))
		note(departure,
		     "note: should the next kernel hang, nothing restarts this machine: there is "
		     "neither panic=SECONDS on its command line nor a running watchdog");
	return r;
}

/* What got stuck before would again; the rules of the exit environment are made for each reboot. */
static int leave_stuck(const struct sysroot *root, const struct departure *departure,
		       struct error *e)
{
	json_t *stuck = mark_stuck(root);
	const json_t *item;
	size_t i;
	int r = 0;

	json_array_foreach (stuck, i, item)
		note(departure,
		     "note: %s is left this time: it got stuck in an earlier handover ('kexit reboot "
		     "--forget' has that forgotten)",
		     json_string_value(json_object_get(item, "path")));
	if (json_array_size(stuck))
		r = stuck_write_rules(stuck, departure->environment, e);
	json_decref(stuck);
	return r;
}

/* Now, and kept for the moment before the jump: what became of each device is known only then. */
static int load_twice(const struct sys *sys, const struct departure *departure, struct error *e)
{
	double start = now_ms();
	struct error kept = ERROR_NONE;
	struct image_loaded loaded;
	int r = image_load_describe(sys, departure->request, &loaded, e);

	if (r < 0)
		return r;
	if (*loaded.note)
		departure->note(loaded.note);
	if (spare_keep(sys, departure->environment, departure->request, now_ms() - start, &kept) <
	    0)
		note(departure,
		     "note: what becomes of each device will not be told to the next kernel: %s",
		     kept.text);
	return 0;
}

/* For who reads the log of a start that never came, on a console or in pstore. */
static void log_handover(const struct sys *sys, const json_t *handover)
{
	char line[512];

	snprintf(line, sizeof(line), "kexit: handover %s, from %s into %s", handover_id(handover),
		 handover_from(handover), handover_kernel(handover));
	sys_kmsg(sys, line);
}

int departure_make(const struct sys *sys, const struct departure *departure, struct error *e)
{
	struct error unmarked = ERROR_NONE;
	int r = departure_check(sys->root, departure, e);

	if (r == 0)
		r = leave_stuck(sys->root, departure, e);
	if (r == 0)
		r = load_twice(sys, departure, e);
	if (r < 0 || !departure->handover)
		return r;
	if (mark_begin(sys->root, departure->handover, &unmarked) < 0)
		note(departure,
		     "a jump that fails could not be told from one that was not tried: %s",
		     unmarked.text);
	log_handover(sys, departure->handover);
	return 0;
}

void departure_cancel(const struct sys *sys, const char *environment)
{
	mark_cancel(sys->root, NULL);
	spare_drop(environment);
}
