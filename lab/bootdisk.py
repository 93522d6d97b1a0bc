# SPDX-License-Identifier: GPL-2.0-or-later
"""Disks with something to boot, and machines that have them."""

from __future__ import annotations

import functools
import hashlib
import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from lab import bootimage, fsimage, initramfs, packages
from lab.arch import ARCHES, Arch
from lab.bootimage import BootImage
from lab.build import kexit_program
from lab.complaints import complaints
from lab.devices import Hardware
from lab.errors import LabError
from lab.machine import Machine
from lab.serial import Results

ARCH = ARCHES["amd64"]
SECONDS = 180.0  # for any one step of a guest on a busy machine


@functools.cache
def _hello(modules: tuple[str, ...], arch: Arch) -> bytes:
    """An initramfs that says how it found the machine, and then uses these drivers."""
    contents = initramfs.Contents(modules=list(modules), kexit=kexit_program(arch))
    return initramfs.build(packages.kernel(arch, "6.1"), contents)


def command_line(options: str, arch: Arch = ARCH) -> str:
    """Of a system on a disk: it reports on the serial line, and waits for as many disks as options say."""
    return f"console={arch.console} loglevel=4 panic=-1 lab.role=arrive {options}"


def boot_files(folder: Path, modules: Sequence[str] = ("nvme",), arch: Arch = ARCH) -> None:
    """What an entry names: a kernel, and an initramfs for it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vmlinuz").write_bytes(packages.kernel(arch, "6.1").image.read_bytes())
    (folder / "initrd").write_bytes(_hello(tuple(modules), arch))


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def type_1(root: Path, name: str, options: str, *, linux: str = "/vmlinuz", initrd: str = "/initrd",
           arch: Arch = ARCH) -> None:
    """An entry of the Boot Loader Specification."""
    write(root / f"loader/entries/{name}.conf",
          f"title The {name} system\nversion 1\nlinux {linux}\ninitrd {initrd}\n"
          f"options {command_line(options, arch)}\n")


def grub_script(path: Path, name: str, options: str, *, files: str = "", head: str = "") -> None:
    """A GRUB script whose entry has its files in the folder files."""
    write(path, f"{head}\nmenuentry 'The {name} system' {{\n"
                f"\tlinux {files}/vmlinuz {command_line(options)}\n\tinitrd {files}/initrd\n}}\n")


def isolinux(root: Path, name: str, options: str) -> None:
    write(root / "isolinux/isolinux.cfg",
          f"default {name}\nlabel {name}\n  menu label The {name} system\n  kernel /vmlinuz\n"
          f"  append initrd=/initrd {command_line(options)}\n")


def tree(folder: Path, options: str, name: str = "hello", modules: Sequence[str] = ("nvme",),
         arch: Arch = ARCH) -> Path:
    """A file system's content: a kernel, an initramfs that says how it found the machine, an entry."""
    root = folder / name
    boot_files(root, modules, arch)
    type_1(root, name, options, arch=arch)
    return root


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


def _nvme(hardware: Hardware, name: str, *, empty: bool) -> None:
    port = hardware.root_port()
    if not empty:
        hardware.device(f"nvme,{port},id={name},serial={name},drive={name}")


def _usb(hardware: Hardware, name: str, *, empty: bool) -> None:
    if "xhci" not in " ".join(hardware.arguments):
        hardware.device(f"qemu-xhci,id=xhci,{hardware.root_port()}")
    if not empty:
        hardware.device(f"usb-storage,bus=xhci.0,id={name},drive={name}")


def _sata_cd(hardware: Hardware, name: str, *, empty: bool) -> None:
    """In a drive of the board's own AHCI controller, whose ports are counted by what hangs on them."""
    if not empty:
        port = sum(word.startswith("ide-cd") for word in hardware.arguments)
        hardware.device(f"ide-cd,bus=ide.{port},id={name},drive={name}")


# How a disk hangs on the machine.
BUSES: dict[str, Callable[..., None]] = {"nvme": _nvme, "usb": _usb, "sata-cd": _sata_cd}


