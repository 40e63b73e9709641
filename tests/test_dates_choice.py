"""Which of a page's dates is its article's, on which day and in which zone, and why."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest

from archive.encoding import decode_text
from archive.extraction import extract
from archive.models import Article, Link, Page
from archive.reading import dateclaims, markup, moments
from archive.reading.evidence import Evidence, collect
from archive.reading.profile import Profile, Rule, Template

CAPTURED = datetime(2025, 3, 9, 18, tzinfo=UTC)
PROSE = "<p>Le bateau est rentré à quai vers six heures, et son équipage a dormi jusqu’à midi passé.</p>" * 6
TITLE = "Le bateau du soir est rentré avant l’aube"
URL = "https://www.vigie.example/mer/le-bateau-du-soir/"


def page(body: str = "", head: str = "", url: str = URL, language: str = "fr", links: tuple[Link, ...] = ()) -> Page:
    html = (
        f'<html lang="{language}"><head><meta charset="utf-8"><title>{TITLE} | La Vigie</title>{head}</head>'
        f"<body>{body.replace('TEXT', PROSE)}</body></html>"
    )
    return Page(url, 200, (("Content-Type", "text/html; charset=utf-8"),), html.encode(), CAPTURED, links=links)


def read(body: str = "<article><h1>TITLE</h1>TEXT</article>", head: str = "", **options: Any) -> Article:
    profile = options.pop("profile", None)
    article = extract(page(body.replace("TITLE", TITLE), head, **options), profile, any_kind=True)
    assert isinstance(article, Article), article
    return article


def evidence(body: str, head: str = "", **options: Any) -> Evidence:
    captured = page(body.replace("TITLE", TITLE), head, **options)
    text = decode_text(captured.body, "text/html; charset=utf-8")
    root, _ = markup.parse(text)
    return collect(captured, markup.gather(root, captured.url, text))


def ld(**fields: Any) -> str:
    node = {"@context": "https://schema.org", "@type": "NewsArticle", **fields}
    return f'<script type="application/ld+json">{json.dumps(node)}</script>'


def told(article: Article) -> tuple[str | None, str | None, str]:
    origin = article.provenance.get("published", {})
    published = article.published.isoformat() if article.published else None
    return published, origin.get("source"), origin.get("rule", "")


NEAR = "printed near headline"
LONG = (
    "Le port était vide, racontent ceux qui y étaient, et personne n’attendait plus rien de cette nuit sans lune ni"
    " vent, ni les pêcheurs ni leurs familles, ni même le phare."
)
PLACES = [
    ("<article><h1>TITLE</h1><p>Publié le 8 mars 2025 à 10 h 32</p>TEXT</article>", "2025-03-08T10:32:00+00:00", NEAR),
    ("<div><p>08.03.2025 10:32 Uhr - Lokales, red</p><h1>TITLE</h1>TEXT</div>", "2025-03-08T10:32:00+00:00", NEAR),
    ("<h1>TITLE</h1><div>Par <a href='/a'>Anne Roy</a> | 8 mars 2025</div>TEXT", "2025-03-08T00:00:00+00:00", NEAR),
    (f"<h1>TITLE</h1><p>(8 mars 2025) {LONG}</p>TEXT", "2025-03-08T00:00:00+00:00", NEAR),
    ("<h1>TITLE</h1><span class='date'>8 mars 2025 à 10:32</span>TEXT", "2025-03-08T10:32:00+00:00", NEAR),
    ("<article><h1>TITLE</h1><time>8 mars 2025, 10:32</time>TEXT</article>", "2025-03-08T10:32:00+00:00", "time"),
    ("<article><h1>TITLE</h1><time datetime='2025-03-08T10:32:00+01:00'>hier</time>TEXT</article>",
     "2025-03-08T10:32:00+01:00", "time"),
    ("<h1>TITLE</h1><span itemprop='datePublished' content='2025-03-08T10:32:00+01:00'>hier</span>TEXT",
     "2025-03-08T10:32:00+01:00", "microdata"),
    ("<h1>TITLE</h1><abbr class='published' title='2025-03-08T10:32:00+01:00'>hier</abbr>TEXT",
     "2025-03-08T10:32:00+01:00", "microformat"),
    ("<h1>TITLE</h1>TEXT<p class='posted-on'>8 mars 2025</p>", "2025-03-08T00:00:00+00:00", None),
    ("<h1>TITLE</h1>TEXT<i data-timestamp='1741426320'></i>", "2025-03-08T09:32:00+00:00", "printed date"),
    ("<h1>TITLE</h1><p>il y a 3 heures</p>TEXT", "2025-03-09T15:00:00+00:00", NEAR),
    ("<h1>TITLE</h1>TEXT<script>window.state = {'publishedAt': '2025-03-08T09:32:00Z'}</script>",
     "2025-03-08T09:32:00+00:00", "script data"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "published", "source"), PLACES)
def test_date_is_found_where_it_is_printed(body: str, published: str, source: str | None) -> None:
    found = told(read(body))
    assert found[0] == published
    assert source is None or found[1] == source


OTHERS = [
    "<aside><time datetime='2025-03-01T08:00:00Z'>1 mars</time></aside>",
    "<div class='comments'><time datetime='2025-03-01T08:00:00Z'>1 mars</time></div>",
    "<div class='related-posts'><p>1 mars 2025</p></div>",
    "<nav><span class='date'>1 mars 2025</span></nav>",
    "<article class='card'><a href='/b'>Un autre</a><time datetime='2025-03-01'>1 mars</time></article>",
    "<a href='/b'><b>Un tout autre article, dont le titre est long et qui ne dit rien</b> <time>1 mars 2025</time></a>",
    "<figure><figcaption>Le port, le 1 mars 2025</figcaption></figure>",
    "<p>Copyright 2019 La Vigie</p>",
    "<p>Le 1 mars 2025, le député du port a été <b>entendu</b> par la commission.</p>",
]


@pytest.mark.parametrize("other", OTHERS)
def test_dates_of_other_things_are_not_the_articles(other: str) -> None:
    found = evidence(f"<article><h1>TITLE</h1><p>Anne Roy</p>{PROSE}{other}</article>")
    assert [claim.source for claim in moments.claims(found)] == []


ZONES = [
    # a UTC stamp keeps its instant, and is told on the publisher's day
    (ld(datePublished="2025-03-07T23:30:00Z"), "<p>8 mars 2025</p>", "https://www.vigie.fr/a",
     "2025-03-08T00:30:00+01:00"),
    (ld(datePublished="2025-03-07T23:00Z"), "<p>8 mars 2025 à 0 h</p>", "https://www.vigie.fr/a",
     "2025-03-08T00:00:00+01:00"),
    (ld(datePublished="2025-03-08T05:30:59Z"), "", "https://www.lookout.example/2025/03/07/a-story/",
     "2025-03-07T23:30:59-06:00"),
    (ld(datePublished="2025-03-08T05:30:59Z"), "<time>March 7, 2025 at 11:30 pm</time>", "https://lookout.example/a",
     "2025-03-07T23:30:59-06:00"),
    (ld(datePublished="2025-03-08T09:32:10Z", dateModified="2025-03-08T12:00:00+01:00"), "", URL,
     "2025-03-08T09:32:10+00:00"),
    (ld(datePublished="2025-03-08T09:32:10Z"), "<time datetime='2025-03-08T10:32:10+01:00'>8 mars</time>", URL,
     "2025-03-08T10:32:10+01:00"),
    # print that tells a change moves nothing
    (ld(datePublished="2025-03-07T20:30:00Z", dateModified="2025-03-08T10:00:00Z"), "<p>8 mars 2025</p>", URL,
     "2025-03-07T20:30:00+00:00"),
    # a date without zone
    (ld(datePublished="2025-03-08T10:32:00", dateModified="2025-03-08T12:00:00+01:00"), "", URL,
     "2025-03-08T10:32:00+01:00"),
    (ld(datePublished="2025-03-08T10:32:00"), "", URL, "2025-03-08T10:32:00+00:00"),
    (ld(datePublished="2025-03-08T10:32:00"), "", "https://vigie.fr/a", "2025-03-08T10:32:00+01:00"),
    (ld(datePublished="2025-03-08"), "", "https://vigie.fr/a", "2025-03-08T00:00:00+01:00"),
    # hours beside a change of clocks: at one in the morning, UTC, all of Europe changes
    (ld(datePublished="2024-03-31T01:30:00"), "", "https://vigie.fr/a", "2024-03-31T01:30:00+01:00"),
    (ld(datePublished="2024-03-31T03:30:00"), "", "https://vigie.fr/a", "2024-03-31T03:30:00+02:00"),
    (ld(datePublished="2024-10-27T01:30:00"), "", "https://vigie.fr/a", "2024-10-27T01:30:00+02:00"),
    (ld(datePublished="2024-10-27T03:30:00"), "", "https://vigie.fr/a", "2024-10-27T03:30:00+01:00"),
    (ld(datePublished="2024-06-30T22:30:00Z"), "<p>1 juillet 2024</p>", "https://vigie.fr/a",
     "2024-07-01T00:30:00+02:00"),
    (ld(datePublished="2024-03-30T23:30:00Z"), "<p>31 mars 2024</p>", "https://vigie.fr/a",
     "2024-03-31T00:30:00+01:00"),
    (ld(datePublished="2025-03-08"), "<time datetime='2025-03-08T10:32:00+01:00'>8 mars</time>", URL,
     "2025-03-08T10:32:00+01:00"),
    # two statements for machines of which one has no zone: either may be local
    ("<meta name='date' content='2025-03-08T10:30:01'>" + ld(datePublished="2025-03-08T05:30:01Z"),
     "", "https://lookout.example/a", "2025-03-08T05:30:01+00:00"),
]  # fmt: skip


@pytest.mark.parametrize(("head", "line", "url", "published"), ZONES)
def test_day_and_zone_are_the_publishers(head: str, line: str, url: str, published: str) -> None:
    article = read(f"<article><h1>TITLE</h1>{line}TEXT</article>", head, url=url)
    assert told(article)[0] == published


def test_assumed_zone_is_said() -> None:
    assert told(read(head=ld(datePublished="2025-03-08T10:32:00")))[2] == "the only claim; UTC assumed"


def test_published_and_changed_are_told_apart() -> None:
    article = read("<h1>TITLE</h1><p>Publié le 7 mars 2025 à 10h32. Mis à jour le 8 mars 2025 à 11h05</p>TEXT")
    assert article.published == datetime(2025, 3, 7, 10, 32, tzinfo=UTC)
    assert article.modified == datetime(2025, 3, 8, 11, 5, tzinfo=UTC)


def test_pubdate_is_published_whatever_its_class() -> None:
    article = read(
        "<article><h1>TITLE</h1><time class='updated' datetime='2025-03-08' pubdate>8/3</time>TEXT</article>"
    )
    assert article.published == datetime(2025, 3, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("https://vigie.example/2025/03/08/un-titre/", "2025-03-08"),
        ("https://vigie.example/2025/3/8/un-titre", "2025-03-08"),
        ("https://vigie.example/news/2025-03-08-un-titre.html", "2025-03-08"),
        ("https://vigie.example/news/20250308-un-titre", "2025-03-08"),
        ("https://vigie.example/news/08-03-2025-un-titre/12", "2025-03-08"),
        ("https://vigie.example/2025/03/3-questions-a-la-maire/", None),
        ("https://vigie.example/2025/13/08/un-titre/", None),
        ("https://vigie.example/2025/02/31/un-titre/", None),
        ("https://vigie.example/?on=/2025/03/08/", None),
        ("https://vigie.example/a/20250308123456", None),
    ],
)
def test_day_of_the_address(url: str, day: str | None) -> None:
    claims = list(dateclaims.in_address(evidence("<h1>TITLE</h1>", url=url)))
    assert [claim.value.at.date().isoformat() for claim in claims] == ([day] if day else [])


def test_address_keeps_the_day_of_first_publication_when_an_article_is_published_again() -> None:
    again = read(head=ld(datePublished="2025-03-01T09:00:00+01:00"), url="https://vigie.example/2023/02/01/un-titre/")
    assert told(again)[0] == "2023-02-01T00:00:00+01:00"
    draft = read(head=ld(datePublished="2025-03-01T09:00:00+01:00"), url="https://vigie.example/2025/02/25/un-titre/")
    assert told(draft)[0] == "2025-03-01T09:00:00+01:00"


def test_profile_says_whom_to_prefer() -> None:
    profile = Profile("vigie.example", (Template((), 9, "", "", (Rule("source", "published", "time", 9),)),))
    body = "<article><h1>TITLE</h1><time datetime='2025-03-07T10:00:00+01:00'>hier</time>TEXT</article>"
    head = ld(datePublished="2025-03-08T10:32:00Z")
    article = read(body, head, profile=profile)
    assert told(article) == ("2025-03-07T10:00:00+01:00", "time", "preferred by the site's profile")
    assert told(read(body, head))[1] == "json-ld"


def test_selector_by_hand_comes_first() -> None:
    profile = Profile("vigie.example", selectors={"date": (".jour",)})
    body = "<article><h1>TITLE</h1>TEXT<b class='jour'>7 mars 2025</b></article>"
    found = told(read(body, ld(datePublished="2025-03-08T10:32:00Z"), profile=profile))
    assert found[1] == "selector by hand"


def test_nothing_after_the_capture_and_no_zeros() -> None:
    for raw in ("2025-03-11T00:00:00Z", "1970-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-05:00"):
        assert told(read(head=ld(datePublished=raw)))[0] is None, raw
    early = Link(URL, "feed", "https://www.vigie.example/feed", published=datetime(1, 1, 1, tzinfo=UTC))
    assert told(read(links=(early,)))[0] is None


@pytest.mark.parametrize(
    ("raw", "published"),
    [
        ("2025-03-09T18:00:00Z", "2025-03-09T18:00:00+00:00"),
        ("2025-03-09T18:04:00Z", "2025-03-09T18:04:00+00:00"),  # clocks differ
        ("2025-03-09T19:30:00Z", "2025-03-09T19:30:00+02:00"),  # local time that is called UTC
        ("2025-03-09T20:30:00+01:00", None),
        ("2025-03-09T19:30:00", "2025-03-09T19:30:00+02:00"),
        ("2025-03-10", "2025-03-10T00:00:00+06:00"),
        ("2025-03-10T09:00:00", None),
    ],
)
def test_date_is_not_after_the_capture_in_any_zone(raw: str, published: str | None) -> None:
    assert told(read(head=ld(datePublished=raw)))[0] == published


def test_claims_name_all_witnesses_in_the_order_of_belief() -> None:
    head = ld(datePublished="2025-03-08T10:32:00Z", dateCreated="2025-03-07T10:00:00Z")
    body = f"<article><h1>{TITLE}</h1><time datetime='2025-03-08'>8/3</time><p>8 mars 2025</p>{PROSE}</article>"
    found = evidence(body, head, url="https://vigie.example/2025/03/08/un-titre/")
    sources = [claim.source for claim in moments.claims(found)]
    assert list(dict.fromkeys(sources)) == ["json-ld", "json-ld dateCreated", "time", "address", NEAR]


def test_change_is_told_by_machines_before_print() -> None:
    line = "<p>Mis à jour le 7 mars 2025 à 8h</p>"
    head = ld(datePublished="2025-03-06T10:00:00Z", dateModified="2025-03-08T10:00:00Z")
    assert read(f"<h1>TITLE</h1>{line}TEXT", head).modified == datetime(2025, 3, 8, 10, tzinfo=UTC)
    assert read(f"<h1>TITLE</h1>{line}TEXT").modified == datetime(2025, 3, 7, 8, tzinfo=UTC)


def test_relative_dates_need_a_language() -> None:
    assert told(read("<h1>TITLE</h1><p>hier</p>TEXT", language=""))[0] is None


@pytest.mark.parametrize(
    "body",
    [
        "<time>" * 200 + "8 mars 2025" + "</time>" * 200,
        "<time datetime='2025-03-08'>x</time>" * 20_000,
        "<h1>TITLE</h1>" + "<i>1</i>" * 50_000,
        "<h1>TITLE</h1>" + "<p>8 mars 2025 " + "8 " * 40 + "</p>" * 20_000,
        "<h1>8 mars</h1>" * 20_000,
        "<h1>TITLE</h1><script>" + '"publishedAt":"2025' * 100_000 + "</script>",
        "<h1>TITLE</h1><div class='" + "related-" * 50_000 + "'>8 mars 2025</div>",
    ],
)
def test_hostile_pages_take_no_time(body: str) -> None:
    found = evidence(body)
    start = time.process_time()
    moments.claims(found)
    moments.modified(found)
    list(dateclaims.in_state(found))
    printed = dateclaims.PrintedDates(found)
    list(printed.near_headline(updated=False, thorough=True))
    list(printed.called_so(updated=False))
    assert time.process_time() - start < 3
