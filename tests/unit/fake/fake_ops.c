// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of operations of a machine in a temporary folder; see fake_ops.h. */
#include "unit/fake/fake_internal.h"

#include <fcntl.h>
#include <inttypes.h>
#include <linux/netlink.h>
#include <sys/stat.h>
#include <unistd.h>

static int write_file(const struct fake *fake, const char *path, const char *value)
{
	int fd = sysroot_openat(fake->sys.root, path, O_WRONLY | O_TRUNC);
	int code = 0;

	if (fd < 0)
		return fd;
	if (dprintf(fd, "%s\n", value) < 0)
		code = -errno;
	close(fd);
	return code;
}

/* Splits "/sys/bus/BUS/drivers/DRIVER/{un,}bind"; false for any other path. */
static bool bind_path(const char *path, char *bus, char *driver, char *attribute)
{
	int end = 0;

	return sscanf(path, "/sys/bus/%63[^/]/drivers/%63[^/]/%7[a-z]%n", bus, driver, attribute,
		      &end) == 3 &&
	       !path[end] && (!strcmp(attribute, "unbind") || !strcmp(attribute, "bind"));
}

static int write_bind(struct fake *fake, const char *path, const char *name, const char *bus,
		      const char *driver, const char *attribute)
{
	int answer;

	if (fault(fake, attribute, name, &answer))
		;
	else if (!sysroot_exists(fake->sys.root, path))
		answer = -ENOENT;
	else if (!strcmp(attribute, "unbind"))
		answer = do_unbind(fake, bus, driver, name);
	else
		answer = do_bind(fake, bus, driver, name);
	return logged(fake, answer, "%s %s %s/%s", attribute, name, bus, driver);
}

static bool is_reset(const char *path)
{
	const char *name = basename(path);

	return !strcmp(name, "reset") || !strcmp(name, "reset_subordinate");
}

static int write_reset(struct fake *fake, const char *path)
{
	char folder[PATH_MAX];

	if (!sysroot_exists(fake->sys.root, path))
		return -ENOENT;
	print_path(folder, "%s", path);
	*strrchr(folder, '/') = '\0';
	return fake->reset ? fake->reset(fake, folder) : 0;
}

static int fake_write(void *context, const char *path, const char *value)
{
	struct fake *fake = context;
	char bus[64], driver[64], attribute[8];
	int answer;

	if (fault(fake, "write", path, &answer))
		return logged(fake, answer, "write %s %s", path, value);
	if (bind_path(path, bus, driver, attribute))
		return write_bind(fake, path, value, bus, driver, attribute);
	answer = is_reset(path) ? write_reset(fake, path) : write_file(fake, path, value);
	return logged(fake, answer, "write %s %s", path, value);
}

static int change_config(const struct fake *fake, const char *path, unsigned int offset,
			 uint16_t mask, uint16_t value)
{
	char config[PATH_MAX];
	unsigned char bytes[2];
	uint16_t word;
	int fd, code = 0;

	print_path(config, "%s/config", path);
	fd = sysroot_openat(fake->sys.root, config, O_RDWR);
	if (fd < 0)
		return fd;
	if (pread(fd, bytes, 2, offset) != 2)
		code = -EIO;
	word = (uint16_t)(((bytes[0] | bytes[1] << 8) & ~mask) | (value & mask));
	bytes[0] = (unsigned char)word;
	bytes[1] = (unsigned char)(word >> 8);
	if (!code && pwrite(fd, bytes, 2, offset) != 2)
		code = -EIO;
	close(fd);
	return code;
}

static int fake_config_write16(void *context, const char *path, unsigned int offset, uint16_t mask,
			       uint16_t value)
{
	struct fake *fake = context;
	int answer;

	if (!fault(fake, "config", path, &answer))
		answer = change_config(fake, path, offset, mask, value);
	return logged(fake, answer, "config %s %#x %#x %#x", path, offset, mask, value);
}

