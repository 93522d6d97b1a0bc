# SPDX-License-Identifier: GPL-2.0-or-later
"""The matrix on its smallest machine, and the parts of it that decide what a cell says."""

import json
import re
import struct

import pytest

from lab import matrix, report_cells, report_html, report_md, wire
from lab.arch import ARCHES
from lab.errors import Unavailable
from lab.paths import CACHE, REPOSITORY
from lab.truth import Truth, disagreements

CARDS = ("e1000e", "rtl8139", "tulip")


def run(way):
    try:
        record = matrix.run(matrix.Cell("quick", "6.1", way, CACHE / "vm" / f"matrix-{way}.log"))
    except Unavailable as reason:
        pytest.skip(str(reason))
    assert "error" not in record, record["error"]
    assert record["disagreements"] == []
    assert record["errors"] == []
    # Without traffic a receiver that was left on has nothing to write.
    assert record["canary"]["frames_poured"] > 0
    return record


def test_stock_kexec_with_links_up_leaves_receivers_on_and_the_monitor_sees_them_too():
    models = run("stock-links-up")["models"]
    # Live where the card had a frame to tell of as well: its line is asserted then, and not disabled.
    verdicts = [models[card]["verdict"] for card in CARDS]
    assert set(verdicts) <= {"masked", "live"}
    assert [models[card]["monitor"] for card in CARDS] == verdicts
    assert models["nvme"]["verdict"] == models["nvme"]["monitor"] == "quiet"


def test_kexit_leaves_all_quiet_no_memory_changed_and_every_device_works():
    record = run("kexit")
    assert {model: row["verdict"] for model, row in record["models"].items()} == dict.fromkeys(
        record["models"], "quiet")
    assert {row["monitor"] for row in record["models"].values()} == {"quiet"}
    assert record["canary"]["words_changed"] == 0
    assert [row["trouble"] for row in record["models"].values() if not row["works"]] == []


def inspected(verdict, value, master=False):
    reading = {"name": "RCTL", "value": f"{value:#010x}", "running": verdict != "quiet", "meaning": None}
    return {"verdict": verdict, "bus_master": master, "readings": [reading]}


def outside(value, master=False):
    return Truth("0000:00:03.0", master, {"RCTL": value, "TCTL": 0}, bool(value & 2), [])


@pytest.mark.parametrize(("truth", "function", "said"), [
    (outside(0x2), inspected("masked", 0x2), []),
    (outside(0x2), inspected("quiet", 0x0), ["monitor masked", "RCTL"]),
    (outside(0x0), inspected("masked", 0x2), ["monitor quiet", "RCTL"]),
    (outside(0x2, True), inspected("masked", 0x2), ["Bus Master", "monitor live"]),
    # What inspect does not claim to know cannot be wrong.
    (outside(0x2), {**inspected("unknown", 0), "readings": []}, []),
])
def test_a_disagreement_names_what_differs(truth, function, said):
    found = disagreements("e1000", truth, function)
    assert len(found) == len(said), found
    for text, part in zip(found, said):
        assert part in text


def row(verdict, monitor, works=True):
    return {"verdict": verdict, "monitor": monitor, "works": works, "running": [], "monitor_registers": {},
            "why": None, "fate": None, "fate_reason": None, "engine": "e1000", "driver": "e1000",
            "from_specification": False}


def results(*rows, changed=0):
    canary = {"words_changed": changed, "by": {"e1000": changed} if changed else {}}
    return {"versions": {}, "runs": [
        {"machine": "nics", "kernel": "6.1", "way": "stock", "models": {"e1000": each}, "canary": canary,
         "dmar_faults": 0, "seconds": 0.2, "disagreements": []} for each in rows]}


@pytest.mark.parametrize(("given", "colour"), [
    (results(row("quiet", "quiet")), report_cells.QUIET),
    # One bad run in three is a bad cell.
    (results(row("quiet", "quiet"), row("quiet", "quiet"), row("masked", "masked")), report_cells.LOUD),
    (results(row("unknown", "unknown")), report_cells.UNSEEN),
    (results(row("unreadable", "quiet")), report_cells.UNSEEN),
    (results(row("unknown", "masked")), report_cells.LOUD),
    (results(row("quiet", "quiet"), changed=3), report_cells.LOUD),
    (results(row("quiet", "quiet", works=False)), report_cells.FAILED),
])
def test_a_cell_is_as_bad_as_its_worst_run(given, colour):
    line, = report_cells.lines(given)
    assert line.cells["stock"].colour == colour
    assert "e1000" in report_md.markdown(given)
    assert f'class="{colour}"' in report_html.html(given)


