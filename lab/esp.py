# SPDX-License-Identifier: GPL-2.0-or-later
"""EFI system partitions of the lab: folders, which QEMU shows to a machine as a FAT disk.

What is in them is Debian's: its kernel, its initrd, the entry that kernel-install wrote; the witness
(lab.witness) is laid in beside them.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from lab import debian, packages, witness
from lab.arch import Arch
from lab.devices import Hardware
from lab.errors import LabError

STUB = {"amd64": "linuxx64.efi.stub", "arm64": "linuxaa64.efi.stub"}
SECTIONS_AT = 0x100_0000  # above the stub's own, and above what its name sections take
PAGE = 0x1000


def attach(hardware: Hardware, folder: Path) -> None:
    """folder as a FAT disk that cannot be written to."""
    hardware.option("-drive", f"if=none,id=esp,format=raw,readonly=on,file=fat:{folder}")
    hardware.device("virtio-blk-pci,drive=esp")


def _taken_from(disk: Path, folder: Path) -> None:
    """What kernel-install wrote, out of Debian's ext4 file system."""
    source = f"{disk}?offset={debian.PARTITION_AT}"
    folder.mkdir(parents=True)
    done = subprocess.run(["debugfs", "-R", f"rdump /{debian.ESP} {folder}", source], capture_output=True,
                          text=True, check=True)
    (folder / Path(debian.ESP).name).rename(folder.with_name(folder.name + ".new"))
    folder.rmdir()
    folder.with_name(folder.name + ".new").rename(folder)
    if not list(folder.glob("loader/entries/*.conf")):
        raise LabError(f"{disk}: kernel-install wrote no entry: {done.stderr.strip()}")


def type1(arch: Arch, disk: Path, folder: Path) -> Path:
    """A partition with the type 1 entry of the Debian on disk; returns the entry."""
    _taken_from(disk, folder)
    (folder / "witness.img").write_bytes(witness.archive(arch))
    entry = next(folder.glob("loader/entries/*.conf"))
    entry.write_text(entry.read_text().replace("\ninitrd ", "\ninitrd     /witness.img\ninitrd ", 1))
    return entry


def _fields(entry: Path) -> dict[str, str]:
    words = (line.split(None, 1) for line in entry.read_text().splitlines() if line and line[0] != "#")
    return {name: value.strip() for name, value in words}


def unified(arch: Arch, disk: Path, folder: Path) -> Path:
    """A partition with Debian's kernel and initrd as one EFI program in EFI/Linux, and nothing else;
    returns that."""
    parts = folder.with_name(folder.name + ".parts")
    _taken_from(disk, parts)
    entry = next(parts.glob("loader/entries/*.conf"))
    fields = _fields(entry)
    version = fields["version"]
    initrd = parts / "initrd"
    initrd.write_bytes(witness.archive(arch) + (parts / fields["initrd"].lstrip("/")).read_bytes())
    texts = {"osrel": "ID=debian\nNAME=Debian\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nVERSION_ID=12\n",
             "uname": version, "cmdline": fields["options"]}
    for name, text in texts.items():
        (parts / name).write_text(text)
    (folder / "EFI/Linux").mkdir(parents=True)
    image = folder / f"EFI/Linux/{debian.MACHINE_ID}-{version}.efi"
    kernel = parts / fields["linux"].lstrip("/")
    sections = [*((name, parts / name) for name in texts), ("initrd", initrd), ("linux", kernel)]
    stub = packages.boot_system(arch) / "usr/lib/systemd/boot/efi" / STUB[arch.name]
    words = [f"{arch.triplet}-objcopy"]
    address = SECTIONS_AT
    for name, path in sections:
        words += ["--add-section", f".{name}={path}", "--change-section-vma", f".{name}={address:#x}"]
        address += -(-path.stat().st_size // PAGE) * PAGE
    subprocess.run([*words, stub, image], check=True, capture_output=True)
    return image