/* No function of a folder has registers: what reaches one is a mistake. */
static int fake_register_write(void *context, const char *path, unsigned int bar, uint64_t offset,
			       unsigned int width, uint32_t value)
{
	return logged(context, -ENODEV, "register %s %u %#" PRIx64 " %u %#x", path, bar, offset,
		      width, value);
}

static int fake_flush(void *context, const char *name)
{
	int answer = 0;

	fault(context, "flush", name, &answer);
	return logged(context, answer, "flush %s", name);
}

static int fake_set_read_only(void *context, const char *name)
{
	struct fake *fake = context;
	char path[PATH_MAX];
	int answer = 0;

	if (!fault(fake, "read-only", name, &answer)) {
		print_path(path, "/sys/class/block/%s/ro", name);
		fake_file(fake, path, "1\n");
	}
	return logged(fake, answer, "read-only %s", name);
}

static int fake_mount(void *context, const char *source, const char *target, const char *type,
		      const char *options)
{
	int answer = 0;

	fault(context, "mount", source, &answer);
	return logged(context, answer, "mount %s %s %s %s", source, target, type, options);
}

static int fake_unmount(void *context, const char *target)
{
	int answer = 0;

	fault(context, "unmount", target, &answer);
	return logged(context, answer, "unmount %s", target);
}

static int fake_detach(void *context, const char *target)
{
	int answer = 0;

	fault(context, "detach", target, &answer);
	return logged(context, answer, "detach %s", target);
}

static int fake_unmount_forced(void *context, const char *target)
{
	int answer = 0;

	fault(context, "unmount-forced", target, &answer);
	return logged(context, answer, "unmount-forced %s", target);
}

static int fake_mount_memory(void *context, const char *target, unsigned long long bytes)
{
	int answer = 0;

	if (!fault(context, "mount-memory", target, &answer))
		fake_dir(context, target);
	return logged(context, answer, "mount-memory %s %llu", target, bytes);
}

static int fake_swap_off(void *context, const char *path)
{
	int answer = 0;

	fault(context, "swap-off", path, &answer);
	return logged(context, answer, "swap-off %s", path);
}

static int fake_btrfs_ready(void *context, const char *name)
{
	int answer = 0;

	fault(context, "btrfs-ready", name, &answer);
	return logged(context, answer, "btrfs-ready %s", name);
}

/* The new device is dm-7, as a kernel would have it after six others. */
static int fake_dm_create(void *context, const char *name, const char *uuid, const char *table,
			  bool read_only)
{
	struct fake *fake = context;
	char line[1024];
	int answer = 0;

	snprintf(line, sizeof(line), "%s", table);
	for (char *c = line; *c; c++)
		if (*c == '\n')
			*c = ';';
	if (!fault(fake, "dm-create", name, &answer)) {
		fake_file(fake, "/sys/class/block/dm-7/dm/name", name);
		fake_file(fake, "/sys/class/block/dm-7/dm/uuid", uuid);
		fake_file(fake, "/sys/class/block/dm-7/dev", "253:7\n");
	}
	return logged(fake, answer, "dm-create %s %s %s %s", name, uuid, read_only ? "ro" : "rw",
		      line);
}

static int fake_ram_disk(void *context, const char *label, unsigned long long bytes, char *ret_name,
			 size_t size)
{
	struct fake *fake = context;
	int answer = 0;

	if (!fault(fake, "ram-disk", label, &answer)) {
		fake_file(fake, "/sys/class/block/loop3/dev", "7:3\n");
		snprintf(ret_name, size, "loop3");
	}
	return logged(fake, answer, "ram-disk %s %llu", label, bytes);
}

static int fake_dm_remove(void *context, const char *name)
{
	int answer = 0;

	fault(context, "dm-remove", name, &answer);
	return logged(context, answer, "dm-remove %s", name);
}

static int fake_loop_clear(void *context, const char *name)
{
	int answer = 0;

	fault(context, "loop-clear", name, &answer);
	return logged(context, answer, "loop-clear %s", name);
}

