# SPDX-License-Identifier: GPL-2.0-or-later
"""One QEMU process: started, listened to, and surely gone at the end."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from lab.accel import accelerator
from lab.arch import Arch
from lab.devices import Hardware
from lab.errors import LabError, Unavailable
from lab.qmp import Monitor
from lab.serial import SerialLine

# Warnings and worse: the console must not cost one way of leaving more time than another.
LOGLEVEL = 4


class Machine:
    """A context manager: the machine runs inside the with block.

    folder holds its disks, its log serial.log, and what QEMU itself said, qemu.log. Without a kernel
    the machine's firmware starts what hardware has: a flash, a disk.
    """

    def __init__(
        self, hardware: Hardware, kernel: Path | None = None, initrd: bytes = b"", append: str = "", *,
        reboots: bool = False,
    ) -> None:
        """reboots: a reset starts it anew, as firmware would; else it ends QEMU."""
        self.hardware = hardware
        self.arch = hardware.arch
        self.folder = hardware.folder
        self._kernel = kernel
        self._reset = [] if reboots else ["-no-reboot"]
        self._append = command_line(hardware, append)
        self._initrd = self.folder / "initrd"
        self._initrd.write_bytes(initrd)
        self._process: subprocess.Popen[bytes] | None = None
        self._monitor: Monitor | None = None
        self._serial: SerialLine | None = None

    def _started(self) -> list[str]:
        if self._kernel is None:
            return []
        return ["-kernel", str(self._kernel), "-initrd", str(self._initrd), "-append", self._append]

    def _command(self) -> list[str]:
        return [
            self.arch.qemu, "-display", "none", *self._reset, *self.arch.board,
            *accelerator(self.arch),
            "-chardev", "stdio,id=serial,signal=off", "-serial", "chardev:serial",
            "-qmp", f"unix:{self.folder}/qmp,server=on,wait=off",
            *self._started(), *self.hardware.arguments,
        ]

    def __enter__(self) -> Machine:
        if not shutil.which(self.arch.qemu):
            raise Unavailable(f"{self.arch.qemu} is not installed")
        with open(self.folder / "qemu.log", "wb") as errors:
            self._process = subprocess.Popen(
                self._command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors
            )
        assert self._process.stdout
        self._serial = SerialLine(self._process.stdout, self.folder / "serial.log")
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process
        if self._monitor:
            self._monitor.close()
        self._process.kill()
        self._process.wait()
        if self._process.stdin:
            self._process.stdin.close()

    @property
    def serial(self) -> SerialLine:
        assert self._serial, "the machine is not started"
        return self._serial

    @property
    def monitor(self) -> Monitor:
        """Connected at first use, as most machines are only watched."""
        if not self._monitor:
            self._monitor = Monitor(self.folder / "qmp")
        return self._monitor

    def send(self, data: bytes) -> None:
        """Send these bytes to the guest's console."""
        assert self._process and self._process.stdin
        self._process.stdin.write(data)
        self._process.stdin.flush()

    def type(self, line: str) -> None:
        """Type a line on the guest's console."""
        self.send(line.encode() + b"\n")

    def wait(self, pattern: str, timeout: float, start: int = 0) -> int:
        """Wait for pattern on the serial line; returns where the match ends, for a next wait."""
        try:
            return self.serial.wait(pattern, timeout, start).end()
        except LabError as error:
            said = (self.folder / "qemu.log").read_text(errors="replace").strip()
            # A QEMU that complains and shows no guest was started wrongly: no retry would help.
            kind = type(error) if self.serial.text else LabError
            raise kind(f"{error}\nQEMU said: {said}" if said else str(error)) from None


def command_line(hardware: Hardware, append: str) -> str:
    """The kernel's command line in any guest: a quiet console with time stamps, and what to expect."""
    return (
        f"console={hardware.arch.console} loglevel={LOGLEVEL} printk.time=1 panic=-1 "
        f"lab.disks={hardware.disks} lab.nics={hardware.nics} lab.sounds={hardware.sounds} {append}"
    )


def scratch() -> tempfile.TemporaryDirectory[str]:
    """A folder for one machine. Short, as a socket's path may be 107 bytes long."""
    return tempfile.TemporaryDirectory(prefix="kexit-lab-")
