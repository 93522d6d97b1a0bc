# SPDX-License-Identifier: GPL-2.0-or-later
"""One handover: a first kernel uses its devices and leaves, the next one says how it found them.

    python3 -m lab.handover [--arch amd64] [--kernel 6.1] [--next 6.1] [--devices demo] [--way stock]
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from lab import initramfs, packages
from lab.arch import ARCHES
from lab.build import kexit_program
from lab.devices import SETS, Hardware
from lab.errors import LabError, Unavailable
from lab.machine import Machine, scratch
from lab.serial import GuestDied, Results

T = TypeVar("T")

STAMP = r"^\[ *(\d+\.\d+)\]\s+(?:\S+: )?"
LEAVE_SECONDS = 120.0


@dataclass
class Setup:
    """What to hand over, and how."""

    arch: str = "amd64"
    kernel: str = "6.1"
    next: str | None = None  # the next kernel's label; None for the same
    devices: str = "small"  # a name in lab.devices.SETS
    way: str = "stock"  # stock (kexec -e), stock-links-up (kexec -e -x), kexit
    append: str = ""
    contents: initramfs.Contents = field(default_factory=initramfs.Contents)
    scripts: dict[str, bytes] = field(default_factory=dict)  # guest path -> content; first kernel only
    keep: Path | None = None  # a folder for the serial log


@dataclass(frozen=True)
class Outcome:
    """What both kernels reported."""

    first: Results
    next: Results
    seconds: float  # from the request to "Starting new kernel", by the first kernel's clock
    log: str

    @property
    def inspect(self) -> Any:
        """kexit's inspect of every function before any driver loaded in the next kernel."""
        return json.loads(self.next.one("inspect"))

    def drivers(self, which: Results) -> dict[str, str]:
        """PCI address -> driver, or 'none', as that kernel's drivers took them."""
        return {words[0]: words[4] for words in (text.split(None, 4) for text in which.every("function"))}

    def failures(self) -> list[str]:
        """What does not work in the next kernel, and worked in the first, in words."""
        wrong = [f"next kernel: {text}" for text in self.next.every("error")]
        for name in ("disk", "link"):
            for text in self.first.every(name):
                if text not in self.next.every(name):
                    wrong.append(f"{name} {text} in the first kernel, not in the next")
        now = self.drivers(self.next)
        for function, driver in self.drivers(self.first).items():
            if now.get(function) != driver:
                wrong.append(f"{function}: driver {driver} in the first kernel, {now.get(function)} in the next")
        return wrong


def request_to_new_kernel(log: str) -> float:
    """Seconds by the first kernel's clock between the lab's request and its last message."""
    request = re.search(STAMP + "kexit-lab: request", log, re.MULTILINE)
    start = re.search(STAMP + "Starting new kernel", log, re.MULTILINE)
    if not request or not start:
        raise LabError("no time stamps of the request and of 'Starting new kernel' in the log")
    return float(start[1]) - float(request[1])


def retried(attempt: Callable[[], T]) -> T:
    """attempt(), and once more if the guest's kernel died: multi-threaded TCG patches code unsafely
    now and then ("Oops: int3" within two seconds of a start). The second death is believed."""
    try:
        return attempt()
    except GuestDied as died:
        print(f"lab: a boot failed and is tried once more: {died}", file=sys.stderr, flush=True)
        return attempt()


def _once(setup: Setup, folder: Path) -> Outcome:
    arch = ARCHES[setup.arch]
    first = packages.kernel(arch, setup.kernel)
    following = packages.kernel(arch, setup.next or setup.kernel)
    hardware = Hardware(arch, folder)
    SETS[setup.devices](hardware)
    contents = setup.contents
    contents.modules = list(dict.fromkeys(hardware.modules + contents.modules))
    contents.kexit = contents.kexit or kexit_program(arch, required=setup.way == "kexit")
    image = initramfs.build(following, contents)
    own = image if first == following else initramfs.build(first, contents)
    initrd = own + initramfs.payload(following, image, setup.scripts)
    append = f"lab.role=leave lab.way={setup.way} {setup.append}"
    with Machine(hardware, first.image, initrd, append) as machine:
        try:
            at = machine.wait("^@@ boot leave", arch.boot_seconds)
            machine.wait("kexit-lab: request|^@@ end leave", arch.boot_seconds, at)
            at = machine.wait("Starting new kernel|^@@ end leave", LEAVE_SECONDS, at)
            left = machine.serial.text[:at]
            if "@@ end leave" in left:
                raise LabError("the first kernel did not leave:\n" + left[-3000:])
            machine.wait("^@@ boot arrive", arch.boot_seconds, at)
            machine.wait("^@@ end arrive", arch.boot_seconds, at)
            text = machine.serial.text
        finally:
            if setup.keep:
                setup.keep.mkdir(parents=True, exist_ok=True)
                name = f"{setup.arch}-{setup.kernel}-{setup.devices}-{setup.way}.log"
                (setup.keep / name).write_text(machine.serial.text)
    return Outcome(Results(text[:at]), Results(text[at:]), request_to_new_kernel(text), text)


def run(setup: Setup) -> Outcome:
    """Do one handover. Raises LabError when either kernel does not do its part, Unavailable when
    this machine lacks what it takes."""

    def attempt() -> Outcome:
        with scratch() as folder:
            return _once(setup, Path(folder))

    return retried(attempt)


def main() -> int:
    parser = argparse.ArgumentParser(prog="lab.handover", description="one handover, and its results")
    parser.add_argument("--arch", choices=ARCHES, default="amd64")
    parser.add_argument("--kernel", default="6.1")
    parser.add_argument("--next")
    parser.add_argument("--devices", choices=SETS, default="small")
    parser.add_argument("--way", choices=("stock", "stock-links-up", "kexit"), default="stock")
    parser.add_argument("--append", default="")
    parser.add_argument("--keep", type=Path, help="folder for the serial log")
    try:
        outcome = run(Setup(**vars(parser.parse_args())))
    except Unavailable as reason:
        print(f"skipped: {reason}")
        return 77
    for kernel, results in (("first", outcome.first), ("next", outcome.next)):
        for name, text in results.all:
            print(f"{kernel:5} {name} {text[:300]}")
    print(f"request to 'Starting new kernel': {outcome.seconds:.3f} s")
    wrong = outcome.failures()
    print("\n".join(wrong) or "everything that worked in the first kernel works in the next")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
