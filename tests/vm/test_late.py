# SPDX-License-Identifier: GPL-2.0-or-later
"""Devices that drivers leave running or hang on, and what is done about them at the end."""

import json
import re
from pathlib import Path

import pytest

from lab.setup import Setup

LATE_H = Path(__file__).resolve().parent.parent.parent / "module/late.h"
VERSION = re.findall(r'#define LATE_VERSION "(.*)"', LATE_H.read_text())[0]
KERNELS = ["6.1", pytest.param("6.12", marks=pytest.mark.long)]


def card(hardware):
    """One e1000e behind a root port, without its driver: reviver takes it."""
    hardware.device(f"e1000e,{hardware.root_port()},romfile=,{hardware.network()}")


def verdict(text):
    """The e1000e's verdict in what `kexit inspect --json` printed."""
    return next(function["verdict"] for function in json.loads(text)["functions"]
                if function["engine"] == "e1000")


@pytest.mark.parametrize("kernel", KERNELS)
def test_the_test_driver_leaves_its_device_live(lab, kernel):
    """If this fails, the tests below prove nothing."""
    results = lab.script(Setup(kernel=kernel, devices=card, own=["reviver"]), """
insmod /lab/own/reviver.ko
for device in /sys/bus/pci/drivers/reviver/0*; do
	echo "${device##*/}" >"$device/driver/unbind"
done
report_output inspect kexit inspect --json
""")
    assert verdict(results.one("inspect")) == "live"


# ---- the module by itself: what the kernel does after `kexec -e -x`, which leaves the links up

# What every script below starts with.
COMMON = """
load_next() {
	kexec -l /lab/next/kernel --initrd=/lab/next/initrd \\
		--command-line="$(cat /proc/cmdline) lab.next=1"
}
# One write(2) is one list. What the module says of it comes from the same open file.
arm() {
	printf '%b' "$1" >/tmp/list
	exec 9<>/dev/kexit_late
	if dd if=/tmp/list bs=1M 2>/dev/null >&9; then report armed yes; else report armed no; fi
	report answer "$(cat <&9 | tr '\\n' ';')"
	exec 9<&-
}
port_of() {
	port=$(readlink -f "/sys/bus/pci/devices/$1/..")
	echo "${port##*/}"
}
"""

# Of each kind of wrong line, one: the list, and what its refusal says.
WRONG = [
    ("\\n", "line 1: not 'kexit-late 1'"),
    ("hello", "line 1: not 'kexit-late 1'"),
    ("kexit-late 2\\n", "line 1: not 'kexit-late 1'"),
    ("kexit-late 1\\nclear 0000:00:00.0\\nfrobnicate 1\\n", "line 3: unknown word 'frobnicate'"),
    ("kexit-late 1\\n\\n", "line 2: unknown word ''"),
    ("kexit-late 1\\nclear\\n", "line 2: '' is no PCI address"),
    ("kexit-late 1\\nclear 0000:ff:20.0\\n", "line 2: '0000:ff:20.0' is no PCI address"),
    ("kexit-late 1\\nclear  0000:00:00.0\\n", "line 2: ' 0000:00:00.0' is no PCI address"),
    ("kexit-late 1\\nclear 0:0:0.0\\n", "line 2: '0:0:0.0' is no PCI address"),
    ("kexit-late 1\\nclear CARD\\nclear CARD\\n", "line 3: a line above says the same of CARD"),
    ("kexit-late 1\\ntimeout 1\\ntimeout 1\\n", "line 3: a line above has a timeout already"),
    ("kexit-late 1\\ntimeout -1\\n", "line 2: '-1' is no number of seconds up to 86400"),
    ("kexit-late 1\\ntimeout 86401\\n", "line 2: '86401' is no number of seconds up to 86400"),
    ("kexit-late 1\\nstuck devices/nothing\\n", "line 2: 'devices/nothing' is no path below /sys"),
    ("kexit-late 1\\nclear 0000:ff:1f.7\\nfrobnicate 1\\n", "line 3: unknown word 'frobnicate'"),
    ("kexit-late 1\\nclear \\0\\n", "line 2: a zero byte"),
]

# Lines about what is not there, or is not as the line wants it: they are left out, the rest counts.
SKIPPED = [
    ("clear 0000:ff:1f.7", "no PCI function 0000:ff:1f.7"),
    ("clear PORT", "PORT is no endpoint"),
    ("reset CARD", "CARD is no bridge with a bus below it"),
    ("reset-function 0000:00:00.0", "0000:00:00.0 is a function without a reset"),
    ("stuck /devices/nothing", "no device /devices/nothing"),
    ("stuck /sys/devices/platform", "no device /sys/devices/platform"),
]

