# SPDX-License-Identifier: GPL-2.0-or-later
"""Made-up records (doc/record.md) for the page of `kexit report --html`."""

import json

PCI = "/devices/pci0000:00/0000:00:"


class Record:
    """Events in the order in which they are added, each with its time in milliseconds."""

    def __init__(self, verb="exec"):
        self.lines = []
        self.add(0, "start", schema=1, verb=verb, pid=812, time="2026-11-27T22:04:05Z", boot_id="b",
                 kernel="6.12.57+deb13-amd64", machine="x86_64", boottime_ms=1000.0)

    def add(self, at, event, **fields):
        self.lines.append((at, {"event": event, "time_ms": float(at), **fields}))

    def release(self, ms, took, device, driver, outcome="released", after=0.0, **fields):
        """A release of @took that waited for a chain of @after."""
        name = device.rsplit("/", 1)[1]
        self.add(ms, "release", device=device, bus="pci", driver=driver, name=name)
        self.add(ms + took, "released", device=device, outcome=outcome, ms=float(took),
                 path_ms=float(after + took), **fields)

    def text(self):
        return "".join(json.dumps(event) + "\n" for _, event in sorted(self.lines, key=lambda line: line[0]))

    def write(self, root):
        """Below @root, as --sysroot has it."""
        folder = root / "run" / "kexit"
        folder.mkdir(parents=True)
        (folder / "record").write_text(self.text(), encoding="utf-8")


def every_outcome(hostile="plain"):
    """A server on which everything went wrong once; @hostile is what a device says of itself."""
    record = Record()
    record.add(18, "plan", release=8, follow=3, leave=3, clear=1)
    record.add(19, "left", device="/devices/platform/serial8250", reason="serial port: may be the console",
               rule="built-in:60")
    record.add(19, "left", device=PCI + "1f.3", reason="SMBus: " + hostile, rule="built-in:99")
    record.add(19, "left", device=PCI + "02.0", reason="draws the console", rule="built-in:99")
    record.add(60, "flush", disks=3, result="done")
    for index, name in enumerate(("eth0", "eth1")):
        record.add(70, "link", name=name, ifindex=index + 2, mtu=1500, up=True, device=PCI + f"1c.0/0000:02:00.{index}",
                   addresses=["00"], routes=[])
    nvme = PCI + "1d.0/0000:03:00.0"
    record.add(72, "follow", device=nvme + "/nvme/nvme0/hwmon1", bus="hwmon", driver="", name="hwmon1", **{"with": nvme})
    for number in (0, 1):
        record.add(72, "follow", device=PCI + f"17.0/ata1/host0/target0:0:{number}/0:0:{number}:0", bus="scsi", driver="sd",
                   name=f"0:0:{number}:0", **{"with": PCI + "17.0"})
    record.release(80, 240, nvme, "nvme", verdict="quiet")
    record.release(80, 31, PCI + "1c.0/0000:02:00.0", "igb", verdict="quiet")
    record.release(81, 95, PCI + "1c.0/0000:02:00.1", "igb", "not-quiet", verdict="live", bus_master_cleared=True,
                   reason="RCTL=0x04008002 receiver on")
    record.release(82, 0.4, PCI + "14.0/usb1", "usb", "gone", reason="went with its host controller")
    record.release(82, 410, PCI + "14.0", "xhci_hcd", verdict="quiet")
    record.release(83, 12, PCI + "1f.6", hostile, "failed", errno="EPERM", reason="unbind: refused")
    record.release(84, 690, PCI + "01.0/0000:01:00.0", "mlx5_core", "stuck", reason="no progress for 600 ms",
                   signs={"still_ms": 600.0, "where": "mlx5_cmd_exec"})
    record.release(320, 480, PCI + "1d.0", "pcieport", after=240.0, verdict="quiet")
    record.release(90, 160, PCI + "17.0", "ahci", verdict="quiet")
    record.add(805, "released-all", stage_ms=725.0, critical_path_ms=720.0)
    record.add(850, "reset-ended", device=PCI + "1c.0/0000:02:00.1", outcome="done", ms=40.0, kernel_ms=30.0, functions=[])
    record.add(870, "doubts", left=2, unverified=2, masters=1, functions=[
        {"device": PCI + "01.0/0000:01:00.0", "what": "stuck", "bus_master": True, "bound": True, "reason": "stuck"},
        {"device": PCI + "02.0", "what": "left", "bus_master": False, "bound": True, "reason": "draws the console"},
    ])
    record.add(910, "jump")
    return record


def clean(count=6):
    """All released, all quiet."""
    record = Record("reboot")
    record.add(10, "plan", release=count, follow=0, leave=0, clear=0)
    for number in range(count):
        record.release(20 + number, 15 + 9 * number, PCI + f"{number + 2:02x}.0", "nvme", verdict="quiet")
    record.add(120, "released-all", stage_ms=100.0, critical_path_ms=60.0)
    record.add(130, "doubts", left=0, unverified=0, masters=0, functions=[])
    record.add(150, "jump")
    return record


def large(count=300):
    """@count releases: NVMe and network cards behind switches, a few of them in trouble."""
    record = Record()
    record.add(30, "plan", release=count, follow=0, leave=4, clear=0)
    record.add(200, "flush", disks=count // 2, result="done")
    for number in range(4):
        record.add(31, "left", device=f"/devices/platform/serial{number}", reason="serial port: may be the console", rule="x")
    for number in range(count):
        port = f"/devices/pci0000:{number // 32 * 16:02x}/0000:{number // 32 * 16:02x}:{number % 32:02x}.0"
        device = f"{port}/0000:{number // 32 * 16 + 1:02x}:{number % 32:02x}.0"
        took = 20 + number * 7919 % 400
        outcome = "stuck" if number == 77 else "failed" if number == 150 else "not-quiet" if number % 60 == 9 else "released"
        record.release(210 + number * 3, took, device, "nvme" if number % 2 else "mlx5_core", outcome,
                       verdict="quiet" if outcome == "released" else "live", reason="" if outcome == "released" else "engine runs")
    record.release(1700, 380, "/devices/pci0000:00/0000:00:1f.0", "pcieport", after=20.0 + 299 * 7919 % 400, verdict="quiet")
    record.add(2100, "released-all", stage_ms=1890.0, critical_path_ms=800.0)
    record.add(2150, "doubts", left=4, unverified=6, masters=1, functions=[])
    record.add(2200, "jump")
    return record
