# SPDX-License-Identifier: GPL-2.0-or-later
"""The full menu of kexit-boot, as people see and drive it at two of a machine's consoles at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lab import bootdisk, bootimage, esp, mkboot, packages
from lab.arch import ARCHES
from lab.bootdisk import ARCH, SECONDS, Rack
from lab.bootimage import BootImage
from lab.errors import LabError
from lab.machine import Machine
from lab.mkboot import Image
from lab.screen import ScreenSeat, press
from lab.seat import DOWN, ENTER, ESCAPE, PAGE_DOWN, Seat, SerialSeat, View
from lab.second_serial import SecondSerial
from lab.terminal import REVERSE

FIRMWARE = Path("/usr/share/OVMF/OVMF_CODE_4M.fd")
# The menu has the console for itself: what the kernel has to say of QEMU's hardware comes over it else.
QUIET = "loglevel=1"
# Firmware and a kernel of another architecture's machine.
EMULATED_SECONDS = 600.0
COUNTDOWN = r"(\d+) s to the default; any key stops that"


def with_systems(rack: Rack) -> Rack:
    """Two of them: the first one's kernel is none."""
    broken = bootdisk.tree(rack.folder, "", "first", arch=rack.arch)
    (broken / "vmlinuz").write_text("this is not a kernel\n" * 100)
    rack.formatted("first", "ext4", broken)
    rack.disk("second", "lab.disks=0 lab.nics=0 lab.sounds=0")
    return rack


@pytest.fixture
def systems(rack: Rack) -> Rack:
    return with_systems(rack)


@contextmanager
def seats(rack: Rack) -> Iterator[tuple[Machine, SerialSeat, SerialSeat]]:
    """The machine at its menu, and two people at it."""
    kernel = packages.kernel(ARCH, "6.1")
    image = BootImage(
        modules=["nvme", *bootimage.FILE_SYSTEMS],
        settings="timeout=900\nconsoles=ttyS0,ttyS1\n",
    )
    line = SecondSerial(rack.folder)
    hardware = rack.hardware()
    hardware.option(*line.arguments)
    with Machine(hardware, kernel.image, bootimage.make(kernel, image), QUIET) as machine:
        try:
            first = SerialSeat("ttyS0", machine.serial, machine.send)
            yield machine, first, SerialSeat("ttyS1", *line.connect())
        finally:
            line.close()


def row_of(view: View, text: str) -> int:
    return next((number for number, row in enumerate(view.rows) if text in row), -1)


def selects(seat: Seat, title: str) -> None:
    """Waits until that entry is marked as chosen: by a sign, and in reverse from edge to edge."""

    def is_selected(view: View) -> bool:
        row = row_of(view, title)
        return row > 0 and view.rows[row].startswith(" >") and all(
            REVERSE in view.attributes(row, column) for column in range(view.width))

    seat.look(is_selected, f"{title} chosen", SECONDS)


def check_list(seat: Seat) -> None:
    """Entries under their systems, the default marked and chosen, a countdown that runs."""
    seat.wait(r"^ nvme0n1\n >\* The first system\n nvme1n1\n    The second system$", SECONDS)
    selects(seat, "The first system")
    first = seat.wait(COUNTDOWN, SECONDS)[1]
    seat.wait(COUNTDOWN.replace(r"(\d+)", rf"(?!{first}\b)\d+"), SECONDS)


def check_details(seat: Seat, rack: Rack) -> None:
    files = rack.folder / "second"
    seat.type(b"d")
    for name in ("vmlinuz", "initrd"):
        size = (files / name).stat().st_size / (1 << 20)
        seat.wait(rf"^ \w+ +/{name}  {size:.1f} MiB$", SECONDS)
    seat.wait(r"^ said by   nvme1n1: /loader/entries/second.conf \(bls\)$", SECONDS)
    seat.wait(f"^ command line\n console={rack.arch.console} loglevel=4", SECONDS)
    seat.type(ESCAPE)


def check_plan(seat: Seat) -> None:
    """What will be unbound, and what is left and why."""
    seat.type(b"p")
    seat.wait("^ release   0000:01:00.0 nvme +nvme0 nvme0n1$", SECONDS)
    seat.wait("^ leave   0000:00:10.0   pcieport\n +bridge: unbinding turns Bus Master off for all below$", SECONDS)
    seat.type(PAGE_DOWN)
    seat.wait(r"^ 2 to release, \d+ go along, \d+ left", SECONDS)
    seat.type(b"q")


