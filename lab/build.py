# SPDX-License-Identifier: GPL-2.0-or-later
"""Programs of this tree for a guest: asks tools/build, which keeps one build folder a flavour."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
from pathlib import Path

from lab.arch import ARCHES, Arch
from lab.errors import LabError, Unavailable
from lab.paths import CACHE, REPOSITORY


def _run(tool: str, argument: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([REPOSITORY / "tools" / tool, argument], text=True, capture_output=True,
                          check=False)


@functools.cache
def _shared(arch: Arch) -> Path:
    """The build folder with what links shared libraries, or none at all."""
    if arch.flavour != "static":
        return kexit_program(arch).parent
    done = _run("build", "gcc")
    if done.returncode != 0:
        raise LabError(f"kexit does not build: {(done.stdout + done.stderr).strip()[-600:]}")
    return Path(done.stdout.splitlines()[-1]).parent


def _built(arch: Arch, name: str, lacking: str) -> Path:
    path = _shared(arch) / name
    if not path.exists():
        raise Unavailable(f"{arch.name}: {path.name} was not built: {lacking}")
    return path


def boot_program(arch: Arch) -> Path:
    """kexit-boot for arch."""
    return _built(arch, "kexit-boot", "libkmod-dev, libblkid-dev or libncurses-dev is missing")


def stand_ins(arch: Arch) -> Path:
    """The folder with what boot images have in place of libcrypto and libgcrypt."""
    return _built(arch, "standin/libgcrypt.so.20", "see src/standin").parent


def openpower_wrapper(arch: Arch) -> Path:
    """What unpacks the kernel on OpenPOWER; only there."""
    return _built(arch, "openpower/openpower.bin", "liblzma-dev or libfdt-dev is missing")


def mkboot_program() -> Path:
    """kexit-mkboot for this machine, which makes images for all."""
    return _built(ARCHES["amd64"], "mkboot/kexit-mkboot",
                  "libarchive-dev, libelf-dev, libkmod-dev, liblzma-dev or libzstd-dev is missing")


@functools.cache
def stripped(arch: Arch, program: Path) -> Path:
    """program as a package would have it, beside the original."""
    tool = f"{arch.triplet}-strip"
    if not shutil.which(tool):
        raise Unavailable(f"{arch.name}: {tool} is not installed")
    to = program.with_name(program.name + ".stripped")
    # Another test run may be reading it.
    draft = to.with_name(f"{to.name}.{os.getpid()}")
    subprocess.run([tool, "-o", draft, program], check=True)
    draft.rename(to)
    return to


@functools.cache
def guest_program(name: str) -> bytes:
    """tests/vm/programs/NAME.c as a static program for this machine's architecture."""
    if not shutil.which("gcc"):
        raise Unavailable("gcc is not installed")
    source = REPOSITORY / "tests/vm/programs" / f"{name}.c"
    program = CACHE / "vm" / f"{name}.{os.getpid()}"
    program.parent.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(["gcc", "-static", "-O2", "-Wall", "-Wextra", "-Werror", "-std=gnu17", "-o", program,
                           source], text=True, capture_output=True, check=False)
    if done.returncode != 0:
        raise LabError(f"{source} does not build: {done.stderr.strip()[-600:]}")
    content = program.read_bytes()
    program.unlink()
    return content


@functools.cache
def kexit_program(arch: Arch) -> Path:
    """A static kexit for arch. Raises Unavailable without a compiler or its libraries, LabError
    where kexit does not compile."""
    compiler = "gcc" if arch.flavour == "static" else f"{arch.triplet}-gcc"
    if not shutil.which(compiler):
        raise Unavailable(f"{arch.name}: {compiler} is not installed")
    if arch.flavour != "static":
        done = _run("sysroot", arch.name)
        if done.returncode != 0:
            raise Unavailable(f"{arch.name}: no libraries to build with: {done.stderr.strip()[-300:]}")
    done = _run("build", arch.flavour)
    if done.returncode != 0:
        raise LabError(f"{arch.name}: kexit does not build: {(done.stdout + done.stderr).strip()[-600:]}")
    return Path(done.stdout.splitlines()[-1])
