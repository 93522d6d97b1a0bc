# SPDX-License-Identifier: GPL-2.0-or-later
"""Disks with an installed Debian on them, made once and kept below .cache/lab/ARCH/debian.

Nothing is mounted here and no loop device used: mmdebstrap unpacks and configures a tree, mke2fs and
mkfs.btrfs fill file systems from it, and what needs a running kernel (grub-mkconfig, which asks for
the devices below /; arrays and volumes) is done by that very Debian in a virtual machine.

    python3 -m lab.debian [LAYOUT...]     make now, and say what is there
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab import packages, witness
from lab.arch import ARCHES, Arch
from lab.devices import Hardware
from lab.errors import LabError, Unavailable
from lab.machine import Machine, scratch
from lab.paths import CACHE

PACKAGES = {
    "amd64": ["linux-image-amd64", "initramfs-tools", "grub-common", "grub2-common", "grub-pc-bin",
              "systemd-sysv", "udev", "kmod", "login", "lvm2", "mdadm", "btrfs-progs", "e2fsprogs"],
}
PARTITION_AT = 1 << 20
DISK_BYTES = 2 << 30
SECONDS = 900.0
HOSTNAME = "lab"

# Fixed: kernel-install names what it writes after it.
MACHINE_ID = "6b65786974206c616220626f6f747321"
# What kernel-install put on a partition of its own, kept for lab.esp.
ESP = "srv/esp"

# What the running Debian does to its own disk, or from it to others. /lab-script is this.
# grub-install would make the folder; nothing here is started by GRUB itself. Without copy on write
# btrfs keeps no checksums of what lab.witness writes over.
GRUB = f"""
touch /boot/room
chattr +C /boot/room 2>/dev/null || true
cat /boot/witness.img >/boot/room
mv /boot/room /boot/witness.img
mkdir -p /boot/grub
update-grub
mount -t tmpfs esp /mnt
mkdir /mnt/{MACHINE_ID}
printf 'layout=bls\\nBOOT_ROOT=/mnt\\n' >/etc/kernel/install.conf
. /etc/default/grub
echo "root=UUID=$(blkid -s UUID -o value /dev/vda1) ro $GRUB_CMDLINE_LINUX" >/etc/kernel/cmdline
kernel-install add "$(uname -r)" "/boot/vmlinuz-$(uname -r)" "/boot/initrd.img-$(uname -r)"
cp -r /mnt /{ESP}
umount /mnt
"""
# No udev runs here, so LVM makes its own device nodes; the new system must not. Its initrd is the tree's,
# which has LVM and md in it and puts together what it finds.
RAID_LVM = """
printf 'activation {\\n udev_sync=0\\n udev_rules=0\\n}\\n' >/etc/lvm/lvmlocal.conf
mdadm --create /dev/md0 --run --level=1 --raid-devices=2 --metadata=1.2 --assume-clean /dev/vdb /dev/vdc
vgcreate -y system /dev/md0
lvcreate -y -Zn -Wn -l 90%FREE -n root system
mkfs.ext4 -q /dev/mapper/system-root
mount /dev/mapper/system-root /mnt
cd /
tar --one-file-system --exclude='./mnt/*' --exclude=./lab-script -cf - . | tar -xf - -C /mnt
echo '/dev/mapper/system-root / ext4 defaults 0 1' >/mnt/etc/fstab
rm /mnt/etc/lvm/lvmlocal.conf
mdadm --detail --scan >>/mnt/etc/mdadm/mdadm.conf
for name in dev proc sys run; do mount --rbind /$name /mnt/$name; done
mkdir -p /mnt/boot/grub
chroot /mnt update-grub
for name in dev proc sys run; do umount -l /mnt/$name; done
umount /mnt
vgchange -an system
mdadm --stop /dev/md0
"""
HEAD = """#!/bin/sh
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
set -ex
mountpoint -q /proc || mount -t proc proc /proc
mountpoint -q /sys || mount -t sysfs sysfs /sys
mountpoint -q /dev || mount -t devtmpfs dev /dev
mountpoint -q /run || mount -t tmpfs tmpfs /run
cat /etc/hostname >/proc/sys/kernel/hostname
"""
TAIL = """
sync
echo "@@ lab done"
mount -o remount,ro /
poweroff -f
"""


@contextmanager
def kept(path: Path) -> Iterator[Path]:
    """A draft that becomes path when all went well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    yield draft
    draft.rename(path)


