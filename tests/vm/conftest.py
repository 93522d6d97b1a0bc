# SPDX-License-Identifier: GPL-2.0-or-later
"""What every test in a virtual machine gets: the lab, with its logs kept and its gaps as skips."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from lab import handover, script  # noqa: E402
from lab.errors import Unavailable  # noqa: E402
from lab.handover import Outcome  # noqa: E402
from lab.paths import CACHE  # noqa: E402
from lab.serial import Results  # noqa: E402
from lab.setup import Setup  # noqa: E402


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "long: only run by ./check --full")


class Lab:
    """The lab as tests call it: what cannot be had here skips the test with its reason."""

    def __init__(self, name: str) -> None:
        self._log = CACHE / "vm" / (re.sub(r"[^\w.-]+", "-", name).strip("-") + ".log")

    def handover(self, setup: Setup, way: str = "kexit") -> Outcome:
        setup.keep = self._log
        try:
            return handover.run(setup, way)
        except Unavailable as reason:
            pytest.skip(str(reason))

    def script(self, setup: Setup, text: str, *, timeout: float = 120, append: str = "") -> Results:
        setup.keep = self._log
        try:
            return script.run(setup, text, timeout=timeout, append=append)
        except Unavailable as reason:
            pytest.skip(str(reason))

    def script_to_end(self, setup: Setup, text: str, *, timeout: float = 120) -> str:
        setup.keep = self._log
        try:
            return script.run_to_end(setup, text, timeout=timeout)
        except Unavailable as reason:
            pytest.skip(str(reason))


@pytest.fixture
def lab(request: pytest.FixtureRequest) -> Lab:
    """The lab; its serial log is kept as .cache/vm/TEST.log."""
    return Lab(request.node.name)
