# SPDX-License-Identifier: GPL-2.0-or-later
"""Which accelerator QEMU can use here, found out by starting a machine.

/dev/kvm may be there and guests on it hang or abort all the same, so its presence says nothing.
"""

from __future__ import annotations

import functools
import os
import platform
import subprocess
import tempfile
from pathlib import Path

from lab import packages
from lab.arch import ARCHES, Arch
from lab.errors import LabError
from lab.paths import CACHE
from lab.serial import SerialLine

PROBE_SECONDS = 6.0
KVM_HOST = {"amd64": "x86_64", "arm64": "aarch64", "ppc64el": "ppc64le"}


def _kernel_speaks(arch: Arch) -> bool:
    """True when a kernel under KVM gets as far as its init, or rather the want of one."""
    kernel = packages.kernel(arch, "6.1")
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            [arch.qemu, "-display", "none", *arch.board, "-accel", "kvm",
             "-cpu", "host", "-serial", "stdio", "-no-reboot", "-kernel", str(kernel.image),
             "-append", f"console={arch.console} panic=-1"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )
        assert process.stdout
        try:
            SerialLine(process.stdout, Path(folder, "serial")).wait("Unable to mount root", PROBE_SECONDS)
            return True
        except LabError:
            return False
        finally:
            process.kill()
            process.wait()


@functools.cache
def accelerator(arch: Arch) -> list[str]:
    """QEMU's arguments for the fastest accelerator that works; probed once a boot of this machine."""
    emulated = ["-accel", "tcg,thread=multi"]
    if platform.machine() != KVM_HOST[arch.name] or not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return emulated
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    memo = CACHE / "lab" / f"kvm-{arch.name}"
    known = memo.read_text().split() if memo.exists() else []
    if known[:1] != [boot]:
        known = [boot, "works" if _kernel_speaks(arch) else "fails"]
        memo.parent.mkdir(parents=True, exist_ok=True)
        memo.write_text(" ".join(known))
    return ["-accel", "kvm", "-cpu", "host"] if known[1] == "works" else emulated


if __name__ == "__main__":
    for each in ARCHES.values():
        print(each.name, *accelerator(each))