def run(*command: object, **options: object) -> None:
    try:
        subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True,
                       **options)  # type: ignore[call-overload]
    except FileNotFoundError:
        raise Unavailable(f"{command[0]} is not installed") from None
    except subprocess.CalledProcessError as failed:
        raise LabError(f"{' '.join(map(str, command))}: {failed.stderr.strip()[-600:]}") from None


def _kept_in(arch: Arch, *recipe: object) -> Path:
    """By content: another recipe is another folder."""
    key = hashlib.sha256(json.dumps([PACKAGES[arch.name], *recipe]).encode()).hexdigest()[:12]
    return CACHE / "lab" / arch.name / "debian" / key


def tree(arch: Arch) -> Path:
    """An installed Debian as a tar archive."""
    path = _kept_in(arch) / "tree.tar"
    if path.exists():
        return path
    if not shutil.which("mmdebstrap"):
        raise Unavailable("mmdebstrap is not installed")
    print(f"lab: installing a Debian for {arch.name}, some minutes", file=sys.stderr, flush=True)
    with kept(path) as draft:
        run("mmdebstrap", "--quiet", "--format=tar", "--variant=minbase", f"--architectures={arch.name}",
             f"--include={','.join(PACKAGES[arch.name])}", "bookworm", draft)
    return path


def _settings(arch: Arch) -> dict[str, str]:
    """Files of every Debian here: it boots on the serial console, with lab.witness."""
    return {
        "etc/hostname": f"{HOSTNAME}\n",
        "etc/fstab": "",
        "etc/machine-id": f"{MACHINE_ID}\n",
        "etc/default/grub": f'GRUB_DEFAULT=0\nGRUB_TIMEOUT=2\nGRUB_DISTRIBUTOR=Debian\n'
                            f'GRUB_CMDLINE_LINUX="console={arch.console} {witness.OPTION}"\n'
                            'GRUB_EARLY_INITRD_LINUX_CUSTOM=witness.img\n',
    }


@contextmanager
def _unpacked(arch: Arch, extra: dict[str, str]) -> Iterator[Path]:
    """The tree as a folder, with its settings, room for the witness and extra files."""
    with scratch() as folder:
        root = Path(folder) / "root"
        root.mkdir()
        run("tar", "-xf", tree(arch), "-C", root)
        for name, text in {**_settings(arch), **extra}.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
            if text.startswith("#!"):
                (root / name).chmod(0o755)
        (root / "boot/witness.img").write_bytes(witness.room())
        yield root


def partitioned(image: Path, make: list[object]) -> None:
    """A GPT with one partition, in which make, to which its path is added, makes a file system."""
    part = image.with_name(image.name + ".part")
    with open(part, "wb") as file:
        file.truncate(DISK_BYTES - 2 * PARTITION_AT)
    run(*make, part)
    with open(image, "wb") as file:
        file.truncate(DISK_BYTES)
    run("sfdisk", "-q", image, input="label: gpt\nstart=2048\n")
    run("dd", f"if={part}", f"of={image}", "bs=1M", f"seek={PARTITION_AT >> 20}", "conv=notrunc,sparse")
    part.unlink()


