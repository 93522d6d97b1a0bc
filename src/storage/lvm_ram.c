// SPDX-License-Identifier: GPL-2.0-or-later
/* lvm on layers in RAM; see lvm_ram.h. */
#include "storage/lvm_ram.h"

#include "storage/disks.h"
#include "storage/overlay.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OUTPUT_SIZE 512

/* As little of a resynchronisation as there can be: all that it writes takes memory, and of what is
 * read nothing depends on it (Linux: Documentation/admin-guide/md.rst, in KiB a second). */
static void throttle(const struct sys *sys)
{
	sys_write(sys, "/proc/sys/dev/raid/speed_limit_min", "1");
	sys_write(sys, "/proc/sys/dev/raid/speed_limit_max", "1");
}

static void remove_layers(const struct sys *sys, const char *const names[], size_t count)
{
	while (count-- > 0)
		overlay_remove(sys, names[count]);
}

/* "/dev/dm-0,/dev/dm-1": the layers over all of @names, for --devices; to be freed. NULL: @e says why. */
static char *make_layers(const struct sys *sys, const char *const names[], size_t count,
			 struct error *e)
{
	char *devices = NULL, layer[DISK_NAME_SIZE];
	size_t length = 0;
	FILE *out = open_memstream(&devices, &length);
	int r = out ? 0 : error_set(e, -ENOMEM, "%s: %s", names[0], errno_text(ENOMEM));

	for (size_t i = 0; i < count && r == 0; i++) {
		r = overlay_make(sys, names[i], layer, e);
		if (r < 0)
			remove_layers(sys, names, i);
		else
			fprintf(out, "%s/dev/%s", i ? "," : "", layer);
	}
	if (out && fclose(out) != 0 && r == 0) {
		remove_layers(sys, names, count);
		r = error_set(e, -ENOMEM, "%s: %s", names[0], errno_text(ENOMEM));
	}
	if (r == 0)
		return devices;
	free(devices);
	return NULL;
}

/* "lvchange ... vg/a vg/b". No check of a pool's metadata by programs that are not there. */
static int run_lvchange(const struct sys *sys, const struct lvm_volume *volumes, size_t count,
			char *devices, char *output)
{
	static char config[] =
		"global { metadata_read_only=1 locking_dir=\"/run/lock/lvm\" event_activation=0 "
		"thin_check_executable=\"\" cache_check_executable=\"\" } "
		"activation { udev_sync=0 udev_rules=0 monitoring=0 } "
		"backup { backup=0 archive=0 } devices { use_devicesfile=0 }";
	static char words[][20] = { "lvm",	"lvchange",  "--activate",
				    "y",	"--sysinit", "--activationmode",
				    "complete", "--devices", "--config" };
	char **argv = calloc(12 + count, sizeof(*argv));
	size_t n = 0;
	int r;

	if (!argv)
		return -ENOMEM;
	for (size_t i = 0; i < 8; i++)
		argv[n++] = words[i];
	argv[n++] = devices;
	argv[n++] = words[8];
	argv[n++] = config;
	for (size_t i = 0; i < count; i++)
		if (volumes[i].wants_ram)
			argv[n++] = (char *)(uintptr_t)volumes[i].title;
	r = sys_run(sys, argv, output, OUTPUT_SIZE);
	free(argv);
	return r;
}

static const struct lvm_volume *first_wanted(const struct lvm_volume *volumes, size_t count)
{
	while (count > 1 && !volumes->wants_ram) {
		volumes++;
		count--;
	}
	return volumes;
}

int lvm_activate_in_ram(const struct sys *sys, const struct lvm_volume *volumes, size_t count,
			mount_load_module *load, struct error *e)
{
	const struct lvm_volume *first = first_wanted(volumes, count);
	char output[OUTPUT_SIZE] = "", *devices;
	const char *line;
	int r;

	load("loop");
	load("dm-snapshot");
	/* md's limits are there when md is. */
	load("dm-raid");
	throttle(sys);
	devices = make_layers(sys, first->disks, first->disk_count, e);
	if (!devices)
		return e->code;
	r = run_lvchange(sys, volumes, count, devices, output);
	free(devices);
	if (r == 0)
		return 0;
	remove_layers(sys, first->disks, first->disk_count);
	line = strrchr(output, '\n');
	return error_set(e, r < 0 ? r : -EIO, "lvm does not activate it in RAM: %s",
			 r < 0	? errno_text(r)
			 : line ? line + 1
				: output);
}
