// SPDX-License-Identifier: GPL-2.0-or-later
/* The second load; see spare.h. */
#include "across/spare.h"

#include "across/carried.h"
#include "host/host.h"
#include "image/cmdline.h"
#include "image/file.h"
#include "image/initrd.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Left for all that is no image. */
#define SPARE_ROOM  (64ull << 20)

/* The initrd joined with what follows, both files read by the kernel, and the image that it makes. */
#define LOAD_COPIES 3

/* Where the first load took longer, a person waits for the jump rather than for a record. It read its files
 * from a disk, which the second one does not: that is the faster one. */
#define LOAD_MS_MAX 30000

static const char *const names[] = { "kernel", "initrd", "cmdline", "load-ms" };
enum { KERNEL, INITRD, CMDLINE, LOAD_MS };

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static const char *place(char *path, size_t size, const char *environment, const char *name)
{
	snprintf(path, size, "%s" SPARE_FOLDER "/%s", environment, name);
	return path;
}

/* True where the kernel says that less than @bytes can be had; not where it does not say. */
static bool memory_is_short(const struct sysroot *root, unsigned long long bytes)
{
	char *text = NULL;
	const char *line;
	bool is_short = false;

	if (sysroot_read_all(root, "/proc/meminfo", &text) < 0)
		return false;
	line = strstr(text, "MemAvailable:");
	if (line)
		is_short = strtoull(line + strlen("MemAvailable:"), NULL, 10) << 10 < bytes;
	free(text);
	return is_short;
}

/* ---- kept */

