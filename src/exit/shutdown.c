// SPDX-License-Identifier: GPL-2.0-or-later
/* The end of a running system; see shutdown.h. */
#include "exit/shutdown.h"

#include "base/error.h"
#include "storage/takedown_run.h"
#include "sys/dirty.h"
#include "worker/bounded.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Without a disk that writes, or a change of what is to be written. */
#define SYNC_MS 30000

/* Whom note() speaks to; set once. */
static const struct sys *speaker;

static void note(const char *line)
{
	char text[600];

	snprintf(text, sizeof(text), "kexit: %s", line);
	sys_kmsg(speaker, text);
}

static void __attribute__((format(printf, 1, 2))) say(const char *format, ...)
{
	char line[560];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	note(line);
}

struct syncing {
	const struct sys *sys;
	struct dirty dirty; /* at the last look */
};

static bool gets_on(void *subject)
{
	struct syncing *syncing = subject;
	struct dirty before = syncing->dirty;

	dirty_read(syncing->sys->root, &syncing->dirty);
	return memcmp(&before, &syncing->dirty, sizeof(before)) != 0;
}

static size_t do_sync(void *subject, void *answer, size_t size)
{
	const struct syncing *syncing = subject;

	sys_sync(syncing->sys);
	*(char *)answer = 0;
	return 1;
}

/* sync(2) waits for every disk, for ever for one that does not answer: not in this process. */
static void sync_disks(const struct sys *sys)
{
	struct syncing syncing = { .sys = sys };
	const struct bounded call = {
		.name = "sync",
		.deadline_ms = SYNC_MS,
		.wake_fd = -1,
		.subject = &syncing,
		.work = do_sync,
		.moved = gets_on,
	};
	char answer;
	int r;

	dirty_read(sys->root, &syncing.dirty);
	r = bounded_call(sys->root, &call, &answer, 1);

	if (r < 0)
		say("not all could be written to the disks (%s): one of them does not answer",
		    errno_text(r));
}

bool exit_is_shutdown(const char *name)
{
	const char *slash = strrchr(name, '/');

	return !strcmp(slash ? slash + 1 : name, "shutdown");
}

static bool has_image(const struct sys *sys)
{
	unsigned long long loaded = 0;

	return sysroot_read_u64(sys->root, "/sys/kernel/kexec_loaded", &loaded) == 0 && loaded;
}

/* PID 1 must outlive whatever becomes of the handover: its end would be the kernel's panic. */
static void hand_over(const struct sys *sys, int (*handover)(const struct sys *sys))
{
	pid_t child = fork(), ended;
	int status = 0;

	if (child == 0)
		_exit(handover(sys));
	/* Orphans of the old system are ours by now. */
	while (child > 0 && (ended = wait(&status)) != child)
		if (ended < 0 && errno != EINTR)
			break;
	if (child < 0)
		say("no process for the handover: %s; the machine goes through firmware",
		    errno_text(errno));
	else if (WIFEXITED(status))
		say("no jump: the handover ended with %d ('kexit report' in the record says why); "
		    "the machine goes through firmware",
		    WEXITSTATUS(status));
	else
		say("no jump: the handover was ended by signal %d; the machine goes through firmware",
		    WTERMSIG(status));
}

static enum sys_power way_of(const char *word)
{
	if (!strcmp(word, "poweroff"))
		return SYS_POWER_OFF;
	return strcmp(word, "halt") != 0 ? SYS_RESTART : SYS_HALT;
}

/* The service manager has closed what it had open, or left it to whom it started. */
static void open_console(void)
{
	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/console", O_RDWR | O_NOCTTY) < 0)
			open("/dev/null", O_RDWR);
}

int exit_shutdown(const struct sys *sys, char *argv[], int (*handover)(const struct sys *sys))
{
	const char *word = argv[1] ?: "reboot";
	bool is_kexec = !strcmp(word, "kexec");
	double begun_ms = clock_ms();
	size_t count;
	int r;

	speaker = sys;
	open_console();
	if (!is_kexec && sysroot_exists(sys->root, EXIT_KEPT)) {
		argv[0] = (char[]){ EXIT_KEPT };
		execv(EXIT_KEPT, argv);
		say("%s: %s; going on without it", EXIT_KEPT, errno_text(errno));
	}
	/* The first line of ours: what came before was the service manager's time. */
	say("the service manager is done; %s", word);
	/* What stays is named, and its disks are in use: the plan of the handover leaves them. */
	count = takedown_run(sys, EXIT_OLD_ROOT, &takedown_system, note);
	sync_disks(sys);
	say("%zu mounts and layers of the old system taken down, in %.0f ms", count,
	    clock_ms() - begun_ms);
	if (is_kexec && has_image(sys))
		hand_over(sys, handover);
	else if (is_kexec)
		note("a kexec was asked for and no kernel is loaded; the machine goes through "
		     "firmware");
	sync_disks(sys);
	r = sys_power(sys, way_of(word));
	say("%s: the kernel answered %s", word, errno_text(r));
	return 1;
}
