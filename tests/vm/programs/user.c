// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What uses a device in ways that a shell cannot: the tests' guests run it, static, as /lab/user.
 *
 *   user map FILE              maps the file's first page, closes it, says so, and stays
 *   user suspend NAME DISK     a device-mapper device NAME over the disk's first MiB, suspended
 *   user resume NAME
 *   user remount TIMES DISK FOLDER TYPE
 *                              mounts and unmounts; says how often that failed, and by what
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <unistd.h>

#define SECTORS 2048

struct request {
	struct dm_ioctl head;
	struct dm_target_spec spec;
	char parameters[256];
};

static int fail(const char *what)
{
	fprintf(stderr, "user: %s: %s\n", what, strerror(errno));
	return 1;
}

static int map(const char *path)
{
	int fd = open(path, O_RDWR | O_SYNC);

	if (fd < 0)
		return fail(path);
	if (mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED)
		return fail("mmap");
	close(fd);
	puts("mapped");
	fflush(stdout);
	pause();
	return 0;
}

static int dm(int control, unsigned long command, const char *name, unsigned int flags,
	      const char *disk)
{
	struct request request = { .head = { .version = { 4, 0, 0 }, .flags = flags } };

	request.head.data_size = sizeof(request);
	request.head.data_start = sizeof(request.head);
	snprintf(request.head.name, sizeof(request.head.name), "%s", name);
	if (disk) {
		request.head.target_count = 1;
		request.spec.length = SECTORS;
		strcpy(request.spec.target_type, "linear");
		snprintf(request.parameters, sizeof(request.parameters), "%s 0", disk);
	}
	return ioctl(control, command, &request);
}

static int device_mapper(const char *verb, const char *name, const char *disk)
{
	int control = open("/dev/mapper/control", O_RDWR);

	if (control < 0)
		return fail("/dev/mapper/control");
	if (!strcmp(verb, "resume"))
		return dm(control, DM_DEV_SUSPEND, name, 0, NULL) ? fail(verb) : 0;
	if (dm(control, DM_DEV_CREATE, name, 0, NULL) ||
	    dm(control, DM_TABLE_LOAD, name, 0, disk) ||
	    dm(control, DM_DEV_SUSPEND, name, 0, NULL) ||
	    dm(control, DM_DEV_SUSPEND, name, DM_SUSPEND_FLAG, NULL))
		return fail(verb);
	return 0;
}

static int remount(int times, const char *disk, const char *folder, const char *type)
{
	int failed = 0, last = 0;

	for (int i = 0; i < times; i++) {
		if (mount(disk, folder, type, 0, NULL)) {
			failed++;
			last = errno;
			continue;
		}
		umount(folder);
	}
	printf("%d of %d failed: %s\n", failed, times, strerror(last));
	return 0;
}

int main(int argc, char *argv[])
{
	if (argc == 3 && !strcmp(argv[1], "map"))
		return map(argv[2]);
	if (argc == 4 && !strcmp(argv[1], "suspend"))
		return device_mapper(argv[1], argv[2], argv[3]);
	if (argc == 3 && !strcmp(argv[1], "resume"))
		return device_mapper(argv[1], argv[2], NULL);
	if (argc == 6 && !strcmp(argv[1], "remount"))
		return remount(atoi(argv[2]), argv[3], argv[4], argv[5]);
	fputs("user: see the head of tests/vm/programs/user.c\n", stderr);
	return 2;
}
