# SPDX-License-Identifier: GPL-2.0-or-later
"""iproute2 for guests whose links are more than busybox knows."""

from __future__ import annotations

from lab import elf, packages
from lab.arch import Arch


def guest_files(arch: Arch) -> dict[str, bytes]:
    """Programs and libraries by their paths in the guest; they are found before busybox's by
    /usr/bin/NAME alone."""
    folder = packages.programs(arch, "iproute2")
    search = [folder / place / arch.triplet for place in ("lib", "usr/lib")]
    files = {}
    for program in ("ip", "bridge"):
        path = next(folder / place / program for place in ("bin", "sbin", "usr/bin", "usr/sbin")
                    if (folder / place / program).exists() and not (folder / place / program).is_symlink())
        files[f"usr/bin/{program}"] = path.read_bytes()
        for name, library in elf.closure(path, search).items():
            files[f"lib/{arch.triplet}/{name}"] = library.read_bytes()
    return files
