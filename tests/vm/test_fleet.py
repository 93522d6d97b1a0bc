# SPDX-License-Identifier: GPL-2.0-or-later
"""Three running machines under Ansible: one after the other, until one does not come back as it was.

The second one's next kernel panics. Each machine says for itself what became of it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from lab.devices import free_port
from lab.installed import SECONDS, Installed, initrd_with
from lab.ssh import SETTINGS, Ssh, on_the_net

pytestmark = pytest.mark.long

ROOT = Path(__file__).resolve().parent.parent.parent
COLLECTION = ROOT / "contrib/ansible"
NAMES = ("one", "two", "three")
# No init in the initrd, and no driver for the root disk without it; then firmware starts it again.
PANICS = "/usr/sbin/kexit reboot --append 'lab.word=panic rdinit=/none panic=10'"
PLAY_SECONDS = 3600


class Fleet:
    """The machines, each with its ssh, and an inventory of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ssh: dict[str, Ssh] = {}
        self.machines: dict[str, Installed] = {}
        for name in NAMES:
            own = folder / name
            own.mkdir()
            self.ssh[name] = Ssh(own, free_port())
            extra = {**initrd_with("nvme"), **self.ssh[name].files(), "etc/hostname": f"{name}\n"}
            # Python is all that Ansible wants there.
            self.machines[name] = Installed(own, "trixie", extra, crosses=True, flavour="python", reboots=True,
                                            cable=self.ssh[name].cable, prepare=on_the_net)

    def start(self, running: ExitStack) -> dict[str, str]:
        """Their boot ids, once all are there."""
        for machine in self.machines.values():
            running.enter_context(machine.machine())
        return {name: ssh.boot_id("", SECONDS) for name, ssh in self.ssh.items()}

    def boot_id(self, name: str) -> str:
        return self.ssh[name].boot_id("", SECONDS)

    def inventory(self) -> Path:
        options = " ".join(f"-o {setting}" for setting in SETTINGS)
        hosts = {name: {"ansible_host": "127.0.0.1", "ansible_port": ssh.port, "ansible_user": "root",
                        "ansible_ssh_private_key_file": str(ssh.key), "ansible_ssh_common_args": options,
                        "ansible_python_interpreter": "/usr/bin/python3"} for name, ssh in self.ssh.items()}
        hosts["two"]["kexit_command"] = PANICS
        path = self.folder / "inventory.json"
        path.write_text(json.dumps({"all": {"hosts": hosts}}))
        return path

    def play(self, *more: str) -> subprocess.CompletedProcess[str]:
        """`ansible-playbook kexit.fleet.reboot` with the collection as a person installs it."""
        collections = self.folder / "collections"
        run = {"cwd": self.folder, "text": True, "capture_output": True, "check": False}
        environment = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(collections), "HOME": str(self.folder),
                       "PWD": str(self.folder), "ANSIBLE_NOCOLOR": "1", "LC_ALL": "C.UTF-8"}
        for command in (("ansible-galaxy", "collection", "build", "--force", str(COLLECTION)),
                        ("ansible-galaxy", "collection", "install", "--force", "-p", str(collections), "kexit-fleet-0.2.0.tar.gz")):
            done = subprocess.run(command, env=environment, **run)  # type: ignore[call-overload]
            assert done.returncode == 0, done.stdout + done.stderr
        command = ("ansible-playbook", "-i", str(self.inventory()), "kexit.fleet.reboot", "-e", "kexit_timeout=1800", *more)
        return subprocess.run(command, env=environment, timeout=PLAY_SECONDS, **run)  # type: ignore[call-overload,no-any-return]

    def found(self) -> dict[str, dict[str, object]]:
        return {path.stem: json.loads(path.read_text()) for path in (self.folder / "kexit-reports").glob("*.json")}


@pytest.fixture
def fleet(folder: Path) -> Iterator[Fleet]:
    if not shutil.which("ansible-playbook"):
        pytest.skip("ansible-core is not installed")
    yield Fleet(folder)


def test_the_play_stops_at_the_machine_whose_next_kernel_panics(fleet: Fleet) -> None:
    with ExitStack() as running:
        before = fleet.start(running)
        done = fleet.play()
        print(done.stdout, done.stderr)
        assert done.returncode == 2
        after = {name: fleet.boot_id(name) for name in NAMES}
        # The first is another start by kexit, the second one through firmware, the third was not touched.
        assert after["one"] != before["one"] and after["two"] != before["two"]
        assert after["three"] == before["three"]
        assert "it came back through firmware" in done.stdout
        found = fleet.found()
        assert sorted(found) == ["one", "two"]
        assert [int(str(found[name]["verify"])) for name in ("one", "two")] == [0, 6]
        page = (fleet.folder / "kexit-reports/index.html").read_text()
        assert "2 machines, 1 not as they were" in page
        assert "came through firmware" in page
        assert "did not arrive, 1 in a row" in page
        # Mended, all three are done, and all is back.
        done = fleet.play("-e", "kexit_command='/usr/sbin/kexit reboot'")
        print(done.stdout, done.stderr)
        assert done.returncode == 0
        assert all(fleet.boot_id(name) != after[name] for name in NAMES)
        assert "3 machines, 0 not as they were" in (fleet.folder / "kexit-reports/index.html").read_text()
