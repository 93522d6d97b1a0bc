# SPDX-License-Identifier: GPL-2.0-or-later
"""kexit-mkboot's images boot an installed Debian by what is on its disks, to its login prompt."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab import debian, mkboot, packages
from lab.arch import ARCHES, Arch
from lab.devices import Hardware
from lab.errors import Unavailable
from lab.machine import Machine, scratch
from lab.mkboot import Image
from lab.paths import CACHE

SECONDS = 900.0
SETTINGS = "menu=lines\ntimeout=0\n"
# What a driver says that found its device in a state it did not expect.
COMPLAINT = re.compile(r"^\[ *[\d.]+\] .*(controller is down|not ready; aborting|Device not ready|host not halted"
                       r"|failed to (reset|identify)|timed? ?out|DMAR.*fault|spurious).*$",
                       re.MULTILINE | re.IGNORECASE)


@pytest.fixture
def folder(request: pytest.FixtureRequest) -> Iterator[Path]:
    log = CACHE / "vm" / (re.sub(r"[^\w.-]+", "-", request.node.name).strip("-") + ".log")
    log.parent.mkdir(parents=True, exist_ok=True)
    with scratch() as name:
        try:
            yield Path(name)
        except Unavailable as reason:
            pytest.skip(str(reason))
        finally:
            serial = Path(name) / "serial.log"
            if serial.exists():
                log.write_bytes(serial.read_bytes())


def hardware(arch: Arch, folder: Path, disks: list[Path]) -> Hardware:
    """NVMe disks; what is written to them is forgotten."""
    made = Hardware(arch, folder)
    for number, disk in enumerate(disks):
        made.option("-drive", f"if=none,id=n{number},format=raw,snapshot=on,file={disk}")
        made.device(f"nvme,serial=lab{number},drive=n{number}")
    return made


def boots_to_login(machine: Machine) -> None:
    at = machine.wait(r"booting Debian GNU/Linux", SECONDS)
    at = machine.wait(rf"^{debian.HOSTNAME} login: ", SECONDS, at)
    assert not COMPLAINT.findall(machine.serial.text)


@pytest.mark.long
@pytest.mark.parametrize("layout", ["ext4", "btrfs"])
def test_debian_by_its_own_grub_script(folder: Path, layout: str) -> None:
    """/boot/grub/grub.cfg as Debian's grub-mkconfig wrote it, on that very disk."""
    arch = ARCHES["amd64"]
    kernel = packages.kernel(arch, "6.1")
    disks = debian.disks(arch, layout)
    out = folder / "out"
    mkboot.make(kernel, Image(classes="storage,fs,md", settings=SETTINGS, compress="zstd"), folder / "image",
                "--output", str(out))
    with Machine(hardware(arch, folder, disks), out / "vmlinuz", (out / "initramfs.img").read_bytes()) as machine:
        boots_to_login(machine)
