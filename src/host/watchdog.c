// SPDX-License-Identifier: GPL-2.0-or-later
/* A watchdog chosen; see watchdog.h. Linux: Documentation/ABI/testing/sysfs-class-watchdog. */
#include "host/watchdog.h"

#include "host/watchdog_driver.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CLASS "/sys/class/watchdog"
#define NOTE  "/run/kexit/watchdog"

static void attribute(char path[PATH_MAX], const char *name, const char *file)
{
	snprintf(path, PATH_MAX, CLASS "/%.31s/%s", name, file);
}

bool watchdog_is_nowayout(const struct sysroot *root, const char *name)
{
	unsigned long long value = 0;
	char path[PATH_MAX];

	attribute(path, name, "nowayout");
	return sysroot_read_u64(root, path, &value) == 0 && value;
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Drivers that name no parent (Linux 6.1's i6300esb) are found by their identity, where that is a PCI driver. */
static bool read_by_identity(const struct sysroot *root, const char *name, char *ret_target,
			     size_t size)
{
	char path[PATH_MAX], identity[64];

	attribute(path, name, "identity");
	if (sysroot_read(root, path, identity, sizeof(identity)) <= 0 || strchr(identity, '/'))
		return false;
	snprintf(path, sizeof(path), "/sys/bus/pci/drivers/%s/module", identity);
	return sysroot_readlink(root, path, ret_target, size) > 0;
}

/* The module's name, or the driver's where that is built in. -ENODEV: software, or no device behind it. */
static int read_module(const struct sysroot *root, const char *name, char *ret_module, size_t size)
{
	char path[PATH_MAX], target[PATH_MAX];

	attribute(path, name, "device/driver/module");
	if (sysroot_readlink(root, path, target, sizeof(target)) <= 0) {
		attribute(path, name, "device/driver");
		if (sysroot_readlink(root, path, target, sizeof(target)) <= 0 &&
		    !read_by_identity(root, name, target, sizeof(target)))
			return -ENODEV;
	}
	if (strlen(last_part(target)) >= size)
		return -ENODEV;
	strcpy(ret_module, last_part(target));
	for (char *at = ret_module; *at; at++)
		if (*at == '-')
			*at = '_';
	return 0;
}

/*
 * Without a max_timeout the kernel feeds the hardware on behalf of whoever feeds it, since it cannot wait
 * so long: after the jump it would fire long before the time that was asked for.
 */
static int check_time(const struct sysroot *root, const char *name, unsigned int seconds,
		      struct error *e)
{
	unsigned long long longest = 0;
	char path[PATH_MAX];

	attribute(path, name, "max_timeout");
	if (sysroot_read_u64(root, path, &longest) < 0 || !longest)
		return error_set(e, -ENODEV, "%s: how long it can wait by itself is not known",
				 name);
	return longest < seconds ? error_set(e, -ENODEV, "%s: it can wait %llu s at most, not %u",
					     name, longest, seconds)
				 : 0;
}

/*
 * The kernel stops a watchdog in its shutdown where the driver asks for that (watchdog_stop_on_reboot();
 * i6300esb and iTCO_wdt do), which nothing shows. Its parameter overrides them: -1, as the driver has it;
 * 0, never; 1, always. So 0 alone is sure.
 */
static int check_shutdown(const struct sysroot *root, const char *name, struct error *e)
{
	char value[16] = "";

	sysroot_read(root, "/sys/module/watchdog/parameters/stop_on_reboot", value, sizeof(value));
	return strcmp(value, "0")
		       ? error_set(e, -ENODEV,
				   "%s: the kernel may stop it in its shutdown; one that was "
				   "started with watchdog.stop_on_reboot=0 does not",
				   name)
		       : 0;
}

static int try_one(const struct sysroot *root, const char *name, const char *release,
		   unsigned int seconds, struct watchdog_choice *ret_choice, struct error *e)
{
	struct watchdog_choice choice = { .seconds = seconds };
	char path[PATH_MAX], state[32];
	int r;

	if (read_module(root, name, choice.module, sizeof(choice.module)) < 0)
		return error_set(e, -ENODEV, "%s: no hardware is behind it", name);
	attribute(path, name, "state");
	if (sysroot_read(root, path, state, sizeof(state)) <= 0)
		return error_set(e, -ENODEV, "%s: whether it runs cannot be told", name);
	if (strcmp(state, "inactive") != 0)
		return error_set(e, -ENODEV, "%s: it is %s: somebody feeds it already", name,
				 state);
	r = check_time(root, name, seconds, e);
	if (r == 0)
		r = check_shutdown(root, name, e);
	if (r == 0)
		r = watchdog_driver_comes(root, release, choice.module, e);
	if (r < 0)
		return r;
	snprintf(choice.name, sizeof(choice.name), "%.31s", name);
	*ret_choice = choice;
	return 0;
}

int watchdog_choose(const struct sysroot *root, const char *release, unsigned int seconds,
		    struct watchdog_choice *ret_choice, struct error *e)
{
	char path[PATH_MAX];
	DIR *dir = sysroot_opendir(root, CLASS);
	int r = error_set(e, -ENODEV, "this machine has no watchdog (" CLASS ")");

	if (dir)
		closedir(dir);
	/* By number: which of them is taken must not be the folder's to say. */
	for (unsigned int i = 0; dir && r < 0 && i < 32; i++) {
		snprintf(path, sizeof(path), CLASS "/watchdog%u", i);
		if (sysroot_exists(root, path))
			r = try_one(root, last_part(path), release, seconds, ret_choice, e);
	}
	return r;
}

static void note_path(const struct sysroot *root, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s" NOTE, sysroot_is_captured(root) ? sysroot_path(root) : "");
}

int watchdog_note_write(const struct sysroot *root, const struct watchdog_choice *choice,
			struct error *e)
{
	char path[PATH_MAX], folder[PATH_MAX], line[160];
	int length = snprintf(line, sizeof(line), "%s %s %u\n", choice->name, choice->module,
			      choice->seconds);
	int fd, r = 0;

	note_path(root, path);
	snprintf(folder, sizeof(folder), "%.*s", (int)(last_part(path) - path - 1), path);
	if (mkdir(folder, 0700) && errno != EEXIST)
		return error_set(e, -errno, "%s: the folder cannot be made: %s", folder,
				 errno_text(errno));
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, line, (size_t)length) != length)
		r = errno ? -errno : -EIO;
	if (fd >= 0)
		close(fd);
	if (r == 0)
		return 0;
	unlink(path);
	return error_set(e, r, "%s: it cannot be written: %s", path, errno_text(r));
}

int watchdog_note_read(const struct sysroot *root, struct watchdog_choice *ret_choice)
{
	struct watchdog_choice choice;
	char line[160];

	if (sysroot_read(root, NOTE, line, sizeof(line)) <= 0)
		return -ENOENT;
	if (sscanf(line, "%31s %63s %u", choice.name, choice.module, &choice.seconds) != 3 ||
	    strncmp(choice.name, "watchdog", 8) != 0 || strchr(choice.name, '/'))
		return -ENOENT;
	*ret_choice = choice;
	return 0;
}

void watchdog_note_forget(const struct sysroot *root)
{
	char path[PATH_MAX];

	note_path(root, path);
	unlink(path);
}
