// SPDX-License-Identifier: GPL-2.0
/*
 * The list that device_shutdown() goes through from its end to its start: the kset that every
 * registered device is in (drivers/base/core.c: devices_kset). It is not exported, but every device
 * points to it.
 *
 * Devices are put to a place in it, and taken out: a remove() that never returns holds the device's
 * lock, for which device_shutdown() would wait without a bound. What is not in its list, it does not
 * lock.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kobject.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/string.h>

#include "late.h"

static struct kset *all_devices(void)
{
	return platform_bus.kobj.kset;
}

/* Is @path ("/devices/pci0000:00/...") that of @kobj? From the end, which needs no memory. */
static bool has_path(const struct kobject *kobj, const char *path)
{
	size_t left = strlen(path);

	for (; kobj; kobj = kobj->parent) {
		const char *name = kobject_name(kobj);
		size_t length = strlen(name);

		if (left < length + 1 || path[left - length - 1] != '/' ||
		    memcmp(path + left - length, name, length))
			return false;
		left -= length + 1;
	}
	return left == 0;
}

struct device *late_find_device(const char *path)
{
	struct kset *kset = all_devices();
	struct kobject *kobj, *found = NULL;

	spin_lock(&kset->list_lock);
	list_for_each_entry(kobj, &kset->list, entry)
	{
		if (has_path(kobj, path)) {
			found = kobject_get_unless_zero(kobj);
			break;
		}
	}
	spin_unlock(&kset->list_lock);
	return found ? container_of(found, struct device, kobj) : NULL;
}

int late_place_after(struct device *dev, struct device *first)
{
	struct kset *kset = all_devices();
	int r = -ENODEV;

	spin_lock(&kset->list_lock);
	/* An unregistered one is in no list, and would take @dev out of this one. */
	if (!list_empty(&first->kobj.entry)) {
		list_move(&dev->kobj.entry, &first->kobj.entry);
		r = 0;
	}
	spin_unlock(&kset->list_lock);
	return r;
}

static bool is_below(const struct kobject *kobj, const struct kobject *top)
{
	for (; kobj; kobj = kobj->parent) {
		if (kobj == top)
			return true;
	}
	return false;
}

bool late_is_stuck(const struct late_list *list, const struct device *dev)
{
	size_t i;

	for (i = 0; i < list->count; i++) {
		if (list->steps[i].verb == LATE_STUCK &&
		    is_below(&dev->kobj, &list->steps[i].dev->kobj))
			return true;
	}
	return false;
}

static void drop(struct device *stuck)
{
	struct kset *kset = all_devices();
	struct kobject *kobj, *next;
	unsigned int dropped = 0;

	spin_lock(&kset->list_lock);
	list_for_each_entry_safe(kobj, next, &kset->list, entry)
	{
		if (is_below(kobj, &stuck->kobj)) {
			list_del_init(&kobj->entry);
			dropped++;
		}
	}
	spin_unlock(&kset->list_lock);
	if (dropped)
		pr_notice("%s: stuck, not shut down, nor %u below it\n", dev_name(stuck),
			  dropped - 1);
	else
		pr_notice("%s: stuck, and out of the shutdown list already\n", dev_name(stuck));
}

void late_drop_stuck(const struct late_list *list)
{
	size_t i;

	for (i = 0; i < list->count; i++) {
		if (list->steps[i].verb == LATE_STUCK)
			drop(list->steps[i].dev);
	}
}
