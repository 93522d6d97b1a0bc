# SPDX-License-Identifier: GPL-2.0-or-later
"""kexit's Debian packages: built as a distribution builds them, and what becomes of a system that has had them.

    python3 -m lab.debs build SUITE [ARCH]    build and lint; prints the folder
    python3 -m lab.debs life SUITE            install, reinstall, upgrade, downgrade, remove, purge
    python3 -m lab.debs repository            what tools/make-repo makes is installed from by apt, and nothing else is
    python3 -m lab.debs kernels SUITE         kernels come and go: the module and a boot image follow them
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

from lab import packages
from lab.apt import main_archive
from lab.chroots import Chroot, unpacked
from lab.debian import run
from lab.errors import LabError
from lab.paths import CACHE, REPOSITORY

NAMES = ("kexit", "kexit-boot", "kexit-dkms")
NATIVE = "amd64"
# What apt, dpkg, the system's own caches and triggers write; as piuparts has it.
IGNORED = re.compile(r"/(proc|sys|dev|run|tmp|srv/debs)(/|$)|/var/(cache|log|lib/apt|lib/dpkg)(/|$)|/etc/ld\.so\.cache$|"
                     r"/etc/resolv\.conf$|/root(/|$)|/boot/initrd\.img|/var/lib/initramfs-tools(/|$)")


def sources() -> list[Path]:
    """What belongs to the source: tracked, or new and not ignored."""
    done = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=REPOSITORY,
                          stdout=subprocess.PIPE, check=True)
    paths = [Path(name.decode()) for name in done.stdout.split(b"\0") if name]
    return sorted({path for path in paths if os.path.lexists(REPOSITORY / path)})


def version() -> str:
    text = (REPOSITORY / "meson.build").read_text()
    return re.search(r"^  version: '(.*)',$", text, re.M)[1]  # type: ignore[index]


def _key(suite: str, arch: str) -> str:
    digest = hashlib.sha256(f"{suite} {arch}".encode())
    for path in sources():
        if path.parts[0] not in ("tests", "lab", "bench", "contrib", ".ci") or path.parts[:2] == ("tests", "unit"):
            digest.update(f"{path} {_kind(REPOSITORY / path)}\n".encode())
    return digest.hexdigest()[:12]


def copy_sources(to: Path) -> None:
    for path in sources():
        (to / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(REPOSITORY / path, to / path, follow_symlinks=False)


def _build(chroot: Chroot, arch: str) -> str:
    """The native ones with the unit tests that count no time; cross-built ones cannot be run."""
    copy_sources(chroot.root / "build/kexit")
    where = "cd /build/kexit\n"
    if arch == NATIVE:
        return chroot.run(where + "dpkg-buildpackage -us -uc\ncd ..\nlintian --allow-root --fail-on warning *.changes")
    return chroot.run(where + f"DEB_BUILD_OPTIONS=nocheck dpkg-buildpackage -a{arch} -B -us -uc -Pcross,nocheck -d")


def built(suite: str, arch: str = NATIVE) -> Path:
    """The folder with the packages of this tree for suite and arch, built once. The build's log is in it."""
    base = CACHE / "debs" / f"{suite}-{arch}"
    folder = base / _key(suite, arch)
    with packages.locked(base):
        if folder.exists():
            return folder
        for old in base.iterdir():
            if old.is_dir():
                shutil.rmtree(old)
        draft = base / "new"
        draft.mkdir()
        with unpacked(suite, "build" if arch == NATIVE else f"cross-{arch}") as chroot:
            log = _build(chroot, arch)
            (draft / "build.log").write_text(log)
            for path in (chroot.root / "build").iterdir():
                if path.is_file():
                    shutil.copy2(path, draft)
        draft.rename(folder)
    return folder


def package(folder: Path, name: str) -> Path:
    return next(folder.glob(f"{name}_*.deb"))


