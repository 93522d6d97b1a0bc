// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Virtio devices (virtio 1.2). From DRIVER_OK until a reset the device uses the rings in memory: a
 * network device writes each frame it receives.
 * A read of device_status has no side effect (4.1.4.3, 4.1.4.8); the ISR status next to it, and the
 * common configuration of a queue, are left alone.
 */
#include "inspect/engines.h"
#include "inspect/function.h"

#define VENDOR_VIRTIO	   0x1af4
#define FIRST_ID	   0x1000
#define LAST_ID		   0x107f

/* Within the vendor capability (4.1.4). */
#define CAP_TYPE	   3
#define CAP_BAR		   4
#define CAP_OFFSET	   8
#define TYPE_COMMON	   1

#define COMMON_STATUS	   0x14
#define LEGACY_BAR	   0
#define LEGACY_STATUS	   0x12

/* 2.1 */
#define STATUS_DRIVER_OK   0x04
#define STATUS_NEEDS_RESET 0x40
#define STATUS_FAILED	   0x80

static bool virtio_matches(const struct function *f)
{
	return f->vendor == VENDOR_VIRTIO && f->device >= FIRST_ID && f->device <= LAST_ID;
}

static const char *status_meaning(uint32_t status)
{
	if (status & STATUS_DRIVER_OK)
		return status & STATUS_NEEDS_RESET ? "broken, queues on" : "queues on";
	if (status & STATUS_FAILED)
		return "given up by its driver, queues off";
	return status ? "seen by a driver, queues off" : "reset";
}

/* Offset of the capability that says where the common configuration is; 0: a legacy device. */
static unsigned int find_common(const struct function *f)
{
	unsigned int at = pci_config_find(&f->config, PCI_CAP_VENDOR, 0);

	while (at && pci_config_u8(&f->config, at + CAP_TYPE) != TYPE_COMMON)
		at = pci_config_find(&f->config, PCI_CAP_VENDOR, at);
	return at;
}

static int read_status(const struct function *f, uint32_t *ret)
{
	unsigned int at = find_common(f);

	if (!at)
		return function_read(f, LEGACY_BAR, LEGACY_STATUS, 1, ret);
	return function_read(f, pci_config_u8(&f->config, at + CAP_BAR),
			     (uint64_t)pci_config_u32(&f->config, at + CAP_OFFSET) + COMMON_STATUS,
			     1, ret);
}

static int virtio_decode(const struct function *f, struct inspection *ins)
{
	uint32_t status;
	int r = read_status(f, &status);

	if (r)
		return r;
	reading_add(ins, (struct reading){ .name = "status",
					   .value = status,
					   .width = 1,
					   .running = status & STATUS_DRIVER_OK,
					   .meaning = status_meaning(status) });
	return 0;
}

const struct engine engine_virtio = {
	.name = "virtio",
	.matches = virtio_matches,
	.decode = virtio_decode,
};
