# SPDX-License-Identifier: GPL-2.0-or-later
"""The first boot of machines that are no PCs: firmware, kexit-boot, and an installed Debian on NVMe.

kexit-boot finds the grub.cfg that this Debian's grub-mkconfig wrote on that disk. The next kernel's
initramfs looks at every function before a driver does, and the machine gets to its login prompt.

On two shared cores, once: Debian's packages installed in 337 s (ppc64el) and 375 s (arm64). Then 176 s
and 106 s a test, the rest of its disk made in that time too.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from lab import debian, debian_foreign, mkboot
from lab.arch import ARCHES, Arch
from lab.complaints import complaints
from lab.devices import Hardware
from lab.machine import Machine
from lab.mkboot import Image
from lab.serial import Results

SECONDS = 600.0
# What the kernel says from notices on, with kexit's summary; boots as soon as it can.
APPEND = "loglevel=6 kexit.menu=lines kexit.timeout=0"
BEGINNINGS = {"nvme": "0x010802", "e1000e": "0x020000", "xhci": "0x0c0330"}
# What Debian's drivers say of devices that work.
DRIVERS = {
    "nvme": r"nvme nvme0: \d+/\d+/\d+ default/read/poll queues",
    "e1000e": r"e1000e .* 52:54:00:4b:58:00",
    "xhci": r"input: QEMU QEMU USB Keyboard",
}


def hardware(arch: Arch, folder: Path) -> Hardware:
    """The disk, a network card, and a keyboard on USB; what is written to the disk is forgotten."""
    made = Hardware(arch, folder)
    disk, card, usb = made.ports(3)
    made.option("-drive", f"if=none,id=n0,format=raw,snapshot=on,file={debian_foreign.with_witness(arch, folder)}")
    made.device(f"nvme,{disk},serial=lab0,drive=n0")
    made.device(f"e1000e,{card},romfile=,{made.network()}")
    made.device(f"qemu-xhci,id=xhci,{usb}")
    made.device("usb-kbd,bus=xhci.0")
    return made


def boots_to_login(machine: Machine, released: set[str]) -> None:
    """released: what kexit-boot had drivers for. Firmware may have left the others as it liked."""
    at = machine.wait("booting Debian GNU/Linux", SECONDS)
    jumped = machine.wait(r"^\[ *0\.0+\] Linux version", SECONDS, at)
    machine.wait(rf"^{debian.HOSTNAME} login: ", SECONDS, jumped)
    for pattern in DRIVERS.values():
        machine.wait(pattern, SECONDS, jumped)
    before, said = machine.serial.text[:jumped], machine.serial.text[jumped:]
    summary = re.findall(r"kexit: (\d+) released, .*, 0 not quiet, 0 failed, 0 stuck", before)
    assert summary and int(summary[-1]) >= len(released), re.findall("kexit: .*", before)
    functions = json.loads(Results(said).one("inspect"))["functions"]
    for name in released:
        verdicts = [f["verdict"] for f in functions if f["class"] == BEGINNINGS[name]]
        assert verdicts == ["quiet"], f"{name}: {verdicts}"
    assert not complaints(said)
    assert not Results(said).every("error")


@pytest.mark.long
def test_powernv_from_flash_to_the_login_prompt(folder: Path) -> None:
    """skiboot starts BOOTKERNEL; the entry names a vmlinux, as on Debian's ppc64el."""
    arch = ARCHES["ppc64el"]
    flash = folder / "pnor.img"
    image = Image(classes="storage,usb,hid,fs", append=f"console={arch.console} panic=-1 {APPEND}")
    mkboot.make(debian_foreign.kernel(arch), image, folder / "image", "--flash", str(flash))
    made = hardware(arch, folder)
    made.option("-drive", f"if=mtd,format=raw,file={flash}")
    with Machine(made) as machine:
        boots_to_login(machine, {"nvme", "xhci"})


@pytest.mark.long
def test_arm64_to_the_login_prompt(folder: Path) -> None:
    """QEMU's virt machine, whose loader is QEMU itself (-kernel)."""
    arch = ARCHES["arm64"]
    out = folder / "out"
    image = Image(classes="storage,usb,hid,fs,net", compress="zstd")
    mkboot.make(debian_foreign.kernel(arch), image, folder / "image", "--output", str(out))
    with Machine(hardware(arch, folder), out / "vmlinuz", (out / "initramfs.img").read_bytes(), APPEND) as machine:
        boots_to_login(machine, {"nvme", "e1000e", "xhci"})
