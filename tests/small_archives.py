"""Small archives with real records: pages of our own, written, read and saved as a crawl does it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from html import escape
from pathlib import Path

from archive import captures, recovery
from archive.database import open_for_reading
from archive.extraction import EXTRACTOR
from archive.ingest import Ingest
from archive.models import Capture, Exchange, Link
from archive.store import Store
from archive.warc import WarcWriter, payload_digest
from tests.archives import START, TABLES, dump

SENTENCES = (
    "Le conseil municipal de Valmont a voté hier soir le budget de la rénovation du marché couvert, en trois heures.",
    "Les commerçants, réunis devant la mairie, demandent que les travaux ne durent pas plus d'une saison entière.",
    "La maire a promis que la halle rouvrirait avant l'hiver et que personne ne perdrait son emplacement habituel.",
)
# What each form of export has its own trouble with.
HOSTILE = (
    'Il a dit : "=1+1", </p>]]> & <b>non</b> ; puis, \u2028 voilà\u00a0: 😀 #{}, et la séance a été levée vers minuit.'
)
HTML = (("Content-Type", "text/html; charset=utf-8"),)


def url(number: int) -> str:
    return f"https://www.gazette.example/ville/marche-{number}/"


def page(number: int, *, title: str | None = None, extra: str = "") -> bytes:
    """Return an article's page; number 3 has no date, number 4 words that are hard to write down."""
    text = [*SENTENCES, f"C'est le point {number} de la séance.", *([HOSTILE] if number == 4 else []), extra]
    published = f"2026-02-{number % 27 + 1:02}T08:15:00+01:00"
    said = {"@type": "NewsArticle", "author": [{"@type": "Person", "name": "Jeanne Marc"}], "isAccessibleForFree": True}
    headline = escape(title or f"Le marché, épisode {number}" + (' : "=oui" & non' if number == 4 else ""))
    dated = "" if number == 3 else f'<meta property="article:published_time" content="{published}">'
    paragraphs = "".join(f"<p>{escape(sentence)}</p>" for sentence in text if sentence)
    return (
        f'<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>{headline}</title>{dated}'
        f'<meta property="og:type" content="article"><script type="application/ld+json">{json.dumps(said)}</script>'
        f"</head><body><article><h1>{headline}</h1>{paragraphs}</article></body></html>"
    ).encode()


def answer(number: int, hours: int = 0, body: bytes | None = None) -> Exchange:
    """Return what the page's server answered, so many hours after START; a feed had named the page."""
    link = Link(url(number), "feed", "https://www.gazette.example/feed/", title=f"Marché {number}", tags=("halle",))
    moment = START + timedelta(hours=number + hours, microseconds=number)
    body = page(number) if body is None else body
    return Exchange(url=url(number), status=200, headers=HTML, body=body, captured_at=moment, links=(link,))


# Five articles; the first was changed once, then seen unchanged; a page of another kind; a feed.
CRAWL = (
    *(answer(number) for number in range(1, 6)),
    answer(1, 24, page(1, extra="Mise à jour : le vote est reporté.")),
    answer(1, 48, page(1, extra="Mise à jour : le vote est reporté.")),
    Exchange(
        url="https://www.gazette.example/feed/",
        status=200,
        headers=(("Content-Type", "application/rss+xml"),),
        body=b"<rss/>",
        captured_at=START,
        role="source",
    ),
)
VERSIONS, ARTICLES = 6, 5


def crawl(directory: Path, exchanges: Iterable[Exchange] = CRAWL, *, name: str = "gazette-1") -> Path:
    """Write exchanges into an archive as the crawl `name`, to its end; returns the WARC file."""
    site = name.rpartition("-")[0]
    with pool() as executor, Store(directory) as store:
        with WarcWriter(store.warc, "marbre", name, {"site": site}) as writer:
            frontier = store.begin_crawl(name, site, START, {"marbre": "1"})
            written = list(_write(writer, exchanges))
            store.add_captures(written)
            for capture in written:
                frontier.discover([(link.url, link) for link in capture.links])
            Ingest(store, executor).run(store.pending(EXTRACTOR, crawl=name))
            frontier.settle_rest("new", "", "")
            document = store.crawl_document(name, START, "finished", frontier.counts())
            writer.write_metadata(document, recovery.DOCUMENT + name)
        store.end_crawl(name, START, "finished", frontier.counts())
    return next((directory / "warc").glob(f"*-{name}.warc.gz"))


def _write(writer: WarcWriter, exchanges: Iterable[Exchange]) -> Iterator[Capture]:
    originals: dict[str, Capture] = {}
    for exchange in exchanges:
        digest = payload_digest(exchange.body)
        capture = writer.write(exchange, originals.get(digest))
        originals.setdefault(digest, capture)
        yield capture


@contextmanager
def pool() -> Iterator[Executor]:
    """A pool in this process: these pages do no harm."""
    with ThreadPoolExecutor(1) as executor:
        yield executor


def tables(directory: Path, names: tuple[str, ...] = TABLES) -> dict[str, list[dict[str, object]]]:
    db = open_for_reading(directory)
    try:
        return dump(db, names)
    finally:
        db.close()


def capture_of(directory: Path, identifier: str) -> Capture:
    db = open_for_reading(directory)
    try:
        found = captures.by_id(db, identifier)
        assert found is not None
        return found
    finally:
        db.close()
