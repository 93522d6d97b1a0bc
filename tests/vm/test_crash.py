# SPDX-License-Identifier: GPL-2.0-or-later
"""A crash kernel beside a handover: it boots when the kernel panics half-way, and kdump works after."""

import pytest

from lab.devices import SETS
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
	[ ! -s /proc/vmcore ] || report vmcore there
	report panic "$(strings_of_panic)"
}
# The last kernel's log is in the memory that is left of it.
strings_of_panic() {
	grep -a -o -m 1 'PANIC_WORDS' /proc/vmcore | head -n 1
}
"""

IN_THE_MIDDLE = COMMON.replace("PANIC_WORDS", "reviver: in remove() of 0000:[0-9a-f:.]*") + """
if [ "$(argument lab.crash)" = 1 ]; then
	report_crash
else
	load_drivers
	links_up
	insmod /lab/own/reviver.ko remove=panic
	load_crash
	kexit load /lab/next/kernel --initrd /lab/next/initrd --append "$(cat /proc/cmdline) lab.next=1"
	report crash-loaded "$(cat /sys/kernel/kexec_crash_loaded)"
	dmesg -n 6
	kexit exec
	report exec-status "$?"
fi
"""

AFTER = COMMON.replace("PANIC_WORDS", "sysrq triggered crash") + """
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
    """The small set of devices, and a card without its driver: reviver takes it."""
    SETS["small"](hardware)
    hardware.device(f"e1000e,{hardware.root_port()},romfile=,{hardware.network()}")


@pytest.mark.parametrize("kernel", KERNELS)
def test_a_panic_in_the_middle_of_the_releases_boots_the_crash_kernel(lab, kernel):
    results = lab.script(Setup(kernel=kernel, devices=many, own=["reviver"]), IN_THE_MIDDLE,
                         append="crashkernel=256M", timeout=300)
    # Loading the next kernel leaves the crash kernel alone.
    assert results.every("crash-loaded") == ["1", "1"]
    assert results.every("exec-status") == []
    assert results.one("vmcore") == "there"
    assert "reviver: in remove()" in results.one("panic")


@pytest.mark.parametrize("kernel", KERNELS)
def test_kdump_works_after_a_jump(lab, kernel):
    results = lab.script(Setup(kernel=kernel), AFTER, append="crashkernel=256M", timeout=400)
    assert results.every("crash-loaded") == ["1", "1", "1"]
    assert results.one("vmcore") == "there"
    assert results.one("panic") == "sysrq triggered crash"
