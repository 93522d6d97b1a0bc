# SPDX-License-Identifier: GPL-2.0-or-later
"""How often a test's machine had to be started twice: kept from run to run, told at the end of each.

A second try hides nothing only if it is counted. Each start is a line in .cache/vm/attempts.jsonl.
"""

from __future__ import annotations

import json
import os
from collections import Counter

from lab.paths import CACHE

LOG = CACHE / "vm" / "attempts.jsonl"


def note(died: str | None) -> None:
    """A machine of the test that runs now did its work, or @died of this and is tried once more."""
    test = os.environ.get("PYTEST_CURRENT_TEST", "").split(" ")[0]
    if not test:
        return  # the demo, a benchmark or the matrix, which count their own
    LOG.parent.mkdir(parents=True, exist_ok=True)
    with LOG.open("a", encoding="utf-8") as log:
        log.write(json.dumps({"test": test, "died": died}) + "\n")


def rates() -> list[str]:
    """A line for each test that ever needed a second try, the most frequent first."""
    starts: Counter[str] = Counter()
    deaths: Counter[str] = Counter()
    for line in LOG.read_text(encoding="utf-8").splitlines() if LOG.exists() else []:
        start = json.loads(line)
        starts[start["test"]] += 1
        deaths[start["test"]] += start["died"] is not None
    often = sorted((test for test in deaths if deaths[test]), key=lambda test: -deaths[test] / starts[test])
    return [f"second try: {test}: {deaths[test]} of {starts[test]} starts" for test in often]
