# SPDX-License-Identifier: GPL-2.0-or-later
"""tests/vm run in lanes, each test told as it ends, and counted."""

import re
import shutil
import threading
import time
import xml.etree.ElementTree

from checking import LOGS, Counts, Failed, Skipped, files, in_lanes, run, say


def junit_counts(path, skip_is_failure):
    counts = Counts()
    for case in xml.etree.ElementTree.parse(path).iter("testcase"):
        children = {child.tag for child in case}
        if children & {"failure", "error"} or (skip_is_failure and "skipped" in children):
            counts.failed += 1
        elif "skipped" in children:
            counts.skipped += 1
        else:
            counts.passed += 1
    return counts


def virtual_machines(seconds, skip_is_failure, lanes, *selection):
    """All of tests/vm, one file after the other in each lane."""
    folder, end = LOGS / "vm", time.monotonic() + seconds
    shutil.rmtree(folder, ignore_errors=True)
    counts, outputs, adding = Counts(), [], threading.Lock()

    def test(path):
        results = folder / f"{path.stem}.xml"

        def show(line):
            verdict = re.search(r" (PASSED|FAILED|SKIPPED|ERROR)\b", line) and "::" in line.split(" ")[0]
            if verdict or line.startswith(f"second try: {path}"):
                say(f"       {line.rstrip()}")

        problem = False
        try:
            output = run(
                *("/usr/bin/python3", "-B", "-m", "pytest", "-v", "-rs", "-p", "no:cacheprovider"),
                *(f"--junitxml={results}", *selection, path),
                seconds=max(1, end - time.monotonic()),
                each_line=show,
                good=(0, 5),
            )
        except Failed as failure:
            output, problem = str(failure), True
        found = junit_counts(results, skip_is_failure) if results.exists() else Counts()
        if problem:
            found.failed = max(found.failed, 1)
        with adding:
            if found.failed:
                outputs.append(output)
            counts.add(found)

    in_lanes(lanes, test, files("tests/vm/test_*.py"))
    if counts.failed:
        raise Failed("".join(outputs), counts)
    if not counts.passed and not counts.skipped:
        raise Skipped("no test is selected")
    return counts
