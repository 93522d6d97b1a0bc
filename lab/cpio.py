# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes newc cpio archives, the only format the kernel unpacks, without root and always alike.

Format: Documentation/driver-api/early-userspace/buffer-format.rst in the Linux sources.
"""

from __future__ import annotations

import stat
from pathlib import PurePosixPath


class Archive:
    """A file tree in memory. Parents are made as needed; the same content gives the same bytes."""

    def __init__(self) -> None:
        self._entries: dict[str, tuple[int, bytes, tuple[int, int]]] = {}

    def _put(self, name: str, mode: int, data: bytes, device: tuple[int, int] = (0, 0)) -> None:
        name = name.strip("/")
        for parent in PurePosixPath(name).parents:
            if str(parent) != "." and str(parent) not in self._entries:
                self._entries[str(parent)] = (stat.S_IFDIR | 0o755, b"", (0, 0))
        self._entries[name] = (mode, data, device)

    def folder(self, name: str) -> None:
        self._put(name, stat.S_IFDIR | 0o755, b"")

    def file(self, name: str, data: bytes, *, executable: bool = False) -> None:
        self._put(name, stat.S_IFREG | (0o755 if executable else 0o644), data)

    def link(self, name: str, target: str) -> None:
        self._put(name, stat.S_IFLNK | 0o777, target.encode())

    def character_device(self, name: str, major: int, minor: int) -> None:
        self._put(name, stat.S_IFCHR | 0o600, b"", (major, minor))

    def bytes(self) -> bytes:
        """The archive, ended by its trailer and padded so that another one can follow."""
        # Sorted by path, so a folder comes before what is in it.
        parts = [
            _record(number, name, *self._entries[name])
            for number, name in enumerate(sorted(self._entries), start=1)
        ]
        whole = b"".join(parts) + _record(0, "TRAILER!!!", 0, b"", (0, 0))
        return whole + bytes(-len(whole) % 512)


def _record(number: int, name: str, mode: int, data: bytes, device: tuple[int, int]) -> bytes:
    encoded = name.encode() + b"\0"
    fields = (number, mode, 0, 0, 1, 0, len(data), 0, 0, *device, len(encoded), 0)
    head = b"070701" + b"".join(b"%08X" % field for field in fields) + encoded
    return head + bytes(-len(head) % 4) + data + bytes(-len(data) % 4)
