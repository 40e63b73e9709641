"""The account of what a site holds and what the archive holds of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from archive import rows
from archive.coverage import Month, as_json, coverage
from archive.coverage_view import show
from archive.errors import InvalidQuery
from archive.models import Article, Link, Rejection
from archive.store import Reading, Store
from tests.archives import START, article, capture
from tests.conftest import Marbre

SITE = "https://gazette.example"
A, B, C, D, E = (f"{SITE}/{name}/" for name in "abcde")
JANUARY, MARCH = datetime(2026, 1, 7, tzinfo=UTC), datetime(2026, 3, 4, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A: archived. B: archived as A, to which it was redirected. C: a listing. D: failed. E: closed by robots.txt."""
    with Store(tmp_path) as opened:
        crawl(opened)
        yield opened


def link(url: str, way: str, **said: object) -> tuple[str, Link]:
    return url, Link(url, way, f"{SITE}/{way}", **said)  # type: ignore[arg-type]


def crawl(store: Store) -> None:
    frontier = store.begin_crawl("gazette-1", "gazette", START, {})
    frontier.discover([link(url, "sitemap") for url in (A, B, C, D)])
    frontier.discover([link(A, "feed"), link(E, "feed", title="Fermé", published=MARCH)])
    frontier.discover([link("https://other.example/", "feed")])
    pages: dict[str, Article | Rejection] = {
        A: article(A, published=JANUARY),
        B: article(A, published=JANUARY),
        C: Rejection("listing", "tags"),
    }
    for number, (url, result) in enumerate(pages.items()):
        made = capture(number, url)
        store.add_captures([made])
        outcome = store.save(made, "gazette", "1", Reading.of(result))
        frontier.settle([url], outcome, getattr(result, "reason", None), capture=made.id)
    frontier.settle([D], "failed", "timeout", detail="it took 60 s")
    frontier.settle([E], "skipped", "robots", detail="robots.txt does not allow it")
    frontier.settle(["https://other.example/"], "skipped", "off_site")
    for kind, claimed, links in (("rest", 7, 7), ("sitemap", None, 4)):
        said = {"url": f"{SITE}/{kind}", "kind": kind, "outcome": "read", "links": links, "claimed": claimed}
        store.note_source("gazette-1", said | {"timestamp": rows.instant(START)})
    store.end_crawl("gazette-1", START, "finished", {})


def test_every_url_is_accounted_for(store: Store) -> None:
    account = coverage(store.db, "gazette")
    assert (account.articles, account.held_by_site) == (1, 3)
    assert [(m.url, m.reason, m.ways) for m in account.missing] == [
        (D, "timeout", ("sitemap",)),
        (E, "robots", ("feed",)),
    ]
    assert account.no_article == {"listing": 1}
    sitemap, feed = account.ways
    assert (sitemap.known, sitemap.archived, sitemap.no_article, sitemap.missing, sitemap.only_here) == (4, 2, 1, 1, 3)
    assert (feed.known, feed.archived, feed.no_article, feed.missing, feed.only_here) == (2, 1, 0, 1, 1)
    assert [(claim.kind, claim.count) for claim in account.claims] == [("rest", 7), ("sitemap", 4)]


def test_months_between_the_first_and_the_last_show(store: Store) -> None:
    account = coverage(store.db, "gazette")
    assert account.months == (Month("2026-01", 1, 0), Month("2026-02", 0, 0), Month("2026-03", 0, 1))
    assert account.undated == Month("undated", 0, 1)


def test_what_is_archived_later_is_missing_no_more(store: Store) -> None:
    frontier = store.begin_crawl("gazette-2", "gazette", START.replace(month=4), {})
    frontier.discover([link(D, "sitemap"), link(E, "sitemap")])
    made = capture(9, D, crawl="gazette-2")
    store.add_captures([made])
    frontier.settle([D], store.save(made, "gazette", "1", Reading.of(article(D))), capture=made.id)
    frontier.settle([E], "skipped", "not_due")
    account = coverage(store.db, "gazette")
    assert [(m.url, m.reason) for m in account.missing] == [(E, "robots")], "that it is not due is no reason"
    assert account.articles == 2


def test_what_came_in_files_counts(store: Store) -> None:
    store.begin_crawl("gazette-import", "gazette", START, {})
    pages: dict[str, Article | Rejection] = {
        f"{SITE}/f/": article(f"{SITE}/f/", text="Un autre texte."),
        f"{SITE}/g/": Rejection("listing", "tags"),
    }
    for number, (url, result) in enumerate(pages.items(), 20):
        made = capture(number, url, crawl="gazette-import", source="old.warc.gz")
        store.add_captures([made])
        store.save(made, "gazette", "1", Reading.of(result))
    account = coverage(store.db, "gazette")
    way = next(way for way in account.ways if way.name == "import")
    assert (way.known, way.archived, way.no_article, way.missing, way.only_here) == (2, 1, 1, 0, 2)
    assert (account.articles, account.held_by_site) == (2, 4)


def test_an_unknown_site_is_named_with_those_there_are(store: Store) -> None:
    with pytest.raises(InvalidQuery, match=r"no crawl of gazete .* it has gazette"):
        coverage(store.db, "gazete")


def test_a_person_reads_the_sentence_first(store: Store) -> None:
    console = Console(width=80, record=True, file=StringIO())
    show(console, coverage(store.db, "gazette"), all_missing=False, all_months=False)
    text = console.export_text()
    assert text.startswith("gazette: the site holds 3 articles that we know of, the archive 1; 2 missing\n")
    assert "/rest said on 2026-03-01 that there are 7 posts: 7 more than it has named." in " ".join(text.split())
    assert f"missing  {D}\n         timeout: it took 60 s; named by sitemap" in text


def test_json_holds_the_same(store: Store) -> None:
    account = coverage(store.db, "gazette")
    told = json.loads(json.dumps(as_json(account)))
    assert (told["held_by_site"], told["archived"]) == (3, 1)
    assert [missing["url"] for missing in told["missing"]] == [D, E]
    assert told["missing"][1]["published"] == "2026-03-04T00:00:00+00:00"


def test_the_demo_newspaper(marbre: Marbre) -> None:
    marbre("crawl", "gazette")
    done = marbre("coverage", "gazette", code=1)
    assert "2 missing" in done.stdout
    assert "http_404" in done.stdout
    assert "robots" in done.stdout
