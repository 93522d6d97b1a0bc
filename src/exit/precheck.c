// SPDX-License-Identifier: GPL-2.0-or-later
/* What speaks against a reboot; see precheck.h. */
#include "exit/precheck.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* The exit environment and what the workers of a run take. */
#define ROOM_BYTES (64ull << 20)

static unsigned long long available_memory(const struct sysroot *root)
{
	unsigned long long kilobytes = 0;
	const char *line;
	char *text;

	if (sysroot_read_all(root, "/proc/meminfo", &text) < 0)
		return ULLONG_MAX;
	line = strstr(text, "MemAvailable:");
	if (line)
		kilobytes = strtoull(line + strlen("MemAvailable:"), NULL, 10);
	free(text);
	return line ? kilobytes << 10 : ULLONG_MAX;
}

static int ask_room(const struct sys *sys, struct error *e)
{
	unsigned long long memory = available_memory(sys->root);
	struct statvfs fs;

	if (memory < ROOM_BYTES)
		return error_set(e, -ENOMEM,
				 "%llu MiB of memory are free, and the exit environment may need "
				 "%llu: end something first",
				 memory >> 20, ROOM_BYTES >> 20);
	if (!statvfs("/run", &fs) && fs.f_bavail * fs.f_frsize < 1 << 20)
		return error_set(e, -ENOSPC,
				 "/run is full, and the record of what is done lies there: remove "
				 "something from it");
	return 0;
}

/* Where somebody has laid what only a start through firmware takes up. */
static const struct waiting {
	const char *path, *what;
} waiting[] = {
	/* systemd.offline-updates(7) */
	{ "/system-update", "an offline update of the system" },
	/* UEFI 2.10, 8.5.5: delivery of capsules by files on a disk */
	{ "/boot/efi/EFI/UpdateCapsule", "a firmware update (capsule)" },
	{ "/efi/EFI/UpdateCapsule", "a firmware update (capsule)" },
	{ "/boot/EFI/UpdateCapsule", "a firmware update (capsule)" },
};

/* UEFI 2.10, 8.5.4: bit 2 of OsIndications, EFI_OS_INDICATIONS_FILE_CAPSULE_DELIVERY_SUPPORTED; bit 0,
 * ..._BOOT_TO_FW_UI. The variable's value lies behind four bytes of attributes (efivarfs). */
#define OS_INDICATIONS                                                                             \
	"/sys/firmware/efi/efivars/OsIndications-8be4df61-93ca-11d2-aa0d-00e098032b8c"
#define CAPSULE_ON_DISK 0x4
#define TO_FIRMWARE_UI	0x1

static int ask_indications(const struct sysroot *root, struct error *e)
{
	unsigned char value[12];
	int fd = sysroot_openat(root, OS_INDICATIONS, O_RDONLY);
	ssize_t n = fd < 0 ? 0 : read(fd, value, sizeof(value));

	if (fd >= 0)
		close(fd);
	if (n < 5)
		return 0;
	if (value[4] & CAPSULE_ON_DISK)
		return error_set(e, -EBUSY,
				 "a firmware update waits for the next start (EFI OsIndications): "
				 "'kexit reboot --firmware' lets it run");
	if (value[4] & TO_FIRMWARE_UI)
		return error_set(e, -EBUSY,
				 "the next start was asked to end in the firmware's setup: "
				 "'kexit reboot --firmware' goes there");
	return 0;
}

static bool has_entries(const struct sysroot *root, const char *path)
{
	DIR *dir = sysroot_opendir(root, path);
	const struct dirent *entry;
	bool has = !dir && sysroot_exists(root, path); /* a link or a file */

	while (dir && !has && (entry = readdir(dir)))
		has = entry->d_name[0] != '.';
	if (dir)
		closedir(dir);
	return has;
}

static int ask_firmware(const struct sys *sys, struct error *e)
{
	for (size_t i = 0; i < sizeof(waiting) / sizeof(waiting[0]); i++)
		if (has_entries(sys->root, waiting[i].path))
			return error_set(e, -EBUSY,
					 "%s: %s waits for the next start: 'kexit reboot "
					 "--firmware' lets it run",
					 waiting[i].path, waiting[i].what);
	return ask_indications(sys->root, e);
}

/* Linux: Documentation/admin-guide/md.rst, sync_action and degraded. */
static int ask_array(const struct sysroot *root, const char *name, struct error *e)
{
	unsigned long long degraded = 0;
	char path[PATH_MAX], action[32];

	snprintf(path, sizeof(path), "/sys/class/block/%s/md/sync_action", name);
	if (sysroot_read(root, path, action, sizeof(action)) > 0 && strcmp(action, "idle") != 0 &&
	    strcmp(action, "frozen") != 0)
		return error_set(e, -EBUSY,
				 "%s: the array is at work (%s): wait for its end ('cat "
				 "/proc/mdstat')",
				 name, action);
	snprintf(path, sizeof(path), "/sys/class/block/%s/md/degraded", name);
	if (sysroot_read_u64(root, path, &degraded) == 0 && degraded)
		return error_set(e, -EIO,
				 "%s: the array lacks %llu of its disks: what comes back from a "
				 "reboot may be less. Mend it first",
				 name, degraded);
	return 0;
}

