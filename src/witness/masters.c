// SPDX-License-Identifier: GPL-2.0-or-later
/* Bus Master of the functions nobody drives yet; see masters.h. */
#include "witness/masters.h"

#include "sys/pci.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FUNCTIONS "/sys/bus/pci/devices"

struct masters {
	size_t count, capacity;
	char (*paths)[NAME_MAX + sizeof(FUNCTIONS) + 1];
};

static bool is_candidate(const struct sysroot *root, const char *path)
{
	struct pci_config config;
	char driver[PATH_MAX];
	uint16_t command;

	snprintf(driver, sizeof(driver), "%s/driver", path);
	if (sysroot_exists(root, driver) || pci_config_read(root, path, &config) < 0)
		return false;
	command = pci_config_u16(&config, PCI_REG_COMMAND);
	return command != 0xffff && !(command & PCI_CMD_MASTER) &&
	       (pci_config_u8(&config, PCI_REG_HEADER) & 0x7f) == 0 &&
	       pci_config_u8(&config, PCI_REG_CLASS + 3) != 0x06;
}

static int remember(struct masters *masters, const char *path)
{
	if (masters->count == masters->capacity) {
		size_t capacity = masters->capacity ? masters->capacity * 2 : 32;
		void *grown = realloc(masters->paths, capacity * sizeof(*masters->paths));

		if (!grown)
			return -ENOMEM;
		masters->paths = grown;
		masters->capacity = capacity;
	}
	snprintf(masters->paths[masters->count++], sizeof(*masters->paths), "%s", path);
	return 0;
}

static int master_on(const struct sys *sys, struct masters *masters, const char *name,
		     struct error *e)
{
	char path[sizeof(*masters->paths)];
	int r;

	snprintf(path, sizeof(path), FUNCTIONS "/%s", name);
	if (!is_candidate(sys->root, path))
		return 0;
	r = remember(masters, path);
	if (r == 0)
		r = sys_config_write16(sys, path, PCI_REG_COMMAND, PCI_CMD_MASTER, PCI_CMD_MASTER);
	if (r < 0)
		return error_set(e, r, "%s: turning Bus Master on failed: %s", name, errno_text(r));
	return 0;
}

int masters_on(const struct sys *sys, struct masters **ret_masters, size_t *ret_count,
	       struct error *e)
{
	struct masters *masters = calloc(1, sizeof(*masters));
	struct dirent *entry;
	int r = 0;
	DIR *dir;

	if (!masters)
		return error_set(e, -ENOMEM, "no memory");
	dir = sysroot_opendir(sys->root, FUNCTIONS);
	if (!dir) {
		r = -errno;
		free(masters);
		return error_set(e, r, FUNCTIONS ": %s", errno_text(r));
	}
	while (r == 0 && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			r = master_on(sys, masters, entry->d_name, e);
	closedir(dir);
	if (r < 0) {
		masters_off(sys, masters);
		return r;
	}
	*ret_count = masters->count;
	*ret_masters = masters;
	return 0;
}

void masters_off(const struct sys *sys, struct masters *masters)
{
	if (!masters)
		return;
	for (size_t i = 0; i < masters->count; i++)
		sys_config_write16(sys, masters->paths[i], PCI_REG_COMMAND, PCI_CMD_MASTER, 0);
	free(masters->paths);
	free(masters);
}
