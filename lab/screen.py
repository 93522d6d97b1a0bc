# SPDX-License-Identifier: GPL-2.0-or-later
"""A person at a machine's screen and keyboard: reads what its VGA shows in text mode, and presses keys.

Both from outside the guest, over QEMU's monitor: the frame buffer is read where the card has it, so what
is seen is what the kernel's own console (vgacon) put there, and keys come in by the keyboard's hardware.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from lab.errors import LabError
from lab.machine import Machine
from lab.seat import DOWN, ENTER, ESCAPE, PAGE_DOWN, Seat, View
from lab.terminal import BOLD, REVERSE

# IBM VGA's text modes: a window of 32 KiB, of which vgacon shows 80x25 cells of a character and its colours.
FRAME_BUFFER, WINDOW = 0xb8000, 0x8000
WIDTH, HEIGHT = 80, 25
ROW_BYTES = 2 * WIDTH
BACKGROUND, INTENSE = 0x70, 0x08

# QEMU's names for what a serial terminal sends.
KEYS = {DOWN: "down", PAGE_DOWN: "pgdn", ENTER: "ret", ESCAPE: "esc"}
POLL_SECONDS = 0.25


class Frame:
    """One reading of the screen, as far as a menu uses it."""

    width, height = WIDTH, HEIGHT

    def __init__(self, cells: bytes) -> None:
        self._cells = cells

    @property
    def rows(self) -> list[str]:
        # Code page 437 is the ROM's font, and Linux's choice where none was loaded.
        characters = self._cells[::2].replace(b"\0", b" ").decode("cp437")
        return [characters[at:at + WIDTH].rstrip() for at in range(0, len(characters), WIDTH)]

    @property
    def text(self) -> str:
        return "\n".join(self.rows)

    def attributes(self, row: int, column: int) -> frozenset[int]:
        colours = self._cells[row * ROW_BYTES + 2 * column + 1]
        return frozenset(name for name, bit in ((REVERSE, BACKGROUND), (BOLD, INTENSE)) if colours & bit)


def press(machine: Machine, data: bytes) -> None:
    """One key, or characters each of which is one, on whatever keyboard the machine has."""
    for key in [KEYS[data]] if data in KEYS else data.decode():
        machine.monitor.command("send-key", keys=[{"type": "qcode", "data": key}])


class ScreenSeat(Seat):
    """At tty0. `title` begins the screen's first row: vgacon scrolls by moving its origin in the window,
    and where that is only the card's registers know."""

    def __init__(self, machine: Machine, title: str) -> None:
        super().__init__("tty0")
        self._machine = machine
        self._title = title.encode()

    def type(self, data: bytes) -> None:
        press(self._machine, data)

    def _frame(self) -> Frame:
        dump = self._machine.folder / "vga"
        self._machine.monitor.command("pmemsave", val=FRAME_BUFFER, size=WINDOW, filename=str(dump))
        window = dump.read_bytes()
        origins = [at for at in range(0, WINDOW - HEIGHT * ROW_BYTES, ROW_BYTES)
                   if window[at:at + ROW_BYTES:2].startswith(self._title)]
        if len(origins) > 1:
            raise LabError(f"'{self._title.decode()}' begins {len(origins)} rows: which is shown is not known")
        at = origins[0] if origins else 0
        return Frame(window[at:at + HEIGHT * ROW_BYTES])

    @property
    def rows(self) -> list[str]:
        return self._frame().rows

    def look(self, see: Callable[[View], object], what: str, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not see(frame := self._frame()):
            if time.monotonic() > deadline:
                raise self.unseen(what, seconds, frame)
            time.sleep(POLL_SECONDS)
