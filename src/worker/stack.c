// SPDX-License-Identifier: GPL-2.0-or-later
/* A process's way into the kernel, read; see stack.h. */
#include "worker/stack.h"

#include <stdio.h>
#include <string.h>

/*
 * Functions that wait for nothing but a lock (Linux 6.1 to 7.3: net/core/rtnetlink.c and dev.c,
 * drivers/base/dd.c, drivers/pci/remove.c, drivers/scsi/hosts.c, kernel/locking and kernel/cpu.c).
 */
static const char *const lock_functions[] = {
	"rtnl_lock",
	"rtnl_lock_killable",
	"rtnl_net_lock",
	"unregister_netdev",
	"mutex_lock",
	"mutex_lock_nested",
	"mutex_lock_killable",
	"mutex_lock_interruptible",
	"__mutex_lock",
	"__mutex_lock_slowpath",
	"ww_mutex_lock",
	"down",
	"down_read",
	"down_write",
	"__down",
	"__down_common",
	"rwsem_down_read_slowpath",
	"rwsem_down_write_slowpath",
	"percpu_down_write",
	"percpu_rwsem_wait",
	"cpus_read_lock",
	"cpus_write_lock",
	"device_lock",
	"__device_driver_lock",
	"device_driver_detach",
	"device_release_driver_internal",
	"pci_lock_rescan_remove",
	"scsi_remove_host",
	"scsi_forget_host",
};

/* "[<0>] unregister_netdev+0xe/0x20 [mod]" or "...constprop.0+0x...": its name alone. */
static bool frame_read(const char *line, size_t length, char name[STACK_NAME])
{
	const char *start = memchr(line, ']', length);
	size_t n;

	if (!start || start + 2 >= line + length)
		return false;
	start += 2;
	n = strcspn(start, "+. \n");
	if (!n || start + n > line + length)
		return false;
	if (n >= STACK_NAME)
		n = STACK_NAME - 1;
	memcpy(name, start, n);
	name[n] = '\0';
	/* An address without a name says nothing, as where a process is not in the kernel. */
	return strncmp(name, "0x", 2) != 0;
}

void stack_read(const struct sysroot *root, pid_t pid, struct stack *ret_stack)
{
	char path[64], text[4096];
	ssize_t n;

	ret_stack->depth = 0;
	ret_stack->hash = 0xcbf29ce484222325;
	snprintf(path, sizeof(path), "/proc/%d/stack", pid);
	n = root ? sysroot_read(root, path, text, sizeof(text)) : -1;
	for (ssize_t i = 0; i < n; i++)
		ret_stack->hash = (ret_stack->hash ^ (unsigned char)text[i]) * 0x100000001b3;
	for (const char *line = text; n > 0 && *line && ret_stack->depth < STACK_DEPTH;) {
		size_t length = strcspn(line, "\n");

		ret_stack->depth += frame_read(line, length, ret_stack->frames[ret_stack->depth]);
		line += length + (line[length] == '\n');
	}
}

bool stack_is_at_lock(const struct stack *stack)
{
	for (size_t i = 0; stack->depth && i < sizeof(lock_functions) / sizeof(*lock_functions);
	     i++)
		if (!strcmp(stack->frames[0], lock_functions[i]))
			return true;
	return false;
}

bool stack_has_passed(const struct stack *stack, const char *function)
{
	for (size_t i = 1; i < stack->depth; i++)
		if (!strcmp(stack->frames[i], function))
			return true;
	return false;
}
