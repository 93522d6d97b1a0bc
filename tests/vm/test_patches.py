# SPDX-License-Identifier: GPL-2.0-or-later
"""The drivers that patches/ mends: left running by stock kexec, quiet once mended."""

import pytest

from lab.setup import Setup

KERNELS = ["6.1", "6.12"]

# QEMU's model, and the module that drives it in a guest.
CARDS = {"e1000e": "e1000e", "e1000": "e1000", "rtl8139": "8139cp", "tulip": "tulip"}


def cards(*names):
    """Hardware with these cards, one network each."""

    def build(hardware):
        for name in names:
            bus = f"{hardware.root_port()}," if name == "e1000e" else ""
            hardware.device(f"{name},{bus}romfile=,{hardware.network()}", CARDS[name])

    return build


def verdicts(outcome):
    """Driver in the first kernel -> what the next one finds, with the registers that say so."""
    drivers = outcome.drivers(outcome.first)
    return {
        drivers[function["address"]]: (function["verdict"], function["readings"])
        for function in outcome.inspect["functions"]
        if drivers.get(function["address"]) in CARDS.values()
    }


@pytest.mark.long
@pytest.mark.parametrize("kernel", KERNELS)
def test_stock_kexec_leaves_the_engines_running_that_the_patches_name(lab, kernel):
    """If this fails, the kernel was mended, or the test below proves nothing."""
    outcome = lab.handover(Setup(kernel=kernel, devices=cards(*CARDS)), "stock-links-up")
    found = verdicts(outcome)
    assert sorted(found) == sorted(CARDS.values())
    assert [driver for driver in found if found[driver][0] not in ("live", "masked")] == [], found


@pytest.mark.long
@pytest.mark.parametrize("kernel", KERNELS)
def test_mended_drivers_are_quiet_and_the_next_kernel_can_use_the_cards(lab, kernel):
    outcome = lab.handover(Setup(kernel=kernel, devices=cards(*CARDS)), "mended")
    found = verdicts(outcome)
    assert sorted(found) == sorted(CARDS.values())
    assert [driver for driver in found if found[driver][0] != "quiet"] == [], found
    assert outcome.failures() == []


# Leaves with the links up, and reads the chip from user space in the next kernel, where no driver
# has touched it: kexit has no decoder for it. CSR0 is what RAP (12h) selects at RDP (10h).
PCNET = """
if [ "$(argument lab.next)" = 1 ]; then
	for function in /sys/bus/pci/devices/*; do
		[ "$(cat "$function/vendor"):$(cat "$function/device")" = 0x1022:0x2000 ] || continue
		base=$(sed -n 2p "$function/resource" | cut -d ' ' -f 1)
		devmem $((base + 0x12)) 16 0
		report csr0 "$(devmem $((base + 0x10)) 16)"
	done
else
	load_drivers
	links_up
	kexec -l /lab/next/kernel --initrd=/lab/next/initrd --command-line="$(cat /proc/cmdline) lab.next=1"
	kexec -e -x
fi
"""
CSR0_STOP = 0x0004
CSR0_RXON = 0x0020


@pytest.mark.long
@pytest.mark.parametrize("mended", [False, True])
def test_pcnet_receives_after_stock_kexec_and_is_stopped_once_mended(lab, mended):
    def pcnet(hardware):
        hardware.device(f"pcnet,romfile=,{hardware.network()}", "pcnet32")

    results = lab.script(Setup(devices=pcnet, mended=mended, kexit=False), PCNET)
    csr0 = int(results.one("csr0"), 16)
    assert csr0 & (CSR0_RXON | CSR0_STOP) == (CSR0_STOP if mended else CSR0_RXON), hex(csr0)
