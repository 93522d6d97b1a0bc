# SPDX-License-Identifier: GPL-2.0-or-later
"""Boot images as kexit-mkboot makes them, of Debian's packages and this tree's kexit.

lab.bootimage makes smaller ones for tests that name every module; these are the real ones.
"""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lab import build, packages
from lab.arch import Arch
from lab.errors import LabError
from lab.packages import Kernel

TERMINALS = ["l/linux", "v/vt220"]


@dataclass
class Image:
    """What to ask of kexit-mkboot beside the kernel."""

    classes: str = ""  # --class; "": its default
    programs: str = ""  # --with; "": its default
    settings: str = ""  # /etc/kexit/boot.conf
    append: str = ""
    init: str = ""  # a script instead of kexit-boot
    compress: str = "xz"
    options: list[str] = field(default_factory=list)


def _own_programs(arch: Arch, image: Image) -> list[str]:
    """kexit and kexit-boot of this tree, as they would be installed: without what debuggers read."""
    boot = build.boot_program(arch)
    programs = {"kexit": boot.with_name("kexit")}
    if not image.init:
        programs["kexit-boot"] = boot
    words = []
    for name, path in programs.items():
        words += ["--add", f"{build.stripped(arch, path)}:/usr/sbin/{name}"]
    return words


def _terminals() -> list[str]:
    words = []
    for terminal in TERMINALS:
        path = next(Path(top, terminal) for top in ("/lib/terminfo", "/usr/share/terminfo")
                    if Path(top, terminal).exists())
        words += ["--add", f"{path}:/usr/lib/terminfo/{terminal}"]
    return words


def make(kernel: Kernel, image: Image, folder: Path, *outputs: str) -> dict[str, Any]:
    """Runs kexit-mkboot with outputs ("--flash", FILE...); returns its manifest.

    Raises Unavailable without a compiler or packages, LabError where kexit-mkboot fails.
    """
    arch = kernel.arch
    folder.mkdir(parents=True, exist_ok=True)
    settings = folder / "boot.conf"
    settings.write_text(image.settings)
    words = ["--root", packages.boot_system(arch), "--vmlinuz", kernel.image, "--modules", kernel.modules,
             "--conf", settings, "--compress", image.compress, "--stand-ins", build.stand_ins(arch),
             "--append", image.append, *_own_programs(arch, image), *_terminals(), *image.options]
    if image.init:
        script = folder / "init"
        script.write_text(image.init)
        words += ["--init", script]
    if image.classes:
        words += ["--class", image.classes]
    if image.programs:
        words += ["--with", image.programs]
    if arch.name == "ppc64el":
        words += ["--wrapper", build.openpower_wrapper(arch)]
    done = subprocess.run([build.mkboot_program(), *words, "--json", *outputs], text=True,
                          capture_output=True, check=False)
    if done.returncode != 0:
        raise LabError(f"kexit-mkboot: {done.stderr.strip()}")
    return json.loads(done.stdout)
