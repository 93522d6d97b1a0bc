# SPDX-License-Identifier: GPL-2.0-or-later
"""`kexit reboot` again and again where it never arrives.

The oracle is the machine's own, as in test_reboot.py.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lab.installed import SECONDS, Installed, ask, boot_id, jumps, shell
from lab.machine import Machine

pytestmark = pytest.mark.long

# No init in the initrd, and no driver for the root disk without it.
PANICS = "kexit reboot --append 'lab.word=panic rdinit=/none panic=10'"


def starts_anew(machine: Machine, start: int) -> None:
    """The installed kernel is started as firmware does it, with what QEMU's command line has."""
    before = machine.wait(r"^\[ *0\.0+\] Linux version", SECONDS, start)
    shell(machine, before)
    assert "lab.word=panic" not in ask(machine, "cat /proc/cmdline")


def panics(machine: Machine) -> str:
    """Jumps into a kernel that panics, and returns once firmware has started the system again."""
    before = boot_id(machine)
    start = len(machine.serial.text)
    machine.type(PANICS)
    jumped = machine.wait(r"kexec_core: Starting new kernel", SECONDS, start)
    panicked = machine.wait(r"Kernel panic - not syncing", SECONDS, jumped)
    starts_anew(machine, panicked)
    assert boot_id(machine) != before
    return machine.serial.text[start:]


def counted(machine: Machine) -> list[int]:
    """What the unit made of the mark: once it is done, nothing is under way."""
    ask(machine, "systemctl start kexit-verify")
    mark = json.loads(ask(machine, "cat /var/lib/kexit/handover.json"))
    assert "pending" not in mark
    return [pair["count"] for pair in mark["failed"]]


def test_a_next_kernel_that_panics(folder: Path) -> None:
    """It restarts the machine by itself, and firmware starts the system again, which counts it. After the
    second the way is by firmware, with the reason; --forget opens the other again."""
    with Installed(folder, "trixie", reboots=True).running() as machine:
        for number in (1, 2):
            assert "lab.word=panic" in panics(machine)
            assert counted(machine) == [number]
            log = ask(machine, "journalctl --no-pager -b -u kexit-verify")
            assert f"did not arrive: failure {number} in a row" in log
            assert f"{number} in a row" in ask(machine, "kexit report --previous")
        said = ask(machine, f"{PANICS} --dry-run; echo status $?")
        assert "it would go through firmware: jumps from" in said and "in a row: 2" in said, said
        before = boot_id(machine)
        start = len(machine.serial.text)
        machine.type(PANICS)
        ended = machine.wait(r"reboot: Restarting system", SECONDS, start)
        said = machine.serial.text[start:ended]
        assert "the machine reboots through firmware: jumps from" in said and "in a row: 2" in said, said
        assert "Starting new kernel" not in said
        starts_anew(machine, ended)
        assert boot_id(machine) != before
        ask(machine, "kexit reboot --forget")
        assert "it would go" not in ask(machine, f"{PANICS} --dry-run")
        assert "lab.word=good" in jumps(machine, "kexit reboot --append lab.word=good")
        assert "lab.word=good" in ask(machine, "cat /proc/cmdline")
