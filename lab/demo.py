# SPDX-License-Identifier: GPL-2.0-or-later
"""Shows kexit beside stock kexec: the same machine, at work, leaves its kernel by each way in turn.

`kexec -e` takes down the links that have an address before it jumps; `systemctl kexec` does not, which
is what `kexec -e -x` shows. Every word it prints about a device is what the guests or QEMU's monitor
reported; its checks are about kexit alone, and what stock kexec leaves behind is only shown.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab import matrix, packages
from lab.accel import accelerator
from lab.arch import ARCHES
from lab.errors import LabError, Unavailable
from lab.handover import Outcome
from lab.paths import CACHE
from lab.serial import Results
from lab.wire import FRAME_BYTES, FRAMES_PER_SECOND

LOGS = CACHE / "demo"
KERNEL = "6.1"
LEAVE_SECONDS = 60.0  # each way takes about one
LOUD = ("live", "masked")
STATES = ("quiet", "live", "masked", "unknown", "unreadable", "bound")
WAYS = (("stock", "kexec -e"), ("stock-links-up", "kexec -e -x"), ("kexit", "kexit exec"))
KEXIT = WAYS[-1][1]


@dataclass(frozen=True)
class Left(Outcome):
    """One way of leaving, and beside it the matrix's record of the run."""

    record: dict[str, Any]

    @property
    def loud(self) -> list[dict[str, Any]]:
        return [function for function in self.inspect["functions"] if function["verdict"] in LOUD]

    @property
    def in_use(self) -> dict[str, str]:
        """What kexit planned to leave because it is in use: PCI address -> the use."""
        devices = json.loads(self.first.one("plan-json"))["devices"]
        return {device["name"]: device["reason"] for device in devices if device["rule"] == "in use"}


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


def columns(rows: list[list[str]]) -> None:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())


def leave(way: str, log: Path) -> Left:
    """Do one run; its serial log goes to log. Raises as matrix.run does, and LabError where it went wrong."""
    record = matrix.run(matrix.Cell("demo", KERNEL, way, log, LEAVE_SECONDS))
    if "error" in record:
        raise LabError(record["error"])
    text = log.read_text()
    at = text.index("Starting new kernel")
    return Left(Results(text[:at]), Results(text[at:]), record["seconds"], text, record)


def leave_each() -> tuple[dict[str, Left], dict[str, str]]:
    """Every way in turn: what came of it, and of those that did not get there, how they ended.

    Only kexit has to get there: what stock kexec does under this load is its own affair.
    """
    every, stuck = {}, {}
    for way, command in WAYS:
        started = time.monotonic()
        print(f"Linux {KERNEL} leaves by `{command}` ...", end="", flush=True)
        try:
            every[command] = leave(way, LOGS / f"{way}.log")
        except LabError as error:
            if command == KEXIT:
                raise
            stuck[command] = str(error).partition("; log:")[0].splitlines()[0]
        print(f" {time.monotonic() - started:.0f} s, serial log in .cache/demo/{way}.log", flush=True)
    return every, stuck


def progress(log: str) -> list[str]:
    """The lines that kexit left on the console between the request and the jump."""
    part = log.partition("kexit-lab: request\n")[2].partition("Starting new kernel")[0]
    pieces = re.split(r"\n|\x1b\[K", part)[:-1]
    # A status line is written over again and again; the kernel's own messages may end one.
    return [piece for piece in pieces if piece.strip() and " running, " not in piece]


def verdict(function: dict[str, Any]) -> str:
    """The verdict and, where an engine runs, the registers that say so."""
    running = [f"{r['name']}={r['value']} {r['meaning']}" for r in function["readings"] if r["running"]]
    words = function["verdict"]
    return f"{words} ({', '.join(running)})" if running and words in LOUD else words


def by_function(every: dict[str, Left]) -> None:
    """Side by side, per function, before any driver of the next kernel loads."""
    kexit = every[KEXIT]
    rows = [["FUNCTION", "DRIVER", *(f"AFTER {command}" for command in every)]]
    found = [{f["address"]: f["verdict"] for f in left.inspect["functions"]} for left in every.values()]
    for address, driver in kexit.drivers(kexit.first).items():
        rows.append([address, driver, *(verdicts[address] for verdicts in found)])
    columns(rows)
    for command, left in every.items():
        for function in left.loud:
            print(f"after {command}: {function['address']} {verdict(function)}")
    for address, reason in kexit.in_use.items():
        print(f"kexit left {address} to the kernel, as it was in use: {reason}")


def changed_memory(record: dict[str, Any]) -> str:
    """How much of the next kernel's free memory was written to, and by what."""
    canary = record["canary"]
    words = f"{canary['words_changed']} words in {canary['bytes_watched'] >> 20} MiB"
    whose = ", ".join(f"{what} {count}" for what, count in sorted(canary["what"].items()))
    return f"{words} ({whose})" if whose else words