static int open_new(const char *environment, const char *name, struct error *e)
{
	char path[PATH_MAX];
	int fd = open(place(path, sizeof(path), environment, name),
		      O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	return fd < 0 ? error_set(e, -errno, "%s: %s", path, errno_text(errno)) : fd;
}

static int keep_range(const char *environment, const char *name, const struct file_range *range,
		      struct error *e)
{
	int fd = open_new(environment, name, e), r;

	if (fd < 0)
		return fd;
	r = file_copy(fd, range);
	close(fd);
	return r < 0 ? error_set(e, r, "%s: it cannot be copied into memory: %s", name,
				 errno_text(r))
		     : 0;
}

static int keep_text(const char *environment, const char *name, const char *text, struct error *e)
{
	int fd = open_new(environment, name, e);
	ssize_t n;

	if (fd < 0)
		return fd;
	n = write(fd, text, strlen(text));
	close(fd);
	return n == (ssize_t)strlen(text)
		       ? 0
		       : error_set(e, -ENOSPC, "%s: it cannot be copied into memory", name);
}

/* Both ranges are the caller's to close, where their descriptors are not -1. */
static int open_both(const struct image_request *request, struct file_range *kernel,
		     struct file_range *initrd, struct error *e)
{
	int r = file_open(request->kernel, request->kernel_part, "the kernel", kernel, e);

	if (r == 0)
		r = initrd_open(request->initrds, request->initrd_parts, request->initrd_count,
				request->carried, &initrd->fd, &initrd->bytes, e);
	return r;
}

static int keep_all(const struct sys *sys, const char *environment,
		    const struct image_request *request, const struct file_range *kernel,
		    const struct file_range *initrd, double load_ms, struct error *e)
{
	unsigned long long bytes = kernel->bytes + initrd->bytes;
	char path[PATH_MAX], number[32];
	char *cmdline = NULL;
	int r;

	if (memory_is_short(sys->root, bytes * (1 + LOAD_COPIES) + SPARE_ROOM))
		return error_set(e, -ENOMEM,
				 "memory is short for kernel and initrd of %llu MiB a second time",
				 bytes >> 20);
	snprintf(path, sizeof(path), "%s" SPARE_FOLDER, environment);
	if (mkdir(path, 0700) && errno != EEXIST)
		return error_set(e, -errno, "%s: %s", path, errno_text(errno));
	snprintf(number, sizeof(number), "%.0f", load_ms);
	r = cmdline_make(sys->root, request->reuse_cmdline, request->append, &cmdline, e);
	r = r ?: keep_text(environment, names[CMDLINE], cmdline, e);
	r = r ?: keep_range(environment, names[INITRD], initrd, e);
	r = r ?: keep_text(environment, names[LOAD_MS], number, e);
	/* Last: without a kernel nothing is there. */
	r = r ?: keep_range(environment, names[KERNEL], kernel, e);
	free(cmdline);
	return r;
}

int spare_keep(const struct sys *sys, const char *environment, const struct image_request *request,
	       double load_ms, struct error *e)
{
	struct file_range kernel = { .fd = -1 }, initrd = { .fd = -1 };
	int r;

	spare_drop(environment);
	if (!request->initrd_count)
		return error_set(e, -ENOENT, "%s has no initrd to carry it", request->kernel);
	r = open_both(request, &kernel, &initrd, e);
	if (r == 0)
		r = keep_all(sys, environment, request, &kernel, &initrd, load_ms, e);
	if (kernel.fd >= 0)
		close(kernel.fd);
	if (initrd.fd >= 0)
		close(initrd.fd);
	if (r < 0)
		spare_drop(environment);
	return r;
}

void spare_drop(const char *environment)
{
	char path[PATH_MAX];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlink(place(path, sizeof(path), environment, names[i]));
	snprintf(path, sizeof(path), "%s" SPARE_FOLDER, environment);
	rmdir(path);
}

/* ---- loaded again */

/* What would be loaded; false where nothing was kept. Texts are static. */
struct spare {
	char kernel[PATH_MAX], initrd[PATH_MAX];
	char cmdline[4096];
	double load_ms;
	unsigned long long bytes;
};

static unsigned long long bytes_of(const char *path)
{
	struct stat st;

	return stat(path, &st) ? 0 : (unsigned long long)st.st_size;
}

static void read_text(const char *environment, const char *name, char *text, size_t size)
{
	char path[PATH_MAX];
	int fd = open(place(path, sizeof(path), environment, name), O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, text, size - 1);

	text[n > 0 ? n : 0] = '\0';
	if (fd >= 0)
		close(fd);
}

static bool find(const char *environment, struct spare *ret)
{
	char number[32];

	place(ret->kernel, sizeof(ret->kernel), environment, names[KERNEL]);
	place(ret->initrd, sizeof(ret->initrd), environment, names[INITRD]);
	if (!bytes_of(ret->kernel))
		return false;
	ret->bytes = bytes_of(ret->kernel) + bytes_of(ret->initrd);
	read_text(environment, names[CMDLINE], ret->cmdline, sizeof(ret->cmdline));
	read_text(environment, names[LOAD_MS], number, sizeof(number));
	ret->load_ms = strtod(number, NULL);
	return true;
}

/* 0, or what speaks against another load, with @e; the first one stays. */
static int ask(const struct sys *sys, const struct spare *spare, struct error *e)
{
	int r = host_may_load(sys->root, e);

	if (r == 0)
		r = host_has_image(sys->root, e);
	if (r < 0)
		return r;
	if (spare->load_ms > LOAD_MS_MAX)
		return error_set(e, -ETIME, "time is short: the first load took %.1f s",
				 spare->load_ms / 1e3);
	if (memory_is_short(sys->root, spare->bytes * LOAD_COPIES + SPARE_ROOM))
		return error_set(e, -ENOMEM, "memory is short: %llu MiB to be loaded",
				 spare->bytes >> 20);
	return 0;
}

static int pack(const char *record_dir, int *ret_fd, struct error *e)
{
	json_t *events, *value;
	int r = record_load(record_dir, false, &events, e);

	if (r < 0)
		return r;
	value = json_pack("{s:i s:o}", "schema", RECORD_SCHEMA, "events", events);
	const struct carried_file files[] = { { CARRIED_RECORD, value }, { NULL, NULL } };

	r = value ? carried_pack(files, ret_fd, e) : error_set(e, -ENOMEM, "no memory");
	json_decref(value);
	return r;
}

static int load(const struct sys *sys, const struct spare *spare, const char *record_dir,
		struct error *e)
{
	const char *initrds[] = { spare->initrd };
	struct image_part part = { .fd = -1 };
	const struct image_request request = {
		.kernel = spare->kernel,
		.initrds = initrds,
		.initrd_count = 1,
		.append = spare->cmdline,
		.method = IMAGE_METHOD_FILE,
		.carried = &part,
	};
	int r = pack(record_dir, &part.fd, e);

	if (r < 0)
		return r;
	r = image_load(sys, &request, e);
	close(part.fd);
	return r;
}

void spare_load(const struct sys *sys, const char *environment, const char *record_dir,
		struct record *record)
{
	const char *result = "skipped";
	struct error e = ERROR_NONE;
	struct spare spare;
	double start = now_ms(), ms;
	char line[600];

	if (!find(environment, &spare))
		return;
	if (ask(sys, &spare, &e) == 0)
		result = load(sys, &spare, record_dir, &e) == 0 ? "loaded" : "failed";
	ms = now_ms() - start;
	record_write(record, "second-load",
		     json_pack("{s:s s:f s:s*}", "result", result, "ms", ms, "why",
			       e.code ? e.text : NULL));
	if (e.code)
		snprintf(line, sizeof(line),
			 "kexit: what became of each device does not cross the jump: %.400s",
			 e.text);
	else
		snprintf(line, sizeof(line),
			 "kexit: what became of each device crosses the jump: loaded again in %.0f "
			 "ms",
			 ms);
	sys_kmsg(sys, line);
}
