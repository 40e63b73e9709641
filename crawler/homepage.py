"""What a home page says of its site: the software behind it, its name and language, and whether scripts build it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from lxml import etree

from crawler.discovery import absolute, dig, html_root, items, json_object, plain, unpacked

Headers = Sequence[tuple[str, str]]

_LONGEST = 80  # characters of a name, in a table of one line each
_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z")  # BCP 47, roughly
# What marks a page as made by software that does not name itself in <meta name="generator">.
_MARKS = (
    ("WordPress", re.compile(rb"/wp-content/|/wp-includes/|https://api\.w\.org/")),
    ("Ghost", re.compile(rb"/ghost/api/|ghost-(?:portal|sdk)|data-ghost=")),
    ("Drupal", re.compile(rb"data-drupal-|/sites/default/files/")),
    ("SPIP", re.compile(rb"spip\.php\?|/squelettes|/plugins-dist/")),
    ("Joomla", re.compile(rb"/media/jui/|/components/com_|/media/system/js/")),
    ("TYPO3", re.compile(rb"/typo3(?:conf|temp)/")),
    ("Blogger", re.compile(rb"blogger\.com/static/")),
)
_NO_WORDS = {"script", "style", "noscript", "template", "svg", "title"}
# A page that a browser builds: what is left without scripts would not fill a business card.
_FEW_WORDS = 300  # characters
_FEW_LINKS = 8
_BIG_SCRIPT = 5000  # characters of a script within the page; a consent banner's loader is shorter
_NO_AI = {"noai", "noimageai", "noml"}
_SIGNAL = re.compile(rb"^[ \t]*content-signal[ \t]*:[ \t]*([^\r\n#]{1,200})", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class HomePage:
    """What was read from a home page's HTML and headers."""

    platform: str | None
    name: str | None
    language: str | None
    needs_javascript: bool
    opt_outs: tuple[str, ...]


def read(body: bytes, headers: Headers) -> HomePage | None:
    """Read a home page; None if the body holds no HTML element at all."""
    root = html_root(body)
    if root is None or not (root.findall(".//body/*") or root.findall(".//head/*")):
        return None
    metas = _metas(root)
    return HomePage(
        platform=_platform(unpacked(body), metas),
        name=_name(root, metas),
        language=_language(root, metas, headers),
        needs_javascript=_needs_javascript(root),
        opt_outs=tuple(dict.fromkeys((*_in_headers(headers), *_in_metas(metas)))),
    )


def _metas(root: etree._Element) -> dict[str, str]:
    """The first content of each <meta>, by its name or property in lower case."""
    found: dict[str, str] = {}
    for meta in root.iter("meta"):
        key = (meta.get("name") or meta.get("property") or "").strip().lower()
        if key and (value := plain(meta.get("content"))):
            found.setdefault(key, value)
    return found


def _platform(body: bytes, metas: dict[str, str]) -> str | None:
    if generator := metas.get("generator"):
        return _short(generator)
    return next((name for name, mark in _MARKS if mark.search(body)), None)


def _name(root: etree._Element, metas: dict[str, str]) -> str | None:
    title = next((plain(" ".join(map(str, element.itertext()))) for element in root.iter("title")), None)
    name = metas.get("og:site_name") or metas.get("application-name") or title
    return _short(name) if name else None


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _language(root: etree._Element, metas: dict[str, str], headers: Headers) -> str | None:
    said = (
        root.get("lang"),
        root.get("{http://www.w3.org/XML/1998/namespace}lang") or root.get("xml:lang"),
        metas.get("og:locale"),
        *(value for name, value in headers if name == "content-language"),
    )
    return next((tag for raw in said if (tag := language_tag(raw))), None)


def language_tag(raw: str | None) -> str | None:
    """Return a language as sites.toml takes it ("fr", "pt-BR"), or None for what is no tag."""
    tag = (raw or "").strip().replace("_", "-")
    return tag if _TAG.match(tag) else None


def _needs_javascript(root: etree._Element) -> bool:
    bodies = root.findall("body")
    if not bodies:
        return False
    counts: Counter[str] = Counter()
    for element in bodies[0].iter():
        counts["words"] += _words_of(element)
        counts["links"] += element.tag == "a" and bool(element.get("href"))
    scripts = list(root.iter("script"))
    heavy = any(script.get("src") or len(script.text or "") > _BIG_SCRIPT for script in scripts)
    return heavy and counts["words"] < _FEW_WORDS and counts["links"] < _FEW_LINKS


def _words_of(element: etree._Element) -> int:
    inside = 0 if element.tag in _NO_WORDS else len((element.text or "").strip())
    return inside + len((element.tail or "").strip())


# -- Opt-outs: what a site says of machines that read it. They are shown, and a person decides.


def _in_headers(headers: Headers) -> Iterator[str]:
    for name, value in headers:
        if name == "x-robots-tag" and (no := _no_ai(value)):
            yield f"X-Robots-Tag: {no}"
        if name == "tdm-reservation" and value.strip() == "1":
            yield "tdm-reservation header: text and data mining reserved"


def _in_metas(metas: dict[str, str]) -> Iterator[str]:
    if no := _no_ai(metas.get("robots", "")):
        yield f"robots meta: {no}"
    if metas.get("tdm-reservation") == "1":
        yield "tdm-reservation meta: text and data mining reserved"


def _no_ai(directives: str) -> str:
    words = re.split(r"[\s,:;]+", directives.lower())
    return ", ".join(word for word in words if word in _NO_AI)


def robots_signals(body: bytes) -> Iterator[str]:
    """Yield the `Content-Signal` lines of a robots.txt that say no (contentsignals.org)."""
    for line in _SIGNAL.findall(body):
        said = plain(line.decode("utf-8", "replace")) or ""
        if re.search(r"=\s*no\b", said, re.IGNORECASE):
            yield f"robots.txt Content-Signal: {_short(said)}"


def reservations(body: bytes, base_url: str) -> Iterator[str]:
    """Yield what a `/.well-known/tdmrep.json` reserves (W3C TDM Reservation Protocol): a list of places."""
    rules: Iterable[object] = items(json_object(unpacked(body)))
    for rule in rules:
        if str(dig(rule, "tdm-reservation")) == "1":
            place = dig(rule, "location")
            where = plain(place) if isinstance(place, str) and absolute(place, base_url) else None
            yield f"tdmrep.json: text and data mining reserved for {_short(where or 'everything')}"
