# SPDX-License-Identifier: GPL-2.0-or-later
"""What kexit-boot finds on disks of every kind, how it boots from them, and that it writes to none."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lab import bootdisk, bootimage, fsimage
from lab.bootdisk import Rack
from lab.errors import Unavailable
from lab.machine import Machine, scratch

QUIET = "lab.nics=0 lab.sounds=0"

MENU = "Number or Enter: boot"
BUS_MODULES = ["ahci", "sr_mod", "isofs", "xhci_pci", "usb_storage", "sd_mod"]
# What the next kernel needs to use any disk of these tests again.
ALL_BUSES = ["nvme", "ahci", "sr_mod", "xhci_pci", "usb_storage", "sd_mod"]


def menu_without(machine: Machine, name: str, start: int) -> int:
    """A menu is shown in which nothing is called so."""
    return machine.wait(rf"^kexit-boot (?s:(?!{name}|{MENU}).)*{MENU}", bootdisk.SECONDS, start)


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


def boots_by_choice(rack: Rack, title: str, titles: list[str]) -> str:
    """All titles are in the menu, the chosen one boots, and no disk changes. Returns what was said."""
    before = rack.digests()
    image = bootdisk.boot_image("timeout=forever\n", modules=BUS_MODULES)
    with rack.machine(image, "") as machine:
        for each in titles:
            machine.wait(rf"\d+  {each}$", bootdisk.SECONDS)
        bootdisk.choose(machine, title)
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


@pytest.mark.long
def test_disks_that_are_pulled_out(rack: Rack) -> None:
    """An NVMe disk and a USB stick go while the menu shows their entries: these go too, and the disk
    that is left boots although the others' file systems were mounted."""
    rack.disk("left", f"{QUIET} lab.disks=1")
    rack.disk("pulled", QUIET)
    rack.formatted("stick", "ext4", bootdisk.tree(rack.folder, QUIET, "stick"), "usb")
    image = bootdisk.boot_image("timeout=forever\n", modules=BUS_MODULES)
    with rack.machine(image, "") as machine:
        at = max(machine.wait(rf"\d  The {name} system", bootdisk.SECONDS) for name in ("left", "pulled", "stick"))
        at = machine.wait(MENU, bootdisk.SECONDS, at)
        machine.monitor.command("device_del", id="stick")
        at = menu_without(machine, "stick", at)
        machine.monitor.command("device_del", id="pulled")
        at = menu_without(machine, "pulled", at)
        machine.type("1")
        results = bootdisk.arrived(machine, at)
        assert "does not answer" not in machine.serial.text
    assert not bootdisk.faults(results)


# Disks that only a running Linux can set up. GRUB sees a btrfs from its top: Debian and Ubuntu write the
# subvolume's name into each path, openSUSE has its own GRUB begin in the default subvolume.
UUIDS = {name: f"0c33f1de-7c2e-4b8a-9d5b-{number:012x}" for number, name in enumerate(["default", "top"])}
WORKSHOP = """
mkdir -p /run/lock/lvm /etc /mnt/content /mnt/new
export DM_DISABLE_UDEV=1 MDADM_NO_UDEV=1 PATH="$PATH:/usr/sbin"
try() {
	"$@" >/tmp/said 2>&1 || report error "$*: $(tail -n 1 /tmp/said)"
}
# subvolume NAME UUID: an @ on the disk NAME, with a kernel and a GRUB script in its /boot
subvolume() {
	try mkfs.btrfs -U "$2" "$(lab_disk "$1")"
	try mount -t btrfs "$(lab_disk "$1")" /mnt/new
	try btrfs subvolume create /mnt/new/@
	mkdir -p /mnt/new/@/boot/grub
	try cp /mnt/content/vmlinuz /mnt/content/initrd /mnt/new/@/boot
	try cp "/mnt/content/$1.cfg" /mnt/new/@/boot/grub/grub.cfg
}
# entry NAME: the file system in /mnt/new has content's entry under a name of its own
entry() {
	sed -i "s/The content system/The $1 system/" /mnt/new/loader/entries/content.conf
	try umount /mnt/new
}
# filled NAME DEVICE: a copy of content
filled() {
	try dd if="$(lab_disk content)" of="$2" bs=1M
	try mount -t ext4 "$2" /mnt/new
	entry "$1"
}
mirrored() {
	number=$1
	shift
	try mdadm --create "/dev/md$number" --run --assume-clean --level=1 --raid-devices=2 --bitmap=none "$@"
}

try mount -t ext4 -o ro "$(lab_disk content)" /mnt/content
subvolume default %(default)s
try btrfs subvolume set-default /mnt/new/@
try umount /mnt/new
subvolume top %(top)s
try umount /mnt/new

try mkfs.btrfs -d raid0 -m raid1 "$(lab_disk btrfs-a)" "$(lab_disk btrfs-b)"
try mount -t btrfs "$(lab_disk btrfs-a)" /mnt/new
try cp -r /mnt/content/vmlinuz /mnt/content/initrd /mnt/content/loader /mnt/new
entry striped

mirrored 5 "$(lab_disk raid-a)" "$(lab_disk raid-b)"
filled degraded /dev/md5
mirrored 6 "$(lab_disk part-a)p1" "$(lab_disk part-b)p2"
filled mirrored /dev/md6
try lvm pvcreate "$(lab_disk lvm)p2"
try lvm vgcreate --autobackup n vg "$(lab_disk lvm)p2"
try lvm lvcreate --autobackup n -Zn -Wn -l 100%%FREE -n root vg
filled volume /dev/mapper/vg-root

sync
try lvm vgchange -an vg
try mdadm --stop /dev/md5
try mdadm --stop /dev/md6
""" % UUIDS
MEMBER = fsimage.SIZE + (16 << 20)
BTRFS = 160 << 20  # mkfs.btrfs makes none below 109 MiB


