"""Pages made to do harm, all the way: saved as a crawl saves them, read, and shown in every form there is."""

from __future__ import annotations

import csv
import io
import json
import socket
from datetime import timedelta
from html import escape
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from lxml import html
from markdown_it import MarkdownIt

from archive import Archive, urls
from archive.duplicates.clusters import clusters
from archive.extraction import extract
from archive.models import Article, Exchange, Page
from archive.reading import dates
from archive.warc import read_page
from tests.archives import START
from tests.conftest import run_marbre
from tests.small_archives import HTML, SENTENCES, capture_of, crawl, url

PROSE = "".join(f"<p>{sentence}</p>" for sentence in SENTENCES)


def page(title: str = "Le marché rouvre", head: str = "", body: str = "") -> str:
    return (
        f'<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>{title}</title><meta property="og:type"'
        f' content="article">{head}</head><body><article><h1>{title}</h1>{PROSE}{body}</article></body></html>'
    )


def exchange(number: int, body: str | bytes, hours: int = 0, kind: str = "text/html; charset=utf-8") -> Exchange:
    raw = body if isinstance(body, bytes) else body.encode()
    when = START + timedelta(hours=number + hours)
    return Exchange(url=url(number), status=200, headers=(("Content-Type", kind),), body=raw, captured_at=when)


def read(body: str | bytes, kind: str = "text/html") -> Article:
    raw = body if isinstance(body, bytes) else body.encode()
    found = extract(Page(url(1), 200, (("Content-Type", kind),), raw, START))
    assert isinstance(found, Article), found
    return found


# -- M4: XML that names files and servers, in a page


