# SPDX-License-Identifier: GPL-2.0-or-later
"""Boot entries loaded by real kernels: files by name, and sections of a unified kernel image."""

import struct

import pytest

from lab import packages
from lab.setup import Setup

SCRIPT = """
mkdir -p /tmp/r/boot/loader/entries /tmp/r/EFI/Linux
cp /lab/next/kernel /tmp/r/boot/vmlinuz
cp /lab/next/initrd /tmp/r/boot/initrd
[ -e /lab/image.efi ] && mv /lab/image.efi /tmp/r/EFI/Linux/
cat >/tmp/r/boot/loader/entries/first.conf <<'END'
title First
linux /vmlinuz
initrd /initrd
options lab.extra=1
END
printf 'title Second\\nlinux /vmlinuz-gone\\n' >/tmp/r/boot/loader/entries/second.conf
loaded() { report "$1-loaded" "$(cat /sys/kernel/kexec_loaded)"; kexit unload; }
report_lines list kexit entries --root /tmp/r
report_lines first kexit load --root /tmp/r --entry first.conf
loaded first
report_lines classic kexit load --root /tmp/r --entry first.conf --method classic
loaded classic
report_lines image kexit load --root /tmp/r --entry image.efi --append extra
loaded image
report_lines image-classic kexit load --root /tmp/r --entry image.efi --method classic
loaded image-classic
report_lines gone kexit load --root /tmp/r --entry second.conf
report_lines unknown kexit load --root /tmp/r --entry third.conf
"""

LOCKED = """
mkdir -p /tmp/r/EFI/Linux
mv /lab/signed.efi /lab/unsigned.efi /tmp/r/EFI/Linux/
report_lines before kexit entries --root /tmp/r
mount -t securityfs securityfs /sys/kernel/security
echo integrity >/sys/kernel/security/lockdown
report_lines after kexit entries --root /tmp/r
report_lines load kexit load --root /tmp/r --entry unsigned.efi
"""

MACHINES = {"amd64": 0x8664, "arm64": 0xAA64}


def unified(machine, sections):
    """An EFI program whose sections are these, as ukify would lay them out (Microsoft, "PE Format")."""
    table, contents, at = b"", b"", 4096
    for name, data in sections.items():
        padded = data + bytes(-len(data) % 512)
        table += struct.pack("<8sIIIIIIHHI", name.encode(), len(data), at, len(padded), at, 0, 0, 0, 0, 0)
        contents += padded
        at += len(padded)
    optional = struct.pack("<H", 0x20B).ljust(240, b"\0")
    coff = struct.pack("<4sHHIIIHH", b"PE\0\0", machine, len(sections), 0, 0, 0, len(optional), 0)
    head = b"MZ".ljust(0x3C, b"\0") + struct.pack("<I", 0x40) + coff + optional + table
    return head.ljust(4096, b"\0") + contents


def setup_with_image(arch, kernel):
    image = packages.kernel(Setup(arch=arch).architecture, kernel).image
    sections = {
        ".osrel": b'ID=lab\nPRETTY_NAME="An image"\n',
        ".cmdline": b"lab.extra=2",
        ".initrd": b"123",
        ".ucode": b"12345",
        ".linux": image.read_bytes(),
    }
    files = {"lab/image.efi": unified(MACHINES[arch], sections)}
    return Setup(arch=arch, kernel=kernel, files=files)


@pytest.mark.parametrize(
    ("arch", "kernel", "method"),
    [
        ("amd64", "6.1", "kexec_file_load"),
        pytest.param("amd64", "6.12", "kexec_file_load", marks=pytest.mark.long),
        pytest.param("arm64", "6.1", "kexec_load (kexec-tools)", marks=pytest.mark.long),
    ],
    ids=["6.1", "6.12", "arm64"],
)
def test_an_entry_is_loaded(lab, arch, kernel, method):
    results = lab.script(setup_with_image(arch, kernel), SCRIPT, timeout=300)
    listed = "\n".join(results.every("list"))
    assert "First" in listed and "An image" in listed
    assert "cannot be booted: the kernel /vmlinuz-gone is not there" in listed
    for name in ("first", "classic", "image", "image-classic"):
        assert results.one(f"{name}-status") == "0", results.one(name)
        assert results.one(f"{name}-loaded") == "1"
    assert results.one("first").endswith(f"loaded by {method}")
    assert "command line of 17 bytes" in results.one("image")
    assert results.one("gone-status") == results.one("unknown-status") == "5"
    assert "'second.conf' cannot be booted" in results.one("gone")
    assert "no boot entry is called 'third.conf'" in results.one("unknown")


def without_signature(kernel):
    """That kernel with its table of certificates forgotten, as one that was built by hand."""
    header = struct.unpack_from("<I", kernel, 0x3C)[0] + 24
    entry = header + 112 + 4 * 8
    assert struct.unpack_from("<H", kernel, header) == (0x20B,)
    assert any(kernel[entry : entry + 8]), "the lab's kernel is not signed"
    return kernel[:entry] + bytes(8) + kernel[entry + 8 :]


def test_an_unsigned_kernel_is_greyed_under_lockdown(lab):
    kernel = packages.kernel(Setup().architecture, "6.1").image.read_bytes()
    files = {
        "lab/signed.efi": unified(MACHINES["amd64"], {".linux": kernel}),
        "lab/unsigned.efi": unified(MACHINES["amd64"], {".linux": without_signature(kernel)}),
    }
    results = lab.script(Setup(files=files), LOCKED, timeout=300)
    assert not any("cannot be booted" in line for line in results.every("before"))
    after = results.every("after")
    assert [line.split()[-2] for line in after if line.endswith(" uki")] == ["unsigned.efi", "signed.efi"]
    reason = after[1] + after[2]
    assert "cannot be booted: the kernel within the image is not signed" in reason
    assert sum("cannot be booted" in line for line in after) == 1
    assert results.one("load-status") == "5"
