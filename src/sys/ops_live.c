// SPDX-License-Identifier: GPL-2.0-or-later
/* The effects on this machine: system calls, and nothing decided; see ops.h. */
#include "base/utf8.h"
#include "sys/bar.h"
#include "sys/netlink.h"
#include "sys/ops.h"
#include "sys/ops_hook.h"
#include "sys/ops_stack.h"
#include "sys/ops_watchdog.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/btrfs.h>
#include <linux/kexec.h>
#include <linux/reboot.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * One write(2): a sysfs store sees each as a whole new value. Not tried again after EINTR: the store
 * may have run, and an unbind done twice would hit whoever bound in between.
 */
static int write_once(const char *path, const void *data, size_t length)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int code = 0;
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = write(fd, data, length);
	if (n < 0)
		code = -errno;
	else if ((size_t)n != length)
		code = -EIO;
	if (close(fd) && !code)
		code = -errno;
	return code;
}

static int live_write(void *context, const char *path, const char *value)
{
	return write_once(path, value, strlen(value));
}

static int change16(int fd, off_t offset, uint16_t mask, uint16_t value)
{
	uint8_t bytes[2];
	uint16_t old, new;
	ssize_t n = pread(fd, bytes, sizeof(bytes), offset);

	if (n != sizeof(bytes))
		return n < 0 ? -errno : -EIO;
	old = (uint16_t)(bytes[0] | bytes[1] << 8);
	/* All-ones is a function that does not answer: writing to it would say done and do nothing. */
	if (old == 0xffff)
		return -ENODEV;
	new = (uint16_t)((old & ~mask) | (value & mask));
	bytes[0] = (uint8_t) new;
	bytes[1] = (uint8_t)(new >> 8);
	n = pwrite(fd, bytes, sizeof(bytes), offset);
	return n == sizeof(bytes) ? 0 : n < 0 ? -errno : -EIO;
}