/* Linux: Documentation/ABI/stable/sysfs-block; a SCSI disk that the kernel took offline. */
static int ask_disk(const struct sysroot *root, const char *name, struct error *e)
{
	char path[PATH_MAX], state[32];

	snprintf(path, sizeof(path), "/sys/class/block/%s/device/state", name);
	if (sysroot_read(root, path, state, sizeof(state)) <= 0)
		return 0;
	if (!strcmp(state, "offline") || !strcmp(state, "dead") ||
	    !strcmp(state, "transport-offline"))
		return error_set(e, -EIO, "%s: the disk is %s: look after it first", name, state);
	return 0;
}

static int ask_disks(const struct sys *sys, struct error *e)
{
	DIR *dir = sysroot_opendir(sys->root, "/sys/class/block");
	const struct dirent *entry;
	int r = 0;

	while (dir && r == 0 && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		r = ask_array(sys->root, entry->d_name, e);
		if (r == 0)
			r = ask_disk(sys->root, entry->d_name, e);
	}
	if (dir)
		closedir(dir);
	return r;
}

/* Files that package managers lock while they change the system. */
static const char *const locks[] = {
	"/var/lib/dpkg/lock-frontend",	   "/var/lib/dpkg/lock",     "/var/lib/rpm/.rpm.lock",
	"/usr/lib/sysimage/rpm/.rpm.lock", "/var/lib/pacman/db.lck",
};

static int ask_lock(const struct sysroot *root, const char *path, struct error *e)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd;

	/* pacman's lock is the file itself. */
	if (!strcmp(path, "/var/lib/pacman/db.lck"))
		return sysroot_exists(root, path)
			       ? error_set(e, -EBUSY, "%s: a package manager is at work", path)
			       : 0;
	fd = sysroot_openat(root, path, O_RDWR);
	if (fd < 0)
		return 0;
	if (fcntl(fd, F_GETLK, &lock))
		lock.l_type = F_UNLCK;
	close(fd);
	return lock.l_type == F_UNLCK
		       ? 0
		       : error_set(
				 e, -EBUSY,
				 "%s: a package manager is at work (process %d): wait for its end",
				 path, (int)lock.l_pid);
}

static int ask_packages(const struct sys *sys, struct error *e)
{
	for (size_t i = 0; i < sizeof(locks) / sizeof(locks[0]); i++) {
		int r = ask_lock(sys->root, locks[i], e);

		if (r < 0)
			return r;
	}
	return 0;
}

/* One of logind's inhibitors: what, who, why, mode, user, process (org.freedesktop.login1(5)). */
static int ask_inhibitor(json_t *lock, struct error *e)
{
	const char *what = json_string_value(json_array_get(lock, 0)) ?: "";
	const char *who = json_string_value(json_array_get(lock, 1)) ?: "?";
	const char *why = json_string_value(json_array_get(lock, 2)) ?: "?";
	const char *mode = json_string_value(json_array_get(lock, 3)) ?: "";

	/* A delay is logind's to wait for; "block-weak" yields to root, as systemctl has it. */
	if (strcmp(mode, "block") != 0 || !strstr(what, "shutdown"))
		return 0;
	return error_set(e, -EBUSY,
			 "%s asks not to shut down (%s), process %lld: end it, or "
			 "--ignore-inhibitors",
			 who, why, (long long)json_integer_value(json_array_get(lock, 5)));
}

static int ask_inhibitors(const struct sys *sys, struct error *e)
{
	char *const argv[] = {
		(char[]){ "busctl" },
		(char[]){ "--json=short" },
		(char[]){ "call" },
		(char[]){ "org.freedesktop.login1" },
		(char[]){ "/org/freedesktop/login1" },
		(char[]){ "org.freedesktop.login1.Manager" },
		(char[]){ "ListInhibitors" },
		NULL,
	};
	char output[16384];
	json_t *answer, *lock;
	int r = 0;
	size_t i;

	/* No logind, no inhibitors. */
	if (sys_run(sys, argv, output, sizeof(output)) != 0)
		return 0;
	answer = json_loads(output, 0, NULL);
	json_array_foreach (json_array_get(json_object_get(answer, "data"), 0), i, lock) {
		r = ask_inhibitor(lock, e);
		if (r < 0)
			break;
	}
	json_decref(answer);
	return r;
}

const struct precheck prechecks[] = {
	{ PRECHECK_ROOM, "room", ask_room },
	{ PRECHECK_FIRMWARE, "firmware updates", ask_firmware },
	{ PRECHECK_DISKS, "disks", ask_disks },
	{ PRECHECK_PACKAGES, "package managers", ask_packages },
	{ PRECHECK_INHIBITED, "inhibitors", ask_inhibitors },
	{ 0, NULL, NULL },
};
