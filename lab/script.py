# SPDX-License-Identifier: GPL-2.0-or-later
"""One guest that runs one script: for everything that a handover from end to end does not show.

The script is busybox sh with the functions of lab/guest/lib.sh; it reports results and ends. When
it jumps, the next kernel runs it again: it tells the kernels apart by `argument`.
"""

from __future__ import annotations

from collections.abc import Callable

from lab.machine import Machine
from lab.serial import Results
from lab.setup import Setup, again, with_machine

HEAD = """#!/bin/sh
. /lab/lib.sh
. /lab/state.sh
"""


def _with_script(setup: Setup, script: str) -> Setup:
    return again(setup, files={**setup.files, "lab/script.sh": (HEAD + script).encode()})


def run(setup: Setup, script: str, *, timeout: float = 120, append: str = "",
        meanwhile: Callable[[Machine], None] | None = None) -> Results:
    """Boot setup's first kernel, run script there, and return what was reported until its end.

    timeout counts from the script's start, in seconds. meanwhile acts on the machine from outside
    once the script has started. Raises LabError when the end is not reached.
    """

    def use(machine: Machine) -> Results:
        at = machine.wait("^@@ boot script", machine.arch.boot_seconds * setup.patience)
        if meanwhile:
            meanwhile(machine)
        machine.wait("^@@ end script", timeout, at)
        return Results(machine.serial.text)

    return with_machine(_with_script(setup, script), f"lab.role=script {append}", use)


def run_to_end(setup: Setup, script: str, *, timeout: float = 120) -> str:
    """As run(), for a script that ends the machine itself: by a restart, or powering off. Returns
    everything that came over the serial line after the script's start."""

    def use(machine: Machine) -> str:
        at = machine.wait("^@@ boot script", machine.arch.boot_seconds * setup.patience)
        return machine.serial.wait_end(timeout)[at:]

    return with_machine(_with_script(setup, script), "lab.role=script", use)
