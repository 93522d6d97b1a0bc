# SPDX-License-Identifier: GPL-2.0-or-later
"""What UEFI firmware remembers for the boot loader, as kexit-boot reads it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from lab import bootdisk, packages
from lab.bootdisk import ARCH, Rack
from lab.machine import Machine

QUIET = "lab.disks=1 lab.nics=0 lab.sounds=0"
CODE, VARIABLES = Path("/usr/share/OVMF/OVMF_CODE_4M.fd"), Path("/usr/share/OVMF/OVMF_VARS_4M.fd")
FOLDER = "/sys/firmware/efi/efivars"
DEFAULT = f"{FOLDER}/LoaderEntryDefault-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"


def variable(text: str) -> str:
    """A variable's file as printf(1) writes it: attributes, then UTF-16 with a NUL."""
    value = "".join(rf"\0{ord(c):03o}\0000" for c in text)
    return rf"\0007\0000\0000\0000{value}\0000\0000"


@pytest.mark.long
def test_what_bootctl_chose_is_known(rack: Rack) -> None:
    """systemd-boot's default lies in the firmware's memory: it comes before loader.conf's, and that memory
    is mounted read-only."""
    if not CODE.exists() or not VARIABLES.exists():
        pytest.skip("ovmf is not installed")
    root = bootdisk.tree(rack.folder, QUIET, "first")
    bootdisk.type_1(root, "second", QUIET)
    bootdisk.write(root / "loader/loader.conf", "default first.conf\n")
    rack.formatted("esp", "vfat", root)
    hardware = rack.hardware()
    memory = shutil.copy(VARIABLES, rack.folder / "variables.fd")
    hardware.option("-drive", f"if=pflash,format=raw,readonly=on,file={CODE}",
                    "-drive", f"if=pflash,format=raw,file={memory}")
    image = bootdisk.boot_image("timeout=forever\n", modules=["efivarfs"])
    with Machine(hardware, packages.kernel(ARCH, "6.1").image, image, "") as machine:
        at = machine.wait(r"^\* +\d+  The first system", bootdisk.SECONDS)
        at = machine.wait("Number or Enter: boot", bootdisk.SECONDS, at)
        machine.type("s")
        at = machine.wait("/ # ", bootdisk.SECONDS, at)
        machine.type(f"echo x >{FOLDER}/x; mount -o remount,rw {FOLDER}; printf '%b' '{variable('second.conf')}' >{DEFAULT}; exit")
        machine.wait("Read-only file system", bootdisk.SECONDS, at)
        at = machine.wait("Number or Enter: boot", bootdisk.SECONDS, at)
        machine.type("r")
        machine.wait(r"^\* +\d+  The second system", bootdisk.SECONDS, at)
