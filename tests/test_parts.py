"""When an article goes on elsewhere, and when a next page is another article's."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from archive.models import Page
from archive.reading import markup, parts
from archive.reading.evidence import Evidence, collect

URL = "https://vigie.example/mer/un-article/"


def evidence(url: str, head: str = "", content: str = "") -> Evidence:
    text = f"<html><head>{head}</head><body><article><h1>Un titre</h1>{content}</article></body></html>"
    root, _ = markup.parse(text)
    assert root is not None
    page = Page(url, 200, (), text.encode(), datetime(2025, 12, 1, tzinfo=UTC))
    return collect(page, markup.gather(root, url, text))


def pager(*addresses: str) -> str:
    links = "".join(f'<a class="post-page-numbers" href="{address}">x</a>' for address in addresses)
    return f'<div class="page-links">Pages : <span class="post-page-numbers current">n</span>{links}</div>'


@pytest.mark.parametrize(
    ("url", "head", "content", "number", "following"),
    [
        (URL, "", "", 1, None),
        (URL, f'<link rel="next" href="{URL}2/">', "", 1, f"{URL}2/"),
        (URL, f'<link rel="next" href="{URL}?page=2">', "", 1, f"{URL}?page=2"),
        (URL, "", '<a rel="next" href="?page=2">Suite</a>', 1, f"{URL}?page=2"),
        (URL, "", pager(f"{URL}2/", f"{URL}3/"), 1, f"{URL}2/"),
        (f"{URL}2/", "", pager(URL, f"{URL}3/"), 2, f"{URL}3/"),
        (f"{URL}3/", "", pager(URL, f"{URL}2/"), 3, None),
        (f"{URL}2/", f'<link rel="canonical" href="{URL}"><link rel="next" href="{URL}3/">', "", 2, f"{URL}3/"),
        (f"{URL}?page=2", f'<link rel="next" href="{URL}?page=3">', "", 2, f"{URL}?page=3"),
        (f"{URL}?page=1", f'<link rel="next" href="{URL}?page=2">', "", 1, f"{URL}?page=2"),
        (f"{URL}page/2/", f'<link rel="next" href="{URL}page/3/">', "", 2, f"{URL}page/3/"),
        (
            "https://vigie.example/article.html",
            '<link rel="next" href="/article-2.html">',
            "",
            1,
            "https://vigie.example/article-2.html",
        ),
        (URL, "", f'<ul class="article-pagination"><li><a href="{URL}2">2</a></li></ul>', 1, f"{URL}2"),
        # Not the article's next page:
        (URL, '<link rel="next" href="/mer/un-autre-article/">', "", 1, None),
        (URL, f'<link rel="next" href="{URL}3/">', "", 1, None),
        (URL, '<link rel="next" href="https://autre.example/mer/un-article/2/">', "", 1, None),
        (URL, f'<link rel="next" href="{URL}comment-page-2/">', "", 1, None),
        (URL, '<link rel="next" href="javascript:x()">', "", 1, None),
        (URL, '<link rel="next" href="http://[/">', "", 1, None),
        (URL, "", '<a href="/mer/un-article/2/">hors d’un pager</a>', 1, None),
        ("https://vigie.example/blog/1", '<link rel="next" href="/blog/2">', "", 1, None),
        ("https://vigie.example/news/41/", '<link rel="next" href="/news/42/">', "", 1, None),
        # WordPress tells two posts of one title apart by -2; other systems number pages so.
        (URL, f'<link rel="next" href="{URL[:-1]}-2/"><script src="/wp-content/x.js"></script>', "", 1, None),
        (URL, f'<link rel="next" href="{URL}2/"><script src="/wp-content/x.js"></script>', "", 1, f"{URL}2/"),
        (URL, "", '<a rel="next" href="/mer/un-autre-article/">Article suivant</a>', 1, None),
        (URL, '<link rel="next" href="?page=3">', "", 1, None),
        (f"{URL}?page=3", f'<link rel="next" href="{URL}?page=2">', "", 3, None),
        (f"{URL}?id=7", f'<link rel="next" href="{URL}?id=7&amp;page=2">', "", 1, f"{URL}?id=7&page=2"),
        (f"{URL}?id=7", f'<link rel="next" href="{URL}?id=8&amp;page=2">', "", 1, None),
        (URL, "", pager("/mer/un-article/2/"), 1, f"{URL}2/"),
        (URL, "", pager("http://www.vigie.example/mer/un-article/2/"), 1, "http://www.vigie.example/mer/un-article/2/"),
        (URL, "", pager("#2", "javascript:x()", "http://[/"), 1, None),
        (f"{URL}2/", "", "", 1, None),
        ("https://vigie.example/2025/03/08/", '<link rel="next" href="/2025/03/09/">', "", 1, None),
        (f"{URL}?page=100", f'<link rel="next" href="{URL}?page=101">', "", 100, None),
    ],
)
def test_next_part_is_this_address_with_the_next_number(
    url: str, head: str, content: str, number: int, following: str | None
) -> None:
    stated = evidence(url, head, content)
    assert (parts.part_number(stated), parts.next_part(stated)) == (number, following)


@pytest.mark.parametrize(
    "content",
    [
        "".join(f'<a rel="next" href="/a/{number}/">x</a>' for number in range(20_000)),
        '<div class="page-links">' * 200 + "".join(f'<a href="?page={number}">x</a>' for number in range(9, 20_000)),
        '<a rel="next" href="/' + "a-1/" * 50_000 + '">x</a>',
    ],
)
def test_hostile_pagers_are_read_past(content: str) -> None:
    stated = evidence(URL, "", content)
    start = time.process_time()
    assert parts.next_part(stated) is None
    assert time.process_time() - start < 1
