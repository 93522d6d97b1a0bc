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

# A RAID of the device mapper, half of which is not in step.
try lvm pvcreate "$(lab_disk raid-a)" "$(lab_disk raid-b)"
try lvm vgcreate --autobackup n raid "$(lab_disk raid-a)" "$(lab_disk raid-b)"
try lvm lvcreate --autobackup n -Zn -Wn -y --type raid1 --mirrors 1 --extents 6 --name root raid
try lvm lvcreate --autobackup n -Zn -Wn -y --extents 1 --name plain raid
says raid1 lvm lvs -o segtype raid

# A snapshot that is to be merged when its origin is activated the next time, and a volume beside them.
try lvm pvcreate "$(lab_disk merge)"
try lvm vgcreate --autobackup n merge "$(lab_disk merge)"
try lvm lvcreate --autobackup n -Zn -Wn -y --size 16m --name root merge
try lvm lvcreate --autobackup n -Wn -y --snapshot --size 8m --name before merge/root
try dd if=/dev/urandom of=/dev/merge/root bs=1M count=4
exec 9</dev/merge/root
try lvm lvconvert --autobackup n --merge merge/before
says Owi lvm lvs -o attr merge/root
try lvm lvcreate --autobackup n -Zn -Wn -y -l 100%FREE --name boot merge
filled volume /dev/merge/boot
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
        for name, size in (("md-a", LARGE), ("md-b", LARGE), ("orphan", LARGE), ("raid-a", SMALL), ("raid-b", SMALL),
                           ("merge", LARGE + SMALL)):
            rack.blank(name, size)
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


def read(rack: Rack, title: str, modules: list[str]) -> str:
    """Every one of the disks that can be read is in the menu, one boots, and none has changed."""
    before = rack.digests()
    image = bootdisk.boot_image("timeout=forever\n", modules=modules, programs=["mdadm", "lvm"])
    with rack.machine(image, "loglevel=7") as machine:
        for each in ("array", "orphan", "volume"):
            machine.wait(rf"\d+  The {each} system$", bootdisk.SECONDS)
        machine.wait("merge/root: this LVM volume cannot be read: a snapshot is to be merged", bootdisk.SECONDS)
        machine.wait("raid/root: this LVM volume cannot be read: it is of the type raid1", bootdisk.SECONDS)
        bootdisk.choose(machine, title)
        results = bootdisk.arrived(machine)
        text = machine.serial.text
    assert rack.digests() == before
    assert not bootdisk.faults(results)
    return text


def test_what_others_would_repair_is_left_as_it_is(damaged: Rack) -> None:
    """A RAID of LVM, a scheduled merge, an array out of step, files that are to be deleted; journals are
    replayed in RAM."""
    assert first_orphan(dict(damaged.disks)["orphan"])
    text = read(damaged, "The volume system", DRIVERS)
    assert "the journal of its ext4 was replayed in RAM" in text


@pytest.mark.long
def test_it_is_left_without_a_layer_in_ram(damaged: Rack) -> None:
    """The drivers that would write are there; those for the layer are not."""
    text = read(damaged, "The array system", ["raid1", "dm_mod", "dm_raid"])
    assert "replayed in RAM" not in text
