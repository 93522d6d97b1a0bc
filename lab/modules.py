# SPDX-License-Identifier: GPL-2.0-or-later
"""Which module files to load, in which order, for a list of driver names."""

from __future__ import annotations

import lzma
from pathlib import Path

from lab.errors import LabError
from lab.packages import Kernel


def _name(path: str) -> str:
    """A module's name as the kernel knows it: no folder, no suffix, underscores."""
    return path.rpartition("/")[2].partition(".ko")[0].replace("-", "_")


class Catalogue:
    """The modules of one kernel, by name."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self._needs: dict[str, list[str]] = {}
        self._paths: dict[str, str] = {}
        for line in (kernel.modules / "modules.dep").read_text().splitlines():
            path, _, needed = line.partition(":")
            self._paths[_name(path)] = path
            self._needs[_name(path)] = [_name(item) for item in needed.split()]
        builtin = (kernel.modules / "modules.builtin").read_text().split()
        self._builtin = {_name(path) for path in builtin}

    def order(self, names: list[str]) -> list[str]:
        """names and all they depend on, each after what it needs; what is built in is left out.

        Raises LabError for a name that this kernel does not have: a driver missing by a typing
        error would make a test pass for want of a device.
        """
        ordered: dict[str, None] = {}

        def visit(name: str) -> None:
            if name in self._builtin or name in ordered:
                return
            if name not in self._needs:
                raise LabError(f"Linux {self.kernel.release} has no module '{name}'")
            # modules.dep lists the nearest dependency first.
            for needed in reversed(self._needs[name]):
                visit(needed)
            ordered[name] = None

        for name in names:
            visit(name.replace("-", "_"))
        return list(ordered)

    def path(self, name: str) -> str:
        """Where it lies below lib/modules/RELEASE, as modules.dep has it."""
        return self._paths[name]

    def content(self, name: str) -> bytes:
        """The module itself, uncompressed: busybox does not load compressed ones."""
        path: Path = self.kernel.modules / self._paths[name]
        data = path.read_bytes()
        return lzma.decompress(data) if path.suffix == ".xz" else data
