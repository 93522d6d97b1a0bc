# SPDX-License-Identifier: GPL-2.0-or-later
"""A person at one of a machine's consoles: sees what is shown there, and types.

SerialSeat is one at a serial line; lab.screen has the one at a screen.
"""

from __future__ import annotations

import re
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Protocol

from lab.errors import LabError
from lab.serial import SerialLine
from lab.terminal import Terminal

# As a vt220 sends them.
DOWN, PAGE_DOWN, ENTER, ESCAPE = b"\033[B", b"\033[6~", b"\r", b"\033"


class View(Protocol):
    """What is seen at one moment."""

    width: int

    @property
    def rows(self) -> list[str]: ...

    @property
    def text(self) -> str: ...

    def attributes(self, row: int, column: int) -> frozenset[int]: ...


class Seat(ABC):
    """What one can do at any console."""

    def __init__(self, name: str) -> None:
        self.name = name

    @abstractmethod
    def type(self, data: bytes) -> None:
        """Keys, as a serial terminal sends them."""

    @property
    @abstractmethod
    def rows(self) -> list[str]:
        """What is shown now."""

    @abstractmethod
    def look(self, see: Callable[[Any], object], what: str, seconds: float) -> None:
        """Waits until see(view) is true; what it is, is for the message of the LabError else."""

    def unseen(self, what: str, seconds: float, view: View) -> LabError:
        frame = "\n".join(f"  |{row}" for row in view.rows)
        return LabError(f"{self.name}: {what} was not seen in {seconds:.0f} s, but\n{frame}")

    def wait(self, pattern: str, seconds: float) -> re.Match[str]:
        """Until it shows pattern (^ and $ match at rows)."""
        wanted = re.compile(pattern, re.MULTILINE)
        found: list[re.Match[str]] = []

        def see(view: View) -> bool:
            found[:] = wanted.finditer(view.text)
            return bool(found)

        self.look(see, f"'{pattern}'", seconds)
        return found[0]

    def wait_gone(self, pattern: str, seconds: float) -> None:
        """Until it no longer shows pattern."""
        unwanted = re.compile(pattern, re.MULTILINE)
        self.look(lambda view: not unwanted.search(view.text), f"the end of '{pattern}'", seconds)


class SerialSeat(Seat):
    """A terminal at one end of a line, whose other end is a guest's console."""

    def __init__(self, name: str, serial: SerialLine, send: Callable[[bytes], None],
                 width: int = 80, height: int = 24) -> None:
        super().__init__(name)
        self._send = send
        self._changed = threading.Condition()
        self._terminal = Terminal(width, height, answer=send)
        serial.listen(self._hear)

    def _hear(self, data: bytes) -> None:
        with self._changed:
            self._terminal.feed(data)
            self._changed.notify_all()

    def type(self, data: bytes) -> None:
        self._send(data)

    @property
    def rows(self) -> list[str]:
        with self._changed:
            return self._terminal.rows

    def look(self, see: Callable[[Terminal], object], what: str, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        with self._changed:
            while not see(self._terminal):
                left = deadline - time.monotonic()
                if left <= 0:
                    raise self.unseen(what, seconds, self._terminal)
                self._changed.wait(left)

    def assert_understood(self) -> None:
        """Nothing came that the model of a terminal does not know: else what it shows is a guess."""
        with self._changed:
            assert not self._terminal.unknown, f"{self.name}: {self._terminal.unknown}"

    @property
    def transcript(self) -> list[str]:
        """What went off the top, then what is shown."""
        with self._changed:
            return [*self._terminal.history, *self._terminal.rows]
