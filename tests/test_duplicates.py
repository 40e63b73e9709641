"""Copies: which texts are found alike, that the order they come in is no matter, and the clusters made of them."""

from __future__ import annotations

import re
import tempfile
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive import dedup
from archive.database import open_for_reading, open_for_writing
from archive.duplicates import index
from archive.duplicates.agencies import agency_of
from archive.duplicates.clusters import Cluster, cluster_of, clusters
from archive.duplicates.likeness import Likeness, alike
from archive.duplicates.minhash import BANDS, Signature, far_apart, pack, signature, unpack
from archive.duplicates.passages import passages, words_of
from archive.store import Store
from tests import archives, copies
from tests.copies import edited, prose, queue_all, reading

WEATHER = (
    "Le temps à Valmont ce {0} mars. Le matin, le ciel sera voilé et il fera {1} degrés en plaine, {2} degrés en "
    "montagne. Dans la journée on attend {3} degrés à Valmont, {4} à Brissac et {5} à Saint-Orban. Le vent de "
    "nord-ouest soufflera à {6} kilomètres à l'heure, avec des rafales de {7} sur les crêtes. Le soleil se "
    "couchera à 18 h {8}. Consultez aussi nos prévisions à quatre jours dans les pages suivantes de ce journal."
)
RESULTS = (
    "Football, journée {0}. Valmont - Brissac : {1} - {2}. Orsane - Levron : {3} - {4}. Cazals - Montferrat : {5}"
    " - {6}. Classement : Valmont {7} points, Brissac {8}, Orsane {1}, Levron {3}, Cazals {5}, Montferrat {2}. "
    "Les prochains matchs se joueront dimanche à 15 heures sur les terrains des clubs premiers nommés, si la "
    "pluie le veut bien."
)
HOROSCOPE = (
    "Bélier. Vos amours seront {a}, votre travail {b}. Chance : {0}. Taureau. Vos amours seront {c}, votre "
    "travail {a}. Chance : {1}. Gémeaux. Vos amours seront {b}, votre travail {d}. Chance : {2}. Cancer. Vos "
    "amours seront {d}, votre travail {c}. Chance : {3}. Lion. Vos amours seront {a}, votre travail {d}. Chance :"
    " {4}. Bonne journée à toutes et tous."
)
MOODS = ("calmes", "animés", "paisibles", "agités", "sereins", "chargés", "incertains")


def note(template: str, number: int) -> str:
    figures = [(number * 7 + place * 11 + number * place) % 39 + 1 for place in range(9)]
    return template.format(*figures, **{name: MOODS[(number * 3 + ord(name)) % 7] for name in "abcd"})


def likeness(one: str, other: str) -> Likeness | None:
    first, second = passages(one), passages(other)
    assert first
    assert second
    found = alike(first, second)
    assert found == alike(second, first)
    return found


def listed(directory: Path) -> list[Cluster]:
    db = open_for_reading(directory)
    try:
        return list(clusters(db))
    finally:
        db.close()


def numbers(found: list[Cluster]) -> list[list[int]]:
    """The clusters' members by the number in their address."""
    return [[int(re.findall(r"/(\d+)/", member.url)[0]) for member in one.members] for one in found]


# What is a copy.


@pytest.mark.parametrize(
    ("copy", "expected"),
    [
        (edited(prose(1), 40), "near"),
        (edited(prose(1), 15), "near"),
        (" ".join(prose(1).split()[:80]), "near"),
        (" ".join(prose(1).split()[:50]), "part"),
        (prose(1) + " " + prose(2, 60), "near"),
        (prose(1) + " " + prose(2, 300), "part"),
        (" ".join(prose(1).split()[60:] + prose(1).split()[:60]), "near"),
        (prose(1).upper(), "near"),
        (edited(prose(1), 4), None),
        (prose(1)[:300] + prose(2), None),
        (prose(1) + " " + prose(2, 900), None),  # a long text that has it among others: a live blog, a review
        (prose(3), None),
    ],
)
def test_what_counts_as_a_copy(copy: str, expected: str | None) -> None:
    found = likeness(prose(1), copy)
    assert (found and ("near" if found.jaccard >= 0.5 else "part")) == expected


