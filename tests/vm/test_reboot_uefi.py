# SPDX-License-Identifier: GPL-2.0-or-later
"""A Debian that UEFI firmware and a boot loader start: `kexit reboot` boots the entry that they would.

The oracle is the boot loader itself: firmware starts the machine, and each entry has a word of its own.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from lab import packages
from lab.arch import ARCHES
from lab.debian import run
from lab.devices import Hardware
from lab.errors import Unavailable
from lab.installed import OPTIONS, Installed, ask, assert_clean, initrd_with, jumps
from lab.machine import Machine

pytestmark = pytest.mark.long

CODE, VARIABLES = Path("/usr/share/OVMF/OVMF_CODE_4M.fd"), Path("/usr/share/OVMF/OVMF_VARS_4M.fd")
ESP_BYTES = 256 << 20
ARCH = ARCHES["amd64"]
FSTAB = "/dev/nvme0n1p1 / ext4 defaults 0 1\n/dev/nvme0n1p2 /boot/efi vfat umask=0077 0 2\n"
VENDOR = "4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"
DEFAULT = f"/sys/firmware/efi/efivars/LoaderEntryDefault-{VENDOR}"
GRUB_MODULES = ["part_gpt", "fat", "ext2", "normal", "linux", "configfile", "loadenv", "echo", "test", "search"]
GRUB_CFG = """if [ -s $prefix/grubenv ]; then
	load_env
fi
set default="${saved_entry}"
set timeout=1
"""


class Firmware(Installed):
    """The root disk has an EFI system partition behind the root file system; QEMU starts firmware alone."""

    def __init__(self, folder: Path, esp: Path, **options: object) -> None:
        """esp: what its partition has, made by prepare."""
        if not CODE.exists() or not VARIABLES.exists():
            raise Unavailable("ovmf is not installed")
        extra = {"etc/fstab": FSTAB, "boot/efi/.here": "", **initrd_with("nvme")}
        super().__init__(folder, "trixie", extra, crosses=True, **options)  # type: ignore[arg-type]
        self.memory = shutil.copy(VARIABLES, folder / "variables.fd")
        self._append_esp(esp)

    def _append_esp(self, content: Path) -> None:
        part = self.folder / "esp.img"
        with open(part, "wb") as file:
            file.truncate(ESP_BYTES)
        run("mkfs.vfat", "-F", "32", part)
        run("mcopy", "-s", "-i", part, *sorted(content.iterdir()), "::/")
        start = self.image.stat().st_size - (1 << 20)
        with open(self.image, "r+b") as file:
            file.truncate(start + ESP_BYTES + (1 << 20))
        run("sfdisk", "-q", "--relocate", "gpt-bak-std", self.image)
        run("sfdisk", "-q", "--append", self.image, input=f"start={start // 512}, size={ESP_BYTES // 512}, type=U\n")
        run("dd", f"if={part}", f"of={self.image}", "bs=1M", f"seek={start >> 20}", "conv=notrunc,sparse")
        part.unlink()

    def hardware(self, devices: tuple[str, ...]) -> Hardware:
        made = super().hardware(devices)
        made.option("-drive", f"if=pflash,format=raw,readonly=on,file={CODE}",
                    "-drive", f"if=pflash,format=raw,file={self.memory}")
        return made

    def machine(self, *, devices: tuple[str, ...] = ("e1000e", "qemu-xhci")) -> Machine:
        return Machine(self.hardware(devices))


def word(machine: Machine) -> str:
    """Which entry this is."""
    return ask(machine, "tr ' ' '\\n' </proc/cmdline | sed -n s/^lab.word=//p").strip()


def assert_back(machine: Machine) -> None:
    said = ask(machine, "kexit verify --wait 2min; echo status $?")
    assert "all is back" in said and "status 0" in said, said


def is_efi(machine: Machine) -> bool:
    return "efi" in ask(machine, "test -d /sys/firmware/efi/efivars && echo efi")


def systemd_boot(esp: Path, root: Path) -> None:
    """Three entries, of which loader.conf names the last."""
    program = packages.efi_stubs(ARCH, "trixie") / "systemd-bootx64.efi"
    for place in ("EFI/BOOT/BOOTX64.EFI", "EFI/systemd/systemd-bootx64.efi"):
        (esp / place).parent.mkdir(parents=True)
        shutil.copy(program, esp / place)
    for pattern, name in (("vmlinuz-*", "linux"), ("initrd.img-*", "initrd")):
        (esp / "lab").mkdir(exist_ok=True)
        shutil.copy(next((root / "boot").glob(pattern)), esp / "lab" / name)
    entries = esp / "loader/entries"
    entries.mkdir(parents=True)
    for number, name in enumerate(("first", "second", "third")):
        (entries / f"{name}.conf").write_text(
            f"title Debian {name}\nversion {9 - number}\nlinux /lab/linux\ninitrd /lab/initrd\n"
            f"options {OPTIONS} lab.word={name}\n")
    (esp / "loader/loader.conf").write_text("timeout 1\ndefault th*\n")
    shutil.rmtree(root / "boot/grub")


def test_systemd_boot(folder: Path) -> None:
    """The entry that systemd-boot started by loader.conf; then another, as `bootctl set-default` writes it to
    firmware's memory."""
    esp = folder / "esp"
    with Firmware(folder, esp, prepare=lambda root: systemd_boot(esp, root)).running() as machine:
        assert is_efi(machine) and word(machine) == "third"
        assert "lab.word=third" in ask(machine, "kexit reboot --dry-run")
        value = "".join(rf"\0{ord(c):03o}\0000" for c in "second.conf\0")
        ask(machine, rf"printf '%b' '\0007\0000\0000\0000{value}' >{DEFAULT}")
        assert_clean(jumps(machine, "kexit reboot"))
        assert is_efi(machine) and word(machine) == "second"
        assert_back(machine)


