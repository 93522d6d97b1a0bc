// SPDX-License-Identifier: GPL-2.0-or-later
/* All block devices, in the order of the machine; see volumes.h. */
#include "boot/volumes.h"

#include "boot/volume.h"
#include "offer/bootdevs.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void changed(void *context)
{
	struct volumes *volumes = context;

	volumes->changed(volumes->context);
}

int volumes_new(struct loop *loop, const struct sys *sys, const struct settings *settings,
		void (*on_changed)(void *context), void *context, struct volumes **ret_volumes)
{
	struct volumes *volumes = calloc(1, sizeof(*volumes));
	int r;

	if (!volumes)
		return -ENOMEM;
	*volumes = (struct volumes){
		.loop = loop,
		.sys = sys,
		.settings = settings,
		.changed = on_changed,
		.context = context,
	};
	/* Each time a step becomes slow, something else is waited for. */
	volumes->timer = loop_add_timer(loop, changed, volumes);
	r = volumes->timer < 0 ? -ENOMEM
			       : stacks_new(loop, sys, changed, volumes, &volumes->stacks);
	if (r < 0) {
		volumes_free(volumes);
		return r;
	}
	*ret_volumes = volumes;
	return 0;
}

static void volume_free(struct volume *volume)
{
	task_drop(volume->task);
	offer_free(volume->offer);
	json_decref(volume->folders);
	free(volume->type);
	free(volume->uuid);
	free(volume->label);
	free(volume->part_uuid);
	free(volume->reason);
	free(volume->note);
	free(volume);
}

void volumes_reset(struct volumes *volumes)
{
	stacks_reset(volumes->stacks);
	while (volumes->first) {
		struct volume *volume = volumes->first;

		volumes->first = volume->next;
		volume_free(volume);
	}
}

void volumes_free(struct volumes *volumes)
{
	if (!volumes)
		return;
	if (volumes->stacks)
		volumes_reset(volumes);
	stacks_free(volumes->stacks);
	if (volumes->timer >= 0) {
		loop_remove(volumes->loop, volumes->timer);
		close(volumes->timer);
	}
	free(volumes);
}

static struct volume *find(const struct volumes *volumes, const char *name)
{
	struct volume *volume = volumes->first;

	while (volume && strcmp(volume->disk.name, name) != 0)
		volume = volume->next;
	return volume;
}

static void take_out(struct volume *volume)
{
	struct volume **at = &volume->volumes->first;

	while (*at && *at != volume)
		at = &(*at)->next;
	if (*at)
		*at = volume->next;
}

static bool comes_before(const struct volume *a, const struct volume *b)
{
	return a->rank != b->rank ? a->rank < b->rank : disk_compare(a->order, b->order) < 0;
}

void volume_place(struct volume *volume)
{
	struct volumes *volumes = volume->volumes;
	struct volume **at = &volumes->first;
	const struct bootdevs_facts facts = {
		.class = volume->disk.class,
		.uuid = volume->uuid,
		.label = volume->label,
	};

	take_out(volume);
	volume->rank = bootdevs_rank(volumes->settings->bootdevs, &facts);
	while (*at && comes_before(*at, volume))
		at = &(*at)->next;
	volume->next = *at;
	*at = volume;
}

static struct volume *add(struct volumes *volumes, const struct disk_facts *disk)
{
	struct volume *volume = calloc(1, sizeof(*volume));
	char link[PATH_MAX];

	if (!volume)
		return NULL;
	volume->volumes = volumes;
	volume->disk = *disk;
	if (disk_mapped_name(volumes->sys->root, disk->name, volume->mapped,
			     sizeof(volume->mapped)) < 0)
		volume->mapped[0] = '\0';
	snprintf(link, sizeof(link), "/sys/class/block/%s", disk->name);
	if (sysroot_resolve(volumes->sys->root, link, volume->order, sizeof(volume->order)) < 0)
		strcpy(volume->order, disk->name);
	volume_place(volume);
	return volume;
}

void volumes_look(struct volumes *volumes, const char *name)
{
	struct volume *volume = find(volumes, name);
	struct disk_facts disk;

	if (volume && volume->task)
		volume->is_stale = volume->step == STEP_PROBE;
	if (volume && volume->is_cut && !volume->task) {
		volume_reread(volume);
		changed(volumes);
		return;
	}
	if (volume && (volume->task || volume->step >= STEP_MOUNT))
		return;
	if (disk_look(volumes->sys->root, name, &disk) < 0)
		return;
	volume = volume ?: add(volumes, &disk);
	if (!volume)
		return;
	volume_look(volume);
	changed(volumes);
}

