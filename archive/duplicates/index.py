"""The index of texts: which share a band, and which of them are copies. Kept up by those who write articles.

Its rows are a function of the texts that the archive's articles now have, in whatever order they came. Triggers put the
digest of every text that comes or goes into `duplicate_queue`; `follow`, in the transaction of a save, works it off.

In a band that many texts share (those of a template) only the first 8 by number, its hubs, are compared with all the
others: what a text costs must not grow with the archive. The numbers come from digests, so a text is seldom a hub.
Copies that are never hubs find each other by a hub that is like both (`clusters`), or by a band that fewer have.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable

from sqlite_utils import Database

from archive.database import transaction
from archive.duplicates.likeness import alike
from archive.duplicates.minhash import Signature, far_apart, pack, signature, unpack
from archive.duplicates.passages import Passages, passages

HUBS = 8
# A save changes the texts of one article, or two that become one; an older archive's queue is worked off on the way.
_A_SAVE = 4
_A_BATCH = 100  # texts in one transaction when nothing else is saved: others wait for it, some tenths of a second
_REMEMBERED = 256  # texts whose passages are kept at hand: the same hubs are compared again and again


def text_id(digest: str) -> int:
    """Return a text's number from its digest: 60 bits, of which a million texts share none but by great chance."""
    return int(digest[:15], 16)


def waiting(db: Database) -> int:
    """Count the texts that the index does not have yet, or has still."""
    return int(db.execute("SELECT count(*) FROM duplicate_queue").fetchone()[0])


def follow(db: Database, most: int = _A_SAVE) -> int:
    """Bring at most so many texts of the queue into the index or out of it, the newest first; returns how many.

    To be called inside the transaction that changed them.
    """
    queued = db.execute("SELECT text_digest FROM duplicate_queue ORDER BY rowid DESC LIMIT ?", [most]).fetchall()
    if queued:
        index = Index(db)
        for (digest,) in queued:
            index.settle(digest)
    return len(queued)


def catch_up(db: Database, progress: Callable[[int], None] = lambda _: None) -> int:
    """Work off the whole queue, some texts a transaction; returns how many. `progress` gets the size of each batch.

    It can be killed at any point: the texts that are left stay in the queue.
    """
    total = 0
    index = Index(db)
    while True:
        with transaction(db):
            queued = db.execute("SELECT text_digest FROM duplicate_queue ORDER BY rowid LIMIT ?", [_A_BATCH]).fetchall()
            for (digest,) in queued:
                index.settle(digest)
        if not queued:
            return total
        total += len(queued)
        progress(len(queued))


