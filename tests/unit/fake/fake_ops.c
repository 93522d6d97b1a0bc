// SPDX-License-Identifier: GPL-2.0-or-later
/* A machine in a temporary folder; see fake_ops.h. */
#include "unit/fake/fake_ops.h"

#include "base/error.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/netlink.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Wrong use of the fake is a bug in the test: say where and stop. */
#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #condition,         \
				strerror(errno));                                                  \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

__attribute__((format(printf, 2, 3))) static void print_path(char path[PATH_MAX],
							     const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(path, PATH_MAX, format, args);
	va_end(args);
	CHECK(n > 0 && n < PATH_MAX);
}

static void on_disk(const struct fake *fake, const char *path, char ret_path[PATH_MAX])
{
	print_path(ret_path, "%s%s", fake->tree, path);
}

/* The folders above @path, on the disk. */
static void make_parents(const char *path)
{
	char folder[PATH_MAX];

	print_path(folder, "%s", path);
	for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		CHECK(!mkdir(folder, 0755) || errno == EEXIST);
		*slash = '/';
	}
}

static void run_tool(char *const argv[])
{
	pid_t child = fork();
	int status;

	CHECK(child >= 0);
	if (!child) {
		execvp(argv[0], argv);
		_exit(127);
	}
	CHECK(waitpid(child, &status, 0) == child && status == 0);
}

/* ---- the log ---- */

static void append(const struct fake *fake, const char *name, const char *line)
{
	char path[PATH_MAX];
	int fd;

	print_path(path, "%s/%s", fake->folder, name);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	CHECK(fd >= 0);
	CHECK(write(fd, line, strlen(line)) == (ssize_t)strlen(line));
	close(fd);
}

__attribute__((format(printf, 3, 4))) static int logged(const struct fake *fake, int answer,
							const char *format, ...)
{
	char *call, *line, number[16];
	va_list args;

	va_start(args, format);
	CHECK(vasprintf(&call, format, args) >= 0);
	va_end(args);
	snprintf(number, sizeof(number), "%d", answer);
	CHECK(asprintf(&line, "%s = %s\n", call, answer < 0 ? errno_name(answer) : number) >= 0);
	append(fake, "log", line);
	free(line);
	free(call);
	return answer;
}

static char *read_whole(const char *path)
{
	FILE *file = fopen(path, "r");
	char *text = NULL;
	size_t length = 0;
	FILE *out;
	int c;

	if (!file)
		return NULL;
	out = open_memstream(&text, &length);
	CHECK(out);
	while ((c = getc(file)) != EOF)
		putc(c, out);
	fclose(file);
	fclose(out);
	return text;
}

char *fake_log(const struct fake *fake)
{
	char path[PATH_MAX], *text;

	print_path(path, "%s/log", fake->folder);
	text = read_whole(path);
	return text ?: strdup("");
}

static int log_search(const struct fake *fake, const char *glob, int *ret_first)
{
	char *text = fake_log(fake), *at = text, *line;
	int count = 0, number = 0;

	*ret_first = -1;
	while ((line = strsep(&at, "\n")) && *line) {
		if (!fnmatch(glob, line, 0) && count++ == 0)
			*ret_first = number;
		number++;
	}
	free(text);
	return count;
}

int fake_log_find(const struct fake *fake, const char *line)
{
	int first;

	log_search(fake, line, &first);
	return first;
}

int fake_log_count(const struct fake *fake, const char *line)
{
	int first;

	return log_search(fake, line, &first);
}

/* ---- faults ---- */

static const struct fake_fault *fault_find(const struct fake *fake, const char *operation,
					   const char *subject)
{
	for (const struct fake_fault *f = fake->faults; f && f->operation; f++)
		if (!strcmp(f->operation, operation) && !fnmatch(f->subject ?: "*", subject, 0))
			return f;
	return NULL;
}

/* As a remove() that does not return: no signal but SIGKILL gets through. */
static _Noreturn void hang(const struct fake *fake, const char *operation, const char *subject)
{
	char line[PATH_MAX];
	sigset_t all;

	print_path(line, "%d\n", getpid());
	append(fake, "hung", line);
	print_path(line, "%s %s HANG\n", operation, subject);
	append(fake, "log", line);
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	for (;;)
		pause();
}

