# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian's drivers with a semantic patch of patches/ applied, built against Debian's headers.

    python3 -m lab.modbuild [--kernel 6.1] [--diff] [DRIVER...]     build, or show what changes

The result goes below .cache/lab/ARCH/LABEL-mended; nothing is installed on this machine. A module
is built anew when its semantic patch or the kernel changes.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lab import kbuild
from lab.apt import Apt
from lab.arch import ARCHES
from lab.errors import LabError, Unavailable
from lab.kbuild import require, run
from lab.packages import Kernel, kernel
from lab.paths import CACHE, REPOSITORY

PATCHES = REPOSITORY / "patches"
ETHERNET = "drivers/net/ethernet"


@dataclass(frozen=True)
class Driver:
    """Where a driver is in the kernel's sources, and what mends it."""

    folder: str  # below ETHERNET
    source: str  # the file that holds its struct pci_driver
    patch: str  # in PATCHES, without suffix


# By module name. Each is a row of patches/README.md.
DRIVERS = {
    "e1000": Driver("intel/e1000", "e1000_main.c", "e1000"),
    "e1000e": Driver("intel/e1000e", "netdev.c", "e1000e"),
    "8139cp": Driver("realtek", "8139cp.c", "netdev-close"),
    "8139too": Driver("realtek", "8139too.c", "netdev-close"),
    "tulip": Driver("dec/tulip", "tulip_core.c", "netdev-close"),
    "pcnet32": Driver("amd", "pcnet32.c", "netdev-close"),
    "ne2k-pci": Driver("8390", "ne2k-pci.c", "netdev-close"),
    "natsemi": Driver("natsemi", "natsemi.c", "netdev-close"),
    "sungem": Driver("sun", "sungem.c", "netdev-close"),
}


@dataclass(frozen=True)
class Tree:
    """What modules of one kernel are built from."""

    kernel: Kernel
    base: Path

    def folder(self, driver: Driver) -> Path:
        return self.base / "source" / ETHERNET / driver.folder


def _unpack_sources(archive: Path, label: str, target: Path) -> None:
    """The Ethernet drivers alone out of the whole kernel's sources, without a copy of the latter."""
    target.mkdir()
    name = f"linux-source-{label}"
    pipeline = (
        'dpkg-deb --fsys-tarfile "$1" | tar -xO "./usr/src/$2.tar.xz" |'
        ' tar -xJ -C "$3" --strip-components=1 "$2/$4"'
    )
    run(f"unpack {archive.name}",
        ["bash", "-o", "pipefail", "-c", pipeline, "unpack", archive, name, target, ETHERNET])


def _fetch(target: Kernel, base: Path) -> None:
    print(f"lab: fetching the sources of Linux {target.release}", file=sys.stderr, flush=True)
    with Apt(target.arch.name, base / "apt") as apt:
        archives = apt.download([f"linux-source-{target.label}"], base / "archives",
                                kbuild.package_version(target))
    _unpack_sources(archives[0], target.label, base / "source")
    shutil.rmtree(base / "archives")


def _tree(target: Kernel, base: Path) -> Tree:
    """Pristine sources of a kernel, fetched if they are not there."""
    complete = base / "complete.json"
    if not complete.exists() or json.loads(complete.read_text())["release"] != target.release:
        for old in base.iterdir():
            if old.is_dir():
                shutil.rmtree(old)
        complete.unlink(missing_ok=True)
        _fetch(target, base)
        complete.write_text(json.dumps({"release": target.release}))
    return Tree(target, base)


def _spatch(tree: Tree, name: str) -> str:
    """Apply the driver's semantic patch; returns the difference as a patch for its folder's tree."""
    driver = DRIVERS[name]
    path = f"{ETHERNET}/{driver.folder}/{driver.source}"
    text = run(f"{name} {tree.kernel.release}: {driver.patch}.cocci",
               ["spatch", "--very-quiet", "--sp-file", PATCHES / f"{driver.patch}.cocci",
                "-D", "patch", "--patch", ".", path], cwd=tree.base / "source")
    if not text.strip():
        raise LabError(f"{name} {tree.kernel.release}: {driver.patch}.cocci changes nothing in {path}: "
                       "the driver has a shutdown() of its own now, or looks different")
    return text


