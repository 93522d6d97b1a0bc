# SPDX-License-Identifier: GPL-2.0-or-later
"""One guest that runs one script: for everything that a handover from end to end does not show.

The script is busybox sh with the functions of lab/guest/lib.sh; it reports results and ends. When
it jumps, the next kernel runs it again: it tells the kernels apart by `argument`.
"""

from __future__ import annotations

from lab.machine import Machine
from lab.serial import Results
from lab.setup import Setup, again, with_machine

HEAD = """#!/bin/sh
. /lab/lib.sh
. /lab/state.sh
"""


def run(setup: Setup, script: str, *, timeout: float = 120, append: str = "") -> Results:
    """Boot setup's first kernel, run script there, and return what was reported until its end.

    timeout counts from the script's start, in seconds. Raises LabError when the end is not
    reached.
    """

    def use(machine: Machine) -> Results:
        at = machine.wait("^@@ boot script", machine.arch.boot_seconds)
        machine.wait("^@@ end script", timeout, at)
        return Results(machine.serial.text)

    files = {**setup.files, "lab/script.sh": (HEAD + script).encode()}
    return with_machine(again(setup, files=files), f"lab.role=script {append}", use)
