# SPDX-License-Identifier: GPL-2.0-or-later
"""A fresh kernel on POWER leaves address decoding off until a driver probes: inspect can borrow it."""

import json

from lab.setup import Setup

SCRIPT = """
nic=$(grep -l 0x10d3 /sys/bus/pci/devices/*/device)
nic=${nic%/device}
command() { hexdump -s 4 -n 2 -e '"%04x"' "$nic/config"; }
report command-before "$(command)"
report_output plain kexit inspect "${nic##*/}" --json
report_output lent kexit inspect "${nic##*/}" --json --wake
report command-after "$(command)"
report enable-after "$(cat "$nic/enable")"
load_drivers
report driver "$(basename "$(readlink "$nic/driver")")"
"""


def devices(hardware):
    hardware.device("e1000e,bus=pcie.0", "e1000e")


def test_decoding_is_lent_for_the_reading_only(lab):
    results = lab.script(Setup(arch="ppc64el", devices=devices), SCRIPT, timeout=300)

    def function(name):
        return json.loads(results.one(name))["functions"][0]

    assert results.every("error") == []
    assert function("plain")["verdict"] == "unreadable"
    assert "decoding is off" in function("plain")["why"]
    assert function("lent")["verdict"] == "quiet"
    assert function("lent")["decoding_lent"]
    assert int(results.one("command-before"), 16) & 7 == int(results.one("command-after"), 16) & 7 == 0
    assert results.one("enable-after") == "0"
    assert results.one("driver") == "e1000e"
