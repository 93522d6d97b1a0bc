# SPDX-License-Identifier: GPL-2.0-or-later
"""A running Debian that swaps to a disk with a key that nobody knows, as crypttab(5) has it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lab import packages
from lab.arch import ARCHES
from lab.debian import run
from lab.installed import Installed, ask, assert_clean, initrd_with, jumps
from lab.machine import Machine

pytestmark = pytest.mark.long

EXTRA: dict[str, str | bytes] = {
    **initrd_with("nvme"),
    "etc/fstab": "/dev/nvme0n1p1 / ext4 defaults 0 1\n/dev/mapper/swap_crypt none swap sw 0 0\n",
    "etc/crypttab": "swap_crypt /dev/vda /dev/urandom swap,cipher=aes-xts-plain64,size=512,sector-size=4096\n",
}
# What a service with little memory writes to a tmpfs goes to swap, and stays there for all to read.
FILL = """mkdir -p /run/lab && mount -t tmpfs -o size=100M lab /run/lab &&
systemd-run -q --wait -p MemoryHigh=16M sh -c 'head -c 48M /dev/urandom >/run/lab/fill'"""


def with_cryptsetup(root: Path) -> None:
    """systemd's half of it, which the package cryptsetup only recommends."""
    run("cp", "-a", packages.of_suite(ARCHES["amd64"], "trixie", ["systemd-cryptsetup"]) / "usr", root)


def used(machine: Machine) -> int:
    """KiB of the swap that is in use; it is the encrypted one."""
    swaps = [line.split() for line in ask(machine, "cat /proc/swaps").splitlines() if line.startswith("/")]
    assert len(swaps) == 1 and swaps[0][0].startswith("/dev/dm-"), swaps
    assert "swap_crypt" in ask(machine, f"cat /sys/class/block/{swaps[0][0][5:]}/dm/name")
    return int(swaps[0][3])


def test_encrypted_swap(folder: Path) -> None:
    """In use before the jump; taken down with its disk's controller released; there again, with another key."""
    with Installed(folder, "trixie", EXTRA, flavour="storage", disks=1, crosses=True,
                   prepare=with_cryptsetup).running() as machine:
        ask(machine, "systemctl start swap.target; " + FILL.replace("\n", " "))
        assert used(machine) > 1024
        key = ask(machine, "dmsetup table --showkeys swap_crypt").split()[4]
        assert re.fullmatch(r"[0-9a-f]{128}", key), key
        disk = ask(machine, "basename $(dirname $(readlink -f /sys/block/vda/device))").strip()
        said = jumps(machine, "kexit reboot")
        assert_clean(said)
        assert re.search(rf"^.*{re.escape(disk)}.*virtio", said, re.M), said[-3000:]
        ask(machine, "systemctl start swap.target")
        used(machine)
        assert ask(machine, "dmsetup table --showkeys swap_crypt").split()[4] != key
        verified = ask(machine, "kexit verify --wait 2min; echo status $?")
        assert "all is back" in verified and "status 0" in verified, verified
