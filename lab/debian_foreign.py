# SPDX-License-Identifier: GPL-2.0-or-later
"""A disk with an installed Debian for an architecture that is not this machine's, below .cache/lab/ARCH/debian.

As in lab.debian nothing is mounted and no loop device used. What differs: the packages' own scripts run
here through qemu-user, and no kernel is among the packages, as initramfs-tools takes over six minutes
in that way. The lab's kernel goes onto the disk instead, with an initramfs made here (its init is
lab/guest/debian.sh). grub-mkconfig is run by that Debian itself, in a virtual machine.

    python3 -m lab.debian_foreign [ARCH...]     make now, and say what is there
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

from lab import debian, initramfs, packages
from lab.apt import main_archive
from lab.arch import ARCHES, Arch
from lab.build import kexit_program
from lab.errors import Unavailable
from lab.machine import scratch
from lab.packages import Kernel
from lab.paths import CACHE, GUEST

NAMES = ["ppc64el", "arm64"]
PACKAGES = ["systemd-sysv", "udev", "kmod", "login", "grub-common", "grub2-common"]
LABEL = "6.1"
# For the root file system, on the disk it was made on (virtio) and the one it is booted from.
MODULES = ["nvme", "virtio_pci", "virtio_blk", "ext4", "crc32c_generic"]

# Runs a command, "$@" after the first, while this machine's kernel starts programs of architecture $1
# with qemu-user. A registration that was there stays; one made here goes again. The mount is seen by
# the command alone. The registration's F flag makes it hold in a chroot.
WITH_BINFMT = """
registered=/proc/sys/fs/binfmt_misc entry=qemu-$1
[ -e "$registered/register" ] || mount -t binfmt_misc binfmt_misc "$registered"
if [ ! -e "$registered/$entry" ]; then
    cat "/usr/lib/binfmt.d/$entry.conf" >"$registered/register"
    trap 'echo -1 >"$registered/$entry"' EXIT
fi
shift
"$@"
"""
# udev makes /dev/disk/by-uuid, without which grub-mkconfig names the root by its device.
MAKE_GRUB_CFG = """
/lib/systemd/systemd-udevd --daemon
udevadm trigger --subsystem-match=block
udevadm settle
mkdir -p /boot/grub
update-grub
udevadm control --exit
"""
GRUB_DEFAULTS = """GRUB_DEFAULT=0
GRUB_TIMEOUT=2
GRUB_DISTRIBUTOR=Debian
GRUB_CMDLINE_LINUX="console={console}"
"""


def _with_binfmt(arch: Arch, *command: str) -> list[str]:
    return ["unshare", "--mount", "--propagation", "private", "sh", "-euc", WITH_BINFMT, "sh", arch.flavour, *command]


def _check_binfmt(arch: Arch) -> None:
    """Raises Unavailable where programs of arch cannot be run."""
    try:
        subprocess.run(_with_binfmt(arch, "true"), check=True, text=True, capture_output=True)
    except FileNotFoundError as missing:
        raise Unavailable(f"{missing.filename} is not installed") from None
    except subprocess.CalledProcessError as failed:
        raise Unavailable(f"{arch.name}: its programs cannot be run here, which takes root, binfmt_misc and "
                          f"qemu-user-static: {failed.stderr.strip()}") from None


def tree(arch: Arch) -> Path:
    """An installed Debian without a kernel as a tar archive."""
    key = hashlib.sha256(json.dumps(PACKAGES).encode()).hexdigest()[:12]
    path = CACHE / "lab" / arch.name / "debian" / key / "tree.tar"
    if path.exists():
        return path
    if not shutil.which("mmdebstrap"):
        raise Unavailable("mmdebstrap is not installed")
    _check_binfmt(arch)
    print(f"lab: installing a Debian for {arch.name}, some minutes", file=sys.stderr, flush=True)
    # mmdebstrap's own check for qemu-user wants one more package (arch-test), and refuses without it.
    words = ["mmdebstrap", "--quiet", "--skip=check/qemu", "--format=tar", "--variant=minbase",
             '--aptopt=Acquire::Retries "3"', f"--architectures={arch.name}", f"--include={','.join(PACKAGES)}"]
    with debian.kept(path) as draft:
        debian.run(*_with_binfmt(arch, *words, "bookworm", str(draft), main_archive()))
    return path


def kernel(arch: Arch) -> Kernel:
    """The kernel that is on the disk."""
    return packages.kernel(arch, LABEL)


def _initrd(arch: Arch, kexit: Path | None) -> bytes:
    """The initramfs of that Debian; with kexit it is the witness of how the hardware was left."""
    contents = initramfs.Contents(modules=MODULES, programs=[], kexit=kexit,
                                  files={"init": (GUEST / "debian.sh").read_bytes()})
    return initramfs.build(kernel(arch), contents)


def _initrd_name(arch: Arch) -> str:
    return f"boot/initrd.img-{kernel(arch).release}"


def _unpack(arch: Arch, root: Path) -> None:
    """The tree, a kernel where its package would have put it, and /lab-script."""
    made = kernel(arch)
    root.mkdir()
    debian.run("tar", "-xf", tree(arch), "-C", root)
    shutil.copy(made.image, root / "boot")
    shutil.copytree(made.modules, root / "lib/modules" / made.release)
    (root / _initrd_name(arch)).write_bytes(_initrd(arch, None))
    (root / "etc/hostname").write_text(f"{debian.HOSTNAME}\n")
    (root / "etc/machine-id").write_text(f"{debian.MACHINE_ID}\n")
    (root / "etc/default/grub").write_text(GRUB_DEFAULTS.format(console=arch.console))
    (root / "lab-script").write_text(debian.HEAD + MAKE_GRUB_CFG + debian.TAIL)
    (root / "lab-script").chmod(0o755)


def disk(arch: Arch) -> Path:
    """The disk, one ext4 partition. It is shared: see with_witness(). Raises Unavailable without the tools."""
    scripts = [(GUEST / name).read_text() for name in ("debian.sh", "lib.sh")]
    recipe = [PACKAGES, kernel(arch).release, MODULES, scripts, debian.DISK_BYTES, debian.HEAD, MAKE_GRUB_CFG,
              GRUB_DEFAULTS, debian.MACHINE_ID, debian.TAIL]
    key = hashlib.sha256(json.dumps(recipe).encode()).hexdigest()[:12]
    path = CACHE / "lab" / arch.name / "debian" / key / f"{arch.name}.img"
    with packages.locked(path.parent):
        if path.exists():
            return path
        with scratch() as folder, debian.kept(path) as draft:
            root = Path(folder) / "root"
            _unpack(arch, root)
            debian.partitioned(draft, ["mke2fs", "-q", "-t", "ext4", "-d", root])
            debian.in_debian(arch, root, [draft], "ext4")
    return path


def with_witness(arch: Arch, folder: Path) -> Path:
    """A copy of the disk in folder, whose initramfs has the kexit of this tree: it changes oftener than the rest."""
    copy = folder / "debian.img"
    debian.run("cp", "--sparse=always", disk(arch), copy)
    image = folder / "witness.img"
    image.write_bytes(_initrd(arch, kexit_program(arch)))
    name = _initrd_name(arch)
    debian.run("debugfs", "-w", "-f", "-", f"{copy}?offset={debian.PARTITION_AT}",
               input=f"rm /{name}\nwrite {image} {name}\n")
    return copy


def main() -> int:
    for name in sys.argv[1:] or NAMES:
        print(name, disk(ARCHES[name]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