def grub(esp: Path, root: Path) -> None:
    """Debian's GRUB, its files on the root file system, three entries, of which grubenv has the second."""
    package = packages.of_suite(ARCH, "trixie", ["grub-efi-amd64-bin"])
    run("cp", "-r", package / "usr/lib/grub/x86_64-efi", root / "usr/lib/grub/")
    run("chroot", root, "grub-mkimage", "-O", "x86_64-efi", "-p", "(,gpt1)/boot/grub", "-o", "/boot/grub/grubx64.efi",
        *GRUB_MODULES)
    (esp / "EFI/BOOT").mkdir(parents=True)
    shutil.move(root / "boot/grub/grubx64.efi", esp / "EFI/BOOT/BOOTX64.EFI")
    kernel, initrd = (next((root / "boot").glob(name)).name for name in ("vmlinuz-*", "initrd.img-*"))
    text = GRUB_CFG
    for name in ("first", "second", "third"):
        text += (f"menuentry 'Debian {name}' --id {name} {{\n\tlinux /boot/{kernel} {OPTIONS} lab.word={name}\n"
                 f"\tinitrd /boot/{initrd}\n}}\n")
    (root / "boot/grub/grub.cfg").write_text(text)
    run("chroot", root, "grub-editenv", "/boot/grub/grubenv", "create")
    run("chroot", root, "grub-editenv", "/boot/grub/grubenv", "set", "saved_entry=second")


def test_grub(folder: Path) -> None:
    """The entry that grubenv had when GRUB started the machine; then another, which `grub-set-default` wrote
    there."""
    esp = folder / "esp"
    with Firmware(folder, esp, prepare=lambda root: grub(esp, root)).running() as machine:
        assert is_efi(machine) and word(machine) == "second"
        assert "lab.word=second" in ask(machine, "kexit reboot --dry-run")
        ask(machine, "grub-editenv /boot/grub/grubenv set saved_entry=third")
        assert_clean(jumps(machine, "kexit reboot"))
        assert is_efi(machine) and word(machine) == "third"
        assert_back(machine)
