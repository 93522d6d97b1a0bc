# SPDX-License-Identifier: GPL-2.0-or-later
"""An NVMe/TCP target on this machine, for guests that find it at 10.0.2.2: one namespace, what Linux asks for.

By the NVM Express TCP Transport specification 1.0 and Base specification 2.0; byte places are those of their figures.
"""

from __future__ import annotations

import os
import socket
import struct
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NAME = "nqn.2026-01.lab.kexit:root"
# PDU types (TCP transport, figure 11) and flags.
IC_REQUEST, IC_RESPONSE, COMMAND, RESPONSE, TO_CONTROLLER, TO_HOST, READY = 0, 1, 4, 5, 6, 7, 9
LAST = 0x04
# Opcodes.
FABRICS, KEEP_ALIVE, ASYNC_EVENT, IDENTIFY, SET_FEATURES, GET_FEATURES, LOG_PAGE = 0x7f, 0x18, 0x0c, 6, 9, 10, 2
FLUSH, WRITE, READ = 0, 1, 2
PROPERTY_SET, CONNECT, PROPERTY_GET = 0, 1, 4
CAPABILITIES, VERSION, CONFIGURATION, STATUS = 0x00, 0x08, 0x14, 0x1c
INVALID_OPCODE, INVALID_FIELD = 1, 2
# 128 entries, contiguous queues, 7.5 s, the NVM command set.
CAPABILITY = 127 | 1 << 16 | 15 << 24 | 1 << 37
BLOCK = 512
IN_CAPSULE = 8192
ONE_TRANSFER = 1 << 20


def _header(kind: int, flags: int, header: int, data: int) -> bytes:
    return struct.pack("<BBBBI", kind, flags, header, header if data else 0, header + data)


