// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * VMware's paravirtual network and disk: both answer no question but through a command register,
 * which is written. Named here so that `unknown` says why; nothing of them is read.
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
