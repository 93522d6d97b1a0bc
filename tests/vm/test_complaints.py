# SPDX-License-Identifier: GPL-2.0-or-later
"""lab.complaints knows a driver's complaint, and takes nothing else for one. No virtual machine."""

from __future__ import annotations

import pytest

from lab.complaints import complaints

# As Linux 6.1 prints them; none was said in the lab.
SAID = [
    "nvme nvme0: Device not ready; aborting reset, CSTS=0x1",
    "nvme nvme0: controller is down; will reset: CSTS=0xffffffff, PCI_STATUS=0x10",
    "ahci 0000:00:1f.2: controller reset failed (0xffffffff)",
    "ata1: COMRESET failed (errno=-16)",
    "xhci_hcd 0000:02:00.0: Host not halted after 16000 microseconds.",
    "xhci_hcd 0000:02:00.0: can't setup: -110",
    "e1000e 0000:01:00.0 eth0: Detected Hardware Unit Hang:",
    "e1000e: probe of 0000:01:00.0 failed with error -5",
    "__common_interrupt: 1.34 No irq handler for vector",
    "irq 16: nobody cared (try booting with the \"irqpoll\" option)",
    "DMAR: [DMA Write NO_PASID] Request device [01:00.0] fault addr 0x7f000 [fault reason 0x05]",
    "DMAR: Translation was enabled for dmar0 but we are not in kdump mode",
    "arm-smmu-v3 arm-smmu-v3.0.auto: SMMU currently enabled! Resetting...",
    "virtio_net virtio1: output.0:id 7 is not a head!",
]
# As a Debian in the lab prints them: after a cold start, but for the LAPIC's timer.
ORDINARY = [
    "nvme nvme0: 2/0/0 default/read/poll queues",
    "ata1: SATA link up 1.5 Gbps (SStatus 113 SControl 300)",
    "sd 2:0:0:0: [sda] Write cache: enabled, read cache: enabled, doesn't support DPO or FUA",
    "e1000e 0000:01:00.0: Interrupt Throttling Rate (ints/sec) set to dynamic conservative mode",
    "xhci_hcd 0000:02:00.0: hcc params 0x00087001 hci version 0x100 quirks 0x0000000000000010",
    "Spurious LAPIC timer interrupt on cpu 0",
    "Failed to initialize. Disabling HugeTLB",
    "systemd[1]: dev-sda1.device: Job dev-sda1.device/start timed out.",
]


@pytest.mark.parametrize("line", SAID)
def test_a_complaint_is_known(line: str) -> None:
    assert complaints(f"[    3.141592] {line}\n") == [line]
    assert complaints(f"@@ warning <4>[    3.141592] {line}\n") == [line]


@pytest.mark.parametrize("line", ORDINARY)
def test_nothing_else_is_taken_for_one(line: str) -> None:
    assert complaints(f"[    3.141592] {line}\n") == []


def test_only_what_the_kernel_says_counts() -> None:
    """A menu's line about a disk that does not answer is no driver's."""
    assert complaints(" * nvme0n1: timed out\n@@ error controller is down\n") == []
