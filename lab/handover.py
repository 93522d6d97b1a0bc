# SPDX-License-Identifier: GPL-2.0-or-later
"""One handover: a first kernel uses its devices and leaves, the next one says how it found them.

    python3 -m lab.handover [--arch amd64] [--kernel 6.1] [--next 6.1] [--devices demo] [--way stock]
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.arch import ARCHES
from lab.devices import SETS
from lab.errors import LabError, Unavailable
from lab.machine import Machine
from lab.serial import Results
from lab.setup import Setup, again, with_machine

# What lab/guest/leave.sh does for each.
WAYS = {
    "stock": "kexec -e",
    "stock-links-up": "kexec -e -x: the links stay up, as when systemd jumps",
    "mended": "kexec -e -x with the drivers of patches/ in the first kernel",
    "kexit": "kexit exec",
    "kexit-quiet": "kexit exec -q, for measurements",
}
STAMP = r"^\[ *(\d+\.\d+)\]\s+(?:\S+: )?"
LEAVE_SECONDS = 120.0


@dataclass(frozen=True)
class Outcome:
    """What both kernels reported."""

    first: Results
    next: Results
    seconds: float  # from the request to "Starting new kernel", by the first kernel's clock
    log: str

    @property
    def outside(self) -> float:
        """Of seconds those that a kexit spent outside of its release stage, from its last words."""
        words = re.search(r"kexit: \d+ released, .* in (\d+) ms", self.log)
        if not words:
            raise LabError("kexit's last words are not in the log")
        return self.seconds - int(words[1]) / 1000

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
        for name in ("disk", "link", "sound"):
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


def run(setup: Setup, way: str) -> Outcome:
    """Do one handover by one of WAYS. Raises LabError when either kernel does not do its part,
    Unavailable when this machine lacks what it takes."""

    def use(machine: Machine) -> Outcome:
        arch = machine.arch
        at = machine.wait("^@@ boot leave", arch.boot_seconds)
        at = machine.wait("kexit-lab: request|^@@ end leave", arch.boot_seconds, at)
        if "@@ end leave" not in machine.serial.text:
            at = machine.wait("Starting new kernel|^@@ end leave", LEAVE_SECONDS, at)
        left = machine.serial.text[:at]
        if "@@ end leave" in left:
            raise LabError("the first kernel did not leave:\n" + left[-3000:])
        machine.wait("^@@ boot arrive", arch.boot_seconds, at)
        machine.wait("^@@ end arrive", arch.boot_seconds, at)
        text = machine.serial.text
        return Outcome(Results(text[:at]), Results(text[at:]), request_to_new_kernel(text), text)

    setup = again(setup, mended=way == "mended")
    return with_machine(setup, f"lab.role=leave lab.way={way}", use)


def main() -> int:
    parser = argparse.ArgumentParser(prog="lab.handover", description="one handover, and its results")
    parser.add_argument("--arch", choices=ARCHES, default="amd64")
    parser.add_argument("--kernel", default="6.1")
    parser.add_argument("--next")
    parser.add_argument("--devices", choices=SETS, default="small")
    parser.add_argument("--way", choices=WAYS, default="stock")
    parser.add_argument("--append", default="")
    parser.add_argument("--keep", type=Path, help="file for the serial log")
    arguments = vars(parser.parse_args())
    way = arguments.pop("way")
    try:
        outcome = run(Setup(**arguments), way)
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