GOOD = "kexit-late 1\\ntimeout 60\\nclear CARD\\nreset PORT\\nreset-function CARD\\nstuck /devices/platform/serial8250\\n"

INTERFACE = """
for cycle in $(seq 100); do
	insmod /lab/own/kexit_late.ko && rmmod kexit_late || report error "cycle $cycle"
done
insmod /lab/own/kexit_late.ko
report mode "$(stat -c %%a /dev/kexit_late)"
card=$(basename /sys/bus/pci/devices/0000:01:00.0)
port=$(port_of "$card")
report names "$card" "$port"
fill() { printf '%%s' "$1" | sed "s/CARD/$card/g; s/PORT/$port/g"; }
report fresh "$(tr '\\n' ';' </dev/kexit_late)"
arm "$(fill '%s')"
%s
report kept "$(tr '\\n' ';' </dev/kexit_late)"

# Bytes of a good list changed at random: each is refused whole, or good.
fill '%s' | sed 's/\\\\n/\\n/g' >/tmp/good
size=$(stat -c %%s /tmp/good)
for round in $(seq 300); do
	cp /tmp/good /tmp/fuzz
	for byte in 1 2 3; do
		place=$(($(od -An -N2 -tu2 /dev/urandom) %% size))
		dd if=/dev/urandom of=/tmp/fuzz bs=1 count=1 seek=$place conv=notrunc 2>/dev/null
	done
	dd if=/tmp/fuzz of=/dev/kexit_late bs=1M 2>/dev/null && echo taken || echo refused
done | sort | uniq -c | while read -r count what; do report "fuzz-$what" "$count"; done
dd if=/dev/zero of=/dev/kexit_late bs=4194305 count=1 2>/dev/null || report too-long refused
dd if=/dev/urandom of=/dev/kexit_late bs=1M count=1 2>/dev/null || report random refused
arm disarm
report lines "$(dmesg | grep 'kexit_late:' | grep -vc taint)"
report trouble "$(dmesg | grep -cE 'BUG|WARNING|Oops|refcount')"
rmmod kexit_late && report gone
"""


@pytest.mark.parametrize("kernel", KERNELS)
def test_a_wrong_list_is_refused_whole_and_says_why(lab, kernel):
    """The module comes and goes a hundred times first."""
    wrong = "\n".join(f"arm \"$(fill '{text}')\"" for text, _ in WRONG)
    results = lab.script(Setup(kernel=kernel, devices=card, own=["kexit_late"]),
                         COMMON + INTERFACE % (GOOD, wrong, GOOD))
    assert results.every("error") == []
    function, port = results.one("names").split()

    def filled(text):
        return text.replace("CARD", function).replace("PORT", port)

    status = f"kexit-late 1;version {VERSION};armed %s;"
    armed = status % "yes" + filled(GOOD).partition("\\n")[2].replace("\\n", ";")
    answers = results.every("answer")
    assert results.one("mode") == "600"
    assert results.one("fresh") == status % "no"
    assert answers[0] == armed
    assert answers[1:-1] == [filled(reason) + ";" for _, reason in WRONG]
    assert answers[-1] == status % "no"
    assert results.every("armed") == ["yes"] + ["no"] * len(WRONG) + ["yes"]
    assert results.one("kept") == armed
    assert int(results.one("fuzz-refused")) > 0
    assert results.one("too-long") == results.one("random") == "refused"
    assert results.one("lines") == results.one("trouble") == "0"
    assert results.one("gone") == ""


VANISHED = """
insmod /lab/own/kexit_late.ko
card=$(basename /sys/bus/pci/devices/0000:01:00.0)
port=$(port_of "$card")
report names "$card" "$port"
fill() { printf '%%s' "$1" | sed "s/CARD/$card/g; s/PORT/$port/g"; }
%s
report status "$(tr '\\n' ';' </dev/kexit_late)"
rmmod kexit_late 2>/dev/null && report error "gone while it was armed"
arm disarm

# More than any machine had functions to name, 4,200 of them there.
insmod /lab/modules/dummy.ko numdummies=4200
{ echo kexit-late 1; for card in $(seq 0 4199); do echo "stuck /devices/virtual/net/dummy$card"; done
  for function in $(seq 5000); do printf 'clear %%04x:00:00.0\\n' "$function"; done; } >/tmp/long
exec 9<>/dev/kexit_late
dd if=/tmp/long bs=4M 2>/dev/null >&9 && report long "$(cat <&9)"
exec 9<&-
report steps "$(grep -c stuck /dev/kexit_late)" "$(wc -l </dev/kexit_late)"
arm disarm
rmmod kexit_late && report gone
report trouble "$(dmesg | grep -cE 'BUG|WARNING|Oops|refcount')"
"""


