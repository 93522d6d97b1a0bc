# SPDX-License-Identifier: GPL-2.0-or-later
"""Uses that only a live kernel shows: what processes hold, namespaces, VFIO, device mapper; and that
looking at them is nothing that anybody notices."""

import json

from lab.build import guest_program
from lab.setup import Setup


def fates(results, name="plan"):
    """Device name -> its entry of the plan."""
    return {device["name"]: device for device in json.loads(results.one(name))["devices"]}


def reason(device):
    return " ".join([device["reason"]] + [use["words"] for use in device["uses"]])


def by_name(devices, name):
    """The PCI function, or what sits on one, that provides it."""
    return next(device for device in devices.values() if name in device["provides"])


def guest(devices, **more):
    return Setup(devices=devices, files={"lab/user": guest_program("user")}, **more)


def nic(hardware):
    hardware.device(f"e1000e,{hardware.root_port()},{hardware.network()}", "e1000e")


def two_nvme(hardware):
    for _ in range(2):
        hardware.nvme(hardware.root_port())


def test_a_disk_that_a_process_writes_to_is_left(lab):
    """Nothing has claimed it: O_EXCL calls it free. A reader does not keep its disk."""
    results = lab.script(guest(two_nvme), """
load_drivers
sleep 1000 5<>/dev/nvme0n1 &
writer=$!
sleep 1000 6</dev/nvme1n1 &
reader=$!
report writer $writer
report_output plan kexit plan --json
report_lines quiesce kexit quiesce
report disks-left $(disks)
report_lines rollback kexit rollback
kill $writer $reader
report_output after kexit plan --json
""")
    devices = fates(results)
    held = by_name(devices, "nvme0n1")
    assert held["fate"] == "leave"
    assert f"process {results.one('writer')} (sleep) holds /dev/nvme0n1" in reason(held)
    assert by_name(devices, "nvme1n1")["fate"] == "release"
    assert results.one("quiesce-status") == "0"
    assert results.one("disks-left") == "nvme0n1"
    assert by_name(fates(results, "after"), "nvme0n1")["fate"] == "release"


def a_nic_and_an_unbound_function(hardware):
    nic(hardware)
    # No driver is loaded for it.
    hardware.option("-device", f"ivshmem-plain,memdev=shared,{hardware.root_port()}")
    hardware.option("-object", "memory-backend-ram,id=shared,size=1M,share=on")


def test_a_bar_that_a_process_has_mapped_is_in_use(lab):
    """Its descriptor is closed: only the mapping tells."""
    results = lab.script(guest(a_nic_and_an_unbound_function), """
load_drivers
for function in /sys/bus/pci/devices/*; do
	[ "$(cat $function/vendor):$(cat $function/device)" != 0x1af4:0x1110 ] || shared=$function
done
report function ${shared##*/}
echo 1 >$shared/enable
/lab/user map $shared/resource2 >/tmp/mapped &
user=$!
report user $user
until_true 10 grep -q mapped /tmp/mapped || report error map
for fd in /proc/$user/fd/*; do case $(readlink $fd) in *resource*) report error "$fd is open" ;; esac; done
report_output plan kexit plan --json
kill $user
report_output after kexit plan --json
""")
    assert results.every("error") == []
    device = fates(results)[results.one("function")]
    assert device["fate"] == "leave"
    assert f"process {results.one('user')} (user) holds resource2" in reason(device)
    assert fates(results, "after")[results.one("function")]["fate"] != "leave"


def two_nics(hardware):
    for _ in range(2):
        nic(hardware)


