"""Ways of discovery: pure functions from a body to the links it names.

Each has the signature `(body, base_url) -> Iterator[Link | Source]`, never raises on what a stranger
wrote, and fetches nothing: what should be read next is a `Source` for the spider to fetch. What came
before a broken tail is kept; at most `MAX_LINKS` are given, and nothing of a body over `MAX_BYTES`.
"""

from __future__ import annotations

import codecs
import io
import json
import re
import zlib
from collections import deque
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml import etree

from archive.encoding import decode_text
from archive.models import Link
from archive.reading import dates

MAX_LINKS = 50_000  # what the sitemap protocol allows one file to hold
MAX_BYTES = 50 * 1024 * 1024  # unpacked; the sitemap protocol's other limit
MAX_PAGE = 5 * 1024 * 1024  # bytes of HTML; a listing of a thousand teasers has one
_LONGEST_URL = 8192  # characters, as archive.urls
_LONGEST_TEXT = 2000  # characters; a longer "summary" is the article itself
_UNREADABLE = "\ufffd"  # in place of bytes that are not what the encoding says
_GZIP = b"\x1f\x8b"
_CHUNK = 64 * 1024
# No repetition can run past a "<", so that a text of nothing but "<a" costs no more than its length.
_TAG = re.compile(r"<[a-zA-Z/!?][^<>]*>")
_SPACES = re.compile(r"[ \t\r\n\f]+")  # not the no-break spaces: they are typography
# An ampersand that begins none of XML's own references: bare in an address, or an HTML entity that no feed declares.
# Escaped, it survives the parser, and `plain` undoes it; entities that a document type declares never expand (in
# attributes lxml would expand them whatever it is told).
# Nor is a reference to half a character (U+D800 to U+DFFF, which software that writes UTF-16 gives in pairs) one of
# XML's: libxml2 lets it through when it recovers, and lxml cannot read the text.
_HALVES = r"0*(?:5529[6-9]|55[3-9]\d\d|56\d{3}|57[0-2]\d\d|573[0-3]\d|5734[0-3]);|x0*[dD][89a-fA-F][0-9a-fA-F]{2};"
_BARE = re.compile(
    rf"&(?!(?:amp|lt|gt|quot|apos|#(?!{_HALVES})(?:[0-9]{{1,7}}|x[0-9a-fA-F]{{1,6}}));)".encode(),
)
_DECLARATION = re.compile(r"<\?xml[^<>]*>")
_CDATA = b"<![CDATA["
_ENCODING = re.compile(rb"""<\?xml[^<>]{0,200}?encoding\s*=\s*["'](?!utf-?8["'])""", re.IGNORECASE)
# Half a character as if it were one of UTF-8 (CESU-8), which is let through in the same way.
_HALF = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")
_LAST_YEAR = 9998  # 9999 is software's "for ever", and overflows in another zone
_CONTROLS = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Source:
    """One more place to look for links: `kind` is "feed", "sitemap", "rest" or "listing".

    `modified` (aware) is a date after which nothing in it changed or came, where that was said of it.
    """

    url: str
    kind: str
    modified: datetime | None = None


def unpacked(body: bytes) -> bytes:
    """The body without a gzip wrapping of its own (`sitemap.xml.gz`); empty if that is over `MAX_BYTES`."""
    if body.startswith(_GZIP):
        body = _gunzipped(body)
    return body if len(body) <= MAX_BYTES else b""


def _gunzipped(body: bytes) -> bytes:
    inflate = zlib.decompressobj(wbits=31)
    parts: list[bytes] = []
    size = 0
    for start in range(0, len(body), _CHUNK):
        try:
            parts.append(inflate.decompress(body[start : start + _CHUNK], MAX_BYTES + 1 - size))
        except zlib.error:  # a broken tail: keep what came before
            break
        size += len(parts[-1])
        if size > MAX_BYTES:
            return b"".join(parts)
    return b"".join(parts)


