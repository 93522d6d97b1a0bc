// SPDX-License-Identifier: GPL-2.0-or-later
/* Mounting without a write; see mount.h. */
#include "storage/mount.h"

#include "storage/journal.h"
#include "storage/overlay.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

static int refused(const char *name, const struct storage_type *type, int code, struct error *e)
{
	if (code == -ENODEV)
		return error_set(e, code,
				 "%s: this kernel cannot read %s, and no module of the image does: "
				 "build the image with it",
				 name, type->filesystem);
	/* The log that was not replayed, or a feature from a newer kernel: both are said in the log. */
	return error_set(e, code, "%s: %s cannot be mounted: %s; see the kernel log", name,
			 type->filesystem, errno_text(code));
}

int storage_mount(const struct sys *sys, const struct mount_source *source,
		  const struct storage_type *type, const char *more, const char *target,
		  struct error *e)
{
	char path[PATH_MAX], options[256];
	const char *comma = *source->options && more ? "," : "";
	int r;

	snprintf(path, sizeof(path), "/dev/%s", source->disk);
	snprintf(options, sizeof(options), "%s%s%s", source->options, comma, more ?: "");
	r = sys_mount(sys, path, target, type->filesystem, options);
	return r < 0 ? refused(source->disk, type, r, e) : 0;
}

static struct mount_source source_of(const char *name, const char *options)
{
	struct mount_source source = { .options = options };

	snprintf(source.disk, sizeof(source.disk), "%s", name);
	return source;
}

static void remove_overlays(const struct sys *sys, const char *const names[], size_t count)
{
	while (count-- > 0)
		overlay_remove(sys, names[count]);
}

/* A layer over each; that over the first one to *@ret_layer. */
static int make_overlays(const struct sys *sys, const char *const names[], size_t count,
			 const struct storage_type *type, char *ret_layer, struct error *e)
{
	char layer[DISK_NAME_SIZE];
	int r = 0;

	for (size_t i = 0; i < count && r == 0; i++) {
		r = overlay_make(sys, names[i], layer, e);
		if (r < 0) {
			remove_overlays(sys, names, i);
			return r;
		}
		if (i == 0)
			strcpy(ret_layer, layer);
		/* The kernel is to find the members of a btrfs in their layers. */
		if (type->kind == STORAGE_BTRFS)
			sys_btrfs_ready(sys, layer);
	}
	return r;
}

static void say_replayed(const struct sys *sys, const char *name, const struct storage_type *type)
{
	char line[256];

	snprintf(line, sizeof(line), "kexit-boot: %s: the journal of its %s was replayed in RAM",
		 name, type->filesystem);
	sys_kmsg(sys, line);
}

static int mount_replayed(const struct sys *sys, const char *const names[], size_t count,
			  const struct storage_type *type, const char *more, const char *target,
			  struct mount_source *ret_source, struct error *e)
{
	char layer[DISK_NAME_SIZE];
	struct mount_source source;
	int r = make_overlays(sys, names, count, type, layer, e);

	if (r < 0)
		return r;
	source = source_of(layer, type->replay_options);
	r = storage_mount(sys, &source, type, more, target, e);
	if (r < 0) {
		remove_overlays(sys, names, count);
		/* It is known to the kernel by the layer, which is gone. */
		for (size_t i = 0; i < count && type->kind == STORAGE_BTRFS; i++)
			sys_btrfs_ready(sys, names[i]);
		return r;
	}
	say_replayed(sys, names[0], type);
	*ret_source = source;
	return 0;
}

/*
 * XFS has no mark: mounted from a read-only disk it refuses a log that is to be replayed, and takes one
 * that is not (Linux: xfs_log_recover.c, xlog_recover()). 0: mounted as *@ret_source.
 */
static int ask_kernel(const struct sys *sys, const char *name, const struct storage_type *type,
		      const char *more, const char *target, struct mount_source *ret_source)
{
	const struct mount_source source = source_of(name, type->replay_options);
	struct error e = ERROR_NONE;
	int r = storage_mount(sys, &source, type, more, target, &e);

	if (r == 0)
		*ret_source = source;
	return r;
}

int storage_mount_recent(const struct sys *sys, const char *const names[], size_t count,
			 const struct storage_type *type, const char *more, const char *target,
			 mount_load_module *load, struct mount_source *ret_source,
			 struct error *note, struct error *e)
{
	const struct mount_source source = source_of(names[0], type->options);
	enum journal_state state = journal_look(sys->root, names[0], type);
	struct error why = ERROR_NONE;
	int r;

	if (state == JOURNAL_UNKNOWN) {
		r = ask_kernel(sys, names[0], type, more, target, ret_source);
		if (r == 0)
			return 0;
		state = r == -EROFS ? JOURNAL_DIRTY : JOURNAL_CLEAN;
	}
	if (state == JOURNAL_DIRTY) {
		load("loop");
		load("dm-snapshot");
		if (mount_replayed(sys, names, count, type, more, target, ret_source, &why) == 0)
			return 0;
		error_set(note, why.code,
			  "%s was not unmounted, and is shown as before its last changes: %s",
			  names[0], why.text);
	}
	r = storage_mount(sys, &source, type, more, target, e);
	if (r == 0)
		*ret_source = source;
	return r;
}
