# SPDX-License-Identifier: GPL-2.0-or-later
"""A device that is there before the jump and not after it."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from lab.errors import LabError
from lab.installed import SECONDS, Installed, ask, boot_id, initrd_with, shell
from lab.machine import Machine

pytestmark = pytest.mark.long


def pull(machine: Machine, name: str) -> None:
    """Takes a device away. The kernel may lose a request that comes while it starts: until it is done."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        try:
            machine.monitor.command("device_del", id=name)
        except LabError as error:
            if "not found" in str(error):
                return
            # Else it is under way.
        time.sleep(1)
    raise AssertionError(f"{name} was never given up")


def test_a_device_that_does_not_come_back_is_named(folder: Path) -> None:
    """The network card is pulled while the next kernel starts: `kexit verify` names it and its link, its exit
    status says so, and so do the unit, its log and `kexit report --previous`."""
    with Installed(folder, "trixie", initrd_with("nvme"), crosses=True).running() as machine:
        before = boot_id(machine)
        card = ask(machine, "basename $(readlink -f /sys/class/net/eth0/device)").strip()
        assert re.fullmatch(r"0000:[0-9a-f:.]+", card)
        start = len(machine.serial.text)
        machine.type("kexit reboot --append lab.word=lost")
        jumped = machine.wait(r"^\[ *0\.0+\] Linux version", SECONDS, start)
        pull(machine, "lab-e1000e")
        shell(machine, jumped)
        assert boot_id(machine) != before
        assert "lab.word=lost" in ask(machine, "cat /proc/cmdline")
        named = rf"{re.escape(card)}: the function is not there now"
        link = r"eth0 \(52:54:00:\S+\): the network link is not there now"
        # The unit looks for a minute, as a slow driver may still come.
        ask(machine, "while systemctl is-active kexit-verify | grep -q activating; do sleep 1; done")
        assert "failed" in ask(machine, "systemctl is-failed kexit-verify")
        log = ask(machine, "journalctl --no-pager -b -u kexit-verify")
        assert re.search(named, log) and re.search(link, log), log
        said = ask(machine, "kexit verify; echo status $?")
        assert re.search(rf"^{named}", said, re.M) and re.search(rf"^{link}", said, re.M), said
        assert "2 differences" in said and "status 1" in said, said
        told = ask(machine, "kexit report --previous")
        assert re.search(named, told) and re.search(link, told), told
