// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * High Definition Audio controllers (HDA 1.0a, 3.3). Three things move data: streams, the ring of
 * commands (CORB), and the ring of responses (RIRB), which a jack that is plugged writes to.
 * Reads of GCAP, GCTL, CORBCTL, RIRBCTL, DPLBASE and SDnCTL have no side effect; the status byte
 * above SDnCTL is cleared by a write.
 */
#include "inspect/engines.h"
#include "inspect/function.h"

#define CLASS_HDA   0x0403 /* class and subclass */

#define REG_GCAP    0x00
#define REG_GCTL    0x08
#define REG_SD(n)   (0x80 + 0x20 * (n))
#define SD_RUN	    0x00000002
#define STREAMS	    30

#define GCTL_CRST   0x00000001
#define CORBCTL_RUN 0x02
#define RIRBCTL_RUN 0x02

static const struct reg rings[] = {
	{ "CORBCTL", 0x4c, 1, CORBCTL_RUN, CORBCTL_RUN, "command ring on", "command ring off" },
	{ "RIRBCTL", 0x5c, 1, RIRBCTL_RUN, RIRBCTL_RUN, "response ring on", "response ring off" },
	/* Where positions are written while a stream runs: shown, no engine by itself. */
	{ "DPLBASE", 0x70, 4, 0, REG_ANY, NULL, NULL },
};

static const char *const stream_names[STREAMS] = {
	"SD0CTL",  "SD1CTL",  "SD2CTL",	 "SD3CTL",  "SD4CTL",  "SD5CTL",  "SD6CTL",  "SD7CTL",
	"SD8CTL",  "SD9CTL",  "SD10CTL", "SD11CTL", "SD12CTL", "SD13CTL", "SD14CTL", "SD15CTL",
	"SD16CTL", "SD17CTL", "SD18CTL", "SD19CTL", "SD20CTL", "SD21CTL", "SD22CTL", "SD23CTL",
	"SD24CTL", "SD25CTL", "SD26CTL", "SD27CTL", "SD28CTL", "SD29CTL",
};

static bool hda_matches(const struct function *f)
{
	return f->class_code >> 8 == CLASS_HDA;
}

/* GCAP counts input, output and bidirectional streams (3.3.2). */
static unsigned int stream_count(uint32_t gcap)
{
	unsigned int count = (gcap >> 8 & 0xf) + (gcap >> 12 & 0xf) + (gcap >> 3 & 0x1f);

	return count < STREAMS ? count : STREAMS;
}

static int stream_decode(const struct function *f, struct inspection *ins, unsigned int stream)
{
	uint32_t control;
	int r = function_read32(f, 0, REG_SD(stream), &control);

	if (r)
		return r;
	reading_add_one_of_many(
		ins, (struct reading){ .name = stream_names[stream],
				       .value = control,
				       .width = 4,
				       .running = control & SD_RUN,
				       .meaning = control & SD_RUN ? "stream runs" : "stopped" });
	return 0;
}

static int hda_decode(const struct function *f, struct inspection *ins)
{
	uint32_t control, gcap;
	int r = function_read32(f, 0, REG_GCTL, &control);

	if (r)
		return r;
	reading_add(ins, (struct reading){ .name = "GCTL",
					   .value = control,
					   .width = 4,
					   .meaning = control & GCTL_CRST ? "out of reset"
									  : "held in reset" });
	/* In reset nothing moves, and other registers need not answer (3.3.7). */
	if (!(control & GCTL_CRST))
		return 0;
	r = DECODE(f, ins, 0, 0, rings);
	if (!r)
		r = function_read(f, 0, REG_GCAP, 2, &gcap);
	for (unsigned int stream = 0; !r && stream < stream_count(gcap); stream++)
		r = stream_decode(f, ins, stream);
	return r;
}

const struct engine engine_hda = {
	.name = "hda",
	.matches = hda_matches,
	.decode = hda_decode,
};