/* True when a fault answers in place of the fake, with *@ret_answer. */
static bool fault(const struct fake *fake, const char *operation, const char *subject,
		  int *ret_answer)
{
	const struct fake_fault *f = fault_find(fake, operation, subject);

	if (!f)
		return false;
	if (f->kind == FAKE_HANG)
		hang(fake, operation, subject);
	*ret_answer = f->kind == FAKE_ERRNO ? f->code : 0;
	return true;
}

/* ---- unbind and bind ---- */

/* Everything of the device that the driver had made is kept here until it is bound again. */
static void stash_path(const struct fake *fake, const char *device, char ret_path[PATH_MAX])
{
	print_path(ret_path, "%s/stash/%s", fake->folder, device);
	for (char *c = ret_path + strlen(fake->folder) + strlen("/stash/"); *c; c++)
		if (*c == '/')
			*c = '!';
}

/* A folder below a device that stays when its driver goes: attributes, and devices of its bus. */
static bool stays(const struct fake *fake, const char *device, const char *name)
{
	char path[PATH_MAX], target[PATH_MAX];

	if (!strcmp(name, "power") || !strcmp(name, "link") || !strcmp(name, "pci_bus"))
		return true;
	print_path(path, "%s/%s/subsystem", device, name);
	return sysroot_readlink(fake->sys.root, path, target, sizeof(target)) > 0 &&
	       !strcmp(basename(target), "pci");
}

static bool is_dir(const struct fake *fake, const char *path)
{
	struct stat st;
	char full[PATH_MAX];

	on_disk(fake, path, full);
	return !lstat(full, &st) && S_ISDIR(st.st_mode);
}

/* Moves the folders below @device that do not stay into @stash; writes their paths to @moved. */
static void stash_folders(const struct fake *fake, const char *device, const char *stash,
			  FILE *moved)
{
	DIR *dir = sysroot_opendir(fake->sys.root, device);
	struct dirent *entry;

	CHECK(dir);
	while ((entry = readdir(dir))) {
		char path[PATH_MAX], from[PATH_MAX], to[PATH_MAX];

		print_path(path, "%s/%s", device, entry->d_name);
		if (entry->d_name[0] == '.' || !is_dir(fake, path) ||
		    stays(fake, device, entry->d_name))
			continue;
		on_disk(fake, path, from);
		print_path(to, "%s/%s", stash, entry->d_name);
		CHECK(!rename(from, to));
		fprintf(moved, "dir\t%s\t%s\n", path, entry->d_name);
	}
	closedir(dir);
}

/* Takes away the links below @folder that lead to something below @device; notes them in @moved. */
static void stash_links(const struct fake *fake, const char *folder, const char *device,
			FILE *moved)
{
	DIR *dir = sysroot_opendir(fake->sys.root, folder);
	size_t length = strlen(device);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		char path[PATH_MAX], target[PATH_MAX], text[PATH_MAX], full[PATH_MAX];

		if (entry->d_name[0] == '.')
			continue;
		print_path(path, "%s/%s", folder, entry->d_name);
		if (is_dir(fake, path)) {
			stash_links(fake, path, device, moved);
			continue;
		}
		if (sysroot_resolve(fake->sys.root, path, target, sizeof(target)) < 0 ||
		    strncmp(target, device, length) || target[length] != '/')
			continue;
		CHECK(sysroot_readlink(fake->sys.root, path, text, sizeof(text)) > 0);
		on_disk(fake, path, full);
		/* Another worker may take a link of a device that lies below both. */
		if (!unlink(full))
			fprintf(moved, "link\t%s\t%s\n", path, text);
	}
	if (dir)
		closedir(dir);
}

static void stash(const struct fake *fake, const char *device)
{
	static const char *const folders[] = { "/sys/class", "/sys/bus", "/sys/block", "/sys/dev" };
	char path[PATH_MAX], list[PATH_MAX];
	FILE *moved;

	stash_path(fake, device, path);
	make_parents(path);
	CHECK(!mkdir(path, 0755));
	print_path(list, "%s/.moved", path);
	moved = fopen(list, "w");
	CHECK(moved);
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		stash_links(fake, folders[i], device, moved);
	stash_folders(fake, device, path, moved);
	fclose(moved);
}

