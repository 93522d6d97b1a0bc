# SPDX-License-Identifier: GPL-2.0-or-later
"""What takes its time and is not stuck: a queue for the kernel's network lock, a probe under way."""

import json

import pytest

from lab.setup import Setup


def events(results, name, kind):
    """The events of one kind among the lines of the record that were reported under name."""
    return [event for event in map(json.loads, results.every(name)) if event["event"] == kind]


# ---- many links, one lock

def cards(hardware):
    """64 e1000e behind eight root ports."""
    for port in hardware.ports(8):
        for function in range(8):
            hardware.device(f"e1000e,{port},addr=0.{function},multifunction=on,romfile=,{hardware.network()}",
                            "e1000e")


# The deadline of a release is less than what all take together. Meanwhile somebody else keeps taking the lock.
QUEUE = """
load_drivers
links_up
mkdir -p /etc/kexit/policy.d
echo 'driver=e1000e deadline=1s reason="a test"' >/etc/kexit/policy.d/test.conf
while ip link add load0 type dummy && ip link set load0 up && ip link del load0; do
	echo >>/tmp/turns
done 2>/tmp/load-error &
load=$!
sleep 1
wc -l </tmp/turns >/tmp/before
report_lines quiesce kexit quiesce
report turns "$(($(wc -l </tmp/turns) - $(cat /tmp/before)))"
kill "$load"
report_lines load-error cat /tmp/load-error
report_lines record grep -E '"event": *"(released|released-all)"' /run/kexit/record
"""


def test_64_links_are_released_while_others_want_the_lock(lab):
    results = lab.script(Setup(devices=cards, modules=["dummy"]), QUEUE, timeout=300)
    assert results.every("load-error") == []
    assert results.one("quiesce-status") == "0", results.every("quiesce")
    released = [event for event in events(results, "record", "released")
                if event["device"].count("/") > 3]
    assert [event["outcome"] for event in released].count("stuck") == 0
    assert [event["outcome"] for event in released].count("released") >= 64
    # Else this shows nothing: the queue was longer than the deadline, and was one for the lock.
    assert events(results, "record", "released-all")[0]["stage_ms"] > 1000
    assert int(results.one("turns")) > 0


# ---- a probe under way, and a disk that comes at that moment

def slow_card(hardware):
    """An e1000e for sleeper, and a port that a disk is plugged into."""
    hardware.device(f"e1000e,{hardware.root_port()},romfile=,{hardware.network()}")
    hardware.option("-drive", f"if=none,id=later,format=raw,cache=unsafe,file={hardware.image()}")
    hardware.root_port()
    hardware.driver("nvme")


EARLY = """
# Not load_drivers, which waits for the card's link: sleeper makes none.
while read -r module; do insmod "/lab/modules/$module.ko"; done </lab/load-order
report now
insmod /lab/own/sleeper.ko async_probe probe_ms=12000
report_lines quiesce kexit quiesce
report_lines record cat /run/kexit/record
report_lines messages sh -c 'dmesg | grep sleeper'
report_lines rollback kexit rollback
report driver "$(basename "$(readlink /sys/bus/pci/devices/0000:01:00.0/driver)")"
"""


def plug(machine):
    machine.wait("^@@ now", 60)
    machine.monitor.command("device_add", driver="nvme", serial="later", drive="later", bus="rp1")


@pytest.mark.parametrize("kernel", ["6.1", pytest.param("6.12", marks=pytest.mark.long)])
def test_a_probe_under_way_and_a_disk_plugged_meanwhile(lab, kernel):
    results = lab.script(Setup(kernel=kernel, devices=slow_card, own=["sleeper"]), EARLY, meanwhile=plug)
    assert results.one("quiesce-status") == "0", results.every("quiesce")
    said = "\n".join(results.every("quiesce"))
    assert "0000:01:00.0: waiting for its lock; its probe may be under way" in said
    # Its probe was through before its remove() was called.
    order = [text.split("sleeper 0000:01:00.0: ")[1] for text in results.every("messages")
             if "sleeper 0000:" in text]
    assert order == ["probe() begins to sleep", "probe() is through", "remove()"]
    ends = {event["device"].rpartition("/")[2]: event["outcome"]
            for event in events(results, "record", "released")}
    assert ends["0000:01:00.0"] == "released"
    # The disk is either in the plan, or named as one that came too late for it.
    late = [event["device"].rpartition("/")[2] for event in events(results, "record", "arrived")]
    assert ends.get("0000:02:00.0") == "released" or "0000:02:00.0" in late
    assert results.one("rollback-status") == "0"
    assert results.one("driver") == "sleeper"


# ---- a remove() that hangs, without a jump

def card(hardware):
    """One e1000e behind a root port, without its driver: reviver takes it."""
    hardware.device(f"e1000e,{hardware.root_port()},romfile=,{hardware.network()}")


HUNG = """
insmod /lab/own/reviver.ko remove=%s
mkdir -p /etc/kexit/policy.d
echo 'driver=reviver deadline=2s reason="a test"' >/etc/kexit/policy.d/test.conf
report_lines quiesce kexit quiesce
report_lines record cat /run/kexit/record
"""


@pytest.mark.long
@pytest.mark.parametrize("kernel", ["6.1", "6.12"])
def test_a_rollback_is_not_finished_while_a_remove_hangs(lab, kernel):
    results = lab.script(Setup(kernel=kernel, devices=card, own=["reviver"]), HUNG % "hang", timeout=300)
    assert results.one("quiesce-status") == "4"
    stuck, = [event for event in events(results, "record", "released") if event["outcome"] == "stuck"]
    assert stuck["signs"]["proven"] and stuck["signs"]["where"] == "msleep"
    assert events(results, "record", "rolled-back") == []
    said = "\n".join(results.every("quiesce"))
    assert "a call into the kernel has not returned, and may change it yet" in said


AGAIN = """
start=$(cut -d. -f1 /proc/uptime)
report_lines again kexit quiesce --deadline 2s
report seconds "$(($(cut -d. -f1 /proc/uptime) - start))"
"""


@pytest.mark.long
@pytest.mark.parametrize("kernel", ["6.1", "6.12"])
def test_a_second_run_where_a_remove_hangs_with_the_network_lock_ends(lab, kernel):
    """Each of its steps is bounded: locks, disks, the links' dump, the way back."""
    results = lab.script(Setup(kernel=kernel, devices=card, own=["reviver"]), HUNG % "hang_rtnl" + AGAIN,
                         timeout=500)
    assert results.one("quiesce-status") == "4"
    assert results.one("again-status") in ("3", "4")
    said = "\n".join(results.every("again"))
    assert "0000:01:00.0" in said
