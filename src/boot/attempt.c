// SPDX-License-Identifier: GPL-2.0-or-later
/* From an entry to the jump; see attempt.h. */
#include "boot/attempt.h"

#include "base/utf8.h"
#include "boot/edited.h"
#include "boot/modules.h"
#include "boot/prospect.h"
#include "boot/volumes.h"
#include "entry/image.h"
#include "host/host.h"
#include "offer/chain.h"
#include "record/record.h"
#include "storage/takedown_run.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <sys/utsname.h>

/* The engine's callbacks have no context; this is a process of its own. */
static FILE *out;

/* A line each: a name from a disk may have a newline in it. */
static void tell(char letter, const char *text)
{
	char line[1024];

	snprintf(line, sizeof(line), "%s", text);
	utf8_make_printable(line);
	fprintf(out, "%c %s\n", letter, line);
	fflush(out);
}

/* Releases of the plan, and how many have ended. */
static size_t releases, released;

static void on_stage(const char *name, size_t steps)
{
	char text[128];

	if (!strcmp(name, "release"))
		releases = steps;
	if (steps)
		snprintf(text, sizeof(text), "%s (%zu)", name, steps);
	else
		snprintf(text, sizeof(text), "%s", name);
	tell('p', text);
}

static void on_released(const struct release_result *result)
{
	const struct device *device = result->decision->device;
	bool is_wanted = result->outcome == OUTCOME_RELEASED || result->outcome == OUTCOME_GONE;
	char text[512];

	snprintf(text, sizeof(text), "release %zu of %zu: %s (%s): %s%s%s", ++released, releases,
		 device->name, device->driver, outcome_name(result->outcome),
		 result->text[0] ? ": " : "", result->text);
	tell(is_wanted ? 'p' : 'n', text);
}

static void on_waiting(const struct decision *decision, size_t running)
{
	char text[256];

	snprintf(text, sizeof(text), "release: %zu running, one is %s (%s)", running,
		 decision->device->name, decision->device->driver);
	tell('p', text);
}

static void on_note(const char *line)
{
	tell('n', line);
}

static const struct progress progress = {
	.stage = on_stage,
	.released = on_released,
	.waiting = on_waiting,
	.note = on_note,
};

/* The command line of what is booted: as it was wanted, and how long the chain is by then. */
static int set_options(const struct attempt *attempt, struct entry *entry, struct error *e)
{
	const char *options = attempt->options ?: entry->options ?: "";
	struct utsname uts;

	uname(&uts);
	entry->options = chain_add(options, attempt->settings->chain + 1, uts.machine);
	return entry->options ? 0 : error_set(e, -ENOMEM, "no memory for a command line");
}

static bool is_opened_here(const struct attempt *attempt, const struct fsroot *root)
{
	for (size_t i = 0; i < attempt->offer->root_count; i++)
		if (attempt->offer->roots[i] == root)
			return false;
	return root != NULL;
}

static int open_volume(const char *name, struct fsroot **ret_root)
{
	char folder[PATH_MAX];

	snprintf(folder, sizeof(folder), "%s/%s", VOLUMES_DIR, name);
	return fsroot_open(folder, ret_root);
}

/* Roots that edit() opened keep mounts busy as well. */
static void close_edited(const struct attempt *attempt, const struct entry *entry)
{
	for (size_t i = 0; attempt->initrds && i < entry->initrd_count; i++)
		if (is_opened_here(attempt, entry->initrds[i].root))
			fsroot_close((struct fsroot *)(uintptr_t)entry->initrds[i].root);
	if (attempt->kernel && is_opened_here(attempt, entry->kernel.root))
		fsroot_close((struct fsroot *)(uintptr_t)entry->kernel.root);
}

/* What a person edited; nothing of it is freed, as this is a child. */
static int edit(const struct attempt *attempt, struct entry *entry, struct error *e)
{
	struct arena *arena = arena_new();

	if (!arena)
		return error_set(e, -ENOMEM, "no memory for what was edited");
	return edited_apply(entry, attempt->kernel, attempt->initrds, VOLUMES_DIR, open_volume,
			    arena, e);
}

static int load(const struct attempt *attempt, struct error *e)
{
	struct entry entry = *attempt->entry;
	struct image_loaded loaded;
	struct entry_image *image;
	char text[512];
	/* Of a kernel that takes none at all, loading would say that this one is not allowed. */
	int r = host_may_load(attempt->sys->root, e);

	if (r < 0)
		return r;
	for (size_t i = 0; i < attempt->offer->root_count; i++) {
		struct fsroot *root = attempt->offer->roots[i];

		r = fsroot_reach(root);
		if (r < 0)
			return error_set(e, r, "%s: cannot be reached any more: %s",
					 fsroot_path(root), errno_text(r));
	}
	r = edit(attempt, &entry, e);
	if (r == 0)
		r = set_options(attempt, &entry, e);
	if (r < 0)
		return r;
	snprintf(text, sizeof(text), "loading %s", entry.kernel.path);
	tell('p', text);
	r = entry_image_open(&entry, NULL, &image, e);
	if (r < 0)
		return r;
	r = image_load_describe(attempt->sys, entry_image_request(image), &loaded, e);
	if (r == 0 && *loaded.note)
		tell('n', loaded.note);
	entry_image_close(image);
	/* Their descriptors would keep the mounts busy. */
	for (size_t i = 0; i < attempt->offer->root_count; i++)
		fsroot_close(attempt->offer->roots[i]);
	close_edited(attempt, &entry);
	return r;
}

static void say_trace(const struct attempt *attempt)
{
	char text[192], line[256];

	trace_text(&attempt->trace, text, sizeof(text));
	snprintf(line, sizeof(line), "kexit-boot: seconds from its start: %s", text);
	sys_kmsg(attempt->sys, line);
}

static int hand_over(struct attempt *attempt, struct error *e)
{
	const struct handover_options options = {
		.verb = "boot",
		.jump = true,
		.on_stuck = attempt->settings->on_stuck,
		.record_dir = RECORD_DIR,
		.progress = &progress,
	};
	const struct probes_options probes_options = { .note = on_note };
	struct probes probes = { 0 };
	struct graph *graph;
	struct plan *plan;
	int r;

	tell('p', "looking at the devices");
	if (probes_wait(attempt->sys, &probes_options, &probes) < 0)
		return error_set(e, -ENOMEM, "no memory to look at the devices");
	r = prospect_make(attempt->sys->root, &attempt->settings->plan, false, &probes, &graph,
			  &plan, e);
	probes_done(&probes);
	if (r)
		return r;
	trace_mark(&attempt->trace, TRACE_LOOKED);
	say_trace(attempt);
	handover_run(attempt->sys, graph, plan, &options, e);
	return e->code ?: error_set(e, -EIO, "the machine was not handed over");
}

int attempt_run(struct attempt *attempt, FILE *answer)
{
	struct error e = ERROR_NONE;
	int r;

	out = answer;
	r = load(attempt, &e);
	if (r == 0) {
		trace_mark(&attempt->trace, TRACE_LOADED);
		tell('t', "taking file systems and disks down");
		takedown_run(attempt->sys, NULL, &takedown_reader, on_note);
		trace_mark(&attempt->trace, TRACE_DOWN);
		/* An image may hold it; without it the handover says what that means. */
		modules_load("kexit_late");
		r = hand_over(attempt, &e);
		image_unload(attempt->sys, NULL);
	}
	tell('e', e.code ? e.text : errno_text(r));
	return 0;
}