def elements(body: bytes, *names: str) -> Iterator[etree._Element]:
    """Yield every XML element of one of these names in any namespace; it is emptied when the next is asked for."""
    text = whole(body, *names)
    text = text[max(text.find(b"<?xml", 0, 4096), 0) :]  # some sites print white space or warnings first
    events = etree.iterparse(
        io.BytesIO(_ampersands(_without_halves(text))),
        tag=[f"{{*}}{name}" for name in names],
        recover=True,
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        for _, element in events:
            yield element
            _forget(element)
    except etree.XMLSyntaxError:  # beyond recovery: what came before has been given
        return


def whole(body: bytes, *names: str) -> bytes:
    """The body up to the last element of these names that is whole: half an element holds half an address."""
    body = _without_utf16(body)
    closing = re.compile(rf"</(?:[\w.-]+:)?(?:{'|'.join(names)})\s*>".encode(), re.IGNORECASE)
    last = deque(closing.finditer(body), maxlen=1)
    return body[: last[0].end()] if last else b""


def _without_utf16(body: bytes) -> bytes:
    """Text in UTF-16, told by its mark, as UTF-8; and no null bytes, which hide UTF-16 without one."""
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = body.decode("utf-16", "replace")
        body = _DECLARATION.sub("", text, count=1).encode("utf-8", "replace")
    return body.replace(b"\0", b"")


def _without_halves(text: bytes) -> bytes:
    return text if _ENCODING.match(text) else _HALF.sub(_UNREADABLE.encode(), text)


def _ampersands(text: bytes) -> bytes:
    """The XML with its bare ampersands escaped, but for those in CDATA sections, where they belong."""
    before, *sections = text.split(_CDATA)
    parts = [_BARE.sub(b"&amp;", before)]
    for section in sections:
        cdata, end, after = section.partition(b"]]>")
        parts.append(cdata + end + _BARE.sub(b"&amp;", after))
    return _CDATA.join(parts)


def html_root(body: bytes) -> etree._Element | None:
    """The root of an HTML page, of its first `MAX_PAGE` bytes and up to the last element closed; none for no page.

    libxml2 gives up below 256 nested elements; what came before is kept.
    """
    text = decode_text(whole(unpacked(body)[:MAX_PAGE], r"\w+"), None)
    parser = etree.HTMLParser(
        encoding="utf-8", no_network=True, huge_tree=False, collect_ids=False, remove_comments=True, remove_pis=True
    )
    try:
        return etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:  # an empty page, or not one
        return None


def base_of(root: etree._Element, url: str) -> str:
    """What the addresses of a page are relative to: its `<base href>`, else its own address."""
    base = next(root.iter("base"), None)
    return url if base is None else absolute(base.get("href"), url) or url


def _forget(element: etree._Element) -> None:
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def local_name(element: etree._Element) -> str:
    """The name without namespace or prefix; a prefix that stands for nothing is left in the name by the parser."""
    return str(element.tag).rpartition("}")[2].rpartition(":")[2]


def text_of(element: etree._Element | None) -> str:
    """All text of an element and its children; empty for none."""
    return "" if element is None else "".join(map(str, element.itertext())).strip()


def json_object(body: bytes) -> Any:
    """The JSON value of a body, or none if it is not JSON."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):  # not JSON, not a text encoding, or a tower of brackets
        return None


def dig(value: Any, *path: str) -> Any:
    """What lies at `path` in nested JSON objects, or none."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def items(value: Any) -> list[Any]:
    """A JSON list, or an empty one in place of anything else."""
    return value if isinstance(value, list) else []


def absolute(url: Any, base_url: str) -> str | None:
    """An http(s) URL made absolute, or none for anything else."""
    if not isinstance(url, str) or not url.strip():
        return None
    try:
        joined = urljoin(base_url, url.strip().replace("&amp;", "&"))  # some escape twice
        parts = urlsplit(joined)
        joined.encode()  # JSON can hold half a character
    except ValueError:  # strangers write addresses such as http://[/
        return None
    readable = len(joined) <= _LONGEST_URL and _UNREADABLE not in joined
    return joined if parts.scheme in {"http", "https"} and parts.hostname and readable else None


def in_base(url: str, element: etree._Element) -> str:
    """An address as the `xml:base` around an element has it; relative if that is."""
    try:
        return urljoin(element.base or "", url.strip())
    except ValueError:  # a base such as http://[/
        return url


def brings_new(found: Iterable[Link | Source], known: Container[str]) -> bool:
    """Whether a page of a feed or listing names an article whose URL is not in `known`.

    Where one brings none, the site ignores the page's number or has come to its end: what follows is not asked for.
    """
    return any(isinstance(one, Link) and one.url not in known for one in found)


def same_host(url: str, other: str) -> bool:
    """Whether two absolute URLs name one host, `www.` aside."""
    return host(url) == host(other)


def host(url: str) -> str:
    """The host of a URL in lower case without `www.`; empty if it has none."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def plain(markup: Any) -> str | None:
    """Text of a snippet of HTML: tags out, entities undone, white space single; none if empty, over long or garbled."""
    if not isinstance(markup, str) or len(markup) > 10 * _LONGEST_TEXT:
        return None
    text = unescape(_TAG.sub("", markup)).encode("utf-8", "replace").decode()
    text = _CONTROLS.sub("", _SPACES.sub(" ", text)).strip()
    return text if 0 < len(text) <= _LONGEST_TEXT and _UNREADABLE not in text else None


def moment(raw: Any) -> datetime | None:
    """An aware date: a day alone is its midnight in UTC (W3C datetime), a time without a zone is none."""
    when = written(raw)
    if when is None or when.tzinfo is not None:
        return when
    is_utc = not dates.has_time(raw) or raw.rstrip().endswith("-0000")  # RFC 5322: UTC, by an unknown clock
    return when.replace(tzinfo=UTC) if is_utc else None


def written(raw: Any) -> datetime | None:
    """A date as written, without a zone if it names none."""
    when = dates.parse(raw) if isinstance(raw, str) else None
    return when if when is not None and when.year <= _LAST_YEAR else None


def unique(texts: Iterator[str | None]) -> tuple[str, ...]:
    """Texts without the empty and the repeated, in order."""
    return tuple(dict.fromkeys(text for text in texts if text))
