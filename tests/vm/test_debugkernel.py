# SPDX-License-Identifier: GPL-2.0-or-later
"""The late module on a kernel that watches its own locks and memory (lab/debugkernel.py).

What lockdep, KASAN, kmemleak or the debug objects say counts, and nothing else does: whether the
module does its work is for test_late.py.
"""

import re
import time

import pytest

from lab import debugkernel
from lab.errors import LabError, Unavailable
from lab.setup import Setup

KERNEL = "6.12-debug"
CYCLES = 40

TROUBLE = re.compile(r"^(?:@@ trouble )?\[ *[\d.]+\].*(?:BUG|WARNING:|INFO: |KASAN|ODEBUG|refcount_t|Oops|Kernel panic)"
                     r".*$", re.MULTILINE)


@pytest.fixture(scope="module", autouse=True)
def debug_kernel():
    """Built on first use, which takes half an hour or more."""
    try:
        debugkernel.build(KERNEL)
    except Unavailable as reason:
        pytest.skip(str(reason))


def cards(hardware):
    """Three e1000e behind root ports."""
    for number in range(3):
        hardware.device(f"e1000e,id=card{number},{hardware.root_port()},romfile=,{hardware.network()}", "e1000e")


def setup():
    # All that watching, emulated, takes ten times as long.
    return Setup(kernel=KERNEL, devices=cards, own=["kexit_late", "reviver", "faulty"], kexit=False,
                 patience=10)


COMMON = """
report trouble-before "$(dmesg | grep -cE 'BUG|WARNING:|KASAN|ODEBUG')"
mount -t debugfs debugfs /sys/kernel/debug
leaks() {
	echo scan >/sys/kernel/debug/kmemleak
	sleep 6
	echo scan >/sys/kernel/debug/kmemleak
	grep -c 'unreferenced object' /sys/kernel/debug/kmemleak
}
port_of() {
	port=$(readlink -f "/sys/bus/pci/devices/$1/..")
	echo "${port##*/}"
}
tell() {
	dmesg | grep -E 'BUG|WARNING:|INFO: |KASAN|ODEBUG|refcount_t' | while read -r line; do report trouble "$line"; done
	report locks-watched "$(sed -n 's/ *debug_locks: *//p' /proc/lockdep_stats)"
}
a=0000:01:00.0
b=0000:02:00.0
write_list() {
	{ echo kexit-late 1; echo timeout 60; echo stuck /devices/platform/serial8250
	for card in $a $b; do echo "clear $card"; done
	echo "reset-function $a"; echo "reset $(port_of $a)"; echo "reset $(port_of $b)"; } >/tmp/list
}
arm() {
	dd if=/tmp/list of=/dev/kexit_late bs=1M 2>/dev/null || report error "cycle $cycle: not armed"
}
"""


@pytest.mark.long
@pytest.mark.parametrize(("fault", "words"), [
    ("memory", "KASAN: slab-use-after-free in .*faulty"),
    ("locks", "possible circular locking dependency"),
])
def test_the_kernel_finds_what_it_is_for(lab, fault, words):
    """If this fails, the tests below prove nothing."""
    results = lab.script(setup(), COMMON + f"insmod /lab/own/faulty.ko fault={fault}\ntell\n", timeout=1800)
    assert any(re.search(words, line) for line in results.every("trouble")) or \
        (fault == "locks" and results.one("locks-watched") == "0"), results.every("trouble")


@pytest.mark.long
def test_the_kernel_finds_a_leak(lab):
    results = lab.script(setup(), COMMON + """
leaks >/dev/null
echo clear >/sys/kernel/debug/kmemleak
insmod /lab/own/faulty.ko fault=leak
report leaks "$(leaks)"
""", timeout=1800)
    assert int(results.one("leaks")) >= 1