def check_shell(seat: Seat, other: Seat) -> None:
    """A shell in the place of this menu, while the other one stays; its end brings the menu back."""
    seat.type(b"s")
    seat.wait(r"^\S* ?[#$]", SECONDS)
    seat.type(b"echo $((6 * 7)) $(tty)\r")
    seat.wait("^42 ", SECONDS)
    assert any("The first system" in row for row in other.rows)
    seat.type(b"exit\r")
    seat.wait("^ nvme0n1$", SECONDS)
    seat.wait_gone("^42 ", SECONDS)


def check_failure(seat: Seat, other: Seat) -> None:
    """What went wrong stands on both menus, until somebody lets it look again."""
    seat.type(ENTER)
    for each in (seat, other):
        each.wait("^ ! nvme0n1:first.conf: .*vmlinuz is not a kernel", SECONDS)
        each.wait("^ nvme1n1$", SECONDS)
    other.type(b"r")
    for each in (seat, other):
        each.wait_gone("^ !", SECONDS)
        each.wait("^ nvme1n1\n .* The second system$", SECONDS)


def check_edit(seat: SerialSeat) -> None:
    """At the end of the line, the cursor where the next character comes."""
    seat.type(b"e")
    seat.wait("^ Command line of The second system$", SECONDS)
    seat.type(b" quux\x17loglevel=7")
    seat.look(lambda terminal: terminal.rows[terminal.cursor[0]][:terminal.cursor[1]].endswith(" loglevel=7")
              and terminal.cursor_is_shown, "the cursor behind what was typed", SECONDS)


def check_handed_over(seat: SerialSeat) -> None:
    """The next kernel's first line begins below the whole of the last screen, and upon none of it."""
    rows = seat.transcript
    first = next(number for number, row in enumerate(rows) if row.startswith("[    0.000000] Linux version"))
    screen = rows[first - 23:first]
    assert screen[0].startswith(" kexit-boot"), screen
    assert " >* The second system" in screen
    assert not [row for row in screen if "Linux version" in row], screen


def check_progress(seat: SerialSeat) -> None:
    """What it did last stands below the menu it was chosen from, and the cursor below that."""
    seat.wait(r"^ >\* The second system$", SECONDS)
    assert re.match(r" (release \d+ of \d+: |reset|late|jump)", seat.rows[22]), seat.rows
    assert seat.rows[23] == ""
    seat.look(lambda terminal: terminal.cursor == (23, 0), "the cursor on a row of its own", SECONDS)


def test_two_people_at_the_full_menu(systems: Rack) -> None:
    """Every page, both lines, a failure, and the boot of the other system with another command line."""
    with seats(systems) as (machine, first, second):
        for seat in (first, second):
            check_list(seat)
        # A key at either line stops the countdown for both, and moves one of them.
        second.type(DOWN)
        selects(second, "The second system")
        for seat in (first, second):
            seat.wait_gone(COUNTDOWN, SECONDS)
        selects(first, "The first system")
        check_details(second, systems)
        check_plan(first)
        check_shell(second, first)
        check_failure(first, second)
        # Still: that was chosen by a person.
        selects(second, "The second system")
        check_edit(second)
        second.type(ENTER)
        first.wait("booting The second system|loading /vmlinuz|releas", SECONDS)
        machine.wait("Command line: .*lab.sounds=0 loglevel=7", SECONDS)
        bootdisk.arrived(machine)
        for seat in (first, second):
            seat.assert_understood()
        check_handed_over(first)
        check_progress(second)


@contextmanager
def screen_and_line(rack: Rack, keyboard: str) -> Iterator[tuple[Machine, ScreenSeat, SerialSeat]]:
    """A PC with a VGA at the menu of a whole image, which is on every console that the kernel has."""
    kernel = packages.kernel(ARCH, "6.1")
    out = rack.folder / "out"
    mkboot.make(kernel, Image(settings="timeout=900\n", compress="zstd"), rack.folder / "image",
                "--output", str(out))
    hardware = rack.hardware()
    hardware.option("-vga", "std")
    if keyboard == "usb":
        hardware.option("-machine", "i8042=off")  # the board's own keyboard
        hardware.device(f"qemu-xhci,id=keys,{hardware.root_port()}")
        hardware.device("usb-kbd,bus=keys.0")
    append = f"{QUIET} console=tty0 console={ARCH.console}"
    with Machine(hardware, out / "vmlinuz", (out / "initramfs.img").read_bytes(), append) as machine:
        yield machine, ScreenSeat(machine, " kexit-boot"), SerialSeat("ttyS0", machine.serial, machine.send)


def check_countdown_stops(screen: ScreenSeat, line: Seat) -> None:
    """Pressed again until it does: a keyboard on USB is found when the menu is there already."""
    for _ in range(int(SECONDS / 5)):
        screen.type(b"x")
        try:
            line.wait_gone(COUNTDOWN, 5)
            break
        except LabError:
            continue
    for seat in (line, screen):
        seat.wait_gone(COUNTDOWN, SECONDS)


