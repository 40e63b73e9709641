"""Pages that list articles: teasers, the page after, a home page's sections, archives by date."""

from __future__ import annotations

from datetime import datetime

import pytest

from archive.models import Link
from crawler.discovery import Source, brings_new, listings

HOST = "https://gazette.example"
BASE = f"{HOST}/category/mer/"


def read(body: str, base: str = BASE) -> list[Link]:
    return [one for one in listings.links(body.encode(), base) if isinstance(one, Link)]


def urls(body: str, base: str = BASE) -> list[str]:
    return [link.url.removeprefix(HOST) for link in read(body, base)]


def after(body: str, base: str = BASE) -> str | None:
    found = [one for one in listings.links(body.encode(), base) if isinstance(one, Source)]
    assert len(found) <= 1
    assert all(one.kind == "listing" for one in found)
    return found[0].url.removeprefix(HOST) if found else None


def sections(body: str, base: str = f"{HOST}/") -> list[str]:
    found = list(listings.sections(body.encode(), base))
    assert all(one.kind == "listing" for one in found)
    return [one.url.removeprefix(HOST) for one in found]


CLASSIC = """<!doctype html><html lang="fr"><head><title>Mer</title><meta charset="utf-8"></head>
<body class="archive category no-sidebar"><header id="masthead" class="site-header">
<h1 class="site-title"><a href="/">Gazette</a></h1>
<nav id="site-navigation" class="main-navigation"><ul><li class="menu-item"><a href="/category/mer/">Mer</a></li>
<li class="menu-item"><a href="/culture/">Culture</a></li></ul></nav></header>
<div id="content"><main id="main" class="site-main"><header class="page-header"><h1>Mer</h1></header>
<article id="post-42" class="post type-post hentry"><header class="entry-header">
 <h2 class="entry-title"><a href="https://gazette.example/bonjour/" rel="bookmark">L&rsquo;été &amp; la mer</a></h2>
 <div class="entry-meta"><a href="https://gazette.example/bonjour/" rel="bookmark">
 <time class="entry-date published" datetime="2026-03-01T10:00:00+01:00">1 mars</time>
 <time class="updated" datetime="2026-03-02T11:00:00+01:00">2 mars</time></a>
 par <a class="url fn n" href="/author/anne/">Anne</a></div></header>
 <div class="entry-content"><p>Il fait beau, voir <a href="/boutique-en-ligne/">ici</a>.
 <a class="more-link" href="/bonjour/#more-42">Lire la suite</a></p></div>
 <footer class="entry-footer"><a href="/category/mer/" rel="category tag">Mer</a><a href="/tag/ete/" rel="tag">été</a>
 <a href="/bonjour/#comments">3 commentaires</a></footer></article>
<article class="post hentry"><h2 class="entry-title"><a href="/mer/la-maree-monte-encore/">La marée</a></h2>
 <div class="entry-meta"><a href="/jean-martin/">Jean</a> <time datetime="2026-02-28">hier</time></div></article>
<nav class="navigation posts-navigation"><h2>Navigation</h2><div class="nav-links">
<div class="nav-previous"><a href="/category/mer/page/2/">Articles plus anciens</a></div></div></nav></main>
<aside id="secondary" class="widget-area"><h2><a href="/a-part/">À part</a></h2>
<ul><li><a href="/2025/12/01/noel/">Noël</a></li><li><a href="/2025/12/">décembre</a></li></ul></aside></div>
<footer class="site-footer"><h2><a href="/apropos/">Nous</a></h2>
<a href="/une-page-a-propos-de-nous/">Nous</a></footer></body></html>"""


def test_a_category_as_a_wordpress_theme_prints_it() -> None:
    assert read(CLASSIC) == [
        Link(
            f"{HOST}/bonjour/",
            via="listing",
            found_on=BASE,
            title="L’été & la mer",
            published=datetime.fromisoformat("2026-03-01T10:00:00+01:00"),
            modified=datetime.fromisoformat("2026-03-02T11:00:00+01:00"),
        ),
        Link(
            f"{HOST}/mer/la-maree-monte-encore/",
            via="listing",
            found_on=BASE,
            title="La marée",
            published=datetime.fromisoformat("2026-02-28T00:00:00+00:00"),
        ),
        Link(f"{HOST}/2025/12/01/noel/", via="listing", found_on=BASE, title="Noël"),
    ]
    assert after(CLASSIC) == "/category/mer/page/2/"


