// SPDX-License-Identifier: GPL-2.0-or-later
/* What kind of machine this is, for rules that depend on it: "bmc", "initramfs". */
#include "graph/scanner.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#define VENDOR_MATROX 0x102b
#define VENDOR_ASPEED 0x1a03

static int add_word(struct graph *graph, const char *word)
{
	return graph_add_string(graph, &graph->host, &graph->host_count, &graph->host_capacity,
				word);
}

/* The displays that are a part of a board management controller: ASPEED's, and Matrox' G200
 * variants for servers (device ids 0522h to 0538h; the G200 for desktops is 0520h, 0521h, 0525h). */
static bool is_bmc_display(const struct pci_facts *pci)
{
	if (pci->class_code >> 16 != 0x03)
		return false;
	if (pci->vendor == VENDOR_MATROX)
		return pci->device >= 0x0522 && pci->device <= 0x0538 && pci->device != 0x0525;
	return pci->vendor == VENDOR_ASPEED;
}

static bool has_bmc(const struct scanner *s)
{
	const struct graph *graph = s->graph;

	/* Made by ipmi_devintf and ipmi_msghandler once a BMC has answered. */
	if (sysroot_exists(s->root, "/sys/class/ipmi/ipmi0") ||
	    sysroot_exists(s->root, "/sys/devices/platform/ipmi_bmc.0"))
		return true;
	for (size_t i = 0; i < graph->device_count; i++)
		if (graph->devices[i]->pci && is_bmc_display(graph->devices[i]->pci))
			return true;
	return false;
}

/* The folder of a captured tree says nothing about the machine's root: its last "/" mount does. */
static bool captured_in_initramfs(const struct scanner *s)
{
	bool in_memory = false;
	char *text, *line, *save;

	if (sysroot_read_all(s->root, "/proc/self/mountinfo", &text))
		return false;
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		const char *type = strstr(line, " - ");

		if (type && strstr(line, " / / "))
			in_memory = !strncmp(type + 3, "rootfs ", 7) ||
				    !strncmp(type + 3, "tmpfs ", 6) ||
				    !strncmp(type + 3, "ramfs ", 6);
	}
	free(text);
	return in_memory;
}

static bool is_in_initramfs(const struct scanner *s)
{
	struct statfs fs;
	int fd, r;

	if (sysroot_is_captured(s->root))
		return captured_in_initramfs(s);
	fd = sysroot_openat(s->root, "/", O_PATH | O_DIRECTORY);
	if (fd < 0)
		return false;
	r = fstatfs(fd, &fs);
	close(fd);
	return !r && (fs.f_type == RAMFS_MAGIC || fs.f_type == TMPFS_MAGIC);
}

int scan_host(struct scanner *s)
{
	int code = 0;

	if (has_bmc(s))
		code = add_word(s->graph, "bmc");
	if (!code && is_in_initramfs(s))
		code = add_word(s->graph, "initramfs");
	return code;
}
