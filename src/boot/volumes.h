/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every block device on its way from "it is there" to "this is what it offers to boot": made
 * read-only, told apart, mounted, read. Each step runs in a child of its own, so that a disk that is
 * slow or dead delays nothing but itself.
 */
#pragma once

#include "boot/settings.h"
#include "loop/loop.h"
#include "offer/offer.h"
#include "storage/disk_class.h"
#include "sys/ops.h"

#include <stdbool.h>

#define VOLUMES_DIR "/run/kexit/mnt"

struct volumes;

/* One file system that was read. Valid until the loop goes on. */
struct volume_view {
	const char *name;		       /* "nvme0n1p2" */
	const char *label;		       /* "" for none */
	const char *uuid, *part_uuid, *mapped; /* the same; the last is the device mapper's name */
	const struct offer *offer;
	enum disk_class class;
	bool may_boot; /* by itself: kexit.bootdevs= names it */
};

/* @changed: what is offered, or what is waited for, is another. Of @settings, which must outlive it:
 * which disks come first, and after how long a step of a disk is no longer waited for (it is still
 * taken when it comes). */
int volumes_new(struct loop *loop, const struct sys *sys, const struct settings *settings,
		void (*changed)(void *context), void *context, struct volumes **ret_volumes);
void volumes_free(struct volumes *volumes);

/* The block device @name came or changed; one that is known and has been read stays as it is, unless
 * volumes_stop() cut a later reading of it. */
void volumes_look(struct volumes *volumes, const char *name);
void volumes_gone(struct volumes *volumes, const char *name);

/* Forgets what went, or was replaced, while nobody listened to the kernel's events. */
void volumes_check(struct volumes *volumes);

/* Ends what is under way: nothing shall be open when mounts are taken down. */
void volumes_stop(struct volumes *volumes);

/* Forgets all of them: they are to be looked at anew. What is mounted stays so. */
void volumes_reset(struct volumes *volumes);

/* Disks that are being looked at, without those that were for too long; these go to *@ret_slow,
 * and one of them to *@ret_name ("" for none). */
size_t volumes_busy(const struct volumes *volumes, size_t *ret_slow, const char **ret_name);

/*
 * True when nothing can come any more from what is known now that would be in front of @list: no disk
 * in front of its own is being looked at (or only one that is slow), and nothing is put together.
 * @list of NULL: behind all.
 */
bool volumes_is_settled(const struct volumes *volumes, const struct entry_list *list);

/* The file systems that were read, those first that kexit.bootdevs= names first, and else in the
 * stable order of the disks: how many, and each. */
size_t volumes_count(const struct volumes *volumes);
struct volume_view volumes_get(const struct volumes *volumes, size_t index);

/* Why a disk is not read that might have something, or not as it was left; one line; NULL: no such. */
const char *volumes_reason(const struct volumes *volumes);
