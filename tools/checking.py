# SPDX-License-Identifier: GPL-2.0-or-later
"""What the steps in check.py stand on: commands, counts, and steps side by side, told in their order.

Steps wait for compilers and for tests that wait, so several run at once. A step may name one that
it comes after, or ask to be alone: those run one by one when all others have ended. All that a
step says while an earlier one is at work is kept until it is its turn.
"""

import collections
import concurrent.futures
import os
import pathlib
import re
import signal
import subprocess
import sys
import threading
import time
import traceback

ROOT = pathlib.Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache"
LOGS = CACHE / "check"
SHOWN_LINES = 80
QUICK, DEFAULT, FULL = "--quick", "(default)", "--full"
# As many as keep all processors busy while some wait for a build.
AT_ONCE = 4 + (os.cpu_count() or 1)

STEPS = []
BUILT = {}  # flavour: its kexit program, None if it failed
WANTED = {}  # flavour: whether it is built now, in the order in which they were asked for
BUILDS_CHANGED = threading.Condition()
COMMANDS = set()
MINE = threading.local()


class Skipped(Exception):
    """The reason why a step was not done."""


class Failed(Exception):
    """What a failed step printed; counts, if some of its tests passed."""

    def __init__(self, output, counts=None):
        super().__init__(output)
        self.counts = counts


class Counts:
    def __init__(self, passed=0, failed=0, skipped=0):
        self.passed, self.failed, self.skipped = passed, failed, skipped
        self.reasons = []  # why tests were skipped

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped
        self.reasons += other.reasons

    def __str__(self):
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


class Step:
    def __init__(self, name, modes, function, after, alone):
        self.name, self.modes, self.function = name, modes, function
        self.after, self.alone = after, alone
        self.counts = None  # once it has ended
        self.held = []  # what it said before its turn


def step(name, *modes, after=None, alone=False):
    """Adds the function to the steps of @modes (of all modes, if none is given)."""

    def add(function):
        STEPS.append(Step(name, modes or (QUICK, DEFAULT, FULL), function, after, alone))
        return function

    return add


def say(line):
    """Prints @line as the calling step's, at once if all earlier steps have ended."""
    MINE.running.say(MINE.step, line)


def in_lanes(count, work, items):
    """Calls @work with each of @items, @count at a time; what they say is the calling step's."""
    left, running, one = collections.deque(items), MINE.running, MINE.step

    def lane():
        MINE.running, MINE.step = running, one
        while left:
            work(left.popleft())

    with concurrent.futures.ThreadPoolExecutor(count) as pool:
        for ended in [pool.submit(lane) for _ in range(count)]:
            ended.result()


