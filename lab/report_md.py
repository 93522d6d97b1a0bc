# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes doc/LAB.md, the matrix for readers of text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lab.matrix import CANARY_SECONDS, WAYS, WORK_SECONDS
from lab.models import APART, MACHINES, MODELS
from lab.report_cells import (FAILED, LOUD, QUIET, UNSEEN, CellResult, Line, good, lines, memory,
                              lost, never_left, never_quiet, summary, ways)

SIGN = {QUIET: "", LOUD: "**!** ", UNSEEN: "? ", FAILED: "**X** "}

HEAD = """\
# What each way of leaving does to the devices

Made by `lab/run` from `doc/lab.json`; [LAB.html](LAB.html) is the same in colour. Do not edit.

A machine in QEMU uses its devices (frames pour into every network card, disks and USB sticks are read,
sound plays), leaves its kernel by one of the ways, and the next kernel looks before it loads any driver:
`kexit inspect` reads each function's registers; QEMU's monitor reads the same registers from outside,
without kexit or a kernel in between; a canary fills free memory, turns Bus Master on as the next driver
would, waits {seconds} s under the same traffic and compares. Then the drivers load, and each device must do
what it did before. Where inspect and the monitor disagree, `lab/run` fails.

This is emulated hardware: it shows contracts kept or broken by drivers, not what vendors' firmware does.
"""

LEGEND = """\
A cell counts runs: `masked 3/3` is three of three. `quiet`: the engine is stopped. `live`: it runs.
`masked`: it runs, and only Bus Master is off, which the next driver turns on. `unknown`: inspect has no
decoder or no register it may read. `unreadable`: the function did not answer. `bound`: a driver that is
built into the next kernel had it before anybody could look. None of these but the first is quiet.
`monitor:` is QEMU's word where inspect has none. `no result`: these further runs ended without one. Runs of
a kexit that had no decoder for a device yet are not counted where there are later ones. `wrote to memory`: the canary found
what this card wrote, frames or descriptors, in the next kernel's free memory. **!** runs or wrote to memory,
**X** did not work in the next kernel, or never got there; ? not known. `reset (bus, was unknown)`: what kexit did
beyond the release, how, and the verdict that made it do so.
"""


