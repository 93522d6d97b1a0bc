# SPDX-License-Identifier: GPL-2.0-or-later
"""The grub.cfg that Debian's own grub-mkconfig writes, for a machine that is made up around it.

No virtual machine: its scripts run here, in a mount namespace with another /boot, /etc/default and
grub-probe, and so see nothing of this machine but its programs.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
UUID = "0a1b2c3d-0000-4000-8000-000000000001"
KERNELS = ("6.1.0-28-amd64", "6.1.0-31-amd64")

# What grub-probe says of a /boot of its own on ext4, in a GPT.
PROBE = f"""#!/bin/sh
for word; do case $word in
    --target=*) target=${{word#--target=}} ;;
    -t) take=1 ;;
    *) [ -z "$take" ] || target=$word; take= ;;
esac; done
case $target in
device) echo /dev/vda2 ;;
fs_uuid) echo {UUID} ;;
fs) echo ext2 ;;
partmap) echo gpt ;;
bios_hints | efi_hints | baremetal_hints | compatibility_hint) echo hd0,gpt2 ;;
hints_string) echo --hint-bios=hd0,gpt2 --hint-efi=hd0,gpt2 ;;
abstraction) ;;
*) exit 1 ;;
esac
"""

SCRIPT = f"""
set -e
mount --bind "$1/grub-probe" "$(command -v grub-probe)"
mount -t tmpfs tmpfs /etc/default
mount -t tmpfs tmpfs /boot
cp "$1/settings" /etc/default/grub
for version in {" ".join(KERNELS)}; do
    echo kernel >/boot/vmlinuz-$version
    echo initrd >/boot/initrd.img-$version
done
mkdir /boot/grub
grub-editenv /boot/grub/grubenv create
grub-editenv /boot/grub/grubenv set "saved_entry=$2"
grub-mkconfig -o /boot/grub/grub.cfg
cp -r /boot "$1/root/"
"""


def make_machine(folder, settings, saved=""):
    """The root folder of a machine whose /etc/default/grub has these @settings."""
    if os.geteuid() or not shutil.which("grub-mkconfig"):
        pytest.skip("needs root and grub-mkconfig (grub-common)")
    probe = folder / "grub-probe"
    probe.write_text(PROBE)
    probe.chmod(0o755)
    (folder / "settings").write_text(settings)
    (folder / "root").mkdir()
    command = ("unshare", "--mount", "sh", "-c", SCRIPT, "sh", str(folder), saved)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if "unshare failed" in done.stderr:
        pytest.skip(f"no mount namespaces here: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr
    return folder / "root"


@pytest.fixture(scope="module")
def kexit():
    return subprocess.check_output((ROOT / "tools/build", "gcc"), text=True).splitlines()[-1]


def entries(kexit, root):
    return json.loads(subprocess.check_output((kexit, "entries", "--json", "--root", root)))


def test_what_debian_writes_is_understood(kexit, tmp_path):
    root = make_machine(tmp_path, 'GRUB_TIMEOUT=7\nGRUB_CMDLINE_LINUX_DEFAULT="quiet a=\\"b c\\""\n')
    found = entries(kexit, root)
    assert not found["problems"]
    assert found["timeout"] == 7
    assert [entry["greyed"] for entry in found["entries"]] == [None] * 5
    first = found["entries"][0]
    assert first["default"] and not first["menus"]
    assert first["kernel"]["file"] == f"{root}/boot/vmlinuz-{KERNELS[1]}"
    assert [file["file"] for file in first["initrds"]] == [f"{root}/boot/initrd.img-{KERNELS[1]}"]
    assert first["options"].endswith('ro quiet "a=b c"')
    titles = [entry["title"] for entry in found["entries"][1:]]
    assert [KERNELS[1] in title for title in titles] == [True, True, False, False]
    assert ["recovery" in title for title in titles] == [False, True, False, True]
    assert all(len(entry["menus"]) == 1 for entry in found["entries"][1:])


def test_what_was_saved_boots(kexit, tmp_path):
    settings = "GRUB_TIMEOUT=0\nGRUB_DEFAULT=saved\nGRUB_SAVEDEFAULT=true\n"
    root = make_machine(tmp_path, settings, "1>2")
    found = entries(kexit, root)
    assert found["default"].startswith(f"gnulinux-{KERNELS[0]}-advanced-")
    assert found["timeout"] == 0 and found["menu_hidden"]