static int fake_disk_claim(void *context, const char *name)
{
	int answer = 0;

	fault(context, "claim", name, &answer);
	return logged(context, answer, "claim %s", name);
}

static int fake_nbd_disconnect(void *context, const char *name)
{
	int answer = 0;

	fault(context, "nbd-disconnect", name, &answer);
	return logged(context, answer, "nbd-disconnect %s", name);
}

static int fake_netlink(void *context, void *message, size_t length)
{
	struct nlmsghdr *header = message;
	char type[16], *hex = calloc(length, 2 + 1);
	int answer = 0;

	CHECK(hex && length >= sizeof(*header));
	snprintf(type, sizeof(type), "%d", header->nlmsg_type);
	for (size_t i = 0; i < length; i++)
		sprintf(hex + 2 * i, "%02x", ((unsigned char *)message)[i]);
	fault(context, "netlink", type, &answer);
	logged(context, answer, "netlink %s %s", type, hex);
	free(hex);
	return answer;
}

/* The text stays in the file, as what the driver has by now. */
static int fake_submit(void *context, const char *path, const char *text, char *reason, size_t size)
{
	char line[4096];
	int answer = 0;

	snprintf(line, sizeof(line), "%s", text);
	for (char *c = line; *c; c++)
		if (*c == '\n')
			*c = ';';
	/* A fault that is none: the text is taken, and a line of it is not. */
	if (fault(context, "submit", path, &answer))
		snprintf(reason, size, "%sline 2: as the test wants it",
			 answer ? "" : "skipped 1 of 3 lines; ");
	else
		snprintf(reason, size, "kexit-late 1");
	if (!answer)
		fake_file(context, path, text);
	return logged(context, answer, "submit %s %s", path, line);
}

static int fake_kmsg(void *context, const char *line)
{
	int answer = 0;

	fault(context, "kmsg", line, &answer);
	return logged(context, answer, "kmsg %s", line);
}

static int fake_sync(void *context)
{
	int answer = 0;

	fault(context, "sync", "", &answer);
	return logged(context, answer, "sync");
}

static void set_loaded(struct fake *fake, bool loaded)
{
	fake_file(fake, "/sys/kernel/kexec_loaded", loaded ? "1\n" : "0\n");
}

static long long size_of(int fd)
{
	struct stat st;

	return fd >= 0 && !fstat(fd, &st) ? (long long)st.st_size : -1;
}

static int fake_kexec_file_load(void *context, int kernel_fd, int initrd_fd, const char *cmdline,
				unsigned long flags)
{
	int answer = 0;

	if (!fault(context, "load", "", &answer))
		set_loaded(context, true);
	return logged(context, answer, "load %lld %lld %#lx %s", size_of(kernel_fd),
		      size_of(initrd_fd), flags, cmdline);
}

static int fake_kexec_unload(void *context)
{
	int answer = 0;

	if (!fault(context, "unload", "", &answer))
		set_loaded(context, false);
	return logged(context, answer, "unload");
}

/* "hook PATH MOMENT KEXIT_X=Y ...", without the search path; a fault's subject is "PATH MOMENT". */
static int fake_hook(void *context, char *const argv[], char *const environment[],
		     unsigned int limit_ms)
{
	char line[4096] = "", subject[400];
	int answer = 0;

	snprintf(subject, sizeof(subject), "%s %s", argv[0], argv[1]);
	for (size_t i = 0; environment[i]; i++) {
		size_t used = strlen(line);

		if (strncmp(environment[i], "PATH=", 5) != 0)
			snprintf(line + used, sizeof(line) - used, " %s", environment[i]);
	}
	fault(context, "hook", subject, &answer);
	return logged(context, answer, "hook %s%s", subject, line);
}

