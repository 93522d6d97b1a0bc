// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What processes have mapped: a BAR, or a node whose descriptor is closed by now. Many tools for FPGAs
 * and the like map a resourceN and close it.
 *
 * Reading a process' maps waits for the lock of its memory, which one that is stuck in a page fault
 * keeps. So a child reads, and is given up when it says nothing; what could not be read is unknown.
 */
#include "graph/scanner.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SILENCE_MS 2000
#define RETRIES	   20
#define RETRY_MS   50
#define MAX_SILENT 3 /* processes; a machine with more of them is not to be understood */
#define LINE_SIZE  (SCAN_PATH + 128)

/* "7f00-7f10 rw-s 00000000 00:05 1234   /dev/hfi1_0": its path, or NULL where it is of no interest. */
static const char *mapping_path(const char *line)
{
	const char *path = strchr(line, '/');

	if (!path)
		return NULL;
	if (is_resource(path))
		return path;
	return !strncmp(path, "/dev/", 5) && strncmp(path, "/dev/zero", 9) != 0 &&
			       strncmp(path, "/dev/shm/", 9) != 0
		       ? path
		       : NULL;
}

/* Calls @met with each line of @pid's maps that matters. */
static int read_maps(const struct sysroot *root, const char *pid,
		     int (*met)(void *context, const char *pid, char *line), void *context)
{
	char path[64], *text, *line, *save;
	int code;

	snprintf(path, sizeof(path), "/proc/%.20s/maps", pid);
	code = sysroot_read_all(root, path, &text);
	/* It ended, or is the kernel's own. */
	if (code == -ENOENT || code == -ESRCH)
		return 0;
	if (code)
		return code;
	for (line = strtok_r(text, "\n", &save); line && !code; line = strtok_r(NULL, "\n", &save))
		if (mapping_path(line))
			code = met(context, pid, line);
	free(text);
	return code;
}

/* By its number, as in scan_processes.c: the name may be a container's. */
static int use_mapping(struct scanner *s, const struct node_holder *holder, const char *line)
{
	unsigned long long from, to;
	char folder[64], name[64];
	bool is_block;
	dev_t number;
	int fd, code;

	if (sysroot_is_captured(s->root))
		return node_held_by_name(s, holder);
	if (sscanf(line, "%llx-%llx", &from, &to) != 2)
		return 0;
	snprintf(folder, sizeof(folder), "/proc/%.20s/map_files", holder->pid);
	fd = sysroot_openat(s->root, folder, O_PATH | O_DIRECTORY);
	if (fd < 0)
		return 0;
	snprintf(name, sizeof(name), "%llx-%llx", from, to);
	code = file_device_at(fd, name, &is_block, &number);
	close(fd);
	return code ? 0 : node_held(s, holder, is_block, number);
}

static int on_mapping(void *context, const char *pid, char *line)
{
	struct scanner *s = context;
	const char *perms = strchr(line, ' ');
	struct node_holder holder = { .pid = pid, .node = mapping_path(line) };

	if (!perms || !holder.node)
		return 0;
	holder.writes = !strncmp(perms + 2, "w", 1) && strcspn(perms, "s") < 5;
	return is_resource(holder.node) ? resource_held(s, &holder) : use_mapping(s, &holder, line);
}

/*
 * The child: "42 7f00-7f10 ..." for what it found; where it is stands in memory that both have.
 */

struct place {
	long at;     /* the process it is at, */
	long done;   /* and the last that it has done with */
	bool denied; /* not all may be read */
};

static int send_line(void *context, const char *pid, char *line)
{
	fprintf(context, "%s %.*s\n", pid, LINE_SIZE - 32, line);
	return 0;
}

/* Ends with 0, or with 1 where the process it was at could not be read for a lack of something. */
static void run_child(const struct sysroot *root, struct place *place, int fd)
{
	DIR *dir = sysroot_opendir(root, "/proc");
	FILE *out = fdopen(fd, "w");
	struct dirent *entry;
	int code = dir && out ? 0 : -ENOMEM;

	/* What it found before it is given up must not be lost. */
	if (out)
		setlinebuf(out);
	while (!code && (entry = readdir(dir))) {
		long pid = isdigit((unsigned char)entry->d_name[0])
				   ? strtol(entry->d_name, NULL, 10)
				   : 0;

		if (pid <= place->done)
			continue;
		__atomic_store_n(&place->at, pid, __ATOMIC_RELAXED);
		code = read_maps(root, entry->d_name, send_line, out);
		if (code == -EACCES || code == -EPERM) {
			place->denied = true;
			code = 0;
		}
		if (!code)
			place->done = pid;
	}
	_exit(code ? 1 : 0);
}

struct reader {
	struct scanner *s;
	int fd;
	const struct place *place;
	char text[LINE_SIZE];
	size_t length;
};

