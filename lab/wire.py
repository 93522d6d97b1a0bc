# SPDX-License-Identifier: GPL-2.0-or-later
"""The far end of a network card's cable: answers pings, and pours frames into the card.

QEMU's user-mode network only speaks when spoken to, and what is to be seen here is what a card does
with frames that nobody in its machine waits for.
"""

from __future__ import annotations

import socket
import struct
import threading
from pathlib import Path

ETHERTYPE_ARP = 0x0806
ETHERTYPE_IPV4 = 0x0800
ETHERTYPE_LAB = 0x88B5  # IEEE 802 local experimental: no kernel takes it for its own
OWN_MAC = bytes.fromhex("5255004b5801")
FRAME_BYTES = 512
FRAMES_PER_SECOND = 50


def card_mac(number: int) -> bytes:
    """The address of the lab's card of that number, as lab/devices.py and lib.sh know it."""
    return bytes.fromhex(f"5254004b58{number:02x}")


def mark(number: int) -> bytes:
    """What fills the frames of that card, 16 bytes over and over: a piece of one tells whose it is."""
    return f"kexit-lab card{number:2d}".encode()


def frame_for(number: int) -> bytes:
    """What is poured: addressed to the card, and recognised wherever it lands in memory."""
    head = card_mac(number) + OWN_MAC + struct.pack("!H", ETHERTYPE_LAB)
    return (head + mark(number) * FRAME_BYTES)[:FRAME_BYTES]


def checksum(data: bytes) -> int:
    """Of IPv4 and ICMP (RFC 1071); data has an even length."""
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def answer_arp(frame: bytes) -> bytes | None:
    """The far end has every address that it is asked for (RFC 826)."""
    operation, sender_mac, sender, target = struct.unpack("!6xH6s4s6x4s", frame[14:42])
    if operation != 1 or sender == target:
        return None
    head = sender_mac + OWN_MAC + struct.pack("!H", ETHERTYPE_ARP) + frame[14:20]
    return head + struct.pack("!H6s4s6s4s", 2, OWN_MAC, target, sender_mac, sender) + bytes(18)


def answer_ping(frame: bytes) -> bytes | None:
    """An echo reply to an echo request (RFC 792), for IPv4 without options."""
    length = struct.unpack("!H", frame[16:18])[0]
    packet = frame[14 : 14 + length]
    if packet[0] != 0x45 or packet[9] != 1 or packet[20] != 8:
        return None
    icmp = bytes(4) + packet[24:]
    whole = checksum(icmp + bytes(len(icmp) % 2))
    icmp = struct.pack("!BBH", 0, 0, whole) + icmp[4:]
    # Source and destination change places, which leaves the header's checksum as it was.
    header = packet[:12] + packet[16:20] + packet[12:16]
    return frame[6:12] + OWN_MAC + frame[12:14] + header + icmp


def answer(frame: bytes) -> bytes | None:
    """What the far end says to a frame of the card's; None: nothing."""
    if len(frame) < 42:
        return None
    kind = struct.unpack("!H", frame[12:14])[0]
    if kind == ETHERTYPE_ARP:
        return answer_arp(frame)
    return answer_ping(frame) if kind == ETHERTYPE_IPV4 else None


class Wire:
    """One cable, served by a thread until close(). QEMU's end is netdev()."""

    def __init__(self, folder: Path, number: int) -> None:
        self.number = number
        self.pouring = False
        self.poured = 0
        self._card = folder / f"wire{number}.qemu"
        self._own = folder / f"wire{number}.lab"
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(self._own))
        self._socket.settimeout(1 / FRAMES_PER_SECOND)
        self._closed = False
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def netdev(self, name: str) -> str:
        """QEMU's -netdev argument."""
        return (f"dgram,id={name},local.type=unix,local.path={self._card},"
                f"remote.type=unix,remote.path={self._own}")

    def _send(self, frame: bytes) -> bool:
        try:
            self._socket.sendto(frame, str(self._card))
            return True
        except OSError:
            # A card that takes nothing now, or no QEMU: a cable loses frames without a word.
            return False

    def _serve(self) -> None:
        frame = frame_for(self.number)
        while not self._closed:
            try:
                said = answer(self._socket.recv(65536))
                if said:
                    self._send(said)
                    continue
            except TimeoutError:
                pass
            except OSError:
                return
            if self.pouring:
                self.poured += self._send(frame)

    def close(self) -> None:
        self._closed = True
        self._thread.join()
        self._socket.close()
