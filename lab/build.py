# SPDX-License-Identifier: GPL-2.0-or-later
"""A static kexit for a guest: asks tools/build, which keeps one build folder a flavour."""

from __future__ import annotations

import functools
import shutil
import subprocess
from pathlib import Path

from lab.arch import Arch
from lab.errors import LabError, Unavailable
from lab.paths import CACHE, REPOSITORY


def _run(tool: str, argument: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([REPOSITORY / "tools" / tool, argument], text=True, capture_output=True,
                          check=False)


@functools.cache
def kexit_program(arch: Arch) -> Path:
    """A static kexit for arch. Raises Unavailable without a compiler or its libraries, LabError
    where kexit does not compile."""
    compiler = "gcc" if arch.flavour == "static" else f"{arch.triplet}-gcc"
    if not shutil.which(compiler):
        raise Unavailable(f"{arch.name}: {compiler} is not installed")
    if arch.flavour != "static" and not (CACHE / f"sysroot-{arch.name}").exists():
        done = _run("sysroot", arch.name)
        if done.returncode != 0:
            raise Unavailable(f"{arch.name}: no libraries to build with: {done.stderr.strip()[-300:]}")
    done = _run("build", arch.flavour)
    if done.returncode != 0:
        raise LabError(f"{arch.name}: kexit does not build: {(done.stdout + done.stderr).strip()[-600:]}")
    return Path(done.stdout.splitlines()[-1])
