# SPDX-License-Identifier: GPL-2.0-or-later
"""What every test in a virtual machine gets: the lab, with its logs kept and its gaps as skips."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from lab import attempts, handover, script  # noqa: E402
from lab.bootdisk import Rack  # noqa: E402
from lab.errors import Unavailable  # noqa: E402
from lab.handover import Outcome  # noqa: E402
from lab.machine import Machine, scratch  # noqa: E402
from lab.paths import CACHE  # noqa: E402
from lab.serial import Results  # noqa: E402
from lab.setup import Setup  # noqa: E402


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "long: only run by ./check --full")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Each test whose machine ever needed a second try, with its rate over all runs in this cache."""
    for line in attempts.rates():
        terminalreporter.write_line(line)


def kept_log(name: str) -> Path:
    """Where a test's serial log stays: .cache/vm/TEST.log."""
    return CACHE / "vm" / (re.sub(r"[^\w.-]+", "-", name).strip("-") + ".log")


class Lab:
    """The lab as tests call it: what cannot be had here skips the test with its reason."""

    def __init__(self, name: str) -> None:
        self._log = kept_log(name)

    def handover(self, setup: Setup, way: str = "kexit") -> Outcome:
        setup.keep = self._log
        try:
            return handover.run(setup, way)
        except Unavailable as reason:
            pytest.skip(str(reason))

    def script(self, setup: Setup, text: str, *, timeout: float = 120, append: str = "",
               meanwhile: Callable[[Machine], None] | None = None) -> Results:
        setup.keep = self._log
        try:
            return script.run(setup, text, timeout=timeout, append=append, meanwhile=meanwhile)
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


@pytest.fixture
def folder(request: pytest.FixtureRequest) -> Iterator[Path]:
    """A folder for one machine after another; the last one's serial log is kept as .cache/vm/TEST.log."""
    log = kept_log(request.node.name)
    log.parent.mkdir(parents=True, exist_ok=True)
    with scratch() as name:
        try:
            yield Path(name)
        except Unavailable as reason:
            pytest.skip(str(reason))
        finally:
            serial = Path(name) / "serial.log"
            if serial.exists():
                log.write_bytes(serial.read_bytes())


@pytest.fixture
def rack(folder: Path) -> Rack:
    """Machines that boot from disks, in that folder."""
    return Rack(folder)
