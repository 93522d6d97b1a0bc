# SPDX-License-Identifier: GPL-2.0-or-later
"""A small boot image for the lab: kexit-boot as init, busybox, and the modules that a test names.

Images for real machines are kexit-mkboot's; this one holds nothing that a test did not ask for.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass, field
from pathlib import Path

from lab import build, elf, initramfs, packages
from lab.arch import Arch
from lab.cpio import Archive
from lab.errors import Unavailable
from lab.modules import Catalogue
from lab.packages import Kernel

# What ext4, xfs, btrfs and vfat take beside themselves; soft dependencies and character sets.
FILE_SYSTEMS = ["ext4", "crc32c_generic", "xfs", "btrfs", "vfat", "nls_cp437", "nls_ascii"]
TERMINALS = ["l/linux", "v/vt220"]


@dataclass
class BootImage:
    """What goes in beside kexit-boot, its libraries and busybox."""

    modules: list[str] = field(default_factory=list)
    programs: list[Path] = field(default_factory=list)  # of this machine's
    settings: str = ""  # /etc/kexit/boot.conf
    files: dict[str, bytes] = field(default_factory=dict)


def _terminfo(name: str) -> bytes:
    for folder in ("/lib/terminfo", "/usr/share/terminfo"):
        if Path(folder, name).exists():
            return Path(folder, name).read_bytes()
    raise Unavailable(f"terminfo of {name}: ncurses-base is not installed")


def program_files(arch: Arch, program: Path) -> dict[str, bytes]:
    """A program of this machine's with its loader and libraries, by their paths in an image."""
    search = [Path(folder) / arch.triplet for folder in ("/lib", "/usr/lib")]
    files = {f"usr/sbin/{program.name}": program.read_bytes()}
    for name, library in elf.closure(program, search).items():
        files[f"lib/{arch.triplet}/{name}"] = library.read_bytes()
    loader = elf.needs(program).interpreter
    if loader:
        files[loader.lstrip("/")] = Path(loader).read_bytes()
    return files


def _add_modules(archive: Archive, kernel: Kernel, names: list[str]) -> None:
    """The modules where libkmod finds them, and the indexes of all: what is missing is not loaded."""
    catalogue = Catalogue(kernel)
    place = f"usr/lib/modules/{kernel.release}"
    for index in kernel.modules.glob("modules.*"):
        archive.file(f"{place}/{index.name}", index.read_bytes())
    for name in catalogue.order(names):
        archive.file(f"{place}/{catalogue.path(name)}", catalogue.content(name))


def make(kernel: Kernel, image: BootImage) -> bytes:
    """The compressed initramfs."""
    archive = Archive()
    for name in ("dev", "proc", "sys", "run", "tmp"):
        archive.folder(name)
    archive.character_device("dev/console", 5, 1)
    archive.file("bin/busybox", initramfs.find(packages.tools(kernel.arch), "busybox").read_bytes(), executable=True)
    for applet in ("sh", "cat", "ls", "mount"):
        archive.link(f"bin/{applet}", "busybox")
    archive.link("init", "usr/sbin/kexit-boot")
    for program in [build.boot_program(kernel.arch), *image.programs]:
        for name, data in program_files(kernel.arch, program).items():
            archive.file(name, data, executable=True)
    _add_modules(archive, kernel, image.modules)
    for terminal in TERMINALS:
        archive.file(f"lib/terminfo/{terminal}", _terminfo(terminal))
    archive.file("etc/kexit/boot.conf", image.settings.encode())
    for name, data in image.files.items():
        archive.file(name, data)
    return gzip.compress(archive.bytes(), compresslevel=1, mtime=0)
