# SPDX-License-Identifier: GPL-2.0-or-later
"""From the runs in doc/lab.json to the cells of the matrix: counts, and which of them is bad.

Both reports are made from these cells, so that they cannot tell different stories.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lab.matrix import WAYS
from lab.models import MACHINES, MODELS

QUIET, LOUD, UNSEEN, FAILED = "quiet", "loud", "unseen", "failed"
# Never counted as quiet.
STATES = ("quiet", "live", "masked", "unknown", "unreadable", "bound")


def load(path: Path | None) -> dict[str, Any]:
    """The results so far; none without a path, or where there is no file yet."""
    if path and path.exists():
        return json.loads(path.read_text())  # type: ignore[no-any-return]
    return {"schema": 1, "versions": {}, "runs": []}


@dataclass
class CellResult:
    """One model on one machine and kernel, left by one way, over all its runs."""

    runs: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    monitor: Counter[str] = field(default_factory=Counter)
    overwrote: int = 0  # runs in which it wrote to the next kernel's memory
    works: int = 0
    stuck: int = 0  # further runs, in which the machine never got to the next kernel
    lost: int = 0  # further runs that ended without a result
    registers: list[str] = field(default_factory=list)  # of a run in which it ran
    whys: list[str] = field(default_factory=list)
    fates: list[str] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)  # what kexit did beyond the release

    def add(self, model: str, record: dict[str, Any]) -> None:
        row = record["models"][model]
        self.runs += 1
        self.verdicts[row["verdict"]] += 1
        self.monitor[row["monitor"]] += 1
        self.overwrote += record["canary"]["by"].get(model, 0) > 0
        self.works += row["works"]
        self.registers = self.registers or row["running"] or _monitor_words(row)
        for texts, text in ((self.whys, row["why"]), (self.fates, _fate(row)),
                            (self.steps, row.get("step"))):
            if text and text not in texts:
                texts.append(text)

    @property
    def colour(self) -> str:
        """The worst that was seen in any run. What only the monitor can see counts as well."""
        seen = self.verdicts + self.monitor
        if self.stuck or self.works < self.runs:
            return FAILED
        if self.overwrote or seen["live"] or seen["masked"]:
            return LOUD
        return QUIET if self.verdicts["quiet"] == self.runs else UNSEEN

    def words(self) -> list[str]:
        """The cell in a few short lines: every count says over how many runs."""
        if not self.runs and not self.stuck and not self.lost:
            return ["not run"]
        lines = [f"never left {self.stuck}/{self.runs + self.stuck}"] if self.stuck else []
        lines += [f"{state} {self.verdicts[state]}/{self.runs}" for state in STATES if self.verdicts[state]]
        # Where inspect knows, the lab has already compared the two; the monitor is then no news.
        if self.verdicts["unknown"] or self.verdicts["unreadable"]:
            lines += [f"monitor: {_outside(state)} {count}/{self.runs}"
                      for state, count in sorted(self.monitor.items())]
        if self.overwrote:
            lines.append(f"wrote to memory {self.overwrote}/{self.runs}")
        if self.works < self.runs:
            lines.append(f"works again only {self.works}/{self.runs}")
        if self.lost:
            lines.append(f"no result {self.lost}/{self.runs + self.stuck + self.lost}")
        return lines + self.steps + self.fates


def _outside(state: str) -> str:
    return {"unknown": "cannot ask", "quiet": "stopped"}.get(state, state)


def _monitor_words(row: dict[str, Any]) -> list[str]:
    if row["monitor"] not in ("live", "masked"):
        return []
    return [f"{name}={value}" for name, value in row["monitor_registers"].items()]


def _fate(row: dict[str, Any]) -> str | None:
    """What kexit planned, where that is not the release that it is for."""
    if row["fate"] in (None, "release"):
        return None
    # A process number is another in each run.
    return re.sub(r"process \d+ ", "process ", f"{row['fate']}: {row['fate_reason']}")


@dataclass
class Line:
    """One row of the matrix."""

    machine: str
    kernel: str
    model: str
    cells: dict[str, CellResult]
    decoder: str | None = None
    from_specification: bool = False
    driver: str | None = None


def ways(results: dict[str, Any]) -> list[str]:
    """The columns: ways that were run at all, in a fixed order."""
    seen = {record["way"] for record in results["runs"]}
    return [way for way in WAYS if way in seen]


def good(results: dict[str, Any]) -> list[dict[str, Any]]:
    return [record for record in results["runs"] if "error" not in record]


def never_left(record: dict[str, Any]) -> bool:
    """Did this run end in the first kernel? All else that can go wrong is the lab's own trouble."""
    return record.get("error", "").startswith(("no 'Starting new kernel", "the first kernel did not leave"))


def lost(record: dict[str, Any]) -> list[str]:
    """Why boots of this run gave no result: the lab tries a kernel that died once more, and what came
    of that may be an error again."""
    error = record.get("error")
    return [*record.get("lost", []), *([error] if error and not never_left(record) else [])]


