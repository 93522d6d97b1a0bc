# SPDX-License-Identifier: GPL-2.0-or-later
"""A running Debian, its root on NVMe, goes to the next kernel by kexit: every way there is.

The oracle is the machine's own: boot id, uptime, a word on the command line.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lab.installed import SECONDS, Installed, ask, shell
from lab.machine import Machine

pytestmark = pytest.mark.long

SUITES = ["trixie", "bookworm"]


def boot_id(machine: Machine) -> str:
    return ask(machine, "cat /proc/sys/kernel/random/boot_id").strip()


def jumps(machine: Machine, command: str) -> str:
    """Types command, and returns what was said until the next kernel's shell was there."""
    before = boot_id(machine)
    start = len(machine.serial.text)
    machine.type(command)
    jumped = machine.wait(r"^\[ *0\.0+\] Linux version", SECONDS, start)
    shell(machine, jumped)
    said = machine.serial.text[start:]
    assert boot_id(machine) != before
    assert float(ask(machine, "cat /proc/uptime").split()[0]) < 600
    return said


def assert_clean(said: str) -> None:
    """Every device was released, the root disk's controller among them, and the root file system was
    clean: nothing to be recovered in the next kernel's log."""
    summary = re.findall(r"kexit: (\d+) released, .*", said)
    assert summary, said[-3000:]
    assert int(summary[-1]) >= 3, summary
    assert not re.search(r"kexit: .*in use and left:.*nvme", said), re.findall("kexit: .*", said)
    assert not re.search(r"EXT4-fs.*recover|orphan cleanup|journal.*recover", said)


@pytest.mark.parametrize("suite", SUITES)
def test_kexit_reboot_and_systemctl(folder: Path, suite: str) -> None:
    """`kexit reboot`, then `systemctl kexec`, on one machine, each with a word on the command line."""
    with Installed(folder, suite).running() as machine:
        said = jumps(machine, "kexit reboot --append lab.word=first")
        assert_clean(said)
        assert "lab.word=first" in ask(machine, "cat /proc/cmdline")
        assert "every device released first" in ask(machine, "kexit load --default --append lab.word=second")
        said = jumps(machine, "systemctl start --no-block --job-mode=replace-irreversibly kexec.target")
        assert_clean(said)
        assert "lab.word=second" in ask(machine, "cat /proc/cmdline")


def test_reboot_with_an_image_loaded(folder: Path) -> None:
    """systemd 257 makes a kexec of it; it goes through the exit environment, too."""
    with Installed(folder, "trixie").running() as machine:
        ask(machine, "kexit load --default --append lab.word=third")
        assert_clean(jumps(machine, "systemctl reboot"))
        assert "lab.word=third" in ask(machine, "cat /proc/cmdline")


@pytest.mark.parametrize("command", ["systemctl reboot", "systemctl poweroff", "kexit reboot --firmware"])
def test_what_is_no_kexec_ends_as_before(folder: Path, command: str) -> None:
    """QEMU ends at a reset as at a power-off, and the file system was unmounted."""
    with Installed(folder, "trixie").running() as machine:
        start = len(machine.serial.text)
        machine.type(command)
        text = machine.serial.wait_end(SECONDS)[start:]
    assert "Starting new kernel" not in text
    assert re.search(r"reboot: (Restarting system|Power down)", text), text[-2000:]