def _table(head: list[str], rows: list[list[str]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in [head, ["---"] * len(head), *rows]]


def _cell(cell: CellResult) -> str:
    sign = SIGN[cell.colour] if cell.runs or cell.stuck else ""
    return sign + "<br>".join(word.replace("|", "/") for word in cell.words())


def _name(line: Line) -> str:
    mark = " \\*" if line.from_specification else ""
    return f"{line.model}{mark}<br>({line.driver})"


def _matrix(results: dict[str, Any]) -> list[str]:
    columns = ways(results)
    text = []
    every = lines(results)
    for machine in dict.fromkeys(line.machine for line in every):
        rows = [[_name(line), line.kernel, *(_cell(line.cells[way]) for way in columns)]
                for line in every if line.machine == machine]
        text += ["", f"### {machine}: {MACHINES[machine].what}", ""]
        text += _table(["device (driver)", "Linux", *columns], rows)
    return text


def _summary(results: dict[str, Any]) -> list[str]:
    rows = [[kernel, way, *(str(counts[colour]) for colour in (QUIET, LOUD, UNSEEN, FAILED))]
            for (kernel, way), counts in summary(results).items()]
    return _table(["Linux", "way", "quiet in every run", "**!** runs, or wrote to memory",
                   "? nobody can see", "**X** never left, or does not work"], rows)


def _loud(results: dict[str, Any]) -> list[str]:
    """The registers behind the red cells."""
    rows = [
        [line.machine, line.model, line.kernel, way, "; ".join(cell.registers)]
        for line in lines(results) for way, cell in line.cells.items()
        if cell.registers and cell.colour in (LOUD, FAILED)
    ]
    return _table(["machine", "device", "Linux", "way", "registers, in one of the runs"], rows) if rows else ["None."]


def _memory(results: dict[str, Any]) -> list[str]:
    rows = []
    for (machine, kernel, way), cell in memory(results).items():
        whose = ", ".join(f"{name} {count}" for name, count in cell.by.most_common())
        rows.append([machine, kernel, way, f"{cell.changed_runs}/{cell.runs}",
                     " ".join(str(words) for words in cell.words), whose,
                     str(cell.faults) if MACHINES[machine].iommu else "",
                     f"{min(cell.seconds):.2f} to {max(cell.seconds):.2f}"])
    return _table(["machine", "Linux", "way", "runs with changed memory", "words changed, by run", "whose",
                   "DMAR faults", "seconds to the jump"], rows)


def _not_run(results: dict[str, Any]) -> list[str]:
    have = {(record["machine"], record["kernel"], record["way"]) for record in results["runs"]}
    text = []
    for machine, kind in MACHINES.items():
        kernels = ["6.1", "6.12"] if kind.arch == "amd64" else ["6.1"]
        for kernel in kernels:
            missing = [way for way in WAYS if way != "mended" and (machine, kernel, way) not in have]
            if missing and machine not in APART and kernel != kind.next:
                text.append(f"* {machine}, Linux {kernel}: {', '.join(missing)}")
    return text or ["Nothing."]


def _lost(results: dict[str, Any]) -> list[str]:
    text = [f"* {record['machine']}, Linux {record['kernel']}, {record['way']}: {what.splitlines()[0]}"
            for record in results["runs"] for what in lost(record)]
    return text or ["None."]


def _idle(results: dict[str, Any]) -> list[str]:
    """Devices that the monitor never caught running while they were at work."""
    caught: dict[tuple[str, str], bool] = {}
    for record in good(results):
        for model, row in record["models"].items():
            if "at_work" in row and MACHINES[record["machine"]].work:
                key = record["machine"], model
                caught[key] = caught.get(key, False) or row["at_work"] is not None
    names = [f"{model} ({machine})" for (machine, model), seen in caught.items() if not seen]
    return [f"Never caught: {', '.join(names)}." if names else "All were caught."] if caught else ["Not looked for."]


def _stuck(results: dict[str, Any]) -> list[str]:
    """Runs that never got to the next kernel, with the first kernel's last words."""
    text = []
    for record in filter(never_left, results["runs"]):
        last = [line.strip() for line in record["error"].splitlines() if line.strip()][-4:]
        text += [f"* {record['machine']}, Linux {record['kernel']}, {record['way']}; its last words:", "",
                 *(f"      {line}" for line in last), ""]
    return text or ["None."]


def _never(results: dict[str, Any]) -> list[str]:
    rows = [[line.machine, line.model, line.kernel, reason.replace("|", "/")]
            for line, reason in never_quiet(results)]
    return _table(["machine", "device", "Linux", "why"], rows) if rows else ["None."]


def _disagreements(results: dict[str, Any]) -> list[str]:
    found = [f"* {r['machine']}, Linux {r['kernel']}, {r['way']}: {text}"
             for r in good(results) for text in r["disagreements"]]
    return found or [f"None in {len(good(results))} runs."]


def markdown(results: dict[str, Any]) -> str:
    notes = [f"* {model.name}: {model.note}" for model in MODELS.values() if model.note]
    text = [
        HEAD.format(seconds=CANARY_SECONDS), "## With what", "",
        *(f"* {name}: {version}" for name, version in sorted(results["versions"].items())),
        "", "To repeat: `lab/run --fresh` (all of it takes hours on two cores), or a part, as in",
        "`lab/run --machines nics --kernels 6.1 --ways stock-links-up,kexit --runs 5`.", "",
        "## Ways", "", *(f"* `{way}`: {WAYS[way]}" for way in ways(results)), "",
        "## In short", "", "Device models, over all machines below, by their worst run:", "",
        *_summary(results), "",
        "## The matrix", "", LEGEND.rstrip(), *_matrix(results), "",
        "\\* decoder from the specification only: never seen at work on hardware or a model.", "",
        "Decoders of the families that QEMU does not model (igb, ixgbe, rtl8169) are from the specification only",
        "and have no row here.", "",
        "## Registers that show an engine running", "", *_loud(results), "",
        "## Memory of the next kernel", "",
        "Only memory that was free is watched, about two thirds of it all: what falls into the rest is not seen. The",
        "canary describes the first 64 places that changed; `other` is the rest, and what could not be told.",
        "", *_memory(results), "",
        "## Rows that no way leaves quiet", "",
        "By inspect's word, and among the ways that were run.", "", *_never(results), "",
        "## What to know about some rows", "", *notes, "",
        "## Runs that never left", "",
        "What was seen is that nothing more came after these words. On the desktop they are of disks whose USB",
        "controllers went, and of a player of sound whose card had gone; the cards' mixers were open. That a",
        "remove() waits for the last open file, as snd_card_free() may, would fit; where it hung was not looked at.",
        "kexit leaves a card that is open.", "", *_stuck(results), "",
        "## Runs without a result", "",
        "A guest whose kernel died or never said a word; one that died is tried once more. Counted in the cells as",
        "`no result`. A first kernel that is silent (`boot leave`) is QEMU's or the machine's trouble: nothing had",
        "been done yet. A next kernel that is silent (`boot witness`) may be that as well, or its memory may have",
        "been written to: the two cannot be told apart afterwards. Runs before this was counted show only those",
        "that failed twice.", "", *_lost(results), "",
        "## Engines at work at the jump", "",
        f"The monitor looks for {WORK_SECONDS:.0f} s, before the request, for each engine running; some run for",
        "moments only, and some have no register that tells.", "", *_idle(results), "",
        "## Where inspect and the monitor disagree", "", *_disagreements(results), "",
        "## Not run", "", *_not_run(results), "",
    ]
    return "\n".join(text)


def write(results: dict[str, Any], path: Path) -> None:
    path.write_text(markdown(results))