@pytest.mark.parametrize("keyboard", ["ps2", pytest.param("usb", marks=pytest.mark.long)])
def test_screen_and_keyboard(systems: Rack, keyboard: str) -> None:
    """On tty0 as on ttyS0, with what kexit-mkboot takes by itself: drivers for USB; Debian's kernel has PS/2's."""
    with screen_and_line(systems, keyboard) as (machine, screen, line):
        for seat in (screen, line):
            check_list(seat)
        check_countdown_stops(screen, line)
        for seat in (screen, line):
            selects(seat, "The first system")
        screen.type(DOWN)
        selects(screen, "The second system")
        selects(line, "The first system")
        screen.type(ENTER)
        # As the second system: the first cannot.
        bootdisk.arrived(machine)
        line.assert_understood()


@contextmanager
def after_uefi(rack: Rack) -> Iterator[tuple[Machine, SerialSeat]]:
    """A PC whose firmware, OVMF, hands a frame buffer to the kernel: 1280x800, 160x50 characters."""
    target = rack.folder / "esp/EFI/BOOT/BOOTX64.EFI"
    target.parent.mkdir(parents=True)
    image = Image(settings="timeout=900\n", compress="zstd",
                  append=f"{QUIET} panic=-1 console=tty0 console={ARCH.console}")
    mkboot.make(packages.kernel(ARCH, "6.1"), image, rack.folder / "image", "--uki", str(target))
    hardware = rack.hardware()
    hardware.option("-vga", "std", "-drive", f"if=pflash,format=raw,readonly=on,file={FIRMWARE}")
    esp.attach(hardware, rack.folder / "esp")
    with Machine(hardware) as machine:
        yield machine, SerialSeat("ttyS0", machine.serial, machine.send)


def shown_on_tty1(machine: Machine, line: Seat) -> list[str]:
    """The rows that the kernel keeps for its frame buffer, by the rescue shell of the other console."""
    line.type(b"s")
    line.wait(r"^\S* ?[#$]", SECONDS)
    before = len(machine.serial.text)
    line.type(b"cat /sys/class/graphics/fb0/name /dev/vcs1; echo; exit\r")
    machine.wait("^EFI VGA\n.{8000}$", SECONDS, before)
    found = re.search("^EFI VGA\n(.{8000})$", machine.serial.text[before:], re.MULTILINE)
    assert found
    return [found[1][at:at + 160].rstrip() for at in range(0, 8000, 160)]


@pytest.mark.long
def test_graphical_console(systems: Rack) -> None:
    """efifb after UEFI: all of the screen is used, and its keyboard drives it."""
    if not FIRMWARE.exists():
        pytest.skip("ovmf is not installed")
    with after_uefi(systems) as (machine, line):
        check_list(line)
        press(machine, DOWN)
        line.wait_gone(COUNTDOWN, SECONDS)
        selects(line, "The first system")
        rows = shown_on_tty1(machine, line)
        assert rows[0].startswith(" kexit-boot"), rows
        assert rows[2:6] == [" nvme0n1", "  * The first system", " nvme1n1", " >  The second system"], rows
        assert rows[49].startswith(" Enter boot  e edit  d details  p plan"), rows
        assert not [row for row in rows if re.search(COUNTDOWN, row)], rows
        line.wait("^ nvme0n1$", SECONDS)
        press(machine, ENTER)
        bootdisk.arrived(machine)


@pytest.mark.long
@pytest.mark.parametrize("name", ["ppc64el", "arm64"])
def test_consoles_of_other_machines(folder: Path, name: str) -> None:
    """hvc0 of a POWER9 and ttyAMA0 of an arm64, with a larger terminal at the other end: the menu has all of it."""
    rack = with_systems(Rack(folder, ARCHES[name]))
    kernel = packages.kernel(rack.arch, "6.1")
    # Debian's kernels for these have no kexec_file_load().
    image = BootImage(modules=["nvme", *bootimage.FILE_SYSTEMS], programs=["kexec"], settings="timeout=900\n")
    with rack.machine(bootimage.make(kernel, image), QUIET) as machine:
        seat = SerialSeat(rack.arch.console, machine.serial, machine.send, width=100, height=30)
        seat.wait("The second system", EMULATED_SECONDS)
        check_list(seat)
        seat.look(lambda view: view.rows[29].startswith(" Enter boot  e edit  d details  p plan"),
                  "all keys in the last row", SECONDS)
        seat.type(DOWN)
        selects(seat, "The second system")
        seat.wait_gone(COUNTDOWN, SECONDS)
        check_details(seat, rack)
        seat.type(ENTER)
        machine.wait("@@ boot arrive", EMULATED_SECONDS)
        bootdisk.arrived(machine)
        seat.assert_understood()
