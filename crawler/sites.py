"""sites.toml as frozen values; every mistake in it is one sentence that names file, site and key."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

import msgspec

from archive import revisits
from archive.reading.profile import HAND_WRITTEN, compiled
from crawler import limits
from crawler.channels import Notify, notify_of
from crawler.errors import SitesError
from crawler.limits import Limits
from crawler.site import Site

_URL = "an absolute http:// or https:// URL"
# What a key takes, for the sentence that says what was expected.
_EXPECTED = {
    "url": _URL,
    "delay": "a number of seconds, from 0 to 3600",
    "language": 'a language tag such as "fr" or "pt-BR"',
    "allow_loopback": "true or false",
    "feeds": f"a list, each {_URL}",
    "sitemaps": f"a list, each {_URL}",
    "sections": f"a list, each {_URL}",
    "rest": f"{_URL} of a WordPress REST API, or false to leave it alone",
    "pages": '"now", "later" or "never"',
    "javascript": "true or false",
    "every": 'a list of two durations, the shortest and the longest, such as ["15 minutes", "1 day"]',
    "revisit": 'a list of durations such as "1 hour" or "2 weeks", or false for none',
    "revisit_budget": "a number of requests a day, from 0 to 1000000",
    "unconditional_every": "a number of visits, from 1 to 1000",
    "timeout": "a number of seconds, from 1 to 600",
    "requests_per_day": "a number of requests, from 1 to 1000000",
    "selectors": f"a table of {', '.join(HAND_WRITTEN)}, each a CSS selector or a list of them",
}
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
_TOP = ("contact", "sites", "limits", "notify")
_FIRST_SITE = '[sites.example] with url = "https://example.org/"'


@dataclass(frozen=True, slots=True)
class Sites(Mapping[str, Site]):
    """The sites of one file by name; `contact` is who runs the crawler, none if the file does not say."""

    path: Path
    contact: str | None = None
    by_name: Mapping[str, Site] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    notify: Notify = field(default_factory=Notify)

    def __getitem__(self, name: str) -> Site:
        return self.by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.by_name)

    def __len__(self) -> int:
        return len(self.by_name)

    def all(self) -> tuple[Site, ...]:
        return tuple(self.by_name.values())

    def named(self, name: str) -> Site:
        """Return a site by name; raises SitesError with the nearest name there is."""
        if name not in self.by_name:
            raise SitesError(f"{self.path}: no site {_shown(name)}{_hint(name, self.by_name)}")
        return self.by_name[name]

    def choose(self, names: Sequence[str], urls: Sequence[str]) -> tuple[str, ...]:
        """Return the names of the sites to crawl: those given, else all; none if single pages are asked for."""
        if names and urls:
            raise SitesError("give either sites or --url, not both")
        for url in urls:
            self.site_for(url)
        chosen = tuple(dict.fromkeys(self.named(name).name for name in names or ([] if urls else self.by_name)))
        if not chosen and not urls:
            raise SitesError(f"{self.path}: names no site; begin with {_FIRST_SITE}")
        return chosen

    def site_for(self, url: str) -> Site:
        """Return the site a URL belongs to, by its host (`www.` aside, the port if it decides); else one made of it."""
        if not _is_url(url):
            raise SitesError(f"expected {_URL}, got {_shown(url)}")
        parts = urlsplit(url)
        same_host = [site for site in self.all() if _host(site.url) == _host(url)]
        same_port = [site for site in same_host if urlsplit(site.url).port == parts.port]
        ad_hoc = Site(name=parts.hostname or "", url=f"{parts.scheme}://{parts.netloc}/")
        return next(iter((*same_port, *same_host)), ad_hoc)


def load_sites(path: Path, *, needed: bool = True) -> Sites:
    """Read a list of sites; a missing one is empty unless `needed`. Raises SitesError for anything else amiss."""
    if not needed and not path.exists():
        return Sites(path)
    document = _toml(path)
    for key in document:
        if key not in _TOP:
            _fail(f"{path}: unknown key {_shown(key)}{_hint(key, _TOP)}")
    tables = document.get("sites", {})
    if not isinstance(tables, dict):
        _fail(f"{path}: sites: expected tables such as {_FIRST_SITE}, got {_shown(tables)}")
    by_name = {name: _site(path, name, table) for name, table in tables.items()}
    notify = notify_of(path, document.get("notify", {}))
    return Sites(path, _contact(path, document), by_name, _limits(path, document), notify)


def loopback_hosts(path: str) -> list[str]:
    """Return the hosts of the sites that may be on this machine, for the address guard.

    None if the list cannot be read: settings are made before there is anybody to tell, and `load_sites` will tell.
    """
    try:
        sites = load_sites(Path(path), needed=False)
    except SitesError:
        return []
    return [urlsplit(site.url).hostname or "" for site in sites.all() if site.allow_loopback]


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        _fail(f"{path}: no such file; write one with {_FIRST_SITE}, or give another with --sites")
    except OSError as error:
        _fail(f"{path}: cannot be read: {error.strerror}")
    except UnicodeDecodeError as error:
        _fail(f"{path}: not UTF-8: byte {error.start} begins no character")
    except tomllib.TOMLDecodeError as error:
        what, _, where = str(error).removesuffix(")").rpartition(" (at ")
        _fail(f"{path}: {where}: not TOML: {what}")
    except (ValueError, RecursionError):  # a number or a nesting of thousands
        _fail(f"{path}: not TOML: a value too large to be read")


def _contact(path: Path, document: dict[str, Any]) -> str | None:
    contact = document.get("contact")
    # It goes into a header of every request.
    if contact is not None and not (isinstance(contact, str) and re.fullmatch(r"[\x21-\x7e][\x20-\x7e]*", contact)):
        _fail(f"{path}: contact: expected an e-mail address or a URL, got {_shown(contact)}")
    return contact


def _limits(path: Path, document: dict[str, Any]) -> Limits:
    try:
        return limits.parse(document.get("limits", {}))
    except (TypeError, ValueError) as error:
        _fail(f"{path}: {error}")


def _site(path: Path, name: str, table: Any) -> Site:
    where = f"{path}: site {_shown(name)}"
    if not _NAME.fullmatch(name):
        _fail(f"{where}: expected a name of a-z, 0-9, - and _")
    if not isinstance(table, dict):
        _fail(f"{where}: expected a table such as {_FIRST_SITE}, got {_shown(table)}")
    for key in table:
        if key not in _EXPECTED:
            _fail(f"{where}: unknown key {_shown(key)}{_hint(key, _EXPECTED)}")
    if "url" not in table:
        _fail(f"{where}: url: expected {_URL}, got nothing")
    site = _converted(where, name, table)
    for key, url in _urls(site):
        if not _is_url(url):
            _fail(f"{where}: {key}: expected {_URL}, got {_shown(url)}")
    _check_durations(where, site)
    _check_selectors(where, site)
    return site


def _check_durations(where: str, site: Site) -> None:
    for key in ("every", "revisit"):
        given = getattr(site, key)
        for at, text in enumerate(given if isinstance(given, tuple) else ()):
            try:
                revisits.duration(text)
            except ValueError:
                _fail(f'{where}: {key}[{at}]: expected a duration such as "1 hour" or "2 weeks", got {_shown(text)}')
    if site.bounds().shortest > site.bounds().longest:
        _fail(f"{where}: every: expected the shorter of two durations first, got {_shown(list(site.every))}")


def _check_selectors(where: str, site: Site) -> None:
    for key, selectors in site.by_hand().items():
        try:
            list(map(compiled, selectors))
        except ValueError as error:
            _fail(f"{where}: selectors.{key}: {error}")


def _urls(site: Site) -> Iterator[tuple[str, str]]:
    yield "url", site.url
    if isinstance(site.rest, str):
        yield "rest", site.rest
    for key in ("feeds", "sitemaps", "sections"):
        yield from ((f"{key}[{at}]", url) for at, url in enumerate(getattr(site, key)))


def _converted(where: str, name: str, table: dict[str, Any]) -> Site:
    try:
        return msgspec.convert({**table, "name": name}, Site)
    except msgspec.ValidationError as error:
        place = re.search(r"\$\.(\w+)", str(error))
        if place is None:
            raise
        _fail(f"{where}: {place[1]}: expected {_EXPECTED[place[1]]}, got {_shown(table[place[1]])}")


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    plain = text.isprintable() and " " not in text and "@" not in parts.netloc and "\\" not in parts.netloc
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and port != 0 and plain


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")


def _shown(value: Any) -> str:
    """A value as TOML would write it, cut to fit a line."""
    if isinstance(value, bool):
        return str(value).lower()
    text = f'"{value}"' if isinstance(value, str) else repr(value)
    text = "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text[:60])
    return text if len(text) < 60 else f"{text[:57]}..."


def _hint(word: str, known: Mapping[str, Any] | Sequence[str]) -> str:
    near = difflib.get_close_matches(word, list(known), n=1)
    if near:
        return f'; did you mean "{near[0]}"?'
    return f"; there {'is' if len(known) == 1 else 'are'} {', '.join(known)}" if known else "; it names none"


def _fail(sentence: str) -> NoReturn:
    raise SitesError(sentence)
