// SPDX-License-Identifier: GPL-2.0-or-later
/* Rows of lvm's reports become tables of the device mapper; see lvm.h. */
#include "storage/lvm.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* lv_attr (lvs(8), "Lv Attr"): the kind of volume, and whether activation passes it over. */
#define ATTRIBUTE_KIND	  0
#define ATTRIBUTE_SKIP	  9
#define ATTRIBUTES_LENGTH 10

struct physical {
	const char *name;	   /* "/dev/sda2" */
	const char *group;	   /* NULL or "": none */
	const char *number;	   /* "8:2" */
	unsigned long long start;  /* of its first extent, in sectors */
	unsigned long long extent; /* an extent's size */
};

struct lvm {
	const struct sysroot *root;
	struct arena *arena;
	struct physical *physicals;
	size_t physical_count, physical_capacity;
	struct lvm_volume *volumes;
	size_t count, capacity;
};

/* The value of the column @name of @row ("LVM2_VG_NAME=vg|..."), or NULL. */
static const char *column(struct lvm *lvm, const char *row, const char *name)
{
	size_t length = strlen(name);

	while (*row) {
		size_t end = strcspn(row, "|");

		if (!strncmp(row, "LVM2_", 5) && !strncmp(row + 5, name, length) &&
		    row[5 + length] == '=')
			return arena_strndup(lvm->arena, row + 5 + length + 1,
					     end - 5 - length - 1);
		row += end + (row[end] == '|');
	}
	return NULL;
}

static int number_column(struct lvm *lvm, const char *row, const char *name,
			 unsigned long long *ret)
{
	const char *text = column(lvm, row, name);
	char *end = NULL;

	if (!text)
		return -EBADMSG;
	*ret = strtoull(text, &end, 10);
	return end == text ? -EBADMSG : 0;
}

/* Calls @take for each row of @report; other lines are lvm's warnings. */
static int each_row(struct lvm *lvm, const char *report,
		    int (*take)(struct lvm *lvm, const char *row))
{
	int r = 0;

	while (*report && r == 0) {
		size_t length;
		const char *row;

		report += strspn(report, " \t");
		length = strcspn(report, "\n");
		if (!strncmp(report, "LVM2_", 5)) {
			row = arena_strndup(lvm->arena, report, length);
			r = row ? take(lvm, row) : -ENOMEM;
		}
		report += length + (report[length] == '\n');
	}
	return r;
}

/* "/dev/cciss/c0d0" is "cciss!c0d0" in sysfs. */
static const char *device_number(struct lvm *lvm, const char *path)
{
	char attribute[PATH_MAX], text[32];
	char *name;

	if (strncmp(path, "/dev/", 5) != 0)
		return NULL;
	name = arena_strdup(lvm->arena, path + 5);
	for (char *c = name; c && *c; c++)
		if (*c == '/')
			*c = '!';
	snprintf(attribute, sizeof(attribute), "/sys/class/block/%s/dev", name ?: "");
	if (!name || sysroot_read(lvm->root, attribute, text, sizeof(text)) <= 0)
		return NULL;
	return arena_strdup(lvm->arena, text);
}

static int take_physical(struct lvm *lvm, const char *row)
{
	struct physical physical = {
		.name = column(lvm, row, "PV_NAME"),
		.group = column(lvm, row, "VG_NAME"),
	};

	/* One of no group may have no extents, and needs none. */
	if (!physical.name || number_column(lvm, row, "PE_START", &physical.start) < 0 ||
	    number_column(lvm, row, "VG_EXTENT_SIZE", &physical.extent) < 0)
		return 0;
	/* One that is missing is reported, too: as "[unknown]". */
	physical.number = device_number(lvm, physical.name);
	if (arena_grow(lvm->arena, &lvm->physicals, &lvm->physical_capacity,
		       lvm->physical_count + 1, sizeof(physical)) < 0)
		return -ENOMEM;
	lvm->physicals[lvm->physical_count++] = physical;
	return 0;
}

