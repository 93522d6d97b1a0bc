// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The steps of a block device, each in a child of its own: probed, mounted, read; see volumes.h. What
 * a child answers decides the next one, here in the parent.
 */
#include "base/arena.h"
#include "boot/reader.h"
#include "boot/volume.h"
#include "boot/volume_work.h"
#include "offer/carry.h"
#include "storage/kinds.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

double volume_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void step_start(struct volume *volume, enum step step, const struct task_work *work)
{
	struct volumes *volumes = volume->volumes;

	volume->step = step;
	volume->slow_ms = volume_now_ms() + volumes->settings->wait_ms;
	if (task_start(volumes->loop, work, &volume->task) < 0) {
		volume->task = NULL;
		volume->step = STEP_NONE;
		free(volume->reason);
		volume->reason = strdup("no process to look at a disk: is memory short?");
	}
	loop_set_timer(volumes->timer, volumes->settings->wait_ms + 1);
}

static char *take_text(const json_t *json, const char *key)
{
	return carry_take(json_object_get(json, key)) ?: strdup("");
}

/* The answer of a step, or NULL where the child died: the disk is then as good as not there. */
static json_t *take_answer(struct volume *volume, const char *answer, size_t length)
{
	json_t *json = json_loadb(answer, length, 0, NULL);

	volume->task = NULL;
	free(volume->reason);
	volume->reason = json ? take_text(json, "reason") : NULL;
	if (json)
		return json;
	if (asprintf(&volume->reason, "%s: the process that looked at it died", volume->disk.name) <
	    0)
		volume->reason = NULL;
	volume->step = STEP_NONE;
	return NULL;
}

/* @volume's step is over, and so may be what others wait for. */
static void step_end(struct volume *volume)
{
	struct volumes *volumes = volume->volumes;

	if (volume->is_stale)
		volume_look(volume);
	volumes->changed(volumes->context);
}

static void read_start(struct volume *volume);

/* What @volume is to the reader; without folders where it is not mounted, or memory is short. */
static struct reader_volume describe(const struct volume *volume, struct arena *arena)
{
	size_t count = json_array_size(volume->folders), i;
	const char **folders = arena_alloc(arena, (count + 1) * sizeof(*folders));
	const json_t *folder;

	json_array_foreach (volume->folders, i, folder) {
		char *path = carry_take(folder);

		if (folders)
			folders[i] = path ? arena_strdup(arena, path) : NULL;
		if (!folders || !folders[i])
			folders = NULL;
		free(path);
	}
	return (struct reader_volume){
		.disk = &volume->disk,
		.uuid = volume->uuid,
		.label = volume->label,
		.folders = folders,
		.folder_count = folders ? count : 0,
	};
}

static int read_run(void *context, FILE *answer)
{
	const struct volume *own = context;
	struct arena *arena = arena_new();
	struct reader_volume *list = NULL;
	size_t count = 1, at = 0, mounted = 0;
	int r = -ENOMEM;

	for (const struct volume *v = own->volumes->first; v; v = v->next)
		count++;
	if (arena)
		list = arena_alloc(arena, count * sizeof(*list));
	for (const struct volume *v = own->volumes->first; list && v; v = v->next) {
		list[mounted] = describe(v, arena);
		if (!list[mounted].folder_count)
			continue;
		if (v == own)
			at = mounted;
		mounted++;
	}
	if (mounted)
		r = reader_read(own->volumes->sys->root, list, mounted, at, answer);
	arena_free(arena);
	return r;
}

/* What it did not find came while it was read, or what it found may have gone. */
static bool is_outdated(const struct volume *volume)
{
	const struct volumes *volumes = volume->volumes;

	return (volume->offer->misses_volume && volume->read_came != volumes->came) ||
	       volume->read_went != volumes->went;
}

static void read_ended(void *context, const char *answer, size_t length)
{
	struct volume *volume = context;
	struct offer *offer = offer_decode(answer, length);

	volume->task = NULL;
	volume->step = STEP_READY;
	offer_free(volume->offer);
	volume->offer = offer;
	if (offer && is_outdated(volume)) {
		read_start(volume);
		return;
	}
	if (!offer && asprintf(&volume->reason, "%s: its boot entries could not be read",
			       volume->disk.name) < 0)
		volume->reason = NULL;
	step_end(volume);
}

static void read_start(struct volume *volume)
{
	struct task_work work = { .run = read_run, .ended = read_ended, .context = volume };

	free(volume->reason);
	volume->reason = NULL;
	volume->is_cut = false;
	volume->read_came = volume->volumes->came;
	volume->read_went = volume->volumes->went;
	step_start(volume, STEP_READ, &work);
}

void volume_reread(struct volume *volume)
{
	read_start(volume);
}

/* Whoever named a file system that was not there may mean the one that just came. */
static void read_those_that_missed(struct volumes *volumes)
{
	for (struct volume *v = volumes->first; v; v = v->next)
		if (v->step == STEP_READY && v->offer && v->offer->misses_volume)
			read_start(v);
}

