// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The machines themselves: data. A rule is as narrow as the reports behind it, and says nothing of
 * why a jump sticks there, which nobody knows of most.
 */
#include "host/known.h"

#define GITHUB "https://github.com/"

const struct known known_machines[] = {
	{
		/*
		 * systemd#20072: back in firmware or gone after `systemctl kexec`; nixos-anywhere#400: hyperv_fb
		 * waits for the host, the network never comes; nixos-images#128: a CPU does not come alive, oops;
		 * talos#8838: switched off there. All of Azure, which is Hyper-V and shows its DMI.
		 */
		.name = "Hyper-V (Azure)",
		.what = "the next kernel's devices get no answer from the host, or a CPU does not come up",
		.source = GITHUB "systemd/systemd/issues/20072",
		.sys_vendor = "Microsoft Corporation",
		.product_name = "Virtual Machine",
	},
	{
		/* nixos-images#129 (2023) saw it work again on some types; talos#8838 (2024) switched it off. */
		.name = "Google Compute Engine",
		.what = "machines may get stuck in the jump",
		.source = GITHUB "siderolabs/talos/pull/8838",
		.sys_vendor = "Google",
		.product_name = "Google Compute Engine",
	},
	{
		/* suse-migration-services#126: not on Xen, AWS's included; coreos/scripts#186: left out on HVM. */
		.name = "a Xen guest",
		.what = "kexec does not work in Xen guests, those of Amazon's cloud included",
		.source = GITHUB "SUSE/suse-migration-services/pull/126",
		.is_xen_guest = true,
	},
	{
		/* "operation fails and system freezes", of a preview whose kernels were 6.8 (canonical/tdx#135). */
		.name = "an Intel TDX guest",
		.what = "the machine freezes in the jump",
		.source = GITHUB "canonical/tdx/issues/204",
		.cpu_flag = "tdx_guest",
		.to = "6.8",
	},
	{
		/* The next kernel never prints a line, whichever it is; only the power button helps. */
		.name = "Intel N5105 (Jasper Lake)",
		.what = "the screen goes black and the next kernel never starts",
		.source = GITHUB "coreos/fedora-coreos-tracker/issues/2071",
		.cpu = "*N5105*",
	},
	{
		/* The same on its sibling, with Fedora 39 and NixOS; other machines took the same image. */
		.name = "Intel N5100 (Jasper Lake)",
		.what = "the screen goes black and the next kernel never starts",
		.source = GITHUB "nix-community/nixos-anywhere/issues/289",
		.cpu = "*N5100*",
	},
	{
		/* talos#4608: broken with many firmware versions, HDMI not set up; #5670: CPUs do not come up. */
		.name = "Raspberry Pi 4",
		.what = "secondary CPUs do not come up again",
		.source = GITHUB "siderolabs/talos/pull/5670",
		.board = "Raspberry Pi 4 *",
	},
	{
		.name = "Raspberry Pi 5",
		.what = "nothing is heard of the next kernel",
		.source = GITHUB "raspberrypi/linux/issues/6465",
		.board = "Raspberry Pi 5 *",
	},
	{
		/* "doesn't seem to work at all": talos's board rockpi_4. */
		.name = "ROCK Pi 4",
		.what = "kexec does not work at all",
		.source = GITHUB "siderolabs/talos/pull/5670",
		.board = "*ROCK Pi 4*",
	},
	{
		/* talos-vmtoolsd#51: stuck at a reboot that was a kexec; talos#4677: fails. */
		.name = "VMware on arm64 (Fusion)",
		.what = "machines get stuck in the jump",
		.source = GITHUB "siderolabs/talos-vmtoolsd/issues/51",
		.sys_vendor = "VMware, Inc.",
		.arch = "aarch64",
	},
	{
		/*
		 * talos#12393: 6.12.53 jumped, 6.12.57 did not (in QEMU; on Amazon's it did); #12402 switched it
		 * off on all arm64 for it, #13265 on again with later kernels. Of those between nothing is said.
		 */
		.name = "arm64 with Linux 6.12.54 to 6.12.57",
		.what = "kexec was broken in these kernels",
		.source = GITHUB "siderolabs/talos/issues/12393",
		.arch = "aarch64",
		.from = "6.12.54",
		.to = "6.12.57",
	},
	{ 0 },
};
