# SPDX-License-Identifier: GPL-2.0-or-later
"""Shows kexit beside stock kexec: the same machine leaves its kernel by each way in turn.

`kexec -e` takes down the links that have an address before it jumps; `systemctl kexec` does not, which
is what `kexec -e -x` shows. Every word it prints about a device is what the guests reported; its checks are about kexit alone,
and what stock kexec leaves behind is only shown.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from lab import packages
from lab.accel import accelerator
from lab.errors import LabError, Unavailable
from lab.handover import Outcome, run
from lab.paths import CACHE
from lab.setup import Setup

LOGS = CACHE / "demo"
LOUD = ("live", "masked")
WAYS = (("stock", "kexec -e"), ("stock-links-up", "kexec -e -x"), ("kexit", "kexit exec"))


class Checks:
    """Counts what held and what did not, each said in a line."""

    def __init__(self) -> None:
        self.passed = self.failed = self.skipped = 0

    def check(self, holds: bool, what: str) -> None:
        print(f"  {'ok  ' if holds else 'FAIL'}  {what}")
        if holds:
            self.passed += 1
        else:
            self.failed += 1

    def skip(self, what: str) -> None:
        print(f"  skip  {what}")
        self.skipped += 1

    def finish(self) -> int:
        print(f"\n{self.passed} passed, {self.failed} failed, {self.skipped} skipped")
        return 1 if self.failed else 77 if self.skipped else 0


def title(text: str) -> None:
    print(f"\n{text}\n{'-' * len(text)}", flush=True)


def handover(setup: Setup, way: str, command: str) -> Outcome:
    started = time.monotonic()
    print(f"Linux {setup.kernel} leaves by `{command}` ...", end="", flush=True)
    setup.keep = LOGS / f"{way}.log"
    try:
        outcome = run(setup, way)
    finally:
        print(f" {time.monotonic() - started:.0f} s, serial log in .cache/demo/{way}.log", flush=True)
    return outcome


def progress(log: str) -> list[str]:
    """The lines that kexit left on the console between the request and the jump."""
    part = log.partition("kexit-lab: request\n")[2].partition("Starting new kernel")[0]
    pieces = re.split(r"\n|\x1b\[K", part)
    # A status line is written over again and again; the kernel's own messages may end one.
    return [piece for piece in pieces if piece.strip() and " running, " not in piece]


def verdict(function: dict[str, Any]) -> str:
    """The verdict and, where an engine runs, the registers that say so."""
    running = [f"{r['name']}={r['value']} {r['meaning']}" for r in function["readings"] if r["running"]]
    words = function["verdict"]
    return f"{words} ({', '.join(running)})" if running and words in LOUD else words


def by_address(outcome: Outcome) -> dict[str, dict[str, Any]]:
    return {function["address"]: function for function in outcome.inspect["functions"]}


def table(outcomes: dict[str, Outcome]) -> None:
    """Side by side, per function, before any driver of the next kernel loads."""
    kexit = outcomes["kexit exec"]
    rows = [["FUNCTION", "DRIVER", *(f"AFTER {command}" for command in outcomes)]]
    found = [by_address(outcome) for outcome in outcomes.values()]
    for address, driver in kexit.drivers(kexit.first).items():
        rows.append([address, driver, *(found[i][address]["verdict"] for i in range(len(found)))])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
    for command, outcome in outcomes.items():
        for function in outcome.inspect["functions"]:
            if function["verdict"] in LOUD:
                print(f"after {command}: {function['address']} {verdict(function)}")


def check_kexit(checks: Checks, outcome: Outcome) -> None:
    loud = [f"{f['address']} {verdict(f)}" for f in outcome.inspect["functions"] if f["verdict"] in LOUD]
    checks.check(not loud, "after kexit no engine runs" + (": " + "; ".join(loud) if loud else ""))
    first, now = outcome.drivers(outcome.first), outcome.drivers(outcome.next)
    bound = [address for address, driver in first.items() if driver != "none"]
    back = [address for address in bound if now.get(address) == first[address]]
    checks.check(back == bound, f"{len(back)} of {len(bound)} functions have their driver back")
    for name, what in (("disk", "disks read"), ("link", "links ping their gateway"),
                       ("sound", "sound devices there")):
        expected, works = outcome.first.every(name), outcome.next.every(name)
        good = [text for text in works if text.endswith(" ok")]
        checks.check(bool(expected) and len(good) == len(expected),
                     f"{len(good)} of {len(expected)} {what}")
    errors = outcome.next.every("error")
    checks.check(not errors, "no error in the next kernel" + (": " + "; ".join(errors) if errors else ""))


def show(checks: Checks) -> None:
    setup = Setup(devices="demo")
    kernel = packages.kernel(setup.architecture, setup.kernel)
    version = subprocess.run([setup.architecture.qemu, "--version"], text=True, capture_output=True, check=True)
    print(f"Debian's Linux {kernel.release} in {version.stdout.splitlines()[0]}, "
          f"{' '.join(accelerator(setup.architecture)[1:2])}: 4 NVMe, AHCI, virtio disk and NIC,\n"
          "e1000e, rtl8139, tulip, xHCI with keyboard and stick, HD audio, watchdog")
    title("The same machine leaves its kernel")
    outcomes = {command: handover(setup, way, command) for way, command in WAYS}
    kexit = outcomes["kexit exec"]
    title("kexit's plan")
    print("\n".join(kexit.first.every("plan")))
    title("kexit's progress")
    print("\n".join(progress(kexit.log)))
    title("What the next kernel finds before any driver loads")
    table(outcomes)
    title("From the request to \"Starting new kernel\"")
    for command, outcome in outcomes.items():
        print(f"{command:12}  {outcome.seconds:6.3f} s")
    title("Checks")
    for command in outcomes:
        checks.check(True, f"{command} reached the next kernel")
    check_kexit(checks, kexit)


def main() -> int:
    checks = Checks()
    Path(LOGS).mkdir(parents=True, exist_ok=True)
    try:
        show(checks)
    except Unavailable as reason:
        checks.skip(str(reason))
    except LabError as error:
        checks.check(False, str(error))
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
