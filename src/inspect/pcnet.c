// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * AMD's PCnet network controllers (Am79C970A datasheet: Control and Status Registers, CSR0). They
 * write the frames they receive, and the ownership bits of both rings.
 *
 * RAP selects which CSR shows at RDP, so a read of CSR0 may take a write of RAP. That is no side
 * effect on the device's work: RAP selects what programs see and nothing else, the controller never
 * looks at it, and each driver writes it anew before each access. It is written only where no driver
 * holds the function, and put back. Reads of RAP and CSR0 have no side effect (CSR0's events are
 * cleared by a write); the reset register right behind RAP, which a read resets by, is left alone.
 *
 * Ports in 16-bit mode alone, which is how a reset leaves them and what Linux keeps where it finds
 * it. In 32-bit mode (BCR18 DWIO) RAP lies elsewhere: the model then answers all-ones.
 */
#include "inspect/engines.h"
#include "inspect/function.h"

#include <errno.h>

#define VENDOR_AMD   0x1022

#define RDP	     0x10
#define RAP	     0x12
#define RAP_RESERVED 0xff00 /* read as zero in this mode */

#define CSR0_STOP    0x0004
#define CSR0_ON	     0x0030 /* TXON, RXON */

static const uint16_t ids[] = { 0x2000, 0x2001, 0 };

static bool pcnet_matches(const struct function *f)
{
	return function_is_one_of(f, VENDOR_AMD, ids);
}

static int select_and_read(const struct function *f, unsigned int bar, uint16_t selected,
			   uint32_t *ret)
{
	uint32_t value = 0;
	int r = function_select(f, bar, RAP, 0), back;

	if (r)
		return r;
	r = function_read(f, bar, RDP, 2, &value);
	back = function_select(f, bar, RAP, selected);
	if (r || back)
		return r ?: back;
	*ret = value;
	return 0;
}

static int read_csr0(const struct function *f, unsigned int bar, uint32_t *ret)
{
	uint32_t selected;
	int r = function_read(f, bar, RAP, 2, &selected);

	if (r)
		return r;
	if (selected & RAP_RESERVED)
		return -EPROTO;
	if (selected == 0)
		return function_read(f, bar, RDP, 2, ret);
	return select_and_read(f, bar, (uint16_t)selected, ret);
}

/* STOP ends all mastering, whatever else is set: QEMU's model leaves TXON beside it. */
static const char *csr0_meaning(uint32_t csr0)
{
	if (csr0 & CSR0_STOP)
		return "stopped";
	return csr0 & CSR0_ON ? "receiver or transmitter on" : "not stopped";
}

static int pcnet_decode(const struct function *f, struct inspection *ins)
{
	int bar = function_io_bar(f), r;
	uint32_t csr0;

	if (bar < 0)
		return bar;
	r = read_csr0(f, (unsigned int)bar, &csr0);
	if (r)
		return r;
	reading_add(ins, (struct reading){ .name = "CSR0",
					   .value = csr0,
					   .width = 2,
					   .running = !(csr0 & CSR0_STOP),
					   .meaning = csr0_meaning(csr0) });
	return 0;
}

const struct engine engine_pcnet = {
	.name = "pcnet",
	.matches = pcnet_matches,
	.decode = pcnet_decode,
};
