# SPDX-License-Identifier: GPL-2.0-or-later
"""kexit-boot as init of a boot image: from its start to the next kernel's hello, by disks it read."""

from __future__ import annotations

import hashlib
import re
import subprocess
from pathlib import Path

import pytest

from lab import bootdisk, bootimage, fsimage
from lab.bootdisk import Rack
from lab.serial import Results

QUIET = "lab.disks=0 lab.nics=0 lab.sounds=0"


def digest(image: Path) -> str:
    return hashlib.sha256(image.read_bytes()).hexdigest()


def assert_quiet(results: Results) -> None:
    """Every function that was released is quiet before any driver of the next kernel touches it, and
    no driver complains about what it found."""
    assert not bootdisk.faults(results)


def test_from_init_to_the_next_kernel(rack: Rack) -> None:
    """Unattended, with no countdown: a type 1 entry on an NVMe disk boots, and the disk is as it was."""
    disk = rack.disk("hello", QUIET)
    before = digest(disk)
    with rack.machine(bootdisk.boot_image("timeout=0\n"), "") as machine:
        results = bootdisk.arrived(machine)
    assert digest(disk) == before
    assert_quiet(results)
    assert not results.every("error")


def said(*command: str) -> str:
    done = subprocess.run(command, check=False, text=True, capture_output=True)
    return done.stdout + done.stderr


def test_dirty_journals_stay_as_they_are(rack: Rack) -> None:
    """ext4, xfs and btrfs that were in use when the power went are read, and not a byte changes."""
    disks = {kind: rack.disk(kind, QUIET, kind) for kind in ("ext4", "xfs", "btrfs")}
    rack.dirty()
    assert "needs_recovery" in said("dumpe2fs", "-h", str(disks["ext4"]))
    assert "valuable metadata changes in a log" in said("xfs_repair", "-n", str(disks["xfs"]))
    assert re.search(r"^log_root\s+[1-9]", said("btrfs", "inspect-internal", "dump-super",
                                                str(disks["btrfs"])), re.MULTILINE)
    before = {kind: digest(image) for kind, image in disks.items()}
    with rack.machine(bootdisk.boot_image("timeout=forever\n"), "") as machine:
        for kind in disks:
            machine.wait(f"The {kind} system", bootdisk.SECONDS)
        bootdisk.choose(machine, "The btrfs system")
        results = bootdisk.arrived(machine)
    assert {kind: digest(image) for kind, image in disks.items()} == before
    assert_quiet(results)


def test_after_a_corrupt_default_the_next_one_boots(rack: Rack) -> None:
    """Nobody is there: the first entry's kernel is none, the menu says so, the second one boots."""
    first = bootdisk.tree(rack.folder, "", "first")
    (first / "vmlinuz").write_text("this is not a kernel\n" * 100)
    image = rack.folder / "first.img"
    fsimage.make(image, "ext4", first)
    rack.add("first", image)
    rack.disk("second", QUIET)
    with rack.machine(bootdisk.boot_image("timeout=0\n"), "") as machine:
        at = machine.wait("booting The first system", bootdisk.SECONDS)
        at = machine.wait("nvme0n1:first.conf: .*vmlinuz is not a kernel", bootdisk.SECONDS, at)
        at = machine.wait("booting The second system", bootdisk.SECONDS, at)
        assert_quiet(bootdisk.arrived(machine, at))


def test_the_second_of_two_systems_with_its_command_line_edited(rack: Rack) -> None:
    """Driven over the serial line: a key stops the countdown, a disk that is plugged in appears."""
    rack.disk("first", QUIET)
    rack.disk("second", QUIET)
    with rack.machine(bootdisk.boot_image("timeout=300\n"), "") as machine:
        machine.wait("1  The first system", bootdisk.SECONDS)
        at = machine.wait("2  The second system", bootdisk.SECONDS)
        machine.wait(r"boots in \d+ s", bootdisk.SECONDS, at)
        machine.type("e 2")
        at = machine.wait("boot with: .*lab.sounds=0", bootdisk.SECONDS, at)
        machine.type(" loglevel=7")
        at = machine.wait("booting The second system", bootdisk.SECONDS, at)
        machine.wait("Command line: .*lab.sounds=0 loglevel=7", bootdisk.SECONDS, at)
        assert_quiet(bootdisk.arrived(machine, at))


