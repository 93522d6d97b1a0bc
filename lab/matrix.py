# SPDX-License-Identifier: GPL-2.0-or-later
"""One run of the matrix: a machine at work leaves one kernel, a witness and the monitor look, and
what both saw becomes one record of doc/lab.json.
"""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lab import packages
from lab.arch import ARCHES
from lab.build import kexit_program
from lab.devices import Hardware
from lab.errors import LabError
from lab.handover import request_to_new_kernel
from lab.machine import Machine
from lab.models import MACHINES, MODELS, MachineKind, Rig, build
from lab.paths import REPOSITORY
from lab.serial import Results
from lab.setup import Setup, with_machine
from lab.truth import Outside, Place, Truth, behind_index, disagreements
from lab.wire import card_mac, mark

# In the order of the report's columns.
WAYS = {
    "stock": "kexec -e, which takes the links down first",
    "stock-links-up": "kexec -e -x: the links stay up, as when systemd jumps",
    "unbind": "a shell loop that unbinds every function but bridges, then kexec -e",
    "kexit": "kexit exec",
    "mended": "kexec -e -x with the drivers of patches/ in the first kernel",
}
# The canary's: frames come 50 a second and card.
CANARY_SECONDS = 3
RING_BYTES = 64 << 10  # no ring of the lab's drivers is longer
WITNESS_SECONDS = 150.0
WORK_SECONDS = 3.0  # to catch each engine at work


@dataclass
class Cell:
    """What to run: one machine, one kernel, one way."""

    machine: str
    kernel: str
    way: str
    keep: Path | None = None  # a file for the serial log
    leave_seconds: float = 120.0  # from the first frames to the jump

    @property
    def kind(self) -> MachineKind:
        return MACHINES[self.machine]


@dataclass
class _Run:
    """A run under way. The hardware is built anew when a boot is tried again, and so is the rig."""

    cell: Cell
    rig: Rig | None = None
    outside: dict[str, Truth] = field(default_factory=dict)
    at_work: dict[str, Truth] = field(default_factory=dict)  # in the first kernel, those seen running

    def devices(self, hardware: Hardware) -> None:
        self.close()
        self.rig = build(self.cell.kind, hardware)

    def close(self) -> None:
        for wire in self.rig.wires if self.rig else []:
            wire.close()
        self.rig = None

    def _pour(self, pouring: bool) -> None:
        for wire in self.rig.wires if self.rig else []:
            wire.pouring = pouring

    def _poured(self) -> int:
        return sum(wire.poured for wire in self.rig.wires) if self.rig else 0

    def _look(self, machine: Machine, following: Results) -> None:
        places = _places(following) if machine.arch.name == "ppc64el" else {}
        with Outside(machine.monitor, machine.arch.name) as outside:
            for name, device in outside.functions():
                if name in self.cell.kind.models:
                    ids = device["id"]["vendor"], device["id"]["device"]
                    self.outside[name] = outside.look(name, device, places.get(ids))

    def _look_at_work(self, machine: Machine) -> None:
        """The registers of each device while its driver has it run. Some engines run for moments only, and
        are looked at again and again, standing still and in passing: QEMU ends its disks' transfers before
        it stands, and what takes two registers changes in between. What is never caught is not in at_work."""
        if machine.arch.name == "ppc64el":
            return  # where its functions are is told by the next kernel
        deadline, still = time.monotonic() + WORK_SECONDS, True
        while time.monotonic() < deadline and "kexit-lab: request" not in machine.serial.text:
            with Outside(machine.monitor, machine.arch.name, still) as outside:
                for name, device in outside.functions():
                    wanted = name in self.cell.kind.models and name not in self.at_work
                    if wanted and (still or not behind_index(name)):
                        truth = outside.look(name, device)
                        if truth.running:
                            self.at_work[name] = truth
            still = not still
            time.sleep(0.01)

    def use(self, machine: Machine) -> dict[str, Any]:
        """Watch the machine through its handover. Raises LabError when a kernel does not do its part."""
        boot = machine.arch.boot_seconds
        at = machine.wait("^@@ boot leave", boot)
        at = machine.wait("^@@ pour|^@@ end leave", boot + 60, at)
        self._pour(True)
        self._look_at_work(machine)
        at = machine.wait("Starting new kernel|^@@ end leave", self.cell.leave_seconds, at)
        left = machine.serial.text[:at]
        if "@@ end leave" in left:
            raise LabError("the first kernel did not leave:\n" + left[-2000:])
        machine.wait("^@@ boot witness", boot, at)
        machine.wait("^@@ inspected", boot, at)
        self._look(machine, Results(machine.serial.text[at:]))
        poured = self._poured()
        machine.type("")
        machine.wait("^@@ dmar-faults", boot, at)
        poured = self._poured() - poured
        # From here on the drivers' own probes count, not what the traffic costs an emulated CPU.
        self._pour(False)
        machine.wait("^@@ end witness", WITNESS_SECONDS, at)
        text = machine.serial.text
        return _record(self, Results(text[:at]), Results(text[at:]), text, poured)


