# SPDX-License-Identifier: GPL-2.0-or-later
"""Kernel modules built against Debian's headers, for the kernels that the lab boots.

    python3 -m lab.kbuild [--arch amd64] [--kernel 6.1] [MODULE...]     the repository's own, and where

The repository's own modules are in FOLDERS. Headers and results go below .cache/lab/ARCH; nothing
is installed on this machine. A module is built anew when its folder or the kernel changes. The
tools that build it are amd64's for every architecture.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab.apt import Apt
from lab.arch import ARCHES
from lab.errors import LabError, Unavailable
from lab.packages import Kernel, kernel
from lab.paths import CACHE, REPOSITORY

HOST = "amd64"  # Debian's name for what this runs on

# What is shipped, and the drivers that misbehave for the tests. Each folder has a Kbuild file.
FOLDERS = [REPOSITORY / "module", REPOSITORY / "tests" / "vm" / "modules"]


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Two test runs at once fetch once, and do not build into each other's folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / ".lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def require(group: str, *programs: str) -> None:
    for program in programs:
        if not shutil.which(program):
            raise Unavailable(f"{program} is not installed: tools/need-packages {group}")


def run(what: str, command: list[str | Path], cwd: Path | None = None) -> str:
    """Run a step of the build. Raises LabError with the step's own last words."""
    done = subprocess.run(command, cwd=cwd, text=True, capture_output=True, check=False,
                          env={**os.environ, "LC_ALL": "C"})
    if done.returncode != 0:
        raise LabError(f"{what}: {command[0]} said:\n{(done.stdout + done.stderr).strip()[-2000:]}")
    return done.stdout


def package_version(target: Kernel) -> str:
    """Debian's version of the kernel that the lab has in its cache: what a module is built from
    must be of the very same."""
    complete = CACHE / "lab" / target.arch.name / target.label / "complete.json"
    return str(json.loads(complete.read_text())["packages"][0].split("_")[1])


def _relocate(headers: Path) -> None:
    """Debian's Makefile includes the common headers by their path in an installed system."""
    makefile = headers / "Makefile"
    text = re.sub(r"include /usr/src/(\S+)", r"include $(dir $(lastword $(MAKEFILE_LIST)))../\1",
                  makefile.read_text())
    makefile.write_text(text)


def _fetch(target: Kernel, base: Path) -> None:
    print(f"lab: fetching the headers of Linux {target.release}, {target.arch.name}", file=sys.stderr,
          flush=True)
    version = package_version(target)
    name = f"linux-headers-{target.release}"
    with Apt(target.arch.name, base / "apt") as apt:
        tools = [package for package in apt.depends([name]) if package.startswith("linux-kbuild-")]
        apt.download([name], base / "archives", version)
    common = f"linux-headers-{target.release.rpartition('-')[0]}-common"
    with Apt(HOST, base / "apt") as apt:
        archives = apt.download([common, *tools], base / "archives", version)
    for archive in archives:
        run(f"unpack {archive.name}", ["dpkg-deb", "-x", archive, base])
    shutil.rmtree(base / "archives")
    _relocate(base / "usr" / "src" / name)


def _base(target: Kernel) -> Path:
    return CACHE / "lab" / target.arch.name / f"{target.label}-headers"


def headers(target: Kernel) -> Path:
    """The folder to build modules of a kernel in, fetched if it is not there.

    Raises Unavailable where it or a compiler cannot be had.
    """
    if os.uname().machine != "x86_64":
        raise Unavailable("kernel modules are built on amd64 alone")
    require("modules", "make", "gcc-12")
    require("cross", f"{target.arch.triplet}-gcc-12")
    base = _base(target)
    with locked(base):
        complete = base / "complete.json"
        if not complete.exists() or json.loads(complete.read_text())["release"] != target.release:
            for old in base.iterdir():
                if old.is_dir():
                    shutil.rmtree(old)
            complete.unlink(missing_ok=True)
            _fetch(target, base)
            complete.write_text(json.dumps({"release": target.release}))
    return base / "usr" / "src" / f"linux-headers-{target.release}"


