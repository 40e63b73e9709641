"""What was learnt of a site, as lines for a person and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from archive.reading.profile import Profile, Rule, Template

_SAYS = {
    "source": "believe {value}",
    "cut": "without “{value}”",
    "element": "stands in {value}",
    "remove": "leave out the part {value}",
    "line": "leave out the line “{value}”",
    "end": "ends before the line “{value}”",
}
_CONFIRMED = {"rest": "the site's API", "feed": "the feed", "agreement": "the page's own witnesses"}
_LONGEST = 60
_FIELDS = ("title", "authors", "published", "text")


def lines(profile: Profile, adopted: str | None) -> Iterator[str]:
    """Yield what a profile knows: its templates, and each rule with the pages it was seen and confirmed on."""
    when = f", in use since {adopted[:10]}" if adopted else ""
    articles = sum(template.pages for template in profile.templates)
    yield f"{profile.site}: profile {profile.version}{when}, learnt from {articles:,} articles"
    for template in profile.templates:
        yield from _template(template)
    for field, selectors in profile.selectors.items():
        yield from (f"  by hand    {field}: {selector}" for selector in selectors)


def _template(template: Template) -> Iterator[str]:
    marks = ", ".join(template.marks[:4]) or "no class names"
    yield f"  template {template.name} ({marks}{', ...' if len(template.marks) > 4 else ''})"
    yield f"    {template.pages:,} articles, captured {template.first} to {template.last}"
    for rule in sorted(template.rules, key=lambda rule: (_FIELDS.index(rule.field), -rule.pages)):
        yield f"    {rule.field:9}  {_says(rule)}  ({_why(rule)})"
    if not template.rules:
        yield "    nothing to do better than without a profile"


def _says(rule: Rule) -> str:
    value = rule.value if len(rule.value) <= _LONGEST else rule.value[: _LONGEST - 3] + "..."
    return _SAYS[rule.kind].format(value=value)


def _why(rule: Rule) -> str:
    seen = f"on {rule.pages:,} pages"
    if rule.by not in _CONFIRMED or not rule.right + rule.wrong:
        return seen
    return f"{seen}; {_CONFIRMED[rule.by]} confirmed it on {rule.right:,}, contradicted it on {rule.wrong:,}"


def document(profile: Profile, adopted: str | None) -> dict[str, Any]:
    """Return the same for programs."""
    return {"version": profile.version, "adopted": adopted, **profile.document()}