/* The disks that are parts of @own's file system, itself first. Returns how many, or -ENOMEM. */
static int members(const struct volume *own, struct arena *arena, const char ***ret_names)
{
	const char **names = NULL;
	size_t capacity = 0;
	int count = 1;

	if (arena_grow(arena, &names, &capacity, 1, sizeof(*names)) < 0)
		return -ENOMEM;
	names[0] = own->disk.name;
	for (const struct volume *v = own->volumes->first; v; v = v->next) {
		if (v == own || storage_type_find(own->type)->kind != STORAGE_BTRFS || !v->uuid ||
		    strcmp(v->type, own->type) != 0 || strcmp(v->uuid, own->uuid) != 0)
			continue;
		if (arena_grow(arena, &names, &capacity, (size_t)count + 1, sizeof(*names)) < 0)
			return -ENOMEM;
		names[count++] = v->disk.name;
	}
	*ret_names = names;
	return count;
}

static int mount_run(void *context, FILE *answer)
{
	const struct volume *volume = context;
	struct arena *arena = arena_new();
	const char **names;
	int r = arena ? members(volume, arena, &names) : -ENOMEM;

	if (r > 0)
		r = volume_mount(volume->volumes->sys, names, (size_t)r, volume->type, answer);
	arena_free(arena);
	return r;
}

static void mount_ended(void *context, const char *answer, size_t length)
{
	struct volume *volume = context;
	json_t *json = take_answer(volume, answer, length);

	if (json) {
		free(volume->note);
		volume->note = take_text(json, "note");
		json_decref(volume->folders);
		volume->folders = json_incref(json_object_get(json, "folders"));
		json_decref(json);
		volume->step = STEP_NONE;
		if (json_array_size(volume->folders)) {
			volume->volumes->came++;
			read_start(volume);
			read_those_that_missed(volume->volumes);
		}
	}
	step_end(volume);
}

/* Another member of the same btrfs is on its way already, or the whole is mounted. */
static bool is_taken(const struct volume *volume)
{
	for (const struct volume *v = volume->volumes->first; v; v = v->next)
		if (v != volume && v->step >= STEP_MOUNT && v->uuid &&
		    !strcmp(v->type, volume->type) && !strcmp(v->uuid, volume->uuid))
			return true;
	return false;
}

static void mount_start(struct volume *volume)
{
	struct task_work work = { .run = mount_run, .ended = mount_ended, .context = volume };

	if (volume->is_waiting ||
	    (storage_type_find(volume->type)->kind == STORAGE_BTRFS && is_taken(volume)))
		volume->step = STEP_NONE;
	else
		step_start(volume, STEP_MOUNT, &work);
}

static void go_on(struct volume *volume)
{
	struct stacks *stacks = volume->volumes->stacks;

	volume->step = STEP_NONE;
	switch (storage_type_find(volume->type)->kind) {
	case STORAGE_FILESYSTEM:
	case STORAGE_BTRFS:
		mount_start(volume);
		break;
	case STORAGE_MD:
		stacks_add_md(stacks, volume->uuid, volume->disk.name);
		break;
	case STORAGE_LVM:
		stacks_add_lvm(stacks, volume->disk.name);
		break;
	default:
		break;
	}
}

static int probe_run(void *context, FILE *answer)
{
	const struct volume *volume = context;

	return volume_probe(volume->volumes->sys, &volume->disk, answer);
}

static void probe_ended(void *context, const char *answer, size_t length)
{
	struct volume *volume = context;
	json_t *json = take_answer(volume, answer, length);

	if (json) {
		free(volume->type);
		free(volume->uuid);
		free(volume->label);
		free(volume->part_uuid);
		volume->type = take_text(json, "type");
		volume->uuid = take_text(json, "uuid");
		volume->label = take_text(json, "label");
		volume->part_uuid = take_text(json, "part_uuid");
		volume->is_waiting = json_is_true(json_object_get(json, "is_waiting"));
		json_decref(json);
		volume_place(volume);
		if (volume->is_stale || !volume->type || !volume->uuid || !volume->label ||
		    !volume->part_uuid)
			volume->step = STEP_NONE;
		else
			go_on(volume);
	}
	step_end(volume);
}

/* A child of its own, that outlives the volume. */
struct detach {
	const struct sys *sys;
	char name[DISK_NAME_SIZE];
};

static int detach_run(void *context, FILE *answer)
{
	const struct detach *detach = context;

	volume_unmount(detach->sys, detach->name);
	return 0;
}

static void detach_ended(void *context, const char *answer, size_t length)
{
	free(context);
}

void volume_detach(const struct volume *volume)
{
	struct detach *detach = calloc(1, sizeof(*detach));
	struct task_work work = { .run = detach_run, .ended = detach_ended, .context = detach };
	struct task *task;

	if (!detach)
		return;
	detach->sys = volume->volumes->sys;
	strcpy(detach->name, volume->disk.name);
	if (task_start(volume->volumes->loop, &work, &task) < 0)
		free(detach);
}

void volume_look(struct volume *volume)
{
	struct task_work work = { .run = probe_run, .ended = probe_ended, .context = volume };

	volume->is_stale = false;
	if (disk_look(volume->volumes->sys->root, volume->disk.name, &volume->disk) < 0)
		volume->step = STEP_NONE;
	else
		step_start(volume, STEP_PROBE, &work);
}
