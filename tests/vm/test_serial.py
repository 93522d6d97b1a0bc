# SPDX-License-Identifier: GPL-2.0-or-later
"""What the lab takes for a result on a console that others write to as well."""

from lab.serial import Results

SAID = """@@ boot arrive 6.1
@@ inspect {"functions": "no regi[   48.011387507,3] SBE: Timer stuck, falling back to OPAL pollers.
[   48.011679683,3] SBE: You will likely have slower I2C.
ster"}
[   49.000000001,5] PCI: between two lines
@@ inspect-status 0
[    0.637413] nvram: a line of the kernel
@@ end arrive 0
"""


def test_a_result_that_firmware_interrupts_is_whole() -> None:
    results = Results(SAID)
    assert results.one("inspect") == '{"functions": "no register"}'
    assert results.one("inspect-status") == "0"
