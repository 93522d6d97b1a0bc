// SPDX-License-Identifier: GPL-2.0-or-later
/* Locks of PCI functions, asked for in a worker; see probes.h. */
#include "run/probes.h"

#include "base/arena.h"
#include "base/map.h"
#include "worker/walk.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a rollback gives a probe as well. */
#define LIMIT_MS   30000

/* Each further one where the first took all the time there was. */
#define FURTHER_MS 1000

/* The functions of the machine by now. */
struct functions {
	char **paths; /* below /sys; of those not asked yet */
	size_t count, capacity;
	struct map *known;   /* all that were ever listed */
	struct arena *arena; /* their paths */
};

struct asking {
	const struct sys *sys;
	const struct probes_options *options;
	const struct functions *functions;
};

static int list_add(char ***list, size_t *count, size_t *capacity, char *text)
{
	char **grown;

	if (*count == *capacity) {
		*capacity = *capacity ? 2 * *capacity : 64;
		grown = realloc(*list, *capacity * sizeof(**list));
		if (!grown)
			return -ENOMEM;
		*list = grown;
	}
	(*list)[(*count)++] = text;
	return 0;
}

static int function_add(struct functions *functions, const char *path)
{
	char *copy;
	int r;

	if (map_get(functions->known, path))
		return 0;
	copy = arena_strdup(functions->arena, path);
	r = copy ? map_put(functions->known, copy, copy) : -ENOMEM;
	return r < 0 ? r
		     : list_add(&functions->paths, &functions->count, &functions->capacity, copy);
}

/* Those that were not there at the last look. */
static int list_new(const struct sys *sys, struct functions *functions)
{
	DIR *dir = sysroot_opendir(sys->root, "/sys/bus/pci/devices");
	struct dirent *entry;
	int r = 0;

	functions->count = 0;
	while (dir && r == 0 && (entry = readdir(dir))) {
		char link[PATH_MAX], path[PATH_MAX];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(link, sizeof(link), "/sys/bus/pci/devices/%s", entry->d_name);
		if (sysroot_resolve(sys->root, link, path, sizeof(path)) > 4)
			r = function_add(functions, path + 4);
	}
	if (dir)
		closedir(dir);
	return r;
}

/*
 * In the worker. power/control is written with what it says: nothing changes, and every kernel takes
 * the device's lock for it (Linux: drivers/base/power/sysfs.c, control_store()).
 */
static int ask(void *subject, size_t i)
{
	const struct asking *asking = subject;
	char path[PATH_MAX], value[32];

	snprintf(path, sizeof(path), "/sys%s/power/control", asking->functions->paths[i]);
	if (sysroot_read(asking->sys->root, path, value, sizeof(value)) > 0)
		sys_write(asking->sys, path, value);
	return 0;
}

static void tell_waiting(void *subject, size_t i)
{
	const struct asking *asking = subject;
	const char *path = asking->functions->paths[i], *slash = strrchr(path, '/');
	char line[256];

	if (!asking->options->note)
		return;
	snprintf(line, sizeof(line), "%.128s: waiting for its lock; its probe may be under way",
		 slash ? slash + 1 : path);
	asking->options->note(line);
}

static int busy_add(struct sysroot *root, struct probes *probes, size_t *capacity, const char *path)
{
	char *copy = strdup(path);
	char config[PATH_MAX];
	int r;

	/* A reset that hangs has its config space, too: who reads it waits for ever. */
	snprintf(config, sizeof(config), "/sys%s/config", path);
	r = copy ? sysroot_avoid(root, config) : -ENOMEM;
	if (r == 0)
		r = list_add(&probes->busy, &probes->count, capacity, copy);
	if (r < 0)
		free(copy);
	/* The list has it, which is out of the analyzer's sight. */
	return r; // NOLINT(clang-analyzer-unix.Malloc)
}

/* Asks all that are listed; what does not answer is busy, and the rest is asked by another worker. */
static int ask_listed(struct asking *asking, double end_ms, struct probes *probes, size_t *capacity)
{
	struct walk walk = {
		.name = "probes",
		.changes_nothing = true,
		.count = asking->functions->count,
		.wake_fd = -1,
		.subject = asking,
		.call = ask,
		.waits = tell_waiting,
	};
	int r = 0;

	for (size_t at = 0; r == 0 && at < walk.count; at++) {
		double left = end_ms - clock_ms();

		walk.deadline_ms = left > FURTHER_MS ? (unsigned int)left : FURTHER_MS;
		r = walk_run(asking->sys->root, &walk, at, &at);
		if (r != -ETIMEDOUT)
			return r;
		r = busy_add(asking->sys->root, probes, capacity, asking->functions->paths[at]);
	}
	return r;
}

static void functions_done(struct functions *functions)
{
	map_free(functions->known);
	free(functions->paths);
	arena_free(functions->arena);
}

int probes_wait(const struct sys *sys, const struct probes_options *options,
		struct probes *ret_probes)
{
	bool is_shorter = options->limit_ms && options->limit_ms < LIMIT_MS;
	double end_ms = clock_ms() + (is_shorter ? options->limit_ms : LIMIT_MS);
	struct functions functions = { .known = map_new(), .arena = arena_new() };
	struct asking asking = { .sys = sys, .options = options, .functions = &functions };
	struct probes probes = { 0 };
	size_t capacity = 0;
	int r = functions.known && functions.arena ? 0 : -ENOMEM;

	do {
		if (r == 0)
			r = list_new(sys, &functions);
		if (r == 0)
			r = ask_listed(&asking, end_ms, &probes, &capacity);
	} while (r == 0 && functions.count && clock_ms() < end_ms);
	functions_done(&functions);
	if (r == 0)
		*ret_probes = probes;
	else
		probes_done(&probes);
	return r;
}

void probes_done(struct probes *probes)
{
	for (size_t i = 0; i < probes->count; i++)
		free(probes->busy[i]);
	free(probes->busy);
	*probes = (struct probes){ 0 };
}

int probes_mark(const struct probes *probes, struct graph *graph)
{
	int r = 0;

	for (size_t i = 0; i < probes->count && r == 0; i++) {
		struct device *device = graph_find(graph, probes->busy[i]);

		if (!device)
			continue;
		device->is_locked = true;
		r = graph_add_use(
			graph, device, USE_UNKNOWN,
			"its lock is held: a probe that has not ended, or a call that hangs");
	}
	return r;
}