static int take_lines(struct reader *reader)
{
	char *end;
	int code = 0;

	while (!code && (end = memchr(reader->text, '\n', reader->length))) {
		size_t used = (size_t)(end - reader->text) + 1;
		char *space;

		*end = '\0';
		space = strchr(reader->text, ' ');
		if (space) {
			*space = '\0';
			code = on_mapping(reader->s, reader->text, space + 1);
		}
		reader->length -= used;
		memmove(reader->text, reader->text + used, reader->length);
	}
	/* Longer than any path: what is left of it will not be understood, and does no harm. */
	if (reader->length == sizeof(reader->text))
		reader->length = 0;
	return code;
}

/* 1 when there is something to read, -ETIMEDOUT when the child has been at one process for long. */
static int wait_for_child(const struct reader *reader)
{
	struct pollfd poll_fd = { .fd = reader->fd, .events = POLLIN };
	long before;
	int ready;

	do {
		before = __atomic_load_n(&reader->place->at, __ATOMIC_RELAXED);
		ready = poll(&poll_fd, 1, SILENCE_MS);
		if (ready > 0)
			return 1;
	} while ((ready < 0 && errno == EINTR) ||
		 before != __atomic_load_n(&reader->place->at, __ATOMIC_RELAXED));
	return -ETIMEDOUT;
}

/* 0 at the end. */
static int read_child(struct reader *reader)
{
	int code = wait_for_child(reader);

	while (code > 0) {
		ssize_t n = read(reader->fd, reader->text + reader->length,
				 sizeof(reader->text) - reader->length);

		if (n <= 0)
			return 0;
		reader->length += (size_t)n;
		code = take_lines(reader) ?: wait_for_child(reader);
	}
	return code;
}

/* Reads the processes behind place->done. */
static int read_from(struct scanner *s, struct place *place)
{
	struct reader reader = { .s = s, .place = place };
	int pipe_fds[2], status = 0, code;
	pid_t child;

	if (pipe2(pipe_fds, O_CLOEXEC))
		return -errno;
	child = fork();
	if (child < 0) {
		code = -errno;
		close(pipe_fds[0]);
		close(pipe_fds[1]);
		return code;
	}
	if (!child) {
		close(pipe_fds[0]);
		run_child(s->root, place, pipe_fds[1]);
	}
	close(pipe_fds[1]);
	reader.fd = pipe_fds[0];
	code = read_child(&reader);
	close(reader.fd);
	/* It waits for a lock that a signal ends; were it not so, nobody waits for it here. */
	if (code)
		kill(child, SIGKILL);
	waitpid(child, &status, code ? WNOHANG : 0);
	return code ?: status ? -EIO : 0;
}

static int mark_silent(struct scanner *s, long pid)
{
	struct graph *graph = s->graph;
	char number[24], words[256];
	const char *who;
	int code = 0;

	snprintf(number, sizeof(number), "%ld", pid);
	who = process_name(s, number);
	if (!who)
		return -ENOMEM;
	snprintf(words, sizeof(words),
		 "whether %s has it mapped could not be asked: no answer in %u s", who,
		 SILENCE_MS / 1000);
	for (size_t i = 0; i < graph->device_count && !code; i++)
		if (graph->devices[i]->pci && !graph->devices[i]->pci->header_type)
			code = graph_add_use(graph, graph->devices[i], USE_UNKNOWN, words);
	return code;
}

static int read_captured(struct scanner *s)
{
	DIR *dir = sysroot_opendir(s->root, "/proc");
	struct dirent *entry;
	int code = 0;

	while (dir && !code && (entry = readdir(dir)))
		if (isdigit((unsigned char)entry->d_name[0]))
			code = read_maps(s->root, entry->d_name, on_mapping, s);
	if (dir)
		closedir(dir);
	return code;
}

static int read_live(struct scanner *s, struct place *place)
{
	static const struct timespec pause = { .tv_nsec = RETRY_MS * 1000000L };
	int code = -EAGAIN, silent = 0;

	for (int i = 0; i < RETRIES && silent < MAX_SILENT && code && code != -ENOMEM; i++) {
		code = read_from(s, place);
		if (code == -ETIMEDOUT) {
			silent++;
			place->done = place->at;
			if (mark_silent(s, place->at))
				return -ENOMEM;
		} else if (code) {
			/* Short of processes or descriptors, while releases are under way. */
			nanosleep(&pause, NULL);
		}
	}
	if (code == -ENOMEM)
		return code;
	if (code)
		s->unseen = "/proc/*/maps could not be read";
	else if (place->denied && !s->unseen)
		s->unseen = "EACCES on /proc/*/maps";
	return 0;
}

int scan_maps(struct scanner *s)
{
	struct place *place;
	int code;

	if (sysroot_is_captured(s->root))
		return read_captured(s);
	place = mmap(NULL, sizeof(*place), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		     0);
	if (place == MAP_FAILED)
		return -ENOMEM;
	code = read_live(s, place);
	munmap(place, sizeof(*place));
	return code;
}
