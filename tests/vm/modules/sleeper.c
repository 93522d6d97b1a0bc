// SPDX-License-Identifier: GPL-2.0
/*
 * A driver for Intel's 82574 (QEMU's e1000e) whose probe takes its time and may run beside others, as
 * those of controllers do that wait for their firmware. It drives nothing: no link comes of it.
 *
 *   probe_ms=6000     how long probe() sleeps, with the device's lock held (default)
 *
 * To be loaded with the kernel's own parameter async_probe, or loading it waits for the probe.
 */
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/pci.h>

static uint probe_ms = 6000;
module_param(probe_ms, uint, 0444);
MODULE_PARM_DESC(probe_ms, "how long probe() sleeps");

static int sleeper_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	int r = pci_enable_device_mem(pdev);

	if (r)
		return r;
	pci_info(pdev, "probe() begins to sleep\n");
	msleep(probe_ms);
	pci_set_master(pdev);
	pci_info(pdev, "probe() is through\n");
	return 0;
}

static void sleeper_remove(struct pci_dev *pdev)
{
	pci_info(pdev, "remove()\n");
	pci_disable_device(pdev);
}

static const struct pci_device_id sleeper_ids[] = { { PCI_DEVICE(PCI_VENDOR_ID_INTEL, 0x10d3) },
						    {} };
MODULE_DEVICE_TABLE(pci, sleeper_ids);

static struct pci_driver sleeper_driver = {
	.name = "sleeper",
	.id_table = sleeper_ids,
	.probe = sleeper_probe,
	.remove = sleeper_remove,
	.driver.probe_type = PROBE_PREFER_ASYNCHRONOUS,
};
module_pci_driver(sleeper_driver);

MODULE_DESCRIPTION("Driver with a slow probe for tests of kexit");
MODULE_LICENSE("GPL");
