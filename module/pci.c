// SPDX-License-Identifier: GPL-2.0
/*
 * What is done to the hardware at the end of device_shutdown(): Bus Master off, and resets.
 *
 * Drivers may still be bound, and pci_reset_bus() and pci_reset_function() tell them of the reset:
 * a reset_done() may set the engine going again. So the parts are done one by one here: the subtree
 * is locked, Bus Master cleared, the state saved, the bus reset, the state restored as it was saved.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "late.h"

/* PCIe 6.0 6.6.1: how long a function may take after a reset until it answers. */
#define PRESENT_MS 1000
/* A reader of config space in user space holds a function's lock for as long as it reads. */
#define LOCK_MS	   1000
#define POLL_MS	   10

struct function {
	struct pci_dev *pdev; /* a reference is held */
	bool device_locked, config_locked;
	bool saved;
};

/* The functions on the bus below a bridge and on those below them, parents first. */
struct domain {
	struct function bridge;
	struct function *functions;
	size_t count, capacity;
};

static bool masters(struct pci_dev *pdev)
{
	u16 command;

	pci_read_config_word(pdev, PCI_COMMAND, &command);
	return !PCI_POSSIBLE_ERROR(command) && (command & PCI_COMMAND_MASTER);
}

void late_clear_master(struct pci_dev *pdev)
{
	if (!masters(pdev))
		return;
	pci_clear_master(pdev);
	if (masters(pdev))
		pr_warn("%s: Bus Master stays on\n", pci_name(pdev));
	else
		pr_notice("%s: Bus Master cleared\n", pci_name(pdev));
}

/* The lock of a stuck device is its remove()'s for ever: it is done without. */
static bool try_lock(const struct late_list *list, struct function *f)
{
	bool stuck = late_is_stuck(list, &f->pdev->dev);

	if (!stuck && !f->device_locked)
		f->device_locked = device_trylock(&f->pdev->dev);
	if ((stuck || f->device_locked) && !f->config_locked)
		f->config_locked = pci_cfg_access_trylock(f->pdev);
	return f->config_locked;
}

static bool function_lock(const struct late_list *list, struct function *f)
{
	unsigned int waited;

	for (waited = 0; waited < LOCK_MS; waited += POLL_MS) {
		if (try_lock(list, f))
			return true;
		msleep(POLL_MS);
	}
	pr_warn("%s: is locked by a driver: not reset\n", pci_name(f->pdev));
	return false;
}

static void function_unlock(struct function *f)
{
	if (f->config_locked)
		pci_cfg_access_unlock(f->pdev);
	if (f->device_locked)
		device_unlock(&f->pdev->dev);
}

/* Bus Master goes off first, so that it is off in what is restored. */
static void function_save(struct function *f)
{
	struct pci_dev *pdev = f->pdev;

	if (!pci_device_is_present(pdev))
		return;
	if (pdev->current_state == PCI_D1 || pdev->current_state == PCI_D2 ||
	    pdev->current_state == PCI_D3hot)
		pci_set_power_state(pdev, PCI_D0);
	pci_clear_master(pdev);
	f->saved = pci_save_state(pdev) == 0;
	if (!f->saved)
		pr_warn("%s: its config space could not be saved\n", pci_name(pdev));
}

static bool function_restore(struct function *f)
{
	unsigned int waited = 0;

	if (!f->saved)
		return false;
	while (!pci_device_is_present(f->pdev)) {
		if (waited >= PRESENT_MS) {
			pr_warn("%s: does not answer after the reset\n", pci_name(f->pdev));
			return false;
		}
		msleep(POLL_MS);
		waited += POLL_MS;
	}
	pci_restore_state(f->pdev);
	if (!masters(f->pdev))
		return true;
	pr_warn("%s: masters the bus after the reset\n", pci_name(f->pdev));
	return false;
}

