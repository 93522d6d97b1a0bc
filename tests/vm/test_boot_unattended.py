# SPDX-License-Identifier: GPL-2.0-or-later
"""What kexit-boot does while nobody is there: never itself, nothing that nobody asked for, and what is
part of the machine before what was plugged in. Where it waits, a person chooses."""

from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path

import pytest

from lab import bootdisk, mkboot, packages
from lab.bootdisk import Rack
from lab.machine import Machine
from lab.mkboot import Image

QUIET = "lab.disks=1 lab.nics=0 lab.sounds=0"
USB = ["xhci_pci", "usb_storage", "sd_mod"]
UNATTENDED = "timeout=0\n"
WAITS = "nothing boots by itself"


def boots(machine: Machine, name: str, start: int = 0) -> None:
    """That system is booted, and found the machine as it should be."""
    at = machine.wait(rf"booting The {name} system", bootdisk.SECONDS, start)
    assert not bootdisk.faults(bootdisk.arrived(machine, at))


def waits(machine: Machine, reason: str, start: int = 0) -> int:
    """The menu says why, counts nothing down, and nothing was booted."""
    at = machine.wait(rf"^- .*{reason}.*{WAITS}", bootdisk.SECONDS, start)
    at = machine.wait("Number or Enter: boot", bootdisk.SECONDS, at)
    assert "boots in" not in machine.serial.text[start:]
    assert "booting" not in machine.serial.text[start:]
    return at


def own_images(rack: Rack, root: Path) -> None:
    """kexit-mkboot's unified image where doc/BOOT.md puts it, and its initramfs in a type 1 entry."""
    made = rack.folder / "made"
    mkboot.make(packages.kernel(bootdisk.ARCH, "6.1"),
                Image(classes="none", programs="none", compress="zstd", append="console=ttyS0"),
                made, "--output", str(made), "--uki", str(made / "kexit.efi"))
    (root / "EFI/Linux").mkdir(parents=True)
    shutil.copy(made / "kexit.efi", root / "EFI/Linux/kexit.efi")
    shutil.copy(made / "initramfs.img", root / "kexit.img")
    bootdisk.type_1(root, "1-first", QUIET, initrd="/kexit.img")


def test_it_never_boots_itself(rack: Rack) -> None:
    """Its own images are the default, and first, of all that the only disk has: the system boots."""
    root = bootdisk.tree(rack.folder, QUIET, "other")
    own_images(rack, root)
    bootdisk.write(root / "loader/loader.conf", "default kexit.efi\n")
    rack.formatted("esp", "vfat", root)
    with rack.machine(bootdisk.boot_image(UNATTENDED), "") as machine:
        boots(machine, "other")
        text = machine.serial.text
    assert "kexit boot menu" not in text
    assert "1-first" not in text


def test_a_chain_of_boot_loaders_stops_at_the_menu(rack: Rack) -> None:
    """An image without a mark, which is that of this lab, boots once; the second one waits, and boots
    what a person chooses."""
    image = bootdisk.boot_image(UNATTENDED)
    told = f"{QUIET} loglevel=7"
    root = bootdisk.tree(rack.folder, told, "hello")
    (root / "again.img").write_bytes(image)
    bootdisk.type_1(root, "again", told, initrd="/again.img")
    bootdisk.write(root / "loader/loader.conf", "default again.conf\n")
    rack.formatted("disk", "ext4", root)
    with rack.machine(image, "") as machine:
        at = machine.wait("booting The again system", bootdisk.SECONDS)
        at = machine.wait("Command line: kexit.chain=1 ", bootdisk.SECONDS, at)
        at = waits(machine, r"kexit.chain=1", at)
        bootdisk.choose(machine, "The hello system", at - 1500)
        boots(machine, "hello", at)
        machine.wait("Command line: kexit.chain=2 ", bootdisk.SECONDS, at)


INSTALLER = """default local
timeout 1
label install
  menu label The install system
  kernel /vmlinuz
  append initrd=/initrd {options}
label local
  menu label Boot from the first hard disk
  localboot 0
"""


