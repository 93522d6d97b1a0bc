# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian's kernels and guest tools, fetched once and unpacked below .cache/lab/ARCH.

    python3 -m lab.packages [ARCH...]     fetch now, and say what is there
"""

from __future__ import annotations

import fcntl
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lab.apt import Apt
from lab.arch import ARCHES, Arch
from lab.errors import Unavailable
from lab.paths import CACHE

# What guests may run, beyond what is built here. Initramfs images take single programs from these.
TOOLS = ["busybox-static", "kexec-tools", "btrfs-progs", "nbd-client", "util-linux"]

# What kexit-mkboot takes programs, libraries and the EFI stub from. A folder of its own: nothing of
# it may be found by chance where the tools above are looked for.
BOOT = ["busybox", "kexec-tools", "lvm2", "mdadm", "libkmod2", "libblkid1", "libncurses6",
        "libncursesw6"]
BOOT_EFI = ["systemd-boot-efi"]  # where there is UEFI


@dataclass(frozen=True)
class Kernel:
    """One unpacked kernel package."""

    arch: Arch
    label: str  # "6.1"
    release: str  # as uname -r prints it
    image: Path
    modules: Path  # the folder lib/modules/RELEASE


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Two test runs at once fetch once."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / ".lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _unpack(archives: list[Path], target: Path) -> list[str]:
    for archive in archives:
        subprocess.run(["dpkg-deb", "-x", archive, target], check=True)
    return [archive.name for archive in archives]


def _kernel_package(apt: Apt, arch: Arch, label: str) -> str:
    """The package with the kernel of that label: what Debian's metapackage names today, or an older one."""
    if label in arch.older:
        return arch.older[label]
    meta = arch.kernels.get(label, f"linux-image-{arch.name}")
    package = next((name for name in apt.depends([meta]) if name.startswith("linux-image-")), None)
    if package is None:
        raise Unavailable(f"{arch.name}: {meta} is in no package index that could be fetched")
    if label in arch.newest and not package.startswith(f"linux-image-{label}."):
        raise Unavailable(f"{arch.name}: {arch.newest[label]} has {package} by now, and no Linux {label}")
    return package


def _root_of(folder: Path, release: str) -> Path:
    """What modprobe would take for the root: newer packages have their modules below /usr alone."""
    return folder if (folder / "lib/modules" / release).exists() else folder / "usr"


def _fetch_kernel(apt: Apt, arch: Arch, label: str, folder: Path) -> None:
    """The kernel of that label, with the modules.dep its postinst would write."""
    package = _kernel_package(apt, arch, label)
    release = package.removeprefix("linux-image-")
    # Newer ones come in pieces: linux-binary-, linux-modules- and linux-base-RELEASE.
    pieces = [name for name in apt.depends([package]) if name.endswith(f"-{release}")]
    names = _unpack(apt.download([package, *pieces], folder / "archives"), folder)
    shutil.rmtree(folder / "archives")
    subprocess.run(["/sbin/depmod", "-b", _root_of(folder, release), release], check=True)
    (folder / "complete.json").write_text(json.dumps({"release": release, "packages": names}))


def _fetch_programs(apt: Apt, programs: list[str], folder: Path) -> None:
    names = _unpack(apt.download(apt.libraries_of(programs), folder / "archives"), folder)
    shutil.rmtree(folder / "archives")
    (folder / "complete.json").write_text(json.dumps({"tools": programs, "packages": names}))


def _is_complete(folder: Path, programs: list[str]) -> bool:
    try:
        return json.loads((folder / "complete.json").read_text())["tools"] == programs
    except (OSError, ValueError, KeyError):
        return False


def _ensure(arch: Arch) -> Path:
    """Everything of one architecture, fetched if it is not there. One private apt serves all of it."""
    base = CACHE / "lab" / arch.name
    with locked(base):
        missing = [label for label in arch.kernels if not (base / label / "complete.json").exists()]
        tools = not _is_complete(base / "tools", TOOLS)
        if not missing and not tools:
            return base
        print(f"lab: fetching Debian packages for {arch.name}", file=sys.stderr, flush=True)
        failure: Unavailable | None = None
        with Apt(arch.name, base / "apt") as apt:
            if tools:
                shutil.rmtree(base / "tools", ignore_errors=True)
                _fetch_programs(apt, TOOLS, base / "tools")
            for label in missing:
                shutil.rmtree(base / label, ignore_errors=True)
                try:
                    _fetch_kernel(apt, arch, label, base / label)
                except Unavailable as error:
                    failure = error
        # One kernel that cannot be had must not take the other's tests with it: kernel() tells.
        if failure:
            print(f"lab: {failure}", file=sys.stderr)
    return base


