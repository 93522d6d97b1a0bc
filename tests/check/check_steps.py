#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Are the steps of ./check run side by side, told in their order, and each failure counted?

Steps of its own, which wait for each other and not for a time, run through tools/checking.py.
"""

import contextlib
import io
import pathlib
import re
import sys
import tempfile
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))

import checking  # noqa: E402
from checking import Counts, in_lanes, run, say, step  # noqa: E402

LONG = 60
last_began, first_ended = threading.Event(), threading.Event()
at_work = []
lanes = threading.Barrier(2, timeout=LONG)

EXPECTED = """\
ok     first
FAIL   fails
       one
       two
skip   skipped: no reason
FAIL   breaks
ok     after: 3 passed, 0 failed, 1 skipped
       a test: why
       said live
ok     last
       lane 0
       lane 1
ok     alone
6 passed, 2 failed, 2 skipped
"""


@step("alone", alone=True)
def alone():
    """Comes last though it is the first that is written down; two of its items at once."""
    assert at_work == []
    said = threading.Lock()
    numbers = iter(range(2))

    def item(_):
        lanes.wait()
        with said:
            say(f"       lane {next(numbers)}")

    in_lanes(2, item, "ab")


@step("first")
def first():
    """Ends when the last one has begun, and is told first."""
    at_work.append("first")
    assert last_began.wait(LONG)
    at_work.remove("first")
    first_ended.set()


@step("fails")
def fails():
    run("sh", "-c", "echo one; echo two; exit 3")


@step("skipped")
def skipped():
    run("sh", "-c", "echo no reason; exit 77")


@step("breaks")
def breaks():
    raise ZeroDivisionError


@step("after", after="first")
def after():
    assert first_ended.is_set()
    counts = Counts(3, 0, 1)
    counts.reasons.append("a test: why")
    return counts


@step("last")
def last():
    last_began.set()
    say("       said live")


def main():
    with tempfile.TemporaryDirectory() as folder:
        checking.LOGS = pathlib.Path(folder)
        checking.ROOT = pathlib.Path(folder)
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            status = checking.main([])
    told = re.sub(r" \(\d+\.\d s\)$", "", output.getvalue(), flags=re.M)
    told = re.sub(r"^ {7}(Traceback|  |sh -c |ZeroDiv).*\n", "", told, flags=re.M)
    if (told, status) != (EXPECTED, 1):
        sys.exit(f"status {status}, and instead of\n{EXPECTED}\nthis was told:\n{told}")


if __name__ == "__main__":
    main()
