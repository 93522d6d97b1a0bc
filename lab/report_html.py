# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes doc/LAB.html: the matrix in colour, one page without anything from elsewhere."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

from lab.matrix import WAYS
from lab.models import MACHINES
from lab.report_cells import FAILED, LOUD, QUIET, UNSEEN, CellResult, Line, lines, memory, never_quiet, ways

STYLE = """
body { font: 15px/1.4 sans-serif; margin: 2em auto; max-width: 75em; padding: 0 1em; }
table { border-collapse: collapse; margin: 1em 0; }
td, th { border: 1px solid #bbb; padding: .3em .6em; text-align: left; vertical-align: top; }
.quiet { background: #cfe8cf; } .loud { background: #f4c3bd; } .failed { background: #e79ad0; }
.unseen { background: #f3e6b3; } .none { color: #888; }
"""
MEANING = {
    QUIET: "quiet in every run",
    LOUD: "live or masked in some run, or wrote to the next kernel's memory",
    UNSEEN: "unknown or unreadable: nobody could see it run, nobody could see it stopped",
    FAILED: "did not work in the next kernel, or never got there",
}


def _cell(cell: CellResult) -> str:
    kind = cell.colour if cell.runs or cell.stuck else "none"
    title = escape("; ".join(cell.registers + cell.whys), quote=True)
    return f'<td class="{kind}" title="{title}">{"<br>".join(map(escape, cell.words()))}</td>'


def _row(line: Line, columns: list[str]) -> str:
    mark = "*" if line.from_specification else ""
    head = f"<th>{escape(line.model)}{mark}</th><td>{escape(line.driver or '')}</td><td>{line.kernel}</td>"
    return f"<tr>{head}{''.join(_cell(line.cells[way]) for way in columns)}</tr>"


def _matrix(results: dict[str, Any]) -> list[str]:
    columns, every, text = ways(results), lines(results), []
    for machine in dict.fromkeys(line.machine for line in every):
        heads = "".join(f'<th title="{escape(WAYS[way])}">{way}</th>' for way in columns)
        text.append(f"<h3>{machine}: {escape(MACHINES[machine].what)}</h3>")
        text.append(f"<table><tr><th>device</th><th>driver</th><th>Linux</th>{heads}</tr>")
        text += [_row(line, columns) for line in every if line.machine == machine]
        text.append("</table>")
    return text


def _memory(results: dict[str, Any]) -> list[str]:
    text = ["<table><tr><th>machine</th><th>Linux</th><th>way</th><th>runs with changed memory</th>"
            "<th>words changed, by run</th><th>whose</th></tr>"]
    for (machine, kernel, way), cell in memory(results).items():
        kind = LOUD if cell.changed_runs else QUIET
        whose = ", ".join(f"{name} {count}" for name, count in cell.by.most_common())
        text.append(f'<tr><td>{machine}</td><td>{kernel}</td><td>{way}</td>'
                    f'<td class="{kind}">{cell.changed_runs}/{cell.runs}</td>'
                    f"<td>{' '.join(map(str, cell.words))}</td><td>{escape(whose)}</td></tr>")
    return [*text, "</table>"]


def html(results: dict[str, Any]) -> str:
    legend = "".join(f'<td class="{kind}">{escape(text)}</td>' for kind, text in MEANING.items())
    with_what = ", ".join(f"{name} {version}" for name, version in sorted(results["versions"].items()))
    reasons = [f"<li>{escape(f'{line.machine}, {line.model}, Linux {line.kernel}: {reason}')}</li>"
               for line, reason in never_quiet(results)]
    return "\n".join([
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>kexit: the lab</title>',
        f"<style>{STYLE}</style></head><body><h1>What each way of leaving does to the devices</h1>",
        "<p>Made by <code>lab/run</code> from <code>lab.json</code>; LAB.md says how it is measured and what was not",
        f"run. Registers show when the mouse rests on a cell.</p><p>With {escape(with_what)}.</p>",
        f"<table><tr>{legend}</tr></table>", *_matrix(results),
        "<h2>Memory of the next kernel</h2>", *_memory(results),
        "<h2>Rows that no way leaves quiet</h2><ul>", *reasons, "</ul></body></html>", "",
    ])


def write(results: dict[str, Any], path: Path) -> None:
    path.write_text(html(results))