def renumbered(deb: Path, new: str, to: Path) -> Path:
    """The same package as another version, and dependencies on the old one as on the new one."""
    tree = to / "tree"
    run("dpkg-deb", "-R", deb, tree)
    control = tree / "DEBIAN/control"
    old = version()
    text = control.read_text().replace(f"Version: {old}\n", f"Version: {new}\n").replace(f"(= {old})", f"(= {new})")
    control.write_text(text)
    run("dpkg-deb", "--root-owner-group", "-b", tree, to / f"{deb.name.split('_')[0]}_{new}_all.deb")
    shutil.rmtree(tree)
    return to / f"{deb.name.split('_')[0]}_{new}_all.deb"


# ---- a system's life with them


def _kind(path: Path) -> str:
    mode = path.lstat().st_mode
    if stat.S_ISLNK(mode):
        return f"-> {path.readlink()}"
    if stat.S_ISREG(mode):
        return f"{mode:o} {hashlib.sha256(path.read_bytes()).hexdigest()[:16]}"
    return f"{mode:o}"


def picture(root: Path) -> dict[str, str]:
    """Every path of a system and what it is, without what IGNORED says."""
    found = {}
    todo = [root]
    while todo:
        for path in todo.pop().iterdir():
            name = f"/{path.relative_to(root)}"
            if IGNORED.match(name):
                continue
            found[name] = _kind(path)
            if path.is_dir() and not path.is_symlink():
                todo.append(path)
    return found


def differences(before: dict[str, str], after: dict[str, str]) -> list[str]:
    lines = [f"left behind: {name}" for name in sorted(after.keys() - before.keys())]
    lines += [f"taken away: {name}" for name in sorted(before.keys() - after.keys())]
    lines += [f"changed: {name}" for name in sorted(before.keys() & after.keys()) if before[name] != after[name]]
    return lines


def _expect(is_so: object, what: str) -> None:
    if not is_so:
        raise LabError(what)


def _autopkgtest(chroot: Chroot, name: str) -> None:
    """One of debian/tests, as autopkgtest would run it in a container."""
    shutil.copy(REPOSITORY / "debian/tests" / name, chroot.root / "srv")
    chroot.run(f"mount -t sysfs -o ro sysfs /sys\nsh /srv/{name}\nrm /srv/{name}")


def life(suite: str) -> None:
    """Raises LabError where a step fails, a changed setting does not survive, or a purge leaves something."""
    folder = built(suite)
    with unpacked(suite, "plain") as chroot:
        root, debs = chroot.root, chroot.root / "srv/debs"
        old, new = debs / "old", debs / "new"
        old.mkdir(parents=True)
        new.mkdir()
        for name in NAMES:
            shutil.copy(package(folder, name), old)
            renumbered(package(folder, name), f"{version()}+next", new)
        before = picture(root)
        apt = "apt-get -qq --allow-downgrades --no-install-recommends install"
        setting = root / "etc/kexit/kexit.conf"
        chroot.run(f"{apt} /srv/debs/old/*.deb")
        _expect(chroot.run("kexit --version").strip() == f"kexit {version()}", "kexit --version")
        _autopkgtest(chroot, "looks")
        shipped = setting.read_text()
        _expect(not (root / "etc/systemd/system/multi-user.target.wants/kexit-exit.service").exists(),
                "kexit-exit.service is enabled by the installation")
        chroot.run("systemctl --quiet enable kexit-exit.service 2>/dev/null")
        setting.write_text(shipped + "failures = 3\n")
        site = root / "etc/kexit/kexit.conf.d/site.conf"
        site.write_text("failures = 4\n")
        (root / "var/lib/kexit").mkdir(exist_ok=True)
        (root / "var/lib/kexit/handover.json").write_text("{}\n")
        for step in (f"{apt} --reinstall /srv/debs/old/*.deb", f"{apt} /srv/debs/new/*.deb",
                     f"{apt} /srv/debs/old/*.deb", "apt-get -qq remove kexit kexit-boot kexit-dkms"):
            chroot.run(step)
            _expect(setting.read_text() == shipped + "failures = 3\n" and site.exists(),
                    f"{step}: what the administrator set is gone")
            _expect((root / "var/lib/kexit/handover.json").exists(), f"{step}: the mark is gone")
        _expect(not (root / "usr/sbin/kexit").exists(), "remove leaves /usr/sbin/kexit")
        chroot.run("dpkg --purge kexit kexit-boot kexit-dkms")
        left = differences(before, picture(root))
        _expect(not left, "purge: " + "\n".join(left))
        # Each by itself, at once: without a remove before, and with the other two staying.
        for name in reversed(NAMES):
            chroot.run(f"{apt} /srv/debs/old/*.deb")
            chroot.run(f"dpkg --purge --force-depends {name}")
            chroot.run(f"dpkg --purge {' '.join(each for each in NAMES if each != name)}")
            left = differences(before, picture(root))
            _expect(not left, f"purge of {name} first: " + "\n".join(left))