static int fake_run(void *context, char *const argv[], char *output, size_t size)
{
	struct fake *fake = context;
	unsigned long long status;
	char line[4096] = "", path[256], *said;
	bool loads = false;
	int answer = 0;

	for (size_t i = 0; argv[i]; i++) {
		size_t used = strlen(line);

		snprintf(line + used, sizeof(line) - used, " %s", argv[i]);
		loads |= !strcmp(argv[i], "-l");
	}
	snprintf(path, sizeof(path), "/.said/%s %s", argv[0], argv[1] ?: "");
	said = fake_text(context, path);
	snprintf(output, size, "%s", said ?: "");
	free(said);
	snprintf(path, sizeof(path), "/.exit/%s %s", argv[0], argv[1] ?: "");
	if (sysroot_read_u64(fake->sys.root, path, &status) == 0)
		answer = (int)status;
	if (fault(context, "run", argv[0], &answer))
		snprintf(output, size, "%s: fault injected", argv[0]);
	else if (loads)
		set_loaded(context, true);
	return logged(context, answer, "run%s", line);
}

static int fake_sysrq(void *context, char key)
{
	char subject[2] = { key, '\0' };
	int answer = 0;
	bool faulty = fault(context, "sysrq", subject, &answer);

	logged(context, answer, "sysrq %c", key);
	if (key == 'b' && !faulty)
		_exit(FAKE_REBOOTED);
	return answer;
}

/* The descriptor is one of the test's; that of /dev/null, since the machine has no devices. */
static int fake_watchdog_start(void *context, const char *path, unsigned int seconds,
			       unsigned int *ret_seconds)
{
	int answer = 0;

	fault(context, "watchdog-start", path, &answer);
	logged(context, answer, "watchdog-start %s %u", path, seconds);
	if (answer)
		return answer;
	*ret_seconds = seconds;
	return open("/dev/null", O_RDWR | O_CLOEXEC);
}

static int fake_watchdog_feed(void *context, int fd)
{
	return logged(context, 0, "watchdog-feed");
}

static int fake_watchdog_stop(void *context, int fd)
{
	close(fd);
	return logged(context, 0, "watchdog-stop");
}

static int fake_power(void *context, enum sys_power to)
{
	static const char *const words[] = {
		[SYS_RESTART] = "restart",
		[SYS_POWER_OFF] = "off",
		[SYS_HALT] = "halt",
	};
	int answer = 0;

	fault(context, "power", words[to], &answer);
	return logged(context, answer, "power %s", words[to]);
}

static int fake_jump(void *context)
{
	struct fake *fake = context;
	unsigned long long loaded = 0;
	int answer = -EINVAL;
	bool faulty = fault(context, "jump", "", &answer);

	sysroot_read_u64(fake->sys.root, "/sys/kernel/kexec_loaded", &loaded);
	if (!faulty && loaded == 1) {
		logged(context, 0, "jump");
		_exit(FAKE_JUMPED);
	}
	return logged(context, answer, "jump");
}

const struct sys_ops fake_ops = {
	.write = fake_write,
	.config_write16 = fake_config_write16,
	.register_write = fake_register_write,
	.flush = fake_flush,
	.set_read_only = fake_set_read_only,
	.mount = fake_mount,
	.unmount = fake_unmount,
	.detach = fake_detach,
	.unmount_forced = fake_unmount_forced,
	.mount_memory = fake_mount_memory,
	.swap_off = fake_swap_off,
	.btrfs_ready = fake_btrfs_ready,
	.dm_create = fake_dm_create,
	.dm_remove = fake_dm_remove,
	.ram_disk = fake_ram_disk,
	.loop_clear = fake_loop_clear,
	.disk_claim = fake_disk_claim,
	.nbd_disconnect = fake_nbd_disconnect,
	.netlink = fake_netlink,
	.submit = fake_submit,
	.kmsg = fake_kmsg,
	.sync = fake_sync,
	.kexec_file_load = fake_kexec_file_load,
	.kexec_unload = fake_kexec_unload,
	.run = fake_run,
	.hook = fake_hook,
	.sysrq = fake_sysrq,
	.watchdog_start = fake_watchdog_start,
	.watchdog_feed = fake_watchdog_feed,
	.watchdog_stop = fake_watchdog_stop,
	.power = fake_power,
	.jump = fake_jump,
};
