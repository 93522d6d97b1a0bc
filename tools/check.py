#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The steps of ./check, which see for its arguments.

A step is a function marked with @step. It returns (Counts for what is made of many tests, else
nothing) or raises Failed or Skipped. All that a step prints is kept in .cache/check/. How steps are
run and told is in checking.py.
"""

import json
import os
import pathlib
import re
import shutil
import sys

from checking import CACHE, DEFAULT, FULL, LOGS, ROOT, Counts, Failed, Skipped
from checking import build, exit_with, files, main, run, step
from vm_tests import virtual_machines

# ---- compilers and unit tests


def cmocka_counts(test):
    """The counts of one test program, from what cmocka printed; by its own result if it is silent."""
    output = test.get("stdout", "") + test.get("stderr", "")

    def total(word):
        return sum(map(int, re.findall(rf"^\[  {word} *\] (\d+) test\(s\)", output, re.M)))

    counts = Counts(total("PASSED"), total("FAILED"), total("SKIPPED"))
    if test["result"] == "SKIP":
        counts.skipped = max(counts.skipped, 1)
    elif test["result"] not in ("OK", "EXPECTEDFAIL"):
        counts.failed = max(counts.failed, 1)
    elif not counts.passed and not counts.skipped:
        counts.passed = 1
    if counts.skipped:
        named = re.findall(r"^skip.*|^\[  SKIPPED \] \D.*", output, re.M)
        lines = sorted(set(named)) or output.splitlines()[-1:] or ["says no reason"]
        counts.reasons += [f"{test['name']}: {line}" for line in lines]
    return counts


def unit_tests(flavour):
    """More programs at once than there are processors: most wait most of the time, and busy ones upset none."""
    folder = CACHE / f"build-{flavour}"
    build(flavour)
    log = folder / "meson-logs" / "testlog.json"
    log.unlink(missing_ok=True)
    counts, output = Counts(), ""
    try:
        command = ("meson", "test", "-C", folder, "--no-rebuild", "--print-errorlogs")
        run(*command, "--timeout-multiplier", 5, "--num-processes", 4 * (os.cpu_count() or 1))
    except Failed as failure:
        output = str(failure)
    for line in log.read_text(encoding="utf-8").splitlines() if log.exists() else []:
        counts.add(cmocka_counts(json.loads(line)))
    if output:
        counts.failed = max(counts.failed, 1)
        raise Failed(output, counts)
    if not counts.passed and not counts.skipped:
        raise Skipped("there are no unit tests")
    return counts


@step("build with gcc")
def build_gcc():
    build("gcc")


@step("unit tests")
def unit_tests_gcc():
    return unit_tests("gcc")


@step("unit tests, sanitizers")
def unit_tests_sanitized():
    return unit_tests("sanitize")


@step("build with clang")
def build_clang():
    build("clang")


@step("needs libc alone")
def needed_libraries():
    needed = re.findall(r"\(NEEDED\).*\[(.*)\]", run("readelf", "--dynamic", build("gcc")))
    others = [name for name in needed if not re.match(r"libc\.|ld-linux", name)]
    if others or not needed:
        raise Failed(f"an initramfs would need {', '.join(others) or 'a program that readelf reads'}\n")


def is_static(program):
    if "INTERP" in run("readelf", "--program-headers", program):
        raise Failed(f"{program} asks for a dynamic linker\n")
    run(program, "--version")


@step("static program")
def static_program():
    build("gcc")
    is_static(CACHE / "build-gcc" / "src" / "kexit-static")


@step("static build", DEFAULT, FULL)
def build_static():
    is_static(build("static"))


def cross_build(flavour, debian, emulator):
    run("tools/sysroot", debian)
    run(emulator, build(flavour), "--version")


@step("cross build, ppc64le", DEFAULT, FULL)
def cross_build_ppc64le():
    cross_build("ppc64le", "ppc64el", "qemu-ppc64le-static")


@step("unit tests, ppc64le", DEFAULT, FULL)
def unit_tests_ppc64le():
    return unit_tests("ppc64le")


@step("cross build, arm64", DEFAULT, FULL)
def cross_build_arm64():
    cross_build("aarch64", "arm64", "qemu-aarch64-static")


@step("unit tests, arm64", DEFAULT, FULL)
def unit_tests_arm64():
    return unit_tests("aarch64")


# ---- on a busy machine


@step("under load, what waits", FULL, alone=True)
def under_load_waits():
    for flavour in ("gcc", "sanitize", "ppc64le", "aarch64"):
        run("tools/under-load", flavour, 50, "waits", seconds=4 * 3600)


@step("under load, all unit tests", FULL, alone=True)
def under_load_all():
    run("tools/under-load", "gcc", 10, seconds=3600)


# ---- beside the real ones


def grub_beside_grub_emu(count):
    build("gcc")
    program = CACHE / "build-gcc" / "tests" / "run_grub"
    output = run("/usr/bin/python3", "-B", "tests/fuzz/grub_emu.py", "--count", count, program, seconds=3000)
    counts = Counts(*map(int, re.findall(r"(\d+) (?:alike|differ)", output.splitlines()[-1])))
    if not counts.passed:
        raise Failed(output)
    return counts


@step("GRUB scripts beside grub-emu, 200", DEFAULT)
def grub_some():
    return grub_beside_grub_emu(200)


@step("GRUB scripts beside grub-emu, 5000", FULL)
def grub_many():
    return grub_beside_grub_emu(5000)


# ---- reading the source


@step("steps, self-test")
def steps_self_test():
    run("/usr/bin/python3", "-B", "tests/check/check_steps.py")


@step("layers, self-test")
def layers_self_test():
    run("tools/check-layers", "--self-test")


@step("layers")
def layers():
    run("tools/check-layers")


@step("format")
def clang_format():
    paths = files("src/**/*.[ch]", "tests/unit/**/*.[ch]", "module/*.[ch]", "tests/vm/modules/*.c", "tests/vm/programs/*.c")
    try:
        run("clang-format", "--dry-run", "-Werror", *paths)
    except Failed as failure:
        wrong = sorted(set(re.findall(r"^(\S+?):\d+:\d+: error", str(failure), re.M)))
        raise Failed(f"clang-format -i {' '.join(wrong)}\n" if wrong else str(failure)) from None


@step("cppcheck")
def cppcheck():
    build("gcc")
    run(
        *("cppcheck", "--quiet", "--error-exitcode=1", "--inline-suppr", "-j2"),
        *("--enable=warning,portability,performance", "--suppress=missingIncludeSystem"),
        *("--std=c11", "-Isrc", "--template=gcc", "-D__x86_64__"),
        # jansson's headers are not read: cppcheck has to be told what looks like no C.
        "-Djson_array_foreach(array,index,value)=for(index=0;;)",
        "src",
    )


@step("clang-tidy", DEFAULT, FULL)
def clang_tidy():
    build("clang")
    folder = CACHE / "build-clang"
    run("run-clang-tidy", "-quiet", "-j2", "-p", folder, f"^{re.escape(str(ROOT))}/src/", seconds=2400)


def is_shell(path):
    with open(ROOT / path, "rb") as file:
        return re.match(rb"#! ?/(usr/)?bin/(env )?(ba|da)?sh\b", file.readline())


@step("shellcheck")
def shellcheck():
    candidates = files("*", ".ci/*", "tools/*", "lab/**/*", "tests/**/*", "data/**/*", "debian/**/*")
    scripts = [path for path in candidates if (ROOT / path).is_file() and is_shell(path)]
    run("shellcheck", *scripts, *files("data/completion/*"))


@step("man pages")
def man_pages():
    pages = files("man/*.[1-9]")
    if not pages:
        raise Failed("man/ has no page\n")
    run("mandoc", "-T", "lint", "-W", "warning", *pages)


@step("page in a browser", DEFAULT, FULL)
def page_in_a_browser():
    """Skipped where there is none and none can be installed."""
    try:
        run("tools/need-packages", "browser")
    except Failed as failure:
        raise Skipped(f"no chromium: {str(failure).splitlines()[0]}") from failure
    run("/usr/bin/python3", "-B", "tests/page/check_page.py", build("gcc"), CACHE / "page", seconds=600)


# ---- what a distribution gets


@step("install")
def install():
    target = LOGS / "install"
    shutil.rmtree(target, ignore_errors=True)
    build("gcc")
    command = ("meson", "install", "-C", CACHE / "build-gcc", "--no-rebuild", "--quiet")
    run(*command, DESTDIR=str(target))
    expected = {
        "etc/kexit/kexit.conf": 0o644,
        "usr/lib/tmpfiles.d/kexit.conf": 0o644,
        "usr/lib/kexit/rebuild-image": 0o755,
        "usr/lib/kernel/install.d/95-kexit-boot.install": 0o755,
        "usr/lib/initcpio/post/kexit-boot": 0o755,
        "etc/kernel/postinst.d/zz-kexit-boot": 0o755,
        "etc/kernel/postrm.d/zz-kexit-boot": 0o755,
        "etc/initramfs/post-update.d/zz-kexit-boot": 0o755,
        "usr/sbin/kexit": 0o755,
        "usr/sbin/kexit-boot": 0o755,
        "usr/lib/kexit/kexit-static": 0o755,
        "usr/lib/systemd/system/kexit-exit.service": 0o644,
        "usr/lib/systemd/system-shutdown/kexit.shutdown": 0o755,
        "usr/lib/systemd/system/kexit-load.service": 0o644,
        "usr/lib/systemd/system/kexit-verify.service": 0o644,
        "usr/lib/systemd/system/multi-user.target.wants/kexit-verify.service": 0o644,
        "usr/share/initramfs-tools/hooks/kexit": 0o755,
        "usr/share/initramfs-tools/scripts/init-top/kexit": 0o755,
        "usr/share/initramfs-tools/scripts/init-bottom/kexit": 0o755,
        "usr/lib/dracut/modules.d/90kexit/module-setup.sh": 0o755,
        "usr/lib/dracut/modules.d/90kexit/kexit.sh": 0o755,
        "usr/lib/dracut/modules.d/90kexit/kexit-early.sh": 0o755,
        "usr/sbin/kexit-mkboot": 0o755,
        "usr/bin/kexit-capture": 0o755,
        "usr/lib/kexit/kexit-canary": 0o755,
        "usr/lib/kexit/stand-in/libcrypto.so.3": 0o755,
        "usr/lib/kexit/stand-in/libgcrypt.so.20": 0o755,
        "usr/share/man/man1/kexit-capture.1": 0o644,
        "usr/share/man/man8/kexit.8": 0o644,
        "usr/share/man/man4/kexit_late.4": 0o644,
        "usr/share/man/man5/kexit-policy.5": 0o644,
        "usr/share/man/man5/kexit.conf.5": 0o644,
        "usr/share/man/man7/kexit-boot.7": 0o644,
        "usr/share/man/man8/kexit-mkboot.8": 0o644,
        "usr/share/bash-completion/completions/kexit": 0o644,
        "usr/share/bash-completion/completions/kexit-mkboot": 0o644,
    }
    for rules in files("data/policy.d/*.conf"):
        expected[f"usr/lib/kexit/policy.d/{rules.name}"] = 0o644
    found = {
        path.relative_to(target).as_posix(): path.stat().st_mode & 0o7777
        for path in target.rglob("*")
        if path.is_file()
    }
    problems = [f"{name}: not installed\n" for name in expected.keys() - found.keys()]
    problems += [f"{name}: nobody expects it\n" for name in found.keys() - expected.keys()]
    problems += [
        f"{name}: mode {found[name]:o}, not {mode:o}\n"
        for name, mode in expected.items()
        if found.get(name, mode) != mode
    ]
    if not (target / "usr/lib/kexit/policy.d").is_dir():
        problems.append("usr/lib/kexit/policy.d: no such folder\n")
    if problems:
        raise Failed("".join(sorted(problems)))


@step("packages, what is in which", after="install")
def package_files():
    """The lists in debian/ against what `meson install` installs, and one version everywhere."""
    problems = []
    target = LOGS / "install"
    if not target.exists():
        raise Skipped("step 'install' has not run")
    found = {path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file()}
    owners = {name: [] for name in found}
    for listed in files("debian/*.install"):
        for line in (ROOT / listed).read_text(encoding="utf-8").splitlines():
            owned = [name for name in found if name == line or name.startswith(f"{line}/")]
            # The module's sources and its page are not of a build without -Dmodule=true.
            if not owned and listed.stem != "kexit-dkms":
                problems.append(f"{listed}: {line}: nothing is installed there\n")
            for name in owned:
                owners[name].append(listed.stem)
    for name, packages in owners.items():
        # debian/rules says where systemd's folders lie.
        if len(packages) != 1 and not name.startswith("usr/lib/systemd/"):
            problems.append(f"{name}: in {' and '.join(packages) or 'no package'}\n")
    version = re.search(r"version: '(.*)'", (ROOT / "meson.build").read_text(encoding="utf-8"))[1]
    for name, start in (("debian/changelog", f"kexit ({version}) "), ("NEWS", f"kexit {version}\n")):
        if not (ROOT / name).read_text(encoding="utf-8").startswith(start):
            problems.append(f"{name}: does not begin with {start.strip()}\n")
    module = set(re.findall(r"'([a-z_]+\.[ch])'", (ROOT / "module/meson.build").read_text(encoding="utf-8")))
    for path in files("module/*.[ch]"):
        if path.name not in module:
            problems.append(f"module/meson.build: {path.name} would not be in kexit-dkms\n")
    if problems:
        raise Failed("".join(sorted(problems)))


@step("packages, Debian 12 and 13", FULL)
def packages_native():
    """Built with their unit tests, lintian without warnings; then each system's life with them."""
    counts = Counts()
    for suite in ("bookworm", "trixie"):
        for what in ("build", "life"):
            run("/usr/bin/python3", "-B", "-m", "lab.debs", what, suite, seconds=3600)
            counts.passed += 1
    return counts


