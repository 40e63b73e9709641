"""Who wrote an article: bylines in many languages, the witnesses of a page, and the rules that choose among them."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from lxml import html

from archive.models import Link, Page
from archive.reading import authorship, bylines, markup
from archive.reading.choice import Choice
from archive.reading.evidence import Evidence, collect

URL = "https://www.vigie.example/mer/le-port-a-rouvert/"
SECONDS = 5


def evidence(head: str = "", body: str = "", links: tuple[Link, ...] = ()) -> Evidence:
    text = f"<html><head>{head}</head><body>{body}</body></html>"
    page = Page(
        URL, 200, (("Content-Type", "text/html"),), text.encode(), datetime(2025, 3, 15, tzinfo=UTC), links=links
    )
    root, _ = markup.parse(text)
    return collect(page, markup.gather(root, URL, text))


def chosen(head: str = "", body: str = "", links: tuple[Link, ...] = ()) -> Choice[tuple[str, ...]]:
    found = authorship.authors(evidence(head, body, links))
    assert found is not None
    return found


def ld(author: Any, **fields: Any) -> str:
    node = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "url": URL,
        "publisher": {"@type": "NewsMediaOrganization", "name": "La Vigie"},
        "author": author,
        **fields,
    }
    return f'<script type="application/ld+json">{json.dumps(node)}</script>'


def meta(name: str, content: str) -> str:
    return f'<meta name="{name}" content="{content}">'


def byline(text: str) -> str:
    return f'<h1>Le port a rouvert</h1><p class="byline">{text}</p><p>Le bac repart ce matin.</p>'


BYLINES = {
    # French
    "Par Anne Roy et Luc Petit, avec AFP": ("Anne Roy", "Luc Petit"),
    "Propos recueillis par Anne Roy": ("Anne Roy",),
    "Propos recueillis par Anne Roy et Luc Petit": ("Anne Roy", "Luc Petit"),
    "De notre envoyé spécial à Kiev, Anne Roy": ("Anne Roy",),
    "De notre correspondante à Rome, Anne Roy": ("Anne Roy",),
    "Anne Roy, à Rome": ("Anne Roy",),
    "Anne Roy (correspondante à Rome)": ("Anne Roy",),
    "Anne Roy, journaliste": ("Anne Roy",),
    "Par Jean d’Ormeval": ("Jean d’Ormeval",),
    "Par Jean-Éric de La Tour": ("Jean-Éric de La Tour",),
    "Anne Roy le 14 mars 2025 à 18 h 05": ("Anne Roy",),
    # English
    "By Ann Ray and Tom Bell in Paris": ("Ann Ray", "Tom Bell"),
    "By Ann Ray, Tom Bell, and Sue O'Neil": ("Ann Ray", "Tom Bell", "Sue O'Neil"),
    "By Ann Ray, Chief Correspondent": ("Ann Ray",),
    "Chief Correspondent Ann Ray": ("Ann Ray",),
    "Ann Ray Senior Political Reporter": ("Ann Ray",),
    "Ann Ray, PhD": ("Ann Ray",),
    "Dr. Ann Ray": ("Ann Ray",),
    "Martin Bell Jr.": ("Martin Bell Jr.",),
    "J. K. Rowan": ("J. K. Rowan",),
    "BY ANN RAY": ("ANN RAY",),
    "Ann Ray ann.ray@vigie.example": ("Ann Ray",),
    "Ann Ray @annray": ("Ann Ray",),
    "By Ann Ray for The Daily": ("Ann Ray",),
    "Ann Ray of The Associated Press": ("Ann Ray",),
    "Words by Ann Ray, photos by Tom Bell": ("Ann Ray",),
    "By Ann Ray | Updated by Tom Bell": ("Ann Ray",),
    "Posted on March 14, 2025 by Ann Ray": ("Ann Ray",),
    "Ann Ray March 14, 2025": ("Ann Ray",),
    # German
    "Von Anna Weber, Berlin": ("Anna Weber",),
    "Von Anna Weber und Tom Vogel": ("Anna Weber", "Tom Vogel"),
    "Text: Anna Weber, Fotos: Tom Vogel": ("Anna Weber",),
    "Fotos: Tom Vogel, Text: Anna Weber": ("Anna Weber",),
    "Anna Weber für die dpa": ("Anna Weber",),
    "Anna Weber, Redakteurin": ("Anna Weber",),
    "Von Jürgen von der Lahn": ("Jürgen von der Lahn",),
    "Ein Gastbeitrag von Anna Weber": ("Anna Weber",),
    "Redaktion": ("Redaktion",),
    # Spanish, Catalan, Portuguese, Italian
    "Por Ana Ruiz y Luis Gil": ("Ana Ruiz", "Luis Gil"),
    "José Ortega y Gamo": ("José Ortega y Gamo",),
    "Ana Ruiz, enviada especial": ("Ana Ruiz",),
    "Antoni Pla i Coll": ("Antoni Pla i Coll",),
    "Por Ana Sousa e Rui Melo": ("Ana Sousa", "Rui Melo"),
    "di Anna Rossi e Luca Bruni": ("Anna Rossi", "Luca Bruni"),
    "Anna Rossi, inviata a Milano": ("Anna Rossi",),
    # Dutch, Nordic, Finnish
    "Door Jan de Boer en Piet van Dam": ("Jan de Boer", "Piet van Dam"),
    "Av Kari Berg og Ola Lund": ("Kari Berg", "Ola Lund"),
    "Text: Eva Ek Foto: Bo Ny": ("Eva Ek",),
    "Teksti: Aino Salo": ("Aino Salo",),
    # Polish, Czech, Hungarian, Romanian
    "Autor: Jan Kos": ("Jan Kos",),
    "Autorzy: Jan Kos i Ewa Lis, tłumaczenie: Adam Wit": ("Jan Kos", "Ewa Lis"),
    "Napsala Jana Malá": ("Jana Malá",),
    "Szerző: Kis Anna": ("Kis Anna",),
    "Autor: Ion Pop și Ana Rus": ("Ion Pop", "Ana Rus"),
    # Turkish, Greek, Russian, Ukrainian, Bulgarian
    "Haber: Ali Kaya": ("Ali Kaya",),
    "Γράφει η Μαρία Νίκου": ("Μαρία Νίκου",),
    "Συντάκτης: Μαρία Νίκου": ("Μαρία Νίκου",),
    "Автор: Анна Рой": ("Анна Рой",),
    "Текст: Анна Рой, фото: Иван Бел": ("Анна Рой",),
    "Анна Рой и Иван Бел": ("Анна Рой", "Иван Бел"),
    "Анна Рой, корреспондент": ("Анна Рой",),
    "Автор: Оксана Лис та Іван Біл": ("Оксана Лис", "Іван Біл"),
    # Arabic, Persian, Hebrew, Hindi, Thai, Vietnamese
    "بقلم: ليلى حداد": ("ليلى حداد",),
    "מאת: דנה לוי": ("דנה לוי",),
    "लेखक: मीरा शर्मा": ("मीरा शर्मा",),
    "โดย: สมชาย ใจดี": ("สมชาย ใจดี",),
    "Tác giả: Nguyễn Thị Thu Hà": ("Nguyễn Thị Thu Hà",),
    # Chinese, Japanese, Korean
    "記者 山田太郎": ("山田太郎",),
    "【山田太郎、佐藤花子】": ("山田太郎", "佐藤花子"),
    "ジョン・スミス": ("ジョン・スミス",),
    "文/王小明": ("王小明",),
    "本报记者 王小明 李红": ("王小明", "李红"),
    "记者王小明": ("王小明",),
    "約翰·史密斯": ("約翰·史密斯",),
    "홍길동 기자": ("홍길동",),
    "홍길동 김철수 기자": ("홍길동", "김철수"),
    "홍길동 기자 hong@vigie.example": ("홍길동",),
    # Nobody
    "Follow": (),
    "https://social.example/vigie https://www.facebook.com/vigie": (),
    "jean-dupont": (),
    "admin": (),
    "105092": (),
    "Par": (),
    "Fotos: Tom Vogel": (),
    # Agencies and bodies stay where nobody else is named
    "AFP": ("AFP",),
    "dpa": ("dpa",),
    "Par la rédaction": ("la rédaction",),
    "新华社": ("新华社",),
}


@pytest.mark.parametrize("text", BYLINES)
def test_byline_is_read(text: str) -> None:
    assert bylines.people([text], ["La Vigie"]) == BYLINES[text]


@pytest.mark.parametrize(
    ("markup_", "people"),
    [
        ("<span>By</span> <a>Ann Ray</a> <span>and</span> <a>Tom Bell</a>", ("Ann Ray", "Tom Bell")),
        ("<span>Par <b>Anne Roy</b></span><span>Journaliste</span><time>14 mars 2025</time>", ("Anne Roy",)),
        ("<span>Anne</span> <span>Roy</span>", ("Anne Roy",)),
        ("<a>Ann Ray</a><br><a>Follow</a><br>March 14, 2025", ("Ann Ray",)),
        ("<a class=n>Ann Ray</a><p>Ann Ray lives in Leeds, writes of boats, and keeps bees.</p>", ("Ann Ray",)),
        ("<b>Text:</b> <span>Anna Weber</span> <b>Fotos:</b> <span>Tom Vogel</span>", ("Anna Weber",)),
        ('<span itemprop="name">Ann Ray</span><span>Boats</span>', ("Ann Ray",)),
        ("<script>var x</script>Ann Ray", ("Ann Ray",)),
        ("", ()),
    ],
)
def test_byline_element_prints(markup_: str, people: tuple[str, ...]) -> None:
    assert authorship.printed([html.fragment_fromstring(markup_, create_parent="div")]) == people


@pytest.mark.parametrize(
    ("author", "people"),
    [
        ("Anne Roy", ("Anne Roy",)),
        ("Anne Roy et Luc Petit", ("Anne Roy", "Luc Petit")),
        (["Anne Roy", "Luc Petit"], ("Anne Roy", "Luc Petit")),
        ({"@type": "Person", "name": "Anne Roy"}, ("Anne Roy",)),
        ({"@type": "Person", "name": ["Anne Roy", "Luc Petit"]}, ("Anne Roy", "Luc Petit")),
        ({"@type": "Person", "givenName": "Anne", "familyName": "Roy"}, ("Anne Roy",)),
        ([[{"@type": "Person", "name": "Anne Roy"}], [["Luc Petit"]]], ("Anne Roy", "Luc Petit")),
        ([{"@type": "Person", "name": "Anne Roy"}, {"@type": "Organization", "name": "AFP"}], ("Anne Roy",)),
        ([{"@type": "Organization", "name": "Ligue des ports"}], ("Ligue des ports",)),
        ([{"@type": "Organization", "name": "dpa"}], ("dpa",)),
        ({"@type": "Person", "name": "https://www.facebook.com/anne"}, None),
        ([{"@type": "Person", "name": None}, None, 7, {}], None),
    ],
)
def test_json_ld_author(author: Any, people: tuple[str, ...] | None) -> None:
    found = authorship.authors(evidence(ld(author)))
    assert (found.value if found else None) == people


def test_json_ld_author_by_reference() -> None:
    graph = [
        {"@type": "NewsArticle", "url": URL, "author": {"@id": "#anne"}},
        {"@type": "Person", "@id": "#anne", "name": "Anne Roy"},
    ]
    head = f'<script type="application/ld+json">{json.dumps({"@graph": graph})}</script>'
    assert chosen(head).value == ("Anne Roy",)


@pytest.mark.parametrize(
    ("head", "people"),
    [
        (meta("citation_author", "Roy, Anne") + meta("citation_author", "Petit, Luc"), ("Anne Roy", "Luc Petit")),
        (meta("dc.creator", "de La Tour, Anne"), ("Anne de La Tour",)),
        (meta("article:author", "https://www.facebook.com/vigie") + meta("author", "Anne Roy"), ("Anne Roy",)),
        (meta("plugin:article_author_name", "Anne Roy"), ("Anne Roy",)),
        (meta("twitter:label1", "Écrit par") + meta("twitter:data1", "Anne Roy"), ("Anne Roy",)),
    ],
)
def test_metas(head: str, people: tuple[str, ...]) -> None:
    assert chosen(head).value == people


def test_people_are_believed_before_a_body() -> None:
    found = chosen(ld({"@type": "Organization", "name": "AFP"}), byline("Par Anne Roy"))
    assert (found.value, found.source, found.rule) == (("Anne Roy",), "byline", authorship.BEFORE_BODY)
    assert "json-ld" in found.others


def test_publisher_as_author_gives_way_to_the_printed_byline() -> None:
    found = chosen(ld({"@type": "Organization", "name": "La Vigie"}), byline("Par Anne Roy"))
    assert (found.value, found.source) == (("Anne Roy",), "byline")


def test_two_witnesses_that_agree_are_believed_before_one_that_strays() -> None:
    found = chosen(
        ld({"@type": "Person", "name": "Tom Bell"}) + meta("article:author", "Anne Roy"), byline("Par Anne Roy")
    )
    assert (found.value, found.rule) == (("Anne Roy",), authorship.AGREED)


def test_two_metas_of_one_field_do_not_confirm_each_other() -> None:
    head = ld("Tom Bell") + meta("article:author", "Anne Roy") + meta("parsely-author", "Anne Roy")
    assert chosen(head).value == ("Tom Bell",)


def test_all_co_authors_are_believed_before_the_first_alone() -> None:
    head = ld("Anne Roy") + meta("article:author", "Anne Roy, Luc Petit")
    found = chosen(head)
    assert (found.value, found.rule) == (("Anne Roy", "Luc Petit"), authorship.FULLER)


def test_what_is_printed_adds_nobody_unless_another_witness_reads_the_same() -> None:
    alone = chosen(ld("Anne Roy"), byline("<a>Anne Roy</a> <a>Plus Loin</a>"))
    assert alone.value == ("Anne Roy",)
    confirmed = chosen(
        ld("Anne Roy"),
        byline("Par Anne Roy et Luc Petit") + '<a rel="author">Anne Roy</a><a rel="author">Luc Petit</a>',
    )
    assert confirmed.value == ("Anne Roy", "Luc Petit")


@pytest.mark.parametrize("short", ["aroy", "AR", "Roy", "anneroy"])
def test_full_name_is_believed_before_initials_or_a_slug(short: str) -> None:
    found = chosen(ld(short), byline("Par Anne Roy"))
    assert found.value in {("Anne Roy",), (short,)}
    assert short == "Roy" or (found.value, found.rule) == (("Anne Roy",), authorship.FULLER)


def test_publisher_signs_where_nobody_else_is_named() -> None:
    found = chosen(ld({"@type": "Organization", "name": "La Vigie"}))
    assert (found.value, found.source, found.rule) == (("La Vigie",), "json-ld", authorship.BY_PUBLISHER)
    assert authorship.claims(evidence(ld({"@type": "Organization", "name": "La Vigie"}))) == []


def test_the_sites_name_as_the_pages_author_is_nobody() -> None:
    assert authorship.authors(evidence(meta("og:site_name", "La Vigie") + meta("author", "La Vigie"))) is None


def test_pages_author_comes_after_the_printed_byline() -> None:
    found = chosen(meta("author", "Atelier Web"), byline("Par Anne Roy"))
    assert (found.value, found.others) == (("Anne Roy",), ("author",))


def test_rest_is_first_and_the_feed_last() -> None:
    links = (
        Link(URL, "feed", URL, authors=("Fil Long",)),
        Link(URL, "rest", URL, authors=("Anne Roy",)),
    )
    stated = authorship.claims(evidence(ld("Luc Petit"), byline("Par Tom Bell"), links))
    assert [claim.source for claim in stated] == ["rest", "json-ld", "byline", "feed"]
    assert chosen(ld("Luc Petit"), byline("Par Tom Bell"), links).source == "rest"


@pytest.mark.parametrize(
    ("body", "source"),
    [
        ('<h1>Le bac</h1><div><a rel="author" href="/a">Anne Roy</a></div>', "rel=author"),
        ('<h1>Le bac</h1><div itemprop="author"><b itemprop="name">Anne Roy</b></div>', "itemprop author"),
        ('<h1>Le bac</h1><div class="c-article__authors">Anne Roy</div>', "byline"),
        ('<h1>Le bac</h1><div data-testid="byline-name">Anne Roy</div>', "byline"),
        ("<h1>Le bac</h1><p>Par Anne Roy</p><p>Texte</p>", "byline text"),
        ("<h1>Le bac</h1><li><strong>Author</strong> Anne Roy</li>", "byline text"),
        ("<h1>Le bac</h1><div><span>Anne Roy</span> | 14.03.2025</div>", "unlabelled byline"),
        (f"<h1>Le bac</h1><p><b>Anne Roy</b></p><p>{'Le bac repart. ' * 20}</p>", "unlabelled byline"),
    ],
)
def test_printed_byline_is_found(body: str, source: str) -> None:
    found = chosen(body=body)
    assert (found.value, found.source) == (("Anne Roy",), source)


@pytest.mark.parametrize(
    "body",
    [
        '<h1>Le bac</h1><div class="comments"><b class="author">Tom Bell</b></div>',
        '<h1>Le bac</h1><footer><p class="byline">Tom Bell</p></footer>',
        '<h1>Le bac</h1><div class="related"><span class="byline">Par Tom Bell</span></div>',
        '<h1>Le bac</h1><figure><figcaption class="author">Tom Bell</figcaption></figure>',
        '<h1>Le bac</h1><div class="author-photo">Tom Bell</div>',
        "<h1>Le bac</h1><p>Par ailleurs, Tom Bell a repris la mer ce matin avec un équipage de douze marins.</p>",
        "<h1>Le bac</h1><div class='authorised'>Tom Bell</div>",
    ],
)
def test_other_names_are_no_authors(body: str) -> None:
    assert authorship.authors(evidence(body=body)) is None


HOSTILE = {
    "byline of 1 MB": ("", byline("Par " + "Anne Roy et " * 90_000)),
    "byline of 1 MB without spaces": ("", byline("a" * 1_000_000)),
    "byline of 1 MB of joints": ("", byline("Par " + ", et " * 200_000)),
    "author of 1 MB": (meta("author", "Anne Roy, " * 100_000), ""),
    "10,000 byline elements": ("", "<h1>Le bac</h1>" + '<p class="byline">Par Anne Roy</p>' * 10_000),
    "10,000 nested author elements": (
        "",
        "<h1>Le bac</h1>" + '<b class="author">x ' * 200 + '<i class="author">' * 10_000,
    ),
    "10,000 JSON-LD authors": (ld([f"Anne Roy{'abcdefghij'[n % 10]}" for n in range(10_000)]), ""),
    "100,000 lines behind the headline": ("", "<h1>Le bac</h1>" + "<p>Par a</p>" * 100_000),
    "600 characters of labels": (meta("author", "by " * 200), ""),
    "600 characters of joints": (meta("author", "A and " * 100), ""),
    "600 characters of digits": (meta("author", "1 " * 300), ""),
    "600 brackets": (meta("author", "(" * 600), ""),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_bylines_are_read_within_bounds(name: str) -> None:
    stated = evidence(*HOSTILE[name])
    start = time.process_time()
    found = authorship.authors(stated)
    assert time.process_time() - start < SECONDS
    assert found is None or len(found.value) <= 25


def test_json_ld_author_nested_1000_deep() -> None:
    author: Any = "Anne Roy"
    for _ in range(400):
        author = [author]
    deep = ld("@").replace('"@"', "[" * 1000 + '"Anne Roy"' + "]" * 1000)
    for head in (ld(author), deep):
        assert authorship.authors(evidence(head)) is None


@pytest.mark.parametrize(
    "name",
    [
        "Anaïs d'Hérouville",
        "Anaïs d’Hérouville",
        "Ali al-Masri",
        "Nour el-Din",
        "Ludwig van der Vaart",
        "Éva l’Hermitte",
    ],
)
def test_a_printed_name_may_have_a_particle_joined_to_it(name: str) -> None:
    page = evidence(
        body=f'<article><footer><span class="byline">By <a rel="author">{name}</a></span></footer></article>'
    )
    found = authorship.authors(page)
    assert found is not None
    assert found.value == (name,)
