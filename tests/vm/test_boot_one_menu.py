# SPDX-License-Identifier: GPL-2.0-or-later
"""One menu for a machine, as a person goes through it: systems by their names, what two file systems offer
once, submenus, the pages on an entry, the machine and what was found, and other files for one boot."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest

from lab import bootdisk, fsimage
from lab.bootdisk import Rack
from lab.machine import Machine

QUIET = "lab.disks=1 lab.nics=0 lab.sounds=0"
UUID = "0c33f1de-7c2e-4b8a-9d5b-0000000000a1"

# As Debian's installer writes it to the ESP.
STUB = f"""search.fs_uuid {UUID} root
set prefix=($root)'/boot/grub'
configfile $prefix/grub.cfg
"""

ENTRY = """menuentry 'The {name} system' {{
	search --no-floppy --fs-uuid --set=root {uuid}
	linux /boot/{kernel} root=UUID={uuid} {options}
	initrd /boot/initrd
}}
"""

OS_RELEASE = 'ID=labian\nPRETTY_NAME="Labian 1 (lab)"\n'


def entry(name: str, kernel: str = "vmlinuz") -> str:
    return ENTRY.format(name=name, kernel=kernel, uuid=UUID, options=bootdisk.command_line(f"{QUIET} loglevel=7"))


def installed(rack: Rack) -> Path:
    """A system with an ESP, whose GRUB leads to the menu on the root, which has a submenu."""
    root, esp = rack.folder / "root", rack.folder / "esp"
    bootdisk.boot_files(root / "boot")
    (root / "boot/other").write_bytes((root / "boot/initrd").read_bytes())
    bootdisk.write(root / "etc/os-release", OS_RELEASE)
    older = entry("older", "vmlinuz-gone").replace("\n", "\n\t")
    bootdisk.write(root / "boot/grub/grub.cfg",
                   f"set timeout=-1\n{entry('main')}submenu 'Advanced options' {{\n{entry('same')}{older}\n}}\n")
    bootdisk.write(esp / "EFI/debian/grub.cfg", STUB)
    parts = []
    for kind, name, top in (("vfat", "uefi", esp), ("ext4", "linux", root)):
        image = rack.folder / f"{name}.part"
        fsimage.make(image, kind, top)
        parts.append((name, image))
    subprocess.run(["tune2fs", "-U", UUID, str(parts[1][1])], check=True, capture_output=True)
    fsimage.partition(rack.folder / "disk.img", parts)
    return rack.add("disk", rack.folder / "disk.img")


def test_a_person_goes_through_the_menu(rack: Rack) -> None:
    installed(rack)
    with rack.machine(bootdisk.boot_image(), "") as machine:
        heading = r"^  Labian 1 \(lab\), nvme0n1p2, nvme0n1p1$"
        at = machine.wait(heading + r"\n\* +1  The main system$\n\+ +Advanced options \(2 to 3\)$",
                          bootdisk.SECONDS)
        at = machine.wait("^Number or Enter: boot", bootdisk.SECONDS, at)
        machine.type("m 2")
        at = machine.wait(r"^- +Advanced options \(2 to 3\)$\n +2 +The same system$\n +3 +The older system "
                          r"\(cannot be booted: .*vmlinuz-gone", bootdisk.SECONDS, at)
        machine.type("d 1")
        at = machine.wait(r"^default   by .*$(?s:.*)^said by   nvme0n1p\d: /\S+grub.cfg, line \d+ \(grub\)(, by way of nvme0n1p1)?$\n"
                          r"also by   nvme0n1p\d: /\S+grub.cfg, line \d+", bootdisk.SECONDS, at)
        machine.type("l")
        at = machine.wait(rf"^nvme0n1p2: .* MiB, fixed, ext4, UUID={UUID}$(?s:.*)cannot be booted: The older system",
                          bootdisk.SECONDS, at)
        machine.type("i")
        at = machine.wait(r"^machine    QEMU .*$(?s:.*)nvme0n1 .*fixed(?s:.*)class 010802 .* nvme$",
                          bootdisk.SECONDS, at)
        machine.type("E 1")
        at = machine.wait("kernel: /boot/vmlinuz", bootdisk.SECONDS, at)
        machine.type("")
        at = machine.wait("initrds: /boot/initrd", bootdisk.SECONDS, at)
        machine.send(b"\x15")
        machine.type("/boot/other")
        at = machine.wait("boot with: root=UUID", bootdisk.SECONDS, at)
        machine.type(" lab.edited=1")
        at = machine.wait("booting The main system", bootdisk.SECONDS, at)
        at = machine.wait("Command line: .* lab.edited=1", bootdisk.SECONDS, at)
        assert not bootdisk.faults(bootdisk.arrived(machine, at))


def bytes_read(machine: Machine, drive: str) -> int:
    stats = machine.monitor.command("query-blockstats")
    return next(one["stats"]["rd_bytes"] for one in stats if one.get("device") == drive)


@pytest.mark.long
def test_a_system_that_comes_while_its_esp_is_read_is_seen(rack: Rack) -> None:
    """The root that the ESP's script searches is plugged in, and mounted, while that script is read."""
    root, esp = rack.folder / "root", rack.folder / "esp"
    bootdisk.boot_files(root / "boot")
    bootdisk.write(root / "boot/grub/grub.cfg", f"set timeout=-1\n{entry('main')}")
    bootdisk.write(esp / "EFI/debian/grub.cfg", STUB + 14000 * f"#{70 * 'x'}\n")
    rack.formatted("esp", "vfat", esp)
    rack.formatted("later", "ext4", root)
    subprocess.run(["tune2fs", "-U", UUID, str(rack.folder / "later.img")], check=True, capture_output=True)
    rack.limits["esp"] = "throttling.bps-total=25000"
    rack.unplugged = "later"
    with rack.machine(bootdisk.boot_image("timeout=forever\n"), "") as machine:
        # Its type is told once it was probed; the script comes then, in requests of half a megabyte.
        while "vfat, UUID" not in machine.serial.text:
            machine.type("l")
            time.sleep(1)
        probed = bytes_read(machine, "esp")
        machine.monitor.command("device_add", driver="nvme", serial="later", drive="later", bus="rp1")
        at = machine.wait(r"^  nvme1n1$\n\* +1  The main system", bootdisk.SECONDS)
        assert bytes_read(machine, "esp") < probed + 800_000, "the script was read before the root was there"
        machine.wait("^  nvme0n1, nvme1n1$", bootdisk.SECONDS, at)
