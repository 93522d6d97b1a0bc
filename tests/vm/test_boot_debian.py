# SPDX-License-Identifier: GPL-2.0-or-later
"""kexit-mkboot's images boot an installed Debian by what is on its disks, to its login prompt.

In each test the next kernel's witness finds every device that kexit-boot had drivers for quiet, and
no driver of that Debian complains about the state it found its device in.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from lab import debian, mkboot, packages
from lab.arch import ARCHES
from lab.complaints import complaints
from lab.devices import Hardware
from lab.machine import Machine
from lab.mkboot import Image
from lab.serial import Results

SECONDS = 900.0
ARCH = ARCHES["amd64"]
CLASSES = "storage,usb,hid,fs,md,net"
# What the kernel says from notices on, with kexit's summary; boots as soon as it can.
APPEND = "loglevel=6 kexit.menu=lines kexit.timeout=0"
# The classes of what hardware() has: an NVMe disk, AHCI, a network card and an xHCI controller.
BEGINNINGS = {"nvme": "0x010802", "ahci": "0x010601", "e1000e": "0x020000", "xhci": "0x0c0330"}


def hardware(folder: Path, nvme: list[Path], sata: list[Path]) -> Hardware:
    """Disks, a network card, and a keyboard on USB; what is written to the disks is forgotten."""
    made = Hardware(ARCH, folder)
    for number, disk in enumerate([*nvme, *sata]):
        made.option("-drive", f"if=none,id=n{number},format=raw,snapshot=on,file={disk}")
        if disk in nvme:
            made.device(f"nvme,{made.root_port()},serial=lab{number},drive=n{number}")
        else:
            made.device(f"ide-hd,bus=ide.{number},drive=n{number}")
    made.device(f"e1000e,{made.root_port()},romfile=,{made.network()}")
    made.device(f"qemu-xhci,id=xhci,{made.root_port()}")
    made.device("usb-kbd,bus=xhci.0")
    return made


def boot_machine(made: Hardware, append: str = "") -> Machine:
    """A machine that kexit-mkboot's vmlinuz and initramfs.img are given to."""
    out = made.folder / "out"
    mkboot.make(packages.kernel(ARCH, "6.1"), Image(classes=CLASSES, compress="zstd"), made.folder / "image",
                "--output", str(out))
    return Machine(made, out / "vmlinuz", (out / "initramfs.img").read_bytes(), f"{APPEND} {append}")


def assert_left_quiet(said: str) -> None:
    """kexit's own word, before the jump."""
    summary = re.findall(r"kexit: (\d+) released, .*, 0 not quiet, 0 failed, 0 stuck", said)
    assert summary and int(summary[-1]) >= len(BEGINNINGS), re.findall("kexit: .*", said)
    assert not re.search(r"in use and left:.*(nvme|ahci|ata|sd|dm-|md|e1000e|xhci)", said)


def assert_found_quiet(said: str, without: set[str]) -> None:
    """The next kernel's, before it has loaded a module; and its drivers', after."""
    functions = json.loads(Results(said).one("inspect"))["functions"]
    assert not [f for f in functions if f["verdict"] in ("live", "masked")]
    for name in BEGINNINGS.keys() - without:
        verdicts = [f["verdict"] for f in functions if f["class"] == BEGINNINGS[name]]
        assert verdicts and set(verdicts) == {"quiet"}, f"{name}: {verdicts}"
    assert not complaints(said)


def boots_to_login(machine: Machine, at: int = 0, without: set[str] = frozenset()) -> str:  # type: ignore[assignment]
    """Returns what the next kernel and its system said, until somebody could log in."""
    at = machine.wait(r"booting Debian GNU/Linux", SECONDS, at)
    jumped = machine.wait(r"^\[ *0\.0+\] Linux version", SECONDS, at)
    machine.wait(rf"^{debian.HOSTNAME} login: ", SECONDS, jumped)
    text = machine.serial.text
    assert_left_quiet(text[:jumped])
    assert_found_quiet(text[jumped:], without)
    return text[jumped:]


@pytest.mark.parametrize(("layout", "nvme"), [
    ("ext4", 1),
    pytest.param("btrfs", 0, marks=pytest.mark.long),
])
def test_debian_by_its_own_grub_script(folder: Path, layout: str, nvme: int) -> None:
    """/boot/grub/grub.cfg as Debian's grub-mkconfig wrote it. Its disk is on NVMe, or SATA."""
    disks = debian.copies(ARCH, layout, folder)
    with boot_machine(hardware(folder, disks[:nvme], disks[nvme:])) as machine:
        boots_to_login(machine, without=set() if nvme else {"nvme"})
