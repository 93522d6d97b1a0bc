# SPDX-License-Identifier: GPL-2.0-or-later
"""One machine, ten kernels one after the other: nothing may pile up."""

import pytest

from lab.setup import Setup

JUMPS = 10


@pytest.mark.long
def test_ten_jumps_in_a_row(lab):
    results = lab.script(Setup(devices="demo"), f"""
load_drivers
links_up
check_all
jump=$(argument lab.jump)
report jump "$jump"
[ "$jump" -lt {JUMPS} ] || exit 0
append=$(next_command_line script | sed "s/lab\\.jump=[0-9]*/lab.jump=$((jump + 1))/")
# shellcheck disable=SC2046
report_lines load kexit load /lab/next/kernel $(carried_initrd) --append "$append"
kexit exec -q
report error "exec came back: $?"
""", append="lab.jump=0", timeout=900)
    assert results.every("error") == []
    assert results.every("jump") == [str(number) for number in range(JUMPS + 1)]
    assert results.every("load-status") == ["0"] * JUMPS
    assert {text.split()[1] for text in results.every("disk")} == {"ok"}
    assert len(results.every("disk")) == 7 * (JUMPS + 1)
    assert {text.split()[1] for text in results.every("link")} == {"ok"}
    assert len(results.every("link")) == 4 * (JUMPS + 1)
