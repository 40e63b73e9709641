"""URLs: canonical form, keys, ids, registered domains, and which canonical links are believed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive import urls

SAME = [
    ("scheme and host in lower case", "HTTPS://WWW.Gazette.Example/Une", "https://www.gazette.example/Une"),
    ("default port", "https://gazette.example:443/a", "https://gazette.example/a"),
    ("default port of http", "http://gazette.example:80/a", "http://gazette.example/a"),
    ("another port stays", "http://gazette.example:8080/a", "http://gazette.example:8080/a"),
    ("empty path", "https://gazette.example", "https://gazette.example/"),
    ("trailing slash stays", "https://gazette.example/a/", "https://gazette.example/a/"),
    ("no trailing slash stays", "https://gazette.example/a", "https://gazette.example/a"),
    ("fragment", "https://gazette.example/a#commentaires", "https://gazette.example/a"),
    ("empty query", "https://gazette.example/a?", "https://gazette.example/a"),
    ("user information", "https://moi:secret@gazette.example/a", "https://gazette.example/a"),
    ("dot segments", "https://gazette.example/a/./b/../c", "https://gazette.example/a/c"),
    ("escaped dot segments", "https://gazette.example/a/%2e%2E/c", "https://gazette.example/c"),
    ("escapes in upper case", "https://gazette.example/%c3%a9t%c3%a9", "https://gazette.example/%C3%A9t%C3%A9"),
    ("letters as they print", "https://gazette.example/été", "https://gazette.example/%C3%A9t%C3%A9"),
    ("unreserved characters unescaped", "https://gazette.example/%7Emoi/%61", "https://gazette.example/~moi/a"),
    (
        "reserved characters stay escaped",
        "https://gazette.example/a%2Fb?c=d%26e",
        "https://gazette.example/a%2Fb?c=d%26e",
    ),
    ("a bare percent sign", "https://gazette.example/100%", "https://gazette.example/100%25"),
    ("an escape that unescaping would make", "https://gazette.example/%%34%31", "https://gazette.example/%2541"),
    ("international host", "https://été.example/", "https://xn--t-9fab.example/"),
    ("parameters sorted", "https://gazette.example/?b=2&a=1", "https://gazette.example/?a=1&b=2"),
    ("equal parameters keep their order", "https://gazette.example/?a=2&a=1", "https://gazette.example/?a=2&a=1"),
    ("blank values stay", "https://gazette.example/?b=&a", "https://gazette.example/?a&b="),
    ("campaign", "https://gazette.example/a?utm_source=x&utm_medium=y&id=3", "https://gazette.example/a?id=3"),
    ("escaped campaign", "https://gazette.example/a?utm%5Fsource=x", "https://gazette.example/a"),
    ("campaign in capitals", "https://gazette.example/a?UTM_Source=x&xtor=RSS-1", "https://gazette.example/a"),
    ("clicks", "https://gazette.example/a?fbclid=1&gclid=2&msclkid=3&igshid=4", "https://gazette.example/a"),
    (
        "newsletter",
        "https://gazette.example/a?mc_cid=1&mc_eid=2&at_medium=e&at_campaign=f",
        "https://gazette.example/a",
    ),
    (
        "a word that only looks like tracking",
        "https://gazette.example/a?source=une",
        "https://gazette.example/a?source=une",
    ),
    ("white space round it", "  https://gazette.example/a\n", "https://gazette.example/a"),
    ("backslashes, as browsers take them", "https:\\\\gazette.example\\a", "https://gazette.example/a"),
    ("address in hexadecimal", "http://0x7f.1/", "http://127.0.0.1/"),
]
REFUSED = [
    "",
    "/politique/titre",
    "gazette.example/a",
    "mailto:redaction@gazette.example",
    "javascript:alert(1)",
    "ftp://gazette.example/a",
    "data:text/html,a",
    "https://",
    "https://a b/",
    "https://gazette.example:99999/",
    "https://gazette.example/\ud800\udfff" + "a" * 9000,
    "https://gazette.example/" + "a" * urls.LONGEST,
    "https://gazette.example/" + "é" * 4000,  # within the limit as written, not as sent
]


@pytest.mark.parametrize(("why", "url", "expected"), SAME, ids=[why for why, _, _ in SAME])
def test_canonical_form(why: str, url: str, expected: str) -> None:
    assert urls.canonicalise(url) == expected, why
    assert urls.canonicalise(expected) == expected, why


@pytest.mark.parametrize("url", REFUSED, ids=lambda url: ascii(url[:40]))
def test_what_is_not_an_absolute_http_url_is_refused(url: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the messages are the parser's
        urls.canonicalise(url)


PIECES = st.sampled_from(
    ["%", "%2", "%2e", "%2E", ".", "..", "/", "?", "&", "=", "#", "é", "+", " ", "utm_a", "%75tm_a", ";", "\t"]
)


@given(st.lists(PIECES | st.text(max_size=3)).map("".join))
def test_canonicalising_twice_changes_nothing(rest: str) -> None:
    try:
        once = urls.canonicalise(f"https://gazette.example/{rest}")
    except ValueError:
        return
    assert urls.canonicalise(once) == once


@given(st.text())
def test_any_text_gives_a_url_or_value_error(text: str) -> None:
    for candidate in (text, f"http://{text}", f"https://gazette.example:{text}"):
        try:
            once = urls.canonicalise(candidate)
        except ValueError:
            continue
        assert urls.canonicalise(once) == once
        assert urls.urlkey(once) == urls.urlkey(candidate)
        assert urls.believed_canonical(once, text).startswith("http")


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://www.Gazette.example/Une?b=2&a=1", "example,gazette)/Une?a=1&b=2"),
        ("http://gazette.example", "example,gazette)/"),
        ("https://blogs.gazette.example:8443/a", "example,gazette,blogs:8443)/a"),
        ("http://127.0.0.1:8000/a", "127.0.0.1:8000)/a"),
        ("http://[::1]/a", "[::1])/a"),
    ],
)
def test_urlkey(url: str, key: str) -> None:
    assert urls.urlkey(url) == key


def test_ids_are_stable() -> None:
    # Written out: an archive made today must be found by tomorrow's version.
    identifier = urls.article_id("https://gazette.example/a/")
    assert identifier == "3b48b2ef7ac8f284"
    assert urls.docid(identifier) == 0x3B48B2EF7AC8F284 >> 1
    assert urls.docid("f" * 16) == 2**63 - 1


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("www.lemonde.fr", "lemonde.fr"),
        ("News.BBC.co.uk", "bbc.co.uk"),
        ("une.blogspot.com", "une.blogspot.com"),
        ("blogspot.com", "blogspot.com"),
        ("co.uk", "co.uk"),
        ("www.gazette.example", "gazette.example"),  # no such top-level domain: the last two labels
        ("localhost", "localhost"),
        ("127.0.0.1", "127.0.0.1"),
        ("[::1]", "[::1]"),
    ],
)
def test_registered_domain(host: str, domain: str) -> None:
    assert urls.registered_domain(host) == domain


PAGE = "https://www.gazette.example/politique/titre/"
BELIEVED = [
    ("the page itself", PAGE, PAGE, PAGE),
    ("without tracking", PAGE + "?utm_source=x", PAGE + "?utm_source=y", PAGE),
    ("other spelling of the path", "https://www.gazette.example/politique/titre", PAGE, PAGE),
    ("other section", "https://gazette.example/une/titre/", PAGE, PAGE),
    ("http page, https canonical", PAGE.replace("https", "http"), PAGE, PAGE),
    ("other host of the same publisher", "https://m.gazette.example/politique/titre/", PAGE, PAGE),
    ("AMP view", PAGE + "amp/", PAGE, PAGE),
    ("AMP view without slashes", PAGE + "amp", PAGE.rstrip("/"), PAGE.rstrip("/")),
    ("second page", PAGE + "2/", PAGE, PAGE),
    ("second page, WordPress", PAGE + "page/2/", PAGE, PAGE),
    ("print view", PAGE + "print/", PAGE, PAGE),
    ("directory's file", PAGE + "index.html", PAGE, PAGE),
    ("variant by query", PAGE + "?amp=1", PAGE, PAGE),
    (
        "other order of the same query",
        "https://gazette.example/v.php?id=7&x=1",
        "https://gazette.example/v.php?id=7",
        "https://gazette.example/v.php?id=7",
    ),
    ("home page of itself", "https://gazette.example/", "https://www.gazette.example/", "https://www.gazette.example/"),
    ("plain permalink to pretty one", "https://gazette.example/?p=7", PAGE, PAGE),
    ("same server by address", "http://127.0.0.1:8000/a/amp", "http://127.0.0.1:8000/a", "http://127.0.0.1:8000/a"),
    (
        "longer path that begins alike",
        "https://gazette.example/a-b",
        "https://gazette.example/a",
        "https://gazette.example/a",
    ),
]
NOT_BELIEVED = [
    ("nothing stated", PAGE, None),
    ("empty", PAGE, ""),
    ("not a URL", PAGE, "http://[titre"),
    ("relative", PAGE, "/politique/titre/"),
    ("no page", PAGE, "javascript:void(0)"),
    ("another publisher's article", PAGE, "https://www.tribune.example/politique/titre/"),
    ("another publisher under one suffix", "https://www.bbc.co.uk/a", "https://www.gazette.co.uk/a"),
    ("another blog of one blog host", "https://une.blogspot.com/a", "https://autre.blogspot.com/a"),
    ("a look-alike of the domain", PAGE, "https://gazette.example.tribune.test/politique/titre/"),
    ("the publisher's name as user", PAGE, "https://www.gazette.example@tribune.test/politique/titre/"),
    ("home page", PAGE, "https://www.gazette.example/"),
    ("home page without slash", PAGE, "https://www.gazette.example"),
    ("home page with a query", PAGE, "https://www.gazette.example/?lang=fr"),
    ("home page's file", PAGE, "https://www.gazette.example/index.php"),
    ("home page of another host", PAGE, "https://gazette.example/"),
    ("home page from a plain permalink", "https://gazette.example/?p=7", "https://gazette.example/"),
    ("section", PAGE, "https://www.gazette.example/politique/"),
    ("section without slash", PAGE, "https://www.gazette.example/politique"),
    ("section's file", PAGE, "https://www.gazette.example/politique/index.html"),
    ("section of a numbered article", "https://gazette.example/articles/123", "https://gazette.example/articles"),
    ("all articles of a script", "https://gazette.example/v.php?id=7", "https://gazette.example/v.php"),
    ("another article of a script", "https://gazette.example/v.php?id=7", "https://gazette.example/v.php?id=8"),
    ("another port of one machine", "http://127.0.0.1:8000/a", "http://127.0.0.1:8001/b"),
    ("another address", "http://127.0.0.1/a", "http://127.0.0.2/b"),
    ("another port of localhost", "http://localhost:8000/a", "http://localhost:9000/b"),
]


@pytest.mark.parametrize(("why", "page", "stated", "expected"), BELIEVED, ids=[case[0] for case in BELIEVED])
def test_canonical_links_that_are_believed(why: str, page: str, stated: str, expected: str) -> None:
    assert urls.believed_canonical(page, stated) == expected, why


@pytest.mark.parametrize(("why", "page", "stated"), NOT_BELIEVED, ids=[case[0] for case in NOT_BELIEVED])
def test_canonical_links_that_are_not_believed(why: str, page: str, stated: str | None) -> None:
    assert urls.believed_canonical(page, stated) == urls.canonicalise(page), why