/* "/dev/sda2(384)" -> " 8:2 3147776", or NULL where that disk is not there. */
static const char *place(struct lvm *lvm, const char *device)
{
	const char *bracket = strrchr(device, '(');
	size_t length = bracket ? (size_t)(bracket - device) : 0;

	for (size_t i = 0; i < lvm->physical_count && length; i++) {
		const struct physical *p = &lvm->physicals[i];

		if (p->number && strlen(p->name) == length && !strncmp(p->name, device, length))
			return arena_printf(lvm->arena, " %s %llu", p->number,
					    p->start + strtoull(bracket + 1, NULL, 10) * p->extent);
	}
	return NULL;
}

/* All of "DEVICE(EXTENT),DEVICE(EXTENT)" behind each other; *@ret_count of them. NULL as place(). */
static const char *places(struct lvm *lvm, const char *devices, size_t *ret_count)
{
	const char *all = "";

	for (*ret_count = 0; *devices && all; ++*ret_count) {
		size_t length = strcspn(devices, ",");
		char *one = arena_strndup(lvm->arena, devices, length);
		const char *at = one ? place(lvm, one) : NULL;

		all = at ? arena_printf(lvm->arena, "%s%s", all, at) : NULL;
		devices += length + (devices[length] == ',');
	}
	return all;
}

static bool begins_with(const char *text, const char *prefix)
{
	return !strncmp(text, prefix, strlen(prefix));
}

/*
 * Whether a volume that lvs gives this attribute and this type of segment is more than a map of sectors:
 * then *@volume says why it is not mapped, and whether a layer in RAM would do.
 */
static bool is_refused(struct lvm *lvm, char kind, const char *segtype, struct lvm_volume *volume)
{
	const char *reason = NULL;

	if (kind == 'O' || kind == 'S')
		reason = "a snapshot is to be merged into it, which writes";
	else if (kind == 's')
		reason = "it is a snapshot, which is not read by itself";
	else if (strcmp(segtype, "linear") != 0 && strcmp(segtype, "striped") != 0)
		reason = arena_printf(lvm->arena,
				      "it is of the type %s, which cannot be activated without "
				      "a write",
				      segtype);
	else
		return false;
	volume->table = NULL;
	volume->reason = reason ?: "memory is short";
	/* What was tried. Of a snapshot's origin, its merge is all that the table is about. */
	volume->wants_ram =
		kind == 'O' || (kind != 's' && kind != 'S' && begins_with(segtype, "raid"));
	return true;
}

/* The device mapper's name: "vg-a/root" -> "vg--a-root" (lvm2: dm_build_dm_name()). */
static const char *mapped_name(struct lvm *lvm, const char *vg, const char *lv)
{
	char *name = arena_alloc(lvm->arena, 2 * (strlen(vg) + strlen(lv)) + 2), *to = name;

	for (const char *c = vg; name && *c; *to++ = *c++)
		if (*c == '-')
			*to++ = '-';
	if (name)
		*to++ = '-';
	for (const char *c = lv; name && *c; *to++ = *c++)
		if (*c == '-')
			*to++ = '-';
	if (name)
		*to = '\0';
	return name;
}

/* "LVM-" and both UUIDs without their dashes: what tells lvm that the device is its own. */
static const char *mapped_uuid(struct lvm *lvm, const char *vg, const char *lv)
{
	char *uuid = arena_printf(lvm->arena, "LVM-%s%s", vg, lv), *to = uuid ? uuid + 4 : NULL;

	for (const char *c = to; c && *c; c++)
		if (*c != '-')
			*to++ = *c;
	if (to)
		*to = '\0';
	return uuid;
}

/* The volume of a row: the last one, if this is one more segment of it. NULL: no memory. */
static struct lvm_volume *volume_of(struct lvm *lvm, const char *row)
{
	const char *vg = column(lvm, row, "VG_NAME"), *lv = column(lvm, row, "LV_NAME");
	const char *vg_uuid = column(lvm, row, "VG_UUID"), *lv_uuid = column(lvm, row, "LV_UUID");
	struct lvm_volume volume = { .group = vg, .table = "" }, *last = NULL;

