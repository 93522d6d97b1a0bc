/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is done to a PCI function right after its driver is gone, and what its registers say then: in
 * this order, Bus Master off, the look, and what becomes of one whose Bus Master stays on.
 */
#pragma once

#include "run/release_worker.h"

/*
 * Before the unbind, while the driver can be asked: how long an engine that is on its way to stop by
 * itself is waited for afterwards, in milliseconds. May block as long as the controller does not
 * answer: called in the release's worker.
 */
unsigned int verify_patience_ms(const struct release_task *task);

/*
 * After it. Fills @answer's verdict, and where the engine runs the outcome and what shows it. Bus
 * Master that cannot be cleared (lockdown) is left to the late module or to the kernel's shutdown
 * where they clear it; else the device is bound again, since then the kernel clears it as after a
 * stock kexec: the outcome is OUTCOME_LEFT.
 */
void release_verify(const struct release_task *task, unsigned int patience_ms,
		    struct release_answer *answer);
