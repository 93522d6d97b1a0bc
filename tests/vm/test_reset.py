# SPDX-License-Identifier: GPL-2.0-or-later
"""What remove() leaves running, reset at the end; what comes back, and what a reset must not touch."""

import json

import pytest

from lab.setup import Setup

KERNELS = ["6.1", pytest.param("6.12", marks=pytest.mark.long)]


def card(hardware):
    """One e1000e behind a root port, without its driver: reviver takes it."""
    hardware.device(f"e1000e,{hardware.root_port()},romfile=,{hardware.network()}")


def functions(results, name):
    """What `kexit inspect --json` printed under name: a function's answer by its address."""
    return {function["address"]: function for function in json.loads(results.one(name))["functions"]}


def verdicts(results, name, engine):
    return [function["verdict"] for function in functions(results, name).values()
            if function["engine"] == engine]


def events(results, name, kind):
    """The events of one kind in what `kexit report --json` printed."""
    return [event for event in json.loads(results.one(name))["events"] if event["event"] == kind]


REVIVED = """
insmod /lab/own/reviver.ko
report_lines plan kexit plan
report_lines none kexit quiesce --reset=none
report_output none-inspect kexit inspect --json
report_lines none-back kexit rollback
machine_state >/tmp/before
report_lines auto kexit quiesce
report_output auto-inspect kexit inspect --json
report_output record kexit report --json
report_lines back kexit rollback
machine_state >/tmp/after
report_lines difference diff /tmp/before /tmp/after
"""


@pytest.mark.parametrize("kernel", KERNELS)
def test_what_remove_left_running_is_live_without_the_reset_and_quiet_with_it(lab, kernel):
    results = lab.script(Setup(kernel=kernel, devices=card, own=["reviver"]), REVIVED)
    assert verdicts(results, "none-inspect", "e1000") == ["masked"]
    assert verdicts(results, "auto-inspect", "e1000") == ["quiet"]
    # QEMU's card has no FLR; its PM reset leaves the receiver on, and the bus is next.
    ended = events(results, "record", "reset-ended")
    assert [event["outcome"] for event in ended] == ["done", "done"]
    assert [event["functions"][-1]["verdict"] for event in ended] == ["masked", "quiet"]
    assert results.one("back-status") == "0"
    assert results.every("difference") == []


def behind_everything(hardware):
    """A switch with an NVMe disk and a card below, a conventional bridge with a card, and a device of
    two functions behind a port of its own."""
    # Else QEMU's firmware keeps hot plug to itself, and there is no pciehp to take care of.
    hardware.option("-global", "ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off")
    hardware.device(f"x3130-upstream,id=up,{hardware.root_port()}")
    for number in range(2):
        hardware.device(f"xio3130-downstream,id=down{number},bus=up,chassis={40 + number},slot={40 + number}")
    hardware.nvme("bus=down0")
    hardware.device(f"e1000e,bus=down1,romfile=,{hardware.network()}", "e1000e")
    hardware.device(f"pcie-pci-bridge,id=conventional,{hardware.root_port()}")
    hardware.device(f"rtl8139,bus=conventional,addr=1,romfile=,{hardware.network()}", "8139cp")
    port = hardware.root_port()
    hardware.device(f"qemu-xhci,{port},multifunction=on,addr=0.0", "xhci_pci")
    hardware.device(f"nvme,{port},addr=0.1,serial=two,{hardware.drive()}", "nvme")


ALL = """
load_drivers
links_up
check_all
report_lines plan kexit plan -v
machine_state >/tmp/before
report_lines quiesce kexit quiesce --reset=all
report_output inspect kexit inspect --json
report_output record kexit report --json
report_lines report kexit report
report_lines back kexit rollback
until_true 30 disks_are_there
sleep 1
machine_state >/tmp/after
report_lines difference diff /tmp/before /tmp/after
report again
check_all
"""


@pytest.mark.parametrize("kernel", KERNELS)
def test_switch_bridge_and_parts_of_a_device_come_back_as_before(lab, kernel):
    results = lab.script(Setup(kernel=kernel, devices=behind_everything), ALL, timeout=180)
    assert results.every("error") == []
    ended = events(results, "record", "reset-ended")
    print(json.dumps(ended, indent=1))
    # A root port each: the switch, the conventional bridge, the device of two functions.
    assert len(ended) == 3
    assert {event["outcome"] for event in ended} == {"done"}
    after = [function for event in ended for function in event["functions"]]
    assert {function["state"] for function in after} == {"as before"}
    assert {function.get("bus_master", False) for function in after} == {False}
    quiet = verdicts(results, "inspect", "nvme") + verdicts(results, "inspect", "e1000")
    assert quiet == ["quiet"] * 3
    assert verdicts(results, "inspect", "xhci") == ["quiet"]
    assert verdicts(results, "inspect", "rtl8139") == ["quiet"]
    gone = {event["driver"] for event in events(results, "record", "release")}
    assert "pciehp" in gone and "pcieport" not in gone
    assert results.one("back-status") == "0"
    assert any("pciehp" in line for line in results.every("back"))
    assert results.every("difference") == []
    # Each use works again with the drivers that were bound anew.
    for use in ("disk", "link"):
        seen = results.every(use)
        assert len(seen) == 4 and all(line.endswith(" ok") for line in seen)


