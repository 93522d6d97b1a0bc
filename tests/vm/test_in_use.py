# SPDX-License-Identifier: GPL-2.0-or-later
"""What is in use is left, with the use as its reason, and goes on working through a run."""

import json
import socket
import subprocess
import time
from contextlib import contextmanager

import pytest

from lab.setup import Setup

MIB = 1 << 20

# %s: use something, and say how to work with it; then the plan, a run up to the jump, and work.
QUIESCE = """
load_drivers
links_up
check_links
%s
report_output plan kexit plan --json
report_lines quiesce kexit quiesce
works && report works ok
report disks-left $(disks)
report_lines rollback kexit rollback
"""


def fates(results):
    """Device name -> its entry of the plan."""
    plan = json.loads(results.one("plan"))
    return {device["name"]: device for device in plan["devices"]}


def assert_left_for_use(device, words):
    assert device["fate"] == "leave"
    told = [device["reason"]] + [use["words"] for use in device["uses"]]
    assert any(words in text for text in told), told


def two_controllers_one_namespace(hardware):
    hardware.option("-device", "nvme-subsys,id=shared,nqn=lab")
    for number in range(2):
        hardware.device(f"nvme,{hardware.root_port()},id=c{number},serial=shared,subsys=shared", "nvme")
    hardware.device(f"nvme-ns,bus=c0,nsid=1,shared=on,{hardware.drive(64 * MIB)}")
    hardware.nvme(hardware.root_port())


def test_both_controllers_of_a_root_file_system_are_left(lab):
    """The disk lives outside both PCI devices' folders and belongs to both."""
    results = lab.script(
        Setup(devices=two_controllers_one_namespace, modules=["crc32c_generic", "ext4"]),
        """
load_drivers
for disk in $(disks); do
	# The shared one is the large one.
	[ "$(cat /sys/block/$disk/size)" -lt 100000 ] || shared=$disk
done
mke2fs /dev/$shared >/dev/null
mount -t ext4 /dev/$shared /mnt || report error mount
mkdir /mnt/dev /mnt/proc /mnt/sys /mnt/run /mnt/tmp
cp -a /bin /lab /mnt/ || report error copy
for folder in dev proc sys run; do mount --bind /$folder /mnt/$folder; done
cat >/mnt/inside.sh <<'END'
. /lab/lib.sh
report_output plan kexit plan --json
report_lines quiesce kexit quiesce
echo 3 >/proc/sys/vm/drop_caches
echo hello >/written && sync && md5sum /bin/busybox >/dev/null && report works ok
report disks-left $(disks)
report_lines rollback kexit rollback
END
chroot /mnt /bin/sh /inside.sh
""")
    assert results.every("error") == []
    devices = fates(results)
    assert_left_for_use(devices["0000:01:00.0"], "ext4 on /")
    assert_left_for_use(devices["0000:02:00.0"], "ext4 on /")
    assert devices["0000:03:00.0"]["fate"] == "release"
    assert results.one("quiesce-status") == "0"
    assert results.one("works") == "ok"
    assert len(results.one("disks-left").split()) == 1


def three_large_nvme(hardware):
    for number in range(3):
        hardware.device(f"nvme,{hardware.root_port()},serial=lab{number},{hardware.drive(256 * MIB)}", "nvme")


def test_both_disks_of_a_btrfs_are_left(lab):
    """Only one of them shows in mountinfo."""
    results = lab.script(
        Setup(devices=three_large_nvme, modules=["crc32c_generic", "btrfs"], programs=["mkfs.btrfs"]),
        QUIESCE % """
mkfs.btrfs -q -f -K /dev/nvme0n1 /dev/nvme1n1 || report error mkfs.btrfs
mount -t btrfs -o device=/dev/nvme0n1,device=/dev/nvme1n1 /dev/nvme0n1 /mnt || report error mount
works() { dd if=/dev/zero of=/mnt/file bs=1M count=8 2>/dev/null && sync; }
""", timeout=180)
    assert results.every("error") == []
    devices = fates(results)
    left = {name for name, device in devices.items()
            if device["driver"] == "nvme" and device["fate"] == "leave"}
    # nvme0 and nvme1 may be any two of the three functions, probed at once.
    free = [device for device in devices.values()
            if device["driver"] == "nvme" and device["fate"] == "release"]
    assert len(left) == 2 and len(free) == 1
    assert "nvme2n1" in free[0]["provides"]
    assert results.one("works") == "ok"
    assert results.one("disks-left").split() == ["nvme0n1", "nvme1n1"]


@contextmanager
def nbd_server(image):
    """A network disk on this machine, which guests reach as 10.0.2.2."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(["qemu-nbd", "-p", str(port), "-b", "127.0.0.1", "-t", "-f", "raw", image])
    try:
        for _ in range(100):
            with socket.socket() as client:
                if client.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield port
    finally:
        server.terminate()
        server.wait()


@pytest.mark.parametrize("mounted", [False, True])
def test_the_card_below_a_network_disk_is_left(lab, tmp_path, mounted):
    image = tmp_path / "disk"
    with open(image, "wb") as file:
        file.truncate(32 * MIB)
    mount = "mke2fs /dev/nbd0 >/dev/null; mount -t ext4 /dev/nbd0 /mnt || report error mount" if mounted else ""
    with nbd_server(image) as port:
        results = lab.script(
            Setup(modules=["nbd", "crc32c_generic", "ext4"], programs=["nbd-client"]),
            QUIESCE % f"""
nbd-client 10.0.2.2 {port} /dev/nbd0 -N '' >/dev/null || report error nbd-client
{mount}
works() {{ echo 3 >/proc/sys/vm/drop_caches; dd if=/dev/nbd0 bs=4k count=8 iflag=direct 2>/dev/null >/dev/null; }}
""")
    assert results.every("error") == []
    card = next(device for device in fates(results).values() if device["driver"] == "e1000e")
    assert_left_for_use(card, "nbd")
    assert results.one("works") == "ok"
