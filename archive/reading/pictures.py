"""Which picture an `<img>` stands for: its address, whatever lazy loading and picture servers made of it.

`identity` folds the sizes in which publishing systems and picture servers offer one picture into one key.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from archive.reading.markup import Element, absolute

TAGS = ("img", "amp-img")
_LAZY = (
    "data-src", "data-lazy-src", "data-original", "data-full-url", "data-large-file", "data-orig-file", "data-lazy",
    "data-original-src", "data-hi-res-src", "data-lazyload", "data-img-src", "data-image-src", "data-url",
)  # fmt: skip
_SETS = ("data-srcset", "data-lazy-srcset", "data-original-set", "srcset")
# HTML, "srcset attributes": an address is a run of non-spaces; a comma at its end says that it has no descriptor.
_CANDIDATE = re.compile(r"[\s,]*+([^\s,]\S*+)(?:(?<=,)|([^,]*+))")
_DESCRIPTOR = re.compile(r"\s++([\d.]{1,9})[wx](?!\S)")
_LONGEST_SET = 10_000  # characters of all sets of one picture
_LONGEST_ADDRESS = 4_000  # characters; more is data in the form of an address
_MOST_SOURCES = 20
# WordPress names its sizes name-300x200.jpg, what it makes of a large upload name-scaled.jpg, a turned one -rotated.
_SIZED_NAME = re.compile(r"(?:[-_](?:\d{2,5}x\d{2,5}|scaled|rotated))+(?=\.\w{3,4}$)", re.IGNORECASE)
# One step of a path that tells a picture server (thumbor, Cloudinary, imgproxy, Drupal) how to cut and scale.
_SIZED_STEP = re.compile(
    r"\d{1,5}x\d{1,5}(?:[:x!^]\w*)*|fit-in|smart|unsafe|resize[dr]?|crop(?:ped)?|filters:.*|styles|public|cache"
    r"|[a-z]{1,3}_[\w.:%-]+(?:,[a-z]{1,3}_[\w.:%-]+)*,?|(?:w|h|width|height|q|quality|f|format|fit)[=:_-]?\d+(?:,.*)?"
    r"|(?:width|height|quality|format|fit|w|h|q|f)=.*|[\w-]{27}=|v\d{8,}|cdn-cgi|image",
    re.IGNORECASE,
)
_SIZE_QUERY = re.compile(
    r"(?:w|h|width|height|max-?[wh]\w*|fit|crop|resize|size|quality|q|auto|format|fm|dpr|ssl|strip|zoom|s|sig|ixlib"
    r"|ixid|rect|fp-[xyz]|cs|usm|itok|scale|op_\w+|im|impolicy|imwidth|wid|hei|qlt|fmt|resmode|v|ver|t|ts)",
    re.IGNORECASE,
)
_WITHIN = re.compile(r"/(https?:/{1,2})?((?(1)[^/]|(?:[a-z0-9-]++\.)+[a-z]{2,10}/).+)$")
_FILE = re.compile(r"\.(?:jpe?g|png|webp|avif|gif)$")
_PHOTON = re.compile(r"i\d\.wp\.com$")  # WordPress.com's picture server: its path is host and path of the original
_WIDTH = re.compile(r"[-_/](\d{2,5})x\d{2,5}(?=[./_-]|$)|[?&,/](?:w|width|wid|imwidth)[=_](\d{2,5})", re.IGNORECASE)
_LONGEST_NAME = 300  # characters of a class or an id
_SMALLEST = 60  # pixels; smaller ones are icons and counters
_DECORATION = re.compile(
    r"avatar|gravatar|(?<![a-z])logos?(?![a-z])|(?<![a-z])icons?(?![a-z])|emoji|smil(?:ey|ies)|sprite|favicon"
    r"|author[-_]?(?:image|photo|pic|img|thumb)|(?<![a-z])badge|tracking|(?<![a-z])pixel(?![a-z])|spinner|loader"
    r"|flag-icon|newsletter|sharedaddy|share[-_]?(?:button|icon)",
    re.IGNORECASE,
)
_PLACEHOLDER = re.compile(
    r"placeholder|spacer|blank\.|pixel\.|1x1|lazy-?load|transparent\.|(?<![a-z])empty\.(?:gif|png|svg)|loading\.\w{3,4}$"
    r"|grey\.gif|gray\.gif|dummy\.",
    re.IGNORECASE,
)
_COUNTERS = re.compile(
    r"(?:^|\.)(?:pixel\.wp\.com|stats\.wp\.com|doubleclick\.net|scorecardresearch\.com|quantserve\.com|vgwort\.de"
    r"|gravatar\.com|s\.w\.org|googlesyndication\.com|google-analytics\.com|amazon-adsystem\.com|xiti\.com|ivwbox\.de"
    r"|feedburner\.com|feedsportal\.com|adnxs\.com|chartbeat\.net|smartadserver\.com)$"
)


def address(image: Element, base: str) -> str | None:
    """The largest picture an element names; none for placeholders, counters and what is no web address."""
    written, plain = _plain(image, base)
    sized = dict(_sized(image))
    by_width = sorted(sized, key=lambda raw: sized[raw], reverse=True)  # stable: of equals the first named
    raw, largest = next(((raw, found) for raw in by_width if (found := _picture(raw, base))), ("", None))
    if largest is None or (plain and written not in sized and not width(plain)):
        return plain
    return largest if plain is None or sized[raw] > sized.get(written, width(plain)) else plain


def _plain(image: Element, base: str) -> tuple[str, str | None]:
    """The address outside of sets, as written and absolute: lazy loading leaves a placeholder in src."""
    for name in (*_LAZY, "src"):
        raw = image.get(name)
        if raw and (found := _picture(raw, base)):
            return raw.strip(), found
    return "", None


def _picture(raw: str, base: str) -> str | None:
    found = absolute(base, raw) if len(raw) <= _LONGEST_ADDRESS else None
    return None if found is None or _is_placeholder(found) else found


def _sized(image: Element) -> Iterator[tuple[str, float]]:
    """The addresses of srcset as written, with their widths; densities (2x) rank by themselves."""
    left = _LONGEST_SET
    for holder in _holders(image):
        for value in filter(None, map(holder.get, _SETS)):
            for match in _CANDIDATE.finditer(value[:left]):
                raw = match[1].rstrip(",")
                described = _DESCRIPTOR.match(match[2] or "")
                yield raw, (_number(described[1]) if described else 0.0) or width(raw)
            left = max(0, left - len(value))


def _holders(image: Element) -> list[Element]:
    """The picture and the sources beside it."""
    around = image.getparent()
    if around is None or around.tag not in {"picture", "source"}:  # libxml2 does not know that <source> is empty
        return [image]
    around = next(image.iterancestors("picture"), around)
    return [image, *islice(around.iter("source"), _MOST_SOURCES)]


def _number(size: str) -> float:
    return float(size) if size.count(".") <= 1 and size != "." else 0.0


def width(found: str) -> float:
    """The width an address states, in pixels; 0 if it states none."""
    match = _WIDTH.search(found)
    return float(match[1] or match[2]) if match else 0.0


def _is_placeholder(found: str) -> bool:
    try:
        parts = urlsplit(found)
    except ValueError:  # strangers write addresses such as http://[/
        return True
    return (
        _PLACEHOLDER.search(parts.path.rpartition("/")[2]) is not None
        or _COUNTERS.search((parts.hostname or "").lower()) is not None
        or parts.path in {"", "/"}
    )


def is_decoration(image: Element, found: str) -> bool:
    """Whether it is an icon, a logo, somebody's portrait beside a byline, an emoji or a counter."""
    if any(_pixels(image.get(side)) < _SMALLEST for side in ("width", "height")):
        return True
    parent = image.getparent()
    names = (image.get("class"), image.get("id"), parent.get("class") if parent is not None else None)
    named = " ".join((name or "")[:_LONGEST_NAME] for name in names)
    return _DECORATION.search(named) is not None or _DECORATION.search(found.rpartition("/")[2][:200]) is not None


