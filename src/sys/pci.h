/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Configuration space of one PCI function, read once, and what its registers say.
 *
 * Reads go through sysfs' `config` file, which has no side effect and works on captured trees.
 * Register names and offsets: PCIe 6.0 7.5.1 (type 0/1 header), 7.5.2 (power management),
 * 7.5.3 (PCI Express capability), 7.7 (MSI, MSI-X).
 */
#pragma once

#include "sys/root.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PCI_CONFIG_SIZE	     256
#define PCI_EXT_CONFIG_SIZE  4096

#define PCI_REG_VENDOR	     0x00
#define PCI_REG_DEVICE	     0x02
#define PCI_REG_COMMAND	     0x04
#define PCI_REG_STATUS	     0x06
#define PCI_REG_CLASS	     0x08 /* revision in the low byte */
#define PCI_REG_HEADER	     0x0e
#define PCI_REG_BAR0	     0x10
#define PCI_REG_CAPABILITIES 0x34

#define PCI_CMD_IO	     0x0001
#define PCI_CMD_MEMORY	     0x0002
#define PCI_CMD_MASTER	     0x0004
#define PCI_CMD_INTX_DISABLE 0x0400
#define PCI_STATUS_INTX	     0x0008 /* an interrupt is asserted inside the function */
#define PCI_STATUS_HAS_CAPS  0x0010

enum pci_cap {
	PCI_CAP_PM = 0x01,
	PCI_CAP_MSI = 0x05,
	PCI_CAP_VENDOR = 0x09,
	PCI_CAP_EXPRESS = 0x10,
	PCI_CAP_MSIX = 0x11,
	PCI_CAP_AF = 0x13,
};

struct pci_config {
	size_t size; /* bytes that could be read: 64 without privilege, 256 */
	uint8_t bytes[PCI_EXT_CONFIG_SIZE];
};

/* @path: the function's sysfs folder. 0 or a negative errno; *@ret_config fits on a stack. */
int pci_config_read(const struct sysroot *root, const char *path, struct pci_config *ret_config);

/* Little-endian registers; all-ones beyond what could be read, as the bus would answer. */
uint8_t pci_config_u8(const struct pci_config *config, unsigned int offset);
uint16_t pci_config_u16(const struct pci_config *config, unsigned int offset);
uint32_t pci_config_u32(const struct pci_config *config, unsigned int offset);

/*
 * False: nobody answers, every register reads all-ones. A virtual function answers although its
 * Vendor and Device ID read FFFFh (PCIe 6.0 9.3.4.1.1): its ids are in sysfs alone.
 */
bool pci_config_answers(const struct pci_config *config);

/* Offset of the first capability @id, or of the next one after the capability at @after; 0: none.
 * Bounded, so a looping list of a broken function ends. */
unsigned int pci_config_find(const struct pci_config *config, enum pci_cap id, unsigned int after);