@pytest.mark.parametrize("kernel", KERNELS)
def test_a_device_that_vanished_costs_its_line_alone(lab, kernel):
    """And a list of any length is taken, and pins the module for as long as it is armed."""
    lists = "\n".join(f"arm \"$(fill 'kexit-late 1\\ntimeout 7\\n{line}\\nclear CARD')\"" for line, _ in SKIPPED)
    results = lab.script(Setup(kernel=kernel, devices=card, own=["kexit_late"], modules=["dummy"]),
                         COMMON + VANISHED % lists, timeout=300)
    assert results.every("error") == []
    function, port = results.one("names").split()
    reasons = [reason.replace("CARD", function).replace("PORT", port) for _, reason in SKIPPED]
    assert results.every("armed") == ["yes"] * (len(SKIPPED) + 2)
    assert results.every("answer")[:len(SKIPPED)] == \
        [f"skipped 1 of 4 lines; line 3: {reason};" for reason in reasons]
    assert results.one("status") == f"kexit-late 1;version {VERSION};armed yes;timeout 7;clear {function};"
    assert results.one("long") == "skipped 5000 of 9201 lines; line 4202: no PCI function 0001:00:00.0"
    assert results.one("steps") == "4200 4203"
    assert results.one("gone") == ""
    assert results.one("trouble") == "0"


def e1000e_cards(count):
    """So many e1000e behind root ports, with their driver."""
    def build(hardware):
        for _ in range(count):
            hardware.device(f"e1000e,{hardware.root_port()},romfile=,{hardware.network()}", "e1000e")

    return build


def two_cards(hardware):
    """Two e1000e, and an rtl8139 that no driver takes."""
    e1000e_cards(2)(hardware)
    hardware.device("rtl8139,romfile=,addr=0x1e.0")


QUIET = """
left=0000:01:00.0
bound=0000:02:00.0
unbound=0000:00:1e.0
if [ "$(argument lab.next)" = 1 ]; then
	report_output inspect kexit inspect --json
	load_drivers
	links_up
	check_links
else
	insmod /lab/own/kexit_late.ko
	load_drivers
	echo $bound >/sys/bus/pci/devices/$bound/driver/unbind
	echo reviver >/sys/bus/pci/devices/$bound/driver_override
	insmod /lab/own/reviver.ko reset_done=dma
	echo $bound >/sys/bus/pci/drivers_probe
	links_up
	# A reset that tells the driver sets its engine going.
	echo 1 >"/sys/bus/pci/devices/$(port_of $bound)/reset_subordinate"
	# Bus Master of what no driver holds.
	printf '\\007' | dd of=/sys/bus/pci/devices/$unbound/config bs=1 seek=4 conv=notrunc 2>/dev/null
	report revived "$(dmesg | grep -c revived)"
	report_output inspect kexit inspect --json
	[ "$(argument lab.arm)" = 0 ] ||
		arm "kexit-late 1\\ntimeout 60\\nclear $unbound\\nreset $(port_of $left)\\nreset $(port_of $bound)\\n"
	load_next
	dmesg -n 6
	kexec -e -x
fi
"""


def functions(text):
    return {function["address"]: (function["verdict"], function["bus_master"])
            for function in json.loads(text)["functions"]}


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("arm", [pytest.param(0, marks=pytest.mark.long), 1])
def test_what_shutdown_leaves_running_is_quiet_after_the_late_reset(lab, kernel, arm):
    """Without the list the next kernel finds it all as the drivers left it."""
    results = lab.script(Setup(kernel=kernel, devices=two_cards, own=["kexit_late", "reviver"]),
                         COMMON + QUIET, append=f"lab.arm={arm}", timeout=300)
    before, after = map(functions, results.every("inspect"))
    assert results.one("revived") == "1"
    assert before["0000:00:1e.0"][1]
    cards = [after[address] for address in ("0000:01:00.0", "0000:02:00.0")]
    if arm:
        assert cards == [("quiet", False)] * 2
        assert not after["0000:00:1e.0"][1]
    else:
        assert cards == [("masked", False)] * 2
        assert after["0000:00:1e.0"][1]
    assert [text.split()[1] for text in results.every("link")] == ["ok"] * 2


