/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The registers that a reset must give back as they were: the kernel saves and restores them, and
 * the next kernel keeps what it finds (on x86 also the addresses).
 *
 * Status bits are left out, and so is Bus Master of an endpoint, which has to be 0 whatever it was.
 */
#pragma once

#include "sys/pci.h"

#include <stdbool.h>

/*
 * How many registers of @after differ from @before. @text (may be empty) gets the first of them,
 * "BAR0 0xfebc0000 -> 0x00000000", and how many more there are.
 */
unsigned int registers_compare(const struct pci_config *before, const struct pci_config *after,
			       char *text, size_t size);

/* False while the function does not answer: all-ones, or 0001h where it asks for more time (PCIe
 * 6.0 2.3.1, Request Retry Status with CRS Software Visibility). */
bool registers_answer(const struct pci_config *config);