void late_reset_function(const struct late_list *list, struct pci_dev *pdev)
{
	struct function f = { .pdev = pdev };
	int r;

	if (!function_lock(list, &f)) {
		function_unlock(&f);
		return;
	}
	if (pdev->dev.driver && !late_is_stuck(list, &pdev->dev)) {
		pr_warn("%s: has a driver again: not reset\n", pci_name(pdev));
		function_unlock(&f);
		return;
	}
	function_save(&f);
	r = __pci_reset_function_locked(pdev);
	if (r)
		pr_warn("%s: function reset failed: %pe\n", pci_name(pdev), ERR_PTR(r));
	if (function_restore(&f) && !r)
		pr_notice("%s: function reset, Bus Master off\n", pci_name(pdev));
	function_unlock(&f);
}

static int count_function(struct pci_dev *pdev, void *data)
{
	struct domain *domain = data;

	domain->capacity++;
	return 0;
}

static int add_function(struct pci_dev *pdev, void *data)
{
	struct domain *domain = data;

	if (domain->count == domain->capacity)
		return 1;
	domain->functions[domain->count++].pdev = pci_dev_get(pdev);
	return 0;
}

static int domain_init(struct domain *domain, struct pci_dev *bridge)
{
	*domain = (struct domain){ .bridge = { .pdev = bridge } };
	pci_walk_bus(bridge->subordinate, count_function, domain);
	domain->functions = kcalloc(domain->capacity, sizeof(*domain->functions), GFP_KERNEL);
	if (!domain->functions)
		return -ENOMEM;
	pci_walk_bus(bridge->subordinate, add_function, domain);
	return 0;
}

static bool domain_lock(const struct late_list *list, struct domain *domain)
{
	size_t i;

	if (!function_lock(list, &domain->bridge))
		return false;
	for (i = 0; i < domain->count; i++) {
		if (!function_lock(list, &domain->functions[i]))
			return false;
	}
	return true;
}

static void domain_done(struct domain *domain)
{
	size_t i = domain->count;

	while (i--) {
		function_unlock(&domain->functions[i]);
		pci_dev_put(domain->functions[i].pdev);
	}
	function_unlock(&domain->bridge);
	kfree(domain->functions);
}

static void domain_reset(struct domain *domain)
{
	struct pci_dev *bridge = domain->bridge.pdev;
	size_t i, back = 0, saved = 0;
	int r;

	for (i = 0; i < domain->count; i++) {
		function_save(&domain->functions[i]);
		saved += domain->functions[i].saved;
	}
	r = pci_bridge_secondary_bus_reset(bridge);
	/* -ENOTTY says that the wait for the link failed: the reset was done, and the functions tell. */
	for (i = 0; i < domain->count; i++)
		back += function_restore(&domain->functions[i]);
	if (back == saved)
		pr_notice("%s: bus %02x reset, functions restored: %zu, Bus Master off%s\n",
			  pci_name(bridge), bridge->subordinate->number, back,
			  r ? " (the kernel's wait for the link failed)" : "");
	else
		pr_warn("%s: bus %02x reset, functions restored: only %zu of %zu (%pe)\n",
			pci_name(bridge), bridge->subordinate->number, back, saved, ERR_PTR(r));
}

static int is_hotplug_service(struct device *dev, void *data)
{
	return dev->driver && !strcmp(dev->driver->name, "pciehp");
}

void late_reset_bus(const struct late_list *list, struct pci_dev *bridge)
{
	struct domain domain;

	if (!bridge->subordinate || pci_probe_reset_bus(bridge->subordinate)) {
		pr_warn("%s: no bus that may be reset any more\n", pci_name(bridge));
		return;
	}
	/* Gone with the port's shutdown(), unless that was dropped. */
	if (device_for_each_child(&bridge->dev, NULL, is_hotplug_service)) {
		pr_warn("%s: pciehp would take the reset for a removal: not reset\n",
			pci_name(bridge));
		return;
	}
	if (domain_init(&domain, bridge)) {
		pr_warn("%s: no memory: not reset\n", pci_name(bridge));
		return;
	}
	if (domain_lock(list, &domain))
		domain_reset(&domain);
	domain_done(&domain);
}
