# SPDX-License-Identifier: GPL-2.0-or-later
"""A kernel that was installed right before the power went: its file system was not unmounted, and only the
journal knows of it. The menu has it, and not a byte of the disk is another afterwards."""

from __future__ import annotations

import pytest

from lab import bootdisk, bootimage
from lab.bootdisk import Rack

QUIET = "lab.nics=0 lab.sounds=0 lab.disks=1"
OVERLAY = ["loop", "dm_snapshot"]
BTRFS = 160 << 20  # bytes; mkfs.btrfs makes none below 109 MiB

# As a package manager that takes care of its files: each is written back, and so are their folders; the file
# system as a whole is not. Without sort keys the entries are in the order of their names, backwards.
TRY = """
try() {
	"$@" >/tmp/said 2>&1 || report error "$*: $(tail -n 1 /tmp/said)"
}
"""
INSTALL = """
mkdir -p /mnt/disk
try mount -t {kind} "$(lab_disk {disk})" /mnt/disk
cd /mnt/disk
for name in vmlinuz initrd; do
	try dd if=$name of=$name-2 bs=1M conv=fsync
done
sed "s/The old system/The new system/; s/^version 1/version 2/; s,/vmlinuz,/vmlinuz-2,; s,/initrd,/initrd-2," \\
	loader/entries/old.conf >/tmp/new.conf
try dd if=/tmp/new.conf of=loader/entries/z-new.conf conv=fsync
"""


def installed(rack: Rack, kind: str) -> None:
    """A disk with the old system, onto which a new kernel was put before its power went."""
    rack.disk("old", QUIET, kind)
    rack.work(TRY + INSTALL.format(kind=kind, disk="old"), bootimage.FILE_SYSTEMS, {})


@pytest.mark.parametrize("kind", [pytest.param("ext4"), pytest.param("xfs", marks=pytest.mark.long),
                                  pytest.param("btrfs", marks=pytest.mark.long)])
def test_a_kernel_installed_right_before_a_power_cut(rack: Rack, kind: str) -> None:
    """It comes first, it boots, and the next kernel finds the machine as it should be."""
    installed(rack, kind)
    before = rack.digests()
    image = bootdisk.boot_image("timeout=0\n", modules=OVERLAY)
    with rack.machine(image, "loglevel=7") as machine:
        at = machine.wait("booting The new system", bootdisk.SECONDS)
        results = bootdisk.arrived(machine, at)
        text = machine.serial.text
    assert rack.digests() == before
    assert f"the journal of its {kind} was replayed in RAM" in text
    assert not bootdisk.faults(results)


# Data on both by turns: with one of them alone, nothing could be read.
ON_TWO = """
mkdir -p /mnt/old /mnt/two
try mount -t ext4 -o ro "$(lab_disk old)" /mnt/old
try mkfs.btrfs -q -d raid0 -m raid1 "$(lab_disk a)" "$(lab_disk b)"
try mount -t btrfs "$(lab_disk a)" /mnt/two
try cp -r /mnt/old/vmlinuz /mnt/old/initrd /mnt/old/loader /mnt/two
try umount /mnt/two
"""


@pytest.mark.long
def test_a_btrfs_on_two_disks(rack: Rack) -> None:
    """Its log is replayed in RAM over both; the kernel finds each member in its layer, and none on its disk."""
    rack.disk("old", QUIET.replace("disks=1", "disks=2"))
    for name in ("a", "b"):
        rack.blank(name, BTRFS)
    rack.work(TRY + ON_TWO + INSTALL.format(kind="btrfs", disk="a"), bootimage.FILE_SYSTEMS, {}, ["mkfs.btrfs"])
    rack.remove("old")
    before = rack.digests()
    with rack.machine(bootdisk.boot_image("timeout=0\n", modules=OVERLAY), "loglevel=7") as machine:
        at = machine.wait("booting The new system", bootdisk.SECONDS)
        results = bootdisk.arrived(machine, at)
        text = machine.serial.text
    assert rack.digests() == before
    assert "the journal of its btrfs was replayed in RAM" in text
    assert not bootdisk.faults(results)


@pytest.mark.long
@pytest.mark.parametrize("kind", ["ext4", "xfs", "btrfs"])
def test_an_image_that_cannot_replay_says_so(rack: Rack, kind: str) -> None:
    """Without the drivers for a layer in RAM the old kernel is all that there is, and the menu tells why."""
    installed(rack, kind)
    before = rack.digests()
    image = bootdisk.boot_image("timeout=forever\n")
    with rack.machine(image, "") as machine:
        machine.wait(r"\d+  The old system$", bootdisk.SECONDS)
        machine.wait("was not unmounted, and is shown as before its last changes: .*no disk in RAM", bootdisk.SECONDS)
        bootdisk.choose(machine, "The old system")
        bootdisk.arrived(machine)
        text = machine.serial.text
    assert rack.digests() == before
    assert "The new system" not in text
