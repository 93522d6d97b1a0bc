# SPDX-License-Identifier: GPL-2.0-or-later
"""A board whose extlinux.conf names a device tree, or a folder of them, and overlays: the next kernel has both,
and the memory that only firmware knew of."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from lab import bootdisk, bootimage, initramfs, packages
from lab.arch import ARCHES
from lab.bootdisk import Rack
from lab.bootimage import BootImage
from lab.script import HEAD
from lab.serial import Results
from lab.setup import Setup

ARCH = ARCHES["arm64"]
SECONDS = 600.0  # for any one step of an emulated guest on a busy machine

# The running kernel's tree has no word of the lab's.
ARRIVED = """
word() { tr -d '\\000' <"/proc/device-tree/$1"; }
if [ "$(argument lab.second)" = 1 ]; then
	report tree "$(word lab-tree)"
	report overlay "$(word lab-overlay)"
	report bus "$(word lab-bus/status)"
	report memory "$(sed -n 's/^MemTotal: *//p' /proc/meminfo)"
	exit
fi
"""
SCRIPT = ARRIVED + """
report first "$(sed -n 's/^MemTotal: *//p' /proc/meminfo)" "$(ls /proc/device-tree | grep -c lab)"
mkdir -p /tmp/r/extlinux /tmp/r/dtbs/vendor
cp /lab/next/kernel /tmp/r/vmlinuz
cp /lab/next/initrd /tmp/r/initrd
cp /lab/board.dtb /lab/other.dtb /tmp/r/dtbs/vendor
cp /lab/stray.dtbo /lab/lab.dtbo /tmp/r/dtbs
cat >/tmp/r/extlinux/extlinux.conf <<END
label named
	linux /vmlinuz
	initrd /initrd
	fdt /dtbs/vendor/board.dtb
	fdtoverlays /dtbs/gone.dtbo /dtbs/stray.dtbo /dtbs/lab.dtbo
	append $(cat /proc/cmdline) lab.second=1
label folder
	linux /vmlinuz
	initrd /initrd
	fdtdir /dtbs
	fdtoverlays /dtbs/lab.dtbo
	append $(cat /proc/cmdline) lab.second=1
END
report_lines list kexit entries --root /tmp/r --long
report_lines load kexit load --root /tmp/r --entry "$(argument lab.entry)"
kexit exec
"""

OTHER = '/dts-v1/; / { compatible = "acme,other"; model = "another board"; };'
OVERLAY = '/dts-v1/; /plugin/; &{/} { lab-overlay = "applied"; }; &lab_bus { status = "okay"; };'
STRAY = '/dts-v1/; /plugin/; &no_such_label { status = "okay"; };'
ON_DISK = 'lab-tree = "of the disk"; lab_bus: lab-bus { status = "disabled"; };\n'


def compiled(source: str) -> bytes:
    return subprocess.run(["dtc", "-q", "-@", "-O", "dtb"], input=source.encode(), stdout=subprocess.PIPE,
                          check=True).stdout


def board(folder: Path) -> str:
    """The lab's board as a distribution would have it: without what firmware writes as it starts a kernel."""
    blob = folder / "virt.dtb"
    words = [ARCH.qemu, *ARCH.board, "-display", "none"]
    words[words.index("virt")] = f"virt,dumpdtb={blob}"
    subprocess.run(words, check=True, capture_output=True)
    text = subprocess.run(["dtc", "-q", "-I", "dtb", "-O", "dts", blob], stdout=subprocess.PIPE, text=True,
                          check=True).stdout
    text, count = re.subn(r"\tmemory@[0-9a-f]+ \{[^}]*\};\n", "", text)
    assert count == 1
    text = re.sub(r"\t\t(kaslr-seed|rng-seed) = .*\n", "", text)
    # In front of the first node: properties come before all of them.
    text, count = re.subn(r"\n\n(?=\t[\w@,-]+ \{)", "\n" + ON_DISK, text, count=1)
    assert count == 1
    return text


