# SPDX-License-Identifier: GPL-2.0-or-later
"""Kernels loaded, taken away and refused by real kernels."""

import pytest

from lab.setup import Setup

PATHS = "K=/lab/next/kernel I=/lab/next/initrd\n"

LOAD = PATHS + """
printf 123 >/tmp/odd
loaded() { report "$1-loaded" "$(cat /sys/kernel/kexec_loaded)"; }
report_lines load kexit load $K --initrd $I --initrd /tmp/odd --reuse-cmdline --append lab.extra=1
loaded load
report_lines unload kexit unload
loaded unload
report_lines again kexit unload
report_lines classic kexit load $K --initrd $I --initrd /tmp/odd --method classic --append x
loaded classic
"""

REFUSE = PATHS + """
report_lines exec kexit exec
report_lines missing kexit load /nonexistent
report_lines initrd kexit load $I
report_lines program kexit load /bin/busybox
dd if=$K of=/tmp/cut bs=64k count=2 2>/dev/null
report_lines cut kexit load /tmp/cut
report_lines long kexit load $K --append "$(head -c 2047 /dev/zero | tr '\\0' x)"
report_lines almost kexit load $K --append "$(head -c 2046 /dev/zero | tr '\\0' x)"
report_lines sysroot kexit --sysroot / load $K
report_lines namespace unshare -p -f kexit exec
kexit unload
mount -t securityfs securityfs /sys/kernel/security 2>/dev/null
echo integrity >/sys/kernel/security/lockdown
report_lines lockdown kexit load $K
report_lines lockdown-classic kexit load $K --method classic
echo 1 >/proc/sys/kernel/kexec_load_disabled
report_lines disabled kexit load $K
report loaded "$(cat /sys/kernel/kexec_loaded)"
"""

REFUSED = {
    "exec": "no kernel is loaded",
    "missing": "/nonexistent: the kernel cannot be opened: ENOENT",
    "initrd": "is not a kernel: it looks like a gzip-compressed image",
    "program": "is not a kernel: it looks like a program",
    "cut": "is cut short",
    "long": "take 1 bytes away",
    "namespace": "pid namespace",
    "lockdown": "locked down (integrity)",
    "lockdown-classic": "which refuses kexec_load",
    "disabled": "kernel.kexec_load_disabled is 1",
}


@pytest.mark.parametrize(
    ("setup", "method"),
    [
        (Setup(kernel="6.1"), "kexec_file_load"),
        pytest.param(Setup(kernel="6.12"), "kexec_file_load", marks=pytest.mark.long),
        (Setup(arch="ppc64el"), "kexec_load (kexec-tools)"),
        (Setup(arch="arm64"), "kexec_load (kexec-tools)"),
    ],
    ids=["6.1", "6.12", "ppc64el", "arm64"],
)
def test_load_and_unload(lab, setup, method):
    results = lab.script(setup, LOAD, timeout=300)
    assert results.one("load-status") == "0"
    assert results.one("load").endswith(f"loaded by {method}")
    assert results.one("load-loaded") == "1"
    assert results.one("unload-status") == results.one("again-status") == "0"
    assert results.one("unload-loaded") == "0"
    assert results.one("again") == "no kernel was loaded: nothing to do"
    assert results.one("classic-status") == "0"
    assert results.one("classic-loaded") == "1"


def test_refusals_say_why(lab):
    results = lab.script(Setup(), REFUSE)
    for name, words in REFUSED.items():
        assert words in " ".join(results.every(name))
        assert results.one(f"{name}-status") == "5", name
    assert results.one("sysroot-status") == "2"
    # The x86 file loader keeps 30 bytes of the line, kexec-tools none.
    assert results.one("almost-status") == "0"
    assert results.every("almost")[0].endswith("loaded by kexec_load (kexec-tools)")
    assert results.one("loaded") == "0"
