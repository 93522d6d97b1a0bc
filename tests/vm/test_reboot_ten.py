# SPDX-License-Identifier: GPL-2.0-or-later
"""Ten times `kexit reboot`, one right after the other, on a Debian that is at work: nothing may pile up."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lab.devices import free_port
from lab.installed import SECONDS, Installed, assert_clean, enable, initrd_with
from lab.ssh import Ssh, Stream, on_the_net

pytestmark = pytest.mark.long

REBOOTS = 10
# On the root disk, past the page cache.
LOAD = """[Service]
Nice=10
ExecStart=/bin/sh -c 'while :; do dd if=/dev/zero of=/var/tmp/load bs=256k count=256 oflag=direct status=none; done'

[Install]
WantedBy=multi-user.target
"""
STREAM = "while :; do head -c 262144 /dev/zero; sleep 0.2; done"


def at_work(root: Path) -> None:
    units = root / "etc/systemd/system"
    enable(units, "multi-user.target", units / "lab-load.service")
    on_the_net(root)


def written(ssh: Ssh) -> int:
    """Sectors that went to the root disk since its start."""
    status, said = ssh.ask("cat /sys/block/nvme0n1/stat", SECONDS)
    assert status == 0, said
    return int(said.split()[6])


def test_ten_reboots_at_work(folder: Path) -> None:
    """By ssh alone, the disk and the network busy until the services stop: each time ssh is back in another boot,
    all is back, and the file system was clean."""
    ssh = Ssh(folder, free_port())
    extra = {"etc/systemd/system/lab-load.service": LOAD, **initrd_with("nvme"), **ssh.files()}
    boots = []
    with Installed(folder, "trixie", extra, crosses=True, cable=ssh.cable, prepare=at_work).running() as machine:
        boots.append(ssh.boot_id("", SECONDS))
        for number in range(REBOOTS):
            before = written(ssh)
            stream = Stream(ssh, STREAM)
            stream.wait(2 << 20, SECONDS)
            assert written(ssh) > before
            start = len(machine.serial.text)
            status, said = ssh.ask(f"kexit reboot --append lab.word=number-{number}", SECONDS)
            # The connection may end with the services.
            assert status in (0, 255), said
            boots.append(ssh.boot_id(boots[-1], SECONDS))
            stream.close()
            assert_clean(machine.serial.text[start:])
            status, said = ssh.ask("kexit verify --wait 2min", SECONDS)
            assert status == 0 and "all is back" in said, said
            assert f"lab.word=number-{number}" in ssh.ask("cat /proc/cmdline", SECONDS)[1]
            assert not re.search(r"EXT4-fs.*recover|orphan cleanup", ssh.ask("dmesg", SECONDS)[1])
            print(f"reboot {number + 1}: back as {boots[-1]}", flush=True)
    assert len(set(boots)) == REBOOTS + 1
