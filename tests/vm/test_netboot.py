# SPDX-License-Identifier: GPL-2.0-or-later
"""A boot image from the network, as doc/BOOT.md tells, and on to what is on the machine's disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab import bootdisk, mkboot, packages
from lab.arch import ARCHES
from lab.bootdisk import Rack
from lab.devices import Hardware
from lab.machine import Machine
from lab.mkboot import Image

ARCH = ARCHES["amd64"]
SERVER = "10.0.2.2"  # of QEMU's user network, with a TFTP server in it
CARD_ROM = Path("/usr/lib/ipxe/qemu/efi-virtio.rom")
APPEND = f"console={ARCH.console} loglevel=4 panic=-1"
SCRIPT = f"""#!ipxe
kernel tftp://{SERVER}/kexit/vmlinuz {APPEND}
initrd tftp://{SERVER}/kexit/initramfs.img
boot
"""


@pytest.mark.long
def test_from_the_network_to_the_disks_kernel(rack: Rack) -> None:
    """SeaBIOS, iPXE in the card's ROM, and a script that DHCP names; QEMU is given no kernel."""
    if not CARD_ROM.exists():
        pytest.skip(f"{CARD_ROM} is not there: ipxe-qemu is not installed")
    server = rack.folder / "tftp"
    server.mkdir()
    (server / "boot.ipxe").write_text(SCRIPT)
    image = Image(classes="storage,fs", programs="none", settings="menu=lines\ntimeout=0\n", compress="zstd")
    mkboot.make(packages.kernel(ARCH, "6.1"), image, rack.folder / "image", "--output", str(server / "kexit"))
    disk = rack.disk("hello", "lab.disks=0 lab.nics=0 lab.sounds=0")
    hardware = Hardware(ARCH, rack.folder)
    hardware.option("-netdev", f"user,id=net,tftp={server},bootfile=boot.ipxe")
    hardware.device("virtio-net-pci,netdev=net,bootindex=0")
    hardware.option("-drive", f"if=none,id=disk,format=raw,snapshot=on,file={disk}")
    hardware.device("nvme,serial=hello,drive=disk")
    with Machine(hardware) as machine:
        machine.wait("booting The hello system", 4 * ARCH.boot_seconds)
        bootdisk.arrived(machine)
