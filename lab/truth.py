# SPDX-License-Identifier: GPL-2.0-or-later
"""The hardware's state as QEMU's monitor tells it from outside, and where kexit's inspect differs.

Nothing here passes through kexit's code or the guest's kernel: BAR addresses come from QEMU, and the
offsets are those of QEMU's own device models. The machine is stopped meanwhile, so both look at one
and the same state.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from lab.qmp import Monitor

COMMAND = 0x04  # of PCI config space
COMMAND_MASTER = 0x0004
COMMAND_INTX_OFF = 0x0400
STATUS = 0x06
STATUS_INTX = 0x0008
# Where each board shows config space in memory (q35: PCIEXBAR as SeaBIOS sets it). None of it on
# powernv9: there QEMU's own memory tree tells whether a device reaches memory.
ECAM = {"amd64": 0xB000_0000, "arm64": 0x40_1000_0000, "ppc64el": None}


@dataclass(frozen=True)
class Register:
    """One register; its name is inspect's, where inspect reads it."""

    name: str
    bar: int
    offset: int
    width: int
    running: Callable[[int], bool] | None = None  # None: compared, no sign of life
    volatile: int = 0  # bits that move by themselves while the engine runs
    index: tuple[int, int] | None = None  # it shows when the port at [0] holds [1]; put back after


def _any(mask: int) -> Callable[[int], bool]:
    return lambda value: bool(value & mask)


def _all(mask: int, match: int) -> Callable[[int], bool]:
    return lambda value: value & mask == match


_INTEL_NIC = (
    Register("RCTL", 0, 0x100, 4, _any(0x2)),
    Register("TCTL", 0, 0x400, 4, _any(0x2)),
    Register("IMS", 0, 0xD0, 4),
)
_SCSI_STATES = {"mpt": _all(0xF000_0000, 0x2000_0000), "mega": _all(0xF000_0000, 0xC000_0000)}
_VIRTIO = (Register("status", 4, 0x14, 1, _any(0x04)),)

# By model. A model that is not here has nothing to read without changing it; models.py says why.
REGISTERS: dict[str, tuple[Register, ...]] = {
    "e1000": _INTEL_NIC,
    "e1000e": _INTEL_NIC,
    "rtl8139": (Register("CR", 1, 0x37, 1, _any(0x0C)), Register("IMR", 1, 0x3C, 2)),
    # The process states move between waiting and working; not stopped is what counts.
    "tulip": (Register("CSR5", 1, 0x28, 4, _any(0x007E_0000), volatile=0xFFFF_FFFF),
              Register("CSR6", 1, 0x30, 4, _any(0x2002))),
    "i82559er": (Register("SCB RU", 0, 0x00, 2, _all(0x3C, 0x10), volatile=0xFF00),
                 Register("SCB CU", 0, 0x00, 2, _any(0x80), volatile=0xFF00)),
    # Not stopped is running: in the model STOP leaves the transmitter's bit. In the 16-bit mode of
    # its ports, which pcnet32 uses (Am79C970A datasheet, CSR0).
    "pcnet": (Register("CSR0", 0, 0x10, 2, _all(0x04, 0), index=(0x12, 0)),),
    "virtio-net": _VIRTIO,
    "virtio-legacy": (Register("status", 0, 0x12, 1, _any(0x04)),),
    # Not stopped is running: the model forgets the start bit at the next command.
    "ne2k_pci": (Register("CR", 0, 0x00, 1, _all(0x01, 0)),),
    "nvme": (Register("CC", 0, 0x14, 4), Register("CSTS", 0, 0x1C, 4)),
    "ich9-ahci": (Register("GHC", 5, 0x04, 4), Register("PI", 5, 0x0C, 4),
                  *(Register(f"P{port}CMD", 5, 0x118 + 0x80 * port, 4, _any(0xC000))
                    for port in range(6))),
    "piix3-ide": (Register("BMISP", 4, 0x02, 1, _any(0x01)), Register("BMISS", 4, 0x0A, 1, _any(0x01))),
    "virtio-blk": _VIRTIO,
    "virtio-scsi": _VIRTIO,
    "lsi53c895a": (Register("ISTAT0", 1, 0x14, 1), Register("ISTAT1", 1, 0x15, 1, _any(0x02))),
    "am53c974": (Register("DMA CMD", 0, 0x40, 4, _all(0x03, 0x03)),),
    "mptsas1068": (Register("DOORBELL", 1, 0x00, 4, _SCSI_STATES["mpt"]),),
    "megasas": (Register("OSP0", 0, 0xB0, 4, _SCSI_STATES["mega"]),),
    "sdhci-pci": (Register("PRESENT", 0, 0x24, 4), Register("TRANSFER", 0, 0x0C, 2)),
    "qemu-xhci": (Register("CAPLENGTH", 0, 0x00, 4), Register("USBCMD", 0, 0x40, 4), Register("USBSTS", 0, 0x44, 4, _all(0x01, 0),
                                                              volatile=0xFFFF_FFFE)),
    "usb-ehci": (Register("CAPLENGTH", 0, 0x00, 4), Register("USBCMD", 0, 0x20, 4), Register("USBSTS", 0, 0x24, 4, _all(0x1000, 0),
                                                             volatile=0xFFFF_EFFF)),
    "pci-ohci": (Register("HcControl", 0, 0x04, 4, _all(0xC0, 0x80)),),
    "piix3-usb-uhci": (Register("USBCMD", 4, 0x00, 2), Register("USBSTS", 4, 0x02, 2, _all(0x20, 0),
                                                                   volatile=0xFFDF)),
    "intel-hda": (Register("GCAP", 0, 0x00, 2), Register("GCTL", 0, 0x08, 4),
                  Register("CORBCTL", 0, 0x4C, 1, _any(0x02)),
                  Register("RIRBCTL", 0, 0x5C, 1, _any(0x02)),
                  *(Register(f"SD{n}CTL", 0, 0x80 + 0x20 * n, 4, _any(0x02)) for n in range(8))),
    "AC97": tuple(Register(f"{box}_{name}", 1, base + offset, width)
                  for base, box in ((0x00, "PI"), (0x10, "PO"), (0x20, "MC"))
                  for name, offset, width in (("CR", 0x0B, 1), ("SR", 0x06, 2))),
    "ES1370": (Register("CONTROL", 0, 0x00, 4, _any(0x70)),),
    "virtio-gpu": _VIRTIO,
}


