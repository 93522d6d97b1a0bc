# SPDX-License-Identifier: GPL-2.0-or-later
"""Half way through a run, something stops it: the machine must be as it was."""

import pytest

from lab.setup import Setup

# Runs kexit, does $1 to it when the first devices are gone, and compares the machine before and after.
INTERRUPT = """
load_drivers
links_up
check_all
report_output load kexit load /lab/next/kernel --initrd /lab/next/initrd --append x
machine_state >/tmp/before
bound=$(bound_functions)
kexit exec -v >/tmp/exec 2>&1 &
runner=$!
until_something_is_released "$bound" || report error 'nothing was ever released'
%s
report missing-then "$((bound - $(bound_functions)))"
%s
# USB and SCSI find their disks some time after their controller is back.
until_true 30 disks_are_there
until_true 30 links_are_there
sleep 1
machine_state >/tmp/after
report_lines said cat /tmp/exec
report_lines difference diff /tmp/before /tmp/after
report after
check_all
"""


def after(results, name):
    """The results of that name that came after the rollback."""
    place = [index for index, (result, _) in enumerate(results.all) if result == "after"][0]
    return sorted(text for result, text in results.all[place:] if result == name)


def before(results, name):
    place = [index for index, (result, _) in enumerate(results.all) if result == "after"][0]
    return sorted(text for result, text in results.all[:place] if result == name)


def assert_all_is_back(results):
    assert results.every("error") == []
    assert results.every("difference") == []
    assert len(after(results, "disk")) == len(before(results, "disk")) > 0
    assert all(text.endswith(" ok") for text in after(results, "disk"))
    assert len(after(results, "link")) == len(before(results, "link")) > 0
    assert all(text.endswith(" ok") for text in after(results, "link"))


@pytest.mark.parametrize("signal", ["TERM", pytest.param("INT", marks=pytest.mark.long)])
def test_a_signal_rolls_all_back(lab, signal):
    stop = f'kill -{signal} "$runner"; wait "$runner"; report exec-status "$?"'
    results = lab.script(Setup(devices="demo"), INTERRUPT % (stop, ""))
    assert results.one("exec-status") == "3"
    assert_all_is_back(results)


def test_after_kill_9_rollback_brings_all_back(lab):
    kill = 'kill -KILL "$runner"; wait "$runner"; sleep 1'
    results = lab.script(Setup(devices="demo"), INTERRUPT % (kill, "report_lines rollback kexit rollback"))
    assert int(results.one("missing-then")) > 0
    assert results.one("rollback-status") == "0"
    assert_all_is_back(results)


def test_quiesce_then_rollback_brings_all_back(lab):
    results = lab.script(Setup(devices="demo"), """
load_drivers
links_up
check_all
machine_state >/tmp/before
report_lines quiesce kexit quiesce --prefer=remove
report missing-then "$(disks | wc -l)"
report_lines rollback kexit rollback
until_true 30 disks_are_there
until_true 30 links_are_there
sleep 1
machine_state >/tmp/after
report_lines difference diff /tmp/before /tmp/after
report after
check_all
""")
    assert results.one("quiesce-status") == "0"
    assert results.one("missing-then") == "0"
    assert results.one("rollback-status") == "0"
    assert_all_is_back(results)


def virtual_functions(hardware):
    """An NVMe controller that can have two: QEMU 7.2 has no network card with any."""
    hardware.option("-device", "nvme-subsys,id=subsystem")
    hardware.device(f"nvme,{hardware.root_port()},serial=pf,subsys=subsystem,sriov_max_vfs=2,sriov_vq_flexible=4,"
                    "sriov_vi_flexible=2,max_ioqpairs=6,msix_qsize=8", "nvme")


def test_virtual_functions_are_kept_for_whom_they_were(lab):
    """One is kept for vfio-pci: no other driver may have it in between."""
    results = lab.script(Setup(devices=virtual_functions), """
load_drivers
pf=/sys/bus/pci/devices/0000:01:00.0
until_true 10 test -e $pf/driver
echo 0 >$pf/sriov_drivers_autoprobe
echo 2 >$pf/sriov_numvfs || report error 'no virtual functions'
echo 1 >$pf/sriov_drivers_autoprobe
echo vfio-pci >$pf/virtfn0/driver_override
picture() {
	cat $pf/sriov_numvfs $pf/sriov_drivers_autoprobe $pf/virtfn*/driver_override
	for function in $pf $pf/virtfn*; do basename "$(readlink $function/driver)"; done
}
report before "$(picture | tr '\\n' ' ')"
report_lines quiesce kexit quiesce
report then "$(cat $pf/sriov_numvfs)"
report_lines rollback kexit rollback
report after "$(picture | tr '\\n' ' ')"
""")
    assert results.every("error") == []
    assert results.one("quiesce-status") == "0", results.every("quiesce")
    assert results.one("then") == "0"
    assert results.one("rollback-status") == "0", results.every("rollback")
    assert results.one("before") == results.one("after")
    assert "vfio-pci" in results.one("after")
