// SPDX-License-Identifier: GPL-2.0-or-later
/* Which decoder is asked first: those that know a device by its ids, then those of a class. */
#include "inspect/engines.h"

#include <stddef.h>

const struct engine *const engines[] = {
	&engine_virtio,	 &engine_e1000,	   &engine_igb,	   &engine_ixgbe,     &engine_e100,
	&engine_rtl8139, &engine_rtl8169,  &engine_tulip,  &engine_pcnet,     &engine_ne2k,
	&engine_vmxnet3, &engine_megaraid, &engine_mpt,	   &engine_lsi53c8xx, &engine_am53c974,
	&engine_pvscsi,	 &engine_ac97,	   &engine_es137x, &engine_nvme,      &engine_ahci,
	&engine_ide,	 &engine_sdhci,	   &engine_xhci,   &engine_ehci,      &engine_ohci,
	&engine_uhci,	 &engine_hda,	   NULL,
};
