# SPDX-License-Identifier: GPL-2.0-or-later
"""Disks that the kernel or lvm would repair, resynchronise or merge, were they put together as an installed
system does it. The menu reads what it can of them, names what it does not read, and changes no byte."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab import bootdisk, bootimage, fsimage
from lab.bootdisk import Rack
from lab.errors import Unavailable
from lab.machine import scratch

QUIET = "lab.nics=0 lab.sounds=0 lab.disks=7"
SMALL = 48 << 20
LARGE = fsimage.SIZE + (16 << 20)

# Each state is asked for before the power goes: a test of disks that are in order would show nothing.
DAMAGE = """
mkdir -p /run/lock/lvm /etc /mnt/content /mnt/new
export DM_DISABLE_UDEV=1 MDADM_NO_UDEV=1 PATH="$PATH:/usr/sbin"
try() {
	"$@" >/tmp/said 2>&1 || report error "$*: $(tail -n 1 /tmp/said)"
}
# says WORD COMMAND...: what the command prints has the word in it
says() {
	word=$1
	shift
	"$@" >/tmp/said 2>&1
	grep -q "$word" /tmp/said || report error "$*: no '$word' in: $(tail -n 3 /tmp/said)"
}
# filled NAME DEVICE: a copy of content whose entry has that name
filled() {
	try dd if="$(lab_disk content)" of="$2" bs=1M
	try mount -t ext4 "$2" /mnt/new
	sed -i "s/The content system/The $1 system/" /mnt/new/loader/entries/content.conf
	try umount /mnt/new
}

# An array in the middle of its first resynchronisation.
try mdadm --create /dev/md5 --run --level=1 --raid-devices=2 --bitmap=none "$(lab_disk md-a)" "$(lab_disk md-b)"
echo 100 >/sys/block/md5/md/sync_speed_max
filled array /dev/md5
sync
says "State : active" mdadm --examine "$(lab_disk md-a)"

# A file that is deleted and open.
filled orphan "$(lab_disk orphan)"
mkdir -p /mnt/orphan
try mount -t ext4 "$(lab_disk orphan)" /mnt/orphan
echo data >/mnt/orphan/gone
exec 8</mnt/orphan/gone
try rm /mnt/orphan/gone
sync

# A RAID of LVM in the middle of its first resynchronisation.
try lvm pvcreate "$(lab_disk raid-a)" "$(lab_disk raid-b)"
try lvm vgcreate --autobackup n raid "$(lab_disk raid-a)" "$(lab_disk raid-b)"
try lvm lvcreate --autobackup n -Zn -Wn -y --type raid1 --mirrors 1 --maxrecoveryrate 100 --extents 25 --name root raid
filled raid /dev/mapper/raid-root
says raid1 lvm lvs -o segtype raid
sync

# A snapshot that is to be merged when its origin is activated the next time, and a volume beside them.
try lvm pvcreate "$(lab_disk merge)"
try lvm vgcreate --autobackup n merge "$(lab_disk merge)"
try lvm lvcreate --autobackup n -Zn -Wn -y --size 100m --name root merge
filled merged /dev/mapper/merge-root
try lvm lvcreate --autobackup n -y --snapshot --size 24m --name before merge/root
try mount -t ext4 /dev/mapper/merge-root /mnt/new
sed -i "s/The merged system/The later system/" /mnt/new/loader/entries/content.conf
try umount /mnt/new
exec 9</dev/mapper/merge-root
try lvm lvconvert --merge merge/before
says Owi lvm lvs -o attr merge/root
try lvm lvcreate --autobackup n -Zn -Wn -y -l 100%FREE --name boot merge
filled volume /dev/mapper/merge-boot
sync
"""
DRIVERS = ["raid1", "dm_mod", "dm_raid", "dm_snapshot", "loop"]
NAMES = ["content", "md-a", "md-b", "orphan", "raid-a", "raid-b", "merge"]


@pytest.fixture(scope="module")
def damaged() -> Iterator[Rack]:
    """The disks, as the power left them."""
    with scratch() as folder:
        rack = Rack(Path(folder))
        rack.formatted("content", "ext4", bootdisk.tree(rack.folder, QUIET, "content"))
        for name in NAMES[1:]:
            rack.blank(name, 2 * LARGE + SMALL if name == "merge" else LARGE)
        try:
            programs = {name: data for program in ("mdadm", "lvm")
                        for name, data in bootimage.debian_program(bootdisk.ARCH, program).items()}
            rack.work(DAMAGE, [*bootimage.FILE_SYSTEMS, *DRIVERS], programs)
        except Unavailable as reason:
            pytest.skip(str(reason))
        yield rack


def first_orphan(image: Path) -> str:
    """What dumpe2fs has in ext4's superblock for the list of files that are to be deleted."""
    done = subprocess.run(["dumpe2fs", "-h", str(image)], text=True, capture_output=True, check=True)
    lines = [line.split(":")[1].strip() for line in done.stdout.splitlines() if line.startswith("First orphan inode")]
    return lines[0] if lines else ""


def read(rack: Rack, modules: list[str], names: list[str], *more: str) -> str:
    """All systems with these names are in the menu, and more is said; the first boots, and no disk has changed."""
    before = rack.digests()
    image = bootdisk.boot_image("timeout=forever\n", modules=modules, programs=["mdadm", "lvm"])
    with rack.machine(image, "loglevel=7") as machine:
        for each in [rf"\d+  The {name} system$" for name in names] + list(more):
            machine.wait(each, bootdisk.SECONDS)
        bootdisk.choose(machine, f"The {names[0]} system")
        results = bootdisk.arrived(machine)
        text = machine.serial.text
    assert rack.digests() == before
    assert not bootdisk.faults(results)
    return text


def test_what_others_would_repair_is_left_as_it_is(damaged: Rack) -> None:
    """A RAID of LVM and an array out of step, a scheduled merge, files that are to be deleted: all is done in
    RAM. What a merge takes back is not offered."""
    assert first_orphan(dict(damaged.disks)["orphan"])
    text = read(damaged, DRIVERS, ["raid", "array", "orphan", "volume", "merged"])
    assert "the journal of its ext4 was replayed in RAM" in text
    assert "The later system" not in text


@pytest.mark.long
def test_it_is_left_without_a_layer_in_ram(damaged: Rack) -> None:
    """The drivers that would write are there; those for the layer are not."""
    refused = "this LVM volume cannot be read: "
    text = read(damaged, ["raid1", "dm_mod", "dm_raid"], ["array", "orphan", "volume"],
                f"merge/root: {refused}a snapshot is to be merged into it",
                f"raid/root: {refused}it is of the type raid1, which cannot be activated without a write")
    assert "replayed in RAM" not in text
