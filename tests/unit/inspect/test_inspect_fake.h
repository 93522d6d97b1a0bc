/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A PCI function made of tables: config space and the values of some registers. */
#pragma once

#include "inspect/inspect.h"

#include <errno.h>
#include <string.h>

/* The first entry for a register counts; one that is not in the table answers 0. */
struct fake_register {
	unsigned int bar;
	uint64_t offset;
	uint64_t value;
};

struct fake {
	const struct fake_register *registers;
	size_t count;
	size_t reads;
	bool dead;
	int error;
};

static inline int fake_read(const struct function *f, unsigned int bar, uint64_t offset,
			    unsigned int width, uint64_t *ret_value)
{
	struct fake *fake = f->context;

	fake->reads++;
	if (fake->error)
		return fake->error;
	*ret_value = fake->dead ? UINT64_MAX >> (64 - 8 * width) : 0;
	for (size_t i = 0; i < fake->count && !fake->dead; i++) {
		if (fake->registers[i].bar != bar || fake->registers[i].offset != offset)
			continue;
		*ret_value = fake->registers[i].value;
		break;
	}
	return 0;
}

static inline void fake_put16(struct function *f, unsigned int offset, uint16_t value)
{
	f->config.bytes[offset] = (uint8_t)value;
	f->config.bytes[offset + 1] = (uint8_t)(value >> 8);
}

static inline void fake_put32(struct function *f, unsigned int offset, uint32_t value)
{
	fake_put16(f, offset, (uint16_t)value);
	fake_put16(f, offset + 2, (uint16_t)(value >> 16));
}

/* @io_bars: one bit for each BAR that is ports; every other is 32-bit memory. Decoding is on. */
static inline void fake_function(struct function *f, struct fake *fake, uint32_t class_code,
				 uint16_t vendor, uint16_t device, unsigned int io_bars)
{
	memset(f, 0, sizeof(*f));
	f->read = fake_read;
	f->context = fake;
	f->kernel_power = 0;
	f->config.size = PCI_CONFIG_SIZE;
	fake_put16(f, PCI_REG_VENDOR, vendor);
	fake_put16(f, PCI_REG_DEVICE, device);
	fake_put16(f, PCI_REG_COMMAND, PCI_CMD_IO | PCI_CMD_MEMORY);
	fake_put32(f, PCI_REG_CLASS, class_code << 8);
	for (unsigned int bar = 0; bar < 6; bar++)
		fake_put32(f, PCI_REG_BAR0 + 4 * bar,
			   io_bars & (1u << bar) ? 0xc001 + 0x100 * bar
						 : 0xfe000000 + 0x10000 * bar);
	function_identify(f);
}

static inline void fake_master(struct function *f, bool on)
{
	uint16_t command = pci_config_u16(&f->config, PCI_REG_COMMAND);

	fake_put16(f, PCI_REG_COMMAND,
		   on ? command | PCI_CMD_MASTER : command & (uint16_t)~PCI_CMD_MASTER);
}

/* A list of capabilities at @at with the ids of @ids (0 ends it), 16 bytes apart. */
static inline void fake_capabilities(struct function *f, const uint8_t ids[])
{
	unsigned int at = 0x40;

	fake_put16(f, PCI_REG_STATUS, PCI_STATUS_HAS_CAPS);
	f->config.bytes[PCI_REG_CAPABILITIES] = (uint8_t)at;
	for (; *ids; ids++, at += 16) {
		f->config.bytes[at] = *ids;
		f->config.bytes[at + 1] = ids[1] ? (uint8_t)(at + 16) : 0;
	}
}

/* An e1000e whose receiver is on. */
static inline void fake_nic(struct function *f, struct fake *fake)
{
	static const struct fake_register receiving[] = { { 0, 0x100, 0x04008002 } };
	static const uint8_t ids[] = { PCI_CAP_PM, PCI_CAP_MSI, PCI_CAP_EXPRESS, PCI_CAP_MSIX, 0 };

	*fake = (struct fake){ .registers = receiving, .count = 1 };
	fake_function(f, fake, 0x020000, 0x8086, 0x10d3, 0);
	fake_capabilities(f, ids);
	f->config.bytes[0x3d] = 1;
}
