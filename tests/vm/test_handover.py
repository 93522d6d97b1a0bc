# SPDX-License-Identifier: GPL-2.0-or-later
"""A jump from an initramfs, on each architecture and kernel: the next kernel says how it went."""

import pytest

from lab.setup import Setup

KERNELS = [
    ("amd64", "6.1"),
    ("amd64", "6.12"),
    ("ppc64el", "6.1"),
    ("arm64", "6.1"),
]


def running_engines(outcome):
    return [
        (function["address"], function["verdict"], function["readings"])
        for function in outcome.inspect["functions"]
        if function["verdict"] in ("live", "masked")
    ]


@pytest.mark.parametrize(("arch", "kernel"), KERNELS)
def test_kexit_leaves_all_devices_quiet_and_usable(lab, arch, kernel):
    outcome = lab.handover(Setup(arch=arch, kernel=kernel, devices="small"), "kexit")
    assert running_engines(outcome) == []
    assert outcome.failures() == []


@pytest.mark.parametrize("kernel", ["6.1", pytest.param("6.12", marks=pytest.mark.long)])
def test_kexit_leaves_mixed_devices_quiet_and_usable(lab, kernel):
    outcome = lab.handover(Setup(kernel=kernel, devices="demo"), "kexit")
    assert running_engines(outcome) == []
    assert outcome.failures() == []


def test_the_lab_sees_an_engine_that_stock_kexec_leaves_running(lab):
    """If this fails, the tests above prove nothing."""
    outcome = lab.handover(Setup(devices="demo"), "stock-links-up")
    assert "0000:05:00.0" in [address for address, _, _ in running_engines(outcome)]


def test_the_next_kernel_may_be_another_one(lab):
    outcome = lab.handover(Setup(kernel="6.12", next="6.1", devices="small"), "kexit")
    assert outcome.first.one("boot").split()[1].startswith("6.12")
    assert outcome.next.one("boot").split()[1].startswith("6.1.")
    assert outcome.failures() == []