def _nvme(values: dict[str, int]) -> bool:
    return bool((values["CC"] | values["CSTS"]) & 1) and values["CSTS"] & 0xC != 0x8


def _sdhci(values: dict[str, int]) -> bool:
    return bool(values["PRESENT"] & 0x300) and bool(values["TRANSFER"] & 1)


# Where the hardware keeps the addresses of its rings in memory: BAR and offsets. A canary's changed
# page tells by them whose it is.
RINGS: dict[str, tuple[int, tuple[int, ...]]] = {
    "e1000": (0, (0x2800, 0x3800)),
    "e1000e": (0, (0x2800, 0x3800)),
    "rtl8139": (1, (0xE4, 0x20)),
    "tulip": (1, (0x18, 0x20)),
    "nvme": (0, (0x28, 0x30)),
    "pci-ohci": (0, (0x18,)),
    "piix3-usb-uhci": (4, (0x08,)),
}


def _ac97(values: dict[str, int]) -> bool:
    """Started, and not halted for want of buffers."""
    return any(values[f"{box}_CR"] & 1 and not values[f"{box}_SR"] & 1 for box in ("PI", "PO", "MC"))


# Models whose state takes two registers together.
TOGETHER: dict[str, Callable[[dict[str, int]], bool]] = {
    "nvme": _nvme, "sdhci-pci": _sdhci, "AC97": _ac97,
}


@dataclass
class Truth:
    """One function as seen from outside."""

    address: str
    master: bool | None  # None where the board shows no config space
    values: dict[str, int]
    running: bool | None  # None: nothing can be read without changing it
    rings: list[int]  # physical addresses, by its registers
    silent: str | None = None  # the register that did not answer
    drowns: bool = False  # INTx is asserted and not disabled: the next kernel would drown in it

    @property
    def state(self) -> str:
        """In inspect's words."""
        if self.silent:
            return "unreadable"
        if self.drowns:
            return "live"
        if self.running is None:
            return "unknown"
        if not self.running:
            return "quiet"
        return "masked" if self.master is False else "live"


@dataclass(frozen=True)
class Place:
    """Where Linux has a function, on boards where PCI's addresses are not the processor's."""

    address: str
    bars: dict[int, int]


