// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who is in use, as the kernel says it: opening a block device O_EXCL answers EBUSY while a file
 * system, swap, dm, md or another exclusive owner has it; a VFIO group can be opened once.
 *
 * The answer for a whole disk covers its partitions: a claim on any of them makes the whole busy,
 * a claim on the whole makes all of them busy. So partitions are asked only below a busy disk.
 *
 * Asking claims the disk itself for a moment, and a mount at that moment fails with EBUSY. So a plan
 * that is only looked at does not ask; see scan().
 *
 * In a captured tree the answers are in /kexit-capture/claims, one a line: "vda1 busy",
 * "vda free", "vfio/12 busy", "sdb EACCES".
 */
#include "base/error.h"
#include "graph/scanner.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#define CLAIMS	     "/kexit-capture/claims"
#define ASK_TIMES    5
#define ASK_PAUSE_MS 20
#define MAX_ERRNO    133

static int errno_by_name(const char *name)
{
	for (int code = 1; code <= MAX_ERRNO; code++) {
		const char *known = strerrorname_np(code);

		if (known && !strcmp(known, name))
			return -code;
	}
	return -ENODATA;
}

int scan_claims_load(struct scanner *s)
{
	char *line, *next;
	int code;

	if (!sysroot_is_captured(s->root))
		return 0;
	s->answers = map_new();
	if (!s->answers)
		return -ENOMEM;
	code = sysroot_read_all(s->root, CLAIMS, &s->answers_text);
	if (code)
		return code == -ENOMEM ? code : 0;
	for (line = s->answers_text; *line; line = next) {
		char *space = strchr(line, ' ');

		next = line + strcspn(line, "\n");
		if (*next)
			*next++ = '\0';
		if (!space || line[0] == '#' || space > next)
			continue;
		*space = '\0';
		code = map_put(s->answers, line, space + 1);
		if (code)
			return code;
	}
	return 0;
}

static int captured_answer(const struct scanner *s, const char *name)
{
	const char *answer = map_get(s->answers, name);

	if (!answer)
		return -ENODATA;
	if (!strcmp(answer, "free"))
		return 0;
	return !strcmp(answer, "busy") ? 1 : errno_by_name(answer);
}

/* A static /dev may hold a node of that name with another device's number. */
static int check_node(int fd, const struct disk *disk)
{
	struct stat st;

	if (fstat(fd, &st))
		return -errno;
	if (!S_ISBLK(st.st_mode) || st.st_rdev != makedev(disk->major, disk->minor))
		return -ENODEV;
	return 0;
}

/*
 * Opens a node that answers EBUSY to a second opener. Releases ask at the same time, each from its
 * process, and two controllers of one NVMe subsystem, or two functions of one VFIO group, ask for
 * the same node: one then finds the other's question, and asks again. A user stays.
 */
static int open_alone(const struct scanner *s, const char *path, int flags)
{
	static const struct timespec pause = { .tv_nsec = ASK_PAUSE_MS * 1000000L };
	int fd = sysroot_openat(s->root, path, flags);

	for (int i = 0; fd == -EBUSY && s->asks_again && i < ASK_TIMES; i++) {
		nanosleep(&pause, NULL);
		fd = sysroot_openat(s->root, path, flags);
	}
	return fd;
}

int claim_ask(const struct scanner *s, const struct disk *disk)
{
	char path[SCAN_PATH];
	int fd, code;

	if (s->answers)
		return captured_answer(s, disk->name);
	snprintf(path, sizeof(path), "/dev/%s", disk->name);
	/* sysfs has '!' where a name has a slash ("cciss!c0d0"). */
	for (char *at = path; (at = strchr(at, '!'));)
		*at = '/';
	/* O_NONBLOCK: a drive is not asked for its medium, and no tray moves. */
	fd = open_alone(s, path, O_RDONLY | O_EXCL | O_NONBLOCK);
	if (fd < 0)
		return fd == -EBUSY ? 1 : fd;
	code = check_node(fd, disk);
	close(fd);
	return code;
}

void claim_describe(const struct disk *disk, char *words, size_t size)
{
	if (disk->claim == -ENODATA)
		snprintf(words, size, "whether %s is in use was not captured", disk->title);
	else
		snprintf(words, size, "whether %s is in use could not be asked: %s on /dev/%s",
			 disk->title, errno_name(disk->claim), disk->name);
}

static int vfio_open(const struct scanner *s, const char *name)
{
	char path[SCAN_PATH];
	int fd;

	if (s->answers)
		return captured_answer(s, name);
	snprintf(path, sizeof(path), "/dev/%s", name);
	fd = open_alone(s, path, O_RDWR);
	if (fd < 0)
		return fd == -EBUSY ? 1 : fd;
	close(fd);
	return 0;
}

int claim_ask_vfio(const struct scanner *s, const char *group)
{
	char name[64];
	int answer;

	snprintf(name, sizeof(name), "vfio/%s", group);
	answer = vfio_open(s, name);
	if (answer != -ENOENT && answer != -ENODATA)
		return answer;
	snprintf(name, sizeof(name), "vfio/noiommu-%s", group);
	return vfio_open(s, name);
}

/* An empty drive answers ENOMEDIUM, or ENXIO (floppy): nobody can have it in use. */
static void ask(struct scanner *s, struct disk *disk)
{
	disk->is_asked = true;
	disk->claim = claim_ask(s, disk);
	if (disk->claim != -ENOMEDIUM && disk->claim != -ENXIO)
		return;
	disk->claim = 0;
	disk->is_empty = true;
}

int scan_claims(struct scanner *s)
{
	struct graph *graph = s->graph;

	if (!s->may_claim)
		return 0;
	/* A disk that no device carries puts none in use by itself: its slaves are asked. */
	for (size_t i = 0; i < graph->disk_count; i++)
		if (!graph->disks[i]->is_partition && graph->disks[i]->owner_count)
			ask(s, graph->disks[i]);
	for (size_t i = 0; i < graph->disk_count; i++) {
		struct disk *disk = graph->disks[i];

		if (!disk->is_partition)
			continue;
		disk->claim = disk->whole->claim;
		disk->is_asked = disk->whole->is_asked;
		if (disk->whole->claim == 1 && disk->owner_count)
			ask(s, disk);
		if (disk->claim == 1)
			disk->whole->part_busy++;
	}
	return 0;
}
