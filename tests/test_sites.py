"""The list of sites: what it may say, and what is said of every mistake in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.errors import CrawlError, SitesError
from crawler.site import Site
from crawler.sites import Sites, load_sites, loopback_hosts

GOOD = """
contact = "archive@gazette.example"

[sites.gazette]
url = "https://www.gazette.example/"
delay = 5
language = "fr"
feeds = ["https://www.gazette.example/feed/"]
sitemaps = ["https://www.gazette.example/news.xml"]

[sites.own-1]
url = "http://127.0.0.1:8001/"
delay = 0
allow_loopback = true

[sites.own-2]
url = "http://127.0.0.1:8002/"
allow_loopback = true
"""


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return Path("sites.toml")


@pytest.fixture
def sites(path: Path) -> Sites:
    path.write_text(GOOD, encoding="utf-8")
    return load_sites(path)


def test_sites_and_their_defaults(sites: Sites) -> None:
    assert sites.contact == "archive@gazette.example"
    assert list(sites) == ["gazette", "own-1", "own-2"] == [site.name for site in sites.all()]
    assert sites["gazette"] == Site(
        name="gazette",
        url="https://www.gazette.example/",
        delay=5.0,
        language="fr",
        feeds=("https://www.gazette.example/feed/",),
        sitemaps=("https://www.gazette.example/news.xml",),
    )
    assert (sites["own-2"].delay, sites["own-2"].language, sites["own-2"].feeds) == (2.0, None, ())
    with pytest.raises(AttributeError):
        sites["own-1"].delay = 0  # type: ignore[misc]


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://gazette.example/mer/ete/", "gazette"),
        ("HTTP://WWW.GAZETTE.EXAMPLE:80", "gazette"),
        ("http://127.0.0.1:8002/x", "own-2"),
        ("http://127.0.0.1:9/x", "own-1"),
    ],
)
def test_a_url_finds_its_site(sites: Sites, url: str, name: str) -> None:
    assert sites.site_for(url).name == name


def test_a_url_of_no_site_makes_one(sites: Sites) -> None:
    assert sites.site_for("http://other.example:8080/a?b") == Site(
        name="other.example", url="http://other.example:8080/"
    )
    with pytest.raises(SitesError, match='expected an absolute http:// or https:// URL, got "other"'):
        sites.site_for("other")


def test_choosing(sites: Sites, path: Path) -> None:
    assert sites.choose([], []) == ("gazette", "own-1", "own-2")
    assert sites.choose(["own-1", "gazette", "own-1"], []) == ("own-1", "gazette")
    assert sites.choose([], ["https://other.example/a"]) == ()
    with pytest.raises(SitesError, match=r'^sites.toml: no site "gazete"; did you mean "gazette"\?$'):
        sites.choose(["gazete"], [])
    with pytest.raises(SitesError, match=r'^sites.toml: no site "x"; there are gazette, own-1, own-2$'):
        sites.named("x")
    with pytest.raises(SitesError, match="either sites or --url"):
        sites.choose(["gazette"], ["https://gazette.example/"])
    with pytest.raises(SitesError, match=r"^expected an absolute"):
        sites.choose([], ["gazette.example"])
    with pytest.raises(SitesError, match=r"^sites.toml: names no site; begin with"):
        Sites(path).choose([], [])


def test_a_missing_list(path: Path) -> None:
    with pytest.raises(SitesError, match=r"^sites.toml: no such file; write one with \[sites.example\]"):
        load_sites(path)
    assert load_sites(path, needed=False) == Sites(path)


def test_hosts_on_this_machine(sites: Sites, path: Path) -> None:
    assert len(sites) == 3
    assert loopback_hosts(str(path)) == ["127.0.0.1", "127.0.0.1"]
    assert loopback_hosts("nowhere.toml") == []
    path.write_text("=", encoding="utf-8")
    assert loopback_hosts(str(path)) == []


def site(lines: str) -> str:
    return f'[sites.example]\nurl = "https://gazette.example/"\n{lines}'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (site('delay = "two"'), 'site "example": delay: expected a number of seconds, from 0 to 3600, got "two"'),
        (site("delay = -1"), 'site "example": delay: expected a number of seconds, from 0 to 3600, got -1'),
        (site("delay = true"), 'site "example": delay: expected a number of seconds, from 0 to 3600, got true'),
        (site("delay = nan"), 'site "example": delay: expected a number of seconds, from 0 to 3600, got nan'),
        (site("delay = inf"), 'site "example": delay: expected a number of seconds, from 0 to 3600, got inf'),
        (site("dealy = 2"), 'site "example": unknown key "dealy"; did you mean "delay"?'),
        (
            site("xyz = 2"),
            'site "example": unknown key "xyz"; there are url, delay, language, allow_loopback, feeds, sitemaps',
        ),
        (site('name = "x"'), 'site "example": unknown key "name"'),
        (site('allow_loopback = "yes"'), 'site "example": allow_loopback: expected true or false, got "yes"'),
        (site('language = "french!"'), 'site "example": language: expected a language tag such as "fr" or "pt-BR"'),
        (site('language = "fr\\n"'), 'site "example": language: expected a language tag'),
        (site('feeds = "https://x.example/"'), 'site "example": feeds: expected a list, each an absolute http'),
        (site('feeds = ["https://x.example/", 5]'), 'site "example": feeds: expected a list, each an absolute http'),
        (
            site('feeds = ["https://x.example/", "feed"]'),
            'site "example": feeds[1]: expected an absolute http:// or https:// URL, got "feed"',
        ),
        (site('sitemaps = ["ftp://x.example/"]'), 'site "example": sitemaps[0]: expected an absolute http'),
        ("[sites.example]", 'site "example": url: expected an absolute http:// or https:// URL, got nothing'),
        ('[sites.example]\nurl = "gazette.example"', 'site "example": url: expected an absolute http:// or https://'),
        ('[sites.example]\nurl = "https://a:b@gazette.example"', 'site "example": url: expected an absolute'),
        ('[sites.example]\nurl = "https://gazette.example:x"', 'site "example": url: expected an absolute'),
        ('[sites.example]\nurl = "https://gazette .example"', 'site "example": url: expected an absolute'),
        ("[sites.example]\nurl = 7", 'site "example": url: expected an absolute http:// or https:// URL, got 7'),
        ('[sites."A b"]\nurl = "https://gazette.example"', 'site "A b": expected a name of a-z, 0-9, - and _'),
        ('[sites."../x"]\nurl = "https://gazette.example"', 'site "../x": expected a name of a-z, 0-9, - and _'),
        ("[sites]\nexample = 1", 'site "example": expected a table such as [sites.example]'),
        ("sites = []", "sites: expected tables such as [sites.example]"),
        ('[site.example]\nurl = "x"', 'unknown key "site"; did you mean "sites"?'),
        ('contact = "a\\r\\nX-Evil: 1"', "contact: expected an e-mail address or a URL, got"),
        ("contact = 5", "contact: expected an e-mail address or a URL, got 5"),
        ("a = 1\nb = = 2", "line 2, column 5: not TOML: Invalid value"),
        ("a = [", "end of document: not TOML: "),
        ("a = " + "9" * 5000, "not TOML: a value too large to be read"),
        ("a = " + "[" * 100_000, "not TOML: a value too large to be read"),
    ],
)
def test_every_mistake_is_one_sentence(path: Path, text: str, said: str) -> None:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SitesError) as caught:
        load_sites(path)
    assert str(caught.value).startswith(f"sites.toml: {said}")
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300
    assert isinstance(caught.value, CrawlError)


def test_files_that_are_no_text(path: Path, tmp_path: Path) -> None:
    path.write_bytes(b"contact = 'a'\n# \xff")
    with pytest.raises(SitesError, match=r"^sites.toml: not UTF-8: byte 16 begins no character$"):
        load_sites(path)
    with pytest.raises(SitesError, match="cannot be read: Is a directory"):
        load_sites(tmp_path)
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert len(load_sites(path)) == 3


_scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
_values = _scalars | st.lists(_scalars, max_size=3) | st.dictionaries(st.text(max_size=5), _scalars, max_size=2)
_keys = st.sampled_from(["url", "delay", "language", "allow_loopback", "feeds", "sitemaps"]) | st.text(max_size=8)


def _loads_or_says_why(path: Path, text: str) -> None:
    path.write_bytes(text.encode("utf-8", "replace"))
    try:
        load_sites(path)
    except SitesError as error:
        said = str(error)
    else:
        return
    assert "\n" not in said
    assert said.startswith(str(path))
    said.encode()


@given(text=st.text() | st.text(alphabet="[]{}=\"'#.,\n abcsites123-:"))
def test_any_text_loads_or_is_explained(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "any.toml"
    _loads_or_says_why(path, text)
    _loads_or_says_why(path, GOOD + text)


@given(table=st.dictionaries(_keys, _values, max_size=4), name=st.text(min_size=1, max_size=8) | st.just("example"))
def test_any_table_loads_or_is_explained(
    tmp_path_factory: pytest.TempPathFactory, table: dict[str, Any], name: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "table.toml"
    document = {"sites": {name: {"url": "https://gazette.example/", **table}}}
    try:
        text = _toml(document)
    except UnicodeEncodeError:
        return
    _loads_or_says_why(path, text)


def _toml(document: dict[str, Any]) -> str:
    """Just enough TOML: everything inline, strings as JSON writes them."""

    def written(value: Any) -> str:
        if isinstance(value, dict):
            pairs = (f"{written(key)} = {written(inner)}" for key, inner in value.items())
            return "{" + ", ".join(pairs) + "}"
        if isinstance(value, list):
            return "[" + ", ".join(map(written, value)) + "]"
        if isinstance(value, float) and not isinstance(value, bool):
            return repr(value)
        return msgspec.json.encode("" if value is None else value).decode()

    return "\n".join(f"{written(key)} = {written(value)}" for key, value in document.items())


def test_a_site_covers_its_host_in_every_spelling() -> None:
    site = Site(name="medias", url="https://www.médias.example/")
    assert site.covers("https://www.xn--mdias-bsa.example/a")
    assert not site.covers("https://ailleurs.test/a")
    assert not site.covers("mailto:x")
