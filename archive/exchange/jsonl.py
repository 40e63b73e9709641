"""JSON Lines: one object a line, UTF-8 (jsonlines.org). Every line has every column; what is missing is null."""

from __future__ import annotations

from collections.abc import Iterable
from typing import BinaryIO

import msgspec

from archive.exchange.selection import Document


def write(out: BinaryIO, documents: Iterable[Document], _: dict[str, str]) -> None:
    encode = msgspec.json.Encoder().encode
    out.writelines(encode(document) + b"\n" for document in documents)
