"""Words of a page as Markdown (CommonMark 0.31, tables as GFM): nothing of it can become markup of its own.

An archived page is hostile: what reads as Markdown, HTML or an entity in its words is escaped, and only web addresses
are linked.
"""

from __future__ import annotations

import re

from archive.reading.markup import absolute

_ALWAYS = str.maketrans({mark: f"\\{mark}" for mark in "\\[]*`<"})  # a hundred times as quick as a pattern
_AT_TIMES = re.compile(r"~~|&(?=#?\w{1,31};)|(?<![^\W_])_(?=\S)|(?<=\S)_(?![^\W_])")
# What opens a heading, a quotation, a list, a rule or a fence at a line's beginning.
_OPENERS = re.compile(r"^(#{1,6}(?=\s|$)|>|[+-](?=\s|$)|-{2,}|={2,}(?=\s*$)|~{3,}|\d{1,9}(?=[.)](?:\s|$)))")
_CLOSER = re.compile(r"(?:(?<=\s)|^)(#+)$")
_ADDRESS = str.maketrans({
    " ": "%20", "(": "%28", ")": "%29", "<": "%3C", ">": "%3E", "\\": "%5C", '"': "%22", "`": "%60", "|": "%7C",
    "[": "%5B", "]": "%5D", "*": "%2A",
    **{chr(code): f"%{code:02X}" for code in (*range(0x20), 0x7F)},
})  # fmt: skip


def escape(text: str) -> str:
    """Words within a line."""
    return _AT_TIMES.sub(r"\\\g<0>", text.translate(_ALWAYS))


def opened(line: str) -> str:
    """A line whose words are escaped already, so that its beginning opens nothing."""
    return _OPENERS.sub(r"\\\1", line)


def unclosed(heading: str) -> str:
    """A heading whose words are escaped already; number signs at its end would be taken for its mark (# Title #)."""
    return _CLOSER.sub(r"\\\1", heading)


def target(address: str) -> str:
    """A web address as a link's target."""
    return address.translate(_ADDRESS)


def link(words: str, address: str) -> str:
    """A link with words of the page; its address must be a web address."""
    return f"[{escape(words)}]({target(address)})"


def linked(text: str, base: str, href: str | None) -> str:
    """Words that stand in a link (None: in none), as a link if it leads to a web address; white space stays outside."""
    escaped = escape(text)
    address = absolute(base, href) if href else None
    inner = escaped.strip()
    if address is None or not inner:
        return escaped
    return escaped.replace(inner, f"[{inner}]({target(address)})", 1)


def picture(address: str, alt: str | None, caption: str | None, credit: str | None) -> str:
    """A picture, and below it the line printed beside it."""
    printed = " — ".join(part for part in (caption, credit) if part)
    shown = f"![{escape(alt or caption or '')}]({target(address)})"
    return f"{shown}\n{opened(escape(printed))}" if printed else shown