def _controller(number: int) -> bytes:
    data = bytearray(4096)
    data[4:24], data[24:64], data[64:72] = b"lab".ljust(20), b"kexit lab".ljust(40), b"1".ljust(8)
    data[77] = 5  # MDTS: 32 pages
    struct.pack_into("<HI", data, 78, number, 0x10300)
    data[111] = 1  # an I/O controller
    struct.pack_into("<H", data, 320, 10)  # KAS
    struct.pack_into("<BBHI", data, 512, 0x66, 0x44, 128, 1)
    data[525] = 1  # VWC
    struct.pack_into("<I", data, 536, 1 | 1 << 20)  # SGLS, offsets into the capsule
    data[768:1024] = NAME.encode().ljust(256, b"\0")
    struct.pack_into("<IIHBB", data, 1792, (64 + IN_CAPSULE) // 16, 1, 0, 0, 1)
    return bytes(data)


class _Target:
    """What all connections share."""

    def __init__(self, image: Path) -> None:
        self.file = os.open(image, os.O_RDWR)
        self.size = os.fstat(self.file).st_size
        self._lock = threading.Lock()
        self.configurations: dict[int, int] = {}  # by controller

    def new_controller(self) -> int:
        with self._lock:
            number = len(self.configurations) + 1
            self.configurations[number] = 0
            return number

    def namespace(self) -> bytes:
        data = bytearray(4096)
        struct.pack_into("<QQQ", data, 0, *(self.size // BLOCK,) * 3)
        data[130] = BLOCK.bit_length() - 1
        return bytes(data)


class _Connection:
    """One queue: requests are answered in their order, but for asynchronous events, which never come."""

    def __init__(self, target: _Target, peer: socket.socket) -> None:
        self.target = target
        self.peer = peer
        self.controller = 0
        self.queue = 0
        self._later: deque[tuple[bytes, bytes]] = deque()  # came while data for another was waited for

    def run(self) -> None:
        with self.peer:
            self.peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                while True:
                    self._pdu()
            except (EOFError, OSError):
                return  # the guest is gone, or went on

    def _take(self, count: int) -> bytes:
        data = bytearray()
        while len(data) < count:
            chunk = self.peer.recv(count - len(data))
            if not chunk:
                raise EOFError
            data += chunk
        return bytes(data)

    def _pdu(self) -> None:
        kind, head, content = self._read()
        if kind == IC_REQUEST:
            answer = struct.pack("<HBBI", 0, 0, 0, ONE_TRANSFER) + bytes(112)
            self.peer.sendall(_header(IC_RESPONSE, 0, 128, 0) + answer)
        elif kind == COMMAND:
            self._command(head, content)
            while self._later:
                self._command(*self._later.popleft())
        else:
            raise EOFError  # it gives up

    def _read(self) -> tuple[int, bytes, bytes]:
        kind, _, header, offset, length = struct.unpack("<BBBBI", self._take(8))
        head = self._take(header - 8)
        if length > header:
            self._take(offset - header)
            return kind, head, self._take(length - offset)
        return kind, head, b""

    def _respond(self, command: bytes, status: int = 0, result: int = 0) -> None:
        entry = struct.pack("<QHH2sH", result, 0, self.queue, command[2:4], status << 1)
        self.peer.sendall(_header(RESPONSE, 0, 24, 0) + entry)

    def _give(self, command: bytes, data: bytes) -> None:
        """Data for the host, no more than it has room for, and the response."""
        data = data[:struct.unpack_from("<I", command, 32)[0]]
        head = command[2:4] + struct.pack("<HIII", 0, 0, len(data), 0)
        self.peer.sendall(_header(TO_HOST, LAST, 24, len(data)) + head + data)
        self._respond(command)

    def _want(self, command: bytes, count: int) -> bytes:
        """Data of the host that did not come with the command."""
        self.peer.sendall(_header(READY, 0, 24, 0) + command[2:4] + struct.pack("<HIII", 0, 0, count, 0))
        data = bytearray(count)
        left = count
        while left:
            kind, head, content = self._read()
            if kind == COMMAND:
                self._later.append((head, content))
                continue
            if kind != TO_CONTROLLER:
                raise EOFError
            at = struct.unpack_from("<I", head, 4)[0]
            data[at:at + len(content)] = content
            left -= len(content)
        return bytes(data)

    def _command(self, command: bytes, content: bytes) -> None:
        if command[0] == FABRICS:
            self._fabrics(command, content)
        elif self.queue:
            self._disk(command, content)
        else:
            self._admin(command)

    def _fabrics(self, command: bytes, content: bytes) -> None:
        kind, place = command[4], struct.unpack_from("<I", command, 44)[0]
        configurations = self.target.configurations
        if kind == CONNECT:
            self._connect(command, content)
        elif kind == PROPERTY_SET:
            if place == CONFIGURATION:
                configurations[self.controller] = struct.unpack_from("<I", command, 48)[0]
            self._respond(command)
        elif kind == PROPERTY_GET:
            value = configurations[self.controller]
            # CSTS: ready where it is enabled, shut down where that was asked for.
            status = (value & 1) | (2 << 2 if value >> 14 & 3 else 0)
            known = {CAPABILITIES: CAPABILITY, VERSION: 0x10300, CONFIGURATION: value, STATUS: status}
            self._respond(command, 0 if place in known else INVALID_FIELD, known.get(place, 0))
        else:
            self._respond(command, INVALID_OPCODE)

    def _connect(self, command: bytes, content: bytes) -> None:
        self.queue = struct.unpack_from("<H", command, 42)[0]
        self.controller = struct.unpack_from("<H", content, 16)[0] if self.queue else self.target.new_controller()
        self._respond(command, 0, self.controller)

    def _admin(self, command: bytes) -> None:
        opcode = command[0]
        if opcode == IDENTIFY:
            self._identify(command)
        elif opcode == LOG_PAGE:
            self._give(command, bytes(struct.unpack_from("<I", command, 32)[0]))
        elif opcode in (SET_FEATURES, GET_FEATURES, KEEP_ALIVE):
            self._respond(command)  # one queue of each kind is "0, 0"
        elif opcode != ASYNC_EVENT:
            self._respond(command, INVALID_OPCODE)

    def _identify(self, command: bytes) -> None:
        what, space = command[40], struct.unpack_from("<I", command, 4)[0]
        if what == 0:
            self._give(command, self.target.namespace())
        elif what == 1:
            self._give(command, _controller(self.controller))
        elif what == 2:
            self._give(command, struct.pack("<I", 1 if space == 0 else 0) + bytes(4092))
        elif what == 3:
            self._give(command, struct.pack("<BBH", 3, 16, 0) + NAME[-16:].encode() + bytes(4076))
        else:
            self._respond(command, INVALID_FIELD)

    def _disk(self, command: bytes, content: bytes) -> None:
        start, blocks = struct.unpack_from("<QH", command, 40)
        count = (blocks + 1) * BLOCK
        if command[0] == READ:
            self._give(command, os.pread(self.target.file, count, start * BLOCK))
        elif command[0] == WRITE:
            os.pwrite(self.target.file, content or self._want(command, count), start * BLOCK)
            self._respond(command)
        else:
            self._respond(command, 0 if command[0] == FLUSH else INVALID_OPCODE)


@contextmanager
def served(image: Path, port: int) -> Iterator[None]:
    """image as the only namespace of the subsystem NAME, at that port of 127.0.0.1."""
    target = _Target(image)
    listener = socket.create_server(("127.0.0.1", port))

    def accept() -> None:
        while True:
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=_Connection(target, peer).run, daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        os.close(target.file)
