# SPDX-License-Identifier: GPL-2.0-or-later
"""What kexit refuses, or takes back, around loading: each says why and changes nothing."""

import pytest

from lab.setup import Setup

LOAD = "kexit load /lab/next/kernel --initrd /lab/next/initrd --append x"

# One boot for all: name, what to run, and a word its message must have.
REFUSALS = [
    ("nothing-loaded", "kexit exec", "load"),
    ("no-file", "kexit load /no/such/kernel --append x", "/no/such/kernel"),
    ("no-initrd", "kexit load /lab/next/kernel --initrd /no/such/initrd --append x", "/no/such/initrd"),
    ("not-a-kernel", "kexit load /bin/busybox --append x", "/bin/busybox"),
    ("command-line-too-long", f'{LOAD}"$(printf %04096d 0)"', "command line"),
    ("no-cap-sys-boot-load", f"/usr/bin/setpriv --bounding-set=-sys_boot {LOAD}", "CAP_SYS_BOOT"),
    ("no-cap-sys-boot-exec", "/usr/bin/setpriv --bounding-set=-sys_boot kexit exec", "CAP_SYS_BOOT"),
    ("pid-namespace", "/usr/bin/unshare --pid --fork --mount-proc kexit exec", "pid namespace"),
    ("user-namespace", "/usr/bin/unshare --user --map-root-user kexit exec", "namespace"),
    # Last: it cannot be taken back.
    ("load-disabled", f"sysctl -qw kernel.kexec_load_disabled=1; {LOAD}", "kexec_load_disabled"),
]


@pytest.fixture(scope="module")
def refusals(request):
    """Every refusal's results, from one machine."""
    from conftest import Lab

    script = ["load_drivers", "bound=$(bound_functions)"]
    for name, command, _ in REFUSALS:
        if name == "no-cap-sys-boot-exec":
            script.append(LOAD)
        script.append(f"report_lines {name} sh -c '{command}'")
    script += [
        'report still-bound "$(($(bound_functions) - bound))"',
        'report loaded "$(cat /sys/kernel/kexec_loaded)"',
    ]
    return Lab("refusals").script(
        Setup(programs=["setpriv", "unshare"]), "\n".join(script)
    )


@pytest.mark.parametrize(("name", "word"), [(name, word) for name, _, word in REFUSALS])
def test_refused_with_its_reason(refusals, name, word):
    assert refusals.one(f"{name}-status") == "5"
    assert word in " ".join(refusals.every(name))


def test_refusals_change_nothing(refusals):
    assert refusals.one("still-bound") == "0"
    assert refusals.one("loaded") == "1"


def test_unload_takes_the_kernel_away(lab):
    results = lab.script(Setup(), f"""
{LOAD}
report loaded "$(cat /sys/kernel/kexec_loaded)"
report_lines unload kexit unload
report loaded "$(cat /sys/kernel/kexec_loaded)"
report_lines exec kexit exec
""")
    assert results.every("loaded") == ["1", "0"]
    assert results.one("unload-status") == "0"
    assert results.one("exec-status") == "5"


def test_a_failed_load_keeps_the_kernel_that_was_loaded(lab):
    results = lab.script(Setup(), f"""
{LOAD}
report_lines second kexit load /bin/busybox --append x
report loaded "$(cat /sys/kernel/kexec_loaded)"
""")
    assert results.one("second-status") == "5"
    assert results.one("loaded") == "1"


def test_lockdown_refuses_a_kernel_whose_signature_is_broken(lab):
    """One byte of the signed kernel is changed."""
    results = lab.script(Setup(), """
cp /lab/next/kernel /tmp/kernel
printf X | dd of=/tmp/kernel bs=1 seek=4000000 conv=notrunc 2>/dev/null
report state "$(mount -t securityfs s /sys/kernel/security; cat /sys/kernel/security/lockdown)"
report_lines load kexit load /tmp/kernel --initrd /lab/next/initrd --append x
report loaded "$(cat /sys/kernel/kexec_loaded)"
""", append="lockdown=integrity")
    assert "[integrity]" in results.one("state")
    assert results.one("load-status") == "5"
    assert "locked down" in " ".join(results.every("load"))
    assert results.one("loaded") == "0"
