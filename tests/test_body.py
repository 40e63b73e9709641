"""Which lines of a page are its article's text: the lines above it, where it stands, where it ends."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from archive.models import Page
from archive.reading import body, ending, located, markup, opening
from archive.reading.evidence import collect
from archive.reading.layout import Block
from tests.test_extraction import CAPTURED

PROSE = "Le bac a repris son service entre les deux rives mardi matin, avec une heure de retard sur l’horaire d’été."
MORE = "Les passagers ont attendu sur le quai, où la compagnie avait fait porter du café et des couvertures de laine."


def read(html: str) -> body.Body:
    url = "https://vigie.example/ports/bac/"
    root, _ = markup.parse(html)
    assert root is not None
    page = Page(url, 200, (("Content-Type", "text/html"),), html.encode(), CAPTURED)
    return body.read(collect(page, markup.gather(root, url, html)))


def lines(blocks: Sequence[Block]) -> list[str]:
    return [block.text for block in blocks]


def p(text: str, linked: int = 0) -> Block:
    return Block("p", text, text, linked)


def heading(text: str, level: int = 2) -> Block:
    return Block("heading", text, f"## {text}", 0, level)


ABOVE = {
    "headline": heading("Le bac repart après trois jours de tempête", 1),
    "headline with its kicker": heading("Ports – Le bac repart après la tempête"),
    "byline": p("Par Ana Ruiz"),
    "byline with a place": p("Ana Ruiz à Saint-Méral"),
    "author and date": p("Ana Ruiz 2025-03-12 10:22:08"),
    "date, French": p("Publié le 12 mars 2025 à 10 h 32"),
    "date, German": p("Mittwoch, 12.03.2025, 10:32"),
    "date, Spanish": p("12/03/2025 10:22 Actualizado a 13/03/2025 15:43"),
    "date, Japanese": p("2025年3月12日 10時28分 (3月12日 12時40分更新)"),
    "date, Turkish": p("12 Mart 2025 • Güncelleme: 13 Mart 2025"),
    "some time ago": p("Published 3 days ago"),
    "reading time, English": p("4 min read"),
    "reading time, German": p("3 Min. Lesezeit"),
    "reading time, Russian": p("Время чтения: 5 минут"),
    "section": p("Ports et mer"),
}


@pytest.mark.parametrize("name", ABOVE)
def test_line_above_the_text_that_is_a_field_goes(name: str) -> None:
    found = opening.without([ABOVE[name], p(PROSE), p(MORE)], "Le bac repart après la tempête", ["Ana Ruiz"])
    assert lines(found) == [PROSE, MORE]


STAYS = {
    "a sentence": p("Mardi, 10 h 30."),
    "a sentence with the author's name": p("Ana Ruiz a vu le bac partir."),
    "a subheading": heading("Une heure de retard"),
    "a list's item of some words": Block("item", "Trois navires sont restés à quai", "- Trois navires", 0, 1),
    "a line of speech": p("– Quand partez-vous ?"),
}


@pytest.mark.parametrize("name", STAYS)
def test_line_above_the_text_that_is_the_texts_stays(name: str) -> None:
    found = opening.without([STAYS[name], p(PROSE)], "Le bac repart après la tempête", ["Ana Ruiz"])
    assert lines(found) == [STAYS[name].text, PROSE]


def test_dates_within_the_text_stay() -> None:
    blocks = [p(PROSE), p(MORE), p(PROSE), p(MORE), p(PROSE), p("Publié le 12 mars 2025 à 10 h 32"), p(MORE)]
    assert opening.without(blocks, "Le bac repart") == blocks


def test_standfirst_goes_where_the_template_marks_it_and_stays_as_a_first_paragraph() -> None:
    assert lines(opening.without([p(PROSE), p(MORE)], None, (), PROSE, {PROSE})) == [MORE]
    assert lines(opening.without([heading(PROSE), p(MORE)], None, (), PROSE)) == [MORE]
    assert lines(opening.without([p(PROSE), p(MORE)], None, (), PROSE)) == [PROSE, MORE]


def test_text_that_is_nothing_but_its_standfirst_stays() -> None:
    assert lines(opening.without([p(PROSE)], None, (), PROSE, {PROSE})) == [PROSE]


AUTHORS = [
    "Ana Ruiz is a reporter for the Courier.",
    "Ana Ruiz ist Reporterin für die Küste.",
    "Ana Ruiz est journaliste à La Marine.",
    "Ana Ruiz scrive di porti e di mare.",
    "About Ana Ruiz",
]


@pytest.mark.parametrize("line", AUTHORS)
def test_line_about_the_author_below_the_text_goes(line: str) -> None:
    assert lines(ending.without_author([p(PROSE), p(line)], ["Ana Ruiz"])) == [PROSE]


def test_line_that_tells_what_the_author_did_stays() -> None:
    blocks = [p(PROSE), p("Ana Ruiz boarded at noon.")]
    assert ending.without_author(blocks, ["Ana Ruiz"]) == blocks


def test_place_of_found_lines_is_the_smallest_element_with_nearly_all_of_them() -> None:
    root, _ = markup.parse(
        f"<body><div id='a'><div id='b'><p>{PROSE}</p><p>{MORE}</p></div><aside><p>x</p></aside></div></body>"
    )
    place = located.place(root, [p(PROSE), p(MORE)])
    assert place is not None
    assert place.get("id") == "b"


def test_lines_between_confirmed_ones_stay_unless_they_are_short_or_links() -> None:
    sub, label, link = heading("Une heure de retard"), p("Lire plus tard"), p("Le port ferme ses portes" * 4, 90)
    found = located.confirmed([p("Menu"), p(PROSE), sub, label, link, p(MORE), p("Haut")], [p(PROSE), p(MORE)])
    assert found is not None
    assert lines(found) == [PROSE, sub.text, MORE]


def test_readings_that_differ_say_nothing() -> None:
    assert located.confirmed([p("Autre chose, qui est ailleurs.")], [p(PROSE), p(MORE)]) is None


def test_text_without_a_known_container_has_its_links() -> None:
    found = read(f"<body><div class='x1'><p>{PROSE} <a href='/quai'>Le quai</a>.</p><p>{MORE}</p><p>{PROSE}</p></div>")
    assert found.found_by == "trafilatura"
    assert "[Le quai](https://vigie.example/quai)" in found.blocks[0].markdown


def test_teaser_in_an_article_element_is_left_out() -> None:
    teaser = "<article><h3><a href='/autre'>Le port ferme</a></h3><p>Trois jours sans bateaux.</p></article>"
    found = read(f"<body><div class='article-body'><p>{PROSE}</p>{teaser}<p>{MORE}</p></div></body>")
    assert lines(found.lines) == [PROSE, MORE]


def test_entries_of_a_live_blog_keep_their_headings() -> None:
    entries = "".join(
        f"<article><header><h2>Message {n} du port</h2></header><p>{PROSE}</p><p>{MORE}</p></article>" for n in "1234"
    )
    found = read(f"<body><div class='article-body'>{entries}</div></body>")
    assert [line for line in lines(found.lines) if line.startswith("Message")] == [
        f"Message {n} du port" for n in "1234"
    ]


def test_paywalls_message_is_left_out_and_what_is_behind_it_is_not() -> None:
    wall = "<div class='paywall'><h3>Jetzt weiterlesen</h3><p>Vier Wochen für 1 Euro.</p></div>"
    behind = f"<div class='paywall'><p>{PROSE} {MORE}</p></div>"
    found = read(f"<body><div class='article-body'><p>{PROSE}</p><p>{MORE}</p>{behind}{wall}</div></body>")
    assert lines(found.lines) == [PROSE, MORE, f"{PROSE} {MORE}"]


def test_page_of_very_many_elements_is_read_where_most_prose_is() -> None:
    found = read(f"<body><nav>{'<b>x</b>' * 21_000}</nav><div id='t'><p>{PROSE}</p><p>{MORE}</p></div></body>")
    assert (found.found_by, lines(found.lines)) == ("most prose", [PROSE, MORE])
