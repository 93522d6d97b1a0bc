#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Random GRUB scripts through the interpreter and through grub-emu: both must say the same.

usage: grub_emu.py [--count N] [--seed N] [--keep FOLDER] PROGRAM

PROGRAM is tests/fuzz/run_grub.c, built. Each script says things with a command `say` (a function in
grub-emu), makes a menu, and has one of its items chosen, which says things, too. A script that
differs is written to FOLDER and told; the status is then 1. Without grub-emu it is 77.
"""

import argparse
import concurrent.futures
import os
import pathlib
import random
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time

WIDTH = 79  # columns of grub-emu's terminal, which breaks longer lines
SECONDS = 20

PREAMBLE = """function say {
 for i_say in "$@"; do echo "<$i_say>"; done
}
"""
EMPTY = "set two='c  d'\nset e=\nset q='a\"b'\n"


class Writer:
    """A script made of what menus are made of, and of what goes wrong in them."""

    def __init__(self, seed, folder):
        self.random = random.Random(seed)
        self.folder = folder
        self.depth = 0
        self.loops = 0
        self.functions = ["f", "g"]
        self.in_body = False

    def pick(self, *choices):
        return self.random.choice(choices)

    def chance(self, probability):
        return self.random.random() < probability

    def variable(self):
        name = self.pick("a", "b", "two", "e", "q", "none", "?", "1", "2", "#", "@", "*", "i", "root")
        if name == "root":
            name = "b"
        return self.pick("$" + name, "${" + name + "}")

    def word(self):
        kind = self.random.randrange(14)
        if kind < 4:
            return self.pick("x", "y", "z", "1", "2", "10", "0x10", "a.b", "v-1.2", "if", "--", "-x", "a=b", "a#b")
        if kind < 7:
            return self.variable()
        if kind < 9:
            return f'"{self.inner()}{self.pick("", " ")}{self.inner()}"'
        if kind < 10:
            return "'" + self.pick("p q", "$a", 'a"b', "", "\\", "#") + "'"
        if kind < 11:
            return self.pick("\\$a", "\\'", "a\\ b", "\\\\", '\\"', "\\a", "\\;", "\\{")
        return self.word() + self.word() if self.chance(0.5) else self.pick("w", '""', "''")

    def inner(self):
        return self.pick("m", "", self.variable(), "\\\"", "\\\\", "\\$a", "'", "n o", "\\n", "#")

    def words(self, most=4):
        return " ".join(self.word() for _ in range(self.random.randrange(most)))

    def term(self):
        kind = self.random.randrange(8)
        a, b = self.word(), self.word()
        if kind == 0:
            return f"{a} {self.pick('=', '==', '!=', '<', '>', '<=', '>=')} {b}".replace(" <", " '<'").replace(
                " >", " '>'"
            )
        if kind == 1:
            return f"{a} {self.pick('-eq', '-ne', '-lt', '-gt', '-le', '-ge', '-pgt', '-plt')} {b}"
        if kind == 2:
            return f"{self.pick('-n', '-z')} {a}"
        if kind == 3:
            kind, name = self.pick("-f", "-d", "-e"), self.pick("$d/there", "$d/", "$d/gone", "$d/empty")
            return self.pick(f"{kind} {name}", f"-s {self.pick('$d/there', '$d/gone', '$d/empty')}")
        if kind == 4:
            return f"! {self.term()}"
        if kind == 5:
            return f"( {self.term()} )"
        if kind == 6:
            return f"{self.term()} {self.pick('-a', '-o', '')} {self.term()}"
        return a

    def condition(self):
        kind = self.random.randrange(6)
        if kind < 3:
            return f"[ {self.term()} ]"
        if kind == 3:
            return f"test {self.term()}"
        return self.pick("true", "false", "! true", "nosuch", "say cond", f"! {self.pick('true', 'false', 'say n')}")

    def simple(self):
        kind = self.random.randrange(24)
        if kind < 8:
            return "say " + self.words(5)
        if kind < 11:
            return f"set {self.pick('a', 'b', 'c')}={self.word()}"
        if kind == 11:
            return f"{self.pick('a', 'b')}={self.word()}"
        if kind == 12:
            return self.pick("unset a", "unset b", "export a", "export b", "unset", "set a", "export none")
        if kind == 13:
            return f"{self.pick(*self.functions)} {self.words()}"
        if kind == 14:
            return self.pick("shift", "shift 2", "shift 0", f"setparams {self.words()}", "shift 9")
        if kind == 15:
            return f"eval {self.pick('say', 'set', self.word())} {self.words()}"
        if kind == 16:
            return self.pick("true", "false", "nosuch a b", "true; say $?", "false; say $?", "nosuch; say $?")
        if kind == 17 and self.loops:
            return self.pick("break", "continue", "break 2", "continue 2", "break 9", "break 0")
        if kind == 18 and self.in_body:
            return self.pick("return", "return 3", "return 0")
        if kind == 19:
            return f"source {self.pick('$d/one.cfg', '$d/two.cfg', '$d/gone.cfg', '')}"
        if kind == 20:
            return self.search()
        if kind == 21:
            return self.regexp()
        if kind == 22:
            return self.pick(self.condition(), f"! {self.condition()}", f"{self.condition()}; say $?")
        return f"say $? {self.word()}"

    def search(self):
        parts = [self.pick("--file", "-f", "--no-floppy --file", "--file --hint host")]
        parts += [self.pick("$d/there", "$d/gone", "")]
        parts += [self.pick("--set s", "--set=s", "-s s", "--set", "-s")]
        self.random.shuffle(parts)
        return f"s=0; search {' '.join(parts)}; say $?; if [ x$s != x0 -a -n \"$s\" ]; then say found; fi"

    def regexp(self):
        options = self.pick("", "--set a", "--set=a", "-s a", "--set 1:a --set 2:b", "-s 2:a")
        pattern = self.pick("'(.)(.*)'", "'^x'", "'(a|c)'", "'[0-9]+'", "'('", "x*", "'b$'", "'(x)?(y)?'")
        return f"regexp {options} {pattern} {self.word()}; say $? \"$a\" \"$b\""

    def commands(self, most=4):
        return [self.statement() for _ in range(1 + self.random.randrange(most))]

    def block(self, commands):
        """The commands, with ends between."""
        return self.pick("\n", "; ", "\n\n").join(commands)

    def statement(self):
        self.depth += 1
        try:
            if self.depth > 4:
                return self.simple()
            kind = self.random.randrange(14)
            if kind == 0:
                return self.branch()
            if kind == 1:
                return self.loop()
            if kind == 2 and not self.in_body:
                return self.entry()
            return self.simple()
        finally:
            self.depth -= 1

    def branch(self):
        text = f"if {self.condition()}; then {self.block(self.commands())}{self.end()}"
        while self.chance(0.3):
            text += f"elif {self.condition()}; then {self.block(self.commands())}{self.end()}"
        if self.chance(0.5):
            text += f"else {self.block(self.commands())}{self.end()}"
        return text + "fi"

    def end(self):
        return self.pick("; ", "\n")

    def loop(self):
        self.loops += 1
        inner = self.block(self.commands())
        name = f"w{self.loops}"
        self.loops -= 1
        kind = self.random.randrange(3)
        if kind < 2:
            return f"for i in {self.words(5)}; do {inner}{self.end()}done"
        word = self.pick("while", "until")
        goal = "!=" if word == "while" else "="
        return f"set {name}=; {word} [ x${name} {goal} xaaa ]; do set {name}=a${name}; {inner}{self.end()}done"

    def function(self):
        loops, body, self.loops, self.in_body = self.loops, self.in_body, 0, True
        name = self.pick("f", "g", "h", "true", "nosuch")
        calls, self.functions = self.functions, ["h"] if name != "h" else ["true"]
        text = f"function {name} {{\n{self.block(self.commands())}{self.end()}}}"
        self.functions = calls
        self.loops, self.in_body = loops, body
        return text

    def options(self):
        parts = []
        for _ in range(self.random.randrange(4)):
            parts.append(
                self.pick(
                    "--id one", "--id=two", "--id 'th ree'", "--class k", "--class=k --class l", "--unrestricted",
                    "--users u", "--users ''", "--users=", "--hotkey h", "--hotkey=i", "--id", "--class", "-x", "more",
                    "'m n'", "--nosuch", "--", self.word(),
                )
            )  # fmt: skip
        parts.insert(self.random.randrange(len(parts) + 1), self.title())
        return " ".join(parts)

    def title(self):
        return self.pick("'A b'", "Aa", '"t $a"', "'x>y'", "Bb", "''", "' '", '"\\"$b\\""')

    def entry(self):
        loops, body, self.loops, self.in_body = self.loops, self.in_body, 0, True
        inner = self.block(["say body $# \"$@\"", *self.commands(), "say more $a", "exit"])
        self.loops, self.in_body = loops, body
        kind = self.random.randrange(8)
        if kind == 0 and not body:
            first = f"menuentry {self.options()} {{ {inner}\n}}"
            return f"submenu {self.options()} {{\nset timeout=0\n{first}\nset b=sub\nmenuentry other {{ say other $a $b; exit; }}\n}}"
        return f"menuentry {self.options()} {{{self.pick(' ', chr(10))}{inner}{self.end()}}}"

    def spoil(self, text):
        """A word too many, too few or at the wrong place, as of a hand that slipped."""
        at = self.random.randrange(len(text) + 1)
        kind = self.random.randrange(4)
        if kind == 0:
            return text[:at] + text[at + 1 :]
        if kind == 1:
            bits = "; { } ' \" $ \\ \n | & < > fi done then do ;; && [[ in function # ( ) \t".split(" ")
            return text[:at] + self.pick(*bits, " ") + text[at:]
        if kind == 2:
            to = at + self.random.randrange(12)
            return text[:at] + text[to:]
        words = re.split(r"(\s+)", text)
        del words[self.random.randrange(len(words))]
        return "".join(words)

    def script(self):
        lines = []
        for _ in range(4 + self.random.randrange(14)):
            lines.append(self.function() if self.chance(0.08) else self.statement())
            if self.chance(0.15):
                lines[-1] += "; " + self.statement()
        for _ in range(1 + self.random.randrange(3)):
            lines.append(self.entry())
        text = "\n".join(lines) + "\n"
        if self.chance(0.5):
            for _ in range(1 + self.random.randrange(3)):
                text = self.spoil(text)
        # A byte's name is one to Fedora's GRUB alone, and nothing is translated here (doc/grub.md).
        return text.replace("\\x", "x").replace('$"', '"').replace("\t", " ")

    def choice(self):
        return self.pick("0", "1", "2", "3", "one", "two", "th ree", "A b", "Aa", "0>0", "1>1", "2>other", "x>>y", "9")


def write_case(folder, seed):
    """The files of the script that @seed makes; the name that is chosen."""
    writer = Writer(seed, folder)
    folder.mkdir(parents=True, exist_ok=True)
    files = folder / "files"
    files.mkdir(exist_ok=True)
    (files / "there").write_text("there\n")
    (files / "empty").write_text("")
    (files / "one.cfg").write_text("say one $a; set b=one\n")
    script = writer.script()
    (files / "two.cfg").write_text("set a=two\n" + writer.simple() + "\n")
    choice = writer.choice()
    (files / "random.cfg").write_text(script)
    write_main(folder, choice)
    return choice


def write_main(folder, choice):
    end = "say @@END\nset timeout=0\nexport timeout\nmenuentry @@last { say last\nexit\n}\n"
    for name, preamble, top in (("emu", PREAMBLE, f"{folder}/files"), ("ours", "", "/files")):
        (folder / name).mkdir(exist_ok=True)
        text = f"{preamble}set d={top}\nexport d\n{EMPTY}source {top}/random.cfg\n{end}set default='{choice}'\nset fallback=\n"
        (folder / name / "grub.cfg").write_text(text)


def run_emu(folder):
    """What grub-emu prints, to where it waits for a key."""
    process = subprocess.Popen(
        ["grub-emu", "-d", str(folder / "emu")],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    output = b""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        if not select.select([process.stdout], [], [], 1)[0]:
            continue
        more = os.read(process.stdout.fileno(), 65536)
        output += more
        if not more or b"Press any key" in output or b"Minimal BASH-like" in output or len(output) > 1 << 20:
            break
    process.kill()
    is_crashed = process.wait() in (-signal.SIGSEGV, -signal.SIGABRT, -signal.SIGBUS)
    process.stdout.close()
    return None if is_crashed else output.decode("latin-1")


def said(output):
    """The lines of grub-emu that are `say`'s, and whether one was too long to be known."""
    text = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", output).replace("\r", "")
    text = re.sub(r"^( host)+(?=<)", "", text, flags=re.M)  # of a search that sets nothing
    lines = text.split("\n")
    found = []
    open_word = False
    for line in lines:
        if open_word:
            found[-1] += "\n" + line
        elif line.startswith("<"):
            found.append(line)
        else:
            continue
        open_word = not found[-1].endswith(">")
    return found, any(len(line) >= WIDTH for line in lines)