def test_where_the_default_leads_away_a_person_is_waited_for(rack: Rack) -> None:
    """An installer's stick goes on to the hard disk by default. There is none: nothing is installed."""
    root = rack.folder / "installer"
    bootdisk.boot_files(root, USB)
    options = bootdisk.command_line(QUIET)
    bootdisk.write(root / "isolinux/isolinux.cfg", INSTALLER.format(options=options))
    rack.formatted("installer", "iso9660", root, "usb")
    with rack.machine(bootdisk.boot_image(UNATTENDED, modules=[*USB, "isofs"]), "") as machine:
        at = waits(machine, "Boot from the first hard disk.* leads elsewhere")
        bootdisk.choose(machine, "The install system", at - 1500)
        boots(machine, "install", at)


@pytest.mark.long
def test_where_the_default_cannot_be_booted_nothing_else_is(rack: Rack) -> None:
    """Its initrd is gone: the next one, which is whole, is for a person to choose."""
    root = bootdisk.tree(rack.folder, QUIET, "whole")
    bootdisk.type_1(root, "broken", QUIET, initrd="/gone")
    bootdisk.write(root / "loader/loader.conf", "default broken.conf\n")
    rack.formatted("disk", "ext4", root)
    with rack.machine(bootdisk.boot_image(UNATTENDED), "") as machine:
        at = waits(machine, "The broken system.* cannot be booted: the initrd /gone is not there")
        bootdisk.choose(machine, "The whole system", at - 1500)
        boots(machine, "whole", at)


def two_disks(rack: Rack) -> str:
    """A USB stick at a place before that of an NVMe disk; returns the stick's UUID."""
    for name, bus in (("stick", "usb"), ("fixed", "nvme")):
        rack.formatted(name, "ext4", bootdisk.tree(rack.folder, QUIET.replace("1", "2"), name, ["nvme", *USB]), bus)
    done = subprocess.run(["blkid", "-o", "value", "-s", "UUID", str(rack.folder / "stick.img")], check=True,
                          text=True, capture_output=True)
    return done.stdout.strip()


def test_what_is_part_of_the_machine_comes_first(rack: Rack) -> None:
    """Both are there, the stick at the place before: Enter boots the fixed disk's system."""
    two_disks(rack)
    with rack.machine(bootdisk.boot_image("timeout=forever\n", modules=USB), "") as machine:
        at = machine.wait(r"^\* +1  The fixed system$(?s:(?!kexit-boot ).)*^  +2  The stick system$",
                          bootdisk.SECONDS)
        machine.wait("Number or Enter: boot", bootdisk.SECONDS, at)
        machine.type("")
        boots(machine, "fixed", at)


@pytest.mark.long
def test_the_disk_that_the_settings_name_is_waited_for(rack: Rack) -> None:
    """By its UUID, on the command line: it boots unattended, although the other one is there first."""
    uuid = two_disks(rack)
    with rack.machine(bootdisk.boot_image(UNATTENDED, modules=USB), f"kexit.bootdevs=UUID={uuid}") as machine:
        boots(machine, "stick")
        assert "booting The fixed" not in machine.serial.text


@pytest.mark.long
def test_a_copy_of_a_disk_boots_from_itself(rack: Rack) -> None:
    """Two disks with one UUID, and GRUB's script finds its files by that: each one's are its own. The
    first lost its kernel; neither names a default, so the second boots."""
    uuid = "0c33f1de-7c2e-4b8a-9d5b-00000000000c"
    for name in ("first", "second"):
        root = rack.folder / name
        bootdisk.boot_files(root)
        bootdisk.grub_script(root / "boot/grub/grub.cfg", name, QUIET.replace("1", "2"),
                             head=f"search --no-floppy --fs-uuid --set=root {uuid}")
        if name == "first":
            (root / "vmlinuz").unlink()
        image = rack.formatted(name, "ext4", root)
        subprocess.run(["tune2fs", "-U", uuid, str(image)], check=True, capture_output=True)
    with rack.machine(bootdisk.boot_image(UNATTENDED), "") as machine:
        boots(machine, "second")


