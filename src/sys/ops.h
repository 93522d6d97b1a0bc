/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every effect kexit has on a machine, in one table.
 *
 * The live table does system calls; tests put another behind the same code, which changes a copy
 * of a captured tree and injects faults. Nothing outside sys/ writes to the kernel.
 * All return 0 or a negative errno, what the kernel answered, unless they say more. Paths are as on the machine.
 */
#pragma once

#include "sys/root.h"

#include <stdbool.h>
#include <stdint.h>

/* How a machine is left without a next kernel. */
enum sys_power { SYS_RESTART, SYS_POWER_OFF, SYS_HALT };

struct sys_ops {
	/* Writes @value to the attribute @path in one write(2). */
	int (*write)(void *context, const char *path, const char *value);

	/* Sets the bits of @mask in the 16-bit config register at @offset of the PCI function whose
	 * sysfs folder is @path to @value (read, change, write; PCIe 6.0 7.5.1.1). */
	int (*config_write16)(void *context, const char *path, unsigned int offset, uint16_t mask,
			      uint16_t value);

	/* Puts @value into the register of @width bytes (1, 2 or 4) at @offset of BAR @bar, ports or
	 * memory, of the PCI function whose sysfs folder is @path. As bar_write(). */
	int (*register_write)(void *context, const char *path, unsigned int bar, uint64_t offset,
			      unsigned int width, uint32_t value);

	/* Writes back and flushes the block device /dev/@name; may take minutes, uninterruptibly. */
	int (*flush)(void *context, const char *name);

	/* BLKROSET: from here on nothing can write to the block device /dev/@name, nor to its
	 * partitions. Opens it, and so may take as long as a dead disk does. */
	int (*set_read_only)(void *context, const char *name);

	/* mount(2) of @source on the folder @target, which is made when missing; always read-only,
	 * and no device node or program on it can be used. @options are the file system's own. */
	int (*mount)(void *context, const char *source, const char *target, const char *type,
		     const char *options);

	/* umount2(2). */
	int (*unmount)(void *context, const char *target);

	/* The same with MNT_DETACH: the folder is free at once, the file system goes with its last user. */
	int (*detach)(void *context, const char *target);

	/* umount2(2) with MNT_FORCE: FUSE and network file systems end what is under way with an error. */
	int (*unmount_forced)(void *context, const char *target);

	/* mount(2) of a tmpfs of at most @bytes on the folder @target, which is made when missing: its
	 * owner's alone, and programs on it can be run. */
	int (*mount_memory)(void *context, const char *target, unsigned long long bytes);

	/* swapoff(2) of the device or file @path. */
	int (*swap_off)(void *context, const char *path);

	/* Makes the member /dev/@name of a btrfs known to the kernel (BTRFS_IOC_DEVICES_READY): 0 when
	 * all members are, 1 while others are missing. */
	int (*btrfs_ready)(void *context, const char *name);

	/* Makes the device mapper's device @name with @uuid and @table, which has a line
	 * "START LENGTH TARGET PARAMETER..." for each part, in sectors (Linux:
	 * Documentation/admin-guide/device-mapper). @read_only: nothing can be written through it.
	 * -EBUSY: there is one of that name or UUID. */
	int (*dm_create)(void *context, const char *name, const char *uuid, const char *table,
			 bool read_only);

	/* DM_DEV_REMOVE of the device mapper's device with the name @name ("vg-root"). */
	int (*dm_remove)(void *context, const char *name);

	/* Makes a disk of @bytes in RAM, which takes memory only for what is written to it: a loop
	 * device on a memfd(2) called @label, which goes with it. Its name ("loop0") to
	 * @ret_name, cut to @size. */
	int (*ram_disk)(void *context, const char *label, unsigned long long bytes, char *ret_name,
			size_t size);

	/* LOOP_CLR_FD of /dev/@name. */
	int (*loop_clear)(void *context, const char *name);

	/* Opens /dev/@name as its only user (O_EXCL) and lets go of it again. -EBUSY: a file system, a
	 * device of the device mapper, an array or swap is on it, or on a partition of it. */
	int (*disk_claim)(void *context, const char *name);

	/* NBD_DISCONNECT and NBD_CLEAR_SOCK of /dev/@name. */
	int (*nbd_disconnect)(void *context, const char *name);

	/* Sends one rtnetlink request (a whole nlmsghdr) and waits for its acknowledgement. */
	int (*netlink)(void *context, void *message, size_t length);

	/* Writes @text to the character device @path in one write(2). What the driver says of it then
	 * (the same open file reads it) goes to @reason, one line, cut to @size. */
	int (*submit)(void *context, const char *path, const char *text, char *reason, size_t size);

	/* One line into the kernel log, at the level of a notice; @line says who speaks. */
	int (*kmsg)(void *context, const char *line);

	/* sync(2). */
	int (*sync)(void *context);

	/* kexec_file_load(2); @initrd_fd is -1 for none, @cmdline NUL-terminated. */
	int (*kexec_file_load)(void *context, int kernel_fd, int initrd_fd, const char *cmdline,
			       unsigned long flags);

