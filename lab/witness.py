# SPDX-License-Identifier: GPL-2.0-or-later
"""What looks first in a kernel whose initrd is a distribution's: kexit, before any module is loaded.

It is an initrd of its own, unpacked before the distribution's, whose init the command line names
(OPTION). An installed system gets it as a file in its /boot, which its boot loader's configuration
names. Such a system takes minutes to make and kexit changes often, so the file is made with room
(room(), numbered blocks), the disk is searched for these blocks (find()), and the archive of the
kexit there is now is written over them, whatever file system, volume or array they lie in.
"""

from __future__ import annotations

import gzip
import mmap
from pathlib import Path

from lab import build
from lab.arch import Arch
from lab.cpio import Archive
from lab.errors import LabError

OPTION = "rdinit=/witness/init"
BLOCK = 4096  # what a file system keeps together
BLOCKS = 1024
_MARK = b"kexit-lab: room for the witness, block "

# The console stays with the result while it is written: a kernel message within would break it.
INIT = """#!/bin/sh
mount -t proc proc /proc
mount -t sysfs sysfs /sys
read -r levels </proc/sys/kernel/printk
echo 1 >/proc/sys/kernel/printk
set -f
echo
echo "@@ inspect" $(/witness/kexit inspect --json)
echo "@@ inspected"
echo "$levels" >/proc/sys/kernel/printk
umount /sys
umount /proc
exec /init "$@"
"""


def archive(arch: Arch) -> bytes:
    """The initrd, with the kexit of this tree."""
    content = Archive()
    for name in ("dev", "proc", "sys"):
        content.folder(name)
    content.character_device("dev/console", 5, 1)
    content.file("witness/init", INIT.encode(), executable=True)
    program = build.stripped(arch, build.kexit_program(arch))
    content.file("witness/kexit", program.read_bytes(), executable=True)
    # Without compression its blocks would not fit the room; the kernel skips zeros behind it.
    packed = gzip.compress(content.bytes(), mtime=0)
    if len(packed) > BLOCK * BLOCKS:
        raise LabError(f"the witness has {len(packed)} bytes; room() leaves {BLOCK * BLOCKS}")
    return packed.ljust(BLOCK * BLOCKS, b"\0")


def _block(number: int) -> bytes:
    return (_MARK + b"%08d\n" % number).ljust(BLOCK, b".")


def room() -> bytes:
    """A file as long as any archive, each of whose blocks can be told from all others."""
    return b"".join(_block(number) for number in range(BLOCKS))


def find(disk: Path) -> list[tuple[int, int]]:
    """Where on a disk the room is: (offset, number of the block)."""
    found = []
    with open(disk, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        at = content.find(_MARK)
        while at >= 0:
            digits = content[at + len(_MARK):at + len(_MARK) + 8]
            if digits.isdigit() and content[at:at + BLOCK] == _block(int(digits)):
                found.append((at, int(digits)))
            at = content.find(_MARK, at + 1)
    if {number for _, number in found} != set(range(BLOCKS)):
        raise LabError(f"{disk}: only {len(found)} blocks of the witness's room are on it, of {BLOCKS}")
    return found


def write(disk: Path, places: list[tuple[int, int]], content: bytes) -> None:
    """An archive over the room."""
    with open(disk, "r+b") as file:
        for at, number in places:
            file.seek(at)
            file.write(content[number * BLOCK:(number + 1) * BLOCK])
