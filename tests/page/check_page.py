#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The page of `kexit report --html` in a real browser: its DOM, and pictures of it.

usage: check_page.py KEXIT FOLDER

Writes pages and pictures to FOLDER, for a person to look at. Exits 77 where there is no chromium.
"""

import html.parser
import pathlib
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import picture  # noqa: E402
import records  # noqa: E402

HOSTILE = "<img src=x onerror=\"document.title='owned'\"></style><script>document.title='owned'</script>&amp;"
WIDTHS = {1280: 1500, 400: 2200}
SCHEMES = {"dark": 0, "light": 1}
PROBLEMS = []


def expect(good, what):
    if not good:
        PROBLEMS.append(what)


class Elements(html.parser.HTMLParser):
    """Every element with its attributes, its text, and the list of those it lies in."""

    EMPTY = {"meta", "input", "br", "link", "img"}

    def __init__(self, text):
        super().__init__()
        self.open, self.all = [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        element = {"tag": tag, "text": "", "above": list(self.open), **{k: v or "" for k, v in attributes}}
        self.all.append(element)
        if tag not in self.EMPTY:
            self.open.append(element)

    def handle_endtag(self, tag):
        while self.open and self.open.pop()["tag"] != tag:
            pass

    def handle_data(self, data):
        for element in self.open:
            element["text"] += data

    def find(self, tag, *classes, within=None):
        return [
            e for e in self.all
            if e["tag"] == tag and set(classes) <= set(e.get("class", "").split())
            and (within is None or any(a.get("id") == within for a in e["above"]))
        ]


def chromium(folder, *arguments):
    command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run",
               f"--user-data-dir={folder / 'profile'}", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout


def make_page(kexit, folder, name, record):
    root = folder / name
    record.write(root)
    page = folder / f"{name}.html"
    subprocess.run([*kexit.split(), "--sysroot", root, "report", "--html", page], check=True, timeout=60)
    return page


def dom(folder, page):
    return Elements(chromium(folder, "--dump-dom", page.as_uri()))


def style_colours(page, scheme):
    """The colour of each class of outcomes, out of the page's own style."""
    blocks = re.findall(r":root \{(.*?)\}", page.read_text(encoding="utf-8"), re.S)
    return {
        name: tuple(int(value[i : i + 2], 16) for i in (0, 2, 4))
        for name, value in re.findall(r"--(\w+): #(\w{6})", blocks[0 if scheme == "light" else 1])
    }


def check_every_outcome(folder, page):
    """What a person reads there is what the record says."""
    elements = dom(folder, page)
    rows = [row for row in elements.find("tr", within="devices") if row.get("class")]
    by_class = {c: sum(c in row["class"].split() for row in rows)
                for c in ("stuck", "failed", "loud", "left", "released", "along")}
    expect(by_class == {"stuck": 1, "failed": 1, "loud": 1, "left": 3, "released": 5, "along": 4},
           f"the table's rows: {by_class}")
    expect(len(elements.find("span", "node", within="tree")) == len(rows), "a device is not in the tree, or twice")
    critical = [e["text"] for e in elements.find("li", "critical", within="timeline")]
    expect(len(critical) == 2 and "0000:03:00.0" in critical[0] and "0000:00:1d.0" in critical[1],
           f"the critical path: {critical}")
    chain = elements.find("p", "chain")[0]["text"].replace("\xa0", " ")
    expect("0000:03:00.0 240 ms \u2192 0000:00:1d.0 480 ms" in chain, f"the chain: {chain}")
    bars = [e for e in elements.find("i", within="timeline") if "left:" in e.get("style", "")]
    widths = [float(re.search(r"width:([\d.]+)%", e["style"]).group(1)) for e in bars]
    expect(len(bars) == 9 and abs(max(widths) - 690 / 720 * 100) < 0.1, f"the bars' widths: {widths}")
    # A disk lies in the tree below its controller.
    above = [a["text"] for e in elements.find("b", "name", within="tree") if e["text"] == "0:0:1:0" for a in e["above"]
             if a["tag"] == "li"]
    expect(any("0000:00:17.0" in text for text in above), "a disk is not below its controller in the tree")
    title = elements.find("title")[0]["text"]
    expect(title == "kexit exec, 2026-11-27T22:04:05Z", f"the title: {title}")
    expect(not elements.find("img") and not elements.find("script"), "what a device says became an element")
    expect(HOSTILE in elements.find("section")[-1]["text"], "what a device says is not there as it was said")


def check_large(folder, page):
    elements = dom(folder, page)
    expect(len([r for r in elements.find("tr", within="devices") if r.get("class")]) == 305, "not every device has a row")
    bars = elements.find("ol", "timeline")
    expect(len(bars) == 2, "the timeline of many devices has no short form")
    rows = [sum(e["tag"] == "li" and bar in e["above"] for e in elements.all) for bar in bars]
    expect(rows[0] < 60 and rows[1] == 302, f"rows of the timelines: {rows}")


def check_pictures(folder, page, classes):
    """Each width and scheme: not blank, nothing beyond the right edge, and every outcome's colour there."""
    for scheme, number in SCHEMES.items():
        wanted = style_colours(page, scheme)
        for width, height in WIDTHS.items():
            path = folder / f"{page.stem}-{width}-{scheme}.png"
            chromium(folder, f"--blink-settings=preferredColorScheme={number}", f"--window-size={width},{height}",
                     f"--screenshot={path}", page.as_uri())
            found_width, _, count = picture.colours(path)
            where = path.name
            expect(found_width == width, f"{where}: {found_width} pixels wide")
            expect(count[wanted["back"]] + count[wanted["card"]] > sum(count.values()) / 2,
                   f"{where}: not in the {scheme} scheme")
            expect(len(count) > 50, f"{where}: {len(count)} colours: blank")
            for name in classes:
                expect(count[wanted[name]] >= 60, f"{where}: {count[wanted[name]]} pixels in the colour of '{name}'")


def main(kexit, folder):
    if not shutil.which("chromium"):
        print("no chromium: 'tools/need-packages browser' installs it")
        sys.exit(77)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    every = make_page(kexit, folder, "every-outcome", records.every_outcome(HOSTILE))
    clean = make_page(kexit, folder, "clean", records.clean())
    large = make_page(kexit, folder, "large", records.large())
    check_every_outcome(folder, every)
    check_large(folder, large)
    check_pictures(folder, every, ("stuck", "failed", "loud", "left", "released", "along", "critical"))
    # The other way round: what did not happen has no colour there.
    path = folder / "clean.png"
    chromium(folder, "--blink-settings=preferredColorScheme=1", "--window-size=1280,900", f"--screenshot={path}", clean.as_uri())
    _, _, count = picture.colours(path)
    colours = style_colours(clean, "light")
    expect(count[colours["released"]] > 1000, "clean: the colour of what was released is not there")
    expect(not count[colours["stuck"]] and not count[colours["failed"]], "clean: something is in the colour of trouble")
    shutil.rmtree(folder / "profile", ignore_errors=True)
    for problem in PROBLEMS:
        print(problem)
    sys.exit(1 if PROBLEMS else 0)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], pathlib.Path(sys.argv[2]).resolve())
