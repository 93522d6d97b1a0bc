# SPDX-License-Identifier: GPL-2.0-or-later
"""A guest's serial line: kept in a log, waited on by pattern, read as results.

Results are the lines "@@ NAME TEXT" that lab/guest/lib.sh prints.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

from lab.errors import LabError

# A guest that printed this will not print what is waited for.
FATAL = re.compile(r"Kernel panic - not syncing.*|Oops: int3\b.*")
# The emulator starved a virtual CPU, whose timer then never fired: seen in guests that had not yet
# left their first initcalls. Only believed to be why when what is waited for does not come.
STARVED = re.compile(r"rcu: INFO: rcu_\w+ detected stalls.*")
RESULT = re.compile(r"^@@ (\S+) ?(.*)$", re.MULTILINE)


class GuestDied(LabError):
    """The machine ended or its kernel panicked while something else was waited for."""


class SerialLine:
    """Reads a stream in a thread of its own until it ends."""

    def __init__(self, stream: IO[bytes], log: Path) -> None:
        self.log = log
        self._text = ""
        self._ended = False
        self._listener: Callable[[bytes], None] | None = None
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._read, args=(stream,), daemon=True)
        self._thread.start()

    def _read(self, stream: IO[bytes]) -> None:
        with stream, open(self.log, "wb") as log:
            while chunk := stream.read1(65536):  # type: ignore[attr-defined]
                with self._changed:
                    log.write(chunk)
                    log.flush()
                    if self._listener:
                        self._listener(chunk)
                    self._text += chunk.decode(errors="replace").replace("\r", "")
                    self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    @property
    def text(self) -> str:
        """Everything so far, without carriage returns."""
        with self._changed:
            return self._text

    def listen(self, listener: Callable[[bytes], None]) -> None:
        """Calls listener with every byte so far, and in the reader's thread with those to come."""
        with self._changed:
            listener(self.log.read_bytes() if self.log.exists() else b"")
            self._listener = listener

    def wait(self, pattern: str, timeout: float, start: int = 0) -> re.Match[str]:
        """The first match of pattern (^ and $ match at lines) after position start.

        Raises GuestDied when the kernel panics, the machine ends or its CPUs starve first, LabError
        after timeout seconds.
        """
        wanted = re.compile(pattern, re.MULTILINE)
        deadline = time.monotonic() + timeout
        with self._changed:
            while True:
                if found := wanted.search(self._text, start):
                    return found
                if died := FATAL.search(self._text, start):
                    raise GuestDied(f"{died[0].strip()} (while waiting for '{pattern}'; log: {self.log})")
                if self._ended:
                    raise GuestDied(f"the machine ended before '{pattern}'; log: {self.log}{self._tail()}")
                left = deadline - time.monotonic()
                if left <= 0:
                    if starved := STARVED.search(self._text, start):
                        raise GuestDied(f"{starved[0].strip()} (while waiting for '{pattern}'; log: {self.log})")
                    raise LabError(f"no '{pattern}' in {timeout:.0f} s; log: {self.log}{self._tail()}")
                self._changed.wait(left)

    def wait_end(self, timeout: float) -> str:
        """Everything, once the stream ended. Raises LabError after timeout seconds."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._ended, timeout):
                raise LabError(f"the machine did not end in {timeout:.0f} s; log: {self.log}{self._tail()}")
            return self._text

    def _tail(self) -> str:
        return "\n  " + "\n  ".join(self._text.splitlines()[-15:])


# OPAL says things of its own on the console that Linux writes to, in the middle of a line if need be.
FIRMWARE_LINE = re.compile(r"\[ *\d+\.\d{9},\d\] [^\n]*\n")


class Results:
    """The results in a piece of a serial log, in the order in which they were reported."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.all = [(match[1], match[2]) for match in RESULT.finditer(FIRMWARE_LINE.sub("", text))]

    def every(self, name: str) -> list[str]:
        return [text for result, text in self.all if result == name]

    def one(self, name: str) -> str:
        """The text of the only result of that name."""
        found = self.every(name)
        if len(found) != 1:
            raise LabError(f"{len(found)} results '{name}' where one was expected: {found}")
        return found[0]