def kilobytes(text: str) -> int:
    number, unit = text.split()
    assert unit == "kB"
    return int(number)


def files_of_a_board(scratch: Path) -> dict[str, bytes]:
    """What the disk has beside kernel and initrd."""
    if not shutil.which("dtc") or not shutil.which(ARCH.qemu):
        pytest.skip("device-tree-compiler or qemu-system-arm is not installed")
    return {
        "board.dtb": compiled(board(scratch)),
        "other.dtb": compiled(OTHER),
        "lab.dtbo": compiled(OVERLAY),
        "stray.dtbo": compiled(STRAY),
    }


def check_arrival(results: Results) -> None:
    assert results.one("tree") == "of the disk"
    assert results.one("overlay") == "applied"
    assert results.one("bus") == "okay"


@pytest.mark.long
@pytest.mark.parametrize("entry", ["named", "folder"])
def test_a_tree_of_the_disk_and_its_overlay(lab, entry, tmp_path):
    files = {f"lab/{name}": data for name, data in files_of_a_board(tmp_path).items()}
    results = lab.script(Setup(arch="arm64", files=files), SCRIPT, timeout=600, append=f"lab.entry={entry}")
    memory, words = results.one("first").rsplit(maxsplit=1)
    assert words == "0"
    assert results.one("load-status") == "0", results.every("load")
    assert "loaded by kexec_load (kexec-tools)" in "\n".join(results.every("load"))
    check_arrival(results)
    # But for what the trees themselves take, the kernel keeps: QEMU's has a MiB.
    assert abs(kilobytes(results.one("memory")) - kilobytes(memory)) < 8 << 10
    listed = "\n".join(results.every("list"))
    assert listed.count("tree     /tmp/r/dtbs/vendor/board.dtb") == 2
    assert "/dtbs/gone.dtbo of label 'named' is not there: left out" in listed
    told = "/tmp/r/dtbs/stray.dtbo: left out, as U-Boot does with an overlay that does not fit: FDT_ERR_NOTFOUND"
    assert (told in "\n".join(results.every("load"))) == (entry == "named")


CONF = """label board
	linux /vmlinuz
	initrd /initrd
	fdtdir /dtbs
	fdtoverlays /dtbs/stray.dtbo /dtbs/lab.dtbo
	append {options} lab.role=script lab.second=1
"""


@pytest.mark.long
def test_the_menu_boots_it_unattended(folder: Path) -> None:
    """kexit-boot on that board, whose disk is U-Boot's."""
    rack = Rack(folder, ARCH)
    kernel = packages.kernel(ARCH, "6.1")
    script = {"lab/script.sh": (HEAD + ARRIVED).encode()}
    root = folder / "content"
    (root / "dtbs/vendor").mkdir(parents=True)
    for name, data in files_of_a_board(folder).items():
        (root / "dtbs" / ("vendor" if name.endswith(".dtb") else "") / name).write_bytes(data)
    (root / "vmlinuz").write_bytes(kernel.image.read_bytes())
    (root / "initrd").write_bytes(initramfs.build(kernel, initramfs.Contents(modules=[], files=script)))
    bootdisk.write(root / "extlinux/extlinux.conf", CONF.format(options=f"console={ARCH.console} loglevel=4 panic=-1"))
    rack.formatted("board", "ext4", root)
    image = BootImage(modules=["nvme", *bootimage.FILE_SYSTEMS], programs=["kexec"],
                      settings="menu=lines\ntimeout=0\n")
    with rack.machine(bootimage.make(kernel, image), "") as machine:
        at = machine.wait("booting board", SECONDS)
        left_out = machine.wait("stray.dtbo: left out, as U-Boot does with an overlay that does not fit", SECONDS, at)
        at = machine.wait("^@@ boot script", SECONDS, left_out)
        machine.wait("^@@ end script", SECONDS, at)
        check_arrival(Results(machine.serial.text[at:]))