def test_a_run_that_never_left_is_in_the_matrix():
    given = results(row("quiet", "quiet"))
    stuck = {"machine": "nics", "kernel": "6.1", "way": "unbind", "error": "no 'Starting new kernel' in 120 s"}
    given["runs"].append(stuck)
    line, = report_cells.lines(given)
    assert line.cells["unbind"].colour == report_cells.FAILED
    assert line.cells["unbind"].words() == ["never left 1/1"]
    assert "never left 1/1" in report_md.markdown(given)


def test_what_kexit_did_beyond_the_release_is_in_its_cell():
    log = ("  0.1 s  0000:09:00.0     reset (flr, was live): 1 back as before   9 ms\nkexit-lab: request\n"
           "  0.650 s  0000:02:00.0     reset (bus, was unknown): 1 back as before   34 ms\n"
           "Starting new kernel\n  0.1 s  0000:08:00.0     reset (flr, was live): 1\n")
    resets = matrix._resets(log)
    assert resets == {"0000:02:00.0": "bus, was unknown"}
    below = {"path": "/sys/devices/pci0000:00/0000:02:00.0/0000:03:00.0"}
    assert matrix._step(below, resets) == "reset (bus, was unknown)"
    assert matrix._step({"path": "/sys/devices/pci0000:00/0000:03:00.0"}, resets) is None
    line, = report_cells.lines(results({**row("unknown", "unknown"), "step": "reset (bus, was unknown)"}))
    assert line.cells["stock"].words()[-1] == "reset (bus, was unknown)"
    assert line.cells["stock"].colour == report_cells.UNSEEN


def test_a_run_from_before_the_decoder_does_not_count_beside_a_later_one():
    before = {**row("unknown", "masked"), "engine": None}
    line, = report_cells.lines(results(before, row("quiet", "quiet")))
    assert line.cells["stock"].words() == ["quiet 1/1"]
    # Without any decoder it is.
    line, = report_cells.lines(results(before, before))
    assert line.cells["stock"].words() == ["unknown 2/2", "monitor: masked 2/2"]


def test_runs_without_a_result_are_counted():
    given = results(row("quiet", "quiet"))
    given["runs"][0]["lost"] = ["Kernel panic - not syncing: a test (while waiting for '^@@ boot leave')"]
    silent = {"machine": "nics", "kernel": "6.1", "way": "stock", "error": "no '^@@ boot witness' in 90 s\n  words"}
    given["runs"].append(silent)
    line, = report_cells.lines(given)
    # Not known to be bad, and not counted as good.
    assert line.cells["stock"].words() == ["quiet 1/1", "no result 2/3"]
    text = report_md.markdown(given)
    assert "* nics, Linux 6.1, stock: Kernel panic - not syncing: a test" in text
    assert "* nics, Linux 6.1, stock: no '^@@ boot witness' in 90 s\n" in text


def test_the_wire_answers_who_has_and_echo():
    card, own, far = wire.card_mac(0), bytes([10, 0, 2, 15]), bytes([10, 0, 2, 2])
    ask = b"\xff" * 6 + card + struct.pack("!HHHBBH", 0x0806, 1, 0x0800, 6, 4, 1) + card + own + bytes(6) + far
    said = wire.answer(ask)
    assert said[:6] == card and said[20:22] == b"\0\2" and said[28:32] == far
    echo = struct.pack("!BBHHH", 8, 0, 0, 7, 1) + b"payload."
    header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(echo), 0, 0, 64, 1, 0) + own + far
    reply = wire.answer(wire.OWN_MAC + card + b"\x08\0" + header + echo)
    assert reply[26:34] == far + own and reply[34] == 0
    # A sum over a packet that carries its own checksum is zero (RFC 1071).
    assert wire.checksum(reply[34:]) == 0


def rules_of_evidence():
    """The drivers that a shipped rule leaves to their shutdown()."""
    rules = (REPOSITORY / "src/policy/builtin.conf").read_text().replace("\\\n", " ")
    return re.findall(r"^bus=pci driver=(\S+) .*action=shutdown", rules, re.M)


@pytest.mark.parametrize("driver", rules_of_evidence())
def test_a_rule_of_evidence_has_its_cells(driver):
    """The stock kexec, its links down or up: on each kernel of the lab run at least twice, and quiet in every
    run, by the registers and by the monitor."""
    found = {}
    for record in json.loads((REPOSITORY / "doc/lab.json").read_text())["runs"]:
        for row in record.get("models", {}).values():
            if row["driver"] == driver and record["way"] in ("stock", "stock-links-up"):
                found.setdefault(record["kernel"], []).append((row["verdict"], row["monitor"]))
    assert set(found) >= set(ARCHES["amd64"].labels)
    assert {seen for runs in found.values() for seen in runs} == {("quiet", "quiet")}
    assert min(map(len, found.values())) >= 2


def test_there_is_a_rule_of_evidence():
    assert rules_of_evidence() == ["ahci"]
