# SPDX-License-Identifier: GPL-2.0-or-later
"""A running Debian with more on its disks than a root file system goes to the next kernel by kexit.

The oracle is the machine's own, as in test_reboot.py.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lab.build import guest_program
from lab.installed import Installed, ask, assert_clean, jumps

pytestmark = pytest.mark.long

# Survives the service manager's killing (its name begins with @), and is nobody's to stop.
FUSE = """[Unit]
DefaultDependencies=no
IgnoreOnIsolate=yes

[Service]
ExecStartPre=/bin/mkdir -p /srv/mute
ExecStart=@/root/mute_fuse @mute_fuse /srv/mute
KillMode=none
"""
STUBBORN = """[Service]
ExecStart=/bin/sh -c 'trap "" TERM HUP; while :; do sleep 1; done'
TimeoutStopSec=5
SendSIGKILL=no
"""
# Swap in a file, and on a disk with a key that nobody knows, as crypttab(5) has it.
SWAP = """set -e
modprobe dm_crypt
fallocate -l 64M /swapfile
chmod 600 /swapfile
mkswap -q /swapfile
key=$(od -An -N64 -tx1 /dev/urandom | tr -d ' \\n')
dmsetup create swap_crypt --table "0 $(blockdev --getsz /dev/vda) crypt aes-xts-plain64 $key 0 /dev/vda 0"
mkswap -q /dev/mapper/swap_crypt
swapon -p 2 /swapfile
swapon -p 2 /dev/mapper/swap_crypt
mkdir -p /run/lab
mount -t tmpfs -o size=100M lab /run/lab
systemd-run -q --wait -p MemoryHigh=16M sh -c 'head -c 48M /dev/urandom >/run/lab/fill'
truncate -s 32M /root/loop.img
mke2fs -q -t ext4 /root/loop.img
mkdir -p /srv/loop
mount -o loop /root/loop.img /srv/loop
echo lab >/srv/loop/file
"""


def test_a_system_that_is_at_work(folder: Path) -> None:
    """Swap in use in a file and encrypted on a disk, a loop, a FUSE file system that never answers with a
    process waiting for it, a service that refuses to stop; `systemctl reboot` with an image loaded, of which
    systemd 257 makes a kexec."""
    extra = {"etc/systemd/system/lab-fuse.service": FUSE, "etc/systemd/system/lab-stubborn.service": STUBBORN,
             "root/swap.sh": SWAP, "root/mute_fuse": guest_program("mute_fuse")}
    with Installed(folder, "trixie", extra, disks=1).running() as machine:
        assert "failed" not in ask(machine, "sh /root/swap.sh || echo failed")
        used = [int(line.split()[3]) for line in ask(machine, "cat /proc/swaps").splitlines() if line.startswith("/")]
        assert len(used) == 2 and all(used), used
        ask(machine, "systemctl start lab-fuse lab-stubborn; until grep -q /srv/mute /proc/mounts; do sleep 1; done")
        ask(machine, "setsid cat /srv/mute/file </dev/null >/dev/null 2>&1 & sleep 2")
        ask(machine, "kexit load --default --append lab.word=third")
        said = jumps(machine, "systemctl reboot")
        assert_clean(said)
        assert "lab.word=third" in ask(machine, "cat /proc/cmdline")
        assert "lab" in ask(machine, "mkdir -p /srv/loop && mount -o loop /root/loop.img /srv/loop && cat /srv/loop/file")
        assert not re.search(r"EXT4-fs.*recover", ask(machine, "dmesg"))