@step("packages, from a repository", FULL, after="packages, Debian 12 and 13")
def packages_repository():
    run("tools/need-packages", "repository")
    run("/usr/bin/python3", "-B", "-m", "lab.debs", "repository", seconds=1800)


@step("packages, kernels come and go", FULL, after="packages, from a repository")
def packages_kernels():
    """The module by DKMS, and a boot image made anew, for Debian's kernel and the newest backport."""
    run("/usr/bin/python3", "-B", "-m", "lab.debs", "kernels", "trixie", seconds=3600)


@step("packages, cross-built", FULL, after="packages, kernels come and go")
def packages_cross():
    for arch in ("arm64", "ppc64el"):
        run("/usr/bin/python3", "-B", "-m", "lab.debs", "build", "bookworm", arch, seconds=1800)


@step("tarball", FULL)
def tarball():
    """What `meson dist` makes builds and passes its unit tests."""
    build("gcc")
    run("meson", "dist", "-C", CACHE / "build-gcc", "--allow-dirty", "--formats=xztar", seconds=3600)


@step("packages, RPM and PKGBUILD", FULL, after="tarball")
def packages_of_others():
    """By Debian's rpmbuild and makepkg; what they pack is what is installed, each file once."""
    run("tools/need-packages", "packages")
    for path in sorted((CACHE / "build-gcc/meson-dist").glob("kexit-*.tar.xz")):
        run("/usr/bin/python3", "-B", "-m", "lab.other_packages", path, seconds=3600)


