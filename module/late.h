/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the parts of kexit_late share. A list from user space (list.c, interface.c) is armed
 * (hook.c); when a kexec begins, the stuck devices go out of its way (shutdown_list.c), a clock
 * starts (watch.c), and at the end of device_shutdown() the hardware is dealt with (pci.c).
 */
#ifndef KEXIT_LATE_H
#define KEXIT_LATE_H

#include <linux/device.h>
#include <linux/pci.h>

enum late_verb {
	LATE_CLEAR,	     /* clear Bus Master of an endpoint */
	LATE_RESET,	     /* hot-reset the bus below a bridge */
	LATE_RESET_FUNCTION, /* a function's own reset */
	LATE_STUCK,	     /* a device to drop from the shutdown list, with all below it */
};

struct late_step {
	enum late_verb verb;
	struct device *dev; /* a reference is held */
	bool done;
};

#define LATE_VERSION "0.2" /* kexit's; meson.build compares */

/* What is to be done at the next kexec. */
struct late_list {
	unsigned int timeout; /* seconds for device_shutdown(); 0: no bound */
	char *text;	      /* the lines that count, as user space wrote them */
	size_t count;
	struct late_step steps[];
};

/* The longest reason for a refusal, or for what was skipped, its end included. */
#define LATE_REASON_SIZE 200

/*
 * Reads @length bytes of @text, which ends in a NUL after them. Every line is checked; -EINVAL puts
 * "line 3: ..." into @reason, -ENOMEM nothing, and 0 how many lines were skipped if any was, and why
 * the first was. The caller frees *@ret_list.
 */
int late_list_parse(const char *text, size_t length, struct late_list **ret_list, char *reason);
void late_list_free(struct late_list *list);

/* @list is for the next jump, in place of the one before; it is taken over on success. -EBUSY: the
 * jump has begun. @list NULL disarms. The module stays loaded for as long as a list is armed. */
int late_arm(struct late_list *list);

/* For a reader: a text that the caller frees with kvfree(), or NULL when memory is short. */
char *late_describe(void);

int late_hook_init(void);
void late_hook_done(void);

/* Is @dev one that @list calls stuck, or below one? Its remove() then holds its lock for ever. */
bool late_is_stuck(const struct late_list *list, const struct device *dev);

/* The device at a path below /sys, with a reference, or NULL. */
struct device *late_find_device(const char *path);

/* Has @dev shut down directly before @first. -ENODEV: @first is not registered any more. */
int late_place_after(struct device *dev, struct device *first);

/* Takes what is stuck out of the list that device_shutdown() goes through. */
void late_drop_stuck(const struct late_list *list);

/* Restarts the machine through firmware after @seconds (0: never), unless stopped or started again
 * before; says first where the task that called has got to. */
void late_watch_start(unsigned int seconds);
void late_watch_stop(void);
void late_watch_init(void);

/* One step each, with a line in the kernel log of what came of it. */
void late_clear_master(struct pci_dev *pdev);
void late_reset_function(const struct late_list *list, struct pci_dev *pdev);
void late_reset_bus(const struct late_list *list, struct pci_dev *bridge);

#endif