static bool reads_from(const struct offer *offer, const char *folder)
{
	size_t length = strlen(folder);

	for (size_t i = 0; offer && i < offer->root_count; i++) {
		const char *path = fsroot_path(offer->roots[i]);

		if (!strncmp(path, folder, length) && (!path[length] || path[length] == '/'))
			return true;
	}
	return false;
}

/* Entries elsewhere that had their files on @gone cannot be booted any more, and say so. */
static void reread_others(const struct volume *gone)
{
	const char *folder = json_string_value(json_array_get(gone->folders, 0));

	for (struct volume *v = gone->volumes->first; folder && v; v = v->next)
		if (v != gone && v->step == STEP_READY && reads_from(v->offer, folder))
			volume_reread(v);
}

/* Its mount would else stand where the next disk of that name is to be seen. */
static void forget(struct volume *volume)
{
	take_out(volume);
	if (volume->folders) {
		volume->volumes->went++;
		volume_detach(volume);
	}
	reread_others(volume);
	volume_free(volume);
}

void volumes_gone(struct volumes *volumes, const char *name)
{
	struct volume *volume = find(volumes, name);

	if (!volume)
		return;
	forget(volume);
	changed(volumes);
}

void volumes_check(struct volumes *volumes)
{
	struct volume *next;

	for (struct volume *volume = volumes->first; volume; volume = next) {
		next = volume->next;
		if (!disk_is_same(volumes->sys->root, &volume->disk))
			forget(volume);
	}
}

void volumes_stop(struct volumes *volumes)
{
	stacks_reset(volumes->stacks);
	for (struct volume *v = volumes->first; v; v = v->next) {
		if (!v->task)
			continue;
		task_drop(v->task);
		v->task = NULL;
		/* What was not finished begins again when the disk is looked at the next time; until
		 * then what it offered before is still shown. */
		v->is_cut = v->step == STEP_READ && v->offer;
		v->step = v->is_cut ? STEP_READY : STEP_NONE;
	}
}

size_t volumes_busy(const struct volumes *volumes, size_t *ret_slow, const char **ret_name)
{
	size_t busy = stacks_working(volumes->stacks), slow = 0;
	double now = volume_now_ms();

	*ret_name = "";
	for (const struct volume *v = volumes->first; v; v = v->next) {
		if (!v->task)
			continue;
		if (now < v->slow_ms) {
			busy++;
			continue;
		}
		slow++;
		*ret_name = v->disk.name;
	}
	*ret_slow = slow;
	return busy;
}

bool volumes_is_settled(const struct volumes *volumes, const struct entry_list *list)
{
	double now = volume_now_ms();

	if (stacks_working(volumes->stacks))
		return false;
	for (const struct volume *v = volumes->first; v; v = v->next) {
		if (list && v->offer && v->offer->list == list)
			return true;
		if (v->task && now < v->slow_ms)
			return false;
	}
	return true;
}

size_t volumes_count(const struct volumes *volumes)
{
	size_t count = 0;

	for (const struct volume *v = volumes->first; v; v = v->next)
		count += v->offer != NULL;
	return count;
}

struct volume_view volumes_get(const struct volumes *volumes, size_t index)
{
	const struct volume *v = volumes->first;

	for (; v; v = v->next)
		if (v->offer && index-- == 0)
			break;
	if (!v)
		return (struct volume_view){
			.name = "", .label = "", .uuid = "", .part_uuid = "", .mapped = ""
		};
	return (struct volume_view){
		.name = v->disk.name,
		.label = v->label,
		.uuid = v->uuid,
		.part_uuid = v->part_uuid,
		.mapped = v->mapped,
		.offer = v->offer,
		.class = v->disk.class,
		.may_boot = v->rank < bootdevs_count(volumes->settings->bootdevs),
	};
}

const char *volumes_reason(const struct volumes *volumes)
{
	const char *reason;

	for (const struct volume *v = volumes->first; v; v = v->next)
		if (v->reason && *v->reason && !v->offer && !v->task)
			return v->reason;
	reason = stacks_reason(volumes->stacks);
	/* What is there, but old, comes after what is not there. */
	for (const struct volume *v = volumes->first; v && !reason; v = v->next)
		if (v->note && *v->note)
			reason = v->note;
	return reason;
}