def _cell_of(record: dict[str, Any], model: str) -> tuple[str, ...]:
    return record["machine"], record["kernel"], record["way"], model


def _decoded(results: dict[str, Any]) -> set[tuple[str, ...]]:
    """Cells of which some run had a decoder for the model."""
    return {_cell_of(record, model) for record in good(results)
            for model, row in record["models"].items() if row["engine"]}


def lines(results: dict[str, Any]) -> list[Line]:
    """The matrix, in the order of MACHINES and of the models there. Runs from before a model had its
    decoder do not count where there are later ones."""
    found: dict[tuple[str, str, str], Line] = {}
    decoded = _decoded(results)
    for record in good(results):
        for model, row in record["models"].items():
            if row["verdict"] == "unknown" and not row["engine"] and _cell_of(record, model) in decoded:
                continue
            key = record["machine"], record["kernel"], model
            line = found.setdefault(key, Line(*key, cells={way: CellResult() for way in WAYS}))
            line.cells[record["way"]].add(model, record)
            line.decoder, line.driver = row["engine"], row["driver"]
            line.from_specification = row["from_specification"]
    for record in results["runs"]:
        for (machine, kernel, _), line in found.items():
            if (machine, kernel) == (record["machine"], record["kernel"]):
                line.cells[record["way"]].stuck += never_left(record)
                line.cells[record["way"]].lost += len(lost(record))
    # 6.12 comes after 6.1, which no text comparison of 6.9 and 6.12 would know.
    kernel_order = {key[1]: tuple(int(part) for part in key[1].split(".")) for key in found}
    names, machines = list(MODELS), list(MACHINES)
    return sorted(found.values(), key=lambda line: (
        machines.index(line.machine), names.index(line.model), kernel_order[line.kernel]))


@dataclass
class Memory:
    """The canary of one machine, kernel and way, over its runs."""

    runs: int = 0
    changed_runs: int = 0
    words: list[int] = field(default_factory=list)
    by: Counter[str] = field(default_factory=Counter)
    faults: int = 0
    seconds: list[float] = field(default_factory=list)


def memory(results: dict[str, Any]) -> dict[tuple[str, str, str], Memory]:
    """(machine, kernel, way) -> what happened to the next kernel's memory, in the order of MACHINES."""
    found: dict[tuple[str, str, str], Memory] = {}
    for record in good(results):
        cell = found.setdefault((record["machine"], record["kernel"], record["way"]), Memory())
        changed = record["canary"]["words_changed"]
        cell.runs += 1
        cell.changed_runs += changed > 0
        cell.words.append(changed)
        cell.by.update(record["canary"]["by"])
        cell.faults += record["dmar_faults"]
        cell.seconds.append(record["seconds"])
    machines, order = list(MACHINES), list(WAYS)
    return dict(sorted(found.items(), key=lambda item: (
        machines.index(item[0][0]), [int(part) for part in item[0][1].split(".")], order.index(item[0][2]))))


def summary(results: dict[str, Any]) -> dict[tuple[str, str], Counter[str]]:
    """(kernel, way) -> how many cells of each colour, over all machines."""
    found: dict[tuple[str, str], Counter[str]] = {}
    for line in lines(results):
        for way, cell in line.cells.items():
            if cell.runs or cell.stuck:
                found.setdefault((line.kernel, way), Counter())[cell.colour] += 1
    order = list(WAYS)
    return dict(sorted(found.items(), key=lambda item: (
        [int(part) for part in item[0][0].split(".")], order.index(item[0][1]))))


def _stopped_after(line: Line) -> list[str]:
    """The ways after which the monitor alone saw it stopped, in every run."""
    names = [way for way, cell in line.cells.items()
             if cell.runs and not cell.verdicts["bound"]
             and cell.monitor["quiet"] + cell.monitor["quiet, no DMA"] == cell.runs]
    return [f"the monitor sees it stopped after {', '.join(names)}"] if names else []


def never_quiet(results: dict[str, Any]) -> list[tuple[Line, str]]:
    """Rows that no way leaves quiet by inspect's word, each with its reason."""
    rows = []
    for line in lines(results):
        ran = [cell for cell in line.cells.values() if cell.runs]
        if any(cell.colour == QUIET for cell in ran):
            continue
        reasons = [MODELS[line.model].note, *dict.fromkeys(
            "its driver is built into this kernel and had it before anybody could look"
            for cell in ran if cell.verdicts["bound"]), *dict.fromkeys(
            text for cell in ran for text in (*cell.whys, *cell.registers, *cell.fates)), *dict.fromkeys(
            f"kexit's step: {text}" for cell in ran for text in cell.steps),
            *_stopped_after(line)]
        rows.append((line, "; ".join(reason for reason in reasons if reason)))
    return rows
