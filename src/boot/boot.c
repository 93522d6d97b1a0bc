// SPDX-License-Identifier: GPL-2.0-or-later
/* The main loop's decisions; see boot.h. */
#include "boot/boot.h"

#include "boot/model.h"
#include "storage/takedown_run.h"
#include "worker/worker.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

static void update(struct boot *boot);

/*
 * Booting.
 */

static void attempt_line(void *context, const char *line)
{
	struct boot *boot = context;

	if (!line[0] || !line[1])
		return;
	switch (line[0]) {
	case 't':
		boot->was_taken_down = true;
		break;
	case 'n':
		/* The next device's line would take it away before anybody has read it. */
		snprintf(boot->note, sizeof(boot->note), "%s", line + 2);
		boot->model.trouble = boot->note;
		break;
	case 'e':
		snprintf(boot->trouble, sizeof(boot->trouble), "%s: %s", boot->attempt_id,
			 line + 2);
		return;
	}
	snprintf(boot->progress, sizeof(boot->progress), "%s", line + 2);
	boot->model.progress = boot->progress;
	model_show(boot);
}

/* From here on nothing may open a disk or bind a driver; @progress says what is done instead. */
static void hold(struct boot *boot, const char *progress)
{
	modules_hold(boot->modules, true);
	devices_hold(boot->devices, true);
	volumes_stop(boot->volumes);
	pages_stop(boot->pages);
	snprintf(boot->progress, sizeof(boot->progress), "%s", progress);
	boot->model.progress = boot->progress;
	model_show(boot);
}

/* After hold(): the machine as it is now; @all where nothing is mounted any more. */
static void look_anew(struct boot *boot, bool all)
{
	boot->model.progress = NULL;
	model_free_rows(boot);
	if (all)
		volumes_reset(boot->volumes);
	devices_hold(boot->devices, false);
	modules_hold(boot->modules, false);
	/* What was pulled out meanwhile told it to nobody. */
	volumes_check(boot->volumes);
	devices_coldplug(boot->devices);
	update(boot);
}

/* The machine is still here, and everything is bound again. */
static void attempt_ended(void *context, const char *answer, size_t length)
{
	struct boot *boot = context;

	boot->attempt = NULL;
	if (!*boot->trouble)
		snprintf(boot->trouble, sizeof(boot->trouble),
			 "%s: the process that booted it died", boot->attempt_id);
	free(boot->unattended.failed_id);
	boot->unattended.failed_id = boot->attempt_id;
	boot->attempt_id = NULL;
	/* One other entry is tried, then somebody has to come. */
	if (!boot->was_unattended || boot->has_tried || !boot->settings.falls_back)
		boot->countdown.is_attended = true;
	boot->has_tried = true;
	boot->countdown.is_running = false;
	if (boot->was_taken_down)
		pages_make_last(boot->pages);
	look_anew(boot, boot->was_taken_down);
}

static int attempt_work(void *context, FILE *answer)
{
	struct boot *boot = context;

	return attempt_run(&boot->attempt_work, answer);
}

static struct offer *offer_of(const struct boot *boot, const struct entry *entry)
{
	for (size_t i = 0; i < volumes_count(boot->volumes); i++) {
		struct volume_view view = volumes_get(boot->volumes, i);

		for (size_t j = 0; j < view.offer->list->count; j++)
			if (view.offer->list->entries[j] == entry)
				/* Changed in the child alone, where it is a copy. */
				return (struct offer *)(uintptr_t)view.offer;
	}
	return NULL;
}

static void replace_text(char **text, const char *by)
{
	free(*text);
	*text = by ? strdup(by) : NULL;
}

static void start_attempt(struct boot *boot, const struct menu_event *wanted)
{
	const struct entry *entry = wanted->entry;
	struct task_work work = {
		.run = attempt_work,
		.line = attempt_line,
		.ended = attempt_ended,
		.context = boot,
	};
	char text[sizeof(boot->progress)];

	trace_mark(&boot->trace, TRACE_CHOSEN);
	replace_text(&boot->attempt_options, wanted->options);
	replace_text(&boot->attempt_kernel, wanted->kernel);
	replace_text(&boot->attempt_initrds, wanted->initrds);
	boot->attempt_id = strdup(entry->id);
	boot->attempt_work = (struct attempt){
		.sys = boot->sys,
		.settings = &boot->settings,
		.entry = entry,
		.offer = offer_of(boot, entry),
		.kernel = boot->attempt_kernel,
		.initrds = boot->attempt_initrds,
		.options = boot->attempt_options,
		.trace = boot->trace,
	};
	/* Nobody has read yet why the one before it failed. */
	if (boot->was_unattended && *boot->trouble)
		snprintf(text, sizeof(text), "%s; booting %.256s", boot->trouble, entry->title);
	else
		snprintf(text, sizeof(text), "booting %s", entry->title);
	boot->trouble[0] = '\0';
	boot->was_taken_down = false;
	hold(boot, text);
	if (task_start(boot->loop, &work, &boot->attempt) == 0)
		return;
	snprintf(boot->trouble, sizeof(boot->trouble), "%s: no process to boot it", entry->id);
	attempt_ended(boot, "", 0);
}

