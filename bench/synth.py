#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes a folder that looks like a machine with COUNT devices, to be read with --sysroot.

usage: synth.py COUNT DIR

The mix is that of a large server, repeated: of every 100 devices 9 PCIe ports, 12 NVMe controllers
with a namespace each, 10 NICs and 6 virtual functions, 2 HBAs with 15 SCSI disks, 2 USB controllers
with 12 devices, 12 platform devices, 20 memory blocks and CPUs that no driver binds. Ids, links and
attributes are those that kexit reads. One root file system is mounted; everything else is free.
"""
import os
import sys

PORT = "pci:v00008086d0000347Asv00000000sd00000000bc06sc04i00"
NVME = "pci:v0000144Dd0000A80Asv0000144Dsd0000A813bc01sc08i02"
NIC = "pci:v00008086d00001592sv00008086sd00000002bc02sc00i00"
VF = "pci:v00008086d00001889sv00008086sd00000000bc02sc00i00"
HBA = "pci:v00001000d000000E6sv00001000sd00004050bc01sc07i00"
XHCI = "pci:v00008086d00008CB1sv00001028sd00000617bc0Csc03i30"
UNIT = 100


class Tree:
    def __init__(self, root):
        self.root = root
        self.made = set()
        self.count = 0
        self.claims = []
        self.disks = 0
        self.links = 0

    def folder(self, path):
        if path not in self.made:
            os.makedirs(self.root + path, exist_ok=True)
            self.made.add(path)

    def put(self, path, name, text):
        self.folder(path)
        descriptor = os.open(f"{self.root}{path}/{name}", os.O_WRONLY | os.O_CREAT, 0o644)
        os.write(descriptor, text if isinstance(text, bytes) else text.encode())
        os.close(descriptor)

    def link(self, folder, name, target):
        """A relative link, as sysfs has them; both paths start with /sys/."""
        self.folder(folder)
        os.symlink("../" * (folder.count("/") - 1) + target[5:], f"{self.root}{folder}/{name}")

    def device(self, path, bus, driver, modalias=None):
        name = path.rsplit("/", 1)[1]
        self.count += 1
        self.folder(path)
        self.link(f"/sys/bus/{bus}/devices", name, path)
        if modalias:
            self.put(path, "modalias", modalias + "\n")
        if driver:
            folder = f"/sys/bus/{bus}/drivers/{driver}"
            if folder not in self.made:
                self.put(folder, "unbind", "")
            self.link(folder, name, path)
            self.link(path, "driver", folder)
        return path

    def function(self, path, modalias, driver, header=0):
        self.device(path, "pci", driver, modalias)
        config = bytearray(64)
        config[4] = 0x07
        config[5] = 0x04
        config[0x0E] = header
        self.put(path, "config", bytes(config))
        self.put(path, "power_state", "D0\n")
        self.link(path, "iommu_group", f"/sys/kernel/iommu_groups/{self.count}")
        if not header:
            self.put(path, "reset", "")
            self.put(path, "reset_method", "flr bus\n")
        return path

    def class_device(self, cls, path):
        self.folder(path)
        self.link(f"/sys/class/{cls}", path.rsplit("/", 1)[1], path)
        return path

    def disk(self, path):
        self.class_device("block", path)
        self.put(path, "dev", f"{8 + self.disks // 1048576}:{self.disks}\n")
        self.put(path, "size", "7814037168\n")
        self.put(path, "ro", "0\n")
        self.folder(path + "/slaves")
        self.claims.append(f"{path.rsplit('/', 1)[1]} {'free' if self.disks else 'busy'}\n")
        self.disks += 1


def add_nvme(tree, port, bus, i):
    path = tree.function(f"{port}/{bus}:00.0", NVME, "nvme")
    number = tree.disks
    controller = tree.class_device("nvme", f"{path}/nvme/nvme{number}")
    tree.disk(f"{controller}/nvme{number}n1")


def add_link(tree, path):
    link = tree.class_device("net", f"{path}/net/eth{tree.links}")
    tree.put(link, "flags", "0x1003\n")
    tree.put(link, "ifindex", f"{tree.links + 2}\n")
    tree.put(link, "carrier", "1\n")
    tree.links += 1


def add_hba(tree, path, unit, disks):
    tree.function(path, HBA, "mpt3sas")
    host = f"{path}/host{unit}"
    tree.class_device("scsi_host", f"{host}/scsi_host/host{unit}")
    for i in range(disks):
        name = f"{unit}:0:{i}:0"
        lun = tree.device(f"{host}/target{unit}:0:{i}/{name}", "scsi", "sd", "scsi:t-0x00")
        tree.class_device("scsi_disk", f"{lun}/scsi_disk/{name}")
        tree.disk(f"{lun}/block/sd{tree.disks}")


def add_usb(tree, path, unit, devices):
    tree.function(path, XHCI, "xhci_hcd")
    hub = tree.device(f"{path}/usb{unit}", "usb", "usb")
    for i in range(1, devices // 2 + 1):
        stick = tree.device(f"{hub}/{unit}-{i}", "usb", "usb")
        tree.device(f"{stick}/{unit}-{i}:1.0", "usb", "usbhid", "usb:v046DpC31Cd6402")


def add_unit(tree, unit, budget):
    """Up to @budget devices; the parts come in an order that keeps the mix when cut short."""
    domain = f"{unit:04x}"
    root = f"/sys/devices/pci{domain}:00"
    end = tree.count + budget
    for i in range(12):
        if tree.count >= end:
            return
        tree.device(f"/sys/devices/platform/PNP{unit}x{i}:00", "platform", f"platform{i}",
                    f"acpi:PNP{i:04x}:")
    for i in range(9):
        if tree.count + 4 >= end:
            break
        port = tree.function(f"{root}/{domain}:00:{i + 1:02x}.0", PORT, "pcieport", 1)
        add_nvme(tree, port, f"{domain}:{i + 1:02x}", i)
        nic = tree.function(f"{port}/{domain}:{i + 1:02x}:01.0", NIC, "ice")
        add_link(tree, nic)
        if i < 6:
            vf = tree.function(f"{port}/{domain}:{i + 1:02x}:11.0", VF, "iavf")
            tree.link(vf, "physfn", nic)
            add_link(tree, vf)
    if tree.count + 30 < end:
        add_hba(tree, f"{root}/{domain}:00:1c.0", 2 * unit, 8)
        add_hba(tree, f"{root}/{domain}:00:1d.0", 2 * unit + 1, 7)
        add_usb(tree, f"{root}/{domain}:00:1e.0", 2 * unit + 1, 6)
        add_usb(tree, f"{root}/{domain}:00:1f.0", 2 * unit + 2, 6)
    while tree.count < end:
        kind = "cpu" if tree.count % 4 == 0 else "memory"
        tree.device(f"/sys/devices/system/{kind}/{kind}{tree.count}", kind, None)


def make(count, root):
    tree = Tree(root)
    for bus in ("pci", "platform", "scsi", "usb", "cpu", "memory"):
        tree.put(f"/sys/bus/{bus}", "drivers_autoprobe", "1\n")
    unit = 0
    while tree.count < count:
        add_unit(tree, unit, min(UNIT, count - tree.count))
        unit += 1
    tree.put("/proc/self", "mountinfo", "25 1 8:0 / / rw - ext4 /dev/nvme0n1 rw\n")
    tree.put("/proc", "swaps", "Filename Type Size Used Priority\n")
    tree.put("/proc", "consoles", "")
    tree.put("/kexit-capture", "claims", "".join(tree.claims))


if __name__ == "__main__":
    if len(sys.argv) != 3 or not sys.argv[1].isdigit():
        sys.exit(__doc__)
    make(int(sys.argv[1]), sys.argv[2].rstrip("/"))