def tree(hardware):
    """Two cards behind a switch, and two functions of one device behind a conventional bridge."""
    def card_on(model, bus):
        hardware.device(f"{model},{bus},romfile=,{hardware.network()}", model)

    hardware.device(f"x3130-upstream,id=up,{hardware.root_port()}")
    for number in (1, 2):
        hardware.device(f"xio3130-downstream,id=down{number},bus=up,chassis={number + 20},slot={number + 20}")
        card_on("e1000e", f"bus=down{number}")
    hardware.device(f"pcie-pci-bridge,id=conventional,{hardware.root_port()}")
    card_on("e1000", "bus=conventional,addr=1.0,multifunction=on")
    card_on("e1000", "bus=conventional,addr=1.1")


TREE = """
if [ "$(argument lab.next)" = 1 ]; then
	report_output inspect kexit inspect --json
	load_drivers
	links_up
	check_links
else
	insmod /lab/own/kexit_late.ko
	load_drivers
	links_up
	arm "kexit-late 1\\ntimeout 60\\nreset 0000:00:10.0\\nreset 0000:00:10.1\\n"
	load_next
	dmesg -n 6
	kexec -e -x
fi
"""


@pytest.mark.long
@pytest.mark.parametrize("kernel", KERNELS)
def test_a_reset_reaches_all_below_a_switch_and_a_conventional_bridge(lab, kernel):
    results = lab.script(Setup(kernel=kernel, devices=tree, own=["kexit_late"]), COMMON + TREE, timeout=400)
    assert results.one("armed") == "yes", results.one("answer")
    found = [(function["verdict"], function["bus_master"])
             for function in json.loads(results.one("inspect"))["functions"]
             if function["engine"] == "e1000"]
    assert found == [("quiet", False)] * 4
    assert [text.split()[1] for text in results.every("link")] == ["ok"] * 4


# ---- kexit with and without the module

# In the first kernel LEAVE runs, in the next one the cards are looked at.
KEXIT = """
if [ "$(argument lab.next)" = 1 ]; then
	# A fresh kernel on POWER leaves address decoding off until a driver probes.
	wake=
	[ "$(uname -m)" != ppc64le ] || wake=--wake
	report_output inspect kexit inspect --json $wake
else
	%s
	kexit load /lab/next/kernel --initrd /lab/next/initrd --append "$(cat /proc/cmdline) lab.next=1"
	mkdir -p /etc/kexit/policy.d
	echo 'driver=reviver deadline=3s reason="a test"' >/etc/kexit/policy.d/test.conf
	dmesg -n 6
	report request
	kexit exec %s
	report exec-status "$?"
fi
"""


def left_by_firmware(text):
    """The kernel restarted without a jump: seconds after remove() began to hang, and why."""
    assert "Starting new kernel" not in text, text[-3000:]
    assert "Kernel panic" not in text, text[-3000:]
    hang = re.search(r"\[ *([\d.]+)\].*remove\(\) hangs", text)
    leave = re.search(r"\[ *([\d.]+)\] kexit: restarting through firmware: (.*)", text)
    return float(leave[1]) - float(hang[1]), leave[2]


def cut_off(text):
    """The kernel restarted because the module's time ran out; what it printed of the task."""
    assert "Starting new kernel" not in text, text[-3000:]
    assert "Kernel panic" not in text, text[-3000:]
    return text.partition("kexit_late: the shutdown of the devices took more than 5 s")[2]


@pytest.mark.parametrize("module", [0, 1])
@pytest.mark.parametrize(("arch", "kernel"), [
    ("amd64", "6.1"),
    pytest.param("amd64", "6.12", marks=pytest.mark.long),
    pytest.param("ppc64el", "6.1", marks=pytest.mark.long),
    pytest.param("arm64", "6.1", marks=pytest.mark.long),
])
def test_a_left_card_is_masked_without_the_module_and_quiet_with_it(lab, arch, kernel, module):
    """e1000e's shutdown() leaves its receiver on when the link is up."""
    def e1000e(hardware):
        # powernv9 has a root port of its own in each of its host bridges.
        port = "bus=pcie.0" if arch == "ppc64el" else hardware.root_port()
        hardware.device(f"e1000e,{port},romfile=,{hardware.network()}", "e1000e")

    start = f"[ {module} = 0 ] || insmod /lab/own/kexit_late.ko; load_drivers; links_up"
    own = ["kexit_late"] if module else []
    results = lab.script(Setup(arch=arch, kernel=kernel, devices=e1000e, own=own),
                         KEXIT % (start, "--leave e1000e"), timeout=500)
    assert verdict(results.one("inspect")) == ("quiet" if module else "masked")


