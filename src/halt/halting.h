/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the stops are written with, one file a class: a register changed, and waited for. Inside halt/
 * only.
 *
 * A stop only ever takes a run bit away. It does not turn Bus Master or decoding on, and what firmware
 * says is its own it does not touch.
 */
#pragma once

#include "inspect/function.h"

struct halting {
	const struct function *f;
	const char *why; /* why it was not stopped, a constant; NULL: the errno tells */
	/* Lets @us microseconds pass; tests count instead. */
	void (*pause)(void *context, unsigned int us);
	void *context;
};

/*
 * A stop: 0 when the registers say that it stands still; -ETIMEDOUT when they still do not say so at the
 * end of the time that the specification gives; -EBUSY where it is firmware's (`why`), or a driver came;
 * or what function_read() and function_put() say.
 */
typedef int halt_engine_stop(struct halting *h);

halt_engine_stop halt_ahci, halt_nvme, halt_xhci, halt_ehci, halt_ohci, halt_uhci, halt_hda,
	halt_sdhci;

/* Sets why, and gives @code back. */
int halting_refuse(struct halting *h, int code, const char *why);

/* Reads, takes the bits of @clear away, sets those of @set, writes. */
int halting_change(struct halting *h, unsigned int bar, uint64_t offset, unsigned int width,
		   uint32_t clear, uint32_t set);

/* Until (register & @mask) == @match: 0, or -ETIMEDOUT after @limit_ms. At least one look. */
int halting_wait(struct halting *h, unsigned int bar, uint64_t offset, unsigned int width,
		 uint32_t mask, uint32_t match, unsigned int limit_ms);
