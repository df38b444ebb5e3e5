"""Lines out of a Mapbox Vector Tile: just enough of the format (version 2.1 of its specification) to walk along them.

Pure: no network. Coordinates are those of the tile, 0..extent from its north-western corner.
"""

from collections.abc import Iterator
from dataclasses import dataclass

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
LAYER, NAME, FEATURE, EXTENT, TYPE, GEOMETRY = 3, 1, 2, 5, 3, 4
LINES = 2  # a feature's type
MOVE, LINE = 1, 2
Point = tuple[int, int]


@dataclass(frozen=True)
class Layer:
    """The lines of one layer."""

    extent: int
    lines: list[list[Point]]


def lines_of(tile: bytes, layer: str) -> Layer:
    """The lines of the named layer; none if the tile has no such layer. ValueError or IndexError if it is no tile."""
    for number, value in _fields(tile):
        if number == LAYER and isinstance(value, bytes) and dict(_fields(value)).get(NAME) == layer.encode():
            extents = [v for n, v in _fields(value) if n == EXTENT and isinstance(v, int)]
            features = [v for n, v in _fields(value) if n == FEATURE and isinstance(v, bytes)]
            return Layer((extents or [4096])[-1], [line for feature in features for line in _lines(feature)])
    return Layer(4096, [])


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """The fields of a protobuf message: number and value."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        kind = key & 7
        if kind == VARINT:
            value, at = _varint(message, at)
            yield key >> 3, value
        elif kind == BYTES:
            length, at = _varint(message, at)
            yield key >> 3, message[at : at + length]
            at += length
        elif kind in (FIXED64, FIXED32):
            at += 8 if kind == FIXED64 else 4
        else:
            raise ValueError(f"no field of a vector tile: {kind}")


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def _lines(feature: bytes) -> Iterator[list[Point]]:
    fields = dict(_fields(feature))
    packed = fields.get(GEOMETRY)
    if fields.get(TYPE) != LINES or not isinstance(packed, bytes):
        return
    at, x, y = 0, 0, 0
    line: list[Point] = []
    while at < len(packed):
        command, at = _varint(packed, at)
        for _ in range(command >> 3):
            dx, at = _varint(packed, at)
            dy, at = _varint(packed, at)
            x, y = x + _signed(dx), y + _signed(dy)
            if command & 7 == MOVE and line:
                yield line
                line = []
            line.append((x, y))
    if line:
        yield line


def _signed(zigzag: int) -> int:
    return zigzag >> 1 ^ -(zigzag & 1)
