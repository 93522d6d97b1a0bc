// SPDX-License-Identifier: GPL-2.0-or-later
/* PCI functions in a folder; see fake_pci.h. */
#include "unit/fake/fake_pci.h"

#include <stdio.h>

static void attribute(struct fake *fake, const char *path, const char *name, const char *text)
{
	char file[256];

	snprintf(file, sizeof(file), "%s/%s", path, name);
	fake_file(fake, file, text);
}

void fake_pci(struct fake *fake, const char *path, const char *driver, uint32_t class,
	      uint16_t command, uint8_t header)
{
	uint8_t config[64] = { 0x86, 0x80, 0x34, 0x12 };
	char file[256], text[32];

	fake_device(fake, path, "pci", driver);
	config[4] = (uint8_t)command;
	config[5] = (uint8_t)(command >> 8);
	config[9] = (uint8_t)(class & 0xff);
	config[10] = (uint8_t)(class >> 8);
	config[11] = (uint8_t)(class >> 16);
	config[14] = header;
	snprintf(file, sizeof(file), "%s/config", path);
	fake_bytes(fake, file, config, sizeof(config));
	snprintf(text, sizeof(text), "0x%06x\n", class);
	attribute(fake, path, "class", text);
	attribute(fake, path, "power/control", "auto\n");
	attribute(fake, path, "modalias", "pci:v00008086d00001234\n");
	attribute(fake, path, "vendor", "0x8086\n");
	attribute(fake, path, "device", "0x1234\n");
}
