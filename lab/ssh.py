# SPDX-License-Identifier: GPL-2.0-or-later
"""A person who is logged in to a guest by ssh, through QEMU's user network."""

from __future__ import annotations

import subprocess
import threading
import time
from pathlib import Path

from lab.debian import run
from lab.devices import user_network
from lab.errors import LabError
from lab.installed import enable

SETTINGS = ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "BatchMode=yes", "LogLevel=ERROR",
            "ConnectTimeout=20", "ServerAliveInterval=10", "ServerAliveCountMax=6"]
OPTIONS = [word for setting in SETTINGS for word in ("-o", setting)]
# systemd-networkd's; the address is the one that QEMU forwards to.
NETWORK = "[Match]\nName=eth0\n\n[Network]\nAddress=10.0.2.15/24\nGateway=10.0.2.2\n"


def on_the_net(root: Path) -> None:
    """For an installed tree: its network is up by itself."""
    units = root / "etc/systemd/system"
    enable(units, "multi-user.target", Path("/usr/lib/systemd/system/systemd-networkd.service"))


class Ssh:
    """Root's, with a key of its own; port: on this machine's 127.0.0.1."""

    def __init__(self, folder: Path, port: int) -> None:
        self.port = port
        self.key = folder / "ssh-key"
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.key)

    def files(self) -> dict[str, str | bytes]:
        """What the guest must have, beside sshd and on_the_net()."""
        return {"root/.ssh/authorized_keys": self.key.with_suffix(".pub").read_text(),
                "etc/systemd/network/10-lab.network": NETWORK}

    def cable(self, name: str, number: int) -> str:
        forward = f",hostfwd=tcp:127.0.0.1:{self.port}-10.0.2.15:22" if number == 0 else ""
        return user_network(name, number) + forward

    def command(self, words: str) -> list[str]:
        return ["ssh", *OPTIONS, "-i", str(self.key), "-p", str(self.port), "root@127.0.0.1", words]

    def ask(self, words: str, seconds: float) -> tuple[int, str]:
        """Status and output of a command there; 255: ssh's own failure."""
        try:
            done = subprocess.run(self.command(words), capture_output=True, text=True, check=False, timeout=seconds,
                                  stdin=subprocess.DEVNULL)
        except subprocess.TimeoutExpired:
            return 255, "no answer in time"
        return done.returncode, done.stdout + done.stderr

    def boot_id(self, other: str, seconds: float) -> str:
        """That of the running system, once there is one that is not other."""
        deadline = time.monotonic() + seconds
        said = ""
        while time.monotonic() < deadline:
            status, said = self.ask("cat /proc/sys/kernel/random/boot_id", 60)
            if status == 0 and said.strip() != other:
                return said.strip()
            time.sleep(1)
        raise LabError(f"no ssh in {seconds:.0f} s to a system other than {other or 'none'}: {said.strip()}")


class Stream:
    """What a command there writes, read until the connection ends: a load on the network."""

    def __init__(self, ssh: Ssh, words: str) -> None:
        self._process = subprocess.Popen(ssh.command(words), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                         stderr=subprocess.DEVNULL)
        self.bytes = 0
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        assert self._process.stdout
        while chunk := self._process.stdout.read1(65536):  # type: ignore[attr-defined]
            self.bytes += len(chunk)

    def wait(self, count: int, seconds: float) -> None:
        """Until that many bytes came."""
        deadline = time.monotonic() + seconds
        while self.bytes < count:
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise LabError(f"{self.bytes} bytes came by ssh where {count} were waited for")
            time.sleep(0.1)

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        self._thread.join()
