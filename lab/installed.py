# SPDX-License-Identifier: GPL-2.0-or-later
"""A running Debian with its systemd, its root on NVMe, and kexit installed in it by `meson install`.

    python3 -m lab.installed [SUITE[:FLAVOUR]...]     make the trees now

QEMU starts the installed kernel and initrd itself, as firmware and a boot loader would; what kexit
boots next is what the machine's own grub.cfg says. A root shell is on the serial line.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from lab import attempts, packages
from lab.arch import ARCHES, Arch
from lab.build import kexit_program
from lab.debian import kept, partitioned, run
from lab.devices import Hardware, user_network
from lab.errors import LabError, Unavailable
from lab.machine import Machine
from lab.paths import CACHE
from lab.serial import GuestDied

PACKAGES = ["linux-image-amd64", "initramfs-tools", "grub-common", "grub2-common", "grub-pc-bin", "systemd-sysv",
            "udev", "kmod", "login", "dbus", "lvm2", "mdadm", "e2fsprogs", "iproute2", "openssh-server"]
# What is installed besides or instead. dracut: it brings an environment for the end of its own.
FLAVOURS = {
    "": PACKAGES,
    "storage": [*PACKAGES, "cryptsetup-initramfs", "open-iscsi", "nbd-client"],
    # What Ansible wants of a machine.
    "python": [*PACKAGES, "python3"],
    # What kexit's own packages depend on: libarchive and libelf come with others, whose names are the same everywhere.
    "packages": [*PACKAGES, "dkms", "busybox", "libarchive-tools", "libncurses6"],
    "dracut": [*(name for name in PACKAGES if name != "initramfs-tools"), "dracut"],
}
SECONDS = 900.0
DISK_BYTES = 2 << 30
PROMPT = r"^root@lab:~# "
DEVICES = ("e1000e", "qemu-xhci")

GRUB_CFG = """set default=0
set timeout=1
menuentry 'Debian GNU/Linux' --id debian {{
	linux /boot/{kernel} {options}
	initrd /boot/{initrd}
}}
"""
# What every kernel of this machine is told.
OPTIONS = ("root=/dev/nvme0n1p1 ro console=ttyS0 loglevel=6 printk.time=1 panic=-1 net.ifnames=0 "
           "systemd.show_status=0 systemd.default_device_timeout_sec=600")
# Not serial-getty's: that waits for udev's word of the line, on a busy machine for longer than systemd does.
SHELL = """[Unit]
After=multi-user.target

[Service]
ExecStart=/sbin/agetty --autologin root --noclear --keep-baud 115200 ttyS0 vt100
StandardInput=tty
StandardOutput=tty
TTYPath=/dev/ttyS0

