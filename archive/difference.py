"""What reading an archive anew changed in its articles, field by field: for a look at an upgrade of the extractor."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from types import TracebackType
from typing import Self

from archive.database import open_for_reading
from archive.models import Article

_SAME = {"provenance", "accepted_by"}  # how a field was read, not what it says
_DIGEST = 4  # bytes of a field's value: one change in four thousand million would be missed


@dataclass(frozen=True, slots=True)
class Difference:
    """Counts of articles; `fields` counts those whose field changed, `examples` names one article for each field."""

    before: int
    added: int
    removed: int
    changed: int
    fields: dict[str, int]
    examples: dict[str, str]

    def lines(self) -> Iterator[str]:
        """Yield the report for a person: a line of counts, then a line a field, the most frequent first."""
        counts = f"{self.added:,} added, {self.removed:,} removed, {self.changed:,} changed"
        yield f"{self.before:,} articles before: {counts}"
        for name, count in sorted(self.fields.items(), key=lambda field: (-field[1], field[0])):
            yield f"{count:>10,}  {name}, for example {self.examples[name]}"


class Comparison:
    """An archive's articles as they are when the block is entered, to be compared with what they are later.

    Of each only digests are kept, in SQLite's own temporary file: some 150 bytes an article. Nobody is kept from
    writing. Raises NotAnArchive if there is none.
    """

    def __init__(self, directory: Path) -> None:
        self._db = open_for_reading(directory)
        self._db.conn.create_function("digests", -1, digests, deterministic=True)
        held = {column.name for column in self._db.table("articles").columns}
        self.fields = [field.name for field in dataclasses.fields(Article) if field.name in held - _SAME]

    def __enter__(self) -> Self:
        columns = ", ".join(self.fields)
        self._now = f"SELECT id, digests({columns}) AS digests FROM articles"
        self._db.execute("CREATE TEMP TABLE earlier (id TEXT PRIMARY KEY, digests BLOB) WITHOUT ROWID")
        self._db.execute(f"INSERT INTO temp.earlier {self._now}")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._db.close()

    def difference(self) -> Difference:
        """Compare the articles with what they were."""
        changed, fields, examples = 0, Counter[str](), dict[str, str]()
        for article, was, is_ in self._db.execute(
            f"SELECT id, e.digests, n.digests FROM temp.earlier AS e JOIN ({self._now}) AS n USING (id)"
            " WHERE e.digests != n.digests ORDER BY id"
        ):
            changed += 1
            for place, name in enumerate(self.fields):
                part = slice(place * _DIGEST, (place + 1) * _DIGEST)
                if was[part] != is_[part]:
                    fields[name] += 1
                    examples.setdefault(name, article)
        return Difference(
            before=self._count("temp.earlier"),
            added=self._count("articles WHERE id NOT IN (SELECT id FROM temp.earlier)"),
            removed=self._count("temp.earlier WHERE id NOT IN (SELECT id FROM articles)"),
            changed=changed,
            fields=dict(fields),
            examples=examples,
        )

    def _count(self, rows: str) -> int:
        return int(self._db.execute(f"SELECT count(*) FROM {rows}").fetchone()[0])


def digests(*values: str | float | None) -> bytes:
    """Return the digest of each value, one after the other, `_DIGEST` bytes each; that of NULL is zeros."""
    return b"".join(
        bytes(_DIGEST) if value is None else blake2b(str(value).encode(), digest_size=_DIGEST).digest()
        for value in values
    )