def test_a_link_in_another_network_namespace_is_a_use(lab):
    """The card is seen to have a link that is not there; from within that namespace all is refused."""
    results = lab.script(guest(two_nics), """
load_drivers
set -- $(links)
moved=$(readlink -f /sys/class/net/$1/device)
kept=$(readlink -f /sys/class/net/$2/device)
report moved ${moved##*/}
report kept ${kept##*/}
unshare -n sleep 1000 &
other=$!
until_true 10 [ "$(readlink /proc/$other/ns/net)" != "$(readlink /proc/self/ns/net)" ]
sleep 1
ip link set $1 netns $other || report error netns
report folder "$(ls $moved/net | wc -l)"
report_output plan kexit plan --json
nsenter -t $other -n kexit plan --json >/dev/null 2>/tmp/refused
report inside-status $?
report inside "$(cat /tmp/refused)"
unshare -m kexit quiesce 2>/tmp/refused
report mounts-status $?
report mounts "$(cat /tmp/refused)"
report_lines quiesce kexit quiesce
for function in $moved $kept; do
	[ ! -e $function/driver ] || report bound ${function##*/}
done
report_lines rollback kexit rollback
kill $other
until_true 10 [ -e $moved/net/$1 ]
report_output after kexit plan --json
""")
    assert results.every("error") == []
    devices = fates(results)
    moved, kept = results.one("moved"), results.one("kept")
    assert results.one("folder") == "0"
    assert devices[moved]["fate"] == "leave"
    assert "1 network link of it in another network namespace" in reason(devices[moved])
    assert devices[kept]["fate"] == "release"
    assert results.one("inside-status") == "5"
    assert "network namespace" in results.one("inside")
    assert results.one("mounts-status") == "5"
    assert "mount namespace" in results.one("mounts")
    assert results.one("quiesce-status") == "0"
    assert results.every("bound") == [moved]
    assert fates(results, "after")[moved]["fate"] == "release"


def two_nics_behind_an_iommu(hardware):
    """On the root bus, where each is a group of its own."""
    hardware.option("-device", "intel-iommu")
    for slot in (5, 6):
        hardware.device(f"e1000e,bus=pcie.0,addr={slot},{hardware.network()}", "e1000e")


def test_a_vfio_group_that_is_open_is_in_use(lab):
    """As a virtual machine has it, by the old interface."""
    results = lab.script(guest(two_nics_behind_an_iommu, modules=["vfio-pci"], append="intel_iommu=on"), """
load_drivers
set -- $(links)
held=$(readlink -f /sys/class/net/$1/device)
spare=$(readlink -f /sys/class/net/$2/device)
for function in $held $spare; do
	echo ${function##*/} >$function/driver/unbind
	echo vfio-pci >$function/driver_override
	echo ${function##*/} >/sys/bus/pci/drivers_probe
	[ -e $function/driver ] || report error "vfio-pci does not take ${function##*/}"
done
group=$(readlink $held/iommu_group)
node=/dev/vfio/${group##*/}
sleep 1000 5<>$node &
user=$!
report node $node
report user $user
report held ${held##*/}
report spare ${spare##*/}
report_output plan kexit plan --json
report_lines quiesce kexit quiesce
[ -e $held/driver ] && report held-bound yes
[ -e $spare/driver ] || report spare-bound no
report_lines rollback kexit rollback
""")
    assert results.every("error") == []
    devices = fates(results)
    held = devices[results.one("held")]
    assert held["fate"] == "leave"
    assert f"process {results.one('user')} (sleep) holds {results.one('node')}" in reason(held)
    assert devices[results.one("spare")]["fate"] == "release"
    assert results.one("held-bound") == "yes"
    assert results.one("spare-bound") == "no"


def test_a_mount_beside_a_plan_never_fails(lab):
    """A plan that opened disks exclusively made it fail now and then: EBUSY."""
    results = lab.script(guest(two_nvme, modules=["crc32c_generic", "ext4"]), """
load_drivers
mke2fs /dev/nvme0n1 >/dev/null
( while [ ! -e /tmp/stop ]; do kexit plan >/dev/null 2>&1; echo >>/tmp/plans; done ) &
until_true 20 [ -e /tmp/plans ]
report mounts "$(/lab/user remount 1000 /dev/nvme0n1 /mnt ext4)"
report_lines scan kexit scan --claims
touch /tmp/stop
wait
report plans $(wc -l </tmp/plans)
""", timeout=300)
    assert results.one("mounts").startswith("0 of 1000 failed")
    assert int(results.one("plans")) > 10
    assert "nvme0n1 free" in results.every("scan")


