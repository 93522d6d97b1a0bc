# SPDX-License-Identifier: GPL-2.0-or-later
"""Pictures that a browser took (PNG, ISO/IEC 15948), with the standard library alone."""

import collections
import struct
import zlib


def _unfilter(kind, line, above, size):
    """One line of samples, @size bytes a pixel (9.2: filter types)."""
    if kind == 2:
        return bytes((a + b) & 255 for a, b in zip(line, above))
    out = bytearray(line)
    for i, value in enumerate(line):
        left = out[i - size] if i >= size else 0
        up = above[i]
        if kind == 1:
            guess = left
        elif kind == 3:
            guess = (left + up) // 2
        else:
            corner = above[i - size] if i >= size else 0
            p = left + up - corner
            near = min((abs(p - left), 0, left), (abs(p - up), 1, up), (abs(p - corner), 2, corner))
            guess = near[2]
        out[i] = (value + guess) & 255
    return bytes(out)


def colours(path):
    """Width, height, and how many pixels of the picture have each colour (red, green, blue)."""
    data = path.read_bytes()
    if data[:8] != b"\x89PNG\r\n\x1a\n":
        raise ValueError(f"{path}: no PNG")
    at, packed = 8, b""
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        body = data[at + 8 : at + 8 + length]
        if kind == b"IHDR":
            width, height, depth, colour, _, _, interlace = struct.unpack(">IIBBBBB", body)
        elif kind == b"IDAT":
            packed += body
        at += 12 + length
    if depth != 8 or colour not in (2, 6) or interlace:
        raise ValueError(f"{path}: depth {depth}, colour type {colour}, interlace {interlace}")
    size = 3 if colour == 2 else 4
    raw, stride = zlib.decompress(packed), width * size
    above, count = bytes(stride), collections.Counter()
    for y in range(height):
        start = y * (stride + 1)
        line = raw[start + 1 : start + 1 + stride]
        if raw[start]:
            line = _unfilter(raw[start], line, above, size)
        count.update(zip(line[0::size], line[1::size], line[2::size]))
        above = line
    return width, height, count