def test_a_disk_that_goes_while_it_is_booted_from(rack: Rack) -> None:
    """The stick is pulled out while its kernel is read: the reason is shown, and it is in no menu
    any more; what is left boots."""
    rack.disk("left", QUIET)
    rack.formatted("stick", "ext4", bootdisk.tree(rack.folder, QUIET, "stick"), "usb")
    rack.limits["stick"] = "throttling.bps-total=300000"
    with rack.machine(bootdisk.boot_image("timeout=forever\n", modules=USB), "") as machine:
        machine.wait("The left system", bootdisk.SECONDS)
        at = machine.wait("The stick system", bootdisk.SECONDS)
        at = machine.wait("Number or Enter: boot", bootdisk.SECONDS, at)
        bootdisk.choose(machine, "The stick system")
        at = machine.wait("loading /vmlinuz", bootdisk.SECONDS, at)
        machine.monitor.command("device_del", id="stick")
        at = machine.wait("^! .*stick.conf: ", bootdisk.SECONDS, at)
        # Of all lists since then the last has it not: what is shown is what is there.
        machine.wait(r"^kexit-boot (?s:(?!The stick|Number or Enter).)*Number or Enter", bootdisk.SECONDS, at - 600)
        bootdisk.choose(machine, "The left system", at - 600)
        boots(machine, "left", at)


def log_says(machine: Machine, disk: str, at: int) -> str:
    """What the page of the log says of a disk, once that is more than that somebody looks at it."""
    for _ in range(60):
        machine.type("l")
        at = machine.wait(rf"^{disk}: .*\n  .*\n", bootdisk.SECONDS, at)
        said = machine.serial.text[:at].splitlines()[-1].strip()
        if said != "is being looked at":
            break
        time.sleep(1)
    return said


def test_an_empty_drive_is_no_trouble(rack: Rack) -> None:
    """A CD drive without a disc is in the log, and no line on top of the menu is about it."""
    rack.disk("hello", "lab.nics=0 lab.sounds=0 lab.disks=1")
    image = bootdisk.boot_image("timeout=forever\n", modules=["ahci", "sr_mod", "isofs"])
    hardware = rack.hardware()
    hardware.device("ide-cd,bus=ide.0")
    kernel = packages.kernel(bootdisk.ARCH, "6.1").image
    with Machine(hardware, kernel, image, "loglevel=7") as machine:
        machine.wait("The hello system", bootdisk.SECONDS)
        machine.wait(r"\[sr0\] scsi3-mmc drive", bootdisk.SECONDS)
        machine.type("r")
        at = machine.wait(r"looking for disks again(?s:.*)The hello system", bootdisk.SECONDS)
        assert log_says(machine, "sr0", at) == "nothing on it that is known, or no medium in it"
        assert not [line for line in machine.serial.text.splitlines() if line.startswith("!")]


@pytest.mark.parametrize(("word", "said"), [
    ("reboot", "reboot: Restarting system"),
    pytest.param("poweroff", "reboot: Power down", marks=pytest.mark.long),
    pytest.param("halt", "reboot: System halted", marks=pytest.mark.long),
])
def test_leaving_from_the_rescue_shell(rack: Rack, word: str, said: str) -> None:
    """As a person expects them to work: by the signals that busybox sends to init."""
    rack.disk("hello", QUIET)
    with rack.machine(bootdisk.boot_image("timeout=forever\n"), "") as machine:
        at = machine.wait("The hello system", bootdisk.SECONDS)
        at = machine.wait("Number or Enter: boot", bootdisk.SECONDS, at)
        machine.type("s")
        at = machine.wait("/ # ", bootdisk.SECONDS, at)
        machine.type(word)
        machine.wait(said, bootdisk.SECONDS, at)
