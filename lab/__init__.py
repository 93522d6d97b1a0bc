# SPDX-License-Identifier: GPL-2.0-or-later
"""The lab: real kernels in QEMU, one handover from kernel to kernel at a time.

    packages  -> Debian's kernels and tools, unpacked below .cache/
    initramfs -> what a guest runs, as a cpio archive
    devices   -> named sets of hardware
    machine   -> one QEMU, its serial line and its monitor
    handover  -> first kernel, the jump, next kernel, and what both reported

    lab/run drives the matrix:
    models    -> device models, and the machines they share
    wire      -> the far end of a network cable: traffic
    truth     -> registers as QEMU's monitor reads them
    matrix    -> one run: a machine at work leaves, a witness and the monitor look
    report_*  -> doc/lab.json to doc/LAB.md and doc/LAB.html
"""