@pytest.mark.parametrize("remove", ["hang", pytest.param("hang_rtnl", marks=pytest.mark.long)])
@pytest.mark.parametrize("kernel", KERNELS)
def test_a_stuck_remove_ends_in_firmware_without_the_module(lab, kernel, remove):
    text = lab.script_to_end(Setup(kernel=kernel, devices=card, own=["reviver"]),
                             KEXIT % (f"insmod /lab/own/reviver.ko remove={remove}", ""), timeout=300)
    seconds, why = left_by_firmware(text)
    assert "0000:01:00.0" in why
    # Its deadline is 3 s; what is beyond is a busy emulator's.
    assert 3 <= seconds < 10


@pytest.mark.parametrize("kernel", KERNELS)
def test_a_stuck_remove_does_not_stop_the_jump_with_the_module(lab, kernel):
    """The stuck card's bus is reset too: what remove() left half done is quiet."""
    start = "insmod /lab/own/kexit_late.ko; insmod /lab/own/reviver.ko remove=hang"
    results = lab.script(Setup(kernel=kernel, devices=card, own=["kexit_late", "reviver"]),
                         KEXIT % (start, ""), timeout=300)
    assert verdict(results.one("inspect")) == "quiet"


@pytest.mark.parametrize("kernel", KERNELS)
def test_a_shutdown_that_hangs_is_cut_off_by_the_module(lab, kernel):
    start = "insmod /lab/own/kexit_late.ko; insmod /lab/own/reviver.ko shutdown=hang"
    text = lab.script_to_end(Setup(kernel=kernel, devices=card, own=["kexit_late", "reviver"]),
                             KEXIT % (start, "--leave reviver --shutdown-deadline 5s"), timeout=300)
    assert "reviver_shutdown" in cut_off(text)


@pytest.mark.long
@pytest.mark.parametrize("kernel", KERNELS)
def test_a_remove_that_hangs_with_rtnl_is_cut_off_in_the_next_shutdown(lab, kernel):
    """Dropping the stuck device does not help the next network driver, which wants the lock."""
    start = """insmod /lab/own/kexit_late.ko
	load_drivers
	links_up
	card=/sys/bus/pci/devices/0000:01:00.0
	echo 0000:01:00.0 >$card/driver/unbind
	echo reviver >$card/driver_override
	insmod /lab/own/reviver.ko remove=hang_rtnl
	echo 0000:01:00.0 >/sys/bus/pci/drivers_probe"""
    text = lab.script_to_end(Setup(kernel=kernel, devices=e1000e_cards(2), own=["kexit_late", "reviver"]),
                             KEXIT % (start, "--leave e1000e --shutdown-deadline 5s"), timeout=300)
    assert "e1000_shutdown" in cut_off(text)


RMMOD = """
if [ "$(argument lab.next)" = 1 ]; then
	report_output inspect kexit inspect --json
else
	insmod /lab/own/kexit_late.ko
	insmod /lab/own/reviver.ko shutdown=slow
	arm "kexit-late 1\\ntimeout 60\\nreset $(port_of 0000:01:00.0)\\n"
	load_next
	dmesg -n 6
	while rmmod kexit_late 2>/tmp/why; [ -e /sys/module/kexit_late ]; do
		report refused "$(grep -c 'temporarily unavailable' /tmp/why)"
		usleep 100000
	done &
	kexec -e -x
fi
"""


@pytest.mark.parametrize("kernel", KERNELS)
def test_the_module_cannot_go_in_a_jump(lab, kernel):
    """rmmod is tried all the time, before the jump and while shutdown() takes three seconds."""
    results = lab.script(Setup(kernel=kernel, devices=card, own=["kexit_late", "reviver"]),
                         COMMON + RMMOD, timeout=300)
    during = results.text.partition("kexit_late: armed with 1 steps")[2].partition("Starting new kernel")[0]
    assert during.count("@@ refused 1") > 5
    assert set(results.every("refused")) == {"1"}
    assert verdict(results.one("inspect")) == "quiet"


@pytest.mark.parametrize("command", ["reboot", pytest.param("poweroff", marks=pytest.mark.long)])
@pytest.mark.parametrize("kernel", KERNELS)
def test_reboot_and_poweroff_do_not_wake_an_armed_module(lab, kernel, command):
    text = lab.script_to_end(Setup(kernel=kernel, devices=card, own=["kexit_late", "reviver"]), COMMON + f"""
insmod /lab/own/kexit_late.ko
insmod /lab/own/reviver.ko
arm "kexit-late 1\\ntimeout 60\\nclear 0000:01:00.0\\nreset $(port_of 0000:01:00.0)\\n"
dmesg -n 6
report go
{command} -f
""")
    before, _, after = text.partition("@@ go")
    assert "@@ armed yes" in before
    assert "reboot: " in after, after
    assert "kexit_late" not in after
