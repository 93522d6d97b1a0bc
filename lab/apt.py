# SPDX-License-Identifier: GPL-2.0-or-later
"""Downloads Debian packages of any architecture without touching the machine's own apt state.

apt works in a folder of its own, with the machine's sources and one architecture: adding a foreign
architecture to the machine would change what `apt-get install` does there, and one broken foreign
index would take the good ones of its release with it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from lab.errors import Unavailable

UPDATE_ATTEMPTS = 3
KEYS = "/usr/share/keyrings/debian-archive-keyring.gpg"  # of all releases that Debian supports


def main_archive(suite: str = "bookworm", options: str = "") -> str:
    """The main archive that this machine's apt has, or its part for another suite, as a line of sources.list.

    That alone: a foreign architecture's index of updates or security fixes is at times not the one
    whose size its release file has, and apt then takes nothing ("File has unexpected size").
    """
    asked = ["apt-get", "indextargets", "--format", "$(REPO_URI)",
             "Identifier: Packages", "Release: bookworm", "Component: main"]
    done = subprocess.run(asked, check=False, text=True, capture_output=True)
    if done.returncode != 0 or not done.stdout:
        raise Unavailable("this machine's apt has no source with bookworm's main archive")
    return f"deb {options}{done.stdout.splitlines()[0]} {suite} main"


class Apt:
    """One architecture's package indexes in a private folder; a context manager that removes them."""

    def __init__(self, arch: str, folder: Path, suite: str = "") -> None:
        self.arch = arch
        self.folder = folder
        self.suite = suite  # of the main archive alone; "": all sources of the machine

    def __enter__(self) -> Apt:
        shutil.rmtree(self.folder, ignore_errors=True)
        for part in ("lists/partial", "archives/partial"):
            (self.folder / part).mkdir(parents=True)
        (self.folder / "status").touch()
        (self.folder / "apt.conf").write_text(
            f'APT::Architectures {{ "{self.arch}"; }};\n'
            'APT::Sandbox::User "root";\n'
            'Acquire::Languages "none";\n'
            'Acquire::Retries "3";\n'
            f'Dir::State::lists "{self.folder}/lists";\n'
            f'Dir::State::status "{self.folder}/status";\n'
            f'Dir::Cache "{self.folder}";\n'
            + self._sources()
        )
        self._update()
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def _sources(self) -> str:
        if not self.suite:
            return ""
        line = main_archive(self.suite, f"[signed-by={KEYS}] ")
        (self.folder / "sources.list").write_text(f"{line}\n")
        return f'Dir::Etc::sourcelist "{self.folder}/sources.list";\nDir::Etc::sourceparts "/dev/null";\n'

    def _run(self, *command: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "APT_CONFIG": str(self.folder / "apt.conf"), "LC_ALL": "C"}
        return subprocess.run(
            command, cwd=cwd, env=environment, text=True, capture_output=True, check=False
        )

    def _update(self) -> None:
        """Fetch the indexes. A failing one (a mirror half synced) is retried, then done without:
        whether it mattered shows when a package is downloaded."""
        for attempt in range(UPDATE_ATTEMPTS):
            done = self._run("apt-get", "-qq", "update")
            if done.returncode == 0 and "Failed to fetch" not in done.stderr:
                return
            lost = [line for line in done.stderr.splitlines() if "Failed to fetch" in line]
            print(f"lab: {self.arch}: package index, attempt {attempt + 1}: "
                  f"{lost[0] if lost else done.stderr.strip()[:200]}", file=sys.stderr)
        print(f"lab: {self.arch}: going on without the indexes named above", file=sys.stderr)

    def depends(self, packages: list[str]) -> list[str]:
        """The direct dependencies of packages, first alternatives only, without virtual ones."""
        names = [f"{package}:{self.arch}" for package in packages]
        found = []
        for line in self._run("apt-cache", "depends", "--important", *names).stdout.splitlines():
            kind, _, name = line.strip().lstrip("|").partition(": ")
            if kind in ("Depends", "PreDepends") and not name.startswith("<"):
                found.append(name.partition(":")[0])
        return found

    def libraries_of(self, packages: list[str]) -> list[str]:
        """packages and every shared library package they need, found through the indexes."""
        wanted, queue = list(packages), list(packages)
        while queue:
            queue = [
                name for name in dict.fromkeys(self.depends(queue))
                if name not in wanted and (name.startswith("lib") or name == "zlib1g")
            ]
            wanted += queue
        return wanted

    def download(self, packages: list[str], target: Path, version: str = "") -> list[Path]:
        """Fetch packages as .deb files into target, which then has them beside what it had: the
        newest, or all of one version. Raises Unavailable with apt's own words."""
        target.mkdir(parents=True, exist_ok=True)
        exactly = f"={version}" if version else ""
        names = [f"{package}:{self.arch}{exactly}" for package in packages]
        done = self._run("apt-get", "-qq", "download", *names, cwd=target)
        if done.returncode != 0:
            words = done.stderr.strip().splitlines()
            raise Unavailable(f"{self.arch}: cannot download {' '.join(packages)}: {words[-1] if words else ''}")
        return sorted(target.glob("*.deb"))
