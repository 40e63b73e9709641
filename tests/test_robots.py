"""robots.txt by RFC 9309: groups, tokens, the longest match, ways of writing an address, and any bytes at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from protego import Protego

from archive.robots import LIMIT, Line, rules

SITE = "https://gazette.example"


def allows(text: str | bytes, path: str, agent: str = "marbre") -> bool:
    return rules(text if isinstance(text, bytes) else text.encode()).allows(agent, SITE + path)


@pytest.mark.parametrize(
    ("text", "path", "allowed"),
    [
        ("", "/a", True),
        ("User-agent: *\nDisallow: /a", "/a", False),
        ("User-agent: *\nDisallow: /a", "/ab/c?d", False),
        ("User-agent: *\nDisallow: /a", "/b", True),
        ("User-agent: *\nDisallow:", "/a", True),
        ("User-agent: *\nDisallow: /", "/robots.txt", True),
        # the longest match wins, whatever the order; of two equal ones the one that allows
        ("User-agent: *\nAllow: /p\nDisallow: /", "/page", True),
        ("User-agent: *\nDisallow: /p\nAllow: /", "/page", False),
        ("User-agent: *\nDisallow: /page\nAllow: /page", "/page", True),
        (
            "User-agent: *\nAllow: /example/page/\nDisallow: /example/page/disallowed.gif",
            "/example/page/disallowed.gif",
            False,
        ),
        # * and $
        ("User-agent: *\nDisallow: *.gif$", "/b/c.gif", False),
        ("User-agent: *\nDisallow: *.gif$", "/b/c.gif?x", True),
        ("User-agent: *\nDisallow: /a*b*c", "/axxbxxcx", False),
        ("User-agent: *\nDisallow: /a$", "/a", False),
        ("User-agent: *\nDisallow: /a$", "/ab", True),
        ("User-agent: *\nDisallow: /*?", "/a?b", False),
        ("User-agent: *\nDisallow: /*?", "/a", True),
        ("User-agent: *\nDisallow: /a*a$", "/a", True),
        # groups
        ("User-agent: marbre\nDisallow: /\n\nUser-agent: *\nDisallow:", "/a", False),
        ("User-agent: *\nDisallow: /\n\nUser-agent: MARBRE\nAllow: /", "/a", True),
        ("User-agent: Marbre/2.0\nDisallow: /", "/a", False),
        ("User-agent: marbre-news\nDisallow: /", "/a", True),
        ("User-agent: a\nUser-agent: marbre\nDisallow: /x\n\nUser-agent: marbre\nDisallow: /y", "/x", False),
        ("User-agent: a\nUser-agent: marbre\nDisallow: /x\n\nUser-agent: marbre\nDisallow: /y", "/y", False),
        ("User-agent: a\nSitemap: https://x.example/s.xml\nUser-agent: marbre\nDisallow: /", "/a", False),
        ("Disallow: /\nUser-agent: other\nDisallow: /", "/a", True),
        # ways of writing
        ("User-agent: *\nDisallow: /é", "/%C3%A9t%C3%A9", False),
        ("User-agent: *\nDisallow: /%C3%A9", "/été", False),
        ("User-agent: *\nDisallow: /%61b", "/ab", False),
        ("User-agent: *\nDisallow: /a%2Fb", "/a/b", True),
        ("User-agent: *\nDisallow: /a%2fb", "/a%2Fb", False),
        ("User-agent: *\nDisallow: /file-with-a-%2A.html", "/file-with-a-*.html", False),
        ("User-agent: *\nDisallow: /file-with-a-%2A.html", "/file-with-a-x.html", True),
        ("User-agent: *\nDisallow: /a%24", "/a$b", False),
        # lines
        ("USER-AGENT:*\rDISALLOW:/a", "/a", False),
        ("\ufeffUser-agent: *\r\nDisallow: /a # not for you\r\n", "/a", False),
        ("User-agent: * # everybody\nDisallow : /a", "/a", False),
        ("User-agent: *\nCrawl-delay: 5\nDisallow: /a", "/a", False),
        ("<html><body>User-agent: *\nDisallow: /</body></html>", "/a", True),
        ("User-agent: *\nDisallow: a", "/a", True),
    ],
)
def test_what_is_allowed(text: str, path: str, allowed: bool) -> None:
    assert allows(text, path) is allowed


def test_the_line_that_decides_is_told() -> None:
    text = b"# ours\nUser-agent: *\nDisallow: /private/\nAllow: /private/press/\n"
    found = rules(text)
    assert found.line_for("marbre", f"{SITE}/private/press/a") == Line(4, "allow", "/private/press/")
    assert found.line_for("marbre", f"{SITE}/private/a") == Line(3, "disallow", "/private/")
    assert found.line_for("marbre", f"{SITE}/public") is None


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("5", 5.0), ("0.5", 0.5), (".5", 0.5), ("1e9", None), ("-1", None), ("soon", None), ("", None), ("9" * 400, None)],
)
def test_crawl_delay(value: str, seconds: float | None) -> None:
    assert rules(f"User-agent: *\nCrawl-delay: {value}\n".encode()).crawl_delay("marbre") == seconds


def test_other_lines_are_kept_for_who_asks() -> None:
    text = b"License: https://x.example/rsl.xml\nUser-agent: *\nContent-Signal: search=yes, ai-train=no\nAllow: /\n"
    found = rules(text)
    assert [line.value for line in found.said("marbre", "content-signal")] == ["search=yes, ai-train=no"]
    assert [line.number for line in found.anywhere("license")] == [1]
    assert found.said("marbre", "license") == ()


def test_what_is_behind_the_limit_is_not_read_nor_is_half_a_line() -> None:
    filler = b"# " + b"x" * (LIMIT - len(b"User-agent: *\nDisallow: /ab\n") + 1) + b"\n"
    text = b"User-agent: *\n" + filler + b"Disallow: /abc\n"
    assert allows(text[: LIMIT + 10], "/ab")
    assert not allows(b"User-agent: *\nDisallow: /a\n" + b"#\n" * LIMIT, "/a")


@given(st.binary(max_size=300))
def test_any_bytes_are_read(body: bytes) -> None:
    found = rules(b"User-agent: *\nDisallow: /closed\n" + body)
    found.allows("marbre", f"{SITE}/a?b=\udcff")
    found.crawl_delay("marbre")


@given(
    st.lists(st.tuples(st.sampled_from(["Allow", "Disallow"]), st.text("/ab*", max_size=6)), max_size=5),
    st.text("/ab", max_size=8),
)
def test_another_implementation_agrees(said: list[tuple[str, str]], path: str) -> None:
    """Protego, Scrapy's own; what it reads otherwise (a `$`, a pattern that is an asterisk alone) is left out."""
    said = [(key, "/" + pattern) for key, pattern in said]
    text = "\n".join(["User-agent: *", *(f"{key}: {pattern}" for key, pattern in said)])
    assert allows(text, "/" + path) is Protego.parse(text).can_fetch(f"{SITE}/{path}", "marbre"), text


def test_a_pattern_made_to_be_slow_is_not() -> None:
    text = b"User-agent: *\nDisallow: /" + b"a*" * 30_000 + b"b$\n" * 3
    assert allows(text, "/" + "a" * 8000)