def words_of(output):
    """The words that run_grub printed."""
    return [match for match in re.findall(r"<(.*?)>\n", output, re.S)]


def compare(program, folder, choice):
    """None, or how the two differ; "" where they cannot be compared."""
    emu = run_emu(folder)
    command = [program, str(folder), choice]
    try:
        ours = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return f"{program} does not come to an end"
    if ours.returncode:
        return f"{program}: status {ours.returncode}\n{ours.stderr}"
    if emu is None:
        return ""
    lines, is_long = said(emu)
    bounds = ("a submenu says", "a body makes", "a number for", "come to an end", "too often", "too much", "too long", "more variables")
    is_long |= any(len(line) >= WIDTH - 4 for line in ours.stdout.split("\n"))
    if is_long or any(bound in ours.stderr for bound in bounds):
        return ""
    # Paths are not the same, and patterns are of files only (doc/grub.md).
    if str(folder) in "".join(lines) or "(host)" in "".join(lines):
        return ""
    top, _, chosen = ours.stdout.partition("@@CHOSEN\n")
    expected = "\n".join(lines) + "\n" if lines else ""
    if "<@@END>" not in top:
        chosen = ""
    if expected == top + chosen:
        return None
    # Where there was an error in a menu it waits for a key before it goes on.
    if "Press any key" in emu and "<@@END>" in top and (top + chosen).startswith(expected):
        return None
    return f"chosen: {choice!r}\n---- grub-emu\n{expected}---- kexit\n{top}{chosen}---- told\n{ours.stderr}"


def try_seed(program, seed, keep):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="grub", dir="/dev/shm" if os.path.isdir("/dev/shm") else None))
    try:
        choice = write_case(folder, seed)
        difference = compare(program, folder, choice)
        if difference and keep:
            kept = pathlib.Path(keep, str(seed))
            shutil.rmtree(kept, ignore_errors=True)
            shutil.copytree(folder, kept)
        if difference:
            difference = f"seed {seed}\n{(folder / 'files' / 'random.cfg').read_text()}\n{difference}"
        return difference
    finally:
        shutil.rmtree(folder)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep")
    parser.add_argument("program")
    options = parser.parse_args()
    if not shutil.which("grub-emu"):
        print("grub-emu is not installed (Debian's package of that name)")
        sys.exit(77)
    alike = differing = unknown = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        seeds = range(options.seed, options.seed + options.count)
        for difference in pool.map(lambda seed: try_seed(options.program, seed, options.keep), seeds):
            alike += difference is None
            unknown += difference == ""
            if difference:
                differing += 1
                print(difference)
    print(f"{alike} alike, {differing} differ, {unknown} cannot be compared")
    sys.exit(1 if differing else 0)


if __name__ == "__main__":
    main()