def summary(every: dict[str, Left], stuck: dict[str, str]) -> None:
    """What it all comes to: a line for each way."""
    counts = {command: Counter(f["verdict"] for f in left.inspect["functions"]) for command, left in every.items()}
    seen = [state for state in STATES if state in LOUD or any(count[state] for count in counts.values())]
    rows = [["WAY", *(state.upper() for state in seen), "CHANGED MEMORY", "TIME"]]
    for command, left in every.items():
        rows.append([command, *(str(counts[command][state]) for state in seen),
                     changed_memory(left.record), f"{left.seconds:.3f} s"])
    for command, how in stuck.items():
        rows.append([command, *("-" for _ in seen), f"never got to it: {how}", "-"])
    order = ["WAY", *(command for _, command in WAYS)]
    columns(sorted(rows, key=lambda row: order.index(row[0])))
    for command, left in every.items():
        for run in left.record["canary"]["runs"]:
            print(f"after {command}, at {run['page']} + {run['offset']}: {run['bytes'][:64]}")


def check_memory(checks: Checks, kexit: Left) -> None:
    canary = kexit.record["canary"]
    # Without traffic a receiver that was left on has nothing to write.
    checks.check(canary["words_changed"] == 0 and canary["frames_poured"] > 0,
                 f"{changed_memory(kexit.record)} changed, with Bus Master on in {canary['masters']} functions "
                 f"and {canary['frames_poured']} frames sent to them")


def check_monitor(checks: Checks, command: str, left: Left) -> None:
    wrong = left.record["disagreements"]
    checks.check(not wrong, f"after {command} QEMU's monitor and kexit inspect read the same in "
                 f"{len(left.record['models'])} devices" + "".join(f"; {text}" for text in wrong))


def check_kexit(checks: Checks, kexit: Left) -> None:
    loud = [f"{f['address']} {verdict(f)}" for f in kexit.loud if f["address"] not in kexit.in_use]
    checks.check(not loud, "after kexit no engine runs but where the device was in use"
                 + (": " + "; ".join(loud) if loud else ""))
    check_memory(checks, kexit)
    first, now = kexit.drivers(kexit.first), kexit.drivers(kexit.next)
    bound = [address for address, driver in first.items() if driver != "none"]
    back = [address for address in bound if now.get(address) == first[address]]
    checks.check(back == bound, f"{len(back)} of {len(bound)} functions have their driver back")
    wanted, works = kexit.first.every("use"), kexit.next.every("use")
    good = Counter(text for text in works if text.endswith(" ok"))
    lost = Counter(wanted) - good
    checks.check(bool(wanted) and not lost,
                 f"{len(wanted) - lost.total()} of {len(wanted)} uses work again: disks read, gateways answer, "
                 "sound and USB devices are there" + (": " + "; ".join(lost) if lost else ""))
    errors = kexit.record["errors"]
    checks.check(not errors, "no error in either kernel" + (": " + "; ".join(errors) if errors else ""))


def introduce() -> None:
    arch = ARCHES["amd64"]
    kernel = packages.kernel(arch, KERNEL)
    version = subprocess.run([arch.qemu, "--version"], text=True, capture_output=True, check=True)
    print(f"Debian's Linux {kernel.release}, {version.stdout.splitlines()[0]}, {' '.join(accelerator(arch)[1:2])}\n"
          "4 NVMe, AHCI, virtio disk and NIC, e1000e, rtl8139, tulip, xHCI with keyboard and stick, HD audio,\n"
          f"watchdog. At work when it leaves: {FRAMES_PER_SECOND} frames of {FRAME_BYTES} bytes a second pour into "
          "each network card,\nall disks and the stick are read, sound plays.")


def explain() -> None:
    seconds = matrix.CANARY_SECONDS
    print(f"""
The counts are PCI functions by inspect's verdict. MASKED: an engine runs, and only Bus Master is off, which
the next driver turns on. UNKNOWN: bridges, SMBus and watchdog, for which inspect has no decoder. BOUND: root
ports, whose driver is built into the next kernel.
CHANGED MEMORY: what devices wrote into free memory of the next kernel, under the same frames, in {seconds} s
with Bus Master on again, as drivers turn it on. What they hit is luck: another run may show more, or nothing.
TIME: from the request to "Starting new kernel" by the first kernel's clock, under the load named above, which
slows each way differently. bench/vm compares them without load.""")


def show(checks: Checks) -> None:
    introduce()
    title("The same machine leaves its kernel")
    every, stuck = leave_each()
    kexit = every[KEXIT]
    title("kexit's plan")
    print("\n".join(kexit.first.every("plan")))
    title("kexit's progress")
    print("\n".join(progress(kexit.log)))
    title("What the next kernel finds before any driver loads")
    by_function(every)
    title("Checks")
    for command, left in every.items():
        check_monitor(checks, command, left)
    check_kexit(checks, kexit)
    title("In short")
    summary(every, stuck)
    explain()


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