class Outside:
    """Reads registers through the monitor. Context manager: the machine stands still inside, unless it
    shall go on: QEMU ends its disks' transfers before it stands, and those can then not be seen."""

    def __init__(self, monitor: Monitor, arch: str, still: bool = True) -> None:
        self._monitor = monitor
        self._still = still
        self._ecam = ECAM[arch]
        # PCI is little-endian; the monitor shows memory as the board's processor comes out of reset.
        self._swap = arch == "ppc64el"

    def __enter__(self) -> Outside:
        if self._still:
            self._monitor.command("stop")
        return self

    def __exit__(self, *_: object) -> None:
        if self._still:
            self._monitor.command("cont")

    def _ask(self, line: str) -> int | None:
        said = self._monitor.command("human-monitor-command", **{"command-line": line})
        found = re.search(r"[:=]\s*0x([0-9a-f]+)\s*$", said)
        return int(found[1], 16) if found else None

    def memory(self, address: int, width: int) -> int | None:
        value = self._ask(f"xp /1x{' bh w'[width]} {address:#x}")
        if value is None or not self._swap:
            return value
        return int.from_bytes(value.to_bytes(width, "big"), "little")

    def port(self, address: int, width: int) -> int | None:
        return self._ask(f"i /{' bh w'[width]} {address:#x}")

    def functions(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """QEMU's id of each PCI device that has one, and what QEMU knows about it."""

        def walk(bus: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
            for device in bus["devices"]:
                if device["qdev_id"]:
                    yield device["qdev_id"], device
                if "pci_bridge" in device:
                    yield from walk(device["pci_bridge"])

        for bus in self._monitor.command("query-pci"):
            yield from walk(bus)

    def _reaches_memory(self, model: str) -> bool | None:
        """Does QEMU map memory into the space the device masters? Spaces go by the kind of device, and
        a kind that the machine has twice is not told apart."""
        said = self._monitor.command("human-monitor-command", **{"command-line": "info mtree"})
        spaces = re.findall(rf"^address-space: {re.escape(model)}\r?\n((?: .*\n)*)", said, re.MULTILINE)
        return "alias bus master @" in spaces[0] if len(spaces) == 1 else None

    def _config(self, device: dict[str, Any], offset: int) -> int | None:
        """16 bits of a function's config space; None where the board shows none."""
        if self._ecam is None:
            return None
        where = device["bus"] << 20 | device["slot"] << 15 | device["function"] << 12
        return self.memory(self._ecam + where + offset, 2)

    def _master(self, model: str, device: dict[str, Any]) -> bool | None:
        if self._ecam is None:
            return self._reaches_memory(model)
        command = self._config(device, COMMAND)
        return None if command is None else bool(command & COMMAND_MASTER)

    def _drowns(self, device: dict[str, Any]) -> bool:
        """PCIe 6.0 7.5.1.1.3 and 7.5.1.1.4: Interrupt Status is set, Interrupt Disable is not."""
        command, status = self._config(device, COMMAND), self._config(device, STATUS)
        return bool(status and status & STATUS_INTX and not (command or 0) & COMMAND_INTX_OFF)

    def _set_port(self, address: int, width: int, value: int) -> None:
        line = f"o /{' bh w'[width]} {address:#x} {value:#x}"
        self._monitor.command("human-monitor-command", **{"command-line": line})

    def _read(self, device: dict[str, Any], register: Register, place: Place | None) -> int | None:
        region = next((r for r in device["regions"] if r["bar"] == register.bar), None)
        if region is None:
            return None
        base = place.bars[register.bar] if place else region["address"]
        read = self.port if region["type"] == "io" else self.memory
        if not register.index:
            return read(base + register.offset, register.width)
        at, value = base + register.index[0], register.index[1]
        before = self.port(at, 2)
        self._set_port(at, 2, value)
        try:
            return read(base + register.offset, register.width)
        finally:
            self._set_port(at, 2, before or 0)

    def _rings(self, model: str, device: dict[str, Any], place: Place | None) -> list[int]:
        bar, offsets = RINGS.get(model, (0, ()))
        values = [self._read(device, Register("ring", bar, offset, 4), place) for offset in offsets]
        return [value for value in values if value]

    def look(self, model: str, device: dict[str, Any], place: Place | None = None) -> Truth:
        """One function; not one behind_index() in a machine that goes on. Where its decoding is off no
        register is to be found, and the truth says so."""
        address = f"0000:{device['bus']:02x}:{device['slot']:02x}.{device['function']:x}"
        if place:
            address = place.address
        values: dict[str, int] = {}
        for register in REGISTERS.get(model, ()):
            value = self._read(device, register, place)
            if value is None:
                return Truth(address, self._master(model, device), {}, None, [], silent=register.name)
            values[register.name] = value
        return Truth(address, self._master(model, device), values, _running(model, values),
                     self._rings(model, device, place), drowns=self._drowns(device))


def behind_index(model: str) -> bool:
    """Must the monitor write to read it? Then nobody else may be at it."""
    return any(register.index for register in REGISTERS.get(model, ()))


def _running(model: str, values: dict[str, int]) -> bool | None:
    if model in TOGETHER:
        return TOGETHER[model](values)
    registers = REGISTERS.get(model)
    if not registers:
        return None
    return any(r.running(values[r.name]) for r in registers if r.running)


def disagreements(model: str, truth: Truth, function: dict[str, Any]) -> list[str]:
    """Where inspect's word on a function is not what the monitor sees. Empty: they agree."""
    where = f"{model} {truth.address}"
    wrong = []
    if truth.master is not None and truth.master != function["bus_master"]:
        wrong.append(f"{where}: Bus Master: monitor {truth.master}, inspect {function['bus_master']}")
    # What inspect does not claim to know cannot be wrong.
    if function["verdict"] not in ("live", "masked", "quiet"):
        return wrong
    if (truth.running is not None or truth.silent) and truth.state != function["verdict"]:
        seen = truth.silent or " ".join(f"{name}={value:#x}" for name, value in truth.values.items())
        wrong.append(f"{where}: monitor {truth.state} ({seen}), inspect {function['verdict']}")
    volatile = {register.name: register.volatile for register in REGISTERS.get(model, ())}
    for reading in function["readings"]:
        name, value = reading["name"], int(reading["value"], 16)
        if name in truth.values and (truth.values[name] ^ value) & ~volatile[name]:
            wrong.append(f"{where}: {name}: monitor {truth.values[name]:#x}, inspect {value:#x}")
    return wrong