LOOP = COMMON + """
leaks >/dev/null
echo clear >/sys/kernel/debug/kmemleak
refused=0
for cycle in $(seq %d); do
	insmod /lab/own/kexit_late.ko || report error "cycle $cycle: insmod"
	write_list
	arm
	case $((cycle %% 4)) in
	0) echo 1 >/sys/bus/pci/devices/$b/remove
	   arm
	   echo 1 >/sys/bus/pci/rescan ;;
	1) rmmod kexit_late 2>/dev/null && report error "cycle $cycle: gone while armed" || refused=$((refused + 1)) ;;
	2) for round in $(seq 20); do cat /dev/kexit_late; done >/dev/null &
	   for round in $(seq 20); do arm; echo disarm >/dev/kexit_late; done
	   wait ;;
	3) report plug "$cycle"
	   for round in $(seq 50); do arm; usleep 50000; done ;;
	esac
	echo disarm >/dev/kexit_late
	rmmod kexit_late || report error "cycle $cycle: rmmod"
done
report cycles "$cycle" "$refused"
report leaks "$(leaks)"
grep -A12 unreferenced /sys/kernel/debug/kmemleak | while read -r line; do report leak "$line"; done
tell
"""


class Hotplug:
    """The third card, pulled out and put back by the monitor."""

    def __init__(self, machine):
        self.machine = machine
        self.pulled = 0

    def _is_there(self):
        children = self.machine.monitor.command("qom-list", path="/machine/peripheral")
        return any(child["name"] == "card2" for child in children)

    def pull(self):
        self.machine.monitor.command("device_del", id="card2")
        end = time.monotonic() + 300
        while self._is_there():
            if time.monotonic() > end:
                raise LabError("the guest does not let card2 go")
            time.sleep(0.1)
        self.pulled += 1

    def put_back(self):
        self.machine.monitor.command("device_add", driver="e1000e", id="card2", bus="rp2", netdev="n2",
                                     mac="52:54:00:4b:58:02", romfile="")


@pytest.mark.long
def test_insmod_arm_disarm_rmmod_and_hot_unplug_over_and_over(lab):
    pulled = []

    def plug(machine):
        hotplug, at = Hotplug(machine), 0
        for cycle in range(3, CYCLES + 1, 4):
            at = machine.wait(f"^@@ plug {cycle}", 1800, at)
            hotplug.pull()
            hotplug.put_back()
        pulled.append(hotplug.pulled)

    results = lab.script(setup(), LOOP % CYCLES, timeout=3600, meanwhile=plug)
    print(f"cycles {CYCLES}, pulled out {pulled}, leaks {results.one('leaks')}")
    assert results.every("error") == []
    assert results.one("cycles") == f"{CYCLES} {CYCLES // 4}"
    assert pulled == [CYCLES // 4]
    assert results.every("trouble") == []
    assert results.every("leak") == [] and results.one("leaks") == "0"
    assert results.one("locks-watched") == "1"


JUMP = COMMON + """
slow=0000:03:00.0
if [ "$(argument lab.next)" = 1 ]; then
	tell
else
	echo $slow >/sys/bus/pci/devices/$slow/driver/unbind
	echo reviver >/sys/bus/pci/devices/$slow/driver_override
	insmod /lab/own/reviver.ko shutdown=slow
	echo $slow >/sys/bus/pci/drivers_probe
	insmod /lab/own/kexit_late.ko
	write_list
	echo "reset $(port_of $slow)" >>/tmp/list
	arm
	tell
	kexec -l /lab/next/kernel --initrd=/lab/next/initrd --command-line="$(cat /proc/cmdline) lab.next=1"
	dmesg -n 6
	while :; do rmmod kexit_late 2>/dev/null; usleep 20000; done &
	{ until dmesg | grep -q 'kexit_late: armed with'; do usleep 20000; done
	  while :; do cat /dev/kexit_late; echo disarm >/dev/kexit_late; usleep 20000; done; } >/dev/null 2>&1 &
	kexec -e -x
fi
"""


@pytest.mark.long
@pytest.mark.parametrize("run", range(3))
def test_a_card_that_is_pulled_out_in_the_shutdown(lab, run):
    """While the first shutdown() takes three seconds, the other two cards are pulled out, rmmod and
    disarm are tried; then the module finds what is left of its list."""
    def pull(machine):
        machine.wait("shutdown.. takes three seconds", 1800)
        for number in (0, 1):
            machine.monitor.command("device_del", id=f"card{number}")
        machine.wait("Starting new kernel", 600)

    results = lab.script(setup(), JUMP, timeout=1800, meanwhile=pull)
    during = results.text.partition("kexit_late: armed with")[2].partition("Starting new kernel")[0]
    assert during, "the list was gone before the jump"
    assert "bus 03 reset" in during
    print(re.findall(r"kexit_late: .*", during))
    assert TROUBLE.findall(results.text) == []
    assert results.every("locks-watched") == ["1", "1"]
