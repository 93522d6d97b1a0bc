// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the kernel would refuse later, seen before anything is touched: a jump that is refused after
 * the devices are gone is the worst time to learn of a missing capability.
 */
#include "host/host.h"
#include "host/pid1.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Inode numbers of the initial namespaces (Linux: include/linux/proc_ns.h); they never change. */
#define INITIAL_PID_NAMESPACE  0xEFFFFFFCu
#define INITIAL_USER_NAMESPACE 0xEFFFFFFDu

/* True where /proc says that this process is in another namespace than the machine's own. */
static bool in_other_namespace(const struct sysroot *root, const char *kind, unsigned int initial)
{
	char path[64], target[64];
	const char *number;

	snprintf(path, sizeof(path), "/proc/self/ns/%s", kind);
	if (sysroot_readlink(root, path, target, sizeof(target)) < 0)
		return false;
	number = strchr(target, '[');
	return number && strtoul(number + 1, NULL, 10) != initial;
}

/* 0 or a negative errno when /proc/self/status does not say. */
static int effective_capabilities(const struct sysroot *root, uint64_t *ret_set)
{
	char *status;
	const char *line;
	int code = sysroot_read_all(root, "/proc/self/status", &status);

	if (code)
		return code;
	line = strstr(status, "\nCapEff:");
	if (line)
		*ret_set = strtoull(line + strlen("\nCapEff:"), NULL, 16);
	free(status);
	return line ? 0 : -ENODATA;
}

static const struct capability {
	unsigned int number;
	const char *name, *what_for;
} cap_sys_boot = { CAP_SYS_BOOT, "CAP_SYS_BOOT", "loading a kernel and jumping into it" },
  cap_sys_admin = { CAP_SYS_ADMIN, "CAP_SYS_ADMIN", "unbinding drivers" },
  cap_net_admin = { CAP_NET_ADMIN, "CAP_NET_ADMIN", "taking network links down" };

static int require(const struct sysroot *root, const struct capability *capability, struct error *e)
{
	uint64_t set;
	int code = effective_capabilities(root, &set);

	if (code)
		return error_set(e, code,
				 "/proc/self/status cannot be read (%s), so it is not known what "
				 "this process may do: mount /proc",
				 errno_text(code));
	if (!(set >> capability->number & 1))
		return error_set(e, -EPERM, "%s needs %s: run kexit as root", capability->what_for,
				 capability->name);
	/* A container's root has every capability, over its own namespace alone. */
	if (in_other_namespace(root, "user", INITIAL_USER_NAMESPACE))
		return error_set(e, -EPERM,
				 "%s needs %s over the machine, and this process is in a user "
				 "namespace of its own: run kexit outside the container",
				 capability->what_for, capability->name);
	return 0;
}

/* A number below /proc/sys/kernel, or @missing where this kernel does not have it. */
static long read_sysctl(const struct sysroot *root, const char *name, long missing)
{
	char path[128], text[32];

	snprintf(path, sizeof(path), "/proc/sys/kernel/%s", name);
	if (sysroot_read(root, path, text, sizeof(text)) <= 0)
		return missing;
	return strtol(text, NULL, 10);
}

static int require_kexec(const struct sysroot *root, struct error *e)
{
	if (sysroot_exists(root, "/sys/kernel/kexec_loaded"))
		return 0;
	if (!sysroot_exists(root, "/sys/kernel"))
		return error_set(e, -ENOSYS,
				 "/sys/kernel is not there: mount sysfs on /sys, then try again");
	return error_set(e, -ENOSYS,
			 "this kernel has no kexec: boot one built with CONFIG_KEXEC or "
			 "CONFIG_KEXEC_FILE");
}

int host_may_load(const struct sysroot *root, struct error *e)
{
	int code = require(root, &cap_sys_boot, e);

	if (!code)
		code = require_kexec(root, e);
	if (code)
		return code;
	if (read_sysctl(root, "kexec_load_disabled", 0) == 1)
		return error_set(
			e, -EPERM,
			"kernel.kexec_load_disabled is 1: no kernel can be loaded until the "
			"next boot. Look in /etc/sysctl.d for who sets it");
	/* Linux 6.3: how many more times; -1 is no limit. */
	if (read_sysctl(root, "kexec_load_limit_reboot", -1) == 0)
		return error_set(
			e, -EPERM,
			"kernel.kexec_load_limit_reboot is 0: no more kernels can be loaded "
			"until the next boot. Look in /etc/sysctl.d for who sets it");
	return 0;
}

int host_may_jump(const struct sysroot *root, struct error *e)
{
	int code = require(root, &cap_sys_boot, e);

	if (!code)
		code = require_kexec(root, e);
	if (code)
		return code;
	if (in_other_namespace(root, "pid", INITIAL_PID_NAMESPACE))
		return error_set(e, -EPERM,
				 "this process is in a pid namespace of its own, where the kernel "
				 "refuses the jump: run kexit outside the container");
	return 0;
}

int host_has_image(const struct sysroot *root, struct error *e)
{
	unsigned long long loaded;
	int code = sysroot_read_u64(root, "/sys/kernel/kexec_loaded", &loaded);

	if (code)
		return error_set(e, code, "/sys/kernel/kexec_loaded cannot be read: %s",
				 errno_text(code));
	if (!loaded)
		return error_set(
			e, -ENOENT,
			"no kernel is loaded: 'kexit load KERNEL --initrd FILE' loads one");
	return 0;
}

static bool is_apart(const struct sysroot *root, const char *kind)
{
	char path[64], own[64], first[64];

	snprintf(path, sizeof(path), "/proc/self/ns/%s", kind);
	if (sysroot_readlink(root, path, own, sizeof(own)) < 0)
		return false;
	snprintf(path, sizeof(path), "/proc/1/ns/%s", kind);
	return sysroot_readlink(root, path, first, sizeof(first)) >= 0 && strcmp(own, first) != 0;
}

int host_sees_machine(const struct sysroot *root, struct error *e)
{
	static const struct {
		const char *kind, *words, *hidden;
	} spaces[] = {
		{ "net", "network", "the machine's network links" },
		{ "mnt", "mount", "the machine's mounts" },
	};

	for (size_t i = 0; i < sizeof(spaces) / sizeof(spaces[0]); i++)
		if (is_apart(root, spaces[i].kind))
			return error_set(
				e, -EPERM,
				"this process is in a %s namespace of its own and does not see %s: "
				"run kexit outside the container, or by 'nsenter --target 1 --net "
				"--mount kexit ...'",
				spaces[i].words, spaces[i].hidden);
	return 0;
}

int host_may_quiesce(const struct sysroot *root, bool now, const char *verb, struct error *e)
{
	struct pid1 pid1;
	int code = require(root, &cap_sys_admin, e);

	if (!code)
		code = require(root, &cap_net_admin, e);
	if (!code)
		code = host_sees_machine(root, e);
	if (code)
		return code;
	if (in_other_namespace(root, "pid", INITIAL_PID_NAMESPACE))
		return error_set(
			e, -EPERM,
			"this process is in a pid namespace of its own and does not see who "
			"uses the machine's devices: run kexit outside the container");
	if (!now && pid1_is_manager(root, &pid1))
		return error_set(
			e, -EBUSY,
			"PID 1 is %s: its services would lose their disks and network links "
			"while they run. Instead of '%s': %s. 'kexit %s --now' takes the "
			"devices anyway",
			pid1.name, verb, pid1.instead, verb);
	return 0;
}
