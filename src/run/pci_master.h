/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Clearing Bus Master (PCIe 6.0 7.5.1.1.3, Command bit 2): after a remove() that forgot it, and for
 * functions no driver ever held, which the kernel's pci_device_shutdown() skips. With it goes an INTx
 * that stays asserted, by Interrupt Disable (bit 10), which the next pci_enable_device() takes back.
 */
#pragma once

#include "plan/plan.h"
#include "record/record.h"
#include "sys/ops.h"

/*
 * False for bridges (class 06: devices below them may still flush in shutdown()), base system
 * peripherals (08: interrupt controllers, IOMMUs) and the display the console is on.
 */
bool pci_may_clear_master(const struct pci_facts *pci);

/* Is Bus Master on? False as well where nobody answers, or where asking would wake it (D3cold). */
bool pci_is_master(const struct sys *sys, const struct device *device);

/*
 * Will the kernel's shutdown clear Bus Master of @device? It does where it knows a power state from
 * D0 to D3hot (`power_state`); not after an unbind by kernels that forget the state with the driver,
 * nor for what was never bound. False where the kernel does not tell.
 */
bool pci_kernel_clears_master(const struct sys *sys, const struct device *device);

/*
 * Clears Bus Master of a function that no driver holds, and disables an INTx that stays asserted,
 * after a "clear" event with the old and the new command register. Returns 1 when Bus Master was on
 * and is off now, 0 when there was nothing to clear (off already, bound, gone), or why it is still on:
 * a negative errno; -EIO: the kernel wrote it, and it reads as before.
 */
int pci_clear_master(const struct sys *sys, struct record *record, const struct device *device);

/*
 * The last step before the jump: clears what the plan found mastering the bus without a driver, if
 * that is still so. Returns how many were cleared; each failure gets a line through @note.
 */
size_t pci_clear_unbound(const struct sys *sys, const struct plan *plan, struct record *record,
			 void (*note)(const char *line));