def in_debian(arch: Arch, root: Path, disks: list[Path], file_system: str) -> None:
    """Boots disks[0], whose tree is root, with /lab-script as init, and waits for its end."""
    boot = root / "boot"
    kernel = next(boot.glob("vmlinu?-*"))
    initrd = next(boot.glob("initrd.img-*"))
    with scratch() as folder:
        hardware = Hardware(arch, Path(folder))
        for number, disk in enumerate(disks):
            hardware.option("-drive", f"if=none,id=v{number},format=raw,cache=unsafe,file={disk}")
            hardware.device(f"virtio-blk-pci,drive=v{number}")
        append = f"root=/dev/vda1 rootfstype={file_system} rw init=/lab-script"
        log = CACHE / "vm" / f"debian-{disks[-1].name}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with Machine(hardware, kernel, initrd.read_bytes(), append) as machine:
            try:
                machine.wait("^@@ lab done", SECONDS)
                machine.wait("reboot: Power", 60)
            finally:
                log.write_text(machine.serial.text)


def _plain(arch: Arch, file_system: str, image: Path) -> None:
    with _unpacked(arch, {"lab-script": HEAD + GRUB + TAIL}) as root:
        makers: dict[str, list[object]] = {
            "ext4": ["mke2fs", "-q", "-t", "ext4", "-d", root],
            "btrfs": ["mkfs.btrfs", "-q", "--rootdir", root],
        }
        partitioned(image, makers[file_system])
        in_debian(arch, root, [image], file_system)


def _raid_lvm(arch: Arch, images: list[Path]) -> None:
    with _unpacked(arch, {"lab-script": HEAD + RAID_LVM + TAIL}) as root, scratch() as folder:
        source = Path(folder) / "source.img"
        partitioned(source, ["mke2fs", "-q", "-t", "ext4", "-d", root])
        for image in images:
            with open(image, "wb") as file:
                file.truncate(DISK_BYTES)
        in_debian(arch, root, [source, *images], "ext4")


def _with_witness(arch: Arch, draft: Path) -> None:
    """Lays the witness in, and keeps where that was."""
    places = witness.find(draft)
    draft.with_suffix(".places").write_text(json.dumps(places))
    witness.write(draft, places, witness.archive(arch))


def disks(arch: Arch, layout: str) -> list[Path]:
    """The disks of one Debian: "ext4", "btrfs", or "raid-lvm", LVM over md raid1 on two of them.

    They are shared: start machines with snapshot=on. Their witness is the kexit of whoever made them;
    copies() have this tree's. Raises Unavailable without the tools.
    """
    count = 2 if layout == "raid-lvm" else 1
    script = HEAD + (RAID_LVM if layout == "raid-lvm" else GRUB) + TAIL
    folder = _kept_in(arch, layout, DISK_BYTES, script, _settings(arch), witness.BLOCKS)
    paths = [folder / f"{layout}{number}.img" for number in range(count)]
    with packages.locked(folder):
        if all(path.exists() for path in paths):
            return paths
        drafts = [path.with_suffix(".new") for path in paths]
        if layout == "raid-lvm":
            _raid_lvm(arch, drafts)
        else:
            _plain(arch, layout, drafts[0])
        for draft, path in zip(drafts, paths, strict=True):
            _with_witness(arch, draft)
            draft.rename(path)
    return paths


def copies(arch: Arch, layout: str, folder: Path) -> list[Path]:
    """The disks as disks() has them, in folder, with this tree's kexit as their witness."""
    made = []
    content = witness.archive(arch)
    for disk in disks(arch, layout):
        copy = folder / disk.name
        run("cp", "--sparse=always", disk, copy)
        witness.write(copy, json.loads(disk.with_suffix(".places").read_text()), content)
        made.append(copy)
    return made


def uuid(disk: Path) -> str:
    """Of the file system in a disk's only partition."""
    done = subprocess.run(["blkid", "--probe", f"--offset={PARTITION_AT}", "-s", "UUID", "-o", "value", disk],
                          capture_output=True, text=True, check=True)
    return done.stdout.strip()


def main() -> int:
    for layout in sys.argv[1:] or ["ext4", "btrfs", "raid-lvm"]:
        print(layout, *disks(ARCHES["amd64"], layout))
    return 0


if __name__ == "__main__":
    sys.exit(main())
