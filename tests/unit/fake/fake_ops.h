/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine in a temporary folder that answers like a kernel, with faults where a test wants them.
 *
 * unbind takes the `driver` link and everything the driver had added below the device away, and
 * bind brings it back; config_write16 edits the `config` file; other writes write the file. All
 * state is on disk, so that it is the same for worker processes and after a kill.
 */
#pragma once

#include "sys/ops.h"

#include <stdbool.h>

/* What _exit() a process ends with when the machine is gone: call these in a child. */
#define FAKE_JUMPED   99 /* sys_jump() with an image loaded */
#define FAKE_REBOOTED 98 /* sysrq b */

enum fake_fault_kind {
	FAKE_ERRNO,   /* answers @code, does nothing */
	FAKE_HANG,    /* never comes back; fake_free() kills it */
	FAKE_PRETEND, /* answers 0, does nothing */
};

/*
 * @operation is the first word of the log line (below), @subject a glob of the second. "unbind" and
 * "bind" also go through "write" with the attribute's path. Ends with an operation of NULL.
 */
struct fake_fault {
	const char *operation;
	const char *subject;
	enum fake_fault_kind kind;
	int code; /* negative errno, or for "run" the exit status */
};

struct fake;

/* A PCI reset as a test wants it: called for a write to "reset" or "reset_subordinate" of the sysfs
 * folder @path, in the process that writes; what it returns is the kernel's answer. */
typedef int fake_reset(struct fake *fake, const char *path);

struct fake {
	struct sys sys;	 /* what the code under test gets */
	char folder[64]; /* the temporary folder */
	char tree[80];	 /* the machine's root folder below it */
	const struct fake_fault *faults;
	unsigned int
		nth; /* the first fault answers that one of its calls alone, from 1 on; 0: all */
	fake_reset *reset; /* NULL: a reset changes nothing and succeeds */
};

/* An empty machine, or a copy of the captured one in @tree. Fails the test when it cannot. */
struct fake *fake_new(const char *tree, const struct fake_fault *faults);

/* Kills what hangs, removes the folder. */
void fake_free(struct fake *fake);

/* Build the machine; folders above are made. fake_link() writes @target as it is. */
void fake_dir(struct fake *fake, const char *path);
void fake_file(struct fake *fake, const char *path, const char *text);
void fake_bytes(struct fake *fake, const char *path, const void *data, size_t size);
void fake_link(struct fake *fake, const char *path, const char *target);

/*
 * A device of @bus at @path below /sys, bound to @driver unless NULL: the folder, its `subsystem`
 * and `driver` links, the bus's links to it, and the driver's bind and unbind files.
 */
void fake_device(struct fake *fake, const char *path, const char *bus, const char *driver);

/*
 * The place in the kernel of the calling process, as the machine's /proc/PID/stack and stat show it
 * from now on: it waits, uninterruptibly, in the first of @functions, innermost first, with spaces
 * between. What hangs by a fault is in "wait_for_completion fake_remove unbind_store".
 */
void fake_worker_is_at(const struct fake *fake, const char *functions);

/* What `run` prints of a program with its first argument is the file "/.said/PROGRAM ARGUMENT", and its exit
 * status the number in "/.exit/PROGRAM ARGUMENT", where there are such. */

/* The text of a file of the machine, without trailing newlines; the caller frees it. NULL: none. */
char *fake_text(const struct fake *fake, const char *path);

/*
 * The log: one line for each call, in order, of all processes.
 *   write PATH VALUE = ANSWER        unbind NAME BUS/DRIVER = ANSWER   bind NAME BUS/DRIVER = ANSWER
 *   config PATH OFFSET MASK VALUE = ANSWER      flush NAME = ANSWER    netlink TYPE HEX = ANSWER
 *   read-only NAME = ANSWER      mount SOURCE TARGET TYPE OPTIONS = ANSWER
 *   unmount TARGET = ANSWER      dm-remove NAME = ANSWER               loop-clear NAME = ANSWER
 *   dm-create NAME UUID ro|rw TABLE = ANSWER, newlines as ";"          ram-disk LABEL BYTES = ANSWER
 *   detach TARGET = ANSWER       mount-memory TARGET BYTES = ANSWER    swap-off PATH = ANSWER
 *   unmount-forced TARGET = ANSWER     claim NAME = ANSWER     nbd-disconnect NAME = ANSWER
 *   btrfs-ready NAME = ANSWER    power restart|off|halt = ANSWER
 *   watchdog-start PATH SECONDS = ANSWER         watchdog-feed = 0    watchdog-stop = 0
 *   submit PATH TEXT = ANSWER, newlines as ";"
 *   kmsg LINE      sync      load KERNEL_SIZE INITRD_SIZE FLAGS CMDLINE = ANSWER       unload = ANSWER
 *   run PROGRAM ARGUMENT... = ANSWER      sysrq KEY      jump = ANSWER
 * ANSWER is 0 or an errno's name (a number for run). Calls that hang say "HANG".
 */
char *fake_log(const struct fake *fake); /* the caller frees it */

/* The number of the first line that matches the glob @line (from 0), or -1; how many match. */
int fake_log_find(const struct fake *fake, const char *line);
int fake_log_count(const struct fake *fake, const char *line);