/*
 * What changes: everything comes together here.
 */

/* Nothing that is known can bring a better default; and a named one waits for nothing. */
static bool is_quiet(struct boot *boot, const struct entry_list *list)
{
	const struct unattended *unattended = &boot->unattended;
	bool is_named =
		*boot->settings.chosen && !unattended->lacks_wanted && !unattended->failed_id;

	return unattended->has_waited || is_named ||
	       (!modules_loading(boot->modules) && volumes_is_settled(boot->volumes, list));
}

static void update(struct boot *boot)
{
	static bool is_updating;
	const struct entry_list *list;
	enum countdown_answer answer;
	int seconds = MENU_NO_COUNTDOWN;
	struct countdown_case now;

	/* While booting nothing is looked at; and reading events may lead back here. */
	if (boot->attempt || is_updating)
		return;
	is_updating = true;
	/* The last load or look may have brought a device whose event is not read yet. */
	devices_drain(boot->devices);
	unattended_choose(&boot->unattended, boot->volumes);
	model_make(boot);
	list = boot->unattended.list;
	now.now_ms = clock_ms();
	now.has_default = boot->unattended.may_boot;
	now.timeout = boot->settings.timeout;
	now.system_timeout = list ? list->timeout : ENTRY_TIMEOUT_UNSET;
	now.is_quiet = is_quiet(boot, list);
	answer = countdown_ask(&boot->countdown, &now, &seconds);
	boot->model.countdown = answer == COUNTDOWN_WAIT ? MENU_NO_COUNTDOWN : seconds;
	loop_set_timer(boot->second_timer, answer == COUNTDOWN_RUNS && seconds ? 1000 : 0);
	is_updating = false;
	if (answer != COUNTDOWN_BOOT) {
		model_show(boot);
		return;
	}
	boot->was_unattended = true;
	start_attempt(boot, &(struct menu_event){ .entry = boot->model.preferred });
}

static void on_changed(void *context)
{
	update(context);
}

static void on_loaded(void *context)
{
	struct boot *boot = context;

	trace_mark(&boot->trace, TRACE_DRIVERS);
	update(boot);
}

static void on_read(void *context)
{
	struct boot *boot = context;

	trace_mark(&boot->trace, TRACE_READ);
	update(boot);
}

static void on_waited(void *context)
{
	struct boot *boot = context;

	boot->unattended.has_waited = true;
	update(boot);
}

static void on_appeared(void *context, const char *name)
{
	struct boot *boot = context;

	trace_mark(&boot->trace, TRACE_DISK);
	volumes_look(boot->volumes, name);
}

static void on_vanished(void *context, const char *name)
{
	struct boot *boot = context;

	volumes_gone(boot->volumes, name);
}

/*
 * What a person wants.
 */

static void on_touched(void *context)
{
	struct boot *boot = context;

	if (boot->countdown.is_attended)
		return;
	boot->countdown.is_attended = true;
	update(boot);
}

static void note(const char *line)
{
}

static int rescan_work(void *context, FILE *answer)
{
	const struct boot *boot = context;

	takedown_run(boot->sys, NULL, &takedown_reader, note);
	return 0;
}

static void rescan_ended(void *context, const char *answer, size_t length)
{
	struct boot *boot = context;

	boot->attempt = NULL;
	look_anew(boot, true);
}

/* Unmounted first: another disk may be in the drive. */
static void rescan(struct boot *boot)
{
	const struct task_work work = {
		.run = rescan_work,
		.ended = rescan_ended,
		.context = boot,
	};

	boot->trouble[0] = '\0';
	hold(boot, "looking for disks again");
	if (task_start(boot->loop, &work, &boot->attempt) < 0)
		rescan_ended(boot, "", 0);
}

