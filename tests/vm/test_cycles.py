# SPDX-License-Identifier: GPL-2.0-or-later
"""`kexit test`: a device used, released and bound again, many times, and what stops it on the way."""

import json

import pytest

from lab.setup import Setup

# The devices that are tested: driver -> what lab/devices.py needs to make one.
DRIVERS = ["e1000e", "nvme", "xhci_hcd", "ahci"]


def devices(hardware):
    """One device of each driver that is tested, each in use by nobody."""
    hardware.nvme(hardware.root_port())
    hardware.device(f"ide-hd,bus=ide.0,{hardware.drive()}", "ahci", "sd_mod")
    hardware.device(f"e1000e,{hardware.root_port()},romfile=,{hardware.network()}", "e1000e")
    hardware.device(f"qemu-xhci,id=usb,{hardware.root_port()}", "xhci_pci", "usbhid", "hid_generic",
                    "usb_storage", "sd_mod")
    hardware.device("usb-kbd,bus=usb.0")
    hardware.device(f"usb-storage,bus=usb.0,{hardware.drive()}")


ADDRESS = """
address_of() {
	for function in /sys/bus/pci/drivers/$1/0000:*; do echo "${function##*/}"; done | head -n 1
}
"""

CYCLES = ADDRESS + """
load_drivers
machine_state >/tmp/before
for driver in %s; do
	report_output "$driver" kexit test "$(address_of $driver)" --cycles %d --json -q
done
sleep 1
machine_state >/tmp/after
report_lines difference diff /tmp/before /tmp/after
"""


def cycle(lab, kernel, drivers, count):
    """Tests each driver's device in one machine; the report of each, by driver."""
    setup = Setup(kernel=kernel, devices=devices)
    results = lab.script(setup, CYCLES % (" ".join(drivers), count), timeout=120 + 12 * count * len(drivers))
    assert results.every("error") == []
    assert results.every("difference") == []
    for driver in drivers:
        assert results.every(f"{driver}-stderr") == []
        assert results.one(f"{driver}-status") == "0"
    return {driver: json.loads(results.one(driver)) for driver in drivers}


def assert_clean(driver, report, count):
    result = report["result"]
    print(driver, json.dumps({key: value for key, value in result.items() if key != "each"}))
    assert report["device"]["driver"] == driver
    assert result["cycles"] == result["verdicts"]["quiet"] == count
    assert result["use_failed"] == 0
    used = result["each"][0]
    assert used["links"] == (driver == "e1000e")
    assert used["disks"] == (driver != "e1000e")
    assert result["slowest_probe_ms"] > 0


def test_five_cycles_leave_each_device_quiet(lab):
    for driver, report in cycle(lab, "6.1", DRIVERS, 5).items():
        assert_clean(driver, report, 5)
        assert report["result"]["slab"]["judgement"] == "too few cycles"


@pytest.mark.long
@pytest.mark.parametrize("driver", DRIVERS)
@pytest.mark.parametrize("kernel", ["6.1", "6.12"])
def test_a_hundred_cycles_do_not_leak(lab, kernel, driver):
    report = cycle(lab, kernel, [driver], 100)[driver]
    assert_clean(driver, report, 100)
    assert report["result"]["slab"]["judgement"] == "no growth beyond noise"


STOPPED = ADDRESS + """
load_drivers
machine_state >/tmp/before
nic=$(address_of e1000e)
kexit test "$nic" --cycles 1000 >/tmp/test 2>&1 &
runner=$!
until_true 60 grep -q 'cycle 2' /tmp/test || report error 'no cycle ended'
while has_driver "$nic"; do :; done
kill -%s "$runner"; wait "$runner"; report test-status "$?"
%s
until_true 30 links_are_there
sleep 1
machine_state >/tmp/after
report_lines said tail -n 3 /tmp/test
report_lines difference diff /tmp/before /tmp/after
"""


