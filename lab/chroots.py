# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian in a folder: where packages are built and installed as on a machine of their own.

The archives are made once by mmdebstrap and kept below .cache/lab/amd64/chroots. What runs in one has
its own mounts, processes and /run; the network is the machine's.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab import packages
from lab.apt import main_archive
from lab.debian import kept, run
from lab.errors import LabError, Unavailable
from lab.machine import scratch
from lab.paths import CACHE

LIBRARIES = ["libarchive-dev", "libblkid-dev", "libelf-dev", "libfdt-dev", "libjansson-dev", "libkmod-dev",
             "liblzma-dev", "libncurses-dev", "libzstd-dev"]
TOOLS = ["debhelper", "dh-dkms", "meson", "pkg-config", "python3", "fakeroot", "kmod"]
# What the packages depend on, so that installing them needs no network.
DEPENDED = ["dkms", "kmod", "busybox", "systemd", "initramfs-tools", "libncurses6"]
SECONDS = 1800


def _wanted(suite: str, kind: str) -> tuple[str, list[str]]:
    """The architectures of a kind, and its packages."""
    if kind == "build":
        return "amd64", ["build-essential", "lintian", "libcmocka-dev", *TOOLS, *LIBRARIES]
    if kind == "plain":
        suffix = "" if suite == "bookworm" else "t64"
        return "amd64", [*DEPENDED, f"libarchive13{suffix}", f"libelf1{suffix}"]
    if kind == "kernels":
        return "amd64", [*_wanted(suite, "plain")[1], "linux-image-amd64", "linux-headers-amd64", "zstd"]
    arch = kind.removeprefix("cross-")
    # pkgconf of the other architecture is the wrapper that names its folders.
    return f"amd64,{arch}", [f"crossbuild-essential-{arch}", *TOOLS,
                             *(f"{name}:{arch}" for name in ["pkgconf", *LIBRARIES])]


def _sources(suite: str, kind: str) -> list[str]:
    """Of a foreign architecture the main archive alone; see lab.apt."""
    return [main_archive(suite)] if kind.startswith("cross-") else []


def archive(suite: str, kind: str) -> Path:
    """An installed Debian as a tar archive. kind: build, plain, kernels or cross-ARCH."""
    architectures, chosen = _wanted(suite, kind)
    key = hashlib.sha256(json.dumps([architectures, chosen]).encode()).hexdigest()[:12]
    path = CACHE / "lab/amd64/chroots" / f"{suite}-{kind}-{key}.tar"
    with packages.locked(path.with_suffix("")):
        if path.exists():
            return path
        if not shutil.which("mmdebstrap"):
            raise Unavailable("mmdebstrap is not installed")
        print(f"lab: installing Debian {suite} ({kind}), some minutes", file=sys.stderr, flush=True)
        with kept(path) as draft:
            run("mmdebstrap", "--quiet", "--format=tar", "--variant=minbase", f"--architectures={architectures}",
                f"--include={','.join(chosen)}", suite, draft, *_sources(suite, kind))
    return path


class Chroot:
    """One unpacked archive."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def run(self, script: str, *, good: tuple[int, ...] = (0,), seconds: int = SECONDS) -> str:
        """What a shell script in it printed. LabError unless its status is in good."""
        inside = ("mount -t tmpfs -o mode=0755 run /run\nmount -t tmpfs shm /dev/shm\n"
                  "mount -t devpts -o newinstance,ptmxmode=0666 pts /dev/pts\n")
        done = subprocess.run(
            ["unshare", "--mount", "--pid", "--fork", "--kill-child", f"--root={self.root}", "--mount-proc",
             "sh", "-euc", inside + script],
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive",
                 "HOME": "/root"},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
            timeout=seconds, check=False)
        if done.returncode not in good:
            raise LabError(f"{script}: status {done.returncode}\n{done.stdout[-4000:]}")
        return done.stdout


@contextmanager
def unpacked(suite: str, kind: str) -> Iterator[Chroot]:
    tar = archive(suite, kind)
    with scratch() as folder:
        root = Path(folder) / "root"
        root.mkdir()
        run("tar", "-xf", tar, "-C", root)
        shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
        yield Chroot(root)