static void leave(struct boot *boot, enum sys_power to)
{
	int r = sys_power(boot->sys, to);

	snprintf(boot->trouble, sizeof(boot->trouble), "the kernel refused: %s", errno_text(r));
	update(boot);
}

/* reboot, halt and poweroff in a rescue shell, as busybox's and SysV's tell init. Also during an
 * attempt: a person may have to get away from one that hangs. */
static void on_signalled(void *context, int number)
{
	leave(context, number == SIGUSR2   ? SYS_POWER_OFF
		       : number == SIGUSR1 ? SYS_HALT
					   : SYS_RESTART);
}

static void on_wanted(void *context, const struct menu_event *event)
{
	struct boot *boot = context;

	if (boot->attempt)
		return;
	switch (event->action) {
	case MENU_BOOT:
		boot->was_unattended = false;
		start_attempt(boot, event);
		break;
	case MENU_RESCAN:
		rescan(boot);
		break;
	case MENU_SHELL:
		snprintf(boot->trouble, sizeof(boot->trouble),
			 "no shell: the boot loader was told shell=no");
		update(boot);
		break;
	case MENU_WANT_PLAN:
		pages_make_plan(boot->pages);
		update(boot);
		break;
	case MENU_WANT_INFO:
		pages_make_info(boot->pages);
		update(boot);
		break;
	case MENU_WANT_LOG:
		boot->wants_log = true;
		update(boot);
		break;
	case MENU_REBOOT:
	case MENU_POWER_OFF:
		leave(boot, event->action == MENU_POWER_OFF ? SYS_POWER_OFF : SYS_RESTART);
		break;
	default:
		break;
	}
}

/*
 * The beginning.
 */

static int start(struct boot *boot, struct error *e)
{
	const struct devices_events events = {
		.appeared = on_appeared,
		.vanished = on_vanished,
		.context = boot,
	};
	const struct seats_events seats_events = {
		.touched = on_touched,
		.wanted = on_wanted,
		.context = boot,
	};
	static const int signals[] = { SIGTERM, SIGUSR1, SIGUSR2 };
	int r = modules_new(boot->loop, on_loaded, boot, &boot->modules, e);

	if (r == 0)
		r = loop_take_signals(boot->loop, signals, 3, on_signalled, boot);
	if (r == 0)
		r = volumes_new(boot->loop, boot->sys, &boot->settings, on_read, boot,
				&boot->volumes);
	if (r == 0)
		r = devices_new(boot->loop, boot->sys->root, boot->modules, &events, &boot->devices,
				e);
	if (r == 0)
		r = seats_new(boot->loop, boot->sys->root, &boot->settings, &seats_events,
			      &boot->seats);
	if (r == 0)
		r = pages_new(boot->loop, boot->sys, &boot->settings, on_changed, boot,
			      &boot->pages);
	if (r < 0)
		return e->code ?: error_set(e, r, "the boot loader cannot begin: %m");
	boot->second_timer = loop_add_timer(boot->loop, on_changed, boot);
	boot->wait_timer = loop_add_timer(boot->loop, on_waited, boot);
	loop_set_timer(boot->wait_timer, boot->settings.wait_ms);
	devices_coldplug(boot->devices);
	update(boot);
	return 0;
}

int boot_run(const struct sys *sys, struct error *e)
{
	struct boot *boot = calloc(1, sizeof(*boot));
	struct utsname uts;
	int r = boot ? loop_new(&boot->loop) : -ENOMEM;

	if (r < 0) {
		free(boot);
		return error_set(e, r, "the boot loader cannot begin: %m");
	}
	trace_start(&boot->trace);
	boot->sys = sys;
	boot->second_timer = boot->wait_timer = -1;
	boot->model.countdown = MENU_NO_COUNTDOWN;
	uname(&uts);
	snprintf(boot->title, sizeof(boot->title), "kexit-boot %s  Linux %s", KEXIT_VERSION,
		 uts.release);
	boot->model.title = boot->title;
	boot->model.mounts = VOLUMES_DIR;
	settings_init(&boot->settings);
	settings_read(&boot->settings, sys->root);
	boot->unattended.settings = &boot->settings;
	r = start(boot, e);
	/* Only a failing epoll(7) ends it; what PID 1 has is freed by the machine's end. */
	if (r == 0)
		r = error_set(e, loop_run(boot->loop) ?: -EIO, "the boot loader's loop ended: %m");
	return r;
}
