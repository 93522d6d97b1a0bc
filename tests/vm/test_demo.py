# SPDX-License-Identifier: GPL-2.0-or-later
"""./demo: what it says about a run, and the run of kexit that it stands on."""

import json

import pytest

from lab import demo, matrix
from lab.errors import Unavailable
from lab.paths import CACHE
from lab.serial import Results
from lab.truth import Truth
from lab.wire import card_mac, frame_for

CARDS = ("virtio-net", "e1000e")
RING = Truth("0000:05:00.0", False, {}, True, [0x1000000])


@pytest.mark.parametrize(("page", "written", "whose"), [
    (0x5000000, frame_for(1)[:64], {"e1000e frame": 8}),
    # A canary's page begins in the middle of a frame; the card's own bytes go on.
    (0x5000000, frame_for(1)[100:164], {"e1000e frame": 8}),
    (0x5000000, b"\x07" + card_mac(0) + b"\x07", {"virtio-net frame": 1}),
    (0x1000000, bytes(8), {"e1000e descriptor": 1}),
    (0x5000000, bytes(8), {"other unknown": 1}),
])
def test_changed_memory_tells_whose_it_is(page, written, whose):
    words = len(written) // 8
    said = {"words_changed": words, "bytes_watched": 1 << 20, "masters": 3,
            "runs": [{"page": f"{page:#x}", "offset": "0x40", "words": words, "bytes": written.hex()}]}
    found = matrix.canary_of(Results("@@ canary " + json.dumps(said)), CARDS, {"e1000e": RING})
    assert found["what"] == whose
    assert sum(found["by"].values()) == words


def function(address, verdict):
    return {"address": address, "verdict": verdict, "class": "0x020000",
            "readings": [{"name": "RCTL", "value": "0x2", "running": verdict == "masked", "meaning": "on"}]}


def left(verdict, *, rule="built-in:1", changed=0, uses=("0000:05:00.0 ping ok",), poured=9):
    """A run of kexit on a machine with one card; the next kernel's uses are the first's last ones."""
    plan = {"devices": [{"name": "0000:05:00.0", "rule": rule, "reason": "a program holds it"}]}
    first = ["@@ plan-json " + json.dumps(plan), "@@ use " + "0000:05:00.0 ping ok",
             "@@ function 0000:05:00.0 0x020000 0x8086 0x10d3 e1000e"]
    following = ["@@ inspect " + json.dumps({"functions": [function("0000:05:00.0", verdict)]}),
                 *(f"@@ use {use}" for use in uses), first[-1]]
    canary = {"words_changed": changed, "bytes_watched": 1 << 20, "masters": 1, "frames_poured": poured,
              "what": {"e1000e frame": changed} if changed else {}, "runs": []}
    record = {"canary": canary, "errors": [], "disagreements": [], "models": {}}
    return demo.Left(Results("\n".join(first)), Results("\n".join(following)), 0.5, "", record)


@pytest.mark.parametrize(("run", "failed"), [
    (left("quiet"), 0),
    (left("masked"), 1),
    (left("masked", rule="in use"), 0),
    (left("quiet", changed=2), 1),
    (left("quiet", poured=0), 1),
    (left("quiet", uses=["0000:05:00.0 ping fails"]), 1),
])
def test_the_demo_fails_where_kexit_does(run, failed, capsys):
    checks = demo.Checks()
    demo.check_kexit(checks, run)
    assert checks.failed == failed, capsys.readouterr().out


def test_the_table_says_way_verdicts_changed_memory_and_time(capsys):
    every = {"kexec -e": left("masked", changed=8), demo.KEXIT: left("quiet")}
    demo.summary(every, {"kexec -e -x": "no jump in 60 s"})
    head, stock, stuck, kexit = (line.split("  ") for line in capsys.readouterr().out.splitlines())
    assert [word.strip() for word in head if word] == ["WAY", "QUIET", "LIVE", "MASKED", "CHANGED MEMORY", "TIME"]
    assert [word.strip() for word in stock if word] == ["kexec -e", "0", "0", "1",
                                                        "8 words in 1 MiB (e1000e frame 8)", "0.500 s"]
    assert [word.strip() for word in kexit if word] == ["kexit exec", "1", "0", "0", "0 words in 1 MiB", "0.500 s"]
    assert [word.strip() for word in stuck if word] == ["kexec -e -x", "-", "-", "-",
                                                        "never got to it: no jump in 60 s", "-"]


def test_kexit_leaves_the_demo_at_work(capsys):
    try:
        run = demo.leave("kexit", CACHE / "vm" / "demo-kexit.log")
    except Unavailable as reason:
        pytest.skip(str(reason))
    checks = demo.Checks()
    demo.check_monitor(checks, demo.KEXIT, run)
    demo.check_kexit(checks, run)
    assert checks.failed == 0, capsys.readouterr().out
    # Sound plays, so its card is the one that is left; whatever else is left in use would be news.
    assert [reason for address, reason in run.in_use.items() if "dsp" in reason or "snd" in reason]
    assert any(" quiet " in line for line in demo.progress(run.log))
