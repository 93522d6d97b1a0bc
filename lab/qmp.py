# SPDX-License-Identifier: GPL-2.0-or-later
"""QEMU's monitor protocol: for what a test does to a machine from outside."""

from __future__ import annotations

import json
import socket
import time
from pathlib import Path
from typing import Any

from lab.errors import LabError


class Monitor:
    """One connection to a QEMU's QMP socket."""

    def __init__(self, path: Path, timeout: float = 10) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(timeout)
        deadline = time.monotonic() + timeout
        while True:
            try:
                self._socket.connect(str(path))
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise LabError(f"{path}: no QMP monitor") from None
                time.sleep(0.05)
        self._lines = self._socket.makefile("r", encoding="utf-8")
        self._lines.readline()  # the greeting
        self.command("qmp_capabilities")

    def command(self, name: str, /, **arguments: Any) -> Any:
        """Run a command and return its answer. Events in between are dropped."""
        request = {"execute": name, "arguments": arguments}
        self._socket.sendall(json.dumps(request).encode() + b"\n")
        while line := self._lines.readline():
            answer = json.loads(line)
            if "error" in answer:
                raise LabError(f"QMP {name}: {answer['error']['desc']}")
            if "return" in answer:
                return answer["return"]
        raise LabError(f"QMP {name}: the machine is gone")

    def close(self) -> None:
        self._lines.close()
        self._socket.close()
