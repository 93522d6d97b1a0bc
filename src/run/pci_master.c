// SPDX-License-Identifier: GPL-2.0-or-later
/* Bus Master off where nobody else does it; see pci_master.h. */
#include "run/pci_master.h"

#include "inspect/inspect.h"
#include "sys/pci.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

bool pci_may_clear_master(const struct pci_facts *pci)
{
	unsigned int base = pci->class_code >> 16;

	return base != 0x06 && base != 0x08 && !pci->is_boot_display;
}

static bool power_state(const struct sys *sys, const struct device *device, char *text, size_t size)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/sys%s/power_state", device->path);
	return sysroot_read(sys->root, path, text, size) > 0;
}

static int read_config(const struct sys *sys, const struct device *device,
		       struct pci_config *ret_config)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/sys%s", device->path);
	return pci_config_read(sys->root, path, ret_config);
}

bool pci_is_master(const struct sys *sys, const struct device *device)
{
	struct pci_config config;
	char state[16];

	if (power_state(sys, device, state, sizeof(state)) && !strcmp(state, "D3cold"))
		return false;
	return read_config(sys, device, &config) == 0 && pci_config_answers(&config) &&
	       (pci_config_u16(&config, PCI_REG_COMMAND) & PCI_CMD_MASTER);
}

bool pci_kernel_clears_master(const struct sys *sys, const struct device *device)
{
	static const char *const known[] = { "D0", "D1", "D2", "D3hot" };
	char state[16];

	if (!power_state(sys, device, state, sizeof(state)))
		return false;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!strcmp(state, known[i]))
			return true;
	return false;
}

/* The bits of Command that are not as they should be in what no driver holds. */
static uint16_t wrong_bits(const struct pci_config *config)
{
	uint16_t master = pci_config_u16(config, PCI_REG_COMMAND) & PCI_CMD_MASTER;

	return master | (config_intx_drowns(config) ? PCI_CMD_INTX_DISABLE : 0);
}

int pci_clear_master(const struct sys *sys, struct record *record, const struct device *device)
{
	struct pci_config config;
	uint16_t command, wrong;
	char path[PATH_MAX];
	int r;

	/* The plan is older than the releases: a driver may hold it by now, or it may be gone. */
	snprintf(path, sizeof(path), "/sys%s/driver", device->path);
	if (sysroot_exists(sys->root, path))
		return 0;
	r = read_config(sys, device, &config);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	wrong = wrong_bits(&config);
	if (!pci_config_answers(&config) || !wrong)
		return 0;
	command = pci_config_u16(&config, PCI_REG_COMMAND);
	record_write(record, "clear",
		     json_pack("{s:s, s:i, s:i}", "device", device->path, "old", (int)command,
			       "new", (int)(command ^ wrong)));
	snprintf(path, sizeof(path), "/sys%s", device->path);
	r = sys_config_write16(sys, path, PCI_REG_COMMAND, wrong, wrong & PCI_CMD_INTX_DISABLE);
	/* An interrupt that could not be disabled is the next look's to find. */
	if (!(command & PCI_CMD_MASTER))
		return 0;
	if (r < 0)
		return r;
	return pci_is_master(sys, device) ? -EIO : 1;
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