class Index:
    """The index, for one who writes. It remembers the passages of some texts: make one per piece of work."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self._at_hand: OrderedDict[int, Passages] = OrderedDict()
        self._gone: set[int] = set()

    def settle(self, digest: str) -> None:
        """Have the index hold the text with this digest if an article has it, and else not."""
        number = text_id(digest)
        known = self.db.execute("SELECT bands FROM duplicate_texts WHERE id = ?", [number]).fetchone()
        row = self.db.execute("SELECT text FROM articles WHERE text_digest = ? LIMIT 1", [digest]).fetchone()
        if row and not known:
            self._add(number, digest, row[0])
        elif known and not row:
            self._remove(number, unpack(known[0]).bands)
        while self._gone:
            gone = min(self._gone)
            self._remove(gone, self._signature(gone).bands)
        self.db.execute("DELETE FROM duplicate_queue WHERE text_digest = ?", [digest])

    def _add(self, number: int, digest: str, text: str) -> None:
        found = passages(text)
        if found is None:
            return
        self._remember(number, found)
        made = signature(found.plain | found.figured)
        self.db.execute(
            "INSERT INTO duplicate_texts (id, text_digest, words, bands) VALUES (?, ?, ?, ?)",
            [number, digest, found.words, pack(made)],
        )
        # In the order of the keys: that is the order of the pages they are written to.
        rows = [(key, number) for key in sorted(set(made.bands))]
        self.db.conn.executemany("INSERT INTO duplicate_bands (key, text) VALUES (?, ?)", rows)
        self._enter(number, made.bands)

    def _enter(self, number: int, keys: Iterable[int]) -> None:
        """Compare a new text with those it shares a band with; where it is a hub, another is one no longer."""
        fellows: set[int] = set()
        displaced: set[int] = set()
        for key in keys:
            first = self._first(key)
            if len(first) > HUBS and number in first[:HUBS]:
                fellows |= self._behind(key, number)
                displaced.add(first[HUBS])
            fellows.update(first[:HUBS])
        for fellow in sorted(fellows - {number}):
            self._compare(number, fellow)
        for hub in sorted(displaced):
            self._review(hub)

    def _remove(self, number: int, keys: Iterable[int]) -> None:
        self.db.execute("DELETE FROM duplicate_texts WHERE id = ?", [number])
        self.db.execute("DELETE FROM duplicate_pairs WHERE one = :text OR other = :text", {"text": number})
        self._at_hand.pop(number, None)
        self._gone.discard(number)
        for key in keys:
            was_hub = number in self._first(key)[:HUBS]
            self.db.execute("DELETE FROM duplicate_bands WHERE key = ? AND text = ?", [key, number])
            if was_hub and len(left := self._first(key)) >= HUBS:
                for fellow in self._behind(key, left[HUBS - 1]):
                    self._compare(left[HUBS - 1], fellow)

    def _first(self, key: int) -> list[int]:
        """The hubs of a band, and the text behind them."""
        found = self.db.conn.execute(
            "SELECT text FROM duplicate_bands WHERE key = ? ORDER BY text LIMIT ?", (key, HUBS + 1)
        )
        return [row[0] for row in found]

    def _behind(self, key: int, number: int) -> set[int]:
        found = self.db.execute("SELECT text FROM duplicate_bands WHERE key = ? AND text > ?", [key, number])
        return {row[0] for row in found}

    def _compare(self, one: int, other: int) -> None:
        if far_apart(self._signature(one), self._signature(other)):
            return
        first, second = self._passages(one), self._passages(other)
        found = alike(first, second) if first and second else None
        if found is not None:
            self.db.execute(
                "INSERT OR IGNORE INTO duplicate_pairs (one, other, jaccard, containment) VALUES (?, ?, ?, ?)",
                [min(one, other), max(one, other), *(round(share, 4) for share in found)],
            )

    def _review(self, hub: int) -> None:
        """Drop the pairs of a text that no band brings together any more, since it is not a hub of it."""
        for (other,) in self.db.execute("SELECT other FROM duplicate_pairs WHERE one = ?", [hub]).fetchall():
            shared = set(self._signature(hub).bands) & set(self._signature(other).bands)
            if not any(hub in self._first(key)[:HUBS] for key in shared):
                self.db.execute("DELETE FROM duplicate_pairs WHERE one = ? AND other = ?", [hub, other])

    def _signature(self, number: int) -> Signature:
        return unpack(self.db.execute("SELECT bands FROM duplicate_texts WHERE id = ?", [number]).fetchone()[0])

    def _passages(self, number: int) -> Passages | None:
        """The passages of an indexed text; None, and it will be taken out, if no article has it any more."""
        found = self._at_hand.get(number)
        if found is None:
            text = text_of(self.db, number)
            found = passages(text) if text is not None else None
        if found is None:
            self._gone.add(number)
        else:
            self._remember(number, found)
        return found

    def _remember(self, number: int, found: Passages) -> None:
        self._at_hand[number] = found
        self._at_hand.move_to_end(number)
        if len(self._at_hand) > _REMEMBERED:
            self._at_hand.popitem(last=False)


def text_of(db: Database, number: int) -> str | None:
    """Return an indexed text; None if no article has it any more."""
    row = db.execute(
        "SELECT text FROM articles WHERE text_digest = (SELECT text_digest FROM duplicate_texts WHERE id = ?) LIMIT 1",
        [number],
    ).fetchone()
    return row[0] if row else None
