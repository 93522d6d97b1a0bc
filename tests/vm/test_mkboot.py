# SPDX-License-Identifier: GPL-2.0-or-later
"""Images of kexit-mkboot: what they weigh, that they are made alike, and that firmware starts them."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import pytest

from lab import mkboot, packages
from lab.arch import ARCHES, Arch
from lab.devices import Hardware
from lab.machine import Machine
from lab.mkboot import Image

MIB = 1 << 20
HELLO = """#!/bin/sh
mount -t proc proc /proc
mount -t sysfs sysfs /sys
echo "@@ hello $(uname -m) $(cat /proc/cmdline)"
for program in "kexit --version" "kexec --version" "lvm version" "mdadm --version"; do
    $program >/run/said 2>&1 && echo "@@ runs ${program% *}" || cat /run/said
done
modprobe nvme && modprobe raid1 && modprobe xhci_pci && echo "@@ modules"
# No file system is there: the kernel looks for a driver all the same, by its /sbin/modprobe.
mount -t erofs none /mnt 2>/run/said
grep -q erofs /proc/filesystems && echo "@@ kernel asked" || cat /run/said
poweroff -f
"""


class Bench:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def make(self, arch: Arch, image: Image, *outputs: str) -> dict[str, Any]:
        return mkboot.make(packages.kernel(arch, "6.1"), image, self.folder / "image", *outputs)

    def greet(self, hardware: Hardware, pattern: str) -> None:
        """The machine starts by its own firmware, and its init finds what it needs."""
        arch = hardware.arch
        with Machine(hardware) as machine:
            at = machine.wait(f"^@@ hello {pattern}", 3 * arch.boot_seconds)
            machine.wait("^@@ modules", arch.boot_seconds, at)
            machine.wait("^@@ kernel asked", arch.boot_seconds, at)
            runs = re.findall(r"^@@ runs (\S+)", machine.serial.text, re.MULTILINE)
        assert runs == ["kexit", "kexec", "lvm", "mdadm"]


@pytest.fixture
def bench(folder: Path) -> Bench:
    return Bench(folder)


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize(("classes", "programs", "most"), [
    ("none", "none", 3 * MIB),
    ("none", "lvm,mdadm", 5 * MIB),
    pytest.param("", "lvm,mdadm", 12 * MIB, marks=pytest.mark.long),
])
def test_what_it_weighs(bench: Bench, classes: str, programs: str, most: int) -> None:
    """With kexit-boot: the base, then LVM and md, then Debian's storage, USB and file system modules."""
    made = bench.make(ARCHES["amd64"], Image(classes=classes, programs=programs), "--output",
                      str(bench.folder / "out"))
    assert made["compressed_bytes"] < most
    assert (made["modules"] > 200) == (not classes)
    # libcrypto's and libgcrypt's stand-ins took their places, and what only these want stayed out.
    assert not [file["path"] for file in made["files"] if "libgpg-error" in file["path"]]
    assert all(file["bytes"] < 20000 for file in made["files"] if re.search(r"libcrypto|libgcrypt", file["path"]))


def test_the_same_input_gives_the_same_bytes(bench: Bench) -> None:
    """Modules, programs and the unified image; in two folders, a moment apart."""
    image = Image(classes="usb", programs="none", compress="zstd", append="console=ttyS0")
    digests = []
    for name in ("one", "two"):
        uki = bench.folder / f"{name}.efi"
        bench.make(ARCHES["amd64"], image, "--output", str(bench.folder / name), "--uki", str(uki))
        digests.append([digest(uki), digest(bench.folder / name / "initramfs.img")])
    assert digests[0] == digests[1]


def test_powernv_starts_from_flash(bench: Bench) -> None:
    """skiboot finds BOOTKERNEL in 16 MiB, the wrapper unpacks the kernel: no -kernel, no -initrd."""
    arch = ARCHES["ppc64el"]
    flash = bench.folder / "pnor.img"
    image = Image(init=HELLO, append=f"console={arch.console} loglevel=4 panic=-1")
    made = bench.make(arch, image, "--flash", str(flash), "--bootkernel", str(bench.folder / "bootkernel"))
    sizes = {output["kind"]: output["bytes"] for output in made["outputs"]}
    assert sizes["bootkernel"] < 16 * MIB
    hardware = Hardware(arch, bench.folder)
    hardware.option("-drive", f"if=mtd,format=raw,file={flash}")
    bench.greet(hardware, f"ppc64le console={arch.console}")


@pytest.mark.parametrize("suite", [pytest.param("bookworm", marks=pytest.mark.long), "trixie"])
def test_uefi_starts_the_unified_image(bench: Bench, suite: str) -> None:
    """OVMF takes EFI/BOOT/BOOTX64.EFI of a FAT disk: systemd's stub, the kernel, our init. Debian 12's
    stub (systemd 252) is linked for address 0, Debian 13's (257) for another."""
    arch = ARCHES["amd64"]
    firmware = Path("/usr/share/OVMF/OVMF_CODE_4M.fd")
    if not firmware.exists():
        pytest.skip("ovmf is not installed")
    esp = bench.folder / "esp" / "EFI" / "BOOT"
    esp.mkdir(parents=True)
    stub = packages.efi_stubs(arch, suite) / "linuxx64.efi.stub"
    image = Image(init=HELLO, append=f"console={arch.console} loglevel=4 panic=-1", compress="zstd",
                  options=["--stub", str(stub)])
    bench.make(arch, image, "--uki", str(esp / "BOOTX64.EFI"))
    hardware = Hardware(arch, bench.folder)
    hardware.option("-drive", f"if=pflash,format=raw,readonly=on,file={firmware}")
    hardware.option("-drive", f"if=none,id=esp,format=raw,readonly=on,file=fat:{bench.folder / 'esp'}")
    hardware.device("virtio-blk-pci,drive=esp")
    bench.greet(hardware, f"x86_64 console={arch.console}")
