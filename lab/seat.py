# SPDX-License-Identifier: GPL-2.0-or-later
"""A person at a serial line: sees what a terminal there shows, and types."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable

from lab.errors import LabError
from lab.serial import SerialLine
from lab.terminal import Terminal

# As a vt220 sends them.
DOWN, PAGE_DOWN, ENTER, ESCAPE = b"\033[B", b"\033[6~", b"\r", b"\033"


class Seat:
    """A terminal of 80x24 at one end of a line, whose other end is a guest's console."""

    def __init__(self, name: str, serial: SerialLine, send: Callable[[bytes], None]) -> None:
        self.name = name
        self.type = send
        self._changed = threading.Condition()
        self._terminal = Terminal(answer=send)
        serial.listen(self._hear)

    def _hear(self, data: bytes) -> None:
        with self._changed:
            self._terminal.feed(data)
            self._changed.notify_all()

    @property
    def rows(self) -> list[str]:
        with self._changed:
            return self._terminal.rows

    def look(self, see: Callable[[Terminal], object], what: str, seconds: float) -> None:
        """Waits until see(terminal) is true; what it is, is for the message of the LabError else."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while not see(self._terminal):
                left = deadline - time.monotonic()
                if left <= 0:
                    frame = "\n".join(f"  |{row}" for row in self._terminal.rows)
                    raise LabError(f"{self.name}: {what} was not seen in {seconds:.0f} s, but\n{frame}")
                self._changed.wait(left)

    def wait(self, pattern: str, seconds: float) -> re.Match[str]:
        """Until the screen shows pattern (^ and $ match at rows)."""
        wanted = re.compile(pattern, re.MULTILINE)
        found: list[re.Match[str]] = []

        def see(terminal: Terminal) -> bool:
            found[:] = wanted.finditer(terminal.text)
            return bool(found)

        self.look(see, f"'{pattern}'", seconds)
        return found[0]

    def wait_gone(self, pattern: str, seconds: float) -> None:
        """Until the screen no longer shows pattern."""
        unwanted = re.compile(pattern, re.MULTILINE)
        self.look(lambda terminal: not unwanted.search(terminal.text), f"the end of '{pattern}'", seconds)

    def assert_understood(self) -> None:
        """Nothing came that the model of a terminal does not know: else what it shows is a guess."""
        with self._changed:
            assert not self._terminal.unknown, f"{self.name}: {self._terminal.unknown}"

    @property
    def transcript(self) -> list[str]:
        """What went off the top, then what is shown."""
        with self._changed:
            return [*self._terminal.history, *self._terminal.rows]
