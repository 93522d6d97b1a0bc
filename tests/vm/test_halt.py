# SPDX-License-Identifier: GPL-2.0-or-later
"""Engines that firmware left running and no driver holds, stopped by the registers of their class."""

import json

import pytest

from lab.setup import Setup

KERNELS = ["6.1", pytest.param("6.12", marks=pytest.mark.long), pytest.param("7.3", marks=pytest.mark.long)]


def nobodys(hardware):
    """What SeaBIOS starts, a SATA and an NVMe disk; and what the kernel stops in every start, whoever
    started it: USB controllers and sound. The first kernel loads none of their drivers."""
    hardware.device(f"ide-hd,bus=ide.0,{hardware.drive()}", "ahci", "sd_mod")
    hardware.nvme(hardware.root_port())
    hardware.device("qemu-xhci,addr=0x4")
    hardware.device("usb-ehci,addr=0x5")
    hardware.device("pci-ohci,addr=0x6")
    hardware.device("piix3-usb-uhci,addr=0x7")
    hardware.device("intel-hda,addr=0x8")


# A class of firmware that this is not: it starts what SeaBIOS does not, with Bus Master off, so that
# they read and write nothing.
START = """
device=/sys/bus/pci/devices/0000:00
at() {
	read -r start end flags <"$device:0$1.0/resource"
	printf '0x%x' $((start + $2))
}
if [ "$(argument lab.second)" = 1 ]; then
	report_output arrived kexit inspect --json
	load_drivers
	check_disks
	exit 0
fi
devmem "$(at 4 0x40)" 32 1
devmem "$(at 5 0x20)" 32 0x80001
devmem "$(at 6 0x4)" 32 0x80
printf '\\001\\000' | dd of="$device:07.0/resource4" bs=2 conv=notrunc 2>/dev/null
devmem "$(at 8 0x8)" 32 1
devmem "$(at 8 0x4c)" 8 2
devmem "$(at 8 0x5c)" 8 2
report_output before kexit inspect --json
report_output plan kexit plan --json
report_lines text kexit plan
report_lines none kexit quiesce --halt=none --reset=none
report_output left kexit inspect --json
report_lines back kexit rollback
report_output load kexit load /lab/next/kernel --initrd /lab/next/initrd \\
	--append "$(next_command_line script) lab.second=1"
report_lines quiesce kexit quiesce --reset=none
report_output halted kexit inspect --json
report_output record kexit report --json
kexit exec
report error "exec came back: $?"
"""

ENGINES = ["ahci", "ehci", "hda", "nvme", "ohci", "uhci", "xhci"]


def verdicts(results, name):
    """The verdict of each of ENGINES in what `kexit inspect --json` printed under name."""
    functions = json.loads(results.one(name))["functions"]
    print(name, [(function["address"], function["engine"], function["verdict"], function["readings"])
                 for function in functions if function["engine"]])
    return {function["engine"]: function["verdict"] for function in functions if function["engine"] in ENGINES}


@pytest.mark.parametrize("kernel", KERNELS)
def test_what_firmware_left_running_is_stopped_though_no_driver_is_there(lab, kernel):
    results = lab.script(Setup(kernel=kernel, devices=nobodys), START, timeout=180)
    assert results.every("error") == []
    for name in ("before", "left"):
        ran = verdicts(results, name)
        assert sorted(ran) == ENGINES
        assert set(ran.values()) <= {"live", "masked"}, ran
    print("\n".join(results.every("text")))
    planned = json.loads(results.one("plan"))["halts"]["functions"]
    assert sorted(function["engine"] for function in planned if function["fate"] == "may") == ENGINES
    assert results.one("none-status") == results.one("back-status") == results.one("quiesce-status") == "0"
    assert set(verdicts(results, "halted").values()) == {"quiet"}
    events = [event for event in json.loads(results.one("record"))["events"] if event["event"] == "halted"]
    print(json.dumps(events, indent=1))
    assert [event["outcome"] for event in events] == ["halted"] * len(ENGINES)
    # The next kernel finds nothing at work, and its drivers take it.
    assert {function["verdict"] for function in json.loads(results.one("arrived"))["functions"]
            if function["engine"]} == {"quiet"}
    assert {text.split()[1] for text in results.every("disk")} == {"ok"}
