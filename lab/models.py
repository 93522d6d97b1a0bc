# SPDX-License-Identifier: GPL-2.0-or-later
"""The device models of the matrix, and the machines they share: few machines, as each is a boot.

A model's name is QEMU's id of the device, so that the monitor's answers find their row.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from lab.devices import Hardware, demo
from lab.wire import Wire

NO_DMA = "has no bus mastering: what runs in it stays in it"
SLOW = 25  # reads a second
BIG_DISK = 64 << 20  # an SD card's size must be a power of two that its registers can say


@dataclass(frozen=True)
class Model:
    """One row of the matrix."""

    name: str
    kind: str  # network, storage, usb, sound, display
    add: Callable[[Rig], None]
    note: str = ""  # what to know about the row that no run can show
    masters: bool = True  # False: it cannot write to memory, whatever it does


@dataclass
class Rig:
    """A machine's devices while they are put together, and the wires that its cards hang on."""

    hardware: Hardware
    wires: list[Wire] = field(default_factory=list)
    ports: int = 0

    def __post_init__(self) -> None:
        self.hardware.cable = self.wire

    def wire(self, name: str, number: int) -> str:
        """A Wire of the lab's own, where Hardware has QEMU's user network."""
        wire = Wire(self.hardware.folder, number)
        self.wires.append(wire)
        return wire.netdev(name)

    def port(self) -> str:
        """Where a PCI Express device goes: behind a root port where the board wants one."""
        if self.hardware.arch.name == "ppc64el":
            # Each host bridge of powernv9 has one root port, and room for one device.
            self.ports += 1
            return f"bus=pcie.{self.ports - 1}"
        return self.hardware.root_port()


def _card(device: str, module: str, *, express: bool = False) -> Callable[[Rig], None]:
    def add(rig: Rig) -> None:
        express_here = express or rig.hardware.arch.name == "ppc64el"
        bus = f"{rig.port()}," if express_here else ""
        rig.hardware.device(f"{device},id={device},{bus}romfile=,{rig.hardware.network()}", module)

    return add


def _scsi(device: str, module: str, *, express: bool = False) -> Callable[[Rig], None]:
    def add(rig: Rig) -> None:
        bus = f",{rig.port()}" if express else ""
        rig.hardware.device(f"{device},id={device}{bus}", module, "sd_mod")
        # mptsas finds no disk without a name of its own.
        name = f"wwn={0x5000_C500_4B58_0000 + rig.hardware.disks:#x}"
        rig.hardware.device(f"scsi-hd,bus={device}.0,{name},{rig.hardware.drive()}")

    return add


def _usb(device: str, *modules: str, express: bool = False) -> Callable[[Rig], None]:
    """A host controller with a storage stick; two sticks say more than a keyboard nobody types on."""

    def add(rig: Rig) -> None:
        bus = f",{rig.port()}" if express else ""
        rig.hardware.device(f"{device},id={device}{bus}", *modules, "usb_storage", "sd_mod")
        rig.hardware.device(f"usb-storage,bus={device}.0,{rig.hardware.drive()}")

    return add


def _nvme(rig: Rig) -> None:
    number = rig.hardware.disks
    rig.hardware.device(f"nvme,id=nvme,{rig.port()},serial=lab{number},{rig.hardware.drive()}", "nvme")


def _ahci(rig: Rig) -> None:
    rig.hardware.device("ich9-ahci,id=ich9-ahci", "ahci", "sd_mod")
    rig.hardware.device(f"ide-hd,bus=ich9-ahci.0,{rig.hardware.drive()}")


def _ide(rig: Rig) -> None:
    rig.hardware.device("piix3-ide,id=piix3-ide", "ata_piix", "sd_mod")
    # Slow, so that a transfer is under way at the jump: the engine runs for its time alone.
    rig.hardware.device(f"ide-hd,bus=piix3-ide.0,{rig.hardware.drive(reads=SLOW)}")


def _virtio_blk(rig: Rig) -> None:
    rig.hardware.device(f"virtio-blk-pci,id=virtio-blk,{rig.hardware.drive()}", "virtio_pci", "virtio_blk")


