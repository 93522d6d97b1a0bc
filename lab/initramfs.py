# SPDX-License-Identifier: GPL-2.0-or-later
"""What a guest boots into: busybox, kexit, kexec-tools, drivers and the scripts of lab/guest.

The same image serves the first and the next kernel (the command line says which role to play), so
the two differ in nothing but what happened before. The first kernel gets a second archive behind
it, with the next kernel and this very image: see payload().
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass, field
from pathlib import Path

from lab import elf, kbuild, packages
from lab.arch import Arch
from lab.cpio import Archive
from lab.errors import LabError
from lab.modules import Catalogue
from lab.packages import Kernel
from lab.paths import GUEST


@dataclass
class Contents:
    """What goes into a guest besides the shell and the scripts every guest has."""

    modules: list[str] = field(default_factory=list)
    own: list[str] = field(default_factory=list)  # the repository's modules: /lab/own/NAME.ko, not loaded
    programs: list[str] = field(default_factory=lambda: ["kexec"])  # of Debian's packages
    kexit: Path | None = None  # a static program
    files: dict[str, bytes] = field(default_factory=dict)  # guest path -> content; executable


def find(folder: Path, program: str) -> Path:
    """A program of Debian's packages unpacked in folder."""
    for place in ("bin", "sbin", "usr/bin", "usr/sbin"):
        if (folder / place / program).exists():
            return folder / place / program
    raise LabError(f"{folder}: no program '{program}' in the packages of lab/packages.py")


def _add_program(archive: Archive, arch: Arch, folder: Path, program: str) -> None:
    """A program of Debian's with its loader and libraries, where the loader looks for them."""
    path = find(folder, program)
    # Not /bin: the shell would run busybox's own program of that name for it.
    archive.file(f"usr/bin/{program}", path.read_bytes(), executable=True)
    loader = elf.needs(path).interpreter
    if loader is None:
        return
    search = [folder / place / arch.triplet for place in ("lib", "usr/lib")]
    for name, library in elf.closure(path, search).items():
        archive.file(f"lib/{arch.triplet}/{name}", library.read_bytes(), executable=True)
    # The package's link may be absolute, for a root that is not this machine's.
    real = folder / "lib" / arch.triplet / Path(loader).name
    archive.file(loader, real.read_bytes(), executable=True)


def build(kernel: Kernel, contents: Contents) -> bytes:
    """The compressed image for one kernel."""
    tools = packages.tools(kernel.arch)
    archive = Archive()
    for name in ("dev", "proc", "sys", "run", "tmp", "mnt"):
        archive.folder(name)
    # The kernel opens this for init before anything is mounted.
    archive.character_device("dev/console", 5, 1)
    archive.file("bin/busybox", find(tools, "busybox").read_bytes(), executable=True)
    archive.link("bin/sh", "busybox")
    for script in sorted(GUEST.iterdir()):
        place = "init" if script.name == "init" else f"lab/{script.name}"
        archive.file(place, script.read_bytes(), executable=True)
    for program in contents.programs:
        _add_program(archive, kernel.arch, tools, program)
    if contents.kexit:
        archive.file("bin/kexit", contents.kexit.read_bytes(), executable=True)
    catalogue = Catalogue(kernel)
    order = catalogue.order(contents.modules)
    for name in order:
        archive.file(f"lab/modules/{name}.ko", catalogue.content(name))
    archive.file("lab/load-order", "".join(f"{name}\n" for name in order).encode())
    for name in contents.own:
        archive.file(f"lab/own/{name}.ko", kbuild.module(kernel, name).read_bytes())
    for name, data in contents.files.items():
        archive.file(name, data, executable=True)
    compressed = gzip.compress(archive.bytes(), compresslevel=1, mtime=0)
    # The kernel looks for an archive that follows at the next multiple of four.
    return compressed + bytes(-len(compressed) % 4)


def payload(kernel: Kernel, image: bytes) -> bytes:
    """What only the first kernel carries: the next kernel and its initramfs.

    Uncompressed: a guest unpacks slower than it reads.
    """
    archive = Archive()
    archive.file("lab/next/kernel", kernel.image.read_bytes())
    archive.file("lab/next/initrd", image)
    return archive.bytes()
