// SPDX-License-Identifier: GPL-2.0-or-later
/* Is this one of the machines where a jump is known to stick; see known.h. */
#include "host/known.h"

#include <ctype.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#define VALUE_SIZE   256

/* Xen: xen/include/public/features.h, XENFEAT_dom0. */
#define XENFEAT_DOM0 11

static bool matches(const struct sysroot *root, const char *path, const char *pattern)
{
	char value[VALUE_SIZE];

	return !pattern || (sysroot_read(root, path, value, sizeof(value)) > 0 &&
			    fnmatch(pattern, value, 0) == 0);
}

/* Dom0 has the hardware, and is none: told by what Xen offers it, or by what xenfs says it may. */
static bool is_xen_guest(const struct sysroot *root)
{
	char value[VALUE_SIZE];
	char *end;

	if (sysroot_read(root, "/sys/hypervisor/type", value, sizeof(value)) <= 0 ||
	    strcmp(value, "xen") != 0)
		return false;
	if (sysroot_read(root, "/proc/xen/capabilities", value, sizeof(value)) > 0 &&
	    strstr(value, "control_d"))
		return false;
	if (sysroot_read(root, "/sys/hypervisor/properties/features", value, sizeof(value)) > 0) {
		unsigned long features = strtoul(value, &end, 16);

		if (end != value && !*end && features & 1ul << XENFEAT_DOM0)
			return false;
	}
	return true;
}

/* The value of the first line "@name : VALUE" of /proc/cpuinfo, which the caller frees; NULL: none. */
static char *cpu_line(const struct sysroot *root, const char *name)
{
	size_t length = strlen(name);
	char *text, *at, *line, *value = NULL;

	if (sysroot_read_all(root, "/proc/cpuinfo", &text) < 0)
		return NULL;
	at = text;
	while (!value && (line = strsep(&at, "\n"))) {
		const char *colon = strchr(line, ':');

		if (strncmp(line, name, length) != 0 || !colon ||
		    strspn(line + length, " \t") != (size_t)(colon - line) - length)
			continue;
		value = strdup(colon + 1 + strspn(colon + 1, " \t"));
	}
	free(text);
	return value;
}

static bool matches_cpu(const struct sysroot *root, const char *pattern)
{
	char *value = pattern ? cpu_line(root, "model name") : NULL;
	bool is_it = !pattern || (value && fnmatch(pattern, value, 0) == 0);

	free(value);
	return is_it;
}

static bool has_flag(const struct sysroot *root, const char *flag)
{
	char *value = flag ? cpu_line(root, "flags") : NULL, *at = value;
	const char *word;
	bool has = !flag;

	while (!has && (word = strsep(&at, " ")))
		has = !strcmp(word, flag);
	free(value);
	return has;
}

/* A captured tree says it by itself, or not at all (before Linux 6.1). */
static bool matches_arch(const struct sysroot *root, const char *arch)
{
	struct utsname name;
	char value[VALUE_SIZE];

	if (!arch)
		return true;
	if (sysroot_read(root, "/proc/sys/kernel/arch", value, sizeof(value)) > 0)
		return !strcmp(value, arch);
	return !sysroot_is_captured(root) && !uname(&name) && !strcmp(name.machine, arch);
}

int known_compare_release(const char *release, const char *bound)
{
	while (isdigit((unsigned char)*bound)) {
		char *release_end, *bound_end;
		unsigned long ours = strtoul(release, &release_end, 10);
		unsigned long theirs = strtoul(bound, &bound_end, 10);

		if (ours != theirs)
			return ours < theirs ? -1 : 1;
		/* "6.12-rc1" and "6.12+" have no third number: it counts as 0. */
		release = *release_end == '.' ? release_end + 1 : "";
		bound = *bound_end == '.' ? bound_end + 1 : bound_end;
	}
	return 0;
}

/*
 * Debian's and Ubuntu's release may be the name of an interface ("6.1.0-56-amd64") which many kernels
 * share. What the kernel is made of stands behind "Debian" in /proc/version ("Debian 6.1.158-1"), and
 * last in Ubuntu's /proc/version_signature ("Ubuntu 6.8.0-31.31-generic 6.8.1").
 */
static bool read_release(const struct sysroot *root, char *ret_release, size_t size)
{
	char text[1024];
	const char *at = NULL;

	if (sysroot_read(root, "/proc/version_signature", text, sizeof(text)) > 0) {
		at = strrchr(text, ' ');
		at = at ? at + 1 : NULL;
	} else if (sysroot_read(root, "/proc/version", text, sizeof(text)) > 0) {
		/* Not the compiler's, which is in brackets; the last one, since a builder's name may be it. */
		for (const char *next = text; (next = strstr(next, " Debian ")); next++)
			at = next + strlen(" Debian ");
	}
	if (at && isdigit((unsigned char)*at)) {
		snprintf(ret_release, size, "%s", at);
		return true;
	}
	return sysroot_read(root, "/proc/sys/kernel/osrelease", ret_release, size) > 0;
}

static bool is_in_range(const struct sysroot *root, const char *from, const char *to)
{
	char release[VALUE_SIZE];

	if (!from && !to)
		return true;
	return read_release(root, release, sizeof(release)) &&
	       (!from || known_compare_release(release, from) >= 0) &&
	       (!to || known_compare_release(release, to) <= 0);
}

static bool is_this(const struct sysroot *root, const struct known *known)
{
	return matches(root, "/sys/class/dmi/id/sys_vendor", known->sys_vendor) &&
	       matches(root, "/sys/class/dmi/id/product_name", known->product_name) &&
	       matches(root, "/sys/firmware/devicetree/base/model", known->board) &&
	       (!known->is_xen_guest || is_xen_guest(root)) && matches_cpu(root, known->cpu) &&
	       has_flag(root, known->cpu_flag) && matches_arch(root, known->arch) &&
	       is_in_range(root, known->from, known->to);
}

const struct known *known_find(const struct sysroot *root)
{
	for (const struct known *known = known_machines; known->name; known++)
		if (is_this(root, known))
			return known;
	return NULL;
}

int known_ask(const struct sysroot *root, struct error *e)
{
	const struct known *known = known_find(root);

	return known ? error_set(e, -EPERM,
				 "kexec is known to stick on this kind of machine, %s: %s (%s); "
				 "'known-bad = kexec' in kexit.conf(5) tries it all the same",
				 known->name, known->what, known->source)
		     : 0;
}