	if (!vg || !lv || !vg_uuid || !lv_uuid)
		return NULL;
	volume.title = arena_printf(lvm->arena, "%s/%s", vg, lv);
	volume.name = mapped_name(lvm, vg, lv);
	volume.uuid = mapped_uuid(lvm, vg_uuid, lv_uuid);
	if (lvm->count)
		last = &lvm->volumes[lvm->count - 1];
	if (last && volume.uuid && !strcmp(last->uuid, volume.uuid))
		return last;
	if (!volume.title || !volume.name || !volume.uuid ||
	    arena_grow(lvm->arena, &lvm->volumes, &lvm->capacity, lvm->count + 1, sizeof(volume)) <
		    0)
		return NULL;
	lvm->volumes[lvm->count] = volume;
	return &lvm->volumes[lvm->count++];
}

/* Adds the segment of @row to the table of its volume. */
static int map_segment(struct lvm *lvm, const char *row, struct lvm_volume *volume)
{
	const char *devices = column(lvm, row, "DEVICES"), *at;
	unsigned long long start, size, chunk;
	size_t count;

	if (!devices || number_column(lvm, row, "SEG_START", &start) < 0 ||
	    number_column(lvm, row, "SEG_SIZE", &size) < 0 ||
	    number_column(lvm, row, "STRIPE_SIZE", &chunk) < 0)
		return -EBADMSG;
	at = places(lvm, devices, &count);
	if (!at || !count) {
		volume->table = NULL;
		volume->reason = "a disk of it is missing";
		return 0;
	}
	/* Linux: admin-guide/device-mapper/linear.rst, striped.rst. */
	volume->table = count == 1 ? arena_printf(lvm->arena, "%s%llu %llu linear%s\n",
						  volume->table, start, size, at)
				   : arena_printf(lvm->arena, "%s%llu %llu striped %zu %llu%s\n",
						  volume->table, start, size, count, chunk, at);
	return volume->table ? 0 : -ENOMEM;
}

static int take_segment(struct lvm *lvm, const char *row)
{
	const char *attributes = column(lvm, row, "LV_ATTR");
	const char *segtype = column(lvm, row, "SEGTYPE");
	struct lvm_volume *volume;

	if (!attributes || strlen(attributes) < ATTRIBUTES_LENGTH || !segtype)
		return -EBADMSG;
	if (attributes[ATTRIBUTE_SKIP] == 'k')
		return 0;
	volume = volume_of(lvm, row);
	if (!volume)
		return -ENOMEM;
	if (volume->reason || is_refused(lvm, attributes[ATTRIBUTE_KIND], segtype, volume))
		return 0;
	return map_segment(lvm, row, volume);
}

/* The disks of @volume's group. */
static int find_disks(struct lvm *lvm, struct lvm_volume *volume)
{
	size_t capacity = 0;

	for (size_t i = 0; i < lvm->physical_count; i++) {
		const struct physical *p = &lvm->physicals[i];

		if (!p->number || !p->group || strcmp(p->group, volume->group) != 0)
			continue;
		if (arena_grow(lvm->arena, &volume->disks, &capacity, volume->disk_count + 1,
			       sizeof(*volume->disks)) < 0)
			return -ENOMEM;
		volume->disks[volume->disk_count++] = p->name + strlen("/dev/");
	}
	return 0;
}

int lvm_volumes(const struct sysroot *root, struct arena *arena, const char *pvs, const char *lvs,
		struct lvm_volume **ret_volumes, size_t *ret_count)
{
	struct lvm lvm = { .root = root, .arena = arena };
	int r = each_row(&lvm, pvs, take_physical);

	if (r == 0)
		r = each_row(&lvm, lvs, take_segment);
	for (size_t i = 0; i < lvm.count && r == 0; i++)
		if (lvm.volumes[i].wants_ram)
			r = find_disks(&lvm, &lvm.volumes[i]);
	if (r < 0)
		return r;
	*ret_volumes = lvm.volumes;
	*ret_count = lvm.count;
	return 0;
}