def size(width: str | None, height: str | None) -> tuple[int | None, int | None]:
    """Width and height in pixels as stated: HTML's attributes, schema.org's properties; none unless both are."""
    stated = [(side or "").strip().removesuffix("px").strip() for side in (width, height)]
    if not all(side.isascii() and side.isdecimal() and 0 < len(side) < 6 and int(side) for side in stated):
        return None, None
    return int(stated[0]), int(stated[1])


def _pixels(size: str | None) -> int:
    digits = (size or "").strip().removesuffix("px")[:6]
    return int(digits) if digits.isdecimal() and digits.isascii() else _SMALLEST


def identity(found: str) -> str:
    """What all sizes of one picture have in common: host and path without sizes, and a query without them."""
    if len(found) > _LONGEST_ADDRESS:
        return found
    try:
        parts = _original(urlsplit(found))
    except ValueError:
        return found
    steps = [step for step in parts.path.split("/") if step and not _SIZED_STEP.fullmatch(step)]
    name = _SIZED_NAME.sub("", steps.pop()) if steps else ""
    name = re.sub(r"(\.(?:jpe?g|png|gif))\.(?:webp|avif)$", r"\1", name.lower())
    query = sorted(f"{key}={value}" for key, value in parse_qsl(parts.query) if not _SIZE_QUERY.fullmatch(key))
    return "/".join([(parts.hostname or "").removeprefix("www."), *steps, name, *query])


def _original(parts: SplitResult) -> SplitResult:
    """The address a picture server was given, where its own has that within: in the path or as ?url=."""
    if _PHOTON.match(parts.hostname or ""):
        return urlsplit("https:/" + parts.path)
    query = dict(parse_qsl(parts.query))
    inner = next((query[name] for name in ("url", "src", "image") if "/" in query.get(name, "")), None)
    if inner:
        return urlsplit(inner if "://" in inner else f"https://{parts.hostname}{inner}")
    path = unquote(parts.path)
    match = _WITHIN.search(path)
    if match and (match[1] or _FILE.search(path)):
        return urlsplit(f"https://{match[2]}")
    return parts
