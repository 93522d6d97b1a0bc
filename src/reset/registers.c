// SPDX-License-Identifier: GPL-2.0-or-later
/* Config space before and after; see registers.h. */
#include "reset/registers.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum header { ENDPOINT = 1 << 0, BRIDGE = 1 << 1, ANY = ENDPOINT | BRIDGE };

struct field {
	const char *name;
	enum header header;
	unsigned int capability; /* 0: @offset counts from the header's start */
	unsigned int offset, width;
	uint32_t mask;
};

/*
 * PCIe 6.0 7.5.1.2 (type 0 header), 7.5.1.3 (type 1), 7.5.2.2 (PMCSR), 7.5.3.4, 7.5.3.7, 7.5.3.8,
 * 7.5.3.16, 7.5.3.19 (Express), 7.7.1.2 and 7.7.2.2 (MSI, MSI-X). Bit 6 of Bridge Control is the
 * reset itself; bits 13 and 9:0 of Link Status are "active", width and speed.
 */
static const struct field fields[] = {
	{ "vendor and device", ANY, 0, 0x00, 4, UINT32_MAX },
	{ "Command", ENDPOINT, 0, 0x04, 2, 0xffffu & ~PCI_CMD_MASTER },
	{ "Command", BRIDGE, 0, 0x04, 2, 0xffff },
	{ "class", ANY, 0, 0x08, 4, UINT32_MAX },
	{ "cache line and latency", ANY, 0, 0x0c, 2, 0xffff },
	{ "BAR0", ANY, 0, 0x10, 4, UINT32_MAX },
	{ "BAR1", ANY, 0, 0x14, 4, UINT32_MAX },
	{ "BAR2", ENDPOINT, 0, 0x18, 4, UINT32_MAX },
	{ "BAR3", ENDPOINT, 0, 0x1c, 4, UINT32_MAX },
	{ "BAR4", ENDPOINT, 0, 0x20, 4, UINT32_MAX },
	{ "BAR5", ENDPOINT, 0, 0x24, 4, UINT32_MAX },
	{ "subsystem", ENDPOINT, 0, 0x2c, 4, UINT32_MAX },
	{ "ROM", ENDPOINT, 0, 0x30, 4, UINT32_MAX },
	{ "bus numbers", BRIDGE, 0, 0x18, 4, UINT32_MAX },
	{ "I/O window", BRIDGE, 0, 0x1c, 2, 0xffff },
	{ "memory window", BRIDGE, 0, 0x20, 4, UINT32_MAX },
	{ "prefetchable window", BRIDGE, 0, 0x24, 4, UINT32_MAX },
	{ "prefetchable base, upper", BRIDGE, 0, 0x28, 4, UINT32_MAX },
	{ "prefetchable limit, upper", BRIDGE, 0, 0x2c, 4, UINT32_MAX },
	{ "I/O window, upper", BRIDGE, 0, 0x30, 4, UINT32_MAX },
	{ "ROM", BRIDGE, 0, 0x38, 4, UINT32_MAX },
	{ "interrupt", ANY, 0, 0x3c, 2, 0xffff },
	{ "Bridge Control", BRIDGE, 0, 0x3e, 2, 0xffbf },
	{ "power state", ANY, PCI_CAP_PM, 4, 2, 0x0003 },
	{ "MSI control", ANY, PCI_CAP_MSI, 2, 2, 0xffff },
	{ "MSI-X control", ANY, PCI_CAP_MSIX, 2, 2, 0xffff },
	{ "Device Control", ANY, PCI_CAP_EXPRESS, 0x08, 2, 0x7fff },
	{ "Link Control", ANY, PCI_CAP_EXPRESS, 0x10, 2, 0xffdf },
	{ "Link Status", ANY, PCI_CAP_EXPRESS, 0x12, 2, 0x23ff },
	{ "Slot Control", BRIDGE, PCI_CAP_EXPRESS, 0x18, 2, 0xffff },
	{ "Device Control 2", ANY, PCI_CAP_EXPRESS, 0x28, 2, 0xffff },
	{ "Link Control 2", ANY, PCI_CAP_EXPRESS, 0x30, 2, 0xffff },
};

static uint32_t field_value(const struct pci_config *config, const struct field *field,
			    unsigned int base)
{
	uint32_t value = field->width == 2 ? pci_config_u16(config, base + field->offset)
					   : pci_config_u32(config, base + field->offset);

	return value & field->mask;
}

static enum header header_of(const struct pci_config *config)
{
	return (pci_config_u8(config, PCI_REG_HEADER) & 0x7f) == 1 ? BRIDGE : ENDPOINT;
}

/* Where the field's offset counts from, or -1: the function has no such capability. */
static int field_base(const struct pci_config *before, const struct field *field)
{
	unsigned int at;

	if (!field->capability)
		return 0;
	at = pci_config_find(before, (enum pci_cap)field->capability, 0);
	return at ? (int)at : -1;
}

unsigned int registers_compare(const struct pci_config *before, const struct pci_config *after,
			       char *text, size_t size)
{
	unsigned int differences = 0;

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		const struct field *field = &fields[i];
		int base = field_base(before, field);
		uint32_t old, new;

		if (base < 0 || !(field->header & header_of(before)))
			continue;
		old = field_value(before, field, (unsigned int)base);
		new = field_value(after, field, (unsigned int)base);
		if (old == new)
			continue;
		if (!differences++)
			snprintf(text, size, "%s 0x%0*" PRIx32 " -> 0x%0*" PRIx32, field->name,
				 (int)(2 * field->width), old, (int)(2 * field->width), new);
	}
	if (differences > 1) {
		size_t used = strlen(text);

		snprintf(text + used, size - used, ", and %u more", differences - 1);
	}
	return differences;
}

bool registers_answer(const struct pci_config *config)
{
	return pci_config_answers(config) && pci_config_u16(config, PCI_REG_VENDOR) != 0x0001;
}
