# SPDX-License-Identifier: GPL-2.0-or-later
"""The lab's model of a terminal, on which tests of the menu rely: sequence by sequence, and against ncurses."""

from __future__ import annotations

import os
import pty
import random
import subprocess
import sys
from pathlib import Path

import pytest

from lab.terminal import BOLD, DIM, REVERSE, Terminal


def shown(data: bytes, width: int = 10, height: int = 4) -> list[str]:
    terminal = Terminal(width, height)
    terminal.feed(data)
    assert not terminal.unknown
    return terminal.rows


@pytest.mark.parametrize(("data", "rows"), [
    (b"ab\r\ncd", ["ab", "cd", "", ""]),
    (b"abc\b\bX", ["aXc", "", "", ""]),
    (b"a\tb", ["a       b", "", "", ""]),
    (b"\033[2;3Hx\033[4dy\033[Gz", ["", "  x", "", "z  y"]),
    (b"\033[3Ba\033[2Ab\033[2Cc\033[4Dd", ["", " d  c", "", "a"]),
    (b"0123456789", ["0123456789", "", "", ""]),  # the cursor waits in the last column
    (b"0123456789a", ["0123456789", "a", "", ""]),
    (b"\033[?7l0123456789a", ["012345678a", "", "", ""]),
    (b"1\n\r2\n\r3\n\r4\n\r5", ["2", "3", "4", "5"]),
    (b"\033Mtop", ["top", "", "", ""]),
    (b"1\r\n2\r\n3\r\n4\033[2;3r\033[3;1H\033D5", ["1", "3", "5", "4"]),
    (b"1\r\n2\r\n3\r\n4\033[2;3r\033[2;1H\033M5", ["1", "5", "2", "4"]),
    (b"1\r\n2\r\n3\033[2;1H\033[Lx", ["1", "x", "2", "3"]),
    (b"1\r\n2\r\n3\033[1;1H\033[M", ["2", "3", "", ""]),
    (b"abcdef\033[3G\033[2P", ["abef", "", "", ""]),
    (b"abcdef\033[3G\033[2@", ["ab  cdef", "", "", ""]),
    (b"abcdef\033[3G\033[2X", ["ab  ef", "", "", ""]),
    (b"abcdef\033[3G\033[K", ["ab", "", "", ""]),
    (b"abcdef\033[3G\033[1K", ["   def", "", "", ""]),
    (b"ab\r\ncd\r\nef\033[2;2H\033[J", ["ab", "c", "", ""]),
    (b"ab\r\ncd\r\nef\033[2;1H\033[1J", ["", " d", "ef", ""]),
    (b"ab\r\ncd\033[2J", ["", "", "", ""]),
    (b"-\033[5b", ["------", "", "", ""]),
    (b"\033)0\016lqk\017lqk", ["┌─┐lqk", "", "", ""]),
    (b"\033(0x\033(Bx", ["│x", "", "", ""]),
    (b"ab\0337\033[4;4Hx\0338c", ["abc", "", "", "   x"]),
    ("Système".encode(), ["Système", "", "", ""]),
])
def test_what_is_shown(data: bytes, rows: list[str]) -> None:
    assert shown(data) == rows
    assert shown(data + b"\033[") == rows  # what is not complete shows nothing


def test_a_sequence_may_come_in_pieces() -> None:
    terminal = Terminal(10, 4)
    for byte in "é\033[2;3H\033[1;7mx".encode():
        terminal.feed(bytes([byte]))
    assert terminal.rows == ["é", "  x", "", ""]
    assert terminal.attributes(1, 2) == {BOLD, REVERSE}


def test_attributes_end() -> None:
    terminal = Terminal(10, 4)
    terminal.feed(b"\033[1;2;7ma\033[22mb\033[27mc\033[7md\033[me")
    assert [set(terminal.attributes(0, column)) for column in range(5)] == [
        {BOLD, DIM, REVERSE}, {REVERSE}, set(), {REVERSE}, set()]


def test_what_scrolled_away_is_kept() -> None:
    terminal = Terminal(10, 3)
    terminal.feed(b"1\r\n2\r\n3\r\n4\r\n5")
    assert terminal.history == ["1", "2"]
    assert terminal.cursor == (2, 1)


def test_it_tells_where_its_cursor_is() -> None:
    said: list[bytes] = []
    Terminal(80, 24, said.append).feed(b"\0337\033[999;999H\033[6n\0338")
    assert said == [b"\033[24;80R"]


def test_what_is_not_known_is_noted() -> None:
    terminal = Terminal()
    terminal.feed(b"\033[5;6yshown\033Z")
    assert terminal.unknown == ["[5;6y", "Z"]
    assert terminal.rows[0] == "shown"


# Draws frame after frame, each a change of the one before; both sides make the same from one seed.
PAINTER = """
import curses, sys
sys.path.insert(0, {root!r})
from tests.vm import test_terminal
def paint(window):
    window.idlok(True)
    for rows in test_terminal.frames({seed}):
        for number, row in enumerate(rows):
            window.insstr(number, 0, row)
            window.move(number, len(row))
            window.clrtoeol()
        window.refresh()
curses.wrapper(paint)
"""


def frames(seed: int, width: int = 40, height: int = 12) -> list[list[str]]:
    chance = random.Random(seed)
    rows, made = [""] * height, []
    for _ in range(40):
        change = chance.randrange(4)
        at = chance.randrange(height)
        if change == 0:
            rows[at] = "".join(chance.choice("ab  -") for _ in range(chance.randrange(width)))
        elif change == 1:
            rows = rows[1:] + ["x" * chance.randrange(width - 1)]
        elif change == 2:
            rows = [*rows[:at], "", *rows[at:-1]]
        else:
            rows[at] = rows[at][:5] + "+" + rows[at][5:width - 2]
        rows = [row.rstrip() for row in rows]
        made.append(list(rows))
    return made


@pytest.mark.parametrize("kind", ["linux", "vt220", "vt100"])
def test_it_agrees_with_ncurses(kind: str) -> None:
    """What ncurses drew for such a terminal is what the model shows, whatever ways it took."""
    root = str(Path(__file__).resolve().parents[2])
    for seed in range(3):
        master, slave = pty.openpty()
        # Without smcup and rmcup, what was drawn last stays but for the last row.
        painter = subprocess.Popen(
            [sys.executable, "-B", "-c", PAINTER.format(root=root, seed=seed)],
            stdin=slave, stdout=slave, env={**os.environ, "TERM": kind, "LINES": "12", "COLUMNS": "40"},
        )
        os.close(slave)
        terminal = Terminal(40, 12)
        try:
            while data := os.read(master, 4096):
                terminal.feed(data)
        except OSError:  # the other end is closed
            pass
        os.close(master)
        assert painter.wait() == 0
        assert not terminal.unknown
        assert terminal.rows[:11] == frames(seed)[-1][:11]
