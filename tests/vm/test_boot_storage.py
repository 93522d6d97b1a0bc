# SPDX-License-Identifier: GPL-2.0-or-later
"""What kexit-boot finds on disks of every kind, how it boots from them, and that it writes to none."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from lab import bootdisk, bootimage, fsimage
from lab.bootdisk import Rack
from lab.machine import Machine

QUIET = "lab.nics=0 lab.sounds=0"

# What the next kernel needs to use any disk of these tests again.
ALL_BUSES = ["nvme", "ahci", "sr_mod", "xhci_pci", "usb_storage", "sd_mod"]


def choose(machine: Machine, title: str, start: int = 0) -> None:
    """Boots the entry with that title, by the number that it has in the menu as it was printed last."""
    machine.wait(rf"\d+  {re.escape(title)}", bootdisk.SECONDS, start)
    rows = re.findall(rf"(\d+)  {re.escape(title)}", machine.serial.text[start:])
    machine.type(rows[-1])


def cd(rack: Rack, name: str, describe: Callable[[Path], None]) -> None:
    """A CD whose files are on no other disk, with entries as describe writes them."""
    root = rack.folder / name
    bootdisk.boot_files(root, ALL_BUSES)
    describe(root)
    rack.formatted(name, "iso9660", root, "sata-cd")


def part(rack: Rack, name: str, kind: str, root: Path) -> Path:
    """A file system to be put into a partition."""
    image = rack.folder / f"{name}.part"
    fsimage.make(image, kind, root)
    return image


def assorted(rack: Rack) -> list[str]:
    """Disks of many kinds that can be made without a machine; returns the titles of their entries."""
    options = f"{QUIET} lab.disks=5"
    folder = rack.folder
    empty = folder / "empty"
    empty.mkdir()
    swap = part(rack, "swap", "swap", empty)
    esp = part(rack, "esp", "vfat", bootdisk.tree(folder, options, "esp", ALL_BUSES))
    data = part(rack, "data", "ext4", empty)
    root = part(rack, "root", "ext4", bootdisk.tree(folder, options, "partition", ALL_BUSES))
    fsimage.partition(folder / "parts.img", [("uefi", esp), ("swap", swap), ("linux", data), ("linux", root)])
    rack.add("parts", folder / "parts.img")
    rack.add("swap", swap)
    rack.formatted("usb", "ext4", bootdisk.tree(folder, options, "usb", ALL_BUSES), "usb")
    cd(rack, "grub", lambda top: bootdisk.grub_script(top / "boot/grub/grub.cfg", "grub", options))
    cd(rack, "isolinux", lambda top: bootdisk.isolinux(top, "isolinux", options))
    assert len(rack.disks) == 5
    return [f"The {name} system" for name in ("esp", "partition", "usb", "grub", "isolinux")]


ASSORTED_MODULES = ["ahci", "sr_mod", "isofs", "xhci_pci", "usb_storage", "sd_mod"]


def boots_by_choice(rack: Rack, title: str, titles: list[str]) -> str:
    """All titles are in the menu, the chosen one boots, and no disk changes. Returns what was said."""
    before = rack.digests()
    image = bootdisk.boot_image("timeout=forever\n", modules=ASSORTED_MODULES)
    with rack.machine(image, "") as machine:
        for each in titles:
            machine.wait(rf"\d+  {each}$", bootdisk.SECONDS)
        choose(machine, title)
        results = bootdisk.arrived(machine)
        text = machine.serial.text
    assert rack.digests() == before
    assert not bootdisk.faults(results)
    return text


def test_a_usb_disk_among_others(rack: Rack) -> None:
    """ESP, partitions beside swap, CDs in SATA drives and a USB disk are all read; the last one boots,
    and the next kernel has every one of their controllers again."""
    text = boots_by_choice(rack, "The usb system", assorted(rack))
    assert "swap" not in text


@pytest.mark.long
@pytest.mark.parametrize("name", ["esp", "partition", "grub", "isolinux"])
def test_each_of_them_boots(rack: Rack, name: str) -> None:
    boots_by_choice(rack, f"The {name} system", assorted(rack))