def _make_repository(folder: Path, home: Path, *words: object) -> None:
    run(REPOSITORY / "tools/make-repo", "--key", "lab@kexit.invalid", folder, *words,
        env={**os.environ, "GNUPGHOME": str(home)})


def repository() -> None:
    """apt takes kexit from a signed repository and trusts nothing that was changed behind the signature."""
    folder, suite = built("trixie"), "trixie"
    with unpacked(suite, "plain") as chroot:
        repo, home = chroot.root / "srv/repo", chroot.root / "srv/gnupg"
        home.mkdir(mode=0o700)
        run("gpg", "--batch", "--homedir", home, "--passphrase", "", "--quick-generate-key", "lab@kexit.invalid",
            "ed25519", "sign", "1d")
        debs = [package(folder, name) for name in NAMES]
        _make_repository(repo, home, suite, *debs)
        shutil.copy(repo / "kexit.asc", chroot.root / "etc/apt/keyrings/kexit.asc")
        (chroot.root / "etc/apt/sources.list").write_text(
            f"deb [signed-by=/etc/apt/keyrings/kexit.asc] file:/srv/repo {suite} main\n")
        shutil.rmtree(chroot.root / "etc/apt/sources.list.d", ignore_errors=True)
        update = "apt-get -qq -o APT::Sandbox::User=root --error-on=any update"
        chroot.run(update)
        chroot.run("apt-get -qq install --no-install-recommends kexit kexit-boot kexit-dkms")
        _expect(chroot.run("kexit --version").strip() == f"kexit {version()}", "kexit from the repository")
        # A newer one takes the place of the one before, and is what an upgrade installs.
        newer = renumbered(debs[0], f"{version()}+next", chroot.root / "srv")
        _make_repository(repo, home, suite, newer)
        chroot.run(f"{update}\napt-get -qq --no-install-recommends install kexit")
        _expect("+next" in chroot.run("dpkg-query -W kexit"), "the newer one was not installed")
        packages_list = next(repo.glob("dists/*/main/binary-amd64/Packages"))
        packages_list.write_text(packages_list.read_text().replace("+next", "+evil"))
        packages_list.with_suffix(".gz").unlink()
        said = chroot.run(f"rm -rf /var/lib/apt/lists/*\n{update}", good=(100,))
        _expect("+evil" not in chroot.run("apt-cache policy kexit"), f"a list that was changed is taken: {said}")
        (repo / f"dists/{suite}/InRelease").write_text(
            (repo / f"dists/{suite}/InRelease").read_text().replace("Origin: kexit", "Origin: evil"))
        (repo / f"dists/{suite}/Release.gpg").unlink()
        chroot.run(f"rm -rf /var/lib/apt/lists/*\n{update}", good=(100,))
        run("gpgconf", "--homedir", home, "--kill", "all")


# ---- kernels that come and go


