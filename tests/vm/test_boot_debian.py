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

from lab import debian, esp, mkboot, packages
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
FIRMWARE = Path("/usr/share/OVMF/OVMF_CODE_4M.fd")
# Class codes of what hardware() has: an NVMe disk, AHCI, a network card and an xHCI controller.
CONTROLLERS = {"nvme": "0x010802", "ahci": "0x010601", "e1000e": "0x020000", "xhci": "0x0c0330"}


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


def assert_left_quiet(said: str, controllers: set[str]) -> None:
    """kexit's own word, before the jump. AHCI is left to shutdown(): what is found after tells."""
    summary = re.findall(r"kexit: (\d+) released, .*, 0 not quiet, 0 failed, 0 stuck", said)
    assert summary and int(summary[-1]) >= len(controllers - {"ahci"}), re.findall("kexit: .*", said)
    left = "\n".join(line for line in said.splitlines() if "in use and left" in line)
    assert not re.search(r"\b(nvme|ahci|ata|sd|dm-|md|e1000e|xhci)", left)


def assert_found_quiet(said: str, controllers: set[str]) -> None:
    """The next kernel's, before it has loaded a module; and its drivers', after."""
    functions = json.loads(Results(said).one("inspect"))["functions"]
    assert not [f for f in functions if f["verdict"] in ("live", "masked")]
    assert not [f for f in functions if f["bus_master"] and not f["class"].startswith("0x06")]  # bridges must
    for name in controllers:
        verdicts = [f["verdict"] for f in functions if f["class"] == CONTROLLERS[name]]
        assert verdicts and set(verdicts) == {"quiet"}, f"{name}: {verdicts}"
    assert not complaints(said)


def boots_to_login(machine: Machine, at: int = 0, *, nvme: bool = True) -> str:
    """Returns what the next kernel and its system said, until somebody could log in."""
    at = machine.wait(r"booting Debian GNU/Linux", SECONDS, at)
    jumped = machine.wait(r"^\[ *0\.0+\] Linux version", SECONDS, at)
    machine.wait(rf"^{debian.HOSTNAME} login: ", SECONDS, jumped)
    text = machine.serial.text
    controllers = set(CONTROLLERS) - (set() if nvme else {"nvme"})
    assert_left_quiet(text[:jumped], controllers)
    assert_found_quiet(text[jumped:], controllers)
    return text[jumped:]


@pytest.mark.long
@pytest.mark.parametrize(("layout", "nvme"), [
    ("ext4", 1),
    ("btrfs", 0),
    ("raid-lvm", 1),
])
def test_debian_by_its_own_grub_script(folder: Path, layout: str, nvme: int) -> None:
    """/boot/grub/grub.cfg as Debian's grub-mkconfig wrote it. Its disk is on NVMe, or SATA, or both are."""
    disks = debian.copies(ARCH, layout, folder)
    with boot_machine(hardware(folder, disks[:nvme], disks[nvme:])) as machine:
        boots_to_login(machine, nvme=bool(nvme))


def assert_entry_of_kernel_install(said: str, disk: Path) -> None:
    """The command line is that of the entry, not of grub.cfg on the same disk."""
    line = re.search("Command line: (.*)", said)
    assert line and line[1].startswith(f"root=UUID={debian.uuid(disk)} ")
    assert line[1].endswith(f" systemd.machine_id={debian.MACHINE_ID}")


@pytest.mark.long
def test_debian_by_a_type_1_entry(folder: Path) -> None:
    """The entry that kernel-install wrote, with kernel and initrd, on a FAT disk; the root is on NVMe."""
    disks = debian.copies(ARCH, "ext4", folder)
    entry = esp.type1(ARCH, disks[0], folder / "esp")
    made = hardware(folder, disks, [])
    esp.attach(made, folder / "esp")
    with boot_machine(made, f"kexit.default={entry.name}") as machine:
        said = boots_to_login(machine)
    assert_entry_of_kernel_install(said, disks[0])


@pytest.mark.long
def test_debian_by_a_unified_image(folder: Path) -> None:
    """Debian's kernel and initrd in one EFI program in EFI/Linux, which no firmware starts here."""
    disks = debian.copies(ARCH, "ext4", folder)
    image = esp.unified(ARCH, disks[0], folder / "esp")
    made = hardware(folder, disks, [])
    esp.attach(made, folder / "esp")
    with boot_machine(made, f"kexit.default={image.name}") as machine:
        said = boots_to_login(machine)
    assert_entry_of_kernel_install(said, disks[0])


@pytest.mark.long
def test_debian_after_uefi(folder: Path) -> None:
    """OVMF, which has used the disk too, starts our unified image, and that boots Debian by its grub.cfg."""
    if not FIRMWARE.exists():
        pytest.skip("ovmf is not installed")
    disks = debian.copies(ARCH, "ext4", folder)
    target = folder / "esp/EFI/BOOT/BOOTX64.EFI"
    target.parent.mkdir(parents=True)
    image = Image(classes=CLASSES, compress="zstd", append=f"console={ARCH.console} panic=-1 {APPEND}")
    mkboot.make(packages.kernel(ARCH, "6.1"), image, folder / "image", "--uki", str(target))
    made = hardware(folder, disks, [])
    made.option("-drive", f"if=pflash,format=raw,readonly=on,file={FIRMWARE}")
    esp.attach(made, folder / "esp")
    with Machine(made) as machine:
        boots_to_login(machine)


@pytest.mark.long
def test_the_second_of_two_debians(folder: Path) -> None:
    """Somebody at the serial line stops the countdown, edits a command line, and boots that system."""
    first, second = (debian.copies(ARCH, layout, folder)[0] for layout in ("ext4", "btrfs"))
    with boot_machine(hardware(folder, [first, second], []), "kexit.timeout=300") as machine:
        at = machine.wait(r"nvme1n1p1\b[^>]*?(\d+)  Debian GNU/Linux$", SECONDS)
        machine.wait(r"boots in \d+ s", SECONDS)
        row = re.findall(r"nvme1n1p1\b[^>]*?(\d+)  Debian GNU/Linux$", machine.serial.text, re.MULTILINE)[-1]
        machine.type(f"e {row}")
        at = machine.wait("boot with: .*root=UUID=", SECONDS, at)
        machine.type(" lab.edited=1")
        said = boots_to_login(machine, at)
    assert re.search(r"Command line: .* lab\.edited=1$", said, re.MULTILINE)
    assert re.search(r"BTRFS info \(device nvme1n1p1.*\): (using|disk space)", said)
