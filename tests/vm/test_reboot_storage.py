# SPDX-License-Identifier: GPL-2.0-or-later
"""A running Debian with more on its disks than a root file system goes to the next kernel by kexit.

The oracle is the machine's own, as in test_reboot.py.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lab.build import guest_program
from lab.cpio import Archive
from lab.debian import run
from lab.devices import free_port
from lab.installed import GRUB_CFG, OPTIONS, SECONDS, Installed, ask, assert_clean, jumps
from lab.machine import Machine

pytestmark = pytest.mark.long

# Survives the service manager's killing (its name begins with @), and is nobody's to stop.
FUSE = """[Unit]
DefaultDependencies=no
IgnoreOnIsolate=yes

[Service]
ExecStartPre=/bin/mkdir -p /srv/mute
ExecStart=@/root/mute_fuse @mute_fuse /srv/mute
KillMode=none
"""
STUBBORN = """[Service]
ExecStart=/bin/sh -c 'trap "" TERM HUP; while :; do sleep 1; done'
TimeoutStopSec=5
SendSIGKILL=no
"""
# Swap in a file, and on a disk with a key that nobody knows, as crypttab(5) has it.
SWAP = """set -e
modprobe dm_crypt
fallocate -l 64M /swapfile
chmod 600 /swapfile
mkswap -q /swapfile
key=$(od -An -N64 -tx1 /dev/urandom | tr -d ' \\n')
dmsetup create swap_crypt --table "0 $(blockdev --getsz /dev/vda) crypt aes-xts-plain64 $key 0 /dev/vda 0"
mkswap -q /dev/mapper/swap_crypt
swapon -p 2 /swapfile
swapon -p 2 /dev/mapper/swap_crypt
mkdir -p /run/lab
mount -t tmpfs -o size=100M lab /run/lab
systemd-run -q --wait -p MemoryHigh=16M sh -c 'head -c 48M /dev/urandom >/run/lab/fill'
truncate -s 32M /root/loop.img
mke2fs -q -t ext4 /root/loop.img
mkdir -p /srv/loop
mount -o loop /root/loop.img /srv/loop
echo lab >/srv/loop/file
"""
# An NBD whose server is the emulator, connected by netlink, so that no process holds it; and an NVMe controller
# behind TCP, whose target is this machine's own, on a disk in RAM.
NETWORK = """set -e
ip link set lo up
ip link set eth0 up
ip address add 10.0.2.15/24 dev eth0
modprobe -a nbd nvmet_tcp nvme_tcp
modprobe brd rd_nr=1 rd_size=65536
nbd-client -N lab 10.0.2.2 {port} /dev/nbd0
mke2fs -q -t ext4 /dev/nbd0
mkdir -p /srv/nbd /srv/fabric
mount /dev/nbd0 /srv/nbd
mountpoint -q /sys/kernel/config || mount -t configfs configfs /sys/kernel/config
cd /sys/kernel/config/nvmet
mkdir subsystems/lab subsystems/lab/namespaces/1 ports/1
echo 1 >subsystems/lab/attr_allow_any_host
echo /dev/ram0 >subsystems/lab/namespaces/1/device_path
echo 1 >subsystems/lab/namespaces/1/enable
for pair in trtype=tcp adrfam=ipv4 traddr=127.0.0.1 trsvcid=4420; do echo ${{pair#*=}} >ports/1/addr_${{pair%=*}}; done
ln -s /sys/kernel/config/nvmet/subsystems/lab ports/1/subsystems/lab
echo transport=tcp,traddr=127.0.0.1,trsvcid=4420,nqn=lab >/dev/nvme-fabrics
until test -b /dev/nvme1n1; do sleep 1; done
mke2fs -q -t ext4 /dev/nvme1n1
mount /dev/nvme1n1 /srv/fabric
echo lab >/srv/nbd/file
echo lab >/srv/fabric/file
"""


def serve_nbd(machine: Machine, folder: Path, port: int) -> None:
    """The emulator as an NBD server, which the guest finds at 10.0.2.2."""
    image = folder / "nbd.img"
    with open(image, "wb") as file:
        file.truncate(64 << 20)
    ask_qemu = machine.monitor.command
    ask_qemu("blockdev-add", driver="raw", file={"driver": "file", "filename": str(image)}, **{"node-name": "nbd"})
    ask_qemu("nbd-server-start", addr={"type": "inet", "data": {"host": "127.0.0.1", "port": str(port)}})
    ask_qemu("block-export-add", type="nbd", id="nbd", name="lab", writable=True, **{"node-name": "nbd"})

KEY = "not much of a secret\n"
UUID = "6b657869-7420-4c55-8b53-206f6e206d64"
IN_LUKS = OPTIONS.replace("root=/dev/nvme0n1p1", "root=/dev/mapper/lab-root")
# The system copied into LVM in LUKS on md raid1. Documentation is left where it is.
LUKS = f"""set -e
modprobe -a raid1 dm_crypt
mdadm --create /dev/md0 --run --level=1 --raid-devices=2 --metadata=1.2 --assume-clean /dev/vda /dev/vdb
cryptsetup luksFormat -q --uuid {UUID} --type luks2 --pbkdf pbkdf2 --pbkdf-force-iterations 1000 \
    --key-file /root/lab.key /dev/md0
cryptsetup open --key-file /root/lab.key /dev/md0 lab_crypt
vgcreate -q -y lab /dev/mapper/lab_crypt
lvcreate -q -y -Zn -Wn -l 90%FREE -n root lab
mkfs.ext4 -q /dev/mapper/lab-root
mount /dev/mapper/lab-root /mnt
cd /
tar --one-file-system --exclude='./mnt/*' --exclude=./usr/share/doc --exclude=./usr/share/locale -cf - . |
    tar -xf - -C /mnt
echo '/dev/mapper/lab-root / ext4 defaults 0 1' >/mnt/etc/fstab
sed -i 's/default=0/default=luks/' /mnt/boot/grub/grub.cfg
umount /mnt
"""


def test_a_system_that_is_at_work(folder: Path) -> None:
    """Swap in use in a file and encrypted on a disk, a loop, a FUSE file system that never answers with a
    process waiting for it, a service that refuses to stop, disks of the network; `systemctl reboot` with an
    image loaded, of which systemd 257 makes a kexec."""
    port = free_port()
    extra: dict[str, str | bytes] = {
        "etc/systemd/system/lab-fuse.service": FUSE, "etc/systemd/system/lab-stubborn.service": STUBBORN,
        "root/network.sh": NETWORK.format(port=port),
        "root/swap.sh": SWAP, "root/mute_fuse": guest_program("mute_fuse"),
    }
    with Installed(folder, "trixie", extra, flavour="storage", disks=1).running() as machine:
        assert "failed" not in ask(machine, "sh /root/swap.sh || echo failed")
        serve_nbd(machine, folder, port)
        assert "failed" not in ask(machine, "sh /root/network.sh || echo failed")
        used = [int(line.split()[3]) for line in ask(machine, "cat /proc/swaps").splitlines() if line.startswith("/")]
        assert len(used) == 2 and all(used), used
        ask(machine, "systemctl start lab-fuse lab-stubborn; until grep -q /srv/mute /proc/mounts; do sleep 1; done")
        ask(machine, "setsid cat /srv/mute/file </dev/null >/dev/null 2>&1 & sleep 2")
        # What drivers say of a connection that ends is at the level of information.
        ask(machine, "dmesg -n 7; kexit load --default --append lab.word=third")
        said = jumps(machine, "systemctl reboot")
        assert_clean(said)
        end = said.split("Starting new kernel")[0]
        assert "block nbd0: NBD_DISCONNECT" in end, end[-3000:]
        assert re.search(r"nvme nvme1: Removing ctrl", end), end[-3000:]
        assert "lab.word=third" in ask(machine, "cat /proc/cmdline")
        assert "lab" in ask(machine, "mount -o loop /root/loop.img /srv/loop && cat /srv/loop/file")
        assert not re.search(r"EXT4-fs.*recover", ask(machine, "dmesg"))


def with_luks(root: Path) -> None:
    """A second entry, whose initrd opens the disk by itself: its key lies in it."""
    boot = root / "boot"
    kernel, initrd = next(boot.glob("vmlinuz-*")), boot / "initrd-luks"
    with open(root / "etc/cryptsetup-initramfs/conf-hook", "a", encoding="utf-8") as settings:
        settings.write("CRYPTSETUP=y\n")
    (root / "proc").mkdir(exist_ok=True)
    run("chroot", root, "mkinitramfs", "-o", "/boot/initrd-luks", kernel.name.removeprefix("vmlinuz-"))
    archive = Archive()
    archive.file("cryptroot/keyfiles/lab_crypt.key", KEY.encode())
    archive.file("cryptroot/crypttab", f"lab_crypt UUID={UUID} /cryptroot/keyfiles/lab_crypt.key luks\n".encode())
    with open(initrd, "ab") as file:
        file.write(b"\0" * (-file.tell() % 4))
        file.write(archive.bytes())
    entry = GRUB_CFG.format(kernel=kernel.name, initrd=initrd.name, options=IN_LUKS).split("menuentry", 1)[1]
    with open(boot / "grub/grub.cfg", "a", encoding="utf-8") as file:
        file.write("menuentry" + entry.replace("--id debian", "--id luks"))


def test_root_on_lvm_in_luks_on_md(folder: Path) -> None:
    """`kexit reboot` into such a system while the disks are in use by another, and `systemctl kexec` out of it."""
    extra: dict[str, str | bytes] = {"root/luks.sh": LUKS, "root/lab.key": KEY}
    with Installed(folder, "trixie", extra, flavour="storage", disks=2, prepare=with_luks).running() as machine:
        assert "failed" not in ask(machine, "sh /root/luks.sh || echo failed")
        assert_clean(jumps(machine, "kexit reboot luks"))
        assert "/dev/mapper/lab-root" in ask(machine, "findmnt -n -o SOURCE /")
        assert "raid1" in ask(machine, "cat /proc/mdstat")
        ask(machine, "kexit load --default --append lab.word=luks")
        said = jumps(machine, "systemctl kexec")
        assert_clean(said)
        assert not re.search(r"md\w*: (not clean|resync)", said)
        assert "lab.word=luks" in ask(machine, "cat /proc/cmdline")
        assert "/dev/mapper/lab-root" in ask(machine, "findmnt -n -o SOURCE /")


def test_dracut_in_place_of_initramfs_tools(folder: Path) -> None:
    """Its own environment takes what is no kexec, and kexit's every kexec. First one with neither laid out,
    where the hook of systemd-shutdown does what can be done: the root disk is in use, the rest is released."""
    needed = "kexit stage --remove && touch /run/initramfs/.need_shutdown && systemctl restart kexit-exit; echo $?"
    with Installed(folder, "trixie", flavour="dracut").running() as machine:
        ask(machine, "kexit stage --remove; kexit load --default")
        said = jumps(machine, "systemctl kexec")
        assert "kexit: no exit environment is staged" in said
        assert re.search(r"kexit: [1-9]\d* released", said), re.findall("kexit: .*", said)
        assert re.search(r"kexit: .*nvme.*in use and left", said), re.findall("kexit: .*", said)
        assert not re.search(r"EXT4-fs.*recover", said)
        assert ask(machine, needed).endswith("0\n")
        assert_clean(jumps(machine, "kexit reboot"))
        assert ask(machine, needed).endswith("0\n")
        # It speaks to the kernel's log, at the level of information.
        ask(machine, "dmesg -n 7")
        start = len(machine.serial.text)
        machine.type("systemctl reboot")
        text = machine.serial.wait_end(SECONDS)[start:]
    assert "dracut: Killing all remaining processes" in text, text[-2000:]
    assert "kexit:" not in text
    assert "reboot: Restarting system" in text
