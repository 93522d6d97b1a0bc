/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every decoder, one file each; engines.c puts them in order. */
#pragma once

#include "inspect/inspect.h"

/* network */
extern const struct engine engine_e100, engine_e1000, engine_igb, engine_ixgbe, engine_ne2k,
	engine_pcnet, engine_rtl8139, engine_rtl8169, engine_tulip, engine_vmxnet3;

/* disks and cards */
extern const struct engine engine_nvme, engine_ahci, engine_am53c974, engine_ide, engine_lsi53c8xx,
	engine_megaraid, engine_mpt, engine_pvscsi, engine_sdhci;

/* the rest */
extern const struct engine engine_virtio, engine_xhci, engine_ehci, engine_ohci, engine_uhci,
	engine_hda, engine_ac97, engine_es137x;