def test_a_suspended_device_is_refused_at_once(lab):
    """Not a flush is begun, which would never end; and once it goes on so does the run."""
    results = lab.script(guest(two_nvme, modules=["dm_mod"]), """
load_drivers
/lab/user suspend vg-root /dev/nvme0n1 || report error suspend
report suspended "$(cat /sys/block/dm-0/dm/suspended)"
report_output plan kexit plan --json
timeout 60 kexit quiesce 2>/tmp/refused
report status $?
report refused "$(cat /tmp/refused)"
report bound $(ls /sys/bus/pci/drivers/nvme | grep -c :)
/lab/user resume vg-root || report error resume
report_lines quiesce timeout 60 kexit quiesce
report_lines rollback kexit rollback
""")
    assert results.every("error") == []
    assert results.one("suspended") == "1"
    warnings = [text for device in fates(results).values() for text in device["warnings"]]
    assert any("dm-0 (vg-root) is suspended" in text for text in warnings)
    assert results.one("status") == "5"
    assert "dm-0 (vg-root) is suspended" in results.one("refused")
    assert results.one("bound") == "2"
    assert results.one("quiesce-status") == "0"


def test_a_loop_device_over_a_raw_disk_holds_it(lab):
    """It opens its disk without claiming it, and no process shows it."""
    results = lab.script(guest(two_nvme, modules=["loop"]), """
load_drivers
losetup /dev/loop0 /dev/nvme0n1 || report error losetup
report_output plan kexit plan --json
report_lines quiesce kexit quiesce
report disks-left $(disks)
report_lines rollback kexit rollback
losetup -d /dev/loop0
""")
    assert results.every("error") == []
    held = by_name(fates(results), "nvme0n1")
    assert held["fate"] == "leave"
    assert "held by loop0 (/dev/nvme0n1)" in reason(held)
    assert results.one("disks-left") == "nvme0n1"


def three_nvme_and_a_card(hardware):
    for _ in range(3):
        hardware.nvme(hardware.root_port())
    hardware.device(f"e1000e,{hardware.root_port()}")


def test_what_comes_between_plan_and_release_is_seen(lab):
    """The disks go after a card whose remove() hangs: while it does, one is opened and one gets a loop device."""
    results = lab.script(guest(three_nvme_and_a_card, own=["reviver"], modules=["loop"]), """
load_drivers
insmod /lab/own/reviver.ko remove=hang
mkdir -p /etc/kexit/policy.d
cat >/etc/kexit/policy.d/test.conf <<'END'
driver=nvme phase=engine reason="a test"
driver=reviver phase=net deadline=10s reason="a test"
END
hangs() { dmesg | grep -q 'remove() hangs'; }
kexit quiesce --on-stuck=abort >/dev/null 2>&1 &
run=$!
until_true 60 hangs || report error "no remove() that hangs"
sleep 1000 5<>/dev/nvme0n1 &
writer=$!
losetup /dev/loop0 /dev/nvme1n1 || report error losetup
report writer $writer
wait $run
report_lines record cat /run/kexit/record
""", timeout=200)
    assert results.every("error") == []
    events = [json.loads(line) for line in results.every("record")]
    planned = [event["device"] for event in events if event["event"] == "left"]
    released = [event for event in events if event["event"] == "released"]
    # The plan had all of them go.
    assert not any(event["device"] in planned for event in released)
    left = [event["reason"] for event in released if event["outcome"] == "left"]
    assert len(left) == 2
    assert any(f"process {results.one('writer')} (sleep) holds /dev/nvme0n1" in reason for reason in left)
    assert any("held by loop0 (/dev/nvme1n1)" in reason for reason in left)
    assert sum(event["outcome"] == "released" for event in released) == 1
