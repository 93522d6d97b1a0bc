// SPDX-License-Identifier: GPL-2.0
/*
 * A bound for what waits without one: a machine that hangs in device_shutdown() is out of reach,
 * one that restarts is not.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/hrtimer.h>
#include <linux/module.h>
#include <linux/printk.h>
#include <linux/reboot.h>
#include <linux/sched.h>
#include <linux/sched/debug.h>

#include "late.h"

static struct hrtimer watch_timer;
static struct task_struct *watched; /* the task that jumps: it does not go away */
static unsigned int watch_seconds;

static enum hrtimer_restart watch_expired(struct hrtimer *timer)
{
	/* The console may be quiet, and nobody can read the log afterwards. */
	console_loglevel = CONSOLE_LOGLEVEL_MOTORMOUTH;
	pr_emerg("the shutdown of the devices took more than %u s; it stands here:\n",
		 watch_seconds);
	sched_show_task(watched);
	pr_emerg("restarting through firmware\n");
	emergency_restart();
	return HRTIMER_NORESTART;
}

void late_watch_start(unsigned int seconds)
{
	if (!seconds)
		return;
	hrtimer_cancel(&watch_timer);
	watched = current;
	watch_seconds = seconds;
	hrtimer_start(&watch_timer, ktime_set(seconds, 0), HRTIMER_MODE_REL_HARD);
}

void late_watch_stop(void)
{
	hrtimer_cancel(&watch_timer);
}

/* In hard interrupt context: a softirq would wait where a driver's shutdown() has them off. */
void late_watch_init(void)
{
#ifdef HAVE_HRTIMER_SETUP
	hrtimer_setup(&watch_timer, watch_expired, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
#else
	hrtimer_init(&watch_timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
	watch_timer.function = watch_expired;
#endif
}
