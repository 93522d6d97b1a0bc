# SPDX-License-Identifier: GPL-2.0-or-later
"""A fresh Debian with kexit's packages, as the README says and nothing else; and a boot image that the
packages made anew. What they depend on is there already, since a guest has no archive. DKMS builds nothing here: a
guest has no headers; lab.debs has."""

from __future__ import annotations

import re
import shutil
from functools import partial
from pathlib import Path

import pytest

from lab import debs
from lab.installed import OPTIONS, PROMPT, SECONDS, Installed, ask, assert_clean, jumps
from lab.machine import Machine

pytestmark = pytest.mark.long


def put_packages(suite: str, root: Path) -> None:
    new = root / "srv/new"
    new.mkdir()
    for name in debs.NAMES:
        shutil.copy(debs.package(debs.built(suite), name), root / "srv")
        debs.renumbered(root / "srv" / debs.package(debs.built(suite), name).name, f"{debs.version()}+next", new)
    # An initrd with most of Debian's modules takes an emulated machine minutes.
    (root / "etc/initramfs-tools/conf.d/modules").write_text("MODULES=dep\n")


def done(machine: Machine, command: str) -> str:
    said = ask(machine, f"{command}; echo status $?")
    assert said.rstrip().endswith("status 0"), said
    return said


@pytest.mark.parametrize("suite", ["trixie", "bookworm"])
def test_installed_and_used(folder: Path, suite: str) -> None:
    disk = Installed(folder, suite, enabled=False, flavour="packages", install=partial(put_packages, suite))
    with disk.running() as machine:
        done(machine, "apt-get -y install /srv/kexit*.deb")
        assert "disabled" in ask(machine, "systemctl is-enabled kexit-exit.service")
        assert re.search(r"^release  ", done(machine, "kexit plan"), re.M)
        assert_clean(jumps(machine, "kexit reboot"))
        assert "all is back" in done(machine, "kexit verify --wait 2min")
        # Another version, or the same again, between the load and the jump: what is loaded and staged is at work.
        done(machine, "systemctl enable --now kexit-exit.service")
        done(machine, "kexit load --default")
        for install in ("install /srv/new/*.deb", "--allow-downgrades install /srv/kexit*.deb",
                        "--reinstall install /srv/kexit*.deb"):
            done(machine, f"apt-get -y {install}")
            assert ask(machine, "cat /sys/kernel/kexec_loaded").strip() == "1"
        assert_clean(jumps(machine, "systemctl kexec"))
        # Taken away between the load and the jump: no kexec is left that would leave devices running.
        for away in ("remove", "purge"):
            done(machine, "kexit load --default")
            done(machine, f"apt-get -y {away} kexit kexit-boot kexit-dkms")
            assert ask(machine, "cat /sys/kernel/kexec_loaded").strip() == "0"
            if away == "remove":
                done(machine, "apt-get -y install /srv/kexit*.deb")
        found = ask(machine, "ls -d /run/initramfs/shutdown /run/initramfs/kexit /run/kexit /etc/kexit /var/lib/kexit "
                             "/etc/systemd/system/*/kexit*")
        assert not re.search(r"^/", found, re.M), found


def test_an_image_made_anew_boots_the_machine(folder: Path) -> None:
    """What the hooks made of the newest backport starts the Debian on the disk, as its grub.cfg says."""
    debs.kernels("trixie", folder / "image")
    disk = Installed(folder, "trixie")
    disk.kernel, disk.initrd = folder / "image/vmlinuz", (folder / "image/initramfs.img").read_bytes()
    with disk.machine() as machine:
        machine.wait(r"kexec_core: Starting new kernel", SECONDS)
        machine.wait(PROMPT, SECONDS, machine.wait(r"^\[ *0\.0+\] Linux version", SECONDS))
        assert OPTIONS.split()[0] in ask(machine, "cat /proc/cmdline")
