# SPDX-License-Identifier: GPL-2.0-or-later
"""What differs between the architectures the lab can boot, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, eq=False)  # compared by identity: one object an architecture
class Arch:
    """One architecture, under Debian's name for it."""

    name: str
    triplet: str  # of Debian's library folders
    flavour: str  # of tools/build, for a static kexit
    qemu: str
    board: tuple[str, ...]  # machine type, memory, CPUs
    console: str  # as the kernel names it
    kernels: dict[str, str]  # label -> Debian package that depends on the newest such kernel
    boot_seconds: float  # generous: until the init script speaks, emulated on a busy machine
    # Of a certain age, for what newer ones do otherwise: label -> the very package. Fetched when asked
    # for; Debian drops it one day.
    older: dict[str, str] = field(default_factory=dict)
    # Of another Debian: label -> the suite whose newest kernel it is. Fetched when asked for; the suite
    # has another one some day.
    newest: dict[str, str] = field(default_factory=dict)

    @property
    def labels(self) -> list[str]:
        """Every kernel but those of a certain age."""
        return [*self.kernels, *self.newest]


ARCHES: dict[str, Arch] = {
    arch.name: arch
    for arch in (
        Arch(
            name="amd64",
            triplet="x86_64-linux-gnu",
            flavour="static",
            qemu="qemu-system-x86_64",
            board=("-nodefaults", "-machine", "q35", "-m", "1024", "-smp", "2"),
            console="ttyS0,115200",
            kernels={"6.1": "linux-image-amd64", "6.12": "linux-image-6.12-amd64"},
            boot_seconds=90,
            older={"6.1.176": "linux-image-6.1.0-50-amd64"},
            newest={"7.3": "trixie-backports"},
        ),
        Arch(
            name="ppc64el",
            triplet="powerpc64le-linux-gnu",
            flavour="ppc64le",
            qemu="qemu-system-ppc64",
            # -nodefaults would take the PCI host bridges away too.
            board=("-vga", "none", "-net", "none", "-monitor", "none",
                   "-machine", "powernv9", "-m", "2048", "-smp", "2"),
            console="hvc0",
            kernels={"6.1": "linux-image-powerpc64le"},
            boot_seconds=240,
        ),
        Arch(
            name="arm64",
            triplet="aarch64-linux-gnu",
            flavour="aarch64",
            qemu="qemu-system-aarch64",
            board=("-nodefaults", "-machine", "virt", "-cpu", "cortex-a72", "-m", "1024", "-smp", "2"),
            console="ttyAMA0",
            kernels={"6.1": "linux-image-arm64"},
            boot_seconds=180,
        ),
    )
}
