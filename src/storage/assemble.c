// SPDX-License-Identifier: GPL-2.0-or-later
/* mdadm and lvm, as programs; see assemble.h. */
#include "storage/assemble.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OUTPUT_SIZE 512

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

int assemble_lvm(const struct sys *sys, const char *const names[], size_t count, struct error *e)
{
	/* No archive nor backup of metadata, no udev to wait for, no lock files but in /run. */
	static char config[] =
		"global { metadata_read_only=1 locking_dir=\"/run/lock/lvm\" event_activation=0 } "
		"activation { udev_sync=0 udev_rules=0 monitoring=0 } "
		"backup { backup=0 archive=0 } devices { use_devicesfile=0 }";
	static char words[][20] = { "lvm",	 "vgchange",  "--activate", "y",
				    "--sysinit", "--devices", "--config" };
	char output[OUTPUT_SIZE] = "";
	char *devices = join_devices(names, count);
	char *argv[] = { words[0], words[1], words[2], words[3], words[4],
			 words[5], devices,  words[6], config,	 NULL };
	int r;

	if (!devices)
		return -ENOMEM;
	r = sys_run(sys, argv, output, sizeof(output));
	free(devices);
	if (r < 0)
		return no_program("lvm", "lvm2", "an LVM volume group", names[0], r, e);
	if (r > 0)
		return error_set(e, -EIO, "%s: LVM: %s", names[0], last_line(output));
	return 0;
}
