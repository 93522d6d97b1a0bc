# SPDX-License-Identifier: GPL-2.0-or-later
"""What a distribution that is no Debian would build: the RPM spec and the PKGBUILD, by Debian's rpmbuild and makepkg.

    python3 -m lab.other_packages TARBALL

Dependencies are not asked for, since Debian's packages have other names: that both recipes build, and that what
they pack is what `meson install` lays out, each file once and at its place. Nothing is installed.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from lab.debian import run
from lab.errors import LabError
from lab.paths import REPOSITORY

# What the recipes leave out: other distributions' hooks, and by rpm and makepkg what these write themselves.
NOT_RPM = ("/etc/initramfs/", "/etc/kernel/", "/usr/share/initramfs-tools/", "/usr/lib/initcpio/")
NOT_ARCH = ("/etc/initramfs/", "/etc/kernel/", "/usr/share/initramfs-tools/")
ADDED = ("/usr/share/doc/", "/usr/share/licenses/", "/usr/lib/.build-id/", "/usr/lib/debug/", "/.")


def _output(*command: object) -> str:
    return subprocess.run([str(word) for word in command], check=True, stdout=subprocess.PIPE, text=True).stdout


def _laid_out(build: Path, left_out: tuple[str, ...]) -> set[str]:
    """Every file that `meson install` puts anywhere; folders, which stand for what is in them, apart."""
    found = set()
    for source, to in json.loads(_output("meson", "introspect", "--installed", build)).items():
        below = [path.relative_to(source) for path in Path(source).rglob("*")] if Path(source).is_dir() else [Path()]
        found |= {str(Path(to) / path) for path in below if not (Path(source) / path).is_dir()}
    return {name for name in found if not name.startswith(left_out)}


def _compare(packed: list[str], build: Path, left_out: tuple[str, ...], what: str) -> None:
    files = [name.removesuffix(".gz") for name in packed if not name.startswith(ADDED)]
    # The configuration is laid down by a script, once: a later installation leaves what an administrator changed.
    wanted = _laid_out(build, left_out) | {"/etc/kexit/kexit.conf"}
    problems = [f"{name}: in two packages" for name in sorted({name for name in files if files.count(name) > 1})]
    problems += [f"{name}: in no package" for name in sorted(wanted - set(files))]
    problems += [f"{name}: nothing that is installed" for name in sorted(set(files) - wanted)]
    if problems:
        raise LabError(f"{what}:\n" + "\n".join(problems))


def rpm(tarball: Path, folder: Path) -> int:
    """How many packages came of it."""
    (folder / "SOURCES").mkdir()
    shutil.copy(tarball, folder / "SOURCES")
    run("rpmbuild", "-bb", "--nodeps", "--noclean", "--define", f"_topdir {folder}", "--define", f"_dbpath {folder}/db",
        REPOSITORY / "contrib/rpm/kexit.spec")
    made = sorted(folder.glob("RPMS/*/*.rpm"))
    listed = [line for each in made for line in _output("rpm", "-qp", "--dbpath", folder / "db", "--qf",
              "[%{FILEMODES:perms} %{FILENAMES}\n]", each).splitlines()]
    build = next(folder.glob("BUILD/kexit-*/build"))
    _compare([line.split(" ", 1)[1] for line in listed if not line.startswith("d")], build, NOT_RPM, "RPM")
    return len(made)


def arch(tarball: Path, folder: Path) -> int:
    """makepkg refuses to run as root: it runs as nobody."""
    for path in (tarball, REPOSITORY / "contrib/arch/PKGBUILD"):
        shutil.copy(path, folder)
    run("chown", "-R", "nobody", folder)
    run("setpriv", "--reuid=nobody", "--clear-groups", "makepkg", "--nodeps", "--nocheck", cwd=folder,
        env={**os.environ, "HOME": str(folder), "PKGEXT": ".pkg.tar.zst"})
    made = sorted(folder.glob("*.pkg.tar.zst"))
    names = [f"/{name}" for each in made for name in _output("bsdtar", "-tf", each).splitlines()]
    _compare([name for name in names if not name.endswith("/")], folder / "src/build", NOT_ARCH, "PKGBUILD")
    return len(made)


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    tarball = Path(sys.argv[1])
    try:
        for name, make in (("RPM", rpm), ("PKGBUILD", arch)):
            with tempfile.TemporaryDirectory(prefix="kexit-packages-") as folder:
                Path(folder).chmod(0o755)
                print(f"{name}: {make(tarball, Path(folder))} packages")
    except LabError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
