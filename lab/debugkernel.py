# SPDX-License-Identifier: GPL-2.0-or-later
"""A kernel that watches its own locks and memory: Debian's sources with lockdep, KASAN, kmemleak and
debug objects, which no kernel package of Debian's has.

    python3 -m lab.debugkernel [LABEL]     build it now (half an hour on two CPUs), and say where

It is one of the lab's kernels for amd64 from then on, under the label 6.12-debug. All drivers are
built in: lab/debug.config says which. Nothing is installed on this machine.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from lab.apt import Apt
from lab.arch import ARCHES
from lab.errors import LabError, Unavailable
from lab.kbuild import HOST, locked, require, run
from lab.packages import Kernel, kernel
from lab.paths import CACHE

CONFIG = Path(__file__).resolve().parent / "debug.config"
SUFFIX = "-debug"
SOURCES = {f"6.12{SUFFIX}": "6.12"}  # label -> Debian's linux-source-...


def _digest() -> str:
    return hashlib.sha256(CONFIG.read_bytes()).hexdigest()[:16]


def _is_built(folder: Path) -> bool:
    try:
        return bool(json.loads((folder / "complete.json").read_text())["config"] == _digest())
    except (OSError, ValueError, KeyError):
        return False


def _fetch(label: str, work: Path) -> tuple[Path, str]:
    """The unpacked sources, and the name of the package they are of."""
    name = f"linux-source-{SOURCES[label]}"
    with Apt(HOST, work / "apt") as apt:
        archive = apt.download([name], work / "archives")[0]
    pipeline = 'dpkg-deb --fsys-tarfile "$1" | tar -xO "./usr/src/$2.tar.xz" | tar -xJ -C "$3"'
    run(f"unpack {archive.name}",
        ["bash", "-o", "pipefail", "-c", pipeline, "unpack", archive, name, work])
    shutil.rmtree(work / "archives")
    return work / name, archive.name


def configure(tree: Path) -> None:
    """Raises LabError when the sources do not have what lab/debug.config asks for."""
    subprocess.run(["make", "-s", "allnoconfig"], cwd=tree, check=True, capture_output=True,
                   env={**os.environ, "KCONFIG_ALLCONFIG": str(CONFIG)})
    there = set((tree / ".config").read_text().splitlines())
    wanted = [line for line in CONFIG.read_text().splitlines() if line.startswith("CONFIG_")]
    if lost := [line for line in wanted if line not in there]:
        raise LabError(f"{tree.name}: Kconfig did not take {', '.join(lost)}")


def _compile(tree: Path) -> None:
    """Below everybody else on this machine."""
    run(f"{tree.name}", ["nice", "-n", "15", "make", "-s", f"-j{os.cpu_count()}", "bzImage",
                         "modules"], cwd=tree)


def install(tree: Path, label: str, package: str) -> None:
    """The kernel and what modules are built in, laid out as Debian's packages are."""
    base = CACHE / "lab" / HOST
    release = (tree / "include/config/kernel.release").read_text().strip()
    target, sources = base / label, base / f"{label}-headers"
    for old in (target, sources, base / f"{label}-built"):
        shutil.rmtree(old, ignore_errors=True)
    modules = target / "lib" / "modules" / release
    modules.mkdir(parents=True)
    for name in ("modules.order", "modules.builtin", "modules.builtin.modinfo"):
        shutil.copy(tree / name, modules)
    run("depmod", ["/sbin/depmod", "-b", target, release])
    (target / "boot").mkdir()
    shutil.copy(tree / "arch/x86/boot/bzImage", target / "boot" / f"vmlinuz-{release}")
    headers = sources / "usr" / "src" / f"linux-headers-{release}"
    headers.parent.mkdir(parents=True)
    script = f'"$(srctree)/scripts/package/install-extmod-build" "{headers}"'
    run("headers", ["make", "-s", "run-command", f"KBUILD_RUN_COMMAND={script}"], cwd=tree)
    shutil.copy(tree / ".config", headers)
    (sources / "complete.json").write_text(json.dumps({"release": release}))
    (target / "complete.json").write_text(json.dumps(
        {"release": release, "packages": [package], "config": _digest()}))


def build(label: str = f"6.12{SUFFIX}") -> Kernel:
    """The kernel of that label, built if it is not there. Raises Unavailable where sources or tools
    cannot be had, and LabError when it does not build."""
    if os.uname().machine != "x86_64":
        raise Unavailable("the debug kernel is built on amd64 alone")
    require("modules", "make", "gcc")
    require("debugkernel", "flex", "bison", "bc")
    work = CACHE / "lab" / HOST / f"{label}.work"
    with locked(work):
        if not _is_built(CACHE / "lab" / HOST / label):
            print(f"lab: building Linux {label}: half an hour or more", file=sys.stderr, flush=True)
            tree, package = _fetch(label, work)
            configure(tree)
            _compile(tree)
            install(tree, label, package)
            shutil.rmtree(tree)
    return kernel(ARCHES[HOST], label)


def main() -> int:
    try:
        for label in sys.argv[1:] or SOURCES:
            print(f"{label}: {build(label).image}")
    except Unavailable as reason:
        print(f"skipped: {reason}")
        return 77
    except LabError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
