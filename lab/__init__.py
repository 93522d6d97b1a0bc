# SPDX-License-Identifier: GPL-2.0-or-later
"""The lab: real kernels in QEMU, one handover from kernel to kernel at a time.

    packages  -> Debian's kernels and tools, unpacked below .cache/
    initramfs -> what a guest runs, as a cpio archive
    devices   -> named sets of hardware
    machine   -> one QEMU, its serial line and its monitor
    handover  -> first kernel, the jump, next kernel, and what both reported
"""