@pytest.mark.parametrize("language", ["fr", "en", "ja"])
def test_copies_are_found_in_every_language(language: str, tmp_path: Path) -> None:
    text = prose(5, 300, language)
    cut = text[: len(text) * 3 // 4]
    others = [reading(number, prose(number, 300, language)) for number in range(10, 16)]
    copies.archive_of(
        tmp_path, [reading(1, text), reading(2, cut, site="kurier"), reading(3, text, site="echo"), *others]
    )
    assert numbers(listed(tmp_path)) == [[1, 2, 3]]


@pytest.mark.parametrize("template", [WEATHER, RESULTS, HOROSCOPE])
def test_notes_of_one_template_are_no_copies(template: str, tmp_path: Path) -> None:
    notes = [reading(number, note(template, number)) for number in range(1, 13)]
    copies.archive_of(tmp_path, notes)
    assert numbers(listed(tmp_path)) == []


@pytest.mark.parametrize("template", [WEATHER, RESULTS])
def test_the_very_same_note_on_another_site_is_a_copy(template: str, tmp_path: Path) -> None:
    said = note(template, 1)
    copies.archive_of(tmp_path, [reading(1, said), reading(2, note(template, 2)), reading(3, said, site="echo")])
    assert numbers(listed(tmp_path)) == [[1, 3]]


def test_a_count_that_has_grown_makes_no_other_text() -> None:
    text = f"{prose(1, 110)} On compte 12 blessés et 3 disparus, selon les 40 pompiers. {prose(2, 110)}"
    assert likeness(text, text.replace("12 blessés", "17 blessés"))


def test_short_texts_are_not_compared(tmp_path: Path) -> None:
    said = (
        "Cet article est réservé aux abonnés. Pour lire la suite, identifiez-vous ou abonnez-vous dès un euro par mois."
    )
    copies.archive_of(tmp_path, [reading(number, said, site=site) for number, site in enumerate(("gazette", "echo"))])
    assert listed(tmp_path) == []
    assert passages(prose(1, 39, "en")) is None
    assert passages(prose(1, 40, "en")) is not None
    assert passages(prose(1, 78, "ja")) is None  # two signs are a word
    assert passages(prose(1, 80, "ja")) is not None


def test_live_blogs_that_quote_the_same_do_not_glue(tmp_path: Path) -> None:
    quoted = [prose(number, 80) for number in range(40)]
    blogs = [" ".join(quoted[start : start + 12]) for start in range(0, 36, 9)]
    texts = [*blogs, *quoted[:12]]
    copies.archive_of(tmp_path, [reading(number, text) for number, text in enumerate(texts, 1)])
    assert listed(tmp_path) == []


# Words and bands.


def test_words_of_every_script() -> None:
    assert words_of("L’État, 14h30 : 2,5 %") == ["l", "état", "14", "h", "30", "2", "5"]
    assert words_of("हिन्दी समाचार १२") == ["हिन्दी", "समाचार", "१२"]
    assert words_of("東京ABC12ขาว ၁၂") == ["東", "京", "abc", "12", "ข", "า", "ว", "၁၂"]


@given(st.text(max_size=400))
@settings(max_examples=60, deadline=None)
def test_texts_with_the_same_digest_have_the_same_passages(text: str) -> None:
    long = f"{text} {prose(1, 45)}"
    assert passages(long) == passages(dedup.normalise(long))


@given(st.sets(st.integers(0, 2**32 - 1), min_size=1, max_size=50))
@settings(max_examples=60, deadline=None)
def test_signatures_depend_on_the_set_alone(hashes: set[int]) -> None:
    found = signature(sorted(hashes))
    assert found == signature(sorted(hashes, reverse=True))
    assert len(found.bands) == BANDS
    assert max(found.bands) < 2**47
    assert unpack(pack(found)) == found


def test_far_apart_are_those_that_share_little_but_a_stock_phrase() -> None:
    stock, many = prose(50, 12), range(1, 40)

    def made(text: str) -> Signature:
        found = passages(text)
        assert found
        return signature(found.plain | found.figured)

    assert all(
        far_apart(made(f"{prose(seed, 200)} {stock}"), made(f"{prose(seed + 50, 200)} {stock}")) for seed in many
    )
    assert not any(far_apart(made(prose(seed)), made(edited(prose(seed), 15))) for seed in many)
    assert not any(far_apart(made(prose(seed, 300)), made(prose(seed, 300)[:600])) for seed in many)


# The index.

# Copies, copies of copies, merged ones, notes, an article with the same text, a short one.
READINGS = (
    reading(1, prose(1), site="echo"),
    reading(2, edited(prose(1), 20)),
    reading(3, edited(edited(prose(1), 20), 22, 11, "encore"), site="kurier"),
    reading(4, prose(1), site="kurier"),
    reading(5, f"{prose(1)} {prose(2)}"),
    reading(6, prose(2)),
    reading(7, " ".join(prose(2).split()[:60]), site="echo"),
    reading(8, note(WEATHER, 1)),
    reading(9, note(WEATHER, 2), site="echo"),
    reading(10, prose(3, 20)),
    reading(11, prose(4)),
)


def kept(directory: Path) -> object:
    """What is kept about copies, and the clusters read out of it, each also from its members."""
    db = open_for_reading(directory)
    try:
        found = list(clusters(db))
        for one in found:
            assert all(cluster_of(db, member.article) == one for member in one.members)
        return copies.rows(db), found
    finally:
        db.close()


@given(st.permutations(READINGS))
@settings(max_examples=8, deadline=None)
def test_the_order_of_arrival_is_no_matter(arrived: list[copies.Saved]) -> None:
    with tempfile.TemporaryDirectory() as directory, tempfile.TemporaryDirectory() as other:
        assert kept(copies.archive_of(Path(directory), arrived)) == kept(copies.archive_of(Path(other), READINGS))


def test_a_text_that_goes_leaves_nothing(tmp_path: Path) -> None:
    expected = kept(copies.archive_of(tmp_path / "without", [READINGS[place] for place in (0, 3, 5, 6)]))
    with Store(tmp_path / "with") as store:
        copies.save(store, READINGS)
        for place in (1, 2, 4, 7, 8, 9, 10):
            made, site, article = READINGS[place]
            copies.save(store, [(made, site, archives.article(article.url, "Un mot.", title="T"))])
        changed = copies.rows(store.db)
    assert changed == expected[0]  # type: ignore[index]


def test_reading_everything_again_gives_the_same(tmp_path: Path) -> None:
    expected = kept(copies.archive_of(tmp_path, READINGS))
    with Store(tmp_path) as store:
        copies.save(store, reversed(READINGS))
    assert kept(tmp_path) == expected
    with Store(tmp_path) as store:
        store.clear_derived()
        assert not any(copies.rows(store.db).values())
        copies.save(store, READINGS[5:] + READINGS[:5])
    assert kept(tmp_path) == expected


def test_the_index_is_kept_between_runs(tmp_path: Path) -> None:
    for one in READINGS:
        copies.archive_of(tmp_path / "many", [one])
    assert kept(tmp_path / "many") == kept(copies.archive_of(tmp_path / "one", READINGS))


def test_an_older_archive_is_caught_up_with_even_when_that_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = kept(copies.archive_of(tmp_path, READINGS))
    db = queue_all(tmp_path)
    waiting = index.waiting(db)
    monkeypatch.setattr(index, "_A_BATCH", 2)
    settle = index.Index.settle
    calls = []

    def dies(self: index.Index, digest: str) -> None:
        calls.append(digest)
        if len(calls) == 6:  # inside the third batch, of which nothing stays
            raise KeyboardInterrupt
        settle(self, digest)

    with monkeypatch.context() as patched:
        patched.setattr(index.Index, "settle", dies)
        with pytest.raises(KeyboardInterrupt):
            index.catch_up(db)
    db.close()
    db = open_for_writing(tmp_path)
    assert index.waiting(db) == waiting - 4
    batches: list[int] = []
    assert index.catch_up(db, batches.append) == waiting - 4 == sum(batches)
    assert index.catch_up(db) == 0
    db.close()
    assert kept(tmp_path) == expected


def test_saving_works_off_an_older_archives_queue(tmp_path: Path) -> None:
    expected = kept(copies.archive_of(tmp_path, READINGS))
    queue_all(tmp_path).close()
    with Store(tmp_path) as store:
        for _ in range(4):  # each save takes some on the way, even if it changes nothing
            copies.save(store, READINGS[:1])
    assert kept(tmp_path) == expected


# Bands that many texts share.

SHARED = prose(77, 60)  # what a template has in all its texts


def crowd(number: int) -> copies.Saved:
    return reading(number, f"{SHARED} {prose(1000 + number, 25)}", site=("gazette", "echo")[number % 2])


def test_copies_in_a_crowd_are_one_cluster_in_any_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "HUBS", 4)
    all_of_them = [crowd(number) for number in range(1, 31)]
    expected = kept(copies.archive_of(tmp_path / "one", all_of_them))
    assert numbers(expected[1]) == [list(range(1, 31))]  # type: ignore[index]
    pairs = expected[0]["duplicate_pairs"]  # type: ignore[index]
    assert len(pairs) < 30 * 29 / 2
    assert kept(copies.archive_of(tmp_path / "two", all_of_them[::-1])) == expected
    assert kept(copies.archive_of(tmp_path / "three", all_of_them[1::2] + all_of_them[::2])) == expected