SMALL = """
load_drivers
links_up
check_all
report_lines quiesce kexit quiesce --reset=all
report_output inspect kexit inspect --json
report_output record kexit report --json
report_lines back kexit rollback
until_true 60 disks_are_there
links_up
check_all
"""


@pytest.mark.parametrize("arch", ["ppc64el", "arm64"])
def test_other_machines(lab, arch):
    """powernv9 under skiboot, whose firmware does the reset, and arm64's virt."""
    results = lab.script(Setup(arch=arch, devices="small"), SMALL, timeout=300)
    assert results.every("error") == []
    ended = events(results, "record", "reset-ended")
    print(json.dumps(ended, indent=1))
    assert len(ended) == 3
    assert {event["outcome"] for event in ended} == {"done"}
    assert results.one("back-status") == "0"
    uses = results.every("disk") + results.every("link")
    assert len(uses) == 6 and all(use.endswith(" ok") for use in uses)


def _nvme(hardware, bus):
    hardware.nvme(bus)


def _card(hardware, bus):
    hardware.device(f"e1000e,{bus},romfile=,{hardware.network()}", "e1000e")


def _usb(hardware, bus):
    hardware.device(f"qemu-xhci,id=usb,{bus}", "xhci_pci", "usbhid", "hid_generic", "usb_storage", "sd_mod")
    hardware.device(f"usb-storage,bus=usb.0,{hardware.drive()}")


SUBJECTS = {"nvme": _nvme, "e1000e": _card, "xhci_hcd": _usb}


def behind(place, driver):
    """One device, behind a root port or behind a switch that has another device as well."""

    def devices(hardware):
        if place == "port":
            SUBJECTS[driver](hardware, hardware.root_port())
            return
        if place == "fast port":
            # Of QEMU's default speed: the kernel waits for its link in vain after a reset.
            hardware.device("pcie-root-port,id=fast,bus=pcie.0,addr=0x1c,chassis=60,slot=60")
            SUBJECTS[driver](hardware, "bus=fast")
            return
        hardware.device(f"x3130-upstream,id=up,{hardware.root_port()}")
        for number in range(2):
            hardware.device(
                f"xio3130-downstream,id=down{number},bus=up,chassis={40 + number},slot={40 + number}")
        SUBJECTS[driver](hardware, "bus=down0")
        hardware.device("virtio-rng-pci,bus=down1", "virtio_pci", "virtio_rng")

    return devices


CYCLES = """
load_drivers
for function in /sys/bus/pci/drivers/%s/0000:*; do :; done
report_output test kexit test "${function##*/}" --cycles %d --reset --json -q
report_output record kexit report --json
"""


def cycle(lab, kernel, place, driver, count):
    results = lab.script(Setup(kernel=kernel, devices=behind(place, driver)), CYCLES % (driver, count),
                         timeout=120 + 20 * count)
    assert results.every("error") == []
    result = json.loads(results.one("test"))["result"]
    print(json.dumps({key: value for key, value in result.items() if key != "each"}))
    assert results.one("test-status") == "0"
    assert result["cycles"] == result["verdicts"]["quiet"] == count
    assert result["resets"]["done"] == result["resets"]["quiet_after"] == count
    assert result["use_failed"] == 0
    return events(results, "record", "reset-ended")


@pytest.mark.parametrize("kernel", KERNELS)
def test_a_wait_for_the_link_in_vain_is_no_failure(lab, kernel):
    """The kernel's answer is -ENOTTY, and all is back and as before."""
    (ended,) = cycle(lab, kernel, "fast port", "nvme", 3)
    assert ended["errno"] == "ENOTTY"
    assert ended["outcome"] == "done"


@pytest.mark.long
@pytest.mark.parametrize("driver", SUBJECTS)
@pytest.mark.parametrize("place", ["port", "switch"])
@pytest.mark.parametrize("kernel", KERNELS)
def test_a_hundred_resets_change_nothing(lab, kernel, place, driver):
    """Config space as before each time, and the next driver's probe and I/O work."""
    cycle(lab, kernel, place, driver, 100)
