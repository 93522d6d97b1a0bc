// SPDX-License-Identifier: GPL-2.0-or-later
/* Bus Master off where nobody else does it; see pci_master.h. */
#include "run/pci_master.h"

#include "sys/pci.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>

bool pci_may_clear_master(const struct pci_facts *pci)
{
	unsigned int base = pci->class_code >> 16;

	return base != 0x06 && base != 0x08 && !pci->is_boot_display;
}

int pci_clear_master(const struct sys *sys, struct record *record, const struct device *device)
{
	struct pci_config config;
	char path[PATH_MAX];
	uint16_t command;
	int r;

	/* The plan is older than the releases: a driver may hold it by now, or it may be gone. */
	snprintf(path, sizeof(path), "/sys%s/driver", device->path);
	if (sysroot_exists(sys->root, path))
		return 0;
	snprintf(path, sizeof(path), "/sys%s", device->path);
	r = pci_config_read(sys->root, path, &config);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	command = pci_config_u16(&config, PCI_REG_COMMAND);
	if (command == 0xffff || !(command & PCI_CMD_MASTER))
		return 0;
	record_write(record, "clear",
		     json_pack("{s:s, s:i, s:i}", "device", device->path, "old", (int)command,
			       "new", (int)(command & ~PCI_CMD_MASTER)));
	r = sys_config_write16(sys, path, PCI_REG_COMMAND, PCI_CMD_MASTER, 0);
	return r < 0 ? r : 1;
}

size_t pci_clear_unbound(const struct sys *sys, const struct plan *plan, struct record *record,
			 void (*note)(const char *line))
{
	size_t cleared = 0;
	char line[256];

	for (size_t i = 0; i < plan->clear_count; i++) {
		const struct device *device = plan->clears[i]->device;
		int r = pci_clear_master(sys, record, device);

		if (r > 0)
			cleared++;
		if (r >= 0)
			continue;
		snprintf(line, sizeof(line),
			 "%s: Bus Master could not be cleared: %s; it goes on mastering the bus",
			 device->name, errno_text(r));
		record_write(
			record, "not-cleared",
			json_pack("{s:s, s:s}", "device", device->path, "errno", errno_name(r)));
		if (note)
			note(line);
	}
	return cleared;
}
