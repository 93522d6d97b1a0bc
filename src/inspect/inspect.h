/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is this PCI function quiet? Read from the hardware, without side effects.
 *
 * The generic facts come from config space; what the engine does from its own registers, by a
 * decoder for its class or family (struct engine). A cleared Bus Master hides an engine that still
 * runs: that is `masked`, never quiet.
 */
#pragma once

#include "base/arena.h"
#include "sys/ops.h"
#include "sys/pci.h"

#include <stdbool.h>
#include <stdint.h>

enum verdict {
	VERDICT_QUIET, /* its engine is stopped */
	VERDICT_LIVE, /* an engine runs and masters the bus, or its INTx is asserted and not disabled */
	VERDICT_MASKED,	    /* an engine runs; only Bus Master is off */
	VERDICT_UNKNOWN,    /* no decoder for its engine; generic facts only */
	VERDICT_UNREADABLE, /* asleep, decoding off, all-ones, a fault, lockdown: `why` says */
	VERDICT_BOUND,	    /* a driver holds it: its registers are not touched */
};

/* One register that was read and what it means: "RCTL" 0x04008002 "receiver on". */
struct reading {
	const char *name;
	uint64_t value;
	unsigned int width;  /* of the register, in bytes */
	bool running;	     /* this register shows an engine at work */
	const char *meaning; /* NULL: nothing of note */
};

#define INSPECT_READINGS 16

/*
 * Plain data, but for names and meanings, which are string constants of this program: so a forked
 * child can fill one in shared memory. What is formatted must have its own array in here.
 */
struct inspection {
	enum verdict verdict;
	char why[160];		 /* of unreadable and unknown; else "" */
	const char *engine;	 /* decoder: "nvme", "e1000"; NULL: none */
	bool from_specification; /* the decoder was never seen working on hardware or a model */
	/* generic facts */
	bool has_config;
	bool has_capabilities; /* else, without privilege, MSI, power and pending are not known */
	uint16_t vendor, device;
	uint32_t class_code; /* class, subclass, programming interface: 0x010802 */
	bool bus_master, memory_decode, io_decode;
	bool intx_enabled, intx_pending;
	bool intx_drowns; /* asserted, and nothing keeps it off its line: live for that alone */
	bool msi_enabled, msix_enabled;
	bool transactions_pending; /* PCIe 6.0 7.5.3.5 Device Status bit 5 */
	int power_state;	   /* 0 to 3 (D3hot), 4 (D3cold); -1 unknown */
	bool is_running;	   /* a register of its engine shows it at work */
	bool is_ending; /* its engine runs, and is on its way to stop: to be waited for, not reset */
	bool decoding_off;  /* why it is unreadable: its registers' addresses are not decoded */
	bool decoding_lent; /* of decoding.h: turned on for this reading, and off again by now */
	/* of wake.h */
	bool woken;	      /* read in D0, and asleep again by now */
	int woken_from;	      /* as power_state; 0: suspended by the kernel's word alone */
	bool reset_by_waking; /* D3hot to D0 reset it: what ran before is not known */
	struct reading readings[INSPECT_READINGS];
	size_t reading_count;
};

/* What a decoder reads from: config space, read once, and registers behind the BARs. */
struct function {
	const struct sys *sys;
	const char *path; /* sysfs folder below the root: "/sys/devices/..." */
	uint16_t vendor, device;
	uint32_t class_code;
	int kernel_power; /* what the kernel believes: as inspection.power_state */
	struct pci_config config;
	/* A virtual function's ids and BARs are not in its config space, and its memory is decoded
	 * without a bit of its own (PCIe 6.0 9.3.4.1.3, 9.3.3.3.4). */
	bool is_virtual;
	uint32_t bars[6]; /* as the registers read, low halves; 0: none */
	/* How a register of BAR @bar is read; tests put a table of values here. */
	int (*read)(const struct function *f, unsigned int bar, uint64_t offset, unsigned int width,
		    uint64_t *ret_value);
	/* Puts @value into a register, where no driver holds the function: else -EBUSY; -EPERM under
	 * lockdown. A decoder gets at it by function_select() alone. NULL: not possible. */
	int (*write)(const struct function *f, unsigned int bar, uint64_t offset,
		     unsigned int width, uint32_t value);
	void *context;
};

/*
 * A decoder: one file a class or family. decode() adds readings, sets `running` on those that show
 * an engine at work, and returns 0, or a negative errno when its registers cannot be read
 * (-ENODATA: all-ones; -ENXIO: decoding off; -ENOSYS: no register tells, the verdict is unknown).
 * It must not write, but by function_select(), nor read a register that a read changes.
 */
struct engine {
	const char *name;
	bool from_specification;
	bool (*matches)(const struct function *f);
	int (*decode)(const struct function *f, struct inspection *ins);
};

/* Ends with NULL. The first that matches decodes. */
extern const struct engine *const engines[];

/* The pure part, for tests: facts from f->config, then the engine, then the verdict. @bound: a
 * driver holds it. */
void inspect_function(struct function *f, bool bound, struct inspection *ret);

/* For tests and live.c: fills vendor, device, class_code and bars from f->config. */
void function_identify(struct function *f);

/* For a virtual function, whose config space has none of it. */
void function_identify_virtual(struct function *f, uint16_t vendor, uint16_t device);
void function_add_virtual_bar(struct function *f, unsigned int bar, bool is_io);

/*
 * True where INTx is asserted and nothing keeps it off its line: neither Interrupt Disable (PCIe 6.0
 * 7.5.1.1.3, bit 10) nor MSI. From 256 bytes of config space; 64 do not tell of MSI.
 */
bool config_intx_drowns(const struct pci_config *config);

const char *verdict_name(enum verdict verdict);

/* "RCTL=0x04008002 receiver on": what makes it live or masked, for messages. */
void inspection_describe(const struct inspection *ins, char *buffer, size_t size);
