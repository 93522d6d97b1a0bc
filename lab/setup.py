# SPDX-License-Identifier: GPL-2.0-or-later
"""From a description of an experiment to a machine ready to start: what all experiments share."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from lab import attempts, initramfs, modbuild, packages
from lab.arch import ARCHES, Arch
from lab.build import kexit_program
from lab.devices import SETS, Hardware
from lab.machine import Machine, scratch
from lab.serial import GuestDied

T = TypeVar("T")


@dataclass
class Setup:
    """Kernels, hardware and what the guest carries."""

    arch: str = "amd64"
    kernel: str = "6.1"
    next: str | None = None  # the next kernel's label; None for the same
    devices: str | Callable[[Hardware], None] = "small"  # a name in lab.devices.SETS, or one's own
    append: str = ""  # to the kernel's command line
    modules: list[str] = field(default_factory=list)  # beside the hardware's drivers
    own: list[str] = field(default_factory=list)  # modules of the repository: /lab/own/NAME.ko
    programs: list[str] = field(default_factory=list)  # of Debian's packages, beside kexec
    files: dict[str, bytes] = field(default_factory=dict)  # guest path -> executable, in every kernel
    kexit: bool = True  # False: a guest without kexit, which cannot inspect
    mended: bool = False  # the first kernel's drivers are those that patches/ changed, where it did
    patience: float = 1  # how often a boot may take what is generous for the architecture
    keep: Path | None = None  # a file for the serial log
    lost: list[str] = field(default_factory=list)  # what with_machine() tried once more, in words

    @property
    def architecture(self) -> Arch:
        return ARCHES[self.arch]


def machine(setup: Setup, folder: Path, append: str) -> Machine:
    """The machine of setup, its files in folder, not yet started. It carries the next kernel.

    Raises Unavailable when a kernel cannot be fetched or there is no compiler for kexit or modules.
    """
    arch = setup.architecture
    first = packages.kernel(arch, setup.kernel)
    following = packages.kernel(arch, setup.next or setup.kernel)
    hardware = Hardware(arch, folder)
    (SETS[setup.devices] if isinstance(setup.devices, str) else setup.devices)(hardware)
    contents = initramfs.Contents(
        modules=list(dict.fromkeys(hardware.modules + setup.modules)),
        own=setup.own,
        programs=["kexec", *setup.programs],
        kexit=kexit_program(arch) if setup.kexit else None,
        files=setup.files,
    )
    image = initramfs.build(following, contents)
    if setup.mended:
        files = {**setup.files, **modbuild.guest_files(first, contents.modules)}
        own = initramfs.build(first, dataclasses.replace(contents, files=files))
    else:
        own = image if first == following else initramfs.build(first, contents)
    initrd = own + initramfs.payload(following, image)
    return Machine(hardware, first.image, initrd, f"{setup.append} {append}")


def with_machine(setup: Setup, append: str, use: Callable[[Machine], T]) -> T:
    """Start setup's machine, let use() have it, and end it; the serial log goes to setup.keep.

    A guest whose kernel died is tried once more: multi-threaded TCG patches code unsafely now and
    then ("Oops: int3" within two seconds of a start). The second death is believed; the first is in
    setup.lost, so that who counts runs can count it, and counted for its test (lab/attempts.py).
    """

    def attempt() -> T:
        with scratch() as folder, machine(setup, Path(folder), append) as running:
            try:
                return use(running)
            finally:
                if setup.keep:
                    setup.keep.parent.mkdir(parents=True, exist_ok=True)
                    setup.keep.write_text(running.serial.text)

    try:
        result = attempt()
        attempts.note(None)
        return result
    except GuestDied as died:
        attempts.note(str(died))
        setup.lost.append(str(died))
        print(f"lab: a boot failed and is tried once more: {died}", file=sys.stderr, flush=True)
        return attempt()


def again(setup: Setup, **changes: object) -> Setup:
    """setup with some fields changed."""
    return dataclasses.replace(setup, **changes)  # type: ignore[arg-type]
