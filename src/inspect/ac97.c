// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * AC'97 audio of Intel's ICHs (AC '97 Programmer's Reference Manual 252751, 2.2). Three boxes move
 * data: PCM in, PCM out, microphone.
 * Reads of the boxes' CR and SR have no side effect (2.2.4, 2.2.7). The Codec Access Semaphore in
 * the same BAR is taken by a read.
 */
#include "inspect/engines.h"
#include "inspect/function.h"

#define VENDOR_INTEL 0x8086
#define BAR_MASTER   1

#define BOX_SR	     0x06
#define SR_HALTED    0x0001
#define BOX_CR	     0x0b
#define CR_RUN	     0x01

static const struct {
	const char *name;
	uint32_t offset;
} boxes[] = {
	{ "PI_CR", 0x00 },
	{ "PO_CR", 0x10 },
	{ "MC_CR", 0x20 },
};

static const uint16_t ids[] = {
	0x2415, 0x2425, 0x2445, 0x2485, 0x24c5, 0x24d5, 0x25a6, 0x266e, 0x2698, 0x27de, 0x7195, 0,
};

static bool ac97_matches(const struct function *f)
{
	return function_is_one_of(f, VENDOR_INTEL, ids);
}

static const char *box_meaning(uint32_t control, uint32_t status)
{
	if (!(control & CR_RUN))
		return "stopped";
	return status & SR_HALTED ? "started, at its last buffer" : "running";
}

static int ac97_decode(const struct function *f, struct inspection *ins)
{
	for (size_t i = 0; i < sizeof(boxes) / sizeof(boxes[0]); i++) {
		uint32_t control, status;
		int r = function_read(f, BAR_MASTER, boxes[i].offset + BOX_CR, 1, &control);

		if (!r)
			r = function_read(f, BAR_MASTER, boxes[i].offset + BOX_SR, 2, &status);
		if (r)
			return r;
		reading_add(ins,
			    (struct reading){ .name = boxes[i].name,
					      .value = control,
					      .width = 1,
					      .running = control & CR_RUN && !(status & SR_HALTED),
					      .meaning = box_meaning(control, status) });
	}
	return 0;
}

const struct engine engine_ac97 = {
	.name = "ac97",
	.matches = ac97_matches,
	.decode = ac97_decode,
};
