// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * NVMe controllers (NVM Express Base 2.0, 3.1.3). An enabled controller fetches commands from the
 * queues in memory and may write to its host memory buffer at any time.
 * Reads of CC and CSTS have no side effect (3.1.3.5, 3.1.3.6).
 */
#include "inspect/engines.h"
#include "inspect/function.h"

#define CLASS_NVME     0x010802

#define REG_CC	       0x14
#define CC_EN	       0x00000001

#define REG_CSTS       0x1c
#define CSTS_RDY       0x00000001
#define CSTS_CFS       0x00000002
#define CSTS_SHST      0x0000000c
#define SHST_OCCURRING 0x00000004
#define SHST_COMPLETE  0x00000008

static bool nvme_matches(const struct function *f)
{
	return f->class_code == CLASS_NVME;
}

static const char *csts_meaning(uint32_t csts)
{
	if ((csts & CSTS_SHST) == SHST_COMPLETE)
		return "shutdown complete";
	if (csts & CSTS_CFS)
		return "fatal error";
	if ((csts & CSTS_SHST) == SHST_OCCURRING)
		return "shutting down";
	return csts & CSTS_RDY ? "ready" : "not ready";
}

static int nvme_decode(const struct function *f, struct inspection *ins)
{
	uint32_t cc, csts;
	bool running;
	int r;

	r = function_read32(f, 0, REG_CC, &cc);
	if (!r)
		r = function_read32(f, 0, REG_CSTS, &csts);
	if (r)
		return r;
	/* Enable stays set over a shutdown, which ends all processing of commands (3.6.1). While
	 * enabled but not ready the controller is on its way to fetch commands, and while ready but
	 * disabled it has not stopped yet. */
	running = (cc & CC_EN || csts & CSTS_RDY) && (csts & CSTS_SHST) != SHST_COMPLETE;
	/* A reset now may lose what it is writing out of its cache (3.6.1); after a fatal error it
	 * writes nothing more (3.1.3.6). */
	ins->is_ending = running && !(csts & CSTS_CFS) && (csts & CSTS_SHST) == SHST_OCCURRING;
	reading_add(ins, (struct reading){ .name = "CC",
					   .value = cc,
					   .width = 4,
					   .meaning = cc & CC_EN ? "enabled" : "disabled" });
	reading_add(ins, (struct reading){ .name = "CSTS",
					   .value = csts,
					   .width = 4,
					   .running = running,
					   .meaning = csts_meaning(csts) });
	return 0;
}

const struct engine engine_nvme = {
	.name = "nvme",
	.matches = nvme_matches,
	.decode = nvme_decode,
};