@pytest.mark.parametrize(
    ("teaser", "title"),
    [
        ('<h2><a href="/bonjour">Bonjour</a></h2>', "Bonjour"),
        ('<h4>Exclusif : <a href="/bonjour">Bonjour</a></h4>', "Bonjour"),
        ('<a href="/bonjour"><img src="/a.jpg"><h3> Bonjour\n <b>toi</b></h3><p>Un long texte</p></a>', "Bonjour toi"),
        ('<p class="entry-title"><a href="/bonjour">Bonjour</a></p>', "Bonjour"),
        ('<div class="c-card"><a class="c-card__headline" href="/bonjour">Bonjour</a></div>', "Bonjour"),
        ('<span class="titleline"><a href="/bonjour">Bonjour</a></span>', "Bonjour"),
        ('<a rel="nofollow bookmark" href="/bonjour">Bonjour</a>', "Bonjour"),
        (
            '<article><a href="/bonjour"></a><a href="/tag/x/">x</a><a href="/bonjour#a">Lire la suite</a></article>',
            None,
        ),
        (
            '<article><a href="/bonjour"><img></a><p>x</p><a href="/bonjour" title="Bonjour">Read more</a></article>',
            "Bonjour",
        ),
        ('<article><a href="/bonjour" aria-label="Bonjour"><img></a></article>', "Bonjour"),
        ('<base href="/bonjour/x"><h2><a href="../bonjour">Bonjour</a></h2>', "Bonjour"),
        ('<div class="nav-wrap menu"><main><h2><a href="/bonjour">Bonjour</a></h2></main></div>', "Bonjour"),
    ],
)
def test_what_makes_a_link_an_article(teaser: str, title: str | None) -> None:
    (link,) = read(f"<body>{teaser}</body>")
    assert (link.url, link.title) == (f"{HOST}/bonjour", title)


@pytest.mark.parametrize(
    "markup",
    [
        '<p><a href="/bonjour">Bonjour</a></p>',
        '<article><a href="/bonjour">a</a><a href="/bonsoir">b</a></article>',  # prose with links
        '<aside><h2><a href="/bonjour">Bonjour</a></h2></aside>',
        '<div class="most-read"><h3><a href="/bonjour">Bonjour</a></h3></div>',
        '<nav><h2><a href="/2026/03/01/bonjour/">x</a></h2></nav>',
        '<div class="primary-menu"><h2><a href="/2026/03/01/bonjour/">x</a></h2></div>',
        '<footer><a href="/politique-de-la-maison-ici/">x</a></footer>',
        '<div id="comments"><h2><a href="/un-deux-trois-quatre/">x</a></h2></div>',
        '<h2><a href="https://elsewhere.example/un-deux-trois-quatre/">x</a></h2>',
        '<h2><a href="/dossier/un-deux-trois-quatre.pdf">x</a></h2>',
        '<h2><a href="/">Gazette</a></h2><h2><a href="index.html#un-deux-trois-quatre">x</a></h2>',
        '<h2><a href="#un-deux-trois-quatre">x</a></h2><h2><a href="/category/mer/?page=7">x</a></h2>',
        '<h2><a href="/tag/un-deux-trois-quatre/">x</a></h2><h2><a href="/author/anne/">x</a></h2>',
        '<h2><a href="/bonjour/" rel="category tag">x</a></h2>',
        '<h2><a href="/un-deux-trois-quatre/?share=facebook">x</a></h2><h2><a href="/x?replytocom=7">x</a></h2>',
        '<h2><a href="/mentions-legales/">x</a></h2><h2><a href="/wp-login.php">x</a></h2>',
        '<h2><a href="/un-deux-trois-quatre/feed/">x</a></h2><h2><a href="/un-deux-trois/comment-page-2/">x</a></h2>',
        '<h2><a href="javascript:x">x</a></h2><h2><a href="mailto:a@gazette.example">x</a></h2><h2><a>x</a></h2>',
    ],
)
def test_what_is_no_article(markup: str) -> None:
    assert urls(f"<body>{markup}</body>") == []


def test_a_section_named_in_a_headline_is_none() -> None:
    menu = '<nav><a href="/sport/">Sport</a></nav>'
    teaser = '<h2><a href="/sport/">Sport</a></h2>'
    below = '<h3><a href="/culture/expo/">Expo</a></h3><h2><a href="/culture">Culture</a></h2>'
    assert urls(f"{menu}{teaser}{below}", f"{HOST}/") == ["/culture/expo/"]
    assert urls(teaser, f"{HOST}/") == ["/sport/"]  # nothing tells; a request will


def test_most_read_boxes_may_name_articles_by_their_form() -> None:
    items = '<li><a href="/un-deux-trois-quatre">Un</a></li><li><a href="/x">X</a></li>'
    body = f'<aside class="plus-lus"><ol>{items}</ol></aside>'
    assert [(link.url, link.title) for link in read(body)] == [(f"{HOST}/un-deux-trois-quatre", "Un")]


