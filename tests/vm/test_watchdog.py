# SPDX-License-Identifier: GPL-2.0-or-later
"""A hardware watchdog that nothing can stop (nowayout), across a handover: it runs on, and the next
kernel has to feed it."""

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
