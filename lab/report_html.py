# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes doc/LAB.html: the matrix in colour, one page without anything from elsewhere."""

from __future__ import annotations

import re
from html import escape
from itertools import groupby
from pathlib import Path
from typing import Any

from lab.matrix import WAYS
from lab.models import MACHINES
from lab.report_cells import (FAILED, LOUD, QUIET, UNSEEN, CellResult, Line, Memory, lines, memory, never_quiet,
                              summary, ways)

STYLE = """
:root { color-scheme: light; }
body { font: 15px/1.45 system-ui, sans-serif; color: #222; margin: 2em auto; max-width: 84em; padding: 0 1em; }
h2 { margin-top: 2em; border-bottom: 1px solid #ccc; } h3 { margin: 1.6em 0 .2em; } h3 + p { margin: 0; }
div.wide { overflow-x: auto; }
table { border-collapse: collapse; margin: .7em 0 1em; }
td, th { border: 1px solid #bbb; padding: .25em .6em; text-align: left; vertical-align: top; }
thead th { background: #eee; } td.number { text-align: right; }
thead th, tbody th, td.short { white-space: nowrap; } table.few thead th { white-space: normal; }
td span { display: block; } span.note { font-size: 85%; }
.quiet { background: #cfe8cf; } .loud { background: #f4c3bd; } .failed { background: #e0a3e6; }
.unseen { background: #f6ebbd; } .none { color: #767676; }
dl { display: grid; grid-template-columns: max-content auto; gap: .15em 1em; } dd { margin: 0; }
code { background: #f2f2f2; padding: 0 .2em; }
@media print { body { font-size: 11px; max-width: none; } }
"""
MEANING = {
    QUIET: "quiet in every run",
    LOUD: "live or masked in some run, or wrote to the next kernel's memory",
    UNSEEN: "unknown or unreadable: nobody could see it run, nobody could see it stopped",
    FAILED: "did not work in the next kernel, or never got there",
}
LONG = 28  # characters: what is longer is a remark beside the counts


def _prose(text: str) -> str:
    """Text for people, in which `this` is code."""
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", escape(text))


def _table(head: list[str], rows: list[str], kind: str = "") -> str:
    """head is HTML; a row is its cells, tags and all; kind is the table's own attributes."""
    heads = "".join(f"<th>{text}</th>" for text in head)
    body = "\n".join(f"<tr>{row}</tr>" for row in rows)
    return f'<div class="wide"><table{kind}><thead><tr>{heads}</tr></thead><tbody>\n{body}\n</tbody></table></div>'


def _words(words: list[str]) -> str:
    """Each on a line of its own, which may break, but not before a count."""
    whole = [re.sub(r" (\d+/\d+)$", "\N{NO-BREAK SPACE}\\1", text) for text in words]
    return "".join(f'<span{" class=note" if len(text) > LONG else ""}>{escape(text)}</span>' for text in whole)


def _cell(cell: CellResult) -> str:
    kind = cell.colour if cell.runs or cell.stuck else "none"
    title = escape("; ".join(cell.registers + cell.whys), quote=True)
    hint = f' title="{title}"' if title else ""
    return f'<td class="{kind}"{hint}>{_words(cell.words())}</td>'


def _rows(model: list[Line], columns: list[str]) -> list[str]:
    """The lines of one model, a kernel each, under one name."""
    mark = "*" if model[0].from_specification else ""
    span = f' rowspan="{len(model)}"'
    name = (f"<th{span}>{escape(model[0].model)}{mark}</th>"
            f'<td class="short"{span}>{escape(model[0].driver or "")}</td>')
    return [(name if line is model[0] else "") + f"<td>{line.kernel}</td>"
            + "".join(_cell(line.cells[way]) for way in columns) for line in model]


def _matrix(results: dict[str, Any]) -> list[str]:
    """A table for each machine, with the ways that it was left by."""
    text = []
    for machine, group in groupby(lines(results), lambda line: line.machine):
        every = list(group)
        columns = [way for way in ways(results)
                   if any(line.cells[way].runs or line.cells[way].stuck for line in every)]
        rows = [row for _, model in groupby(every, lambda line: line.model) for row in _rows(list(model), columns)]
        text += [f'<h3 id="{machine}">{machine}</h3>', f"<p>{_prose(MACHINES[machine].what)}</p>",
                 _table(["device", "driver", "Linux", *columns], rows)]
    return text


