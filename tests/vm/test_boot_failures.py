# SPDX-License-Identifier: GPL-2.0-or-later
"""What kexit-boot does when an entry cannot be booted: devices bound again, a reason, the next entry."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from lab import bootdisk, fsimage, packages
from lab.bootdisk import Rack
from lab.machine import Machine

QUIET = "lab.disks=1 lab.nics=0 lab.sounds=0"
UNATTENDED = "timeout=0\n"
MENU = r"Number or Enter: boot"


def two_entries(rack: Rack, first: str = "/initrd") -> Path:
    """One NVMe disk with two entries, "first" before "second", each with a kernel of its own; the first one's
    initrd may be another."""
    root = rack.folder / "both"
    bootdisk.boot_files(root)
    bootdisk.write(root / "loader/loader.conf", "default first.conf\n")
    bootdisk.type_1(root, "first", QUIET, initrd=first)
    bootdisk.type_1(root, "second", QUIET, linux="/vmlinuz-old")
    (root / "vmlinuz-old").write_bytes((root / "vmlinuz").read_bytes())
    (root / "other").write_bytes((root / "initrd").read_bytes())
    return rack.formatted("both", "ext4", root)


def tried(machine: Machine, name: str, start: int = 0) -> int:
    return machine.wait(rf"booting The {name} system", bootdisk.SECONDS, start)


def fails(machine: Machine, name: str, reason: str, start: int = 0) -> int:
    """That entry is tried, and reason is in the line that names it."""
    return machine.wait(rf"nvme0n1:{name}.conf: .*{reason}", bootdisk.SECONDS, tried(machine, name, start))


def boots(machine: Machine, name: str, start: int) -> None:
    assert not bootdisk.faults(bootdisk.arrived(machine, tried(machine, name, start)))


def waits_in_menu(machine: Machine, name: str, reason: str, start: int) -> int:
    """The menu is there with both entries and why that one failed, and nothing counts down."""
    rows = r"^kexit-boot .*\n\n  nvme0n1\n.*The \w+ system\n.*The \w+ system\n\n"
    at = machine.wait(rf"{rows}! nvme0n1:{name}.conf: .*{reason}", bootdisk.SECONDS, start)
    at = machine.wait(MENU, bootdisk.SECONDS, at)
    assert "boots in" not in machine.serial.text[start:]
    return at


def first_sector(image: Path, path: str) -> int:
    """The sector at which a file of an ext4 begins."""
    said = subprocess.run(["debugfs", "-R", f"blocks {path}", str(image)], check=True, text=True,
                          capture_output=True).stdout
    size = subprocess.run(["dumpe2fs", "-h", str(image)], check=True, text=True, capture_output=True).stdout
    block = int(re.search(r"^Block size: +(\d+)", size, re.MULTILINE)[1])  # type: ignore[index]
    return int(said.split()[0]) * block // fsimage.SECTOR


def test_a_file_on_a_bad_block(rack: Rack) -> None:
    """The first entry's initrd cannot be read; the second one, on the same disk, boots by itself."""
    disk = two_entries(rack, "/other")
    rack.bad_sectors["both"] = first_sector(disk, "/other")
    before = rack.digests()
    with rack.machine(bootdisk.boot_image(UNATTENDED), "") as machine:
        at = fails(machine, "first", "/other.*(EIO|Input/output error)")
        boots(machine, "second", at)
    assert rack.digests() == before


@pytest.mark.long
def test_after_the_last_failure_the_menu_waits(rack: Rack) -> None:
    """The kernel refuses every image: one other entry is tried, and then a person is waited for, who is
    told why and may try again."""
    two_entries(rack)
    image = bootdisk.boot_image(UNATTENDED)
    with rack.machine(image, "sysctl.kernel.kexec_load_disabled=1") as machine:
        at = fails(machine, "first", "kexec_load_disabled")
        at = waits_in_menu(machine, "second", "kexec_load_disabled", tried(machine, "second", at - 1000))
        bootdisk.choose(machine, "The first system", at - 400)
        at = waits_in_menu(machine, "first", "kexec_load_disabled", tried(machine, "first", at))
        # Nobody but the person tried anything.
        assert machine.serial.text.count("booting The") == 3


# modprobe.d(5) runs a command in place of loading a module; kexit-boot asks for this one after the
# image is loaded and before the jump. The kernel then has nothing to jump to.
FORGETS_ITS_IMAGE = """install kexit_late /bin/busybox [ -e /run/forgot ] || \\
{ /bin/busybox touch /run/forgot; /usr/sbin/kexec -u; }
"""