def test_words_of_a_text_are_no_title() -> None:
    (link,) = read('<p>La mer <a href="/un-deux-trois-quatre">était</a> calme.</p>')
    assert link.title is None


def test_dates_go_to_the_teaser_they_stand_in_and_no_further() -> None:
    teaser = '<div class="row"><h3><a href="/{0}">{0}</a></h3><div><a href="/anne">Anne</a>{1}</div></div>'
    dated = '<time datetime="2026-03-01T10:00:00Z">x</time>'
    header = '<header><time datetime="2026-03-09T10:00:00Z">aujourd’hui</time></header>'
    loose = '<time datetime="2026-03-08T10:00:00Z">x</time>'
    body = f"<body>{header}{loose}<div>{teaser.format('un', dated)}{teaser.format('deux', '<time>hier</time>')}</div>"
    found = {
        link.title: link.published for link in read(body + teaser.format("trois", "<time datetime='2026-03-01 10:00'>"))
    }
    assert {title: when and when.isoformat() for title, when in found.items()} == {
        "un": "2026-03-01T10:00:00+00:00",
        "deux": None,
        "trois": None,  # a time without a zone is none
    }


@pytest.mark.parametrize(
    ("markup", "base", "expected"),
    [
        ('<link rel="next" href="/category/mer/page/2/">', "/category/mer/", "/category/mer/page/2/"),
        ('<a rel="next" href="page/4/">x</a>', "/category/mer/page/3/", None),  # another listing: .../page/3/page/4
        ('<a rel="next" href="../4/">x</a>', "/category/mer/page/3/", "/category/mer/page/4/"),
        (
            '<a rel="prev" href="/mer/page/2/">2</a><a class="next page-numbers" href="/mer/page/4/">x</a>',
            "/mer/page/3/",
            "/mer/page/4/",
        ),
        (
            '<p class="nav-previous"><a href="/mer/page/3/">x</a></p><p class="nav-next"><a href="/mer/">y</a></p>',
            "/mer/page/2/",
            "/mer/page/3/",
        ),
        ('<a class="wp-block-query-pagination-next" href="/page/2/">x</a>', "/", "/page/2/"),
        ('<a href="/blog/page/2">Older posts</a>', "/", "/blog/page/2"),
        ('<a href="/mer/?page=2">Page suivante »</a>', "/mer/", "/mer/?page=2"),
        ('<a href="/mer?page=3&amp;tri=date">suivant</a>', "/mer?tri=date&page=2", "/mer?page=3&tri=date"),
        ('<a href="/mer?page=1&amp;tri=date">suivant</a>', "/mer?tri=date&page=2", None),
        ('<a href="/mer-p2.html">&gt;</a><a href="/mer-p9.html">&gt;&gt;</a>', "/mer.html", "/mer-p2.html"),
        ('<a href="/mer/seite/2">Ältere Beiträge</a>', "/mer/", "/mer/seite/2"),
        ('<a href="/mer/?pagina=2"><span>Siguiente</span> →</a>', "/mer/", "/mer/?pagina=2"),
        ('<a href="/mer/?apres=abc">Voir plus d’articles</a>', "/mer/", "/mer/?apres=abc"),
        ('<a href="/mer/?start=40" aria-label="Next page"><i></i></a>', "/mer/?start=20", "/mer/?start=40"),
        ('<ul class="pager"><li><a href="/mer/2/">2</a></li><li><a href="/mer/3/">3</a></li></ul>', "/mer/", "/mer/2/"),
        (
            '<ul class="pager"><li><a href="/mer/2/">2</a></li><li><a href="/mer/3/">3</a></li></ul>',
            "/mer/2/",
            "/mer/3/",
        ),
        (
            '<a href="/mer/page/2/">2</a> <a href="/mer/page/3/">3</a> <a href="/mer/page/90/">90</a>',
            "/mer/page/2/",
            "/mer/page/3/",
        ),
        ('<a href="/mer?page=1">2</a> <a href="/mer?page=2">3</a>', "/mer", "/mer?page=1"),  # counted from nought
        ('<a href="/mer?page=2">2</a> <a href="/mer?page=3">3</a>', "/mer", "/mer?page=2"),
        ('<a href="/ciel/page/2/">2</a><a href="/mer/page/5/">5</a>', "/mer/", None),
        ('<a href="/2019/02/" class="older">older</a>', "/2019/03/", None),  # another listing: calendars give it
        ('<div class="pagination"><a href="/2019/04/">4</a></div>', "/2019/03/", None),
        ('<a href="/2019/03/page/2/">Older posts</a>', "/2019/03/", "/2019/03/page/2/"),
        ('<a rel="next" href="/view.php?ArtNr=335608">x</a>', "/view.php?ArtNr=335614", None),
        ('<link rel="next" href="/ete/">', "/hiver/", None),  # the article after
        ('<a href="/ete/comment-page-2/" rel="next">Next</a>', "/ete/", None),
        ('<a href="/ete/?cpage=2" rel="next">Older comments</a>', "/ete/", None),
        ('<a rel="next" href="https://elsewhere.example/mer/page/2/">2</a>', "/mer/", None),
        ('<a rel="next" href="/mer/#page/2">2</a><a rel="next" href="#">2</a>', "/mer/", None),
        ('<a rel="next" href="/mer/page/999999999999999999999999/">x</a>', "/mer/", None),
    ],
)
def test_the_page_after(markup: str, base: str, expected: str | None) -> None:
    assert after(f"<html>{markup}<body><p></p></body></html>", HOST + base) == expected