def _virtio_scsi(rig: Rig) -> None:
    rig.hardware.device("virtio-scsi-pci,id=virtio-scsi", "virtio_pci", "virtio_scsi", "sd_mod")
    rig.hardware.device(f"scsi-hd,bus=virtio-scsi.0,{rig.hardware.drive()}")


def _virtio_net(rig: Rig) -> None:
    rig.hardware.device(f"virtio-net-pci,id=virtio-net,romfile=,{rig.hardware.network()}", "virtio_pci", "virtio_net")


def _virtio_legacy(rig: Rig) -> None:
    rig.hardware.device(f"virtio-net-pci,id=virtio-legacy,disable-modern=on,romfile=,{rig.hardware.network()}",
                        "virtio_pci", "virtio_net")


def _sdhci(rig: Rig) -> None:
    rig.hardware.device("sdhci-pci,id=sdhci-pci", "sdhci_pci", "mmc_block")
    rig.hardware.device(f"sd-card,{rig.hardware.drive(BIG_DISK)}")


def _audio(rig: Rig) -> None:
    if not rig.hardware.sounds:
        rig.hardware.option("-audiodev", "none,id=sound")
    rig.hardware.sounds += 1
    # /dev/dsp: a player without ioctls, which a shell can be.
    rig.hardware.driver("snd_pcm_oss")


def _hda(rig: Rig) -> None:
    _audio(rig)
    # The codec's driver first: the controller's gives up where a codec has none.
    rig.hardware.device("intel-hda,id=intel-hda", "snd_hda_codec_generic", "snd_hda_intel")
    rig.hardware.device("hda-duplex,bus=intel-hda.0,audiodev=sound")


def _simple_audio(device: str, module: str) -> Callable[[Rig], None]:
    def add(rig: Rig) -> None:
        _audio(rig)
        rig.hardware.device(f"{device},id={device},audiodev=sound", module)

    return add


def _display(device: str, name: str, *modules: str) -> Callable[[Rig], None]:
    def add(rig: Rig) -> None:
        rig.hardware.device(f"{device},id={name}", *modules)

    return add


_MODELS = [
    Model("e1000", "network", _card("e1000", "e1000")),
    Model("e1000e", "network", _card("e1000e", "e1000e", express=True)),
    Model("rtl8139", "network", _card("rtl8139", "8139cp")),
    Model("tulip", "network", _card("tulip", "tulip")),
    Model("pcnet", "network", _card("pcnet", "pcnet32")),
    Model("i82559er", "network", _card("i82559er", "e100")),
    Model("vmxnet3", "network", _card("vmxnet3", "vmxnet3", express=True),
          "answers only through a command register: neither inspect nor the monitor can ask it"),
    Model("virtio-net", "network", _virtio_net),
    Model("virtio-legacy", "network", _virtio_legacy),
    Model("ne2k_pci", "network", _card("ne2k_pci", "ne2k_pci"), NO_DMA, masters=False),
    Model("nvme", "storage", _nvme),
    Model("ich9-ahci", "storage", _ahci),
    Model("piix3-ide", "storage", _ide),
    Model("virtio-blk", "storage", _virtio_blk),
    Model("virtio-scsi", "storage", _virtio_scsi),
    Model("lsi53c895a", "storage", _scsi("lsi53c895a", "sym53c8xx")),
    Model("am53c974", "storage", _scsi("am53c974", "am53c974")),
    Model("mptsas1068", "storage", _scsi("mptsas1068", "mptsas")),
    Model("megasas", "storage", _scsi("megasas", "megaraid_sas")),
    Model("pvscsi", "storage", _scsi("pvscsi", "vmw_pvscsi", express=True),
          "answers only through a command register: neither inspect nor the monitor can ask it"),
    Model("sdhci-pci", "storage", _sdhci),
    Model("qemu-xhci", "usb", _usb("qemu-xhci", "xhci_pci", express=True)),
    Model("usb-ehci", "usb", _usb("usb-ehci", "ehci_pci")),
    Model("pci-ohci", "usb", _usb("pci-ohci", "ohci_pci")),
    Model("piix3-usb-uhci", "usb", _usb("piix3-usb-uhci", "uhci_hcd")),
    Model("intel-hda", "sound", _hda),
    Model("AC97", "sound", _simple_audio("AC97", "snd_intel8x0")),
    Model("ES1370", "sound", _simple_audio("ES1370", "snd_ens1370")),
    Model("bochs-display", "display", _display("bochs-display", "bochs-display", "bochs"), NO_DMA,
          masters=False),
    Model("virtio-gpu", "display", _display("virtio-gpu-pci", "virtio-gpu", "virtio_pci", "virtio_gpu")),
]
MODELS: dict[str, Model] = {model.name: model for model in _MODELS}


