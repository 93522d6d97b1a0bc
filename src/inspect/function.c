// SPDX-License-Identifier: GPL-2.0-or-later
/* How decoders reach registers; see function.h. */
#include "inspect/function.h"

#include <errno.h>

#define BARS	    6
#define BAR_IO	    0x1 /* PCIe 6.0 7.5.1.2.1: bit 0 tells ports from memory */
#define BAR_TYPE    0x6
#define BAR_TYPE_64 0x4
#define VIRTUAL_BAR 0x1000

void function_identify(struct function *f)
{
	f->vendor = pci_config_u16(&f->config, PCI_REG_VENDOR);
	f->device = pci_config_u16(&f->config, PCI_REG_DEVICE);
	f->class_code = pci_config_u32(&f->config, PCI_REG_CLASS) >> 8;
	for (unsigned int bar = 0; bar < BARS; bar++)
		f->bars[bar] = pci_config_u32(&f->config, PCI_REG_BAR0 + 4 * bar);
}

void function_identify_virtual(struct function *f, uint16_t vendor, uint16_t device)
{
	f->is_virtual = true;
	f->vendor = vendor;
	f->device = device;
	for (unsigned int bar = 0; bar < BARS; bar++)
		f->bars[bar] = 0;
}

void function_add_virtual_bar(struct function *f, unsigned int bar, bool is_io)
{
	/* Its address is the kernel's business: here it only has to be there. */
	f->bars[bar] = VIRTUAL_BAR | (is_io ? BAR_IO : 0);
}

static bool is_decoded(const struct function *f, unsigned int bar)
{
	uint16_t command = pci_config_u16(&f->config, PCI_REG_COMMAND);

	if (f->is_virtual)
		return true;
	return command & (f->bars[bar] & BAR_IO ? PCI_CMD_IO : PCI_CMD_MEMORY);
}

int function_get(const struct function *f, unsigned int bar, uint64_t offset, unsigned int width,
		 uint32_t *ret)
{
	uint64_t value;
	int r;

	if (bar >= BARS || !f->bars[bar])
		return -ENOENT;
	/* Nobody answers an address that is not decoded: all-ones on a PC, an abort elsewhere. */
	if (!is_decoded(f, bar))
		return -ENXIO;
	r = f->read(f, bar, offset, width, &value);
	if (r)
		return r;
	*ret = (uint32_t)value;
	return 0;
}

int function_read(const struct function *f, unsigned int bar, uint64_t offset, unsigned int width,
		  uint32_t *ret)
{
	uint32_t value;
	int r = function_get(f, bar, offset, width, &value);

	if (r)
		return r;
	if (value == UINT32_MAX >> (32 - 8 * width))
		return -ENODATA;
	*ret = value;
	return 0;
}

int function_read32(const struct function *f, unsigned int bar, uint64_t offset, uint32_t *ret)
{
	return function_read(f, bar, offset, 4, ret);
}

int function_select(const struct function *f, unsigned int bar, uint64_t offset, uint16_t value)
{
	return f->write ? f->write(f, bar, offset, 2, value) : -EOPNOTSUPP;
}

int function_put(const struct function *f, unsigned int bar, uint64_t offset, unsigned int width,
		 uint32_t value)
{
	if (bar >= BARS || !f->bars[bar])
		return -ENOENT;
	if (!is_decoded(f, bar))
		return -ENXIO;
	return f->write ? f->write(f, bar, offset, width, value) : -EOPNOTSUPP;
}

/* The first BAR of the wanted kind. A 64-bit BAR's upper half is no BAR, whatever it looks like. */
static int first_bar(const struct function *f, bool io)
{
	for (unsigned int bar = 0; bar < BARS; bar++) {
		uint32_t value = f->bars[bar];
		bool is_io = value & BAR_IO;

		if (value && is_io == io)
			return (int)bar;
		if (!is_io && (value & BAR_TYPE) == BAR_TYPE_64)
			bar++;
	}
	return -ENOENT;
}

int function_memory_bar(const struct function *f)
{
	return first_bar(f, false);
}

int function_io_bar(const struct function *f)
{
	return first_bar(f, true);
}

int function_open_bar(const struct function *f)
{
	int memory = function_memory_bar(f), io = function_io_bar(f);

	if (memory >= 0 && is_decoded(f, (unsigned int)memory))
		return memory;
	if (io >= 0 && is_decoded(f, (unsigned int)io))
		return io;
	return -ENXIO;
}

static bool shows_running(const struct inspection *ins)
{
	for (size_t i = 0; i < ins->reading_count; i++)
		if (ins->readings[i].running)
			return true;
	return false;
}

void reading_add(struct inspection *ins, struct reading reading)
{
	if (ins->reading_count < INSPECT_READINGS)
		ins->readings[ins->reading_count++] = reading;
	else if (reading.running && !shows_running(ins))
		ins->readings[INSPECT_READINGS - 1] = reading;
}

void reading_add_one_of_many(struct inspection *ins, struct reading reading)
{
	if (reading.running || ins->reading_count < INSPECT_READINGS / 2)
		reading_add(ins, reading);
}

static bool reg_is_running(const struct reg *reg, uint32_t value)
{
	if (reg->match == REG_ANY)
		return value & reg->mask;
	return (value & reg->mask) == reg->match;
}

int decode_registers(const struct function *f, struct inspection *ins, unsigned int bar,
		     uint32_t base, const struct reg regs[], size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct reg *reg = &regs[i];
		uint32_t value;
		bool running;
		int r = function_read(f, bar, base + reg->offset, reg->width, &value);

		if (r)
			return r;
		running = reg_is_running(reg, value);
		reading_add(ins, (struct reading){ .name = reg->name,
						   .value = value,
						   .width = reg->width,
						   .running = running,
						   .meaning = running ? reg->on : reg->off });
	}
	return 0;
}

bool function_is_one_of(const struct function *f, uint16_t vendor, const uint16_t ids[])
{
	if (f->vendor != vendor)
		return false;
	for (; *ids; ids++)
		if (*ids == f->device)
			return true;
	return false;
}