def run(*command, seconds=900, each_line=None, good=(0,), **environment):
    """What @command printed. Failed unless its status is in @good; Skipped for 77."""
    process = subprocess.Popen(
        [str(word) for word in command],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    COMMANDS.add(process)
    timer = threading.Timer(seconds, os.killpg, (process.pid, signal.SIGKILL))
    timer.start()
    lines = []
    try:
        for line in process.stdout:
            lines.append(line)
            if each_line:
                each_line(line)
        status = process.wait()
    finally:
        in_time = timer.is_alive()
        timer.cancel()
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        COMMANDS.discard(process)
    output = re.sub(r"\x1b\[[0-9;]*m", "", "".join(lines))
    if status == 77:
        raise Skipped(lines[-1].strip() if lines else "no reason given")
    if status not in good:
        why = f"status {status}" if in_time else f"killed after {seconds} s"
        raise Failed(f"{output}{' '.join(map(str, command))}: {why}\n")
    return output


def files(*patterns):
    return sorted(path.relative_to(ROOT) for pattern in patterns for path in ROOT.glob(pattern))


def build(flavour):
    """The path of the kexit program of tools/build's @flavour. A failure is told once.

    One flavour after the other: each keeps all processors busy, and the sooner one is there, the
    sooner its tests, most of which wait, run beside the next.
    """
    with BUILDS_CHANGED:
        if flavour not in BUILT:
            WANTED.setdefault(flavour, False)
        BUILDS_CHANGED.wait_for(lambda: flavour in BUILT or next(iter(WANTED.items())) == (flavour, False))
        if flavour in BUILT:
            if not BUILT[flavour]:
                raise Skipped(f"the {flavour} build failed")
            return BUILT[flavour]
        WANTED[flavour] = True
    program = None
    try:
        program = run("tools/build", flavour).splitlines()[-1]
        return program
    finally:
        with BUILDS_CHANGED:
            del WANTED[flavour]
            BUILT[flavour] = program
            BUILDS_CHANGED.notify_all()


class Running:
    """The steps of one run, side by side; their lines in their order."""

    def __init__(self, steps, mode):
        self.steps = sorted(steps, key=lambda one: one.alone)
        self.mode = mode
        self.to_start = [one for one in self.steps if not one.alone]
        self.turn = 0  # whose lines are printed
        self.changed = threading.Condition()

    def say(self, one, line):
        with self.changed:
            if one is self.steps[self.turn]:
                print(line, flush=True)
            else:
                one.held.append(line)

    def end(self, one, counts):
        with self.changed:
            one.counts = counts
            while self.turn < len(self.steps) and self.steps[self.turn].counts:
                self.turn += 1
                if self.turn < len(self.steps):
                    for line in self.steps[self.turn].held:
                        print(line, flush=True)
            self.changed.notify_all()

    def may_start(self, one):
        return all(other.counts or other.name != one.after for other in self.steps)

    def take(self):
        """The next step that may start, waited for; None when all were taken."""
        with self.changed:
            while self.to_start:
                for one in self.to_start:
                    if self.may_start(one):
                        self.to_start.remove(one)
                        return one
                self.changed.wait()
        return None

    def work(self):
        while one := self.take():
            self.perform(one)

    def perform(self, one):
        """Runs one step and says its line."""
        MINE.running, MINE.step = self, one
        self.end(one, self.outcome(one))

    def outcome(self, one):
        started = time.monotonic()
        output = detail = ""
        try:
            counts = one.function()
            detail = f": {counts}" if counts else ""
            counts = counts or Counts(passed=1)
        except Skipped as skipped:
            counts, detail = Counts(skipped=1), f": {skipped}"
            if self.mode == FULL:
                counts, output = Counts(failed=1), "a skip fails --full\n"
        except Failed as failed:
            counts, output = failed.counts or Counts(failed=1), str(failed)
            detail = f": {counts}" if failed.counts else ""
        except Exception:  # pylint: disable=broad-exception-caught
            counts, output = Counts(failed=1), traceback.format_exc()
        word = "FAIL" if counts.failed else "ok" if counts.passed else "skip"
        say(f"{word:<5}  {one.name}{detail} ({time.monotonic() - started:.1f} s)")
        for reason in counts.reasons:
            say(f"       {reason}")
        if output:
            log = LOGS / (re.sub(r"[^a-z0-9]+", "-", one.name.lower()) + ".log")
            log.write_text(output, encoding="utf-8")
            lines = output.splitlines()
            if len(lines) > SHOWN_LINES:
                say(f"       ... the last {SHOWN_LINES} of {len(lines)} lines of {log.relative_to(ROOT)}")
            for line in lines[-SHOWN_LINES:]:
                say(f"       {line}")
        return counts

    def all(self):
        """The counts of all steps."""
        workers = [threading.Thread(target=self.work, daemon=True) for _ in range(AT_ONCE)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        for one in self.steps:
            if one.alone:
                self.perform(one)
        total = Counts()
        for one in self.steps:
            total.add(one.counts)
        return total


def main(arguments):
    modes = [word for word in arguments if word.startswith("--")]
    wanted = [word for word in arguments if not word.startswith("--")]
    mode = modes[-1] if modes else DEFAULT
    LOGS.mkdir(parents=True, exist_ok=True)
    steps = [
        one for one in STEPS if mode in one.modes and (not wanted or any(word in one.name for word in wanted))
    ]
    try:
        total = Running(steps, mode).all()
    except KeyboardInterrupt:
        for process in list(COMMANDS):
            os.killpg(process.pid, signal.SIGKILL)
        return 130
    print(total)
    return 1 if total.failed else 0


def exit_with(status):
    """Without a wait for workers that an interrupt left."""
    sys.stdout.flush()
    os._exit(status)
