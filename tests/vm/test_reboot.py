# SPDX-License-Identifier: GPL-2.0-or-later
"""A running Debian, its root on NVMe, goes to the next kernel by kexit: every way there is.

The oracle is the machine's own: boot id, uptime, a word on the command line.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lab.installed import SECONDS, Installed, ask, assert_clean, jumps

pytestmark = pytest.mark.long

SUITES = ["trixie", "bookworm"]


@pytest.mark.parametrize("suite", SUITES)
def test_kexit_reboot_and_systemctl(folder: Path, suite: str) -> None:
    """`kexit reboot`, then `systemctl kexec`, on one machine, each with a word on the command line."""
    with Installed(folder, suite).running() as machine:
        said = jumps(machine, "kexit reboot --append lab.word=first")
        assert_clean(said)
        assert "lab.word=first" in ask(machine, "cat /proc/cmdline")
        assert "every device released first" in ask(machine, "kexit load --default --append lab.word=second")
        said = jumps(machine, "systemctl kexec")
        assert_clean(said)
        assert "lab.word=second" in ask(machine, "cat /proc/cmdline")


@pytest.mark.parametrize("command", ["systemctl reboot", "systemctl poweroff", "kexit reboot --firmware"])
def test_what_is_no_kexec_ends_as_before(folder: Path, command: str) -> None:
    """QEMU ends at a reset as at a power-off, and the file system was unmounted."""
    with Installed(folder, "trixie").running() as machine:
        start = len(machine.serial.text)
        machine.type(command)
        text = machine.serial.wait_end(SECONDS)[start:]
    assert "Starting new kernel" not in text
    assert re.search(r"reboot: (Restarting system|Power down)", text), text[-2000:]
