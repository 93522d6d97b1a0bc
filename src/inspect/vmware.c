// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * VMware's paravirtual network and disk. Named here so that `unknown` says why: nothing of them is
 * read, since no register tells whether their rings are in use.
 *
 * vmxnet3: a question is a command that is written, and its answer is read in the same register. The
 * answer that lies there from before does not say to which question (activating and quiescing the
 * device both answer 0), the interrupt cause is cleared by a read, and the rest (addresses of the
 * shared area, interrupt masks, producer indices) can only be written.
 *
 * pvscsi: a reset is a command too, and the status of the last command is success for a reset as for
 * setting up the rings. The interrupt mask can be read, and does not tell: it may be off over rings
 * in use, and QEMU's model keeps it over a reset of the adapter.
 */
#include "inspect/engines.h"
#include "inspect/function.h"

#include <errno.h>

#define VENDOR_VMWARE 0x15ad

static const uint16_t vmxnet3_ids[] = { 0x07b0, 0 };
static const uint16_t pvscsi_ids[] = { 0x07c0, 0 };

static bool vmxnet3_matches(const struct function *f)
{
	return function_is_one_of(f, VENDOR_VMWARE, vmxnet3_ids);
}

static bool pvscsi_matches(const struct function *f)
{
	return function_is_one_of(f, VENDOR_VMWARE, pvscsi_ids);
}

static int nothing_to_read(const struct function *f, struct inspection *ins)
{
	return -ENOSYS;
}

const struct engine engine_vmxnet3 = {
	.name = "vmxnet3",
	.matches = vmxnet3_matches,
	.decode = nothing_to_read,
};

const struct engine engine_pvscsi = {
	.name = "pvscsi",
	.matches = pvscsi_matches,
	.decode = nothing_to_read,
};