@dataclass(frozen=True)
class MachineKind:
    """Models that share a machine, and what differs from a plain one."""

    models: tuple[str, ...]
    work: bool = True  # disks are read and sound plays at the jump
    iommu: bool = False  # an Intel IOMMU translates until the first kernel turns it off
    arch: str = "amd64"
    exec_options: str = ""  # to kexit exec
    next: str | None = None  # the next kernel; None: the same again
    devices: Callable[[Hardware], None] | None = None  # all of them, where the models are only some
    what: str = ""


_NICS = ("e1000", "e1000e", "rtl8139", "tulip", "pcnet", "i82559er", "vmxnet3", "virtio-net",
         "virtio-legacy", "ne2k_pci")
_STORAGE = ("nvme", "ich9-ahci", "piix3-ide", "virtio-blk", "virtio-scsi", "sdhci-pci", "lsi53c895a",
            "am53c974", "mptsas1068", "megasas", "pvscsi")
_USB = ("qemu-xhci", "usb-ehci", "pci-ohci", "piix3-usb-uhci")
_SOUND = ("intel-hda", "AC97", "ES1370")
_DISPLAY = ("bochs-display", "virtio-gpu")

# For ./check and ./demo; the others are the matrix.
APART = ("quick", "demo")
MACHINES: dict[str, MachineKind] = {
    "quick": MachineKind(("e1000e", "rtl8139", "tulip", "nvme"),
                         what="three network cards under traffic and a disk being read"),
    "demo": MachineKind(
        ("virtio-net", "e1000e", "rtl8139", "tulip", "virtio-blk", "qemu-xhci", "intel-hda"), devices=demo,
        what="the devices of ./demo: frames pouring in, disks and a USB stick being read, sound playing"),
    "nics": MachineKind(_NICS, what="network cards, frames pouring in"),
    "storage": MachineKind(_STORAGE, what="disks being read"),
    "desktop": MachineKind(
        (*_USB, *_SOUND, *_DISPLAY),
        what="USB sticks being read; sound cards playing with their mixers open, as a sound server has them "
             "(in use: kexit leaves them); displays (kexit leaves them)"),
    "desktop-idle": MachineKind(
        (*_SOUND, *_DISPLAY), work=False, exec_options="--release=pci:03*",
        what="sound cards that are not in use; displays, which kexit is told to release "
             "(`kexit exec --release 'pci:03*'`)"),
    "iommu": MachineKind(("e1000e", "rtl8139", "tulip", "nvme", "ich9-ahci"), iommu=True,
                         what="behind an Intel IOMMU that translates (intel_iommu=on)"),
    "virtio": MachineKind(
        ("virtio-net", "virtio-blk", "virtio-scsi", "virtio-gpu"), next="6.1",
        what="virtio, always with 6.1 as the next kernel, whose virtio driver is a module: 6.12's is "
             "built in and takes its devices before anybody can look"),
    "powernv9": MachineKind(("e1000e", "nvme", "qemu-xhci"), arch="ppc64el",
                            what="skiboot and PowerPC's host bridges"),
    "arm64": MachineKind(("e1000e", "e1000", "rtl8139", "nvme", "qemu-xhci"), arch="arm64",
                         what="QEMU's virt board"),
}


def build(kind: MachineKind, hardware: Hardware) -> Rig:
    """Put the machine's devices together in hardware."""
    rig = Rig(hardware)
    if kind.iommu:
        hardware.option("-device", "intel-iommu")
    if kind.devices:
        kind.devices(hardware)
    else:
        for name in kind.models:
            MODELS[name].add(rig)
    return rig
