# SPDX-License-Identifier: GPL-2.0-or-later
"""File systems and partition tables in files: made of folders, and nothing is mounted here."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from lab.errors import LabError, Unavailable

SIZE = 96 << 20
XFS_SIZE = 320 << 20  # mkfs.xfs makes none below 300 MiB
ALIGNMENT = 1 << 20
SECTOR = 512


def _run(command: Sequence[str], stdin: str | None = None) -> None:
    if not shutil.which(command[0]):
        raise Unavailable(f"{command[0]} is not installed: tools/need-packages vm")
    done = subprocess.run(command, input=stdin, text=True, check=False, capture_output=True)
    if done.returncode:
        raise LabError(f"{' '.join(command)}: {done.stderr.strip()[-600:]}")


def blank(image: Path, size: int = SIZE) -> None:
    """All zeroes, whatever was there."""
    with open(image, "wb") as file:
        file.truncate(size)


def _ext4(image: Path, root: Path) -> None:
    _run(["mke2fs", "-q", "-t", "ext4", "-d", str(root), str(image)])


def _btrfs(image: Path, root: Path) -> None:
    _run(["mkfs.btrfs", "-q", "-M", "--rootdir", str(root), str(image)])


def _xfs(image: Path, root: Path) -> None:
    blank(image, XFS_SIZE)
    _run(["mkfs.xfs", "-q", "-p", str(_xfs_prototype(root)), str(image)])


def _vfat(image: Path, root: Path) -> None:
    _run(["mkfs.vfat", "-F", "32", str(image)])
    _run(["mcopy", "-s", "-i", str(image), *map(str, sorted(root.iterdir())), "::"])


def _iso9660(image: Path, root: Path) -> None:
    """With Rock Ridge names, as installers have."""
    image.unlink()  # xorriso would take what is there for an earlier session
    _run(["xorriso", "-as", "mkisofs", "-quiet", "-R", "-V", "KEXIT_LAB", "-o", str(image), str(root)])


def _swap(image: Path, _: Path) -> None:
    _run(["mkswap", str(image)])


MAKERS = {
    "ext4": _ext4, "btrfs": _btrfs, "xfs": _xfs, "vfat": _vfat, "iso9660": _iso9660, "swap": _swap,
}


def _xfs_prototype(root: Path) -> Path:
    """What mkfs.xfs -p reads: the only way to put files into an XFS that is not mounted."""

    def lines(folder: Path) -> Iterator[str]:
        for path in sorted(folder.iterdir()):
            if path.is_dir():
                yield f"{path.name} d--755 0 0"
                yield from lines(path)
                yield "$"
            else:
                yield f"{path.name} ---644 0 0 {path}"

    prototype = root.parent / f"{root.name}.proto"
    prototype.write_text("\n".join(["/dummy", "0 0", "d--755 0 0", *lines(root), "$"]) + "\n")
    return prototype


def make(image: Path, kind: str, root: Path, size: int = SIZE) -> None:
    """A file system of that kind over all of image, with root's content."""
    blank(image, size)
    MAKERS[kind](image, root)


def partition(image: Path, parts: Sequence[tuple[str, Path]]) -> None:
    """A GPT on image; each partition is a type as sfdisk names it, and the file that it begins as."""
    starts, at = [], ALIGNMENT
    for _, part in parts:
        starts.append(at)
        at += -(-part.stat().st_size // ALIGNMENT) * ALIGNMENT
    blank(image, at + ALIGNMENT)  # the table's copy is at the end
    lines = ["label: gpt"]
    for (kind, part), start in zip(parts, starts, strict=True):
        lines.append(f"start={start // SECTOR}, size={part.stat().st_size // SECTOR}, type={kind}")
    _run(["sfdisk", "-q", str(image)], "\n".join(lines) + "\n")
    for (_, part), start in zip(parts, starts, strict=True):
        _run(["dd", f"if={part}", f"of={image}", "bs=1M", f"seek={start // ALIGNMENT}", "conv=notrunc,sparse",
              "status=none"])