static int live_config_write16(void *context, const char *path, unsigned int offset, uint16_t mask,
			       uint16_t value)
{
	char config[PATH_MAX];
	int fd, code;

	if (snprintf(config, sizeof(config), "%s/config", path) >= (int)sizeof(config))
		return -ENAMETOOLONG;
	fd = open(config, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	code = change16(fd, offset, mask, value);
	close(fd);
	return code;
}

static int live_register_write(void *context, const char *path, unsigned int bar, uint64_t offset,
			       unsigned int width, uint32_t value)
{
	struct sysroot *root;
	int r = sysroot_open(NULL, &root);

	if (r < 0)
		return r;
	r = bar_write(root, path, bar, offset, width, value);
	sysroot_close(root);
	return r;
}

static int live_flush(void *context, const char *name)
{
	int fd = stack_open_disk(name), code;

	if (fd < 0)
		return fd;
	code = fsync(fd) ? -errno : 0;
	close(fd);
	return code;
}

static int live_set_read_only(void *context, const char *name)
{
	int fd = stack_open_disk(name), on = 1, code;

	if (fd < 0)
		return fd;
	code = ioctl(fd, BLKROSET, &on) ? -errno : 0;
	close(fd);
	return code;
}

static int live_mount(void *context, const char *source, const char *target, const char *type,
		      const char *options)
{
	if (mkdir(target, 0700) && errno != EEXIST)
		return -errno;
	return mount(source, target, type, MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, options)
		       ? -errno
		       : 0;
}

static int live_unmount(void *context, const char *target)
{
	return umount2(target, UMOUNT_NOFOLLOW) ? -errno : 0;
}

static int live_detach(void *context, const char *target)
{
	return umount2(target, UMOUNT_NOFOLLOW | MNT_DETACH) ? -errno : 0;
}

static int live_unmount_forced(void *context, const char *target)
{
	return umount2(target, UMOUNT_NOFOLLOW | MNT_FORCE) ? -errno : 0;
}

static int live_mount_memory(void *context, const char *target, unsigned long long bytes)
{
	char options[64];

	snprintf(options, sizeof(options), "mode=0700,size=%llu", bytes);
	if (mkdir(target, 0700) && errno != EEXIST)
		return -errno;
	return mount("kexit", target, "tmpfs", MS_NOSUID | MS_NODEV, options) ? -errno : 0;
}

static int live_swap_off(void *context, const char *path)
{
	return swapoff(path) ? -errno : 0;
}

static int live_btrfs_ready(void *context, const char *name)
{
	struct btrfs_ioctl_vol_args arguments = { .fd = 0 };
	int fd, r;

	if (snprintf(arguments.name, sizeof(arguments.name), "/dev/%s", name) >=
	    (int)sizeof(arguments.name))
		return -ENAMETOOLONG;
	fd = open("/dev/btrfs-control", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = ioctl(fd, BTRFS_IOC_DEVICES_READY, &arguments);
	if (r < 0)
		r = -errno;
	close(fd);
	return r;
}

static int live_netlink(void *context, void *message, size_t length)
{
	return netlink_request(message, length);
}

static void read_answer(int fd, char *reason, size_t size)
{
	ssize_t n = read(fd, reason, size - 1);

	reason[n > 0 ? n : 0] = '\0';
	reason[strcspn(reason, "\n")] = '\0';
}

static int live_submit(void *context, const char *path, const char *text, char *reason, size_t size)
{
	size_t length = strlen(text);
	int fd = open(path, O_RDWR | O_CLOEXEC);
	int code = 0;
	ssize_t n;

	reason[0] = '\0';
	if (fd < 0)
		return -errno;
	n = write(fd, text, length);
	if (n != (ssize_t)length)
		code = n < 0 ? -errno : -EIO;
	read_answer(fd, reason, size);
	close(fd);
	return code;
}

static int live_kmsg(void *context, const char *line)
{
	char text[504], record[512];
	int n;

	snprintf(text, sizeof(text), "%s", line);
	/* A console prints it as it is. */
	utf8_make_printable(text);
	/* 5 is KERN_NOTICE, the level of the kernel's own "Starting new kernel". */
	n = snprintf(record, sizeof(record), "<5>%s\n", text);
	return n < 0 ? -EINVAL : write_once("/dev/kmsg", record, (size_t)n);
}

static int live_sync(void *context)
{
	sync();
	return 0;
}

static int live_kexec_file_load(void *context, int kernel_fd, int initrd_fd, const char *cmdline,
				unsigned long flags)
{
#ifdef SYS_kexec_file_load
	if (syscall(SYS_kexec_file_load, kernel_fd, initrd_fd, strlen(cmdline) + 1, cmdline, flags))
		return -errno;
	return 0;
#else
	return -ENOSYS;
#endif
}

/* Both calls empty the same slot. The file call first: lockdown refuses the other one. */
static int live_kexec_unload(void *context)
{
#ifdef SYS_kexec_file_load
	if (!syscall(SYS_kexec_file_load, -1, -1, 0UL, NULL, (unsigned long)KEXEC_FILE_UNLOAD))
		return 0;
	if (errno != ENOSYS)
		return -errno;
#endif
	return syscall(SYS_kexec_load, 0UL, 0UL, NULL, (unsigned long)KEXEC_ARCH_DEFAULT) ? -errno
											  : 0;
}

/* In the child: becomes the program, or tells the parent why not. */
static _Noreturn void run_child(char *const argv[], int output, int failure)
{
	const char *path = getenv("PATH");
	char longer[4096];
	sigset_t none;
	int code, null = open("/dev/null", O_RDWR);

	/* The caller's signals may be blocked for a signalfd; the program is not to inherit that. */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	if (null >= 0)
		dup2(null, STDIN_FILENO);
	dup2(output, STDOUT_FILENO);
	dup2(output, STDERR_FILENO);
	/* sudo and initramfs shells leave the sbin folders out. */
	snprintf(longer, sizeof(longer), "%s%s/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin",
		 path ?: "", path && *path ? ":" : "");
	setenv("PATH", longer, 1);
	execvp(argv[0], argv);
	code = -errno;
	if (write(failure, &code, sizeof(code)) < 0)
		_exit(126);
	_exit(127);
}

/* Everything that comes, so that the writer never blocks; what fits is kept, with an end. */
static void read_all(int fd, char *output, size_t size)
{
	size_t length = 0;
	char rest[1024] = "";
	ssize_t n;

	for (;;) {
		bool keep = length + 1 < size;

		n = read(fd, keep ? output + length : rest,
			 keep ? size - 1 - length : sizeof(rest));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		if (keep)
			length += (size_t)n;
	}
	while (length && output[length - 1] == '\n')
		length--;
	if (size)
		output[length] = '\0';
}

/* Collects what the child says, and how it ended. */
static int run_parent(pid_t child, int output_fd, int failure_fd, char *output, size_t size)
{
	int failed, status;
	bool has_failed;

	read_all(output_fd, output, size);
	has_failed = read(failure_fd, &failed, sizeof(failed)) == sizeof(failed);
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	if (has_failed)
		return failed;
	/* As a shell counts a program that a signal ended. */
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int live_run(void *context, char *const argv[], char *output, size_t size)
{
	/* The second pipe closes by itself when exec succeeds, so a byte in it is a failed exec. */
	int output_pipe[2], failure_pipe[2], code;
	pid_t child;

	if (pipe2(output_pipe, O_CLOEXEC))
		return -errno;
	if (pipe2(failure_pipe, O_CLOEXEC)) {
		code = -errno;
		close(output_pipe[0]);
		close(output_pipe[1]);
		return code;
	}
	child = fork();
	code = child < 0 ? -errno : 0;
	if (child == 0)
		run_child(argv, output_pipe[1], failure_pipe[1]);
	close(output_pipe[1]);
	close(failure_pipe[1]);
	if (child > 0)
		code = run_parent(child, output_pipe[0], failure_pipe[0], output, size);
	close(output_pipe[0]);
	close(failure_pipe[0]);
	return code;
}

static int live_sysrq(void *context, char key)
{
	return write_once("/proc/sysrq-trigger", &key, 1);
}

static int live_power(void *context, enum sys_power to)
{
	static const unsigned int commands[] = {
		[SYS_RESTART] = LINUX_REBOOT_CMD_RESTART,
		[SYS_POWER_OFF] = LINUX_REBOOT_CMD_POWER_OFF,
		[SYS_HALT] = LINUX_REBOOT_CMD_HALT,
	};

	syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, commands[to], NULL);
	return -errno;
}

static int live_jump(void *context)
{
	/* libc's reboot() does the same, but not every libc knows this command. */
	if (syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_KEXEC,
		    NULL))
		return -errno;
	/* Came back from an image loaded with KEXEC_PRESERVE_CONTEXT. */
	return -ECANCELED;
}

const struct sys_ops sys_ops_live = {
	.write = live_write,
	.config_write16 = live_config_write16,
	.register_write = live_register_write,
	.flush = live_flush,
	.set_read_only = live_set_read_only,
	.mount = live_mount,
	.unmount = live_unmount,
	.detach = live_detach,
	.unmount_forced = live_unmount_forced,
	.mount_memory = live_mount_memory,
	.swap_off = live_swap_off,
	.btrfs_ready = live_btrfs_ready,
	.dm_create = stack_dm_create,
	.dm_remove = stack_dm_remove,
	.ram_disk = stack_ram_disk,
	.loop_clear = stack_loop_clear,
	.disk_claim = stack_disk_claim,
	.nbd_disconnect = stack_nbd_disconnect,
	.netlink = live_netlink,
	.submit = live_submit,
	.kmsg = live_kmsg,
	.sync = live_sync,
	.kexec_file_load = live_kexec_file_load,
	.kexec_unload = live_kexec_unload,
	.run = live_run,
	.hook = hook_run,
	.sysrq = live_sysrq,
	.watchdog_start = watchdog_start,
	.watchdog_feed = watchdog_feed,
	.watchdog_stop = watchdog_stop,
	.power = live_power,
	.jump = live_jump,
};