[Install]
WantedBy=graphical.target
"""
PROFILE = "PS1='root@lab:~# '\nset +m\nbind 'set enable-bracketed-paste off' 2>/dev/null\n"


def tree(suite: str, flavour: str = "") -> Path:
    """An installed Debian as a tar archive, made once. flavour: a name in FLAVOURS."""
    arch = ARCHES["amd64"]
    chosen = FLAVOURS[flavour]
    key = hashlib.sha256(json.dumps([suite, chosen]).encode()).hexdigest()[:12]
    path = CACHE / "lab" / arch.name / "installed" / f"{suite}-{key}.tar"
    with packages.locked(path.with_suffix("")):
        if path.exists():
            return path
        if not shutil.which("mmdebstrap"):
            raise Unavailable("mmdebstrap is not installed")
        print(f"lab: installing Debian {suite}, some minutes", file=sys.stderr, flush=True)
        with kept(path) as draft:
            run("mmdebstrap", "--quiet", "--format=tar", "--variant=minbase", f"--architectures={arch.name}",
                f"--include={','.join(chosen)}", suite, draft)
    return path


def _settings(kernel: str, initrd: str, extra: dict[str, str | bytes]) -> dict[str, str | bytes]:
    return {
        "etc/hostname": "lab\n",
        "etc/fstab": "/dev/nvme0n1p1 / ext4 defaults 0 1\n",
        "etc/machine-id": "6b65786974206c616220696e7374616c\n",
        "etc/systemd/system/lab-shell.service": SHELL,
        "root/.bashrc": PROFILE,
        "root/.profile": ". /root/.bashrc\n",
        "boot/grub/grub.cfg": GRUB_CFG.format(kernel=kernel, initrd=initrd, options=OPTIONS),
        **extra,
    }


def install_kexit(root: Path) -> None:
    """As a person would from the source, but into root; its libraries are those of that Debian."""
    program = kexit_program(ARCHES["amd64"])
    build = program.parent.parent
    done = subprocess.run(["meson", "install", "-C", build, "--no-rebuild", "--quiet"], text=True, capture_output=True,
                          env={"DESTDIR": str(root), "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}, check=False)
    if done.returncode:
        raise LabError(f"meson install: {done.stderr.strip()[-400:]}")


def renew_initrd(root: Path) -> None:
    """As a person does once kexit is installed: its module belongs in the initrd."""
    for name in ("proc", "dev"):
        (root / name).mkdir(exist_ok=True)
    if (root / "usr/sbin/update-initramfs").exists():
        run("chroot", root, "update-initramfs", "-u", "-k", "all")
        return
    for initrd in (root / "boot").glob("initrd.img-*"):
        run("chroot", root, "dracut", "--force", f"/boot/{initrd.name}", initrd.name.removeprefix("initrd.img-"))


def enable(units: Path, target: str, unit: Path) -> None:
    """As `systemctl enable` would."""
    wants = units / f"{target}.wants"
    wants.mkdir(parents=True, exist_ok=True)
    (wants / unit.name).symlink_to(f"/etc/systemd/system/{unit.name}" if unit.is_relative_to(units) else unit)


def initrd_with(*modules: str) -> dict[str, str | bytes]:
    """Extra files for an initrd with these modules alone, once it is made anew: emulated, the loading of one
    that has all takes most of a jump's time."""
    return {"etc/initramfs-tools/conf.d/lab": "MODULES=list\n",
            "etc/initramfs-tools/modules": "".join(f"{name}\n" for name in ("ext4", "crc32c", *modules))}


