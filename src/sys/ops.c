// SPDX-License-Identifier: GPL-2.0-or-later
/* From a call to the table behind it, and the effects that are made of others; see ops.h. */
#include "sys/ops.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>

int sys_write(const struct sys *sys, const char *path, const char *value)
{
	return sys->ops->write(sys->context, path, value);
}

int sys_config_write16(const struct sys *sys, const char *path, unsigned int offset, uint16_t mask,
		       uint16_t value)
{
	return sys->ops->config_write16(sys->context, path, offset, mask, value);
}

int sys_register_write(const struct sys *sys, const char *path, unsigned int bar, uint64_t offset,
		       unsigned int width, uint32_t value)
{
	return sys->ops->register_write(sys->context, path, bar, offset, width, value);
}

int sys_flush(const struct sys *sys, const char *name)
{
	return sys->ops->flush(sys->context, name);
}

int sys_set_read_only(const struct sys *sys, const char *name)
{
	return sys->ops->set_read_only(sys->context, name);
}

int sys_mount(const struct sys *sys, const char *source, const char *target, const char *type,
	      const char *options)
{
	return sys->ops->mount(sys->context, source, target, type, options);
}

int sys_unmount(const struct sys *sys, const char *target)
{
	return sys->ops->unmount(sys->context, target);
}

int sys_detach(const struct sys *sys, const char *target)
{
	return sys->ops->detach(sys->context, target);
}

int sys_unmount_forced(const struct sys *sys, const char *target)
{
	return sys->ops->unmount_forced(sys->context, target);
}

int sys_mount_memory(const struct sys *sys, const char *target, unsigned long long bytes)
{
	return sys->ops->mount_memory(sys->context, target, bytes);
}

int sys_swap_off(const struct sys *sys, const char *path)
{
	return sys->ops->swap_off(sys->context, path);
}

int sys_btrfs_ready(const struct sys *sys, const char *name)
{
	return sys->ops->btrfs_ready(sys->context, name);
}

int sys_dm_create(const struct sys *sys, const char *name, const char *uuid, const char *table,
		  bool read_only)
{
	return sys->ops->dm_create(sys->context, name, uuid, table, read_only);
}

int sys_dm_remove(const struct sys *sys, const char *name)
{
	return sys->ops->dm_remove(sys->context, name);
}

int sys_ram_disk(const struct sys *sys, const char *label, unsigned long long bytes, char *ret_name,
		 size_t size)
{
	return sys->ops->ram_disk(sys->context, label, bytes, ret_name, size);
}

int sys_loop_clear(const struct sys *sys, const char *name)
{
	return sys->ops->loop_clear(sys->context, name);
}

int sys_disk_claim(const struct sys *sys, const char *name)
{
	return sys->ops->disk_claim(sys->context, name);
}

int sys_nbd_disconnect(const struct sys *sys, const char *name)
{
	return sys->ops->nbd_disconnect(sys->context, name);
}

int sys_netlink(const struct sys *sys, void *message, size_t length)
{
	return sys->ops->netlink(sys->context, message, length);
}

int sys_submit(const struct sys *sys, const char *path, const char *text, char *reason, size_t size)
{
	return sys->ops->submit(sys->context, path, text, reason, size);
}

int sys_kmsg(const struct sys *sys, const char *line)
{
	return sys->ops->kmsg(sys->context, line);
}

int sys_sync(const struct sys *sys)
{
	return sys->ops->sync(sys->context);
}

int sys_kexec_file_load(const struct sys *sys, int kernel_fd, int initrd_fd, const char *cmdline,
			unsigned long flags)
{
	return sys->ops->kexec_file_load(sys->context, kernel_fd, initrd_fd, cmdline, flags);
}

int sys_kexec_unload(const struct sys *sys)
{
	return sys->ops->kexec_unload(sys->context);
}

int sys_run(const struct sys *sys, char *const argv[], char *output, size_t size)
{
	return sys->ops->run(sys->context, argv, output, size);
}

int sys_hook(const struct sys *sys, char *const argv[], char *const environment[],
	     unsigned int limit_ms)
{
	return sys->ops->hook(sys->context, argv, environment, limit_ms);
}

int sys_sysrq(const struct sys *sys, char key)
{
	return sys->ops->sysrq(sys->context, key);
}

int sys_watchdog_start(const struct sys *sys, const char *path, unsigned int seconds,
		       unsigned int *ret_seconds)
{
	return sys->ops->watchdog_start(sys->context, path, seconds, ret_seconds);
}

int sys_watchdog_feed(const struct sys *sys, int fd)
{
	return sys->ops->watchdog_feed(sys->context, fd);
}

int sys_watchdog_stop(const struct sys *sys, int fd)
{
	return sys->ops->watchdog_stop(sys->context, fd);
}

int sys_power(const struct sys *sys, enum sys_power to)
{
	return sys->ops->power(sys->context, to);
}

int sys_jump(const struct sys *sys)
{
	return sys->ops->jump(sys->context);
}

static int write_driver(const struct sys *sys, const char *bus, const char *driver,
			const char *attribute, const char *name)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "/sys/bus/%s/drivers/%s/%s", bus, driver, attribute);

	if (n < 0 || (size_t)n >= sizeof(path))
		return -ENAMETOOLONG;
	return sys_write(sys, path, name);
}

int sys_unbind(const struct sys *sys, const char *bus, const char *driver, const char *name)
{
	return write_driver(sys, bus, driver, "unbind", name);
}

int sys_bind(const struct sys *sys, const char *bus, const char *driver, const char *name)
{
	return write_driver(sys, bus, driver, "bind", name);
}