static void unstash(const struct fake *fake, const char *device)
{
	char path[PATH_MAX], list[PATH_MAX], line[2 * PATH_MAX];
	FILE *moved;

	stash_path(fake, device, path);
	print_path(list, "%s/.moved", path);
	moved = fopen(list, "r");
	while (moved && fgets(line, sizeof(line), moved)) {
		char *at = line;
		const char *kind = strsep(&at, "\t"), *to = strsep(&at, "\t");
		const char *from = strsep(&at, "\n");
		char here[PATH_MAX], there[PATH_MAX];

		on_disk(fake, to, there);
		print_path(here, "%s/%s", path, from);
		if (!strcmp(kind, "dir"))
			CHECK(!rename(here, there));
		else
			CHECK(!symlink(from, there));
	}
	if (moved) {
		fclose(moved);
		unlink(list);
		rmdir(path);
	}
}

static void remove_link(const struct fake *fake, const char *path)
{
	char full[PATH_MAX];

	on_disk(fake, path, full);
	CHECK(!unlink(full) || errno == ENOENT);
}

/* A relative link as sysfs has it: from the folder of @path up to /sys, then down to @target. */
static void sysfs_link(struct fake *fake, const char *path, const char *target)
{
	char text[PATH_MAX] = "";

	for (const char *c = strchr(path + 1, '/') + 1; (c = strchr(c, '/')); c++)
		strcat(text, "../");
	strcat(text, target + strlen("/sys/"));
	fake_link(fake, path, text);
}

static int do_unbind(struct fake *fake, const char *bus, const char *driver, const char *name)
{
	char in_driver[PATH_MAX], device[PATH_MAX], link[PATH_MAX];

	print_path(in_driver, "/sys/bus/%s/drivers/%s/%s", bus, driver, name);
	if (sysroot_resolve(fake->sys.root, in_driver, device, sizeof(device)) < 0)
		return -ENODEV;
	print_path(link, "%s/driver", device);
	if (!sysroot_exists(fake->sys.root, link))
		return -ENODEV;
	stash(fake, device);
	remove_link(fake, link);
	remove_link(fake, in_driver);
	return 0;
}

static int do_bind(struct fake *fake, const char *bus, const char *driver, const char *name)
{
	char in_bus[PATH_MAX], in_driver[PATH_MAX], device[PATH_MAX], link[PATH_MAX];
	char driver_path[PATH_MAX];

	print_path(in_bus, "/sys/bus/%s/devices/%s", bus, name);
	if (sysroot_resolve(fake->sys.root, in_bus, device, sizeof(device)) < 0)
		return -ENODEV;
	print_path(link, "%s/driver", device);
	if (sysroot_exists(fake->sys.root, link))
		return -EBUSY;
	print_path(driver_path, "/sys/bus/%s/drivers/%s", bus, driver);
	sysfs_link(fake, link, driver_path);
	print_path(in_driver, "%s/%s", driver_path, name);
	sysfs_link(fake, in_driver, device);
	unstash(fake, device);
	return 0;
}

/* ---- the table ---- */

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