def make(what: str, target: Kernel, folder: Path, *words: str) -> str:
    """Build the modules of folder, in folder. Raises as headers(), and LabError. Type information
    for BPF would need pahole, and no guest reads it."""
    cross = [f"DEB_BUILD_ARCH={HOST}", f"DEB_HOST_ARCH={target.arch.name}",
             f"DEB_HOST_GNU_TYPE={target.arch.triplet}"]
    return run(what, ["make", "-s", "-C", headers(target), f"M={folder}", *cross,
                      "CONFIG_DEBUG_INFO_BTF_MODULES=", *words])


def finish(module: Path, target: Kernel) -> None:
    """Strip a module. One for another kernel would be refused in the guest, far from the reason."""
    vermagic = run(module.name, ["/sbin/modinfo", "-F", "vermagic", module]).split()
    if vermagic[:1] != [target.release]:
        raise LabError(f"{module}: built for {' '.join(vermagic)}, not for {target.release}")
    run(f"{module.name}: strip", [f"{target.arch.triplet}-strip", "--strip-debug", module])


def _strictness(target: Kernel) -> list[str]:
    """All warnings, each an error; sparse's too where it is installed, and knows the compiler."""
    words = ["W=1", "KCFLAGS=-Werror"]
    if shutil.which("sparse") and target.arch.name == HOST:
        words += ["C=1", "CF=-Wsparse-error"]
    return words


def _fingerprint(target: Kernel, folder: Path, words: list[str]) -> str:
    digest = hashlib.sha256(" ".join([target.release, *words]).encode())
    for path in sorted(folder.iterdir()):
        if path.suffix in (".c", ".h") or path.name == "Kbuild":
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def _build(target: Kernel, folder: Path, built: Path, words: list[str]) -> None:
    # Beside the result, and renamed when whole: what was cut off is not taken for built.
    work = built.with_suffix(".work")
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(folder, work)
    make(f"{folder.name} for Linux {target.release}", target, work, *words, "modules")
    for module in work.glob("*.ko"):
        finish(module, target)
    work.rename(built)


def modules(target: Kernel, folder: Path) -> dict[str, Path]:
    """All modules of a folder for that kernel by name, built if they are not there.

    Raises Unavailable where headers or tools cannot be had, and LabError when one does not build
    or the compiler or sparse warns.
    """
    words = _strictness(target)
    built = CACHE / "lab" / target.arch.name / f"{target.label}-built"
    with locked(built):
        result = built / f"{folder.name}-{_fingerprint(target, folder, words)}"
        if not result.exists():
            _build(target, folder, result, words)
    return {path.stem: path for path in sorted(result.glob("*.ko"))}


def module(target: Kernel, name: str) -> Path:
    """One of the repository's own modules for that kernel. Raises as modules()."""
    for folder in FOLDERS:
        if (folder / "Kbuild").exists() and f"{name}.o" in (folder / "Kbuild").read_text().split():
            return modules(target, folder)[name]
    raise LabError(f"no module '{name}' in {', '.join(folder.name for folder in FOLDERS)}")


def main() -> int:
    parser = argparse.ArgumentParser(prog="lab.kbuild", description="the repository's kernel modules")
    parser.add_argument("--arch", choices=ARCHES, default="amd64")
    parser.add_argument("--kernel", default="6.1")
    parser.add_argument("module", nargs="*", help="all by default")
    arguments = parser.parse_args()
    try:
        target = kernel(ARCHES[arguments.arch], arguments.kernel)
        if arguments.module:
            built = {name: module(target, name) for name in arguments.module}
        else:
            built = {name: path for folder in FOLDERS if folder.exists()
                     for name, path in modules(target, folder).items()}
    except Unavailable as reason:
        print(f"skipped: {reason}")
        return 77
    except LabError as error:
        print(error, file=sys.stderr)
        return 1
    for name, path in built.items():
        print(f"{name}: {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
