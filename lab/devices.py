# SPDX-License-Identifier: GPL-2.0-or-later
"""Named sets of hardware: what to tell QEMU, and which drivers the guest needs for it."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

from lab.arch import Arch

DISK_BYTES = 1 << 20


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens at now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def user_network(name: str, number: int) -> str:
    """QEMU's own network 10.0.N.0/24, with a gateway that answers when it is spoken to."""
    return f"user,id={name},net=10.0.{2 + number}.0/24"


class Hardware:
    """The devices of one machine while they are being put together. Disk images go into folder."""

    def __init__(self, arch: Arch, folder: Path) -> None:
        self.arch = arch
        self.folder = folder
        self.arguments: list[str] = []
        self.modules: list[str] = []
        self.disks = 0
        self.nics = 0
        self.sounds = 0
        # What a card hangs on: (QEMU's name for it, the card's number) -> -netdev's argument.
        self.cable: Callable[[str, int], str] = user_network
        self._ports = 0

    def device(self, description: str, *modules: str) -> None:
        """A device as QEMU's -device takes it, and its drivers' modules."""
        self.arguments += ["-device", description]
        self.driver(*modules)

    def driver(self, *modules: str) -> None:
        self.modules += [name for name in modules if name not in self.modules]

    def option(self, *words: str) -> None:
        self.arguments += words

    def image(self, size: int = DISK_BYTES) -> Path:
        """A new disk image whose first line the guest's check_disks knows."""
        path = self.folder / f"disk{self.disks}.img"
        with open(path, "wb") as image:
            image.write(f"kexit-lab disk {self.disks}\n".encode())
            image.truncate(size)
        return path

    def drive(self, size: int = DISK_BYTES, reads: int = 0) -> str:
        """A new drive; returns 'drive=ID' for the device that takes it. reads: at most so many a second."""
        name = f"d{self.disks}"
        limit = f",throttling.iops-read={reads}" if reads else ""
        self.option("-drive", f"if=none,id={name},format=raw,cache=unsafe,file={self.image(size)}{limit}")
        self.disks += 1
        return f"drive={name}"

    def network(self) -> str:
        """A new cable; returns 'netdev=ID,mac=...' for the card that hangs on it."""
        name = f"n{self.nics}"
        self.option("-netdev", self.cable(name, self.nics))
        address = f"52:54:00:4b:58:{self.nics:02x}"
        self.nics += 1
        return f"netdev={name},mac={address}"

    def root_port(self) -> str:
        """A PCIe root port that has nothing on it yet, in whatever way the architecture has PCI; returns 'bus=ID'.

        A new one, eight to a slot from slot 0x10 on. Its speed is 5 GT/s: with QEMU's default the kernel
        waits seconds for a link after a reset.
        """
        number, self._ports = self._ports, self._ports + 1
        if self.arch.name == "ppc64el":
            # powernv9 has a root port of its own in each of its host bridges.
            return f"bus=pcie.{number}"
        slot, function = 0x10 + number // 8, number % 8
        first = ",multifunction=on" if function == 0 else ""
        self.device(
            f"pcie-root-port,id=rp{number},bus=pcie.0,addr={slot:#x}.{function}{first},"
            f"chassis={number + 1},slot={number + 1},x-speed=5"
        )
        return f"bus=rp{number}"

    def ports(self, count: int) -> list[str]:
        """'bus=ID' of so many ports for one device each."""
        return [self.root_port() for _ in range(count)]

    def nvme(self, bus: str) -> None:
        number = self.disks
        self.device(f"nvme,{bus},serial=lab{number},{self.drive()}", "nvme")


def _nvme_behind_ports(hardware: Hardware, count: int) -> None:
    for _ in range(count):
        hardware.nvme(hardware.root_port())


def _usb(hardware: Hardware, controller: str) -> None:
    """xHCI with a keyboard and a storage stick."""
    hardware.device(f"qemu-xhci,id=qemu-xhci,{controller}", "xhci_pci", "usbhid", "hid_generic",
                    "usb_storage", "sd_mod")
    hardware.device("usb-kbd,bus=qemu-xhci.0")
    hardware.device(f"usb-storage,bus=qemu-xhci.0,{hardware.drive()}")


def _cards(hardware: Hardware) -> None:
    hardware.device(f"e1000e,id=e1000e,{hardware.root_port()},romfile=,{hardware.network()}", "e1000e")
    hardware.device(f"rtl8139,id=rtl8139,romfile=,{hardware.network()}", "8139cp")
    hardware.device(f"tulip,id=tulip,romfile=,{hardware.network()}", "tulip")


def _sound(hardware: Hardware) -> None:
    hardware.sounds += 1
    hardware.option("-audiodev", "none,id=sound")
    # The codec's driver first: the controller's gives up where a codec has none.
    hardware.device("intel-hda,id=intel-hda", "snd_hda_codec_generic", "snd_hda_intel")
    hardware.device("hda-duplex,bus=intel-hda.0,audiodev=sound")
    hardware.driver("snd_pcm_oss")  # /dev/dsp: a player without ioctls, which a shell can be


def mixed(hardware: Hardware) -> None:
    """One of each kind whose remove() and shutdown() cost differently."""
    _nvme_behind_ports(hardware, 1)
    hardware.device(f"ide-hd,bus=ide.0,{hardware.drive()}", "ahci", "sd_mod")
    _cards(hardware)
    _usb(hardware, hardware.root_port())
    _sound(hardware)


def demo(hardware: Hardware) -> None:
    """A PC with something of everything: the devices of ./demo. Those of lab.models bear their names."""
    _nvme_behind_ports(hardware, 4)
    hardware.device(f"ide-hd,bus=ide.0,{hardware.drive()}", "ahci", "sd_mod")
    hardware.device(f"virtio-blk-pci,id=virtio-blk,{hardware.drive()}", "virtio_pci", "virtio_blk")
    hardware.device(f"virtio-net-pci,id=virtio-net,romfile=,{hardware.network()}", "virtio_net")
    _cards(hardware)
    _usb(hardware, hardware.root_port())
    _sound(hardware)
    hardware.device("i6300esb", "i6300esb")


def nvme16(hardware: Hardware) -> None:
    _nvme_behind_ports(hardware, 16)


def nvme64(hardware: Hardware) -> None:
    _nvme_behind_ports(hardware, 64)


def small(hardware: Hardware) -> None:
    """A disk, a network card and USB."""
    ports = hardware.ports(3)
    hardware.nvme(ports[0])
    hardware.device(f"e1000e,{ports[1]},romfile=,{hardware.network()}", "e1000e")
    _usb(hardware, ports[2])


SETS: dict[str, Callable[[Hardware], None]] = {
    "demo": demo,
    "mixed": mixed,
    "nvme16": nvme16,
    "nvme64": nvme64,
    "small": small,
}
