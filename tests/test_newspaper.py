"""The demo newspaper has the traps it says it has, and texts that are not each other's copies."""

from __future__ import annotations

import contextlib
import gzip
import http.client
import itertools
from collections.abc import Mapping
from typing import NamedTuple

import pytest
from lxml import etree, html

from crawler.demo import DemoArticle, Newspaper, peculiarities, serve

PLANTED = {
    frozenset(pair)
    for group in (
        ("depeche-crue-aurine", "crue-aurine-politique", "crue-aurine-economie"),
        ("marche-de-noel-valmont", "marche-de-noel-valmont-bis"),
    )
    for pair in itertools.combinations(group, 2)
}


class Answer(NamedTuple):
    status: int
    headers: http.client.HTTPMessage
    body: bytes


def get(newspaper: serve, path: str, headers: Mapping[str, str] | None = None) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", newspaper.port, timeout=10)
    with contextlib.closing(connection):
        connection.request("GET", path, headers=dict(headers or {}))
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read())


def shingles(article: DemoArticle) -> set[tuple[str, ...]]:
    words = " ".join(article.paragraphs).lower().split()
    return {tuple(words[at : at + 4]) for at in range(len(words) - 3)}


def test_there_is_enough_to_read() -> None:
    articles = Newspaper().articles()
    assert len(articles) >= 55
    assert sum(article.language == "en" for article in articles) >= 15
    assert any(len(article.authors) == 2 for article in articles)
    assert any(not article.authors for article in articles)
    assert any(article.image_path is None for article in articles)


def test_texts_are_different_but_for_the_planted_ones() -> None:
    made = {article.slug: shingles(article) for article in Newspaper().articles()}
    alike = {
        frozenset((one, other))
        for one, other in itertools.combinations(made, 2)
        if len(made[one] & made[other]) / len(made[one] | made[other]) >= 0.2
    }
    assert alike == PLANTED


def test_every_page_is_html(newspaper: serve) -> None:
    for article in newspaper.newspaper.articles():
        response = get(newspaper, article.path)
        assert response.status == 200
        assert html.fromstring(response.body).findtext(".//h1") is not None


@pytest.mark.parametrize(
    "path", ["/feed/", "/comments/feed/", "/sitemap.xml", "/news-sitemap.xml", "/sitemap-politique.xml"]
)
def test_machines_can_read_it(newspaper: serve, path: str) -> None:
    assert etree.fromstring(get(newspaper, path).body) is not None


def test_it_answers_not_modified(newspaper: serve) -> None:
    first = get(newspaper, "/feed/")
    assert get(newspaper, "/feed/", {"If-None-Match": first.headers["ETag"]}).status == 304
    assert get(newspaper, "/feed/", {"If-Modified-Since": first.headers["Last-Modified"]}).status == 304
    assert get(newspaper, "/feed/", {"If-None-Match": '"another"'}).status == 200


def test_it_compresses_where_that_is_accepted(newspaper: serve) -> None:
    plain, packed = get(newspaper, "/"), get(newspaper, "/", {"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body


def test_moved_and_gone(newspaper: serve) -> None:
    moved = get(newspaper, peculiarities.MOVED_PATH)
    assert moved.status == 301
    assert get(newspaper, moved.headers["Location"]).status == 200
    assert get(newspaper, peculiarities.GONE_PATH).status == 404


def test_labels_and_cookies(newspaper: serve) -> None:
    paths = {article.slug: article.path for article in newspaper.newspaper.articles()}
    wrong = get(newspaper, paths[peculiarities.WRONG_CHARSET])
    assert wrong.headers.get_content_charset() == "utf-8"
    with pytest.raises(UnicodeDecodeError):
        wrong.body.decode()
    assert get(newspaper, paths[peculiarities.NO_CHARSET]).headers.get_content_charset() is None
    assert len(get(newspaper, paths[peculiarities.WITH_COOKIES]).headers.get_all("Set-Cookie") or []) == 2


def test_the_second_edition_corrects_two_articles() -> None:
    first = {article.slug: article for article in Newspaper(1).articles()}
    changed = {a.slug: a for a in Newspaper(2).articles() if a != first[a.slug]}
    assert set(changed) == {peculiarities.NEW_HEADLINE, peculiarities.NEW_PARAGRAPH}
    assert all(article.changed > first[slug].changed for slug, article in changed.items())