def completions(program, *words):
    """What bash offers for the last of @words."""
    script = """
        name=${1##*/}
        source "data/completion/$name"
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        "_${name//-/_}" "$1" "${!#}" "${COMP_WORDS[COMP_CWORD - 1]}"
        printf '%s\\n' "${COMPREPLY[@]}"
    """
    return run("bash", "-c", script, "bash", program, *words).split()


@step("bash completion")
def bash_completion():
    program = build("gcc")
    verbs = set("scan plan inspect entries load unload quiesce rollback exec boot report".split())
    problems = [f"verb {verb} is not offered\n" for verb in sorted(verbs - set(completions(program, "")))]
    cases = (
        (("pl",), "plan"),
        (("--sysroot", "src/cl"), "src/cli"),
        (("--sysroot", "src", "pl"), "plan"),
        (("plan", "--d"), "--dot"),
        (("boot", "--re"), "--reuse-cmdline"),
        (("exec", "--on-stuck", "f"), "firmware"),
        (("exec", "--on-stuck", "=", "f"), "firmware"),
        (("exec", "--on-stuck", "="), "firmware"),
        (("load", "--initrd", "LIC"), "LICENSE"),
        (("load", "--root", "src/cl"), "src/cli"),
    )
    mkboot = pathlib.Path(program).parent / "mkboot" / "kexit-mkboot"
    mkboot_cases = (
        (("--mod",), "--modules"),
        (("--class", "us"), "usb"),
        (("--class", "usb,h"), "usb,hid"),
        (("--compress", "=", "z"), "zstd"),
        (("--conf", "LIC"), "LICENSE"),
    )
    for tool, table in ((program, cases), (mkboot, mkboot_cases)):
        for words, expected in table:
            found = completions(tool, *words)
            if expected not in found:
                problems.append(f"{' '.join(words)}: offered {found}, not {expected}\n")
    if problems:
        raise Failed("".join(problems))


# ---- kernel modules


@step("kernel modules, no warnings", DEFAULT, FULL)
def kernel_modules():
    if not shutil.which("sparse"):
        raise Skipped("sparse is not installed")
    for kernel in ("6.1", "6.12"):
        run("/usr/bin/python3", "-B", "-m", "lab.kbuild", "--kernel", kernel)


# ---- virtual machines


@step("virtual machines", DEFAULT, alone=True)
def virtual_machines_default():
    # One machine leaves a good part of two processors idle, so two at a time. They may take longer than
    # on two free ones: a busy machine's tests are to end, and to say what failed.
    return virtual_machines(60 * 60, False, 2, "-m", "not long")


@step("virtual machines, all", FULL, alone=True)
def virtual_machines_all():
    return virtual_machines(4 * 3600, True, 1)


if __name__ == "__main__":
    exit_with(main(sys.argv[1:]))