@pytest.mark.parametrize(
    "text",
    """Next|next ›|« Older Entries|Previous entries|Older posts|Load more|Suivant|Suivante|Page suivante|Suivant >
    Articles plus anciens|Publications plus anciennes|Articles précédents|Plus anciens|Voir plus|Nächste
    Nächste Seite|Weiter|Ältere Artikel|Siguiente|Página siguiente|Entradas antiguas|Successiva|Articoli meno recenti
    Próxima|Mais antigos|Volgende|Oudere berichten|Nästa sida|Starsze wpisy|Další
    Sonraki|Следующая|次へ|下一页|التالي|»""".replace("\n", "|").split("|"),
)
def test_the_words_for_next(text: str) -> None:
    assert after(f'<p><a href="/mer/?suite=x7">{text.strip()}</a></p>', f"{HOST}/mer/") == "/mer/?suite=x7"


@pytest.mark.parametrize(
    "text", ["Previous", "Newer posts", "Précédent", "Dernière", "Next of kin dies", "»»", "2", ""]
)
def test_other_words(text: str) -> None:
    assert after(f'<p><a href="/mer/?suite=x7">{text}</a></p>', f"{HOST}/mer/") is None


def test_a_listing_that_brings_nothing_new_is_at_its_end() -> None:
    found = list(listings.links(CLASSIC.encode(), BASE))
    known = {one.url for one in found if isinstance(one, Link)}
    assert brings_new(found, known - {f"{HOST}/bonjour/"})
    assert not brings_new(found, known)
    assert not brings_new([Source(f"{HOST}/x", "listing")], set())


def test_sections_of_a_home_page() -> None:
    extra = """<ul class="tags"><li><a href="/tag/mer/">mer</a></li></ul><a href="/author/anne/">Anne</a>
    <a href="/une-section/" rel="category tag">x</a><p><a href="/bonjour/">x</a></p>
    <select><option value="">mois</option><option value="https://gazette.example/2024/11/">nov.</option>
    <option value="/x/">x</option><option value="Europe/Paris">x</option></select>
    <nav><a href="/sport/">Sport</a><a href="/sport/rugby/">Rugby</a><a href="/search/">?</a><a href="/?s=x">?</a>
    <a href="/login">x</a><a href="/a-propos/">x</a><a href="/mentions-legales">x</a><a href="/feed/">x</a>
    <a href="/x.pdf">x</a>
    <a href="#top">x</a><a href="https://elsewhere.example/x/">x</a><a href="/2026/03/01/un-article/">x</a>
    <a href="https://www.gazette.example/sport">again</a><a href="/page/2/">2</a></nav>"""
    assert sections(CLASSIC.replace("</main>", f"</main>{extra}")) == [
        "/culture/",
        "/x/",
        "/sport/",
        "/sport/rugby/",
        "/category/mer/",
        "/2024/11/",
        "/2025/12/",
        "/author/anne/",
        "/tag/ete/",
        "/tag/mer/",
        "/une-section/",
    ]


def test_sections_are_bounded() -> None:
    tags = "".join(f'<a href="/tag/t{number}/">x</a>' for number in range(500))
    found = sections(f'<body>{tags}<nav><a href="/sport/">x</a></nav></body>')
    assert len(found) == listings.MOST_SECTIONS
    assert found[0] == "/sport/"


def test_long_listings_and_deep_ones() -> None:
    teaser = '<article><h2><a href="/a-{0}">a {0}</a></h2><time datetime="2026-03-01">x</time></article>'
    assert len(urls("".join(teaser.format(number) for number in range(5000)))) == 5000
    for body in ("<div><h2><a href=/x><h3>" * 60 + "<i>x</i>" * 200_000, "<div>" * 240 + "<a href=/x-y>x</a>" * 9000):
        assert len(urls(body)) < 2
    assert urls(teaser.format(1) + "<div>" * 300 + teaser.format(2)) == ["/a-1"]  # deeper than the parser goes