def test_hubs_come_and_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "HUBS", 4)
    first, rest = [crowd(number) for number in range(1, 13)], [crowd(number) for number in range(13, 25)]
    expected = copies.archive_of(tmp_path / "never", rest)
    with Store(tmp_path / "gone") as store:
        copies.save(store, first + rest)
        for made, site, article in first:
            copies.save(store, [(made, site, archives.article(article.url, "Un mot.", title="T"))])
        left = copies.rows(store.db)
    assert left == kept(expected)[0]  # type: ignore[index]


def test_what_a_text_costs_does_not_grow_with_its_crowd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[int] = []
    compare = index.Index._compare

    def counting(self: index.Index, one: int, other: int) -> None:
        compared[-1] += 1
        compare(self, one, other)

    monkeypatch.setattr(index.Index, "_compare", counting)
    with Store(tmp_path) as store:
        for number in range(1, 121):
            compared.append(0)
            copies.save(store, [reading(number, f"{SHARED} {number} fois")])
    # All bands are nearly the same: each text is compared with the hubs, and the few that become hubs with the others.
    assert sum(compared[80:]) / 40 < 3 * index.HUBS


# Clusters.


def test_a_cluster_tells_who_had_it_first_and_how_much_was_changed(tmp_path: Path) -> None:
    text = prose(1)
    readings = [
        reading(1, edited(text, 30), site="kurier", hours=7),
        reading(2, text, site="echo", hours=2, authors=("AFP",)),
        reading(3, text, site="gazette", hours=5, authors=("Jeanne Marc avec AFP",)),
        reading(4, " ".join(text.split()[:50]), site="gazette", hours=9, authors=("Reuters",)),
    ]
    (found,) = listed(copies.archive_of(tmp_path, readings))
    assert [(member.site, member.relation) for member in found.members] == [
        ("echo", "first"),
        ("gazette", "same"),
        ("kurier", "near"),
        ("gazette", "part"),
    ]
    assert found.id == found.members[0].article
    assert found.first_seen == copies.moment(2)
    assert found.agency == "AFP"
    assert found.sites == ("echo", "gazette", "kurier")
    changed = [member.changed for member in found.members]
    assert changed[:2] == [0, 0]
    assert 0.1 < changed[2] < 0.4
    assert 0.5 < changed[3] < 0.7
    near = likeness(text, edited(text, 30))
    assert near
    assert changed[2] == round(1 - near.jaccard, 4)


