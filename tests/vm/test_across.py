# SPDX-License-Identifier: GPL-2.0-or-later
"""What crosses the jump of a running Debian: `kexit verify` on the other side."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from lab.installed import Installed, ask
from tests.vm.test_reboot import boot_id, jumps

pytestmark = pytest.mark.long

PREVIOUS = "/run/kexit/previous"


def test_all_is_back_and_what_is_not_is_named(folder: Path) -> None:
    """After a real jump all is back. With an inventory that has one function more, and a driver of another
    name, exactly these two are missed: the inventory is the one that crossed."""
    with Installed(folder, "trixie", crosses=True).running() as machine:
        before = boot_id(machine)
        assert "nothing came over a jump: this start was no jump" in ask(machine, "kexit verify; echo status $?")
        jumps(machine, "kexit reboot")
        handover = json.loads(ask(machine, f"cat {PREVIOUS}/handover.json"))
        assert handover["from"]["boot_id"] == before
        assert handover["verb"] == "reboot"
        said = ask(machine, "kexit verify --wait 2min; echo status $?")
        assert f"handover {handover['id']} from" in said
        assert re.search(r"all is back: [1-9]\d* PCI functions with their drivers, [1-9]\d* disks, 1 network links", said)
        assert "status 0" in said
        # The disk, the card and the controller were there before, too.
        inventory = json.loads(ask(machine, f"cat {PREVIOUS}/inventory.json"))
        assert [disk["serial"] for disk in inventory["disks"]] == ["root"]
        assert {"nvme", "e1000e", "xhci_hcd"} <= {function["driver"] for function in inventory["functions"]}
        ask(machine, f"sed -i 's/\"driver\":\"e1000e\"/\"driver\":\"e1000x\"/; "
                     f"s/\"functions\":\\[/&{{\"address\":\"0000:7f:00.0\",\"ids\":\"1:2 3:4\",\"driver\":null}},/' "
                     f"{PREVIOUS}/inventory.json")
        said = ask(machine, "kexit verify; echo status $?")
        assert "0000:7f:00.0: the function is not there now" in said
        assert re.search(r"^0000:\S+: driver e1000x then, e1000e now", said, re.M)
        assert "2 differences" in said
        assert "status 1" in said
