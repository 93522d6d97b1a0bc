# SPDX-License-Identifier: GPL-2.0-or-later
"""A static kexit for a guest: asks tools/build, which keeps one build folder a flavour."""

from __future__ import annotations

import functools
import subprocess
from pathlib import Path

from lab.arch import Arch
from lab.errors import LabError, Unavailable
from lab.paths import CACHE, REPOSITORY


@functools.cache
def _built(arch: Arch) -> Path | str:
    """The program, or why there is none."""
    sysroot = CACHE / f"sysroot-{arch.name}"
    if arch.flavour != "static" and not sysroot.exists():
        done = subprocess.run([REPOSITORY / "tools" / "sysroot", arch.name], text=True,
                              capture_output=True, check=False)
        if done.returncode != 0:
            return f"{arch.name}: no libraries to build with: {done.stderr.strip()[-300:]}"
    done = subprocess.run([REPOSITORY / "tools" / "build", arch.flavour], text=True,
                          capture_output=True, check=False)
    if done.returncode != 0:
        return f"{arch.name}: kexit does not build: {(done.stdout + done.stderr).strip()[-600:]}"
    return Path(done.stdout.splitlines()[-1])


def kexit_program(arch: Arch, *, required: bool = True) -> Path | None:
    """A static kexit for arch. Where it does not build: None, or Unavailable if it is required."""
    built = _built(arch)
    if isinstance(built, Path):
        if not built.exists():
            raise LabError(f"tools/build {arch.flavour} printed {built}, which is not there")
        return built
    if required:
        raise Unavailable(built)
    return None
