// SPDX-License-Identifier: GPL-2.0
/*
 * When the work is done: from the reboot notifiers of a kexec to the last but one device of
 * device_shutdown().
 *
 * device_shutdown() goes through all devices from the last registered to the first. A device of this
 * module, moved to directly after the very first (platform_bus), has its turn when all others have
 * had theirs, with interrupts on, all CPUs running, and leave to sleep. Where a host bridge hangs
 * below a device of its own (on SoCs, or a VMD), that one's shutdown() may take the whole bus away:
 * a device directly after it has its turn before.
 *
 * The devices are on a bus of their own, as a bus's shutdown() needs no driver to be bound: nobody
 * can unbind it.
 *
 * While a list is armed the module holds a reference to itself: it cannot go between the promise and
 * the jump. It may go in the middle of a shutdown that it has nothing to do in, and then waits for
 * device_shutdown() to be through with its devices.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/delay.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/platform_device.h>
#include <linux/reboot.h>
#include <linux/slab.h>

#include "late.h"

struct hook {
	struct device dev;
	struct device *anchor; /* our turn is right before this one's; a reference is held */
	struct list_head entry;
};

static DEFINE_MUTEX(lock); /* armed, jumping and hooks; none changes once jumping is set */
static struct late_list *armed;
static bool jumping;
static LIST_HEAD(hooks);
static atomic_t hooks_left; /* that hook_release() is still to be called for */

#define POLL_MS 10

/* The device whose shutdown() may end access to @dev: what its host bridge hangs below. */
static struct device *anchor_of(const struct device *dev)
{
	struct pci_bus *bus = to_pci_dev(dev)->bus;

	while (bus->parent)
		bus = bus->parent;
	return bus->bridge && bus->bridge->parent ? bus->bridge->parent : &platform_bus;
}

static void do_step(struct late_step *step)
{
	struct pci_dev *pdev = to_pci_dev(step->dev);

	step->done = true;
	if (!device_is_registered(step->dev)) {
		pr_warn("%s: gone since the list was written\n", dev_name(step->dev));
		return;
	}
	late_watch_start(armed->timeout);
	if (step->verb == LATE_CLEAR)
		late_clear_master(pdev);
	else if (step->verb == LATE_RESET)
		late_reset_bus(armed, pdev);
	else
		late_reset_function(armed, pdev);
}

/* Nobody else does it for what was dropped from the shutdown list. */
static void clear_stuck(const struct device *anchor)
{
	struct pci_dev *pdev = NULL;

	for_each_pci_dev(pdev)
	{
		if (anchor_of(&pdev->dev) == anchor && pdev->hdr_type == PCI_HEADER_TYPE_NORMAL &&
		    late_is_stuck(armed, &pdev->dev))
			late_clear_master(pdev);
	}
}

static void hook_shutdown(struct device *dev)
{
	const struct device *anchor = container_of(dev, struct hook, dev)->anchor;
	size_t i;

	if (!jumping)
		return;
	clear_stuck(anchor);
	for (i = 0; i < armed->count; i++) {
		struct late_step *step = &armed->steps[i];

		if (step->verb == LATE_STUCK || step->done)
			continue;
		/* The last hook does what another one's anchor was no anchor for. */
		if (anchor == &platform_bus || anchor == anchor_of(step->dev))
			do_step(step);
	}
	if (anchor == &platform_bus)
		late_watch_stop();
	else
		late_watch_start(armed->timeout);
}

static struct bus_type hook_bus = {
	.name = "kexit_late",
	.shutdown = hook_shutdown,
};

static void hook_release(struct device *dev)
{
	struct hook *hook = container_of(dev, struct hook, dev);

	put_device(hook->anchor);
	kfree(hook);
	atomic_dec(&hooks_left);
}

static bool has_hook(const struct device *anchor)
{
	struct hook *hook;

	list_for_each_entry(hook, &hooks, entry)
	{
		if (hook->anchor == anchor)
			return true;
	}
	return false;
}