def _image_is(chroot: Chroot, folder: str, release: str, what: str) -> None:
    """The boot image has that kernel, whole, with kexit_late built for it."""
    boot = chroot.root / "boot"
    _expect((boot / folder / "vmlinuz").exists(), f"{what}: there is no /boot/{folder}")
    _expect((boot / folder / "vmlinuz").read_bytes() == (boot / f"vmlinuz-{release}").read_bytes(),
            f"{what}: /boot/{folder} has not the kernel {release}")
    # 1: zstd(1) does not know the zeros that fill its last word, as the kernel does.
    listed = chroot.run(f"lsinitramfs /boot/{folder}/initramfs.img", good=(0, 1))
    _expect(f"lib/modules/{release}/" in listed, f"{what}: /boot/{folder} has no modules of {release}")
    _expect("kexit_late.ko" in listed, f"{what}: /boot/{folder} is without kexit_late")


def _newest(chroot: Chroot) -> str:
    return max((path.name.removeprefix("vmlinuz-") for path in chroot.root.glob("boot/vmlinuz-*")),
               key=lambda name: [int(number) for number in re.findall(r"\d+", name)])


def kernels(suite: str, keep: Path | None = None) -> list[str]:
    """
    Debian's kernel, then the newest backport beside it: DKMS builds the module and the hooks the boot image for
    each, a build that fails changes nothing, a kernel that goes takes the image back. Returns the kernels that
    the module was built for. keep: gets the backport's image.
    """
    debs, image = built(suite), "boot/kexit"
    with unpacked(suite, "kernels") as chroot:
        root = chroot.root
        for name in NAMES:
            shutil.copy(package(debs, name), root / "srv")
        conf = root / "etc/kexit/image.conf"
        conf.parent.mkdir()
        conf.write_text(f"output = /{image}\nclass = storage,fs\ncompress = zstd\n")
        old = _newest(chroot)
        install = "apt-get -qq --no-install-recommends install"
        chroot.run(f"{install} /srv/*.deb")
        _image_is(chroot, "kexit", old, "after kexit's installation")
        (root / "etc/apt/sources.list.d/backports.list").write_text(
            f"{main_archive(f'{suite}-backports')}\n")
        chroot.run(f"apt-get -qq update\n{install} -t {suite}-backports linux-image-amd64 linux-headers-amd64")
        new = _newest(chroot)
        _expect(new != old, f"{suite}-backports has no kernel that is newer than {old}")
        _image_is(chroot, "kexit", new, "after a newer kernel's installation")
        _image_is(chroot, "kexit-previous", old, "after a newer kernel's installation")
        status = chroot.run("dkms status kexit-late")
        found = re.findall(r"^kexit-late/\S+, (\S+), \S+: installed", status, re.M)
        _expect({old, new} <= set(found), f"dkms status: {status}")
        _autopkgtest(chroot, "dkms")
        if keep:
            shutil.copytree(root / image, keep)
        images = root / image, root / f"{image}-previous"
        before = [picture(each) for each in images]
        conf.write_text(conf.read_text().replace("storage,fs", "nonsense"))
        said = chroot.run(f"update-initramfs -u -k {new}")
        _expect("what was there stays" in said, f"a build that fails says: {said}")
        _expect([picture(each) for each in images] == before, "a build that fails changes the image")
        conf.write_text(conf.read_text().replace("nonsense", "storage,fs"))
        chroot.run(f"apt-get -qq remove linux-image-{new} linux-image-amd64")
        _image_is(chroot, "kexit", old, "after the newer kernel's removal")
        chroot.run("apt-get -qq purge kexit kexit-boot kexit-dkms")
        rest = [*root.glob("lib/modules/*/updates/dkms/kexit*"), *root.glob("var/lib/dkms/kexit*"), *root.glob("etc/kexit")]
        _expect(not rest, f"purge leaves {rest}")
        _expect((root / image / "vmlinuz").exists(), "purge takes the image that firmware may start")
        return found


def main() -> int:
    words = sys.argv[1:]
    try:
        if words[:1] == ["build"] and len(words) in (2, 3):
            print(built(*words[1:]))
        elif words[:1] == ["life"] and len(words) == 2:
            life(words[1])
        elif words == ["repository"]:
            repository()
        elif words[:1] == ["kernels"] and len(words) == 2:
            print(*kernels(words[1]))
        else:
            print(__doc__, file=sys.stderr)
            return 2
    except LabError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
