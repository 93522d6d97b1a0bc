# SPDX-License-Identifier: GPL-2.0-or-later
"""Disks with something to boot, made without mounting one here, and machines that have them."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from lab import bootimage, initramfs, packages
from lab.arch import ARCHES
from lab.bootimage import BootImage
from lab.build import kexit_program
from lab.devices import Hardware
from lab.errors import LabError, Unavailable
from lab.machine import Machine
from lab.serial import Results

ARCH = ARCHES["amd64"]
DISK = 96 << 20
SECONDS = 180.0  # for any one step of a guest on a busy machine


def tree(folder: Path, options: str, name: str = "hello") -> Path:
    """A file system's content: a kernel, an initramfs that says how it found the machine, an entry."""
    kernel = packages.kernel(ARCH, "6.1")
    contents = initramfs.Contents(modules=["nvme"], kexit=kexit_program(ARCH))
    root = folder / name
    (root / "loader/entries").mkdir(parents=True)
    (root / "vmlinuz").write_bytes(kernel.image.read_bytes())
    (root / "initrd").write_bytes(initramfs.build(kernel, contents))
    (root / f"loader/entries/{name}.conf").write_text(
        f"title The {name} system\nversion 1\nlinux /vmlinuz\ninitrd /initrd\n"
        f"options console={ARCH.console} loglevel=4 panic=-1 lab.role=arrive {options}\n"
    )
    return root


def format_disk(image: Path, kind: str, root: Path) -> None:
    """A whole-disk file system of that kind, with root's content. Nothing is mounted here."""
    with open(image, "wb") as file:
        file.truncate(DISK if kind != "xfs" else 320 << 20)
    commands = {
        "ext4": ["mke2fs", "-q", "-t", "ext4", "-d", str(root), str(image)],
        "btrfs": ["mkfs.btrfs", "-q", "-M", "--rootdir", str(root), str(image)],
        "xfs": ["mkfs.xfs", "-q", "-p", str(xfs_prototype(root)), str(image)],
    }
    if not shutil.which(commands[kind][0]):
        raise Unavailable(f"{commands[kind][0]} is not installed")
    subprocess.run(commands[kind], check=True, capture_output=True)


def xfs_prototype(root: Path) -> Path:
    """What mkfs.xfs -p reads: the only way to put files into an XFS that is not mounted."""

    def lines(folder: Path) -> Iterator[str]:
        for path in sorted(folder.iterdir()):
            if path.is_dir():
                yield f"{path.name} d--755 0 0"
                yield from lines(path)
                yield "$"
            else:
                yield f"{path.name} ---644 0 0 {path}"

    prototype = root.parent / f"{root.name}.proto"
    prototype.write_text("\n".join(["/dummy", "0 0", "d--755 0 0", *lines(root), "$"]) + "\n")
    return prototype


WORK_HEAD = """#!/bin/sh
. /lab/lib.sh
lab_disk() {
	for d in /sys/block/nvme*; do
		[ "$(tr -d ' ' <"$d/device/serial")" != "$1" ] || echo "/dev/${d##*/}"
	done
}
load_drivers
"""

DIRTY = """
mkdir -p /mnt/{name}
mount -t {kind} "$(lab_disk {name})" /mnt/{name} || report error "mount {name}"
dd if=/dev/zero of=/mnt/{name}/new bs=4k count=8 conv=fsync 2>/dev/null || report error "write {name}"
"""


class Rack:
    """One machine after another in one folder, its disks kept."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.disks: list[tuple[str, Path]] = []
        self.kinds: dict[str, str] = {}
        self.limits: dict[str, str] = {}  # disk -> options of QEMU's -drive
        self.unplugged = ""  # a disk whose root port is empty at first

    def disk(self, name: str, options: str, kind: str = "ext4") -> Path:
        image = self.folder / f"{name}.img"
        format_disk(image, kind, tree(self.folder, options, name))
        self.disks.append((name, image))
        self.kinds[name] = kind
        return image

    def blank(self, name: str, size: int) -> Path:
        """A disk with nothing on it."""
        image = self.folder / f"{name}.img"
        with open(image, "wb") as file:
            file.truncate(size)
        self.disks.append((name, image))
        return image

    def remove(self, name: str) -> None:
        """The next machine does not have that disk."""
        self.disks = [disk for disk in self.disks if disk[0] != name]

    def work(self, script: str, modules: list[str], files: dict[str, bytes]) -> None:
        """Runs a script of the lab's guest with these disks, then takes the power away.

        `lab_disk NAME` prints the device of that disk.
        """
        contents = initramfs.Contents(
            modules=["nvme", *modules],
            files={"lab/script.sh": (WORK_HEAD + script).encode(), **files},
        )
        image = initramfs.build(packages.kernel(ARCH, "6.1"), contents)
        with self.machine(image, f"lab.role=script lab.disks={len(self.disks)}") as machine:
            machine.wait("^@@ end script", SECONDS)
            if wrong := Results(machine.serial.text).every("error"):
                raise LabError("; ".join(wrong))

    def dirty(self) -> None:
        """Every disk's file system in use, its journal full, and the power gone."""
        script = "".join(DIRTY.format(name=name, kind=kind) for name, kind in self.kinds.items())
        self.work(script, bootimage.FILE_SYSTEMS, {})

    def machine(self, image: bytes, append: str) -> Machine:
        hardware = Hardware(ARCH, self.folder)
        for name, path in self.disks:
            limit = f",{self.limits[name]}" if name in self.limits else ""
            hardware.option("-drive", f"if=none,id={name},format=raw,cache=unsafe,file={path}{limit}")
            port = hardware.root_port()
            if name != self.unplugged:
                hardware.device(f"nvme,{port},serial={name},drive={name}")
        return Machine(hardware, packages.kernel(ARCH, "6.1").image, image, append)


def boot_image(settings: str = "", modules: Sequence[str] = (), programs: Sequence[Path] = ()) -> bytes:
    """Numbered lines on the serial console, NVMe and the file systems."""
    image = BootImage(
        modules=["nvme", *bootimage.FILE_SYSTEMS, *modules],
        programs=list(programs),
        settings=f"menu=lines\n{settings}",
    )
    return bootimage.make(packages.kernel(ARCH, "6.1"), image)


def arrived(machine: Machine, start: int = 0) -> Results:
    """Waits for the next kernel's report, and returns it."""
    at = machine.wait("^@@ boot arrive", SECONDS, start)
    machine.wait("^@@ end arrive", SECONDS, at)
    return Results(machine.serial.text[at - 80:])
