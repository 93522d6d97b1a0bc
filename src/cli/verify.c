// SPDX-License-Identifier: GPL-2.0-or-later
/* kexit verify: is all that the machine had before the jump back as it was. */
#include "cli/verb.h"
#include "cli/witness.h"

#include "across/carried.h"
#include "across/differences.h"
#include "across/handover_id.h"
#include "across/inventory.h"
#include "across/mark.h"
#include "across/verified.h"
#include "across/witnessed.h"
#include "base/duration.h"
#include "base/log.h"
#include "graph/scan.h"
#include "host/host.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

/* Nothing came with the initrd to hold this machine against. */
#define STATUS_NOTHING_CAME 6

#define LOOK_AGAIN_US	    500000

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static int look(const struct sysroot *root, const json_t *before, struct differences *ret,
		struct error *e)
{
	struct graph *graph;
	json_t *now;
	int r = scan(root, &graph, e);

	if (r < 0)
		return r;
	now = inventory_json(root, graph);
	graph_free(graph);
	r = now ? differences_find(before, now, ret) : -ENOMEM;
	json_decref(now);
	return r < 0 ? error_set(e, r, "no memory for the inventory") : 0;
}

/* Drivers are still at it for a while after a start, and a link takes seconds to find its partner. */
static int look_until(const struct sysroot *root, const json_t *before, unsigned int wait_ms,
		      struct differences *ret, struct error *e)
{
	double end = now_ms() + wait_ms;

	for (;;) {
		int r = look(root, before, ret, e);

		if (r < 0 || !json_array_size(ret->lost) || now_ms() >= end)
			return r;
		differences_done(ret);
		usleep(LOOK_AGAIN_US);
	}
}

static size_t count(const json_t *inventory, const char *list)
{
	return json_array_size(json_object_get(inventory, list));
}

static int tell(const json_t *before, const struct differences *differences)
{
	size_t lost = json_array_size(differences->lost), i;
	const json_t *line;

	json_array_foreach (differences->lost, i, line)
		printf("%s\n", json_string_value(line));
	json_array_foreach (differences->notes, i, line)
		printf("note: %s\n", json_string_value(line));
	json_array_foreach (differences->seen, i, line)
		printf("%s\n", json_string_value(line));
	if (lost) {
		printf("%zu difference%s\n", lost, lost == 1 ? "" : "s");
		return STATUS_FAILED;
	}
	printf("all is back: %zu PCI functions with their drivers, %zu disks, %zu network links\n",
	       count(before, "functions"), count(before, "disks"), count(before, "links"));
	return STATUS_DONE;
}

/* Before all else: whatever is found of the devices, a handover that did not arrive is counted. */
static void settle(const struct sysroot *root)
{
	struct error e = ERROR_NONE;
	struct mark_told told;

	if (mark_settle(root, !sysroot_is_captured(root), &told, &e) < 0)
		log_warning("%s", e.text);
	if (told.end == MARK_FAILED)
		log_warning("handover %s, from %s into %s, did not arrive: failure %u in a row "
			    "('kexit report --previous' tells what is known of it)",
			    told.id, told.from, told.kernel, told.failures);
	if (told.end == MARK_UNKNOWN)
		log_warning("whether handover %s, from %s into %s, arrived is not known", told.id,
			    told.from, told.kernel);
}

static int tell_nothing_came(const struct sysroot *root, const struct error *e)
{
	log_warning("%s%s", e->text,
		    carried_would_show(root)
			    ? ": this start was no jump of 'kexit reboot'"
			    : "; where it was a jump, its initrd lacks kexit's module: "
			      "'update-initramfs -u', or 'dracut --force'");
	return STATUS_NOTHING_CAME;
}

static int tell_failure(const struct error *e)
{
	log_error("verify: %s", e->text);
	return STATUS_FAILED;
}

static int verify(const struct sysroot *root, unsigned int wait_ms)
{
	struct error e = ERROR_NONE;
	struct differences differences;
	json_t *before, *handover;
	int status;

	if (host_sees_machine(root, &e) < 0) {
		log_error("verify was refused: %s", e.text);
		return STATUS_REFUSED;
	}
	settle(root);
	if (carried_read(root, CARRIED_INVENTORY, &before, &e) < 0)
		return e.code == -ENOENT ? tell_nothing_came(root, &e) : tell_failure(&e);
	if (carried_read(root, CARRIED_HANDOVER, &handover, NULL) == 0) {
		printf("handover %s from %s\n", handover_id(handover), handover_from(handover));
		json_decref(handover);
	}
	if (look_until(root, before, wait_ms, &differences, &e) < 0) {
		status = tell_failure(&e);
	} else {
		if (witnessed_tell(root, &differences, &e) < 0)
			log_warning("%s", e.text);
		status = tell(before, &differences);
		if (!sysroot_is_captured(root) && verified_keep(root, &differences, &e) < 0)
			log_warning("%s", e.text);
		differences_done(&differences);
	}
	json_decref(before);
	return status;
}

static int run(const struct verb *verb, struct sysroot *root, int argc, char *argv[])
{
	static const struct option options[] = {
		{ "wait", required_argument, NULL, 'w' },
		{ "early", no_argument, NULL, 'e' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	unsigned int wait_ms = 0;
	bool early = false;
	int option;

	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (option) {
		case 'w':
			if (duration_parse(optarg, &wait_ms) == 0)
				break;
			log_error("--wait %s: not a time such as 30s or 2min", optarg);
			return verb_usage(verb);
		case 'e':
			early = true;
			break;
		case 'h':
			return verb_help(verb);
		default:
			return verb_usage(verb);
		}
	}
	if (verb_has_argument(verb, argc, argv))
		return verb_usage(verb);
	return early ? witness(root) : verify(root, wait_ms);
}

const struct verb verb_verify = {
	.name = "verify",
	.arguments = "[--wait TIME | --early]",
	.summary = "After a jump: is every function, driver, disk and link back as it was",
	.help = "  --wait TIME  look again for so long while something is not back yet, as 30s\n"
		"  --early      of an initrd, before a driver is loaded: look at what was left to its\n"
		"               driver's shutdown() by evidence, and keep that for verify and report\n"
		"\n"
		"Holds this machine against the inventory that came over the jump with the initrd.\n"
		"What is not back as it was is named, a line each; what is new is noted. Exit\n"
		"status: 0 all is back, 1 something is not, 6 nothing came.\n",
	.run = run,
};
