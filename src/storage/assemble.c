// SPDX-License-Identifier: GPL-2.0-or-later
/* Arrays by mdadm, volumes by the device mapper from what lvm reports; see assemble.h. */
#include "storage/assemble.h"

#include "base/arena.h"
#include "storage/disks.h"
#include "storage/lvm.h"
#include "storage/lvm_ram.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OUTPUT_SIZE 512
#define REPORT_SIZE (256 << 10) /* of a thousand volumes */

/* The last line says what went wrong; those before it are warnings. */
static const char *last_line(const char *output)
{
	const char *line = strrchr(output, '\n');

	return line ? line + 1 : output;
}

static int no_program(const char *program, const char *package, const char *what, const char *name,
		      int code, struct error *e)
{
	return error_set(e, code, "%s: %s, and %s cannot be run (%s): build the image with %s",
			 name, what, program, errno_text(code), package);
}

/* Writing the array's state ("clean", resync positions) waits for a write that never comes here. */
static void start_read_only(const struct sys *sys)
{
	/* Without md there is no such file, and mdadm then says that there is none. */
	sys_write(sys, "/sys/module/md_mod/parameters/start_ro", "1");
}

/* True when the array runs; else it is taken apart again, since one that is half put together takes no
 * more members by --assemble. */
static bool is_started(const struct sys *sys, unsigned int number)
{
	char path[64], state[32];

	snprintf(path, sizeof(path), "/sys/class/block/md%u/md/array_state", number);
	if (sysroot_read(sys->root, path, state, sizeof(state)) <= 0)
		return false;
	if (strcmp(state, "inactive") != 0 && strcmp(state, "clear") != 0)
		return true;
	sys_write(sys, path, "clear");
	return false;
}

/* Without --run mdadm puts together what lacks members, and does not start it (mdadm(8)). */
static int run_mdadm(const struct sys *sys, const char *device, const char *const names[],
		     size_t count, bool degraded, char *output)
{
	char **argv = calloc(count + 6, sizeof(*argv));
	size_t n = 0;
	int r;

	if (!argv)
		return -ENOMEM;
	argv[n++] = strdup("mdadm");
	argv[n++] = strdup("--assemble");
	argv[n++] = strdup("--readonly");
	if (degraded)
		argv[n++] = strdup("--run");
	argv[n++] = strdup(device);
	for (size_t i = 0; i < count; i++)
		if (asprintf(&argv[n++], "/dev/%s", names[i]) < 0)
			argv[n - 1] = NULL;
	r = sys_run(sys, argv, output, OUTPUT_SIZE);
	for (size_t i = 0; i < n; i++)
		free(argv[i]);
	free(argv);
	return r;
}

int assemble_md(const struct sys *sys, unsigned int number, const char *const names[], size_t count,
		bool degraded, struct error *e)
{
	char device[32], output[OUTPUT_SIZE] = "";
	int r;

	snprintf(device, sizeof(device), "/dev/md%u", number);
	start_read_only(sys);
	r = run_mdadm(sys, device, names, count, degraded, output);
	if (r < 0)
		return no_program("mdadm", "mdadm", "a part of an md array", names[0], r, e);
	/* Its status does not tell an array that waits for members from one that runs. */
	if (is_started(sys, number))
		return 0;
	return error_set(e, degraded ? -EIO : -EAGAIN, "%s of %s%s: not started: %s", device,
			 names[0], count > 1 ? " and others" : "", last_line(output));
}

/* "/dev/a,/dev/b" for --devices: lvm would otherwise open every disk, and hang with a dead one. */
static char *join_devices(const char *const names[], size_t count)
{
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);

	if (!out)
		return NULL;
	for (size_t i = 0; i < count; i++)
		fprintf(out, "%s/dev/%s", i ? "," : "", names[i]);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

/* Runs `lvm @report` on the disks @devices with these @columns and @options; -ENOMEM, or as
 * sys_run(). What it printed is in *@ret_output, which the caller frees. */
static int run_report(const struct sys *sys, const char *report, const char *columns,
		      const char *sort, char *devices, char **ret_output)
{
	/* No lock files, no question to the kernel's driver, no list of disks that belong here. */
	static char config[] =
		"global { metadata_read_only=1 locking_dir=\"/run/lock/lvm\" event_activation=0 } "
		"backup { backup=0 archive=0 } devices { use_devicesfile=0 }";
	char words[][20] = {
		"lvm",	      "--readonly",	"--driverloaded", "n",	    "--noheadings",
		"--unquoted", "--nameprefixes", "--separator",	  "|",	    "--units",
		"s",	      "--nosuffix",	"--options",	  "--sort", "--devices",
		"--config"
	};
	char *name = strdup(report), *fields = strdup(columns), *keys = strdup(sort);
	char *output = calloc(1, REPORT_SIZE);
	char *argv[] = { words[0],  name,      words[1], words[2],  words[3], words[4],
			 words[5],  words[6],  words[7], words[8],  words[9], words[10],
			 words[11], words[12], fields,	 words[13], keys,     words[14],
			 devices,   words[15], config,	 NULL };
	int r = name && fields && keys && output ? sys_run(sys, argv, output, REPORT_SIZE)
						 : -ENOMEM;

	free(name);
	free(fields);
	free(keys);
	*ret_output = output;
	return r;
}

