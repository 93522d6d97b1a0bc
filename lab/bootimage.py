# SPDX-License-Identifier: GPL-2.0-or-later
"""A small boot image for the lab: kexit-boot as init, busybox, and the modules that a test names.

Images for real machines are kexit-mkboot's; this one holds nothing that a test did not ask for.
"""

from __future__ import annotations

import gzip
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from lab import build, elf, initramfs, kbuild, packages
from lab.arch import ARCHES, Arch
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
    own: list[str] = field(default_factory=list)  # the repository's modules
    programs: list[str] = field(default_factory=list)  # of Debian's packages: mdadm, lvm, kexec
    settings: str = ""  # /etc/kexit/boot.conf
    files: dict[str, bytes] = field(default_factory=dict)


def _terminfo(name: str) -> bytes:
    for folder in ("/lib/terminfo", "/usr/share/terminfo"):
        if Path(folder, name).exists():
            return Path(folder, name).read_bytes()
    raise Unavailable(f"terminfo of {name}: ncurses-base is not installed")


def program_files(arch: Arch, program: Path, root: Path = Path("/")) -> dict[str, bytes]:
    """A program of the system below root with its loader and libraries, by their paths in an image."""
    libraries = Path("lib") / arch.triplet
    search = [root / libraries, root / "usr" / libraries]
    files = {f"usr/sbin/{program.name}": program.read_bytes()}
    for name, library in elf.closure(program, search).items():
        files[str(libraries / name)] = library.read_bytes()
    loader = elf.needs(program).interpreter
    if loader:
        # What a package has at the loader's path may be an absolute link.
        files[loader.lstrip("/")] = (root / libraries / Path(loader).name).read_bytes()
    return files


def _libraries(arch: Arch) -> Path:
    """The root below which are the libraries that kexit-boot was linked with: this machine's, for its own."""
    return Path("/") if arch is ARCHES["amd64"] else packages.boot_system(arch)


def debian_program(arch: Arch, name: str) -> dict[str, bytes]:
    """A program of the packages that kexit-mkboot takes from an installed system."""
    root = packages.boot_system(arch)
    return program_files(arch, initramfs.find(root, name), root)


def _own_indexes(kernel: Kernel, modules: dict[str, bytes]) -> dict[str, bytes]:
    """What depmod(8) makes of just these modules, by their paths: the kernel's own indexes do not know
    the repository's."""
    with tempfile.TemporaryDirectory() as folder:
        top = Path(folder) / "lib/modules" / kernel.release
        for path, content in modules.items():
            (top / path).parent.mkdir(parents=True, exist_ok=True)
            (top / path).write_bytes(content)
        for given in ("modules.order", "modules.builtin", "modules.builtin.modinfo"):
            shutil.copy(kernel.modules / given, top / given)
        subprocess.run(["/sbin/depmod", "-b", folder, kernel.release], check=True)
        return {path.name: path.read_bytes() for path in top.glob("modules.*")}


def _add_modules(archive: Archive, kernel: Kernel, image: BootImage) -> None:
    """The modules where libkmod finds them, and the indexes of all: what is missing is not loaded."""
    catalogue = Catalogue(kernel)
    files = {catalogue.path(name): catalogue.content(name) for name in catalogue.order(image.modules)}
    indexes = {path.name: path.read_bytes() for path in kernel.modules.glob("modules.*")}
    if image.own:
        # Where DKMS has them.
        files |= {f"updates/dkms/{name}.ko": kbuild.module(kernel, name).read_bytes() for name in image.own}
        indexes = _own_indexes(kernel, files)
    for path, content in (files | indexes).items():
        archive.file(f"usr/lib/modules/{kernel.release}/{path}", content)


def make(kernel: Kernel, image: BootImage) -> bytes:
    """The compressed initramfs."""
    archive = Archive()
    for name in ("dev", "proc", "sys", "run", "tmp"):
        archive.folder(name)
    archive.character_device("dev/console", 5, 1)
    archive.file("bin/busybox", initramfs.find(packages.tools(kernel.arch), "busybox").read_bytes(), executable=True)
    for applet in ("sh", "cat", "ls", "mount", "reboot", "poweroff", "halt"):
        archive.link(f"bin/{applet}", "busybox")
    archive.link("init", "usr/sbin/kexit-boot")
    programs = program_files(kernel.arch, build.boot_program(kernel.arch), _libraries(kernel.arch))
    for program in image.programs:
        programs |= debian_program(kernel.arch, program)
    for name, data in programs.items():
        archive.file(name, data, executable=True)
    _add_modules(archive, kernel, image)
    for terminal in TERMINALS:
        archive.file(f"lib/terminfo/{terminal}", _terminfo(terminal))
    archive.file("etc/kexit/boot.conf", image.settings.encode())
    for name, data in image.files.items():
        archive.file(name, data)
    return gzip.compress(archive.bytes(), compresslevel=1, mtime=0)
