# SPDX-License-Identifier: GPL-2.0-or-later
"""The drivers that patches/ mends: left running by stock kexec, quiet once mended."""

import pytest

from lab.setup import Setup

KERNELS = ["6.1", "6.12"]

# QEMU's model, and the module that drives it in a guest.
CARDS = {"e1000e": "e1000e", "e1000": "e1000", "rtl8139": "8139cp", "tulip": "tulip",
         "pcnet": "pcnet32"}


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
