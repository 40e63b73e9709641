"""Articles whose text stands only in a script: the state that a page's JavaScript would draw it from.

Next.js, Nuxt, Apollo, Redux and their like write that state as JSON. Nothing names the article's text there, so it is
looked for by what it is: the longest prose, as HTML, as plain text or as a list of paragraphs, below the page's title.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from archive.reading.evidence import Evidence
from archive.reading.markup import Element
from archive.reading.wording import words

MOST_CHARACTERS = 5_000_000  # of one script
_MOST_SCRIPTS = 40
_MOST_NODES = 200_000  # of all states together
_MOST_ROWS = 2_000  # of a stream
_DEEPEST = 80  # levels of a state
_DEEPEST_PARAGRAPH = 16  # levels of one paragraph's parts
_LEAST = 200  # characters of prose that make a text
_LINE = 40  # characters of a line that is prose
_NEAR = 6  # levels below what has the page's title
_ASSIGNED = re.compile(
    r"^[\s;]*(?:(?:window|self|globalThis|var|let|const)\b[.\s]?)?[\w.$\[\]\"' ]{1,80}=\s*(?=[{\[J])"
)
_PARSE = re.compile(r"JSON\.parse\(\s*(?=[\"'])")
_PUSHED = re.compile(r"^\s*(?:self|window)\.__next_f\.push\(\s*(?=\[)")
_ROW = re.compile(r"(?:^|\n)[0-9a-f]{1,8}:(?=[\[{\"])")
_TAG = re.compile(r"<[^<>]{0,2000}>")
_MARKUP = re.compile(r"<(?:p|div|h[1-6]|li|blockquote|br|figure)\b", re.IGNORECASE)
_FOREIGN = re.compile(
    r"comment|related|recommend|teaser|promo|footer|header|nav|menu|cookie|consent|i18n|translation|locale|message"
    r"|label|config|setting|legal|terms|privacy|newsletter|sidebar|trending|popular|latest|disclaimer|\bbio|author"
    r"|caption|transcript|\bcss|style|query|schema|seo|meta",
    re.IGNORECASE,
)
_TEXTS = ("text", "html", "content", "value", "children", "model", "data", "attributes", "attrs", "body", "paragraph",
          "paragraphs", "blocks", "items", "runs", "node", "props")  # fmt: skip
_TYPES = ("type", "_type", "__typename", "nodeType", "name", "tag", "tagName", "kind", "style", "component")
_NO_TEXT = re.compile(
    r"image|photo|picture|video|audio|embed|iframe|\bad\b|advert|related|promo|newsletter|teaser|gallery|widget|tweet"
    r"|button|script|poll|quiz|social|byline|figure|media|divider|infobox|signup|paywall",
    re.IGNORECASE,
)
_HEADING = re.compile(r"head|sub-?title|\bh[2-6]\b|zwischentitel|intertitre", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Found:
    """Prose in a state: its characters, whether the page's title stands near, and the text as HTML."""

    prose: int
    titled: bool
    written: str