static int hook_add(struct device *anchor)
{
	struct hook *hook = kzalloc(sizeof(*hook), GFP_KERNEL);
	int r;

	if (!hook)
		return -ENOMEM;
	hook->anchor = get_device(anchor);
	hook->dev.bus = &hook_bus;
	hook->dev.release = hook_release;
	atomic_inc(&hooks_left);
	device_initialize(&hook->dev);
	r = dev_set_name(&hook->dev, "kexit_late-%s", dev_name(anchor));
	if (!r)
		r = device_add(&hook->dev);
	if (r) {
		put_device(&hook->dev);
		return r;
	}
	r = late_place_after(&hook->dev, anchor);
	if (r)
		device_unregister(&hook->dev);
	else
		list_add_tail(&hook->entry, &hooks);
	return r;
}

/* A hook for each anchor that is needed and has none. They stay until the module goes. */
static int hooks_for(const struct late_list *list)
{
	size_t i;
	int r = 0;

	for (i = 0; i < list->count && r == 0; i++) {
		const struct late_step *step = &list->steps[i];
		struct device *anchor;

		if (step->verb == LATE_STUCK)
			continue;
		anchor = anchor_of(step->dev);
		if (!has_hook(anchor))
			r = hook_add(anchor);
	}
	return r;
}

int late_arm(struct late_list *list)
{
	int r = 0;

	mutex_lock(&lock);
	if (jumping)
		r = -EBUSY;
	else if (list)
		r = hooks_for(list);
	if (r == 0) {
		/* The file that asks holds a reference as well: there is one to add to. */
		if (list && !armed)
			__module_get(THIS_MODULE);
		else if (!list && armed)
			module_put(THIS_MODULE);
		swap(armed, list);
	}
	mutex_unlock(&lock);
	if (r == 0)
		late_list_free(list);
	return r;
}

static char *describe(const struct late_list *list)
{
	/* Without its first line, which says what comes first here. */
	const char *steps = list ? strchr(list->text, '\n') : NULL;
	size_t size = 64 + (steps ? strlen(steps) : 0);
	char *text = kvmalloc(size, GFP_KERNEL);

	if (text)
		scnprintf(text, size, "kexit-late 1\nversion %s\narmed %s%s", LATE_VERSION,
			  list ? "yes" : "no", steps ?: "\n");
	return text;
}

char *late_describe(void)
{
	char *text;

	mutex_lock(&lock);
	text = describe(armed);
	mutex_unlock(&lock);
	return text;
}

/* kernel_kexec() calls the notifiers with these words, and reboot and poweroff with others. */
static bool is_kexec(unsigned long action, const char *command)
{
	return action == SYS_RESTART && command && !strcmp(command, "kexec reboot");
}

static int on_reboot(struct notifier_block *block, unsigned long action, void *command)
{
	if (!is_kexec(action, command))
		return NOTIFY_DONE;
	mutex_lock(&lock);
	jumping = armed != NULL;
	mutex_unlock(&lock);
	if (jumping) {
		pr_notice("armed with %zu steps, %u s\n", armed->count, armed->timeout);
		late_watch_start(armed->timeout);
		late_drop_stuck(armed);
	}
	return NOTIFY_DONE;
}

/* As early as can be: a notifier that fails ends the chain, and one may hang. */
static struct notifier_block reboot_block = {
	.notifier_call = on_reboot,
	.priority = INT_MAX,
};

/*
 * device_shutdown() may have taken a hook off its list and hold a reference, on its way to our bus's
 * shutdown() and to hook_release(): both are gone when the module is.
 */
static void hook_remove(struct hook *hook)
{
	list_del(&hook->entry);
	device_del(&hook->dev);
	while (kref_read(&hook->dev.kobj.kref) > 1)
		msleep(POLL_MS);
	put_device(&hook->dev);
}

static void hooks_remove(void)
{
	struct hook *hook, *next;

	list_for_each_entry_safe(hook, next, &hooks, entry) hook_remove(hook);
	/* CONFIG_DEBUG_KOBJECT_RELEASE has a worker release them later. */
	while (atomic_read(&hooks_left))
		msleep(POLL_MS);
}

int late_hook_init(void)
{
	int r = bus_register(&hook_bus);

	if (r)
		return r;
	late_watch_init();
	r = hook_add(&platform_bus);
	if (!r)
		r = register_reboot_notifier(&reboot_block);
	if (r) {
		hooks_remove();
		bus_unregister(&hook_bus);
	}
	return r;
}

void late_hook_done(void)
{
	unregister_reboot_notifier(&reboot_block);
	late_watch_stop();
	hooks_remove();
	bus_unregister(&hook_bus);
}
