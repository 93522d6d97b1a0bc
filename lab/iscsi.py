# SPDX-License-Identifier: GPL-2.0-or-later
"""An iSCSI target on this machine, for guests that find it at 10.0.2.2: Debian's tgt, unpacked, run by itself."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab import packages
from lab.arch import ARCHES
from lab.errors import LabError, Unavailable

NAME = "iqn.2026-01.lab.kexit:root"
START_SECONDS = 30.0


def _environment(folder: Path, unpacked: Path) -> dict[str, str]:
    libraries = [str(unpacked / name / "x86_64-linux-gnu") for name in ("usr/lib", "lib")]
    return {**os.environ, "TGT_IPC_SOCKET": str(folder / "tgt"), "LD_LIBRARY_PATH": ":".join(libraries)}


def _tell(admin: Path, environment: dict[str, str], *words: object) -> None:
    command = [str(admin), "--lld", "iscsi", *map(str, words)]
    deadline = time.monotonic() + START_SECONDS
    while True:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return
        if time.monotonic() > deadline:
            raise LabError(f"tgtadm {' '.join(map(str, words))}: {(done.stdout + done.stderr).strip()}")
        time.sleep(0.2)  # it may not listen yet


@contextmanager
def served(folder: Path, image: Path, port: int) -> Iterator[None]:
    """image as LUN 1 of the target NAME, at that port of 127.0.0.1."""
    if os.geteuid() != 0:
        raise Unavailable("tgtd must be root's")
    unpacked = packages.programs(ARCHES["amd64"], "tgt")
    environment = _environment(folder, unpacked)
    admin = unpacked / "usr/sbin/tgtadm"
    with open(folder / "tgtd.log", "wb") as log:
        server = subprocess.Popen([unpacked / "usr/sbin/tgtd", "--foreground", "--iscsi", f"portal=127.0.0.1:{port}"],
                                  env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        _tell(admin, environment, "--mode", "target", "--op", "new", "--tid", 1, "--targetname", NAME)
        _tell(admin, environment, "--mode", "logicalunit", "--op", "new", "--tid", 1, "--lun", 1,
              "--backing-store", image)
        _tell(admin, environment, "--mode", "target", "--op", "bind", "--tid", 1, "--initiator-address", "ALL")
        yield
    finally:
        server.kill()
        server.wait()