@dataclass(slots=True)
class _Search:
    """One walk through a page's states; `titles` are the words of what the page calls the article."""

    titles: frozenset[tuple[str, ...]]
    found: list[_Found] = field(default_factory=list)
    left: int = _MOST_NODES

    def walk(self, node: Any, depth: int, titled: int) -> None:
        """Look at a value and what it holds; `titled` levels up stands the page's title."""
        self.left -= 1
        if depth > _DEEPEST or self.left < 0:
            return
        if isinstance(node, dict):
            titled = 0 if self._has_title(node) else titled + 1
            for key, value in node.items():
                if not _FOREIGN.search(str(key)[:100]):
                    self._value(value, depth, titled)
        elif isinstance(node, list):
            self._list(node, titled)
            for value in node:
                self._value(value, depth, titled + 1)

    def _value(self, value: Any, depth: int, titled: int) -> None:
        if isinstance(value, str):
            self._string(value, titled)
        elif isinstance(value, dict | list):
            self.walk(value, depth + 1, titled)

    def _has_title(self, node: dict[str, Any]) -> bool:
        values = (value for value in node.values() if isinstance(value, str) and 10 <= len(value) <= 400)
        return any(tuple(words(_TAG.sub("", value))) in self.titles for value in values)

    def _string(self, value: str, titled: int) -> None:
        if len(value) < _LEAST or len(value) > MOST_CHARACTERS or " " not in value[:400]:
            return
        if _MARKUP.search(value):
            plain = _TAG.sub("", value)
            written = value
        elif "<" not in value and value.count(". ") + value.count(".\n") + value.count("。") >= 2:
            plain = value
            written = "".join(f"<p>{html.escape(line)}</p>" for line in value.split("\n") if line.strip())
        else:
            return
        if len(plain) >= _LEAST:
            self.found.append(_Found(len(plain), titled <= _NEAR, written))

    def _list(self, items: list[Any], titled: int) -> None:
        """A list of paragraphs: texts, or nodes that have one each."""
        if len(items) < 2 or self.left < 0 or not isinstance(items[0], dict | str | list):
            return
        lines = [line for item in items for line in self._lines(item)]
        prose = sum(len(text) for _, text in lines if len(text) >= _LINE)
        if prose >= _LEAST:
            written = "".join(text if _MARKUP.search(text) else f"<{tag}>{text}</{tag}>" for tag, text in lines)
            self.found.append(_Found(prose, titled <= _NEAR, written))

    def _lines(self, item: Any) -> Iterator[tuple[str, str]]:
        """An item's tag and its text as HTML; the items of a list each for itself."""
        kind = _type(item)
        if kind and _NO_TEXT.search(kind):
            return
        inner = next((item[key] for key in _TEXTS if isinstance(item.get(key), list)), None) if kind else None
        if kind and "list" in kind.lower() and inner:
            yield "div", f"<ul>{''.join(f'<li>{self._text(part, 0)}</li>' for part in inner)}</ul>"
            return
        text = self._text(item, 0)
        if text.strip():
            tag = "h2" if kind and _HEADING.search(kind) else "blockquote" if "quote" in kind.lower() else "p"
            yield tag, text

    def _text(self, node: Any, depth: int) -> str:
        self.left -= 1
        if depth > _DEEPEST_PARAGRAPH or self.left < 0:
            return ""
        if isinstance(node, str):
            return node if "<" in node else html.escape(node, quote=False)
        if isinstance(node, list):
            return "".join(self._text(part, depth + 1) for part in node)
        if isinstance(node, dict) and not _NO_TEXT.search(_type(node)):
            held = (node[key] for key in _TEXTS if isinstance(node.get(key), str | list | dict))
            return next((text for value in held if (text := self._text(value, depth + 1))), "")
        return ""


def _type(node: Any) -> str:
    if not isinstance(node, dict):
        return ""
    return " ".join(value[:60] for key in _TYPES if isinstance(value := node.get(key), str))


def text(evidence: Evidence) -> str | None:
    """The article's text as HTML, as a script's state has it; none if no state has prose that may be this article's."""
    search = _Search(_titles(evidence))
    for state in _states(evidence.markup.states):
        search.walk(state, 0, _NEAR + 1)
    found = [one for one in search.found if one.titled] or search.found
    best = max(found, key=lambda one: one.prose, default=None)
    return best.written if best else None


def _titles(evidence: Evidence) -> frozenset[tuple[str, ...]]:
    markup = evidence.markup
    stated = [found.value for found in markup.every_meta("og:title", "twitter:title")]
    stated += [markup.page_title or "", str(evidence.article.get("headline") or "")]
    parts = [part for title in stated for part in (title, *re.split(r"\s[|–—-]\s", title[:1000]))]
    return frozenset(tuple(words(part)) for part in parts if len(words(part)) > 1)


def _states(scripts: Sequence[Element]) -> Iterator[Any]:
    """The JSON values of a page's scripts; what is no JSON is skipped."""
    pushed: list[str] = []
    for script in scripts[:_MOST_SCRIPTS]:
        written = script.text or ""
        if len(written) > MOST_CHARACTERS:
            continue
        if begun := _PUSHED.match(written):
            pushed += [part for part in _decoded(written, begun.end()) or () if isinstance(part, str)]
        elif "json" in (script.get("type") or "").lower():
            yield _decoded(written, len(written) - len(written.lstrip()))
        elif begun := _ASSIGNED.match(written):
            yield _assigned(written, begun.end())
    yield from _streamed("".join(pushed))


def _assigned(written: str, start: int) -> Any:
    called = _PARSE.match(written, start)
    if called is None:
        return _decoded(written, start)
    inner = _decoded(written, called.end())
    return _decoded(inner, 0) if isinstance(inner, str) else None


def _streamed(payload: str) -> Iterator[Any]:
    """The rows of React's stream: an id, a colon and a value; long texts stand for themselves."""
    for number, row in enumerate(_ROW.finditer(payload)):
        if number >= _MOST_ROWS:
            return
        yield _decoded(payload, row.end())
    for part in re.split(r"(?:^|\n|[>.!?\]}\"])[0-9a-f]{1,8}:T[0-9a-f]{1,8},", payload)[1:]:
        yield [part]


def _decoded(written: str, start: int) -> Any:
    try:
        return json.JSONDecoder().raw_decode(written, start)[0]
    except (ValueError, RecursionError):  # a script that is not JSON, or is made to be deep
        return None