def test_a_jump_that_returns(rack: Rack) -> None:
    """Everything was released: it is bound again, and the second entry boots from the same NVMe."""
    disk = two_entries(rack)
    before = rack.digests()
    files = {"etc/modprobe.d/forgets.conf": FORGETS_ITS_IMAGE.encode()}
    image = bootdisk.boot_image(UNATTENDED, programs=["kexec"], files=files)
    with rack.machine(image, "loglevel=6") as machine:
        at = machine.wait(r"kexit: [1-9]\d* released", bootdisk.SECONDS)
        at = machine.wait("nvme0n1:first.conf: the kernel did not jump: EINVAL", bootdisk.SECONDS, at)
        boots(machine, "second", at)
    assert disk.exists() and rack.digests() == before


HANGS = {"etc/modprobe.d/reviver.conf": b"options reviver remove=hang\n"}


@pytest.mark.long
def test_a_stuck_device_with_on_stuck_abort(rack: Rack) -> None:
    """remove() never returns: NVMe is bound again, its entries are read anew, the next one is tried,
    meets the same device, and the menu waits."""
    two_entries(rack)
    image = bootdisk.boot_image(UNATTENDED + "on-stuck=abort\n", own=["reviver"], files=HANGS)
    with rack.machine(image, "loglevel=6", ["e1000e,romfile="]) as machine:
        at = fails(machine, "first", r"0000:\S+: .*; a jump would hang")
        waits_in_menu(machine, "second", "a jump would hang", tried(machine, "second", at - 1000))


@pytest.mark.long
def test_a_stuck_device_is_left_to_kexit_late(rack: Rack) -> None:
    """With the module in the image the same machine boots, and the stuck device is quiet."""
    two_entries(rack)
    image = bootdisk.boot_image(UNATTENDED, own=["reviver", "kexit_late"], files=HANGS)
    with rack.machine(image, "loglevel=6", ["e1000e,romfile="]) as machine:
        boots(machine, "first", 0)


def unsigned(kernel: bytes) -> bytes:
    """Without the entry of a PE header that says where the signature is (PE format, "Optional Header
    Data Directories": the fifth, the certificate table)."""
    optional = int.from_bytes(kernel[0x3c:0x40], "little") + 24
    entry = optional + 112 + 4 * 8
    assert kernel[entry:entry + 8] != bytes(8), "Debian's kernel was signed"
    return kernel[:entry] + bytes(8) + kernel[entry + 8:]


def unified(folder: Path, kernel: bytes) -> bytes:
    """An image of systemd's stub, that kernel, and a name."""
    stub = packages.boot_system(bootdisk.ARCH) / "usr/lib/systemd/boot/efi/linuxx64.efi.stub"
    parts = {
        ".osrel": b'ID=lab\nVERSION_ID=1\nPRETTY_NAME="The unified system"\n',
        ".cmdline": bootdisk.command_line(QUIET).encode(),
        ".linux": kernel,
    }
    words: list[str] = []
    for number, (name, content) in enumerate(parts.items(), 1):
        part = folder / name.lstrip(".")
        part.write_bytes(content)
        words += ["--add-section", f"{name}={part}", "--change-section-vma", f"{name}={number * 0x4000000:#x}"]
    subprocess.run(["objcopy", *words, str(stub), str(folder / "unified.efi")], check=True)
    return (folder / "unified.efi").read_bytes()


@pytest.mark.long
def test_lockdown(rack: Rack) -> None:
    """What is not signed cannot be chosen. What is signed, by a key that this machine without UEFI does
    not know, is refused by the kernel when it is tried, and the reason says so."""
    root = rack.folder / "both"
    bootdisk.boot_files(root)
    bootdisk.type_1(root, "signed", QUIET)
    (root / "EFI/Linux").mkdir(parents=True)
    image = unified(rack.folder, unsigned((root / "vmlinuz").read_bytes()))
    (root / "EFI/Linux/unified.efi").write_bytes(image)
    rack.formatted("both", "ext4", root)
    with rack.machine(bootdisk.boot_image(UNATTENDED), "lockdown=integrity") as machine:
        at = tried(machine, "signed")
        at = machine.wait(r"The unified system \(cannot be booted: .*not signed.*locked down", bootdisk.SECONDS, at)
        machine.wait(r"^! nvme0n1:signed.conf: .*EPERM.*locked down \(integrity\)", bootdisk.SECONDS, at)
        assert "booting The unified" not in machine.serial.text