/* No function of a folder has ports: what reaches one is a mistake. */
static int fake_port_write16(void *context, const char *path, unsigned int bar, uint64_t offset,
			     uint16_t value)
{
	return logged(context, -ENODEV, "port %s %u %#" PRIx64 " %#x", path, bar, offset, value);
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

static int fake_btrfs_ready(void *context, const char *name)
{
	int answer = 0;

	fault(context, "btrfs-ready", name, &answer);
	return logged(context, answer, "btrfs-ready %s", name);
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
	snprintf(reason, size, "%s", "");
	if (fault(context, "submit", path, &answer))
		snprintf(reason, size, "line 2: as the test wants it");
	else
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

static int fake_run(void *context, char *const argv[], char *output, size_t size)
{
	char line[4096] = "";
	bool loads = false;
	int answer = 0;

	for (size_t i = 0; argv[i]; i++) {
		size_t used = strlen(line);

		snprintf(line + used, sizeof(line) - used, " %s", argv[i]);
		loads |= !strcmp(argv[i], "-l");
	}
	snprintf(output, size, "%s", "");
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

static int fake_power(void *context, bool off)
{
	int answer = 0;

	fault(context, "power", off ? "off" : "restart", &answer);
	return logged(context, answer, "power %s", off ? "off" : "restart");
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

static const struct sys_ops fake_ops = {
	.write = fake_write,
	.config_write16 = fake_config_write16,
	.port_write16 = fake_port_write16,
	.flush = fake_flush,
	.set_read_only = fake_set_read_only,
	.mount = fake_mount,
	.unmount = fake_unmount,
	.btrfs_ready = fake_btrfs_ready,
	.dm_remove = fake_dm_remove,
	.loop_clear = fake_loop_clear,
	.netlink = fake_netlink,
	.submit = fake_submit,
	.kmsg = fake_kmsg,
	.sync = fake_sync,
	.kexec_file_load = fake_kexec_file_load,
	.kexec_unload = fake_kexec_unload,
	.run = fake_run,
	.sysrq = fake_sysrq,
	.power = fake_power,
	.jump = fake_jump,
};

/* ---- the machine ---- */

struct fake *fake_new(const char *tree, const struct fake_fault *faults)
{
	struct fake *fake = calloc(1, sizeof(*fake));

	CHECK(fake);
	strcpy(fake->folder, "/tmp/kexit-fake-XXXXXX");
	CHECK(mkdtemp(fake->folder));
	snprintf(fake->tree, sizeof(fake->tree), "%s/root", fake->folder);
	if (tree)
		run_tool((char *[]){ (char[]){ "cp" }, (char[]){ "-a" }, strdupa(tree), fake->tree,
				     NULL });
	else
		CHECK(!mkdir(fake->tree, 0755));
	fake->faults = faults;
	CHECK(!sysroot_open(fake->tree, &fake->sys.root));
	fake->sys.ops = &fake_ops;
	fake->sys.context = fake;
	return fake;
}

static void kill_hung(const struct fake *fake)
{
	char path[PATH_MAX];
	FILE *file;
	int pid;

	print_path(path, "%s/hung", fake->folder);
	file = fopen(path, "r");
	while (file && fscanf(file, "%d", &pid) == 1)
		kill(pid, SIGKILL);
	if (file)
		fclose(file);
}

void fake_free(struct fake *fake)
{
	if (!fake)
		return;
	kill_hung(fake);
	sysroot_close(fake->sys.root);
	run_tool((char *[]){ (char[]){ "rm" }, (char[]){ "-rf" }, fake->folder, NULL });
	free(fake);
}

void fake_dir(struct fake *fake, const char *path)
{
	char full[PATH_MAX];

	print_path(full, "%s%s/", fake->tree, path);
	make_parents(full);
}

void fake_bytes(struct fake *fake, const char *path, const void *data, size_t size)
{
	char full[PATH_MAX];
	FILE *file;

	on_disk(fake, path, full);
	make_parents(full);
	file = fopen(full, "w");
	CHECK(file);
	CHECK(fwrite(data, 1, size, file) == size);
	CHECK(!fclose(file));
}

void fake_file(struct fake *fake, const char *path, const char *text)
{
	fake_bytes(fake, path, text, strlen(text));
}

void fake_link(struct fake *fake, const char *path, const char *target)
{
	char full[PATH_MAX];

	on_disk(fake, path, full);
	make_parents(full);
	CHECK(!symlink(target, full));
}

void fake_device(struct fake *fake, const char *path, const char *bus, const char *driver)
{
	const char *name = basename(path);
	char link[PATH_MAX], target[PATH_MAX], file[PATH_MAX];

	fake_dir(fake, path);
	print_path(link, "%s/subsystem", path);
	print_path(target, "/sys/bus/%s", bus);
	sysfs_link(fake, link, target);
	print_path(link, "/sys/bus/%s/devices/%s", bus, name);
	sysfs_link(fake, link, path);
	if (!driver)
		return;
	print_path(target, "/sys/bus/%s/drivers/%s", bus, driver);
	for (int i = 0; i < 2; i++) {
		print_path(file, "%s/%s", target, i ? "bind" : "unbind");
		fake_file(fake, file, "");
	}
	print_path(link, "%s/driver", path);
	sysfs_link(fake, link, target);
	print_path(link, "%s/%s", target, name);
	sysfs_link(fake, link, path);
}

char *fake_text(const struct fake *fake, const char *path)
{
	char full[PATH_MAX], *text;
	size_t length;

	on_disk(fake, path, full);
	text = read_whole(full);
	if (!text)
		return NULL;
	length = strlen(text);
	while (length && text[length - 1] == '\n')
		text[--length] = '\0';
	return text;
}
