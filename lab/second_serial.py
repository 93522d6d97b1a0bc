# SPDX-License-Identifier: GPL-2.0-or-later
"""One more serial line of a machine beside the one that is its console: on a socket, as stdio is taken."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable
from pathlib import Path

from lab.errors import LabError
from lab.serial import SerialLine


class SecondSerial:
    """Its arguments for QEMU; the line, once that runs."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "line1"
        self._log = folder / "serial1.log"
        self.arguments = ["-chardev", f"socket,id=line1,path={self._path},server=on,wait=off",
                          "-serial", "chardev:line1"]
        self._socket = socket.socket(socket.AF_UNIX)

    def connect(self, seconds: float = 20) -> tuple[SerialLine, Callable[[bytes], None]]:
        """What is said before is lost: to be called as soon as the machine was started."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                self._socket.connect(str(self._path))
                return SerialLine(self._socket.makefile("rb"), self._log), self._socket.sendall
            except OSError as error:
                if time.monotonic() > deadline:
                    raise LabError(f"QEMU does not answer at {self._path}: {error}") from None
                time.sleep(0.05)

    def close(self) -> None:
        """Ends the line's stream, where it was connected."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
