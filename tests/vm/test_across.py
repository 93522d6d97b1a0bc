# SPDX-License-Identifier: GPL-2.0-or-later
"""What crosses the jump of a running Debian: `kexit verify` on the other side."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from lab.devices import Hardware
from lab.installed import Installed, ask, boot_id, jumps
from lab.machine import Machine

pytestmark = pytest.mark.long

PREVIOUS = "/run/kexit/previous"


class WithSata(Installed):
    """With a disk whose controller is left to its driver's shutdown(), by a rule of evidence."""

    def hardware(self, devices: tuple[str, ...]) -> Hardware:
        made = super().hardware(devices)
        made.device(f"ide-hd,bus=ide.0,{made.drive()}")
        return made


def check_witness(machine: Machine) -> None:
    """It was looked at before udev loaded a driver, and verify and report tell."""
    functions = json.loads(ask(machine, f"cat {PREVIOUS}/witness.json"))["functions"]
    print(json.dumps(functions, indent=1))
    assert [(function["driver"], function["verdict"]) for function in functions] == [("ahci", "quiet")]
    told = "(ahci), left to shutdown(): quiet on arrival"
    assert told in ask(machine, "kexit verify")
    assert told in ask(machine, "kexit report --previous")
    # Here the driver has it since, so that a look now would say nothing of its arrival.
    assert "ahci" in ask(machine, "ls -l /sys/bus/pci/drivers/ahci/*/driver")


def check_record(machine: Machine, log: str, handover: str) -> None:
    """A second load, when all was released, brought what became of each device; on a machine so busy that the
    first one took half a minute there is none, and that is said."""
    said = ask(machine, "kexit report --previous")
    assert f"handover {handover} arrived" in said
    if "does not cross the jump: time is short: the first load took" in log:
        assert "what became of each device did not cross the jump" in said
        return
    assert re.search(r"kexit: what became of each device crosses the jump: loaded again in \d+ ms", log)
    record = json.loads(ask(machine, f"cat {PREVIOUS}/record.json"))
    released = [event for event in record["events"] if event["event"] == "released"]
    assert any(event["outcome"] == "released" for event in released), released
    assert re.search(r"^\d+ released", said, re.M)


@pytest.mark.parametrize("flavour", ["", "dracut"], ids=["initramfs-tools", "dracut"])
def test_all_is_back_and_what_is_not_is_named(folder: Path, flavour: str) -> None:
    """After a real jump all is back. With an inventory that has one function more, and a driver of another
    name, exactly these two are missed: the inventory is the one that crossed."""
    with WithSata(folder, "trixie", crosses=True, flavour=flavour).running() as machine:
        before = boot_id(machine)
        assert "nothing came over a jump: this start was no jump" in ask(machine, "kexit verify; echo status $?")
        log = jumps(machine, "kexit reboot")
        handover = json.loads(ask(machine, f"cat {PREVIOUS}/handover.json"))
        assert handover["from"]["boot_id"] == before
        assert handover["verb"] == "reboot"
        said = ask(machine, "kexit verify --wait 2min; echo status $?")
        assert f"handover {handover['id']} from" in said
        assert re.search(r"all is back: [1-9]\d* PCI functions with their drivers, [1-9]\d* disks, 1 network links", said)
        assert "status 0" in said
        # The mark is settled: nothing is under way, and nothing failed.
        mark = json.loads(ask(machine, "cat /var/lib/kexit/handover.json"))
        assert "pending" not in mark
        assert mark["failed"] == []
        check_record(machine, log, handover["id"])
        check_witness(machine)
        # The disk, the card and the controller were there before, too.
        inventory = json.loads(ask(machine, f"cat {PREVIOUS}/inventory.json"))
        assert [disk["serial"] for disk in inventory["disks"] if disk["name"].startswith("nvme")] == ["root"]
        assert {"nvme", "e1000e", "xhci_hcd"} <= {function["driver"] for function in inventory["functions"]}
        ask(machine, f"sed -i 's/\"driver\":\"e1000e\"/\"driver\":\"e1000x\"/; "
                     f"s/\"functions\":\\[/&{{\"address\":\"0000:7f:00.0\",\"ids\":\"1:2 3:4\",\"driver\":null}},/' "
                     f"{PREVIOUS}/inventory.json")
        said = ask(machine, "kexit verify; echo status $?")
        assert "0000:7f:00.0: the function is not there now" in said
        assert re.search(r"^0000:\S+: driver e1000x then, e1000e now", said, re.M)
        assert "2 differences" in said
        assert "status 1" in said
