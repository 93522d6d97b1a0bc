# SPDX-License-Identifier: GPL-2.0-or-later
"""What a terminal shows after these bytes: a vt220 or a Linux console, as far as ncurses uses them.

Sequences are those of ECMA-48, and DEC's private ones as in the VT220 Programmer Reference Manual. One
that is not known is taken whole and noted in `unknown`: a test that relies on the model asserts that
there was none.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable
from dataclasses import dataclass, field

# Special Graphics of the VT100, as far as a menu could draw with it.
GRAPHICS = dict(zip("`afgjklmnopqrstuvwxyz{|}~", "◆▒°±┘┐┌└┼⎺⎻─⎼⎽├┤┴┬│≤≥π≠£·", strict=True))

BOLD, DIM, UNDERLINE, BLINK, REVERSE = 1, 2, 4, 5, 7
# What takes an attribute away again; 22 takes two.
ENDED_BY = {22: {BOLD, DIM}, 24: {UNDERLINE}, 25: {BLINK}, 27: {REVERSE}}


@dataclass
class Cell:
    character: str = " "
    attributes: frozenset[int] = frozenset()


@dataclass
class Pen:
    """What DECSC saves beside the screen: where, how and with which characters is written."""

    row: int = 0
    column: int = 0
    attributes: frozenset[int] = frozenset()
    sets: list[str] = field(default_factory=lambda: ["B", "B"])  # G0 and G1
    shift: int = 0
    # The last column is written and the next character goes to the next row (DEC's autowrap).
    is_pending: bool = False

    def copy(self) -> Pen:
        return Pen(self.row, self.column, self.attributes, list(self.sets), self.shift, self.is_pending)


class Terminal:
    """Rows and columns of cells. `answer` gets what the terminal says by itself: its cursor's place."""

    def __init__(self, width: int = 80, height: int = 24, answer: Callable[[bytes], None] | None = None) -> None:
        self.width, self.height = width, height
        self.history: list[str] = []  # rows that went off the top
        self.unknown: list[str] = []
        self.cursor_is_shown = True
        self._answer = answer
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._pending = ""  # an escape sequence that is not complete
        self._last = " "  # for REP
        self._reset()

    def _reset(self) -> None:
        self._cells = [self._blank_row() for _ in range(self.height)]
        self._pen = Pen()
        self._saved = Pen()
        self._top, self._bottom = 0, self.height - 1  # of the scrolling region
        self._wraps = True
        self._inserts = False

    def _blank_row(self) -> list[Cell]:
        return [Cell() for _ in range(self.width)]

    # ---- what it shows

    @property
    def rows(self) -> list[str]:
        return ["".join(cell.character for cell in row).rstrip() for row in self._cells]

    @property
    def text(self) -> str:
        return "\n".join(self.rows)

    @property
    def cursor(self) -> tuple[int, int]:
        """Row and column, from 0."""
        return self._pen.row, self._pen.column

    def attributes(self, row: int, column: int) -> frozenset[int]:
        return self._cells[row][column].attributes

    # ---- what comes over the line

    def feed(self, data: bytes) -> None:
        text = self._pending + self._decoder.decode(data)
        at = 0
        while at < len(text):
            if text[at] == "\033":
                end = self._sequence_end(text, at)
                if end is None:
                    break
                self._escape(text[at + 1:end])
                at = end
            else:
                self._character(text[at])
                at += 1
        self._pending = text[at:]

    @staticmethod
    def _sequence_end(text: str, at: int) -> int | None:
        """Where the sequence that begins at text[at] ends; None: not yet."""
        if len(text) < at + 2:
            return None
        first = text[at + 1]
        if first == "[":
            for end in range(at + 2, len(text)):
                if not "\x20" <= text[end] <= "\x3f":
                    return end + 1
            return None
        if "\x20" <= first <= "\x2f":  # one more byte: a character set
            return at + 3 if len(text) >= at + 3 else None
        return at + 2

    def _character(self, character: str) -> None:
        pen = self._pen
        if character >= " " and character != "\x7f":
            self._write(character)
        elif character == "\b":
            self._go(pen.row, pen.column - 1)
        elif character == "\t":
            self._go(pen.row, (pen.column // 8 + 1) * 8)
        elif character in "\n\v\f":
            self._index()
        elif character == "\r":
            self._go(pen.row, 0)
        elif character in "\x0e\x0f":
            pen.shift = 1 if character == "\x0e" else 0

    def _write(self, character: str) -> None:
        pen = self._pen
        if pen.is_pending and self._wraps:
            self._go(pen.row, 0)
            self._index()
        self._last = character
        if pen.sets[pen.shift] == "0":
            character = GRAPHICS.get(character, character)
        row = self._cells[pen.row]
        if self._inserts:
            row.insert(pen.column, Cell())
            row.pop()
        row[pen.column] = Cell(character, pen.attributes)
        if pen.column + 1 < self.width:
            pen.column += 1
        else:
            pen.is_pending = True

    # ---- the cursor and the scrolling region

    def _go(self, row: int, column: int) -> None:
        self._pen.row = max(0, min(row, self.height - 1))
        self._pen.column = max(0, min(column, self.width - 1))
        self._pen.is_pending = False

    def _index(self) -> None:
        self._pen.is_pending = False
        if self._pen.row == self._bottom:
            self._scroll_up(self._top, 1)
        else:
            self._go(self._pen.row + 1, self._pen.column)

    def _reverse_index(self) -> None:
        if self._pen.row == self._top:
            self._scroll_down(self._top, 1)
        else:
            self._go(self._pen.row - 1, self._pen.column)

    def _scroll_up(self, top: int, count: int) -> None:
        for _ in range(min(count, self._bottom - top + 1)):
            gone = self._cells.pop(top)
            if top == 0:
                self.history.append("".join(cell.character for cell in gone).rstrip())
            self._cells.insert(self._bottom, self._blank_row())

    def _scroll_down(self, top: int, count: int) -> None:
        for _ in range(min(count, self._bottom - top + 1)):
            self._cells.pop(self._bottom)
            self._cells.insert(top, self._blank_row())

    # ---- escape sequences

    def _escape(self, sequence: str) -> None:
        if sequence.startswith("["):
            self._control(sequence[1:-1], sequence[-1])
        elif sequence[0] in "()":
            self._pen.sets["()".index(sequence[0])] = sequence[1]
        elif sequence == "7":
            self._saved = self._pen.copy()
        elif sequence == "8":
            self._pen = self._saved.copy()
        elif sequence == "D":
            self._index()
        elif sequence == "E":
            self._go(self._pen.row, 0)
            self._index()
        elif sequence == "M":
            self._reverse_index()
        elif sequence == "c":
            self._reset()
        elif sequence not in ("=", ">", " F"):  # the keypad's mode, and 7-bit answers
            self.unknown.append(sequence)

    def _control(self, parameters: str, final: str) -> None:
        private = parameters[:1] if parameters[:1] in ("?", ">") else ""
        try:
            numbers = [int(word or 0) for word in parameters[len(private):].split(";")]
        except ValueError:
            self.unknown.append(f"[{parameters}{final}")
            return
        if private == "?" and final in "hl":
            self._private_modes(numbers, final == "h")
        elif final == "m" and not private:
            self._select_attributes(numbers)
        elif final == "c" and private == "?":
            pass  # the Linux console's cursor shape
        elif private or not self._move(numbers, final) and not self._edit(numbers, final):
            self.unknown.append(f"[{parameters}{final}")

    def _private_modes(self, modes: list[int], on: bool) -> None:
        for mode in modes:
            if mode == 7:
                self._wraps = on
            elif mode == 25:
                self.cursor_is_shown = on
            elif mode not in (1, 3, 4, 5, 8):  # keys, width, smooth scroll, reverse, repeat: not seen
                self.unknown.append(f"[?{mode}{'h' if on else 'l'}")

    def _select_attributes(self, numbers: list[int]) -> None:
        for number in numbers:
            if number == 0:
                self._pen.attributes = frozenset()
            elif number in ENDED_BY:
                self._pen.attributes -= ENDED_BY[number]
            elif number in (BOLD, DIM, UNDERLINE, BLINK, REVERSE):
                self._pen.attributes |= {number}
            elif number == 10:
                self._pen.shift = 0  # the Linux console's primary font
            elif not 30 <= number <= 49:
                self.unknown.append(f"[{number}m")

    def _move(self, numbers: list[int], final: str) -> bool:
        """Sequences that place the cursor; False: it is none of these."""
        row, column = self._pen.row, self._pen.column
        count = numbers[0] or 1
        moves = {
            "A": (row - count, column),
            "B": (row + count, column),
            "C": (row, column + count),
            "D": (row, column - count),
            "E": (row + count, 0),
            "F": (row - count, 0),
            "G": (row, count - 1),
            "`": (row, count - 1),
            "d": (count - 1, column),
        }
        if final in "Hf":
            self._go(count - 1, (numbers[1] or 1) - 1 if len(numbers) > 1 else 0)
        elif final in moves:
            self._go(*moves[final])
        elif final == "r":
            bottom = numbers[1] if len(numbers) > 1 else 0
            self._top, self._bottom = count - 1, (bottom or self.height) - 1
            self._go(0, 0)
        elif final == "n" and numbers[0] == 6:
            if self._answer:
                self._answer(f"\033[{row + 1};{column + 1}R".encode())
        else:
            return False
        return True

    def _edit(self, numbers: list[int], final: str) -> bool:
        """Sequences that change what is shown; False: it is none of these."""
        pen, count = self._pen, numbers[0] or 1
        if final == "J":
            self._erase_display(numbers[0])
        elif final == "K":
            start, end = [(pen.column, self.width), (0, pen.column + 1), (0, self.width)][numbers[0]]
            self._erase(pen.row, start, end)
        elif final == "X":
            self._erase(pen.row, pen.column, pen.column + count)
        elif final in "@P":
            self._shift_row(count, final == "@")
        elif final in "LM" and self._top <= pen.row <= self._bottom:
            (self._scroll_down if final == "L" else self._delete_rows)(pen.row, count)
        elif final in "ST":
            (self._scroll_up if final == "S" else self._scroll_down)(self._top, count)
        elif final == "b":
            for _ in range(count):
                self._write(self._last)
        elif final in "hl" and numbers == [4]:
            self._inserts = final == "h"
        else:
            return False
        return True

    def _delete_rows(self, top: int, count: int) -> None:
        """As scrolling, but what is deleted is no history."""
        kept = len(self.history)
        self._scroll_up(top, count)
        del self.history[kept:]

    def _shift_row(self, count: int, inserts: bool) -> None:
        row = self._cells[self._pen.row]
        for _ in range(min(count, self.width - self._pen.column)):
            if inserts:
                row.insert(self._pen.column, Cell())
                row.pop()
            else:
                row.pop(self._pen.column)
                row.append(Cell())

    def _erase(self, row: int, start: int, end: int) -> None:
        for column in range(start, min(end, self.width)):
            self._cells[row][column] = Cell()

    def _erase_display(self, part: int) -> None:
        row, column = self.cursor
        first, last = [(row + 1, self.height), (0, row), (0, self.height)][min(part, 2)]
        for other in range(first, last):
            self._erase(other, 0, self.width)
        if part == 0:
            self._erase(row, column, self.width)
        elif part == 1:
            self._erase(row, 0, column + 1)