def _compile(tree: Tree, name: str, work: Path) -> Path:
    """Build one module in a copy of its folder, with its semantic patch applied."""
    driver = DRIVERS[name]
    copy = work / Path(driver.folder).name
    shutil.copytree(tree.folder(driver), copy)
    difference = work / "mended.patch"
    difference.write_text(_spatch(tree, name))
    depth = len(Path(ETHERNET, driver.folder).parts)
    run(f"{name}: the patch", ["patch", "-s", f"-p{depth + 1}", "-i", difference], cwd=copy)
    kbuild.make(f"{name} {tree.kernel.release}", tree.kernel, copy, f"{name}.ko")
    return copy / f"{name}.ko"


def _fingerprint(target: Kernel, name: str) -> str:
    patch = (PATCHES / f"{DRIVERS[name].patch}.cocci").read_bytes()
    return hashlib.sha256(patch + target.release.encode()).hexdigest()[:16]


@contextmanager
def _prepared(target: Kernel) -> Iterator[Tree]:
    """The sources and headers of a kernel, nobody else's while the with block runs.

    Raises Unavailable where they or the tools cannot be had.
    """
    if target.arch.name != kbuild.HOST:
        raise Unavailable(f"{target.arch.name}: mended drivers are built for {kbuild.HOST} alone")
    require("patches", "spatch", "patch")
    base = CACHE / "lab" / target.arch.name / f"{target.label}-mended"
    with kbuild.locked(base):
        yield _tree(target, base)


def difference(target: Kernel, name: str) -> str:
    """What the semantic patch of DRIVERS[name] changes in that kernel, as a patch. Raises as mended()."""
    with _prepared(target) as tree:
        return _spatch(tree, name)


def mended(target: Kernel, name: str) -> Path:
    """The mended module of DRIVERS[name] for that kernel, built if it is not there.

    Raises Unavailable where sources, headers or tools cannot be had, and LabError when the semantic
    patch does not apply or the module does not build.
    """
    with _prepared(target) as tree:
        built = tree.base / "built" / f"{name}-{_fingerprint(target, name)}.ko"
        if not built.exists():
            built.parent.mkdir(exist_ok=True)
            work = tree.base / "work"
            shutil.rmtree(work, ignore_errors=True)
            module = _compile(tree, name, work)
            kbuild.finish(module, target)
            module.rename(built)
            shutil.rmtree(work)
    return built


def guest_files(target: Kernel, modules: list[str]) -> dict[str, bytes]:
    """For a guest that loads modules: the mended ones, under the paths of Debian's."""
    loaded = {name.replace("-", "_") for name in modules}
    drivers = {name.replace("-", "_"): name for name in DRIVERS}
    return {
        f"lab/modules/{name}.ko": mended(target, drivers[name]).read_bytes()
        for name in sorted(loaded & drivers.keys())
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="lab.modbuild", description="drivers with patches/ applied")
    parser.add_argument("--kernel", choices=ARCHES["amd64"].kernels, default="6.1")
    parser.add_argument("--diff", action="store_true", help="print the change instead of the module")
    parser.add_argument("driver", nargs="*", help=f"of {', '.join(DRIVERS)}; all by default")
    arguments = parser.parse_args()
    unknown = [name for name in arguments.driver if name not in DRIVERS]
    if unknown:
        parser.error(f"no semantic patch for {', '.join(unknown)}; there is one for {', '.join(DRIVERS)}")
    try:
        target = kernel(ARCHES["amd64"], arguments.kernel)
        for name in arguments.driver or DRIVERS:
            print(difference(target, name) if arguments.diff else f"{name}: {mended(target, name)}")
    except Unavailable as reason:
        print(f"skipped: {reason}")
        return 77
    except LabError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
