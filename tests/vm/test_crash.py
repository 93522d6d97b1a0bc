# SPDX-License-Identifier: GPL-2.0-or-later
"""A crash kernel beside a handover: it boots when the kernel panics half-way, and kdump works after."""

import pytest

from lab.devices import SETS
from lab.serial import Results
from lab.setup import Setup

KERNELS = ["6.1", pytest.param("6.12", marks=pytest.mark.long)]

# kexec-tools loads the crash kernel; the kernel itself adds where the memory to look at is.
COMMON = """
load_crash() {
	kexec -p -s /lab/next/kernel --initrd=/lab/next/initrd \\
		--command-line="console=$(argument console) lab.role=script lab.crash=1 nr_cpus=1 reset_devices"
	report crash-loaded "$(cat /sys/kernel/kexec_crash_loaded)"
}
report_crash() {
	# An ELF file of the memory that the kernel before left.
	[ "$(dd if=/proc/vmcore bs=1 skip=1 count=3 2>/dev/null)" != ELF ] || report vmcore there
	# Not at once: the last lines could be lost.
	sleep 3
	echo b >/proc/sysrq-trigger
}
"""

IN_THE_MIDDLE = COMMON + """
if [ "$(argument lab.crash)" = 1 ]; then
	report_crash
else
	load_drivers
	links_up
	for card in /sys/bus/pci/devices/*; do
		[ "$(cat $card/device)" != 0x10d3 ] || last=$card
	done
	[ ! -e $last/driver ] || echo "${last##*/}" >$last/driver/unbind
	echo reviver >$last/driver_override
	insmod /lab/own/reviver.ko remove=panic
	report reviver "$(basename "$(readlink $last/driver)")"
	load_crash
	kexit load /lab/next/kernel --initrd /lab/next/initrd --append "$(cat /proc/cmdline) lab.next=1"
	report crash-loaded "$(cat /sys/kernel/kexec_crash_loaded)"
	dmesg -n 6
	kexit exec
	report exec-status "$?"
fi
"""

AFTER = COMMON + """
if [ "$(argument lab.crash)" = 1 ]; then
	report_crash
elif [ "$(argument lab.next)" = 1 ]; then
	load_drivers
	load_crash
	dmesg -n 6
	echo c >/proc/sysrq-trigger
else
	load_drivers
	links_up
	load_crash
	kexit load /lab/next/kernel $(carried_initrd) --append "$(cat /proc/cmdline) lab.next=1"
	report crash-loaded "$(cat /sys/kernel/kexec_crash_loaded)"
	dmesg -n 6
	kexit exec
	report exec-status "$?"
fi
"""


def many(hardware):
    """The small set of devices, and a card that reviver gets."""
    SETS["small"](hardware)
    hardware.device(f"e1000e,{hardware.root_port()},romfile=,{hardware.network()}")


@pytest.mark.parametrize("kernel", KERNELS)
def test_a_panic_in_the_middle_of_the_releases_boots_the_crash_kernel(lab, kernel):
    results = Results(lab.script_to_end(
        Setup(kernel=kernel, devices=many, own=["reviver"], append="crashkernel=256M"), IN_THE_MIDDLE,
        timeout=400))
    # Loading the next kernel leaves the crash kernel alone.
    assert results.every("crash-loaded") == ["1", "1"]
    assert results.one("reviver") == "reviver"
    assert results.every("exec-status") == []
    assert "Kernel panic - not syncing: reviver: in remove()" in results.text
    assert results.one("vmcore") == "there"


@pytest.mark.parametrize("kernel", KERNELS)
def test_kdump_works_after_a_jump(lab, kernel):
    results = Results(lab.script_to_end(Setup(kernel=kernel, append="crashkernel=256M"), AFTER, timeout=500))
    assert results.every("crash-loaded") == ["1", "1", "1"]
    assert "sysrq triggered crash" in results.text
    assert results.one("vmcore") == "there"