def _ensure_asked(arch: Arch, label: str) -> None:
    """A kernel of arch.older or arch.newest, fetched if it is not there. Raises Unavailable."""
    base = CACHE / "lab" / arch.name
    with locked(base):
        if (base / label / "complete.json").exists():
            return
        print(f"lab: fetching Linux {label}", file=sys.stderr, flush=True)
        shutil.rmtree(base / label, ignore_errors=True)
        with Apt(arch.name, base / "apt", arch.newest.get(label, "")) as apt:
            _fetch_kernel(apt, arch, label, base / label)


def tools(arch: Arch) -> Path:
    """The folder with the unpacked guest tools, laid out like a root file system."""
    return _ensure(arch) / "tools"


def boot_system(arch: Arch) -> Path:
    """A folder laid out like an installed system's root, for kexit-mkboot --root."""
    wanted = BOOT + ([] if arch.name == "ppc64el" else BOOT_EFI)
    base = CACHE / "lab" / arch.name
    folder = base / "boot"
    with locked(base):
        if not _is_complete(folder, wanted):
            print(f"lab: fetching what boot images for {arch.name} are made of", file=sys.stderr)
            shutil.rmtree(folder, ignore_errors=True)
            with Apt(arch.name, base / "apt") as apt:
                _fetch_programs(apt, wanted, folder)
    return folder


def programs(arch: Arch, name: str) -> Path:
    """The folder with Debian's package of that name and the libraries it needs."""
    base = CACHE / "lab" / arch.name
    folder = base / f"package-{name}"
    with locked(base):
        if not _is_complete(folder, [name]):
            shutil.rmtree(folder, ignore_errors=True)
            with Apt(arch.name, base / "apt") as apt:
                _fetch_programs(apt, [name], folder)
    return folder


def of_suite(arch: Arch, suite: str, names: list[str]) -> Path:
    """The folder with packages of another Debian, unpacked, without what they depend on."""
    base = CACHE / "lab" / arch.name
    folder = base / f"package-{suite}-{'-'.join(names)}"
    with locked(base):
        if not _is_complete(folder, names):
            shutil.rmtree(folder, ignore_errors=True)
            with Apt(arch.name, base / "apt", suite) as apt:
                unpacked = _unpack(apt.download(names, folder / "archives"), folder)
            shutil.rmtree(folder / "archives")
            (folder / "complete.json").write_text(json.dumps({"tools": names, "packages": unpacked}))
    return folder


def efi_stubs(arch: Arch, suite: str) -> Path:
    """The folder with the stubs of another Debian's systemd: its addresses are others."""
    base = CACHE / "lab" / arch.name
    folder = base / f"stub-{suite}"
    with locked(base):
        if not _is_complete(folder, BOOT_EFI):
            shutil.rmtree(folder, ignore_errors=True)
            with Apt(arch.name, base / "apt", suite) as apt:
                names = _unpack(apt.download(BOOT_EFI, folder / "archives"), folder)
            (folder / "complete.json").write_text(json.dumps({"tools": BOOT_EFI, "packages": names}))
    return folder / "usr/lib/systemd/boot/efi"


def kernel(arch: Arch, label: str) -> Kernel:
    """The kernel of that label. Raises Unavailable where it could not be fetched."""
    folder = _ensure(arch) / label
    if label in arch.older or label in arch.newest:
        _ensure_asked(arch, label)
    try:
        release = json.loads((folder / "complete.json").read_text())["release"]
    except OSError:
        raise Unavailable(f"{arch.name}: no Linux {label} could be fetched from Debian") from None
    modules = _root_of(folder, release) / "lib" / "modules" / release
    image = next(path for path in [*folder.glob(f"boot/vmlinu*-{release}"), *modules.glob("vmlinu[xz]")])
    return Kernel(arch, label, release, image, modules)


def main() -> int:
    wanted = sys.argv[1:] or list(ARCHES)
    lost = 0
    for name in wanted:
        arch = ARCHES[name]
        for label in arch.kernels:
            try:
                print(f"{name} {label}: {kernel(arch, label).image.name}")
            except Unavailable as error:
                print(f"{name} {label}: skipped: {error}")
                lost += 1
    return 77 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
