# SPDX-License-Identifier: GPL-2.0-or-later
"""Which shared libraries a program of any architecture needs, read from the file.

ldd runs the program's own loader, so it cannot answer for a foreign architecture.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

from lab.errors import LabError

PT_LOAD, PT_DYNAMIC, PT_INTERP = 1, 2, 3
DT_NULL, DT_NEEDED, DT_STRTAB = 0, 1, 5


@dataclass(frozen=True)
class Needs:
    """The loader and the library names a program asks for; a static program has neither."""

    interpreter: str | None
    libraries: tuple[str, ...]


def _string(data: bytes, start: int) -> str:
    return data[start:data.index(b"\0", start)].decode()


def needs(path: Path) -> Needs:
    """What path needs. Reads 64-bit little-endian ELF, which is all that the lab boots."""
    data = path.read_bytes()
    if data[:6] != b"\x7fELF\x02\x01":
        raise LabError(f"{path}: not a 64-bit little-endian ELF file")
    table, count = struct.unpack_from("<Q", data, 32)[0], struct.unpack_from("<H", data, 56)[0]
    loads, dynamic, interpreter = [], None, None
    for index in range(count):
        kind, _, offset, address, _, size = struct.unpack_from("<IIQQQQ", data, table + 56 * index)
        if kind == PT_LOAD:
            loads.append((address, offset, size))
        elif kind == PT_DYNAMIC:
            dynamic = (offset, size)
        elif kind == PT_INTERP:
            interpreter = _string(data, offset)
    if dynamic is None:
        return Needs(interpreter, ())
    names, strings = [], 0
    for at in range(dynamic[0], dynamic[0] + dynamic[1], 16):
        tag, value = struct.unpack_from("<QQ", data, at)
        if tag == DT_NULL:
            break
        if tag == DT_NEEDED:
            names.append(value)
        elif tag == DT_STRTAB:
            strings = next(value - a + o for a, o, size in loads if a <= value < a + size)
    return Needs(interpreter, tuple(_string(data, strings + name) for name in names))


def closure(program: Path, search: list[Path]) -> dict[str, Path]:
    """Every library that program loads, directly or not: its soname -> the file found in search."""
    found: dict[str, Path] = {}
    queue = list(needs(program).libraries)
    while queue:
        name = queue.pop()
        if name in found:
            continue
        path = next((folder / name for folder in search if (folder / name).exists()), None)
        if path is None:
            raise LabError(f"{program}: library {name} is in none of {', '.join(map(str, search))}")
        found[name] = path.resolve()
        queue += needs(path).libraries
    return found