def run(cell: Cell) -> dict[str, Any]:
    """Do one run and return its record; a run that went wrong has an "error". Raises Unavailable when
    this machine lacks what it takes."""
    kind = cell.kind
    going = _Run(cell)
    setup = Setup(
        arch=kind.arch, kernel=cell.kernel, next=kind.next, devices=going.devices, mended=cell.way == "mended",
        keep=cell.keep,
        # A multipath disk has no PCI function above it in sysfs.
        append="nvme_core.multipath=N" + (" intel_iommu=on" if kind.iommu else ""),
    )
    words = (f"lab.role=leave lab.way={cell.way} lab.arrival=witness lab.matrix=1 "
             f"lab.work={int(kind.work)} lab.canary={CANARY_SECONDS} lab.exec={kind.exec_options}")
    try:
        canary = kexit_program(setup.architecture).parent / "kexit-canary"
        setup.files["bin/kexit-canary"] = canary.read_bytes()
        return {**with_machine(setup, words, going.use), "lost": _without_logs(setup.lost)}
    except LabError as error:
        return {**_head(cell), "error": _without_logs([str(error)])[0], "lost": _without_logs(setup.lost)}
    finally:
        going.close()


def _without_logs(errors: list[str]) -> list[str]:
    """The folder that the log was in is gone; cell.keep is not."""
    return [re.sub(r"; log: [^\s)]+", "", error) for error in errors]


def _head(cell: Cell) -> dict[str, Any]:
    return {"machine": cell.machine, "kernel": cell.kernel, "way": cell.way,
            "when": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}


def _uses(results: Results) -> dict[str, list[str]]:
    """PCI address -> "disk ok", "ping fails", ... as lab/guest/work.sh reports them."""
    uses: dict[str, list[str]] = {}
    for text in results.every("use"):
        address, _, what = text.partition(" ")
        uses.setdefault(address, []).append(what)
    return uses


def _drivers(results: Results) -> dict[str, str]:
    return {words[0]: words[4] for words in (text.split(None, 4) for text in results.every("function"))}


def _works(first: list[str], following: list[str]) -> bool:
    """Can the next kernel do all that the first one could? Order is the kernel's own affair."""
    return sorted(what for what in first if what.endswith(" ok")) == sorted(
        what for what in following if what.endswith(" ok"))


def _plan(first: Results) -> dict[str, dict[str, Any]]:
    """PCI address -> kexit's plan for it; nothing for other ways."""
    texts = first.every("plan-json")
    if not texts:
        return {}
    return {device["name"]: device for device in json.loads(texts[0])["devices"]}


def _writer(changed: dict[str, Any], models: tuple[str, ...], outside: dict[str, Truth]) -> tuple[str, str]:
    """Whose a piece of changed memory is, and what: a frame begins with the address that it was sent to
    and goes on with the card's mark; a descriptor is where the hardware's own registers have a ring."""
    data, address = bytes.fromhex(changed["bytes"]), int(changed["page"], 16) + int(changed["offset"], 16)
    for number, name in enumerate(name for name in models if MODELS[name].kind == "network"):
        if card_mac(number) in data or mark(number) in data:
            return name, "frame"
    for name, truth in outside.items():
        if any(0 <= address - ring < RING_BYTES for ring in truth.rings):
            return name, "descriptor"
    return "other", "unknown"


def canary_of(results: Results, models: tuple[str, ...], outside: dict[str, Truth]) -> dict[str, Any]:
    """What was overwritten, and by which device as far as that can be told."""
    said = json.loads(results.one("canary"))
    by: Counter[str] = Counter()
    what: Counter[str] = Counter()
    for changed in said["runs"]:
        owner, kind = _writer(changed, models, outside)
        by[owner] += changed["words"]
        what[f"{owner} {kind}"] += changed["words"]
    # The canary describes the first changes and counts them all.
    if rest := said["words_changed"] - by.total():
        by["other"] += rest
        what["other unknown"] += rest
    return {"bytes_watched": said["bytes_watched"], "masters": said["masters"],
            "words_changed": said["words_changed"], "by": dict(by), "what": dict(what),
            "runs": said["runs"][:4]}


def _registers(function: dict[str, Any]) -> list[str]:
    return [f"{r['name']}={r['value']} {r['meaning'] or ''}".strip() for r in function["readings"]
            if r["running"]]