class Installed:
    """One machine's disk, with the kernel and initrd that start it first."""

    def __init__(self, folder: Path, suite: str, extra: dict[str, str | bytes] | None = None, *,
                 enabled: bool = True, crosses: bool = False, flavour: str = "", disks: int = 0, reboots: bool = False,
                 cable: Callable[[str, int], str] = user_network,
                 install: Callable[[Path], None] = install_kexit,
                 prepare: Callable[[Path], None] = lambda root: None) -> None:
        """extra: files by their path below /. install: brings kexit into the tree. disks: how many empty ones
        there are besides, from vda on.
        crosses: the record comes along in the initrd. prepare: called with the tree before it becomes a disk.
        reboots: a reset starts the machine anew. cable: what its card hangs on (lab.devices)."""
        self.folder = folder
        self.disks = disks
        self.reboots = reboots
        self.cable = cable
        self.arch: Arch = ARCHES["amd64"]
        self.image = folder / "root.img"
        root = folder / "tree"
        root.mkdir()
        run("tar", "-xf", tree(suite, flavour), "-C", root)
        self.kernel = folder / "vmlinuz"
        boot = root / "boot"
        kernel, initrd = next(boot.glob("vmlinuz-*")), next(boot.glob("initrd.img-*"))
        shutil.copy(kernel, self.kernel)
        for name, text in _settings(kernel.name, initrd.name, extra or {}).items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(text.encode() if isinstance(text, str) else text)
            if isinstance(text, bytes):
                (root / name).chmod(0o755)
        install(root)
        if crosses:
            renew_initrd(root)
        self.initrd = initrd.read_bytes()
        prepare(root)
        units = root / "etc/systemd/system"
        enable(units, "graphical.target", units / "lab-shell.service")
        (units / "serial-getty@ttyS0.service").symlink_to("/dev/null")
        if enabled:
            enable(units, "multi-user.target", Path("/usr/lib/systemd/system/kexit-exit.service"))
        partitioned(self.image, ["mke2fs", "-q", "-t", "ext4", "-d", root])
        shutil.rmtree(root)

    @contextmanager
    def running(self) -> Iterator[Machine]:
        """The machine with a root shell. A start that the emulator spoils, before any line of kexit ran, is
        made once more, and counted for its test."""
        for last in (False, True):
            with self.machine() as machine:
                try:
                    shell(machine)
                except GuestDied as died:
                    attempts.note(str(died))
                    if last:
                        raise
                    continue
                attempts.note(None)
                yield machine
                return

    def root_disk(self, made: Hardware) -> None:
        made.option("-drive", f"if=none,id=root,format=raw,cache=unsafe,file={self.image}")
        made.device(f"nvme,{made.root_port()},serial=root,drive=root")

    def hardware(self, devices: tuple[str, ...]) -> Hardware:
        made = Hardware(self.arch, self.folder)
        made.cable = self.cable
        self.root_disk(made)
        for _ in range(self.disks):
            made.device(f"virtio-blk-pci,{made.root_port()},{made.drive(DISK_BYTES)}")
        for device in devices:
            network = f",romfile=,{made.network()}" if device == "e1000e" else ""
            made.device(f"{device},{made.root_port()},id=lab-{device}{network}")
        return made

    def machine(self, *, devices: tuple[str, ...] = DEVICES) -> Machine:
        return Machine(self.hardware(devices), self.kernel, self.initrd, OPTIONS, reboots=self.reboots)


def shell(machine: Machine, start: int = 0) -> int:
    """Waits for the root shell."""
    return machine.wait(PROMPT, SECONDS, start)


def ask(machine: Machine, command: str) -> str:
    """What a command printed, once it has ended."""
    start = len(machine.serial.text)
    machine.type(f"{command}; echo \"@@ end $?\"")
    end = machine.wait(r"^@@ end \d+$", SECONDS, start)
    shell(machine, end - 1)
    # The last one: the terminal may show what was typed a second time, at the prompt.
    return machine.serial.text[start:end].split("\n", 1)[1].rsplit("@@ end", 1)[0]


def boot_id(machine: Machine) -> str:
    return ask(machine, "cat /proc/sys/kernel/random/boot_id").strip()


def jumps(machine: Machine, command: str) -> str:
    """Types command, and returns what was said until the next kernel's shell was there."""
    before = boot_id(machine)
    start = len(machine.serial.text)
    machine.type(command)
    jumped = machine.wait(r"^\[ *0\.0+\] Linux version", SECONDS, start)
    shell(machine, jumped)
    said = machine.serial.text[start:]
    assert boot_id(machine) != before
    assert float(ask(machine, "cat /proc/uptime").split()[0]) < 600
    return said


def assert_clean(said: str) -> None:
    """Every device was released, the root disk's controller among them, and the root file system was
    clean: nothing to be recovered in the next kernel's log."""
    summary = re.findall(r"kexit: (\d+) released, .*", said)
    assert summary, said[-3000:]
    assert int(summary[-1]) >= 3, summary
    used = [what for what in re.findall(r"kexit: .*in use and left[^:]*: (.*)", said) if "active console" not in what]
    assert not used, re.findall("kexit: .*", said)
    assert not re.search(r"EXT4-fs.*recover|orphan cleanup|journal.*recover", said)


def main() -> int:
    for name in sys.argv[1:] or ["bookworm", "trixie", "trixie:storage", "trixie:dracut"]:
        suite, _, flavour = name.partition(":")
        print(name, tree(suite, flavour))
    return 0


if __name__ == "__main__":
    sys.exit(main())