@pytest.mark.parametrize("kind", ["application/xhtml+xml", "text/html"])
def test_a_page_in_xhtml_reads_no_file_and_asks_nobody(tmp_path: Path, kind: str) -> None:
    secret = tmp_path / "secret"
    secret.write_text("openSesame", encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        for target in (secret.as_uri(), f"http://127.0.0.1:{server.getsockname()[1]}/x"):
            for subset in (f'<!ENTITY j SYSTEM "{target}">', f'<!ENTITY % p SYSTEM "{target}"> %p;'):
                text = page(body="<p>&j;</p>").replace(
                    "<!doctype html>", f'<?xml version="1.0"?><!DOCTYPE html [{subset}]>'
                )
                included = f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{target}" parse="text"/>'
                found = read(text.replace("</article>", f"{included}</article>"), kind)
                assert "openSesame" not in repr(found)
        with pytest.raises(BlockingIOError):
            server.accept()


def test_a_page_in_xhtml_does_not_expand_entities() -> None:
    laughs = '<!ENTITY a "haha">' + "".join(
        f'<!ENTITY {this} "{f"&{before};" * 10}">' for before, this in zip("abcdefgh", "bcdefghi", strict=True)
    )
    text = page(body="<p>&i;</p>").replace("<!doctype html>", f'<?xml version="1.0"?><!DOCTYPE html [{laughs}]>')
    assert "hahahaha" not in read(text, "application/xhtml+xml").text


# -- M5, M6: what cannot be read, and what cannot be written

JSON_LD = {
    "brackets": "[" * 100_000, "braces": '{"a":' * 50_000, "no number": '{"@type":"NewsArticle","datePublished":NaN}',
    "a key twice": '{"@type":"NewsArticle","headline":"a","headline":"b"}', "half": '{"headline":"\\ud800"}',
    "numbers": '{"@type":"NewsArticle","datePublished":1e999,"headline":' + "9" * 5000 + "}",
}  # fmt: skip


@pytest.mark.parametrize("name", JSON_LD)
def test_json_ld_that_is_none_costs_nothing(name: str) -> None:
    found = read(page(head=f'<script type="application/ld+json">{JSON_LD[name]}</script>'))
    assert SENTENCES[0] in found.text
    assert found.published is None
    json.dumps([found.title, found.text]).encode()


BYTES: dict[str, tuple[bytes, str]] = {
    "half characters": (page(body="<p>moitié &#xD800; \ud800</p>").encode("utf-8", "surrogatepass"), "text/html"),
    "null": (page(body="<p>un\0deux</p>").encode(), "text/html"),
    "direction": (page(title="Le \u202emarché\u202c rouvre").encode(), "text/html"),
    "bytes that are no UTF-8": (page().encode() + b"\xff\xfe\x80<p>fin</p>", "text/html; charset=utf-8"),
    "UTF-7": (page(body="<p>+ADw-script+AD4-alert(1)+ADw-/script+AD4-</p>").encode(), "text/html; charset=utf-7"),
    "UTF-16 without a mark": (page().encode("utf-16-le"), "text/html; charset=utf-16le"),
    "another encoding than named": (page().encode("cp1252"), "text/html; charset=koi8-r"),
    "no encoding at all": (page().encode(), "text/html; charset=\x01nonsense"),
}


def test_bytes_of_every_kind_are_kept_and_their_text_can_be_stored(tmp_path: Path) -> None:
    exchanges = [exchange(number, body, kind=kind) for number, (body, kind) in enumerate(BYTES.values(), 10)]
    crawl(tmp_path, exchanges)
    with Archive(tmp_path) as archive:
        articles = {article.url: article for article in archive.articles()}
        rows = archive.db.execute("SELECT id, url FROM captures WHERE role = 'page'").fetchall()
    bodies = {capture[1]: read_page(tmp_path / "warc", capture_of(tmp_path, capture[0])).body for capture in rows}
    for sent in exchanges:
        assert bodies[sent.url] == sent.body
        found = articles[urls.canonicalise(sent.url)]
        found.text.encode()
        assert "\0" not in found.text
        assert "<script>" not in found.text
        assert "La maire a promis" in found.text, sent.headers


# -- M7, M14: markup and formulas, in every field and every form

LIVE = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'
FORMULA = "=cmd|'/C calc'!A0"
MUTATING = (  # what becomes live only when it is read a second time
    '<svg></p><style><a id="</style><img src=1 onerror=alert(1)>">',
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    '<svg><desc><noscript></desc></svg><style><a title="</style><img src onerror=alert(1)>">',
    '<a href="jav&#x09;ascript:alert(1)">lire la suite de cet article</a>',
    '<a href=" &#14; javascript:alert(1)">lire la suite de cet article</a>',
    '<iframe srcdoc="<script>alert(1)</script>"></iframe><object data="data:text/html,<script>1</script>"></object>',
    '[lire](javascript:alert(1)) ![x](x "onerror=alert(1)") <javascript:alert(1)> `<img src=x onerror=alert(1)>',
    "&lt;img src=x onerror=alert(1)&gt; &amp;lt;script&amp;gt;alert(1)",
)  # fmt: skip


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("hostile") / "archive"
    said = json.dumps({"@type": "NewsArticle", "author": [{"@type": "Person", "name": f"Jeanne {LIVE} Marc"}]})
    head = '<link rel="canonical" href="javascript:alert(1)"><meta property="og:image" content="javascript:alert(2)">'
    said = said.replace("</", r"<\/")
    linked = head + f'<script type="application/ld+json">{said}</script>'
    pages = [page(escape(LIVE), linked), page(escape(FORMULA)), page("@SUM(1+1)*cmd"), page("+1, -1, =1")]
    pages += [page(body=f"<div>{markup}</div><p>{markup}</p><h2>{markup}</h2>") for markup in MUTATING]
    crawl(directory, [exchange(number, text) for number, text in enumerate(pages, 10)])
    return directory


def live(markup: str) -> list[str]:
    """What a browser would run in a page."""
    found = []
    for element in html.fromstring(f"<div>{markup}</div>").iter():
        words = [element.tag, *element.attrib] if isinstance(element.tag, str) else []
        found += [word for word in words if word in {"script", "iframe", "object", "style"} or word.startswith("on")]
        found += [value for value in element.attrib.values() if "javascript:" in "".join(str(value).split()).lower()]
    return found


def exported(directory: Path, form: str) -> str:
    return run_marbre("export", "--archive", directory, "--format", form).stdout


def test_live_is_told_from_dead() -> None:
    assert live(LIVE) == ["script", "onerror"]
    assert live('<a href="jav\tascript:x">a</a>')
    assert live(escape(LIVE)) == []


def test_no_page_brings_markup_into_markdown(hostile: Path) -> None:
    with Archive(hostile) as archive:
        articles = list(archive.articles())
    assert len(articles) == 4 + len(MUTATING)
    for article in articles:
        rendered = MarkdownIt("commonmark", {"html": True}).render(article.markdown or "")
        assert live(rendered) == [], article.markdown
        assert live(MarkdownIt("commonmark", {"html": True}).render(rendered)) == []
        assert "javascript:" not in (article.image or "")


def test_feeds_carry_no_live_markup(hostile: Path) -> None:
    for form in ("atom", "rss"):
        feed = ET.fromstring(exported(hostile, form))
        for element in feed.iter():
            is_html = element.get("type") == "html" or element.tag.endswith(("description", "encoded"))
            assert not is_html or live(element.text or "") == [], element.text
            assert "javascript:" not in (element.get("href") or "")
            assert not element.tag.endswith("link") or "javascript:" not in (element.text or "")


def test_json_is_json(hostile: Path) -> None:
    documents = [json.loads(line) for line in exported(hostile, "jsonl").splitlines()]
    assert {LIVE, FORMULA} <= {document["title"] for document in documents}
    assert all(document["url"].startswith("https://www.gazette.example/") for document in documents)


def test_no_cell_of_a_table_is_a_formula(hostile: Path) -> None:
    rows = list(csv.reader(io.StringIO(exported(hostile, "csv"), newline="")))
    assert f"'{FORMULA}" in {cell for row in rows for cell in row}
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_files_are_named_by_letters_and_figures(hostile: Path, tmp_path: Path) -> None:
    run_marbre("export", "--archive", hostile, "--format", "markdown", "-o", tmp_path / "out")
    names = [path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert len(names) == 4 + len(MUTATING)
    assert not [name for name in names if set(name) - set("abcdefghijklmnopqrstuvwxyz0123456789-/.")]


# -- M8: dates

DATES = (
    "1e308", "-1e308", "1e999", "0000-00-00", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59-24:00", "9" * 300_000,
    "-" * 300_000, "99999-01-01", "2026-02-30", "10000-13-45T99:99:99+99:99", "٢٠٢٦-٠٣-٠١", "0001-01-01T00:00:00+14:00",
)  # fmt: skip


@pytest.mark.parametrize("raw", DATES, ids=lambda raw: raw[:20])
def test_dates_are_none_or_in_range(raw: str) -> None:
    parsed = dates.parse(raw)
    assert parsed is None or 1 <= parsed.year <= 9999
    found = read(
        page(head=f'<meta property="article:published_time" content="{raw}"><time datetime="{raw}">{raw}</time>')
    )
    assert found.published is None or 1990 <= found.published.year <= 2027


# -- M9, M10: what is not its own


def test_a_page_does_not_take_another_sites_place(tmp_path: Path) -> None:
    own = "https://www.gazette.example/ville/marche-1/"
    said = f'<link rel="canonical" href="{own}"><meta property="og:url" content="{own}">'
    poison = Exchange(
        url="https://intrus.example/ville/marche-1/",
        status=200,
        headers=HTML,
        body=page("Achetez nos montres", said).encode(),
        captured_at=START + timedelta(days=3),
    )
    crawl(tmp_path, [exchange(1, page("Le marché rouvre"))])
    crawl(tmp_path, [poison], name="intrus-1")
    with Archive(tmp_path) as archive:
        titles = {article.url: article.title for article in archive.articles()}
        versions = archive.versions(own)
    assert titles == {own: "Le marché rouvre", poison.url: "Achetez nos montres"}
    assert len(versions) == 1


def test_one_text_at_many_addresses_is_one_cluster(tmp_path: Path) -> None:
    """200 and not a thousand, for time; the bands of the index are the same."""
    crawl(tmp_path, [exchange(number, page()) for number in range(200)])
    told = run_marbre("duplicates", "--archive", tmp_path, "--json").stdout.splitlines()
    assert len(told) == 1
    with Archive(tmp_path) as archive:
        (found,) = clusters(archive.db)
        assert len(found.members) == len(list(archive.articles())) == 200


def test_one_address_with_a_new_text_each_time_has_a_version_for_each_visit_and_no_more(tmp_path: Path) -> None:
    texts = [
        page(body=f"<p>Mise à jour numéro {number} de cet article, qui change sans cesse.</p>") for number in range(40)
    ]
    crawl(tmp_path, [exchange(1, text, hours) for hours, text in enumerate(texts)])
    with Archive(tmp_path) as archive:
        assert len(list(archive.articles())) == 1
        assert len(archive.versions(url(1))) == len(texts)


# -- M12: addresses

ADDRESSES = (
    "https://a.example/" + "x" * 100_000, "https://user:pw@a.example/x", "https://аррle.example/", "https://a.example/../../x",
    "https://a.example\\@b.example/", "https://a.example/a\tb\nc", "https://a.example/#/../x", "https://a.example/%2e%2e/%2F",
    "https://a.example./x", "https://A.EXAMPLE:443/x", "https://a.example/\u202egpj.exe", "https://[::1]/x", "http:///x",
    "https://a.example/\0", "//a.example/x", "https://a.example:99999/",
)  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES, ids=lambda address: address[:30])
def test_addresses_have_one_form_or_are_none(address: str) -> None:
    try:
        once = urls.canonicalise(address)
    except ValueError:
        return
    assert urls.canonicalise(once) == once
    assert len(once) <= urls.LONGEST
    assert once.isascii()
    assert not {"..", "", "\\"} & set(once.partition("://")[2].partition("/")[2].split("/")[:-1])
    assert set(urls.article_id(once)) <= set("abcdefghijklmnopqrstuvwxyz0123456789")
