# SPDX-License-Identifier: GPL-2.0-or-later
"""A running Debian whose root file system is on a disk of the network goes to the next kernel by kexit."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lab import iscsi, nvme_tcp
from lab.devices import Hardware, free_port
from lab.installed import OPTIONS, Installed, ask, assert_clean, initrd_with, jumps
from lab.machine import Machine

pytestmark = pytest.mark.long

# One card, which is eth0 then: open-iscsi puts every card's driver into the initrd, and the quickest is first.
DEVICES = ("e1000e", "qemu-xhci")
# As nvme-cli does it, by the kernel's own interface, which gives up after two SYNs: the link may just come up.
CONNECT = """#!/bin/sh
[ "$1" = prereqs ] && exit 0
. /scripts/functions
configure_networking
modprobe nvme_tcp
second=0
until echo 'transport=tcp,traddr=10.0.2.2,trsvcid={port},nqn={name}' >/dev/nvme-fabrics || [ $second = 60 ]; do
	sleep 1
	second=$((second + 1))
done
"""
ADDRESS = "ip=10.0.2.15::10.0.2.2:255.255.255.0:lab:eth0:off"


class Remote(Installed):
    """The root disk is none of the machine's own: options say where it is."""

    def __init__(self, folder: Path, options: str, extra: dict[str, str | bytes], flavour: str = "") -> None:
        self.options = options
        super().__init__(folder, "trixie", extra, flavour=flavour, disks=2, crosses=True, prepare=self._tell_grub)

    def _tell_grub(self, root: Path) -> None:
        config = root / "boot/grub/grub.cfg"
        text = config.read_text().replace(OPTIONS, self.options)
        assert self.options in text
        config.write_text(text)

    def root_disk(self, made: Hardware) -> None:
        pass

    def machine(self, *, devices: tuple[str, ...] = DEVICES) -> Machine:
        return Machine(self.hardware(devices), self.kernel, self.initrd, self.options)


def assert_left(said: str, card: str, disk: str) -> None:
    """The card is left with the disk as the reason, and nothing else but the console; the rest is released."""
    used = [what for what in re.findall(r"kexit: (.*in use and left[^:]*: .*)", said) if "active console" not in what]
    assert [what for what in used if card in what and disk in what], used
    assert not [what for what in used if card not in what and disk.split()[0] not in what], used
    summary = re.findall(r"kexit: (\d+) released, .*", said)
    assert summary and int(summary[-1]) >= 3, re.findall("kexit: .*", said)
    assert not re.search(r"EXT4-fs.*recover|orphan cleanup|journal.*recover", said)


def assert_back(machine: Machine) -> None:
    said = ask(machine, "kexit verify --wait 2min; echo status $?")
    assert "all is back" in said and "status 0" in said, said


def test_root_on_iscsi(folder: Path) -> None:
    """kexit ends no session: the card that it goes through is left, and all else is released."""
    port = free_port()
    options = (OPTIONS.replace("root=/dev/nvme0n1p1", "root=/dev/sda1") + f" {ADDRESS} iscsi_target_ip=10.0.2.2 "
               f"iscsi_target_port={port} iscsi_target_name={iscsi.NAME}")
    extra: dict[str, str | bytes] = {**initrd_with("e1000e", "sd_mod", "iscsi_tcp"),
                                     "etc/fstab": "/dev/sda1 / ext4 defaults,_netdev 0 1\n",
                                     "etc/iscsi/initiatorname.iscsi": "InitiatorName=iqn.2026-01.lab.kexit:guest\n",
                                     "etc/iscsi/iscsi.initramfs": ""}
    disk = Remote(folder, options, extra, "storage")
    with iscsi.served(folder, disk.image, port), disk.running() as machine:
        card = ask(machine, "basename $(readlink -f /sys/class/net/eth0/device)").strip()
        assert "/dev/sda1" in ask(machine, "findmnt -n -o SOURCE /")
        plan = ask(machine, "kexit plan")
        assert re.search(rf"{re.escape(card)} +e1000e.*\n +iSCSI sda through eth0", plan), plan
        said = jumps(machine, "kexit reboot --append lab.word=far")
        assert_left(said, card, "iSCSI sda")
        assert "lab.word=far" in ask(machine, "cat /proc/cmdline")
        assert "/dev/sda1" in ask(machine, "findmnt -n -o SOURCE /")
        assert_back(machine)


def test_root_on_nvme_over_tcp(folder: Path) -> None:
    """In use through the card while the system runs. At its end the disk is disconnected, so that nothing needs
    the card any more, and it is released as all else is."""
    port = free_port()
    extra: dict[str, str | bytes] = {
        **initrd_with("e1000e", "nvme_tcp"),
        "etc/initramfs-tools/scripts/local-top/lab-nvme": CONNECT.format(port=port, name=nvme_tcp.NAME).encode(),
    }
    disk = Remote(folder, f"{OPTIONS} {ADDRESS}", extra)
    with nvme_tcp.served(disk.image, port), disk.running() as machine:
        card = ask(machine, "basename $(readlink -f /sys/class/net/eth0/device)").strip()
        assert "tcp" in ask(machine, "cat /sys/class/nvme/nvme0/transport")
        plan = ask(machine, "kexit plan")
        assert re.search(rf"{re.escape(card)} +e1000e.*\n +NVMe-oF nvme0n1 through eth0", plan), plan
        # What the driver says of a connection that ends is at the level of information.
        ask(machine, "dmesg -n 7")
        said = jumps(machine, "kexit reboot --append lab.word=far")
        assert_clean(said)
        assert "nvme nvme0: Removing ctrl" in said.split("Starting new kernel")[0]
        assert "lab.word=far" in ask(machine, "cat /proc/cmdline")
        assert_back(machine)
