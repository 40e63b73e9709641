"""Searching: what is found, in which order, and what a person is told; on a real index."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from archive import Archive
from archive.errors import InvalidQuery
from archive.schema import migrations
from archive.search import finding
from archive.search.advice import advice
from archive.search.hits import condition
from archive.search.snippets import END, START, plain
from archive.store import Reading, Store
from tests.archives import START as DAY
from tests.archives import article, capture

ARTICLES: dict[str, dict[str, Any]] = {
    "etat": {
        "title": "L’État et l’œuvre d'art",
        "text": "Le Conseil d’État juge. Aujourd'hui encore, dʼautres suivent.",
    },
    "lyon": {
        "title": "Budget de Lyon",
        "text": "Le conseil municipal vote.",
        "authors": ("Élodie Martin", "Jean Dupont"),
    },
    "paris": {
        "title": "La Seine",
        "text": "À Paris, le budget de la municipalité. Lyon aussi.",
        "authors": ("Jean Martin",),
    },
    "tokyo": {"title": "大雪の東京", "text": "昨日、東京都で大雪が降った。第5回大会も延期。", "language": "ja"},
    "bangkok": {"title": "ข่าว", "text": "กรุงเทพมหานครเป็นเมืองหลวงของประเทศไทย", "language": "th"},
    "oslo": {
        "title": "Kjøkken på Ærø",
        "text": "Smørrebrød i Łódź; die Straße. El col·legi de Barcelona.",
        "language": "nb-NO",
    },
    "roma": {"title": "L'Italia dell'arte", "text": "Un'altra volta, all'alba, nell’estate.", "language": "it"},
    "delhi": {"title": "हिन्दी समाचार", "text": "आज के समाचार", "language": "hi", "tags": ("Élections 2026", "Inde")},
    "sport": {"title": "Match", "text": "Le club gagne.", "section": "Sports", "site": "gazette-sport"},
}


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    directory = tmp_path_factory.mktemp("archive")
    with Store(directory) as store:
        for site in ("gazette", "gazette-sport"):
            store.begin_crawl(f"{site}-1", site, DAY, {})
        for number, (name, given_fields) in enumerate(ARTICLES.items()):
            fields: dict[str, Any] = {
                "published": DAY - timedelta(days=100 * number),
                "language": "fr",
                "site": "gazette",
            } | given_fields
            site = fields.pop("site")
            held = capture(number, f"https://gazette.example/{name}/", crawl=f"{site}-1")
            store.add_captures([held])
            store.save(held, site, "1", Reading.of(article(held.url, **fields)))
    return Archive(directory)


def names(archive: Archive, query: str, **options: Any) -> list[str]:
    return [hit.canonical_url.split("/")[-2] for hit in archive.search(query, **options)]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("etat", "etat"),
        ("ÉTAT", "etat"),
        ("l'état", "etat"),
        ("l’État", "etat"),
        ("d'Etat", "etat"),
        ("lʼetat", "etat"),
        ("autres", "etat"),
        ("aujourd'hui", "etat"),
        ("aujourd’hui", "etat"),
        ("oeuvre", "etat"),
        ("œuvre", "etat"),
        ("l'oeuvre", "etat"),
        ('"conseil d\'etat"', "etat"),
        ("“conseil d’état”", "etat"),
        ("« conseil d’état »", "etat"),
        ('"conseil détat"', ""),
        ('"conseil muni*"', "lyon"),
        ('"conseil muni"*', "lyon"),
        ("budget lyon", "lyon paris"),
        ("lyon", "lyon paris"),
        ("municip*", "lyon paris"),
        ("municip", ""),
        ("budget -paris", "lyon"),
        ("budget NOT paris", "lyon"),
        ('budget -"de la"', "lyon"),
        ("seine OR match", "paris sport"),
        ("(seine OR match) -club", "paris"),
        ("budget AND seine", "paris"),
        ("conseil seine OR vote", "lyon"),
        ("title:budget", "lyon"),
        ("budget -title:budget", "paris"),
        ("author:martin", "lyon paris"),
        ("author:elodie", "lyon"),
        ('author:"jean martin"', "paris"),
        ('author:"martin jean"', ""),
        ("by:dup*", "lyon"),
        ("author: dupont", "lyon"),
        ("budget -author:dupont", "paris"),
        ("tag:elections", "delhi"),
        ('tag:"élections 2026"', "delhi"),
        ("section:sports", "sport"),
        ("site:gazette-sport", "sport"),
        ("club site:gazette", ""),
        ("site:gaz* club", "sport"),
        ("lang:nb", "oslo"),
        ("lang:no", ""),
        ("lang:ja OR lang:th", "tokyo bangkok"),
        ("kjokken", "oslo"),
        ("ÆRØ", "oslo"),
        ("aero", "oslo"),
        ("lodz", "oslo"),
        ("strasse", "oslo"),
        ("smorrebrod", "oslo"),
        ("collegi", "oslo"),
        ("col·legi", "oslo"),
        ("dell'arte", "roma"),
        ("italia", "roma"),
        ("all’alba", "roma"),
        ("東京", "tokyo"),
        ("東京都", "tokyo"),
        ("京都", "tokyo"),
        ("雪", "tokyo"),
        ("た", "tokyo"),
        ("第5回", "tokyo"),
        ("大阪", ""),
        ("東京 大会 lang:ja", "tokyo"),
        ("title:東京", "tokyo"),
        ("ประเทศ", "bangkok"),
        ("ไทย", "bangkok"),
        ("เมืองหลวง", "bangkok"),
        ("हिन्दी", "delhi"),
        ("हिन्द", ""),
        ("ＢＵＤＧＥＴ", "lyon paris"),
    ],
)
def test_what_is_found(archive: Archive, query: str, expected: str) -> None:
    assert sorted(names(archive, query)) == sorted(expected.split())


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("after:2026-03-01", "etat"),
        ("since:2026", "etat"),
        ("before:2024", "sport"),
        ("after:2024 before:2024-04", "delhi"),
        ("-after:2024", "sport"),
        ("budget after:2025-09", "lyon"),
        ("-club -budget after:2025-08", "etat"),
        ('after:"1 March 2026"', "etat"),
        ('after:"1er mars 2026"', "etat"),
        ("before:1700", ""),
        ("after:9999", ""),
        ("after:2026 before:2026", ""),
    ],
)
def test_days(archive: Archive, query: str, expected: str) -> None:
    found = names(archive, query)
    assert found == expected.split()


def test_an_article_without_a_date_goes_by_when_it_was_first_seen(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        store.begin_crawl("gazette-1", "gazette", DAY, {})
        store.add_captures([capture(1)])
        store.save(capture(1), "gazette", "1", Reading.of(article()))
        found = store.db.execute("SELECT rowid >> 45 FROM search_fts WHERE search_fts MATCH 'titre'").fetchone()
    assert datetime(1600, 1, 1, tzinfo=UTC) + timedelta(days=found[0]) == datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "nothing to search for"),
        ("  - ' * \" () ", "nothing to search for"),
        ("OR AND NOT", "nothing to search for"),
        ("lyon author:", "author: has nothing after it; write author:"),
        ("author:*", "needs a value"),
        ("after:32-13", "is not a date; write after:2026,"),
        ("before:03/01/2026", "is not a date"),
        ("lyon OR after:2026", "cannot be one side of OR"),
        ("lyon OR -paris", "cannot be one side of OR"),
        ("site:gazete", "did you mean gazette?"),
        ("site:x", "it has gazette, gazette-sport"),
        ("a " * 61, "more than 60 words"),
        ("a" * 2001, "characters long"),
    ],
)
def test_what_cannot_be_answered_is_said_at_once(archive: Archive, query: str, expected: str) -> None:
    with pytest.raises(InvalidQuery) as refused:
        archive.search(query)
    assert expected in str(refused.value)
    assert "\n" not in str(refused.value)


def test_only_what_is_sorted_by(archive: Archive) -> None:
    with pytest.raises(InvalidQuery, match="rank or date"):
        archive.search("lyon", sort="size")


_PIECES = st.sampled_from(
    ['"', "*", "-", "(", ")", ":", "^", "{", "}", "+", "NEAR(", "OR", "AND", "NOT", "title:", "author:", "site:gazette",
     "lang:", "after:2025", "before:", "l'", "東京", "ก", "\x00", "\udc80", "' ", " ", "\ue000", "ﬁ", "İ", "\u0301"]
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.text(max_size=60), st.lists(_PIECES | st.text(max_size=3), max_size=12).map("".join)))
def test_any_text_is_answered_or_refused_in_a_line(archive: Archive, query: str) -> None:
    try:
        found = list(archive.search(query, sort="date"))
    except InvalidQuery:
        return
    ranked = list(archive.search(query))
    assert {hit.id for hit in found} == {hit.id for hit in ranked}
    assert found or advice(archive.db, query)


@pytest.mark.parametrize("many", [0, 1, 10_000])
def test_the_title_counts_most(archive: Archive, monkeypatch: pytest.MonkeyPatch, many: int) -> None:
    monkeypatch.setattr(finding, "MANY", many)
    assert names(archive, "budget") == ["lyon", "paris"]
    assert names(archive, "seine OR budget site:gazette -conseil") == ["paris"]
    assert sorted(names(archive, "le site:gazette lang:fr")) == ["etat", "lyon", "paris"]
    assert names(archive, "le lang:fr after:2025-11 -etat") == ["lyon"]


def test_by_date_the_newest_come_first(archive: Archive) -> None:
    assert names(archive, "lang:fr", sort="date") == ["etat", "lyon", "paris", "sport"]
    assert names(archive, "lang:fr", limit=2) == ["etat", "lyon"]
    assert names(archive, "le OR la", site="gazette", sort="date") == ["etat", "lyon", "paris"]


def test_advice(archive: Archive) -> None:
    assert advice(archive.db, "xyzzy lyon") == "no article has 'xyzzy'; try another spelling, or fewer words"
    assert "try munici*" in advice(archive.db, "municiper")
    assert "author: is no filter" not in advice(archive.db, "seine club")
    assert "autor: is no filter; did you mean author:?" in advice(archive.db, "autor:dupont")
    assert "seine OR club" in advice(archive.db, "seine club")
    assert "the words alone find 2" in advice(archive.db, "budget lang:it")
    assert "other words" in advice(archive.db, "lang:xx")


def test_the_index_is_what_the_articles_are(tmp_path: Path) -> None:
    """Whatever happens to a row, its old words leave the index and its new ones come in."""
    with Store(tmp_path) as store:
        store.begin_crawl("gazette-1", "gazette", DAY, {})
        for number, text in enumerate(("東京の雪 œuvre", "大阪 autre", "Lyon")):
            store.add_captures([capture(number)])
            store.save(
                capture(number), "gazette", "1", Reading.of(article(text=text, published=DAY.replace(day=number + 1)))
            )
        with Archive(tmp_path) as archive:
            assert [names(archive, word) for word in ("東京", "oeuvre", "大阪")] == [[], [], []]
            assert names(archive, "lyon after:2026-03-03") == ["a"]
            assert names(archive, "lyon before:2026-03-03") == []
        store.clear_derived()
        assert store.db.execute("SELECT count(*) FROM search_fts_docsize").fetchone() == (0,)
        store.db.execute("CREATE VIRTUAL TABLE temp.words USING fts5vocab('main', 'search_fts', 'row')")
        assert list(store.db.execute("SELECT term FROM temp.words")) == []


def test_articles_of_one_day_are_in_order_of_time(tmp_path: Path) -> None:
    moments = [
        f"2026-03-01T{hour:02}:00:00+0{offset}:00" for hour, offset in ((9, 5), (7, 0), (12, 9), (23, 1), (1, 0))
    ]
    with Store(tmp_path) as store:
        store.begin_crawl("gazette-1", "gazette", DAY, {})
        for number, moment in enumerate(moments):
            held = capture(number, f"https://gazette.example/{number}/")
            store.add_captures([held])
            store.save(held, "gazette", "1", Reading.of(article(held.url, published=datetime.fromisoformat(moment))))
    with Archive(tmp_path) as archive:
        found = [hit.published for hit in archive.search("titre", sort="date") if hit.published]
    assert len(found) == len(moments)
    assert found == sorted(found, reverse=True)


def test_results_are_read_as_they_are_asked_for(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "MANY", 0)
    monkeypatch.setattr(finding, "_PAGE", 1)
    asked: list[str] = []
    with archive.db.tracer(lambda sql, _: asked.append(sql)):
        results = archive.search("lang:fr OR le OR la")
        first = next(results)
        before = len(asked)
        rest = list(results)
    assert len(asked) > before
    assert len({hit.id for hit in [first, *rest]}) == 4


def test_days_are_looked_up_in_an_index(archive: Archive) -> None:
    plan = archive.db.execute(f"EXPLAIN QUERY PLAN SELECT id FROM articles WHERE {finding.DATED} = 1").fetchall()
    assert "articles_dated" in plan[0][3]


@pytest.mark.parametrize("query", ["budget", "-budget", "site:gazette after:2025", "after:2024 before:2026 -tag:inde"])
def test_a_search_can_be_part_of_another_question(archive: Archive, query: str) -> None:
    sql, values = condition(archive.db, query)
    values["length"] = 0
    found = archive.db.execute(f"SELECT id FROM articles WHERE {sql} AND length(text) > :length", values)
    assert {row[0] for row in found} == {hit.id for hit in archive.search(query)}


def test_an_older_archive_is_indexed_when_it_is_opened(archive: Archive, tmp_path: Path) -> None:
    db = Database(tmp_path / "archive.db")
    migrations.apply(db, stop_before="m014_search")
    held = [column.name for column in db["articles"].columns]
    rows = archive.db.query(f"SELECT {', '.join(held)} FROM articles")
    db.execute("PRAGMA foreign_keys = OFF")
    db.table("articles").insert_all(rows)
    db.close()
    with Archive(tmp_path) as migrated:
        for query in ("etat", "東京", "author:dupont", "lang:fr after:2025-09"):
            assert names(migrated, query, sort="date") == names(archive, query, sort="date")


def test_words_of_filters_are_no_words_of_texts(archive: Archive) -> None:
    for query in ("gazette", "martin", "inde", "sports", "ja", '"\ue001gazette"', "\ue003dupont"):
        assert names(archive, query) == [], query


def test_snippets_mark_what_was_found(archive: Archive) -> None:
    hit = next(archive.search("l'état oeuvre"))
    assert hit.title == f"L’{START}État{END} et l’{START}œuvre{END} d'art"
    assert f"Conseil d’{START}État{END} juge" in hit.snippet
    hit = next(archive.search("東京"))
    assert hit.title == f"大雪の{START}東京{END}"
    assert f"昨日、{START}東京{END}都で" in hit.snippet
    hit = next(archive.search('"conseil muni*"'))
    assert plain(hit.snippet) == "Le conseil municipal vote."
    assert f"{START}conseil municipal{END}" in hit.snippet


def test_all_that_is_found_comes_in_one_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first are had at once, the rest when somebody asks for them: none twice, none left out."""
    with Store(tmp_path) as store:
        store.begin_crawl("gazette-1", "gazette", DAY, {})
        for number in range(30):
            held = capture(number, f"https://gazette.example/{number}/")
            store.add_captures([held])
            text = f"Le port {'et le port ' * (number * 7 % 30)}numéro {number}."
            store.save(held, "gazette", "1", Reading.of(article(held.url, text=text, title=f"Page {number}")))
    with Archive(tmp_path) as archive:
        whole = [hit.id for hit in archive.search("port")]
        assert len(set(whole)) == len(whole) == 30
        monkeypatch.setattr(finding, "_FIRST", 7)
        assert [hit.id for hit in archive.search("port")] == whole
        assert [hit.id for hit in archive.search("port lang:fr", limit=3)] == []
        assert [hit.id for hit in archive.search("port site:gazette", limit=9)] == whole[:9]