def _places(following: Results) -> dict[tuple[int, int], Place]:
    """(vendor, device) -> where Linux has it: powernv9 puts each host bridge in a domain of its own
    and shows its memory elsewhere than on the bus, which QEMU's query-pci does not tell."""
    bars: dict[str, dict[int, int]] = {}
    for text in following.every("bar"):
        address, index, start = text.split()
        bars.setdefault(address, {})[int(index)] = int(start, 16)
    return {(int(vendor, 16), int(device, 16)): Place(address, bars.get(address, {}))
            for address, _, vendor, device, _ in (text.split(None, 4) for text in following.every("function"))}


def _resets(log: str) -> dict[str, str]:
    """PCI address -> the reset that kexit's progress tells of: "bus, was unknown"."""
    told = log.partition("kexit-lab: request")[2].partition("Starting new kernel")[0]
    return dict(re.findall(r"[\d.]+ s  (\S+) +(?:bus below )?reset \(([^)]*)\):", told))


def _step(function: dict[str, Any], resets: dict[str, str]) -> str | None:
    """What kexit did to a function beyond the release: its reset, or that of the bus it is on."""
    *_, above, own = function["path"].split("/")
    done = resets.get(own) or resets.get(above)
    return f"reset ({done})" if done else None


def _hex(truth: Truth) -> dict[str, str]:
    return {name: f"{value:#x}" for name, value in truth.values.items()}


def _row(model: str, truth: Truth, function: dict[str, Any], drivers: tuple[str, str],
         uses: tuple[list[str], list[str]], planned: dict[str, Any] | None) -> dict[str, Any]:
    works = _works(*uses) and drivers[0] == drivers[1]
    return {
        "address": function["address"],
        "driver": drivers[0],
        "verdict": function["verdict"],
        "why": function["why"],
        "engine": function["engine"],
        "from_specification": function["from_specification"],
        "running": _registers(function),
        "monitor": truth.state if MODELS[model].masters else f"{truth.state}, no DMA",
        "rings": [f"{ring:#x}" for ring in truth.rings],
        "monitor_registers": _hex(truth),
        "bus_master": function["bus_master"],
        "fate": planned["fate"] if planned else None,
        "fate_reason": planned["reason"] if planned else None,
        "used": uses[0],
        "works": works,
        "trouble": None if works else f"{drivers[0]}: {uses[0]}, then {drivers[1]}: {uses[1]}",
    }


def _record(going: _Run, first: Results, following: Results, log: str, poured: int) -> dict[str, Any]:
    cell, outside = going.cell, going.outside
    functions = {f["address"]: f for f in json.loads(following.one("inspect"))["functions"]}
    uses = _uses(first), _uses(following)
    drivers = _drivers(first), _drivers(following)
    plan, resets = _plan(first), _resets(log)
    rows: dict[str, Any] = {}
    disagree: list[str] = []
    for model in cell.kind.models:
        if model not in outside:
            raise LabError(f"{model}: the monitor knows no such device")
        truth = outside[model]
        address = truth.address
        rows[model] = _row(model, truth, functions[address],
                           (drivers[0].get(address, "none"), drivers[1].get(address, "none")),
                           (uses[0].get(address, []), uses[1].get(address, [])), plan.get(address))
        rows[model]["step"] = _step(functions[address], resets)
        rows[model]["at_work"] = _hex(going.at_work[model]) if model in going.at_work else None
        disagree += disagreements(model, truth, functions[address])
    return {
        **_head(cell),
        "release": following.one("boot").split()[1],
        "seconds": round(request_to_new_kernel(log), 3),
        "errors": first.every("error") + following.every("error"),
        "canary": {**canary_of(following, cell.kind.models, outside), "frames_poured": poured},
        "dmar_faults": int(following.one("dmar-faults")),
        "disagreements": disagree,
        "models": rows,
    }


def versions(arch_name: str, labels: list[str]) -> dict[str, str]:
    """What the results depend on: QEMU, Debian's kernels of these labels, and kexit's commit."""
    arch = ARCHES[arch_name]
    commit = subprocess.run(["git", "-C", REPOSITORY, "rev-parse", "--short", "HEAD"], text=True,
                            capture_output=True, check=False).stdout.strip()
    said = subprocess.run([arch.qemu, "--version"], text=True, capture_output=True, check=True).stdout
    found = re.search(r"version (.*)", said)
    kernels = {f"{arch_name} {label}": packages.kernel(arch, label).release for label in labels}
    return {arch.qemu: found[1] if found else said.splitlines()[0], **kernels, "kexit": commit or "?"}