def test_a_merged_dispatch_does_not_chain_its_two(tmp_path: Path) -> None:
    readings = [
        reading(1, prose(1, 150)),
        reading(2, prose(2, 130)),
        reading(3, f"{prose(1, 150)} {prose(2, 130)}"),
        reading(4, prose(2, 120)),
    ]
    assert numbers(listed(copies.archive_of(tmp_path, readings))) == [[1, 3], [2, 4]]


def test_a_chain_of_small_changes_ends(tmp_path: Path) -> None:
    words = prose(1, 200).split()
    new = prose(2, 200).split()
    chain = [reading(step, " ".join(new[: 40 * step] + words[40 * step :])) for step in range(5)]
    found = listed(copies.archive_of(tmp_path, chain))
    assert numbers(found) == [[0, 1], [2, 3]]


def test_the_earliest_is_by_publication_then_by_capture(tmp_path: Path) -> None:
    undated = reading(1, prose(1), site="echo", published=None)  # captured 30 days after
    naive = reading(2, prose(1), published=datetime(2026, 3, 2, 8))  # noqa: DTZ001 - as pages state it
    (found,) = listed(copies.archive_of(tmp_path, [undated, naive]))
    assert [member.site for member in found.members] == ["gazette", "echo"]
    assert found.first_seen.isoformat() == "2026-03-02T08:00:00+00:00"


