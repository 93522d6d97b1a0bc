# SPDX-License-Identifier: GPL-2.0-or-later
"""Hardware watchdogs across a handover: one that nothing can stop (nowayout) runs on, and the next
kernel has to feed it; one that kexit.conf(5) asks for is armed, fed until the jump, and then counts."""

import pytest

from lab.setup import Setup

KERNELS = ["6.1", "6.12"]
HEARTBEAT = 50  # seconds; an emulated kernel has to come up in it on a busy machine

SCRIPT = f"""
feed() {{
	# One descriptor that stays open, as a watchdog daemon's does.
	exec 8>/dev/watchdog
	while sleep 1; do echo . >&8; done
}}
load() {{
	while read -r module; do
		case $module in
		i6300esb) insmod /lab/modules/i6300esb.ko nowayout=1 heartbeat={HEARTBEAT} ;;
		*) insmod "/lab/modules/$module.ko" ;;
		esac
	done </lab/load-order
}}
load
if [ "$(argument lab.next)" = 1 ]; then
	[ "$(argument lab.feed)" = 0 ] || feed &
	report waiting
	sleep {HEARTBEAT * 2}
	report survived
else
	feed &
	sleep 2
	report_lines plan kexit plan
	kexit load /lab/next/kernel --initrd /lab/next/initrd --append "$(cat /proc/cmdline) lab.next=1"
	dmesg -n 6
	kexit exec
	report exec-status "$?"
fi
"""


def watchdog(hardware):
    hardware.device("i6300esb", "i6300esb")
    hardware.device(f"e1000e,{hardware.root_port()},romfile=,{hardware.network()}", "e1000e")


@pytest.mark.long
@pytest.mark.parametrize("kernel", KERNELS)
def test_a_watchdog_in_nowayout_is_left_named_and_fed_on(lab, kernel):
    results = lab.script(Setup(kernel=kernel, devices=watchdog), SCRIPT, append="lab.feed=1",
                         timeout=HEARTBEAT * 6)
    assert any("i6300ESB timer" in line and "leave" in line for line in results.every("plan"))
    assert [line for line in results.text.splitlines() if "i6300ESB timer: left" in line]
    assert results.every("survived") == [""]


@pytest.mark.long
@pytest.mark.parametrize("kernel", KERNELS)
def test_nobody_stops_it_behind_the_back_of_who_relies_on_it(lab, kernel):
    """Unfed in the next kernel it ends the machine: so it ran on through the jump."""
    text = lab.script_to_end(Setup(kernel=kernel, devices=watchdog, append="lab.feed=0"), SCRIPT,
                             timeout=HEARTBEAT * 6)
    assert "Starting new kernel" in text
    assert "@@ waiting" in text
    assert "@@ survived" not in text


GUARDED = f"""
load() {{
	while read -r module; do
		case $module in
		i6300esb) [ "$1" = without ] || insmod /lab/modules/i6300esb.ko ;;
		watchdog) insmod /lab/modules/watchdog.ko stop_on_reboot=0 ;;
		*) insmod "/lab/modules/$module.ko" ;;
		esac
	done </lab/load-order
}}
if [ "$(argument lab.next)" = 1 ]; then
	load "$(argument lab.driver)"
	report waiting
	sleep {HEARTBEAT * 2}
	report survived
else
	load with
	modules=/lib/modules/$(uname -r)
	mkdir -p "$modules" /etc/kexit
	[ "$(argument lab.driver)" = unknown ] || echo kernel/drivers/watchdog/i6300esb.ko: >"$modules/modules.dep"
	echo "watchdog = {HEARTBEAT}s" >/etc/kexit/kexit.conf
	report_lines load kexit load /lab/next/kernel --initrd /lab/next/initrd --append "$(cat /proc/cmdline) lab.next=1"
	report state "$(cat /sys/class/watchdog/watchdog0/state)"
	dmesg -n 6
	kexit exec
	report exec-status "$?"
fi
"""


@pytest.mark.long
@pytest.mark.parametrize("kernel", KERNELS)
def test_a_watchdog_that_was_asked_for_ends_a_next_kernel_that_does_not_come_up(lab, kernel):
    """Here: one that never loads the driver, as if it had hung before."""
    text = lab.script_to_end(Setup(kernel=kernel, devices=watchdog, append="lab.driver=without"), GUARDED,
                             timeout=HEARTBEAT * 6)
    assert "watchdog0 (i6300esb) will guard the jump" in text
    assert "@@ state inactive" in text  # until the exec
    assert f"kexit: watchdog0 restarts the machine in {HEARTBEAT} s unless the next kernel feeds it" in text
    assert "@@ waiting" in text
    assert "@@ survived" not in text


@pytest.mark.long
@pytest.mark.parametrize("kernel", KERNELS)
def test_the_driver_in_the_next_kernel_takes_it_over(lab, kernel):
    results = lab.script(Setup(kernel=kernel, devices=watchdog), GUARDED, append="lab.driver=with",
                         timeout=HEARTBEAT * 6)
    assert any("will guard the jump" in line for line in results.every("load"))
    assert "kexit: watchdog0 restarts the machine" in results.text
    assert results.every("survived") == [""]


@pytest.mark.long
def test_none_is_armed_where_the_next_kernel_is_not_known_to_have_its_driver(lab):
    results = lab.script(Setup(kernel="6.12", devices=watchdog), GUARDED, append="lab.driver=unknown",
                         timeout=HEARTBEAT * 6)
    assert any("no watchdog will guard the jump" in line and "i6300esb" in line for line in results.every("load"))
    assert "watchdog0 restarts the machine" not in results.text
    assert results.every("survived") == [""]
