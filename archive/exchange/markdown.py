"""Markdown files with YAML front matter: one an article (or a version), in folders by year of publication."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from archive.exchange.selection import Document

_BODY = ("text", "markdown")
_LONGEST = 80  # characters of a title in a file name, each one byte
_NOT_A_WORD = re.compile(r"[^a-z0-9]+")
# What YAML 1.2 (5.1) does not take as it is, or takes for a line break, and JSON leaves as it is.
_SPECIAL = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def write(folder: Path, documents: Iterable[Document], columns: dict[str, str]) -> None:
    for document in documents:
        path = folder / name_of(document)
        path.parent.mkdir(exist_ok=True)
        path.write_text(page(document, columns), encoding="utf-8", newline="\n")


def name_of(document: Document) -> str:
    """Return the path of an article's file: YEAR/DATE-title-id.md, of letters, digits and hyphens only.

    The id makes it unique, on file systems too that take capitals for small letters.
    """
    day = (document["published"] or "")[:10]
    dated = _DATE.fullmatch(day) is not None
    decomposed = unicodedata.normalize("NFKD", document["title"] or "").lower()
    ascii_only = "".join(character for character in decomposed if not unicodedata.combining(character))
    title = _NOT_A_WORD.sub("-", ascii_only).strip("-")[:_LONGEST].rstrip("-")
    version = f"v{document['version']}" if "version" in document else ""
    parts = [day if dated else "", title, document["id"], version]
    return f"{day[:4] if dated else 'undated'}/{'-'.join(filter(None, parts))}.md"


def page(document: Document, columns: dict[str, str]) -> str:
    body = document.get("markdown") or document["text"]
    return "".join(["---\n", *_front_matter(document, columns), "---\n\n", body.rstrip("\n"), "\n"])


def _front_matter(document: Document, columns: dict[str, str]) -> Iterator[str]:
    """JSON is YAML (1.2, 1.3), so every value is written as JSON; moments as YAML writes them."""
    for name, kind in columns.items():
        value = document[name]
        if name not in _BODY and value not in (None, [], {}):
            yield f"{name}: {value if kind == 'moment' else _json(value)}\n"


def _json(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return _SPECIAL.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
