// SPDX-License-Identifier: GPL-2.0-or-later
/* Configuration space through sysfs; see pci.h. */
#include "sys/pci.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define CARDBUS_CAPABILITIES 0x14 /* PC Card Standard 8.1: type 2 headers keep the list here */

int pci_config_read(const struct sysroot *root, const char *path, struct pci_config *ret_config)
{
	char name[PATH_MAX];
	ssize_t n;
	int fd;

	if (snprintf(name, sizeof(name), "%s/config", path) >= (int)sizeof(name))
		return -ENAMETOOLONG;
	fd = sysroot_openat(root, name, O_RDONLY);
	if (fd < 0)
		return fd;
	/* Not the 4096 bytes: each four are an access to the bus, and nothing here needs an
	 * extended capability. */
	n = pread(fd, ret_config->bytes, PCI_CONFIG_SIZE, 0);
	if (n < 0)
		n = -errno;
	close(fd);
	if (n < 0)
		return (int)n;
	if (n < 4)
		return -ENODATA;
	ret_config->size = (size_t)n;
	return 0;
}

/* @width bytes at @offset; all-ones where any of them could not be read. */
static uint32_t config_value(const struct pci_config *config, unsigned int offset,
			     unsigned int width)
{
	uint32_t value = 0;

	if (offset > config->size || config->size - offset < width)
		return UINT32_MAX;
	for (unsigned int i = 0; i < width; i++)
		value |= (uint32_t)config->bytes[offset + i] << (8 * i);
	return value;
}

uint8_t pci_config_u8(const struct pci_config *config, unsigned int offset)
{
	return (uint8_t)config_value(config, offset, 1);
}

uint16_t pci_config_u16(const struct pci_config *config, unsigned int offset)
{
	return (uint16_t)config_value(config, offset, 2);
}

uint32_t pci_config_u32(const struct pci_config *config, unsigned int offset)
{
	return config_value(config, offset, 4);
}

bool pci_config_answers(const struct pci_config *config)
{
	/* Command has reserved bits (7.5.1.1.3): with Status it is never all-ones in what is there. */
	return pci_config_u16(config, PCI_REG_VENDOR) != 0xffff ||
	       pci_config_u32(config, PCI_REG_COMMAND) != UINT32_MAX;
}

/* The first entry of the list, or 0. */
static unsigned int first_capability(const struct pci_config *config)
{
	unsigned int type = pci_config_u8(config, PCI_REG_HEADER) & 0x7f;

	if (config->size < 64 || !(pci_config_u16(config, PCI_REG_STATUS) & PCI_STATUS_HAS_CAPS))
		return 0;
	return pci_config_u8(config, type == 2 ? CARDBUS_CAPABILITIES : PCI_REG_CAPABILITIES);
}

unsigned int pci_config_find(const struct pci_config *config, enum pci_cap id, unsigned int after)
{
	uint64_t seen = 0; /* one bit for each place where an entry can begin */
	bool past = !after;
	unsigned int at;

	/* From the head each time: only so does a caller that goes on from @after meet the end of a
	 * list that bites its own tail. The two low bits of a pointer are reserved (7.5.1.1.11). */
	for (at = first_capability(config) & ~3u; at >= 0x40 && at + 2 <= config->size;
	     at = pci_config_u8(config, at + 1) & ~3u) {
		if (seen & (UINT64_C(1) << (at / 4)))
			return 0;
		seen |= UINT64_C(1) << (at / 4);
		if (past && pci_config_u8(config, at) == id)
			return at;
		if (at == after)
			past = true;
	}
	return 0;
}