# As openSUSE's installer lays it out, with the paths and the search of its grub2-mkconfig.
IN_A_SNAPSHOT = """
mkdir -p /mnt/top
mount -t btrfs "$(lab_disk suse)" /mnt/top || report error mount
system=/mnt/top/@/.snapshots/1/snapshot
for folder in /mnt/top/@ /mnt/top/@/.snapshots; do
	btrfs subvolume create "$folder" || report error create
done
mkdir /mnt/top/@/.snapshots/1
btrfs subvolume create "$system" || report error create
mkdir -p "$system/boot/grub2"
mv /mnt/top/vmlinuz /mnt/top/initrd "$system/boot" || report error mv
options="$(sed -n 's/^options //p' /mnt/top/loader/entries/suse.conf)"
rm -r /mnt/top/loader
cat >"$system/boot/grub2/grub.cfg" <<END
set btrfs_relative_path="yes"
export btrfs_relative_path
set timeout=0
menuentry 'openSUSE' --class opensuse --id 'gnulinux-simple' {{
	search --no-floppy --fs-uuid --set=root {uuid}
	linux /boot/vmlinuz $options \\${{extra_cmdline}}
	initrd /boot/initrd
}}
END
btrfs subvolume set-default "$system" || report error set-default
umount /mnt/top || report error umount
"""


def test_paths_begin_in_the_default_subvolume(rack: Rack) -> None:
    """As on openSUSE: GRUB's paths are those of the subvolume that is mounted by default, not of the whole."""
    disk = rack.disk("suse", QUIET, "btrfs")
    uuid = said("blkid", "-o", "value", "-s", "UUID", str(disk)).strip()
    rack.work(IN_A_SNAPSHOT.format(uuid=uuid), bootimage.FILE_SYSTEMS, {}, ["btrfs"])
    before = digest(disk)
    with rack.machine(bootdisk.boot_image("timeout=system\n"), "") as machine:
        machine.wait("booting openSUSE", bootdisk.SECONDS)
        assert_quiet(bootdisk.arrived(machine))
    assert digest(disk) == before


LVM_OVER_MD = """
mkdir -p /run/lock/lvm /etc
export DM_DISABLE_UDEV=1 MDADM_NO_UDEV=1
first=$(lab_disk first) second=$(lab_disk second)
/usr/sbin/mdadm --create /dev/md5 --run --assume-clean --level=1 --raid-devices=2 \\
	--bitmap=none "$first" "$second" || report error mdadm
/usr/sbin/lvm pvcreate /dev/md5 || report error pvcreate
/usr/sbin/lvm vgcreate --autobackup n vg /dev/md5 || report error vgcreate
/usr/sbin/lvm lvcreate --autobackup n -Zn -Wn -l 100%FREE -n root vg || report error lvcreate
cat "$(lab_disk content)" >/dev/mapper/vg-root
sync
/usr/sbin/lvm vgchange -an vg || report error vgchange
/usr/sbin/mdadm --stop /dev/md5 || report error stop
"""


@pytest.mark.long
def test_lvm_over_md_raid1(rack: Rack) -> None:
    """Both are put together without a change to either disk, and taken apart before the release."""
    programs = ["mdadm", "lvm"]
    content = rack.disk("content", QUIET)
    members = [rack.blank(name, content.stat().st_size + (16 << 20)) for name in ("first", "second")]
    files: dict[str, bytes] = {}
    for program in programs:
        files |= bootimage.debian_program(bootdisk.ARCH, program)
    rack.work(LVM_OVER_MD, ["raid1", "dm_mod"], files)
    rack.remove("content")
    before = [digest(member) for member in members]
    image = bootdisk.boot_image("timeout=0\n", modules=["raid1", "dm_mod"], programs=programs)
    with rack.machine(image, "loglevel=7") as machine:
        results = bootdisk.arrived(machine)
        log = machine.serial.text
    assert [digest(member) for member in members] == before
    assert_quiet(results)
    left = "\n".join(line for line in log.splitlines() if "in use and left" in line)
    assert not re.search(r"\b(nvme|dm-|md200)", left)
    assert "2 released" in log


@pytest.mark.long
def test_a_slow_disk_delays_nothing_but_itself(rack: Rack) -> None:
    """Behind the default's disk is one that reads 512 bytes a second: the default boots meanwhile."""
    rack.disk("fast", QUIET)
    rack.disk("slow", QUIET)
    rack.limits["slow"] = "throttling.bps-total=512"
    with rack.machine(bootdisk.boot_image("timeout=0\nwait=60min\n"), "") as machine:
        machine.wait("booting The fast system", bootdisk.SECONDS)
        assert_quiet(bootdisk.arrived(machine))


@pytest.mark.long
def test_a_disk_that_is_plugged_in_appears(rack: Rack) -> None:
    rack.disk("first", QUIET)
    rack.disk("later", QUIET)
    rack.unplugged = "later"
    with rack.machine(bootdisk.boot_image("timeout=forever\n"), "") as machine:
        at = machine.wait("1  The first system", bootdisk.SECONDS)
        assert "later" not in machine.serial.text
        machine.monitor.command("device_add", driver="nvme", serial="later", drive="later", bus="rp1")
        machine.wait("2  The later system", bootdisk.SECONDS, at)
