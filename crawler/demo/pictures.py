"""The newspaper's pictures: hills over a river, drawn from a name; PNG (RFC 2083) with a palette."""

from __future__ import annotations

import hashlib
import math
import struct
import zlib
from functools import cache

WIDTH, HEIGHT = 480, 270
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_SKIES = ((246, 214, 170), (190, 216, 232), (232, 190, 178), (214, 224, 204), (172, 190, 220))
_GROUNDS = ((46, 78, 62), (70, 62, 92), (92, 66, 48), (36, 70, 96), (84, 88, 52))
_RIVER = (120, 160, 178)
_LAYERS = 4  # of hills, each nearer and darker


@cache
def picture(name: str) -> bytes:
    """Return a PNG of 480 x 270 pixels, always the same for one name."""
    seed = hashlib.sha256(name.encode()).digest()
    crests = [_crest(seed[4 * layer : 4 * layer + 4], layer) for layer in range(_LAYERS)]
    # Each column is sky (0), then the hills from the furthest (1) to the nearest, the river at the very bottom.
    lines = b"".join(b"\0" + bytes(_colour(x, y, crests) for x in range(WIDTH)) for y in range(HEIGHT))
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 3, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"PLTE", _palette(seed)), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b""))
    return _SIGNATURE + b"".join(_chunk(kind, content) for kind, content in chunks)


def _crest(seed: bytes, layer: int) -> list[float]:
    """The height, in pixels from the top, of a line of hills at each column."""
    base = HEIGHT * (0.35 + 0.13 * layer)
    first, second = 40 + seed[0] / 4, 90 + seed[1] / 2  # wave lengths
    return [
        base + 16 * math.sin(x / first + seed[2]) + 9 * math.sin(2 * math.pi * x / second + seed[3])
        for x in range(WIDTH)
    ]


def _colour(x: int, y: int, crests: list[list[float]]) -> int:
    if y > HEIGHT * 0.9 + 4 * math.sin(x / 60):
        return _LAYERS + 1
    return sum(1 for crest in crests if y > crest[x])


def _palette(seed: bytes) -> bytes:
    sky, ground = _SKIES[seed[30] % len(_SKIES)], _GROUNDS[seed[31] % len(_GROUNDS)]
    mixed = [
        bytes(round(above + (below - above) * layer / _LAYERS) for above, below in zip(sky, ground, strict=True))
        for layer in range(_LAYERS + 1)
    ]
    return b"".join(mixed) + bytes(_RIVER)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