def parts(rack: Rack, name: str, *kinds: str) -> None:
    """A disk with blank partitions, the last of them large enough for a copy of content."""
    small, large = rack.folder / "small", rack.folder / "large"
    fsimage.blank(small, 1 << 20)
    fsimage.blank(large, MEMBER)
    image = rack.folder / f"{name}.img"
    fsimage.partition(image, [(kind, small) for kind in kinds[:-1]] + [(kinds[-1], large)])
    rack.add(name, image)


@pytest.fixture(scope="module")
def workshop() -> Iterator[Rack]:
    """Those disks, each under its name, to be copied."""
    with scratch() as folder:
        rack = Rack(Path(folder))
        content = bootdisk.tree(rack.folder, f"{QUIET} lab.disks=0", "content")
        for name, files, said in (("default", "/boot", "set btrfs_relative_path=yes\n"), ("top", "/@/boot", "")):
            bootdisk.grub_script(content / f"{name}.cfg", name, f"{QUIET} lab.disks=0", files=files,
                                 head=f"{said}search --no-floppy --fs-uuid --set=root {UUIDS[name]}")
        rack.formatted("content", "ext4", content)
        for name in ("default", "top", "btrfs-a", "btrfs-b"):
            rack.blank(name, BTRFS)
        for name in ("raid-a", "raid-b"):
            rack.blank(name, MEMBER)
        parts(rack, "part-a", "raid")
        parts(rack, "part-b", "linux", "raid")
        parts(rack, "lvm", "linux", "lvm")
        try:
            programs = {name: data for program in ("mdadm", "lvm")
                        for name, data in bootimage.debian_program(bootdisk.ARCH, program).items()}
            rack.work(WORKSHOP, [*bootimage.FILE_SYSTEMS, "raid1", "dm_mod"], programs, ["btrfs", "mkfs.btrfs"])
        except Unavailable as reason:
            pytest.skip(str(reason))
        yield rack


def take(rack: Rack, workshop: Rack, *names: str) -> None:
    for name, image in workshop.disks:
        if name in names:
            rack.add(name, shutil.copyfile(image, rack.folder / f"{name}.img"))


def boots_by_itself(rack: Rack, title: str) -> str:
    """Unattended; no disk changes. Returns what was said."""
    before = rack.digests()
    image = bootdisk.boot_image("timeout=0\n", modules=["raid1", "dm_mod"], programs=["mdadm", "lvm"])
    with rack.machine(image, "loglevel=7") as machine:
        at = machine.wait(f"booting The {title} system", bootdisk.SECONDS)
        results = bootdisk.arrived(machine, at)
        text = machine.serial.text
    assert rack.digests() == before
    assert not bootdisk.faults(results)
    left = "\n".join(line for line in text.splitlines() if "in use and left" in line)
    assert not re.search(r"\b(nvme|dm-|md2\d\d)", left)
    return text


@pytest.mark.long
@pytest.mark.parametrize(("title", "names"), [
    ("default", ["default"]),
    ("top", ["top"]),
    ("striped", ["btrfs-a", "btrfs-b"]),
    ("mirrored", ["part-a", "part-b"]),
    ("volume", ["lvm"]),
])
def test_disks_made_of_disks_and_of_subvolumes(rack: Rack, workshop: Rack, title: str, names: list[str]) -> None:
    """A btrfs whose default subvolume is the system, one that is booted below its top, one over two
    disks; md raid1 of partitions; LVM on a partition."""
    take(rack, workshop, *names)
    boots_by_itself(rack, title)


@pytest.mark.long
def test_an_array_that_lacks_a_member(rack: Rack, workshop: Rack) -> None:
    """It is started without it, but not before 10 s."""
    take(rack, workshop, "raid-a")
    text = boots_by_itself(rack, "degraded")
    came = re.search(r"\[ *([\d.]+)\] nvme nvme0: .*queues", text)
    ran = re.search(r"\[ *([\d.]+)\] md/raid1:md2\d\d: active with 1 out of 2 mirrors", text)
    assert came and ran and float(ran[1]) - float(came[1]) >= 10