@pytest.mark.parametrize("signal", ["INT", pytest.param("TERM", marks=pytest.mark.long)])
def test_a_signal_ends_it_with_all_back(lab, signal):
    results = lab.script(Setup(devices=devices), STOPPED % (signal, ""))
    assert results.every("error") == []
    assert results.one("test-status") == "3"
    assert results.every("difference") == []


def test_after_kill_9_rollback_brings_the_device_back(lab):
    results = lab.script(Setup(devices=devices), STOPPED % ("KILL", "sleep 1; report_lines rollback kexit rollback"))
    assert results.every("error") == []
    assert results.one("rollback-status") == "0"
    assert results.every("difference") == []


REFUSED = ADDRESS + """
load_drivers
disk=$(disks | grep nvme)
mkswap /dev/$disk >/dev/null && swapon /dev/$disk || report error 'no swap'
report_lines swap kexit test $disk
report_lines missing kexit test 0000:7f:00.0
report_lines port kexit test "$(address_of pcieport)"
report_lines folder kexit test "$(address_of e1000e)" --report /nonexistent/report
report_lines leave swapoff /dev/$disk
report_lines free kexit test $disk --cycles 1 --report /tmp/report
report_output report cat /tmp/report
"""


def test_what_cannot_be_tested_is_refused_and_named(lab):
    results = lab.script(Setup(devices=devices), REFUSED)
    assert results.every("error") == []
    assert results.one("swap-status") == "5"
    assert "swap" in results.one("swap")
    assert results.one("missing-status") == "1"
    assert results.one("port-status") == "5"
    assert results.one("folder-status") == "1"
    assert "/nonexistent/report" in results.one("folder")
    assert results.one("free-status") == "0"
    report = json.loads(results.one("report"))
    assert report["machine"]["sys_vendor"] == "QEMU"
    assert report["device"]["driver"] == "nvme"


# A function that no driver holds is put to sleep by its own registers, as a remove() may leave it.
WAKE = ADDRESS + """
load_drivers
nic=$(address_of e1000e)
folder=/sys/bus/pci/devices/$nic
echo "$nic" >/sys/bus/pci/drivers/e1000e/unbind
printf '\\003' | dd of=$folder/config bs=1 seek=$((0xcc)) conv=notrunc 2>/dev/null
report control-before "$(cat $folder/power/control)"
report_output asleep kexit inspect "$nic" --json
report_output awake kexit inspect "$nic" --json --wake
report_output again kexit inspect "$nic" --json
report_lines text kexit inspect "$nic" --wake
report control-after "$(cat $folder/power/control)"
echo auto >$folder/power/control
report_output suspended kexit inspect "$nic" --json --wake
report control-auto "$(cat $folder/power/control)"
mount -t securityfs securityfs /sys/kernel/security 2>/dev/null
echo integrity >/sys/kernel/security/lockdown
report_output locked kexit inspect "$nic" --json --wake
report_lines locked-text kexit inspect "$nic"
"""


def test_a_sleeping_function_is_woken_for_the_reading_only(lab):
    results = lab.script(Setup(devices=devices), WAKE)
    assert results.every("error") == []

    def function(name):
        document = json.loads(results.one(name))
        return document["functions"][0]

    assert function("asleep")["verdict"] == function("again")["verdict"] == "unreadable"
    assert function("asleep")["power_state"] == function("again")["power_state"] == "D3hot"
    assert function("awake")["verdict"] == "quiet"
    assert function("awake")["woken_from"] == "D3hot"
    assert results.one("control-before") == results.one("control-after")
    assert function("suspended")["verdict"] == "quiet"
    assert results.one("control-auto") == "auto"
    assert function("locked")["verdict"] == "unreadable"
    assert "locked down" in function("locked")["why"]
    assert json.loads(results.one("locked"))["lockdown"] == "integrity"
    assert any("locked down" in line for line in results.every("locked-text"))