static int report_failed(const char *name, int r, const char *output, struct error *e)
{
	if (r < 0)
		return no_program("lvm", "lvm2", "an LVM volume group", name, r, e);
	return error_set(e, -EIO, "%s: LVM: %s", name, last_line(output ?: ""));
}

/* lvm ends with 5 where one group of several is not to be read, and has reported the others. */
static int read_volumes(const struct sys *sys, struct arena *arena, const char *name, char *devices,
			struct lvm_volume **ret_volumes, size_t *ret_count, struct error *e)
{
	char *pvs = NULL, *lvs = NULL;
	int r = run_report(sys, "pvs", LVM_PVS_COLUMNS, "pv_name", devices, &pvs);

	if (r)
		r = report_failed(name, r, pvs, e);
	if (r == 0) {
		r = run_report(sys, "lvs", LVM_LVS_COLUMNS, "vg_name,lv_name,seg_start", devices,
			       &lvs);
		if (r < 0)
			r = report_failed(name, r, lvs, e);
	}
	if (r >= 0) {
		int parsed = lvm_volumes(sys->root, arena, pvs, lvs, ret_volumes, ret_count);

		if (parsed < 0)
			r = error_set(e, parsed, "%s: LVM: its reports are not understood: %s",
				      name, errno_text(parsed));
		else if (r > 0)
			report_failed(name, r, lvs, e);
	}
	free(pvs);
	free(lvs);
	return r < 0 ? r : 0;
}

/* One that is there from an earlier look stays as it is. */
static int map_volume(const struct sys *sys, const struct lvm_volume *volume, struct error *e)
{
	int r;

	if (!volume->table && !volume->reason)
		return 0;
	if (!volume->table)
		return error_set(e, -ENOTSUP, "%s: this LVM volume cannot be read: %s",
				 volume->title, volume->reason);
	r = sys_dm_create(sys, volume->name, volume->uuid, volume->table, true);
	if (r == 0 || r == -EBUSY)
		return 0;
	return error_set(e, r, "%s: the device mapper does not take this LVM volume: %s",
			 volume->title, errno_text(r));
}

/* One line names them all: each is a system that somebody may look for. */
static void add_failure(struct error *all, const struct error *one)
{
	size_t length = strlen(all->text);

	if (!all->code)
		*all = *one;
	else
		snprintf(all->text + length, sizeof(all->text) - length, "; %s", one->text);
}

/* Of the @count @volumes, which are of one group, those that a layer in RAM makes readable have no reason
 * against them any more; the others' has another half. */
static void try_in_ram(const struct sys *sys, struct arena *arena, struct lvm_volume *volumes,
		       size_t count, mount_load_module *load)
{
	struct error e = ERROR_NONE;
	char disk[DISK_NAME_SIZE];
	size_t wanted = 0;
	int r;

	for (size_t i = 0; i < count; i++) {
		struct lvm_volume *volume = &volumes[i];

		/* It is active from an earlier look. */
		if (volume->wants_ram && disk_find_mapped(sys->root, volume->name, disk) == 0) {
			volume->wants_ram = false;
			volume->reason = NULL;
		}
		wanted += volume->wants_ram;
	}
	if (!wanted)
		return;
	r = lvm_activate_in_ram(sys, volumes, count, load, &e);
	for (size_t i = 0; i < count; i++)
		if (volumes[i].wants_ram)
			volumes[i].reason =
				r < 0 ? arena_printf(arena, "%s, and %s", volumes[i].reason, e.text)
				      : NULL;
}

static void map_all(const struct sys *sys, struct arena *arena, struct lvm_volume *volumes,
		    size_t count, mount_load_module *load, struct error *e)
{
	for (size_t i = 0, end; i < count; i = end) {
		for (end = i + 1; end < count; end++)
			if (strcmp(volumes[end].group, volumes[i].group) != 0)
				break;
		try_in_ram(sys, arena, &volumes[i], end - i, load);
	}
	for (size_t i = 0; i < count; i++) {
		struct error one = ERROR_NONE;

		if (map_volume(sys, &volumes[i], &one) < 0)
			add_failure(e, &one);
	}
}

int assemble_lvm(const struct sys *sys, const char *const names[], size_t count,
		 mount_load_module *load, struct error *e)
{
	struct arena *arena = arena_new();
	char *devices = join_devices(names, count);
	struct lvm_volume *volumes = NULL;
	size_t volume_count = 0;
	int r = arena && devices ? 0 : -ENOMEM;

	if (r == 0)
		r = read_volumes(sys, arena, names[0], devices, &volumes, &volume_count, e);
	map_all(sys, arena, volumes, volume_count, load, e);
	free(devices);
	arena_free(arena);
	return r ?: e->code;
}
