# SPDX-License-Identifier: GPL-2.0-or-later
"""What Linux's drivers say on finding their device, or the bus it is on, in a state they did not expect.

The words are those of the drivers in Linux 6.1 and 6.12, without the numbers in them. A line that
drivers print after a cold start too does not belong here.
"""

from __future__ import annotations

import re

# By who says it. Each is a part of one line of the kernel's log.
WORDS = {
    "the driver core and PCI": (
        "probe of .* failed with error",
        "probe with driver .* failed",
        "unable to change power state",
        "can't change power state",
        "not ready .*after (FLR|PM|bus|resume)",
        "device inaccessible",
        "config space inaccessible",
        "No irq handler",
        "nobody cared",
        "Disabling IRQ",
        # Not the processor's own timer, which kexec leaves pending on any machine (Linux,
        # local_apic_timer_interrupt()): no device.
        "spurious (?!LAPIC timer)",
        "timed? ?out",
        "PCIe Bus Error",
        r"AER: .*(corrected|fatal)",
        "pciehp.*(Failed to check link|No link|Link Training Error)",
    ),
    "IOMMUs": (
        r"DMAR: .*fault",
        "not in kdump mode",  # translating, or remapping interrupts, for the kernel before
        "AMD-Vi: (Event logged|.*IO_PAGE_FAULT)",
        "SMMU currently enabled",
        "arm-smmu.*(event 0x|unhandled|fault)",
        "EEH: .*(frozen|Detected|fail)",
    ),
    "nvme": (
        "Device not ready",
        "Device shutdown incomplete",
        "controller is down",
        "Identify Controller failed",
        "Removing after probe failure",
        "Failed to (get|set) (queue|io|feature)",
        "completion polled",
        "resetting controller",
    ),
    "libata and ahci": (
        "COMRESET failed",
        "SRST failed",
        "(soft|hard|controller )reset failed",
        "reset failed, giving up",
        "link is slow to respond",
        "failed to (IDENTIFY|stop engine|enable AHCI)",
        "exception Emask",
        "port is .*frozen",
    ),
    "sd and the block layer": (
        "Unit Not Ready",
        "rejecting I/O to",
        "I/O error",
        "critical (target|medium) error",
        "not clean -- starting background reconstruction",
    ),
    "xhci, ehci, ohci, uhci and USB": (
        "host not halted",
        "host halt failed",
        "HC died",
        "Host took too long to start",
        "not responding",
        "BIOS handoff failed",
        "can't setup",
        "Controller not ready",
        "Event TRB for slot",
        "HCRESET not completed",
        "host (system|controller process) error",
        "force halt",
        "USB HC (takeover|reset) (failed|timed)",
        "Unrecoverable Error, disabled",
        "unable to enumerate",
        "device descriptor read/.*error",
        "not accepting address",
    ),
    "network cards": (
        "Hardware Unit Hang",
        "Hardware Error",
        "NVM Checksum Is Not Valid",
        "transmit queue .* timed out",
        "Tx Unit Hang",
        "failed to (reset|init(?!ialize. Disabling HugeTLB)|identify|start|stop)",  # POWER's pages: no device
    ),
    "virtio": (
        "is not a head!",
        "device refuses features",
        "virtio: device .*(broken|needs reset)",
    ),
}
_KERNEL_LINE = re.compile(r"^(?:@@ warning )?(?:<\d+>)?\[ *\d+\.\d+\](?:\[[^\]]*\])? (.*)$", re.MULTILINE)
# A program's line in the kernel's log: "systemd[1]: ...".
_PROGRAM = re.compile(r"[\w.-]+\[\d+\]: ")
_COMPLAINT = re.compile("|".join(words for group in WORDS.values() for words in group), re.IGNORECASE)


def complaints(log: str) -> list[str]:
    """The complaints in a serial log, or a piece of it: lines of the kernel, never of a program."""
    return [line for line in _KERNEL_LINE.findall(log) if _COMPLAINT.search(line) and not _PROGRAM.match(line)]