class Rack:
    """One machine after another in one folder, its disks kept."""

    def __init__(self, folder: Path, arch: Arch = ARCH) -> None:
        self.folder = folder
        self.arch = arch
        self.disks: list[tuple[str, Path]] = []
        self.kinds: dict[str, str] = {}  # disk -> its file system
        self.buses: dict[str, str] = {}  # disk -> a name in BUSES; "nvme" where there is none
        self.limits: dict[str, str] = {}  # disk -> options of QEMU's -drive
        self.bad_sectors: dict[str, int] = {}  # disk -> one that cannot be read
        self.unplugged = ""  # a disk whose place is empty at first

    def disk(self, name: str, options: str, kind: str = "ext4") -> Path:
        """A disk with a type 1 entry and its files."""
        return self.formatted(name, kind, tree(self.folder, options, name, arch=self.arch))

    def formatted(self, name: str, kind: str, root: Path, bus: str = "nvme") -> Path:
        """A disk that is one file system with root's content."""
        image = self.folder / f"{name}.img"
        fsimage.make(image, kind, root)
        self.kinds[name] = kind
        return self.add(name, image, bus)

    def blank(self, name: str, size: int) -> Path:
        """A disk with nothing on it."""
        image = self.folder / f"{name}.img"
        fsimage.blank(image, size)
        return self.add(name, image)

    def add(self, name: str, image: Path, bus: str = "nvme") -> Path:
        self.disks.append((name, image))
        self.buses[name] = bus
        return image

    def remove(self, name: str) -> None:
        """The next machine does not have that disk."""
        self.disks = [disk for disk in self.disks if disk[0] != name]

    def digests(self) -> dict[str, str]:
        """What is on each disk, to see whether a byte of it is another later."""
        return {name: hashlib.sha256(image.read_bytes()).hexdigest() for name, image in self.disks}

    def work(self, script: str, modules: list[str], files: dict[str, bytes],
             programs: Sequence[str] = ("kexec",)) -> None:
        """Runs a script of the lab's guest with these disks, then takes the power away.

        `lab_disk NAME` prints the device of that disk.
        """
        contents = initramfs.Contents(
            modules=["nvme", *modules],
            programs=list(programs),
            files={"lab/script.sh": (WORK_HEAD + script).encode(), **files},
        )
        image = initramfs.build(packages.kernel(self.arch, "6.1"), contents)
        with self.machine(image, f"lab.role=script lab.disks={len(self.disks)}") as machine:
            machine.wait("^@@ end script", SECONDS)
            if wrong := Results(machine.serial.text).every("error"):
                raise LabError("; ".join(wrong))

    def dirty(self) -> None:
        """Every disk's file system in use, its journal full, and the power gone."""
        script = "".join(DIRTY.format(name=name, kind=kind) for name, kind in self.kinds.items())
        self.work(script, bootimage.FILE_SYSTEMS, {})

    def _drive(self, name: str, path: Path) -> str:
        words = f"if=none,id={name},format=raw,cache=unsafe"
        if name in self.limits:
            words += f",{self.limits[name]}"
        if name not in self.bad_sectors:
            return f"{words},file={path}"
        return (f"{words},file.driver=blkdebug,file.image.driver=file,file.image.filename={path},"
                f"file.inject-error.0.event=none,file.inject-error.0.iotype=read,"
                f"file.inject-error.0.sector={self.bad_sectors[name]},file.inject-error.0.errno=5")

    def hardware(self) -> Hardware:
        made = Hardware(self.arch, self.folder)
        for name, path in self.disks:
            made.option("-drive", self._drive(name, path))
            BUSES[self.buses[name]](made, name, empty=name == self.unplugged)
        return made

    def machine(self, image: bytes, append: str, devices: Sequence[str] = ()) -> Machine:
        """These disks, and devices as QEMU's -device takes them; each on a root port of its own."""
        hardware = self.hardware()
        for device in devices:
            hardware.device(f"{device},{hardware.root_port()}")
        return Machine(hardware, packages.kernel(self.arch, "6.1").image, image, append)


def boot_image(settings: str = "", modules: Sequence[str] = (), programs: Sequence[str] = (),
               files: dict[str, bytes] | None = None, own: Sequence[str] = ()) -> bytes:
    """Numbered lines on the serial console, NVMe and the file systems."""
    image = BootImage(
        modules=["nvme", *bootimage.FILE_SYSTEMS, *modules],
        own=list(own),
        programs=list(programs),
        settings=f"menu=lines\n{settings}",
        files=files or {},
    )
    return bootimage.make(packages.kernel(ARCH, "6.1"), image)


def choose(machine: Machine, title: str, start: int = 0) -> None:
    """Boots the entry with that title, by the number that it has where the menu was printed last."""
    row = rf"(\d+)  {re.escape(title)}"
    machine.wait(row, SECONDS, start)
    machine.type(re.findall(row, machine.serial.text[start:])[-1])


def arrived(machine: Machine, start: int = 0) -> Results:
    """Waits for the next kernel's report, and returns it."""
    # Not at a line's beginning where a full menu was before: its last bytes place the cursor.
    at = machine.wait("@@ boot arrive", SECONDS, start)
    machine.wait("^@@ end arrive", SECONDS, at)
    return Results(machine.serial.text[at - 80:])


def faults(results: Results) -> list[str]:
    """What is wrong with how the next kernel found the machine: functions that ran, or could, before
    any driver of its own; what its drivers complain about; what they could not use."""
    functions = json.loads(results.one("inspect"))["functions"]
    loud = [f"{f['address']} is {f['verdict']}" for f in functions if f["verdict"] in ("live", "masked")]
    return loud + complaints("\n".join(results.every("warning"))) + results.every("error")
