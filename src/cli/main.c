// SPDX-License-Identifier: GPL-2.0-or-later
/* Where the program starts: finds the verb in the table and hands over to it. */
#include "base/error.h"
#include "base/log.h"
#include "cli/verb.h"
#include "exit/shutdown.h"

#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* In the order of `kexit --help`: first what only looks, then what acts. */
static const struct verb *const verbs[] = {
	&verb_scan,   &verb_plan,   &verb_inspect, &verb_report,   &verb_verify, &verb_entries,
	&verb_load,   &verb_unload, &verb_quiesce, &verb_rollback, &verb_exec,	 &verb_boot,
	&verb_reboot, &verb_stage,  &verb_test,	   NULL,
};

/* Called by the exit environment, in a process of its own, when nothing of the old system is left. */
static int exec_handover(const struct sys *sys)
{
	char *argv[] = { (char[]){ "exec" }, NULL };

	optind = 0;
	return verb_exec.run(&verb_exec, sys->root, 1, argv);
}

/* As /run/initramfs/shutdown this program is what a running system ends in. */
static int shut_down(char *argv[])
{
	struct sys sys = { .ops = &sys_ops_live };

	if (sysroot_open(NULL, &sys.root) < 0)
		return STATUS_FAILED;
	return exit_shutdown(&sys, argv, exec_handover);
}

static void print_help(void)
{
	puts("usage: kexit [--sysroot DIR] VERB [ARGUMENT...]\n\n"
	     "Hands this machine to the next kernel with its devices in a clean state.\n\n"
	     "Verbs:");
	for (size_t i = 0; verbs[i]; i++)
		printf("  %-9s %s\n", verbs[i]->name, verbs[i]->summary);
	puts("\nOptions:\n"
	     "  --sysroot DIR  look at the machine captured in DIR; only verbs that change nothing\n"
	     "  --version      print the version\n"
	     "  --help         print this; 'kexit VERB --help' prints a verb's options");
}

static const struct verb *verb_find(const char *name)
{
	for (size_t i = 0; verbs[i]; i++)
		if (!strcmp(verbs[i]->name, name))
			return verbs[i];
	return NULL;
}

static size_t least(size_t a, size_t b, size_t c)
{
	size_t ab = a < b ? a : b;

	return ab < c ? ab : c;
}

/* Levenshtein distance; names longer than any verb count as far away. */
static size_t name_distance(const char *a, const char *b)
{
	size_t length = strlen(b), row[32];

	if (length >= sizeof(row) / sizeof(row[0]))
		return SIZE_MAX;
	for (size_t j = 0; j <= length; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1]; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= length; j++) {
			size_t above = row[j];

			row[j] =
				least(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
			diagonal = above;
		}
	}
	return row[length];
}

/* The verb that was probably meant, or NULL: up to two slips of the finger, and not all of it. */
static const struct verb *verb_nearest(const char *name)
{
	const struct verb *nearest = NULL;
	size_t best = 3;

	for (size_t i = 0; verbs[i]; i++) {
		size_t distance = name_distance(verbs[i]->name, name);

		if (distance < best && distance < strlen(verbs[i]->name) - 1) {
			best = distance;
			nearest = verbs[i];
		}
	}
	return nearest;
}

static int unknown_verb(const char *name)
{
	const struct verb *nearest = verb_nearest(name);

	if (nearest)
		log_error("unknown verb '%s': did you mean 'kexit %s'?", name, nearest->name);
	else
		log_error("unknown verb '%s': 'kexit --help' lists the verbs", name);
	return STATUS_USAGE;
}

/*
 * A verb that only prints has failed when its output was cut. One that acts has not: the terminal
 * may have gone with its NIC, and what was done is in the record.
 */
static int check_output(const struct verb *verb, int status)
{
	if ((fflush(stdout) || ferror(stdout)) && status == STATUS_DONE && !verb->acts) {
		log_error("%s: the output could not be written: %s", verb->name, errno_text(errno));
		return STATUS_FAILED;
	}
	return status;
}

static int verb_run(const struct verb *verb, const char *sysroot, int argc, char *argv[])
{
	struct sysroot *root;
	int status, code;

	if (sysroot && verb->acts) {
		log_error("%s changes the machine and cannot be used with --sysroot: a captured "
			  "tree can only be looked at",
			  verb->name);
		return STATUS_USAGE;
	}
	code = sysroot_open(sysroot, &root);
	if (code) {
		log_error("--sysroot %s: the folder cannot be opened: %s", sysroot ?: "/",
			  errno_text(code));
		return STATUS_FAILED;
	}
	optind = 0; /* glibc and musl: start over, on another vector */
	status = verb->run(verb, root, argc, argv);
	sysroot_close(root);
	return check_output(verb, status);
}

int main(int argc, char *argv[])
{
	static const struct option options[] = {
		{ "sysroot", required_argument, NULL, 's' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	const struct verb *verb;
	const char *sysroot = NULL;
	int option;

	/*
	 * jansson would seed its hash tables from /dev/urandom, which in an initramfs makes the kernel
	 * gather entropy for most of a second first. No key here comes from an adversary.
	 */
	json_object_seed(1);
	if (exit_is_shutdown(argv[0]))
		return shut_down(argv);
	/* "+": what comes after the verb is the verb's. */
	while ((option = getopt_long(argc, argv, "+h", options, NULL)) != -1) {
		switch (option) {
		case 's':
			sysroot = optarg;
			break;
		case 'h':
			print_help();
			return fflush(stdout) ? STATUS_FAILED : STATUS_DONE;
		case 'V':
			return puts("kexit " KEXIT_VERSION) < 0 ? STATUS_FAILED : STATUS_DONE;
		default:
			fputs("kexit: try 'kexit --help'\n", stderr);
			return STATUS_USAGE;
		}
	}
	if (optind == argc) {
		fputs("kexit: no verb was given: try 'kexit --help'\n", stderr);
		return STATUS_USAGE;
	}
	verb = verb_find(argv[optind]);
	if (!verb)
		return unknown_verb(argv[optind]);
	return verb_run(verb, sysroot, argc - optind, argv + optind);
}
