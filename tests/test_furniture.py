"""Lines of a page's furniture among an article's and below it, in the press's languages."""

from __future__ import annotations

import pytest

from archive.reading import ending, furniture, labels, notices
from archive.reading.layout import Block

PROSE = "The ferry has gone back to work between the two banks on Tuesday morning, an hour behind the summer timetable."
LONG = f"{PROSE} {PROSE}"


def p(text: str, linked: int = 0) -> Block:
    return Block("p", text, text, linked)


def link(text: str, kind: str = "p") -> Block:
    return Block(kind, text, text, len(text), 2)


def texts(blocks: list[Block]) -> list[str]:
    return [block.text for block in furniture.without(blocks, sure=False)]


FEET = [
    "Related articles", "More from The Courier", "Comments (12)", "About the author", "Sur le même sujet",
    "Laisser un commentaire", "Mehr zum Thema", "Auch interessant", "Noticias relacionadas", "Te puede interesar",
    "Leggi anche", "Notícias relacionadas", "Lees ook", "Läs också", "Les også", "Læs også", "Lue myös", "Czytaj także",
    "Čtěte také", "Kapcsolódó cikkek", "Citește și", "İlgili haberler", "Читайте также", "Читайте також",
    "Διαβάστε επίσης", "اقرأ أيضا", "תגובות", "यह भी पढ़ें", "関連記事", "相关阅读",
    "관련 기사", "Baca juga", "Tin liên quan",
]  # fmt: skip


@pytest.mark.parametrize("label", FEET)
def test_label_of_what_stands_below_an_article_ends_it(label: str) -> None:
    below = [p(label), p("The harbour master resigns"), p("Three days without boats")]
    assert texts([p(LONG), p(LONG), *below]) == [LONG, LONG]


@pytest.mark.parametrize("line", ["Tags: ports, ferries", "Schlagworte: Häfen", "Etiketler: liman", "标签：港口"])
def test_tags_end_an_article(line: str) -> None:
    assert texts([p(LONG), p(LONG), p(line)]) == [LONG, LONG]


def test_label_before_which_little_stands_ends_nothing() -> None:
    blocks = [p(PROSE), p("Related articles"), p(LONG), p(LONG), p(LONG)]
    assert ending.without(blocks, sure=False) == blocks


def test_label_behind_which_the_article_goes_on_ends_nothing() -> None:
    assert texts([p(LONG), p(LONG), p(LONG), p("Auch interessant"), p(LONG)])[-1] == LONG


BELOW = [
    "mit dpa", "(dmk)", "© dpa-infocom", "All rights reserved.", "Tous droits réservés.", "Source: agencies",
    "Jane Roe and John Doe contributed to this report.", "Write to Ann Ray at ann@courier.example",
    "Fehler gefunden? Jetzt melden.", "Get our stories by mail. Subscribe to our newsletter.",
    "Abonnez-vous à notre newsletter du soir.", "Suscríbete a nuestra newsletter", "Got a story? Get in touch.",
    "Please read our comment policy. Would you like to comment?", "Comments are closed.", "First published 3 May 2024",
    "About Tarnwick: Tarnwick makes rope in 14 countries.", "Please consider making a donation.",
    "Подписывайтесь на нас в Telegram", "Follow us on Facebook", "Click here to get the app",
]  # fmt: skip


@pytest.mark.parametrize("line", BELOW)
def test_notice_below_the_text_goes(line: str) -> None:
    assert notices.is_below(line) or labels.FOOT.match(line)
    assert texts([p(LONG), p(line)]) == [LONG]


OWN = [
    "The mayor asked the crew to follow her on Twitter.",
    "“We will be back,” she said.",
    f"The copyright case goes on in the autumn. {PROSE} {PROSE}",
    "Nobody was hurt.",
    "The rest is for the court to say.",
]


@pytest.mark.parametrize("line", OWN)
def test_last_sentence_of_a_text_stays(line: str) -> None:
    assert texts([p(LONG), p(line)]) == [LONG, line]


WITHIN = [
    "We apologize, but this video has failed to load.", "Your browser does not support the video tag.",
    "Empfohlener redaktioneller Inhalt", "Ich bin damit einverstanden, dass mir Inhalte angezeigt werden.",
    "Ce contenu est bloqué car vous n’avez pas accepté les cookies.", "Advertisement", "Passer la publicité",
    "If you buy something using links in our stories, we may earn a commission.", "3/12", "Photo: A. Ray/Courier",
    "Foto: Ana Ruiz", "Link copied!",
]  # fmt: skip


@pytest.mark.parametrize("line", WITHIN)
def test_message_of_the_page_within_the_text_goes(line: str) -> None:
    assert texts([p(LONG), p(line), p(LONG)]) == [LONG, LONG]


def test_list_of_links_with_kickers_goes_with_the_heading_above_it() -> None:
    items = [Block("item", f"Ports: {title}", "", len(title), 1) for title in ("The master resigns", "Three days shut")]
    heading = Block("heading", "From our reporters", "## From our reporters", 0, 2)
    assert texts([p(LONG), heading, *items, p(LONG)]) == [LONG, LONG]


def test_linked_paragraphs_go_where_they_are_the_pages_habit() -> None:
    other = [link("HARBOUR MASTER RESIGNS AFTER STORM"), link("THREE DAYS WITHOUT ANY BOATS")]
    assert texts([p(LONG), other[0], p(LONG), other[1], p(LONG)]) == [LONG] * 3
    assert texts([p(LONG), other[0], p(LONG)]) == [LONG, other[0].text, LONG]


def test_linked_headline_within_the_text_goes() -> None:
    assert texts([p(LONG), link("The harbour master resigns", "heading"), p(LONG)]) == [LONG, LONG]


@pytest.mark.parametrize("hint", ["(öffnet im neuen Fenster)", "(opens in a new tab)", "(nouvelle fenêtre)"])
def test_what_screen_readers_say_of_links_goes(hint: str) -> None:
    assert texts([p(f"The firm {hint} says so. {PROSE}")]) == [f"The firm says so. {PROSE}"]


def test_fragments_below_sentences_go_and_verses_stay() -> None:
    assert texts([p(LONG), p(LONG), p(LONG), p("Light on the water by A. Ray")]) == [LONG] * 3
    verses = ["The tide comes in", "the tide goes out"]
    assert texts([p(verse) for verse in verses]) == verses


def test_a_posts_own_subheading_of_one_word_stays() -> None:
    blocks = [p(LONG), p(LONG), p("Comments"), p(LONG)]
    assert furniture.without(blocks, sure=True) == blocks
