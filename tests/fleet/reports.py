# SPDX-License-Identifier: GPL-2.0-or-later
"""Made-up reports of machines, as the role kexit.fleet.reboot writes them."""

NVME = "144d:a80a 144d:a813"
DEVICES = (
    ("0000:01:00.0", NVME, "nvme", "released"),
    ("0000:02:00.0", "15b3:1017 15b3:0020", "mlx5_core", "stuck"),
    ("0000:03:00.0", "1a03:2000 1a03:2000", "ast", "left"),
)


def path(address):
    return f"/devices/pci0000:00/{address}"


def record(kernel, nvme_ms=40):
    """As `kexit report --json` prints it."""
    events = [{"event": "start", "time_ms": 0, "schema": 1, "verb": "reboot", "kernel": kernel}]
    for address, _, driver, outcome in DEVICES:
        if outcome == "left":
            events.append({"event": "left", "device": path(address), "reason": "display", "rule": "built-in:100"})
            continue
        events.append({"event": "release", "device": path(address), "bus": "pci", "driver": driver, "name": address})
        ended = {"event": "released", "device": path(address), "outcome": outcome, "ms": nvme_ms}
        events.append(ended if outcome == "released" else {**ended, "reason": "no sign of it for 10 s"})
    return {"schema": 1, "events": events}


def machine(name, kernel="6.12.0-1", nvme_ms=40):
    functions = [{"address": address, "ids": ids, "class": "000000", "driver": driver, "vf": False}
                 for address, ids, driver, _ in DEVICES]
    return {"schema": 1, "host": name, "hardware": "Vendor Model 1", "rebooted": True, "seconds": 31, "error": "",
            "verify": 0, "verify_lines": ["all is back"],
            "report": {"schema": 1, "handover": {"id": name, "from": {"kernel": kernel},
                                                 "to": {"kernel": f"/boot/vmlinuz-{kernel}"}},
                       "inventory": {"schema": 1, "functions": functions}, "record": record(kernel, nvme_ms)}}