def test_an_article_without_copies_has_no_cluster(tmp_path: Path) -> None:
    copies.archive_of(tmp_path, READINGS)
    db = open_for_reading(tmp_path)
    alone = db.execute("SELECT id FROM articles WHERE canonical_url LIKE '%/11/'").fetchone()[0]
    assert cluster_of(db, alone) is None
    assert cluster_of(db, "0" * 16) is None
    db.close()


@pytest.mark.parametrize(
    ("authors", "text", "expected"),
    [
        (["AFP"], "", "AFP"),
        (["Agence France-Presse"], "", "AFP"),
        (["Le Journal avec AFP"], "", "AFP"),
        (["La Rédaction avec l’AFP"], "", "AFP"),
        (["Jean Dupont et Reuters"], "", "Reuters"),
        (["Jean Dupont", "Belga"], "", "Belga"),
        (["By Reuters"], "", "Reuters"),
        (["Jeanne Marc (dpa)"], "", "dpa"),
        (["AFP, Paris"], "", "AFP"),
        (["AP"], "", "AP"),
        (["The Associated Press"], "", "AP"),
        (["Agence Valmont Presse"], "", "Agence Valmont Presse"),
        (["Haut-Aurin News Agency"], "", "Haut-Aurin News Agency"),
        ([], "PARIS (AFP) - Le pont ferme.", "AFP"),
        ([], "LONDON, March 3 (Reuters) - The bridge.", "Reuters"),
        ([], "Le pont ferme. (avec Reuters)", "Reuters"),
        ([], "Die Brücke. (dpa/lnw)", "dpa"),
        ([], "Le pont ferme. (ats)", "Keystone-ATS"),
        ([], "Le pont ferme. © 2026 AFP", "AFP"),
        ([], "Le pont ferme. Source : Belga", "Belga"),
        ([], "x" * 300 + " (AFP) " + "x" * 300, None),  # in the middle it is quoted
        (["Pascal Papin"], "Il va avec Anna, con efecto.", None),
        (["Jeanne Marc"], "Une apa, une map, un pap, la carte (map) de la Lusace.", None),
        ([], "Un AP de plus à la préfecture.", None),
        (["Reuters"], "PARIS (AFP)", "Reuters"),
    ],
)
def test_agencies_are_known_by_their_names(authors: list[str], text: str, expected: str | None) -> None:
    assert agency_of(authors, text) == expected
