# SPDX-License-Identifier: GPL-2.0-or-later
"""The drivers that patches/ mends: left running by stock kexec, quiet once mended."""

import json

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


# reviver's remove() sets Bus Master and calls no pci_disable_device(), as many drivers do not.
UNBIND = """
card=/sys/bus/pci/devices/0000:01:00.0
if [ "$(argument lab.next)" = 1 ]; then
	report_output inspect kexit inspect --json 0000:01:00.0
else
	insmod /lab/own/reviver.ko
	echo 0000:01:00.0 >$card/driver/unbind
	report power-state "$(cat $card/power_state)"
	kexec -l /lab/next/kernel --initrd=/lab/next/initrd --command-line="$(cat /proc/cmdline) lab.next=1"
	kexec -e
fi
"""


@pytest.mark.parametrize(("kernel", "forgets"), [
    ("6.1.176", True), ("6.1", False), pytest.param("6.12", False, marks=pytest.mark.long)])
def test_an_unbound_function_masters_the_bus_after_a_kexec_where_the_kernel_forgets_its_state(
        lab, kernel, forgets):
    """patches/unbind-state.txt: the same driver, the same unbind, the same kexec -e."""
    def card(hardware):
        hardware.device(f"e1000e,{hardware.root_port()},romfile=,{hardware.network()}")

    results = lab.script(Setup(kernel=kernel, next="6.1", devices=card, own=["reviver"]), UNBIND,
                         timeout=300)
    (function,) = json.loads(results.one("inspect"))["functions"]
    assert results.one("power-state") == ("unknown" if forgets else "D0")
    assert function["bus_master"] == forgets
    assert function["verdict"] == ("live" if forgets else "masked")