def _memory_cell(cell: Memory | None) -> str:
    if not cell:
        return '<td class="none">not run</td>'
    if not cell.changed_runs:
        return f'<td class="{QUIET}">{_words([f"unchanged {cell.runs}/{cell.runs}"])}</td>'
    words = [f"changed {cell.changed_runs}/{cell.runs}", f"words, by run: {' '.join(map(str, cell.words))}",
             *(f"{name}: {count}" for name, count in cell.by.most_common())]
    return f'<td class="{LOUD}">{_words(words)}</td>'


def _memory(results: dict[str, Any]) -> str:
    found, columns = memory(results), ways(results)
    rows = [f"<th>{machine}</th><td>{kernel}</td>"
            + "".join(_memory_cell(found.get((machine, kernel, way))) for way in columns)
            for machine, kernel in dict.fromkeys((machine, kernel) for machine, kernel, _ in found)]
    return _table(["machine", "Linux", *columns], rows)


def _summary(results: dict[str, Any]) -> str:
    rows = [f'<td>{kernel}</td><td class="short">{way}</td>' + "".join(
                f'<td class="number {kind if counts[kind] else "none"}">{counts[kind]}</td>' for kind in MEANING)
            for (kernel, way), counts in summary(results).items()]
    return _table(["Linux", "way", *map(escape, MEANING.values())], rows, ' class="few"')


def _never(results: dict[str, Any]) -> str:
    """One reason once, for all the rows that have it."""
    by_reason: dict[tuple[str, str, str], list[str]] = {}
    for line, reason in never_quiet(results):
        by_reason.setdefault((line.machine, line.model, reason), []).append(line.kernel)
    rows = [f'<td class="short">{machine}</td><th>{escape(model)}</th><td class="short">{", ".join(kernels)}</td>'
            f"<td>{escape(reason)}</td>" for (machine, model, reason), kernels in by_reason.items()]
    return _table(["machine", "device", "Linux", "why"], rows)


def _list(items: dict[str, str]) -> str:
    return "<dl>" + "".join(f"<dt><code>{escape(name)}</code></dt><dd>{escape(text)}</dd>"
                            for name, text in items.items()) + "</dl>"


def html(results: dict[str, Any]) -> str:
    machines = " ".join(f'<a href="#{machine}">{machine}</a>' for machine in dict.fromkeys(
        line.machine for line in lines(results)))
    return "\n".join([
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>kexit: the lab</title>',
        '<meta name="viewport" content="width=device-width">',
        f"<style>{STYLE}</style></head><body>\n<h1>What each way of leaving does to the devices</h1>",
        "<p>Made by <code>lab/run</code> from <code>lab.json</code>; <a href=\"LAB.md\">LAB.md</a> says how it is",
        "measured, and what was not run.</p>",
        "<h2>Ways</h2>", _list({way: WAYS[way] for way in ways(results)}),
        "<h2>In short</h2><p>Device models, over all machines below, by their worst run; the colours are those of the",
        "cells.</p>", _summary(results),
        "<h2>The matrix</h2><p>A cell counts runs: masked 3/3 is three of three. <i>masked</i>: the engine runs, and",
        "only Bus Master is off, which the next driver turns on. Registers show when the mouse rests on a cell; LAB.md",
        f"lists them. *: decoder from the specification only.</p><p>Machines: {machines}</p>", *_matrix(results),
        "<h2>Memory of the next kernel</h2>",
        "<p>Words of free memory that devices wrote to before any driver was loaded, and whose they were.</p>",
        _memory(results),
        "<h2>Rows that no way leaves quiet</h2>", _never(results),
        "<h2>With what</h2>", _list(dict(sorted(results["versions"].items()))), "</body></html>", "",
    ])


def write(results: dict[str, Any], path: Path) -> None:
    path.write_text(html(results))
