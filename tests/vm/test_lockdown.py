# SPDX-License-Identifier: GPL-2.0-or-later
"""A kernel that is locked down refuses writes of config space: what then masters the bus at the jump.

The card's test driver sets Bus Master in its remove(), and leaves its receiver on.
"""

import json

import pytest

from lab.setup import Setup

CARD = "0000:01:00.0"

# A kernel whose unbind makes it forget a function's power state, so that its shutdown does not clear
# Bus Master (patches/README.md), and two that do not forget.
KERNELS = ["6.1.176", "6.1", "6.12"]

# The next kernel and the modules are loaded first: none is signed.
LOCKDOWN = """
if [ "$(argument lab.next)" = 1 ]; then
	report_output inspect kexit inspect --json
else
	[ "$(argument lab.module)" = 0 ] || insmod /lab/own/kexit_late.ko
	insmod /lab/own/reviver.ko
	kexit load /lab/next/kernel --initrd /lab/next/initrd --append "$(cat /proc/cmdline) lab.next=1"
	mount -t securityfs s /sys/kernel/security
	echo integrity >/sys/kernel/security/lockdown
	report lockdown "$(cat /sys/kernel/security/lockdown)"
	printf '\\006' | dd of=/sys/bus/pci/devices/CARD/config bs=1 seek=4 conv=notrunc 2>/dev/null ||
		report config-writes refused
	dmesg -n 6
	kexit exec --reset=none
	report exec-status "$?"
fi
""".replace("CARD", CARD)


def card(hardware):
    hardware.device(f"e1000e,{hardware.root_port()},romfile=,{hardware.network()}")


def run(lab, kernel, module):
    own = ["reviver", "kexit_late"] if module else ["reviver"]
    return lab.script(Setup(kernel=kernel, next="6.1", devices=card, own=own), LOCKDOWN,
                      append=f"lab.module={module}", timeout=300)


def functions(results):
    return {function["address"]: function for function in json.loads(results.one("inspect"))["functions"]}


@pytest.mark.parametrize(("kernel", "module"), [
    ("6.1.176", 0),
    ("6.1", 1),
    *(pytest.param(*other, marks=pytest.mark.long) for other in (("6.1.176", 1), ("6.1", 0), ("6.12", 0), ("6.12", 1))),
])
def test_under_lockdown_nothing_masters_the_bus_at_the_jump_or_it_is_named(lab, kernel, module):
    results = run(lab, kernel, module)
    assert "[integrity]" in results.one("lockdown")
    assert results.one("config-writes") == "refused"
    assert not functions(results)[CARD]["bus_master"]
    named = [line for line in results.text.splitlines() if "kexit: 0000:" in line]
    for address, function in functions(results).items():
        # Bridges pass on what others send.
        if function["bus_master"] and not function["class"].startswith("0x06"):
            assert any(address in line and "masters the bus" in line for line in named), (address, named)
    assert any(CARD in line and "EPERM" in line for line in named), named


@pytest.mark.long
@pytest.mark.parametrize("kernel", KERNELS)
def test_the_card_is_bound_again_only_where_the_kernel_would_pass_it_over(lab, kernel):
    text = run(lab, kernel, 0).text
    assert ("bound again" in text) == (kernel == "6.1.176"), text[-3000:]