	/* Takes the loaded image away, whoever loaded it and by which call. */
	int (*kexec_unload)(void *context);

	/* Runs a program found in PATH or the usual folders, and returns its exit status (positive
	 * or 0; 128 + the signal that ended it) or a negative errno where it could not be run. What
	 * it printed goes to @output, cut to @size. It inherits descriptors without O_CLOEXEC. */
	int (*run)(void *context, char *const argv[], char *output, size_t size);

	/*
	 * Runs the program @argv[0], a whole path, with nothing but @environment, and returns its exit status
	 * (as run() does). After @limit_ms: -ETIMEDOUT. It is ended then, and so is, in any case, what it
	 * started and left in its process group.
	 */
	int (*hook)(void *context, char *const argv[], char *const environment[],
		    unsigned int limit_ms);

	/* /proc/sysrq-trigger; 'b' does not return. */
	int (*sysrq)(void *context, char key);

	/*
	 * Opens the watchdog @path, from which on it counts, and sets it to @seconds (Linux:
	 * Documentation/watchdog/watchdog-api.rst). Returns its descriptor, O_CLOEXEC, and what the driver
	 * made of the time; or a negative errno, and it was stopped again where it can be. -EBUSY:
	 * somebody else has it open.
	 */
	int (*watchdog_start)(void *context, const char *path, unsigned int seconds,
			      unsigned int *ret_seconds);

	/* WDIOC_KEEPALIVE: it counts from the start again. */
	int (*watchdog_feed)(void *context, int fd);

	/* Stops it, where its driver can (not with nowayout), and closes @fd. */
	int (*watchdog_stop)(void *context, int fd);

	/* reboot(2). Returns only when the kernel refused. */
	int (*power)(void *context, enum sys_power to);

	/* reboot(LINUX_REBOOT_CMD_KEXEC). Returns only when the kernel did not jump. */
	int (*jump)(void *context);
};

/* The machine to act on: what may be read, and what may be done. Passed by pointer everywhere. */
struct sys {
	struct sysroot *root;
	const struct sys_ops *ops;
	void *context;
};

/* The real thing. Its context is NULL. */
extern const struct sys_ops sys_ops_live;

int sys_write(const struct sys *sys, const char *path, const char *value);
int sys_config_write16(const struct sys *sys, const char *path, unsigned int offset, uint16_t mask,
		       uint16_t value);
int sys_register_write(const struct sys *sys, const char *path, unsigned int bar, uint64_t offset,
		       unsigned int width, uint32_t value);
int sys_flush(const struct sys *sys, const char *name);
int sys_set_read_only(const struct sys *sys, const char *name);
int sys_mount(const struct sys *sys, const char *source, const char *target, const char *type,
	      const char *options);
int sys_unmount(const struct sys *sys, const char *target);
int sys_detach(const struct sys *sys, const char *target);
int sys_unmount_forced(const struct sys *sys, const char *target);
int sys_mount_memory(const struct sys *sys, const char *target, unsigned long long bytes);
int sys_swap_off(const struct sys *sys, const char *path);
int sys_btrfs_ready(const struct sys *sys, const char *name);
int sys_dm_create(const struct sys *sys, const char *name, const char *uuid, const char *table,
		  bool read_only);
int sys_dm_remove(const struct sys *sys, const char *name);
int sys_ram_disk(const struct sys *sys, const char *label, unsigned long long bytes, char *ret_name,
		 size_t size);
int sys_loop_clear(const struct sys *sys, const char *name);
int sys_disk_claim(const struct sys *sys, const char *name);
int sys_nbd_disconnect(const struct sys *sys, const char *name);
int sys_netlink(const struct sys *sys, void *message, size_t length);
int sys_submit(const struct sys *sys, const char *path, const char *text, char *reason,
	       size_t size);
int sys_kmsg(const struct sys *sys, const char *line);
int sys_sync(const struct sys *sys);
int sys_kexec_file_load(const struct sys *sys, int kernel_fd, int initrd_fd, const char *cmdline,
			unsigned long flags);
int sys_kexec_unload(const struct sys *sys);
int sys_run(const struct sys *sys, char *const argv[], char *output, size_t size);
int sys_hook(const struct sys *sys, char *const argv[], char *const environment[],
	     unsigned int limit_ms);
int sys_sysrq(const struct sys *sys, char key);
int sys_watchdog_start(const struct sys *sys, const char *path, unsigned int seconds,
		       unsigned int *ret_seconds);
int sys_watchdog_feed(const struct sys *sys, int fd);
int sys_watchdog_stop(const struct sys *sys, int fd);
int sys_power(const struct sys *sys, enum sys_power to);
int sys_jump(const struct sys *sys);

/* Writes the name of the device @name to /sys/bus/@bus/drivers/@driver/{unbind,bind}. The kernel
 * returns success for an unbind whatever remove() did: look at the driver link and the hardware. */
int sys_unbind(const struct sys *sys, const char *bus, const char *driver, const char *name);
int sys_bind(const struct sys *sys, const char *bus, const char *driver, const char *name);
