"""MinHash: which texts may be alike, told by a few numbers each.

Every passage is hashed once and falls into one of 72 bins; a bin keeps its least hash (Li, Owen, Zhang: One Permutation
Hashing, 2012). Two texts have the same in a bin about as often as their passages are the same: the Jaccard similarity
J. A bin without a passage borrows from another, chosen by place alone (Shrivastava: Optimal Densification for Fast and
Accurate Minwise Hashing, 2017).

Three bins make a band, 24 bands a text (Leskovec, Rajaraman, Ullman: Mining of Massive Datasets, chapter 3). Texts that
share a band may be alike: 1 - (1 - J^3)^24 of the pairs do, which is 95.9 % at J = 0.5, 99.7 % at 0.6, 48 % at 0.3, and
one in 330,000 at 0.005. (With 32 bands it is 98.6 % at 0.5; index and writing cost a third more.) Of a million texts
with one stock phrase many do by chance; a byte of each bin tells most of those apart.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from operator import eq
from typing import NamedTuple

BANDS = 24
_ROWS = 3
_BINS = BANDS * _ROWS
_EMPTY = -1
# Of 72: the three of the band that two texts share, and those that are the same by chance or a stock phrase. At
# J = 0.2, the least a copy can have, 14 are the same.
_FEWEST_BINS = 8
_KEY_BYTES = 6  # SQLite stores such numbers in six bytes; at 24 million bands chance makes one in 6 million the same


class Signature(NamedTuple):
    """What is kept of a text: 24 bands, and the last byte of each of its 72 bins.

    Bands are numbers below 2^47; the same number never stands for bands of different places.
    """

    bands: tuple[int, ...]
    bins: bytes


def signature(hashes: Iterable[int]) -> Signature:
    """Return the signature of a text from the 32-bit hashes of its passages, of which there must be at least one."""
    bins = _densified(_least(hashes))
    bands = tuple(_key(number, bins[number * _ROWS : (number + 1) * _ROWS]) for number in range(BANDS))
    return Signature(bands, bytes(value & 0xFF for value in bins))


def far_apart(one: Signature, other: Signature) -> bool:
    """Tell whether two texts that share a band have hardly another bin in common: a J of 0.1 or less, most likely."""
    same: int = sum(map(eq, one.bins, other.bins))
    return same < _FEWEST_BINS


def pack(found: Signature) -> bytes:
    return b"".join(key.to_bytes(_KEY_BYTES, "big") for key in found.bands) + found.bins


def unpack(packed: bytes) -> Signature:
    end = BANDS * _KEY_BYTES
    keys = (int.from_bytes(packed[start : start + _KEY_BYTES], "big") for start in range(0, end, _KEY_BYTES))
    return Signature(tuple(keys), packed[end:])


def _least(hashes: Iterable[int]) -> list[int]:
    bins = [_EMPTY] * _BINS
    for value in sorted(hashes, reverse=True):
        bins[value * _BINS >> 32] = value
    return bins


def _densified(bins: list[int]) -> list[int]:
    return [value if value != _EMPTY else bins[_lender(bins, place)] for place, value in enumerate(bins)]


def _lender(bins: list[int], borrower: int) -> int:
    """The bin that an empty one borrows from: the first with a value on a walk that is the same for every text."""
    step = 2 * borrower + 1
    while step % 3 == 0:  # coprime to 72, so that the walk comes by every bin
        step += 2
    place = (borrower + step) % _BINS
    while bins[place] == _EMPTY:
        place = (place + step) % _BINS
    return place


def _key(number: int, bins: list[int]) -> int:
    content = b"".join(value.to_bytes(4, "big") for value in (number, *bins))
    return int.from_bytes(hashlib.blake2b(content, digest_size=_KEY_BYTES).digest(), "big") >> 1
