"""The headline as printed: every witness of it, and the rules by which one is believed.

A headline is told from a title for search results by who agrees: two witnesses of different makers do not share an SEO
plugin's words by chance. A single page cannot always tell; a site's feed and its profile can.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from archive.reading import jsonld, sitename
from archive.reading.choice import FIRST, Choice, Claim, choose
from archive.reading.evidence import Evidence
from archive.reading.headings import Heading, find, printed
from archive.reading.markup import Statement
from archive.reading.sitename import is_site, longest_part, without_site
from archive.reading.wording import confirmed_part, readable, same, words

__all__ = ["claims", "headline", "same", "site_name", "words"]

CONFIRMED = "the first whose words the feed confirms"
AGREED = "the printed heading and og:title agree against json-ld"
STATED = "json-ld's headline is the publishing system's own"
MARKED = "the post's title as WordPress marks it, where json-ld has none"
PRINTED = "the printed heading that og:title confirms"
SHARED = "og:title, where json-ld has none"
SPELT = "as most others spell it"
_PRINTED = ("h1", "h2", "h3")
_TOLD = ("feed", "news-sitemap")
_METAS = ("og:title", "twitter:title", "dc.title", "dcterms.title", "headline")
_REPEATED = 3  # times that a page may state the same meta tag
_FEWEST_WORDS = 3  # of a title for sharing; a shorter one is a section's or a site's name

site_name = sitename.site_name


def claims(evidence: Evidence) -> list[Claim[str]]:
    """Every witness of the title in the order they are believed, each without the site's name.

    rest: the publishing system's own words. h1 (or h2, h3): the printed heading. json-ld: made for articles. feed and
    news-sitemap: they may lag. Then metas and `<title>`, written for sharing and for search results.
    """
    return _claims(evidence, None)[0]


def headline(evidence: Evidence, site: str | None) -> Choice[str] | None:
    """The headline, chosen among the claims; `site` is one more name of the site."""
    stated, heading = _claims(evidence, site)
    if not stated:
        return None
    marked = heading is not None and heading.marked and evidence.markup.wordpress
    claim, rule = _believed(stated, marked=marked)
    best = claim if claim.source == "rest" else _as_spelt(claim, stated)
    return choose(stated, rule if best is claim else f"{rule}; {SPELT}", best)


def _claims(evidence: Evidence, site: str | None) -> tuple[list[Claim[str]], Heading | None]:
    """The claims, and the heading behind the printed one."""
    names = [site or "", *(claim.value for claim in sitename.claims(evidence)), evidence.host.removeprefix("www.")]
    heads = [text for text in printed(evidence) if not is_site(text, names)]
    stated = [_bare(claim, names, heads) for claim in _stated(evidence)]
    title = _bare(Claim(readable(evidence.markup.page_title) or "", "title"), names, heads)
    titles = [text for text in (*(claim.value for claim in stated), title.value) if text]
    heading = find(evidence, names, titles)
    if title.value:
        known = [*heads, *(claim.value for claim in stated)]
        whole = any(same(title.value, other) for other in known)
        stated.append(title if whole else Claim(longest_part(title.value), "title"))
    if heading is None:
        return stated, None
    others = [title.value, *(claim.value for claim in stated if claim.source != "title")]
    part = confirmed_part(heading.text, others, beginning=heading.parted)
    return [*_placed(stated, Claim(part, heading.source), sure=heading.sure)], heading


def _bare(claim: Claim[str], names: Sequence[str], heads: Sequence[str]) -> Claim[str]:
    """The claim without the site's name; the API and feeds state titles alone."""
    return claim if claim.source in {"rest", "feed"} else Claim(without_site(claim.value, names, heads), claim.source)


def _stated(evidence: Evidence) -> Iterator[Claim[str]]:
    """What is stated for machines, `<title>` apart."""
    written = [*evidence.linked("title", "rest")]
    called = jsonld.string(evidence.article.get("headline"))
    written += [Statement(called, "json-ld")] if called else []
    written += [*evidence.linked("title", "feed", "news-sitemap"), *_metas(evidence)]
    return (Claim(text, found.source) for found in written if (text := readable(found.value)))


def _metas(evidence: Evidence) -> Iterator[Statement]:
    return (found for name in _METAS for found in islice(evidence.markup.every_meta(name), _REPEATED))


def _placed(stated: Sequence[Claim[str]], heading: Claim[str], *, sure: bool) -> Iterator[Claim[str]]:
    """The claims with the printed one in its place: behind rest; if it is unsure behind JSON-LD and the feed, too."""
    before = {"rest"} if sure else {"rest", "json-ld", "feed", "news-sitemap"}
    yield from (claim for claim in stated if claim.source in before)
    yield heading
    yield from (claim for claim in stated if claim.source not in before)


def _believed(stated: Sequence[Claim[str]], *, marked: bool) -> tuple[Claim[str], str]:
    """The claim whose words are the headline's, and why."""
    whole = [claim for claim in stated if not _is_cut(claim, stated)] or list(stated)
    first = {claim.source: claim for claim in reversed(whole)}
    heading = next((claim for claim in whole if claim.source in _PRINTED), None)
    called, shared = first.get("json-ld"), first.get("og:title")
    if "rest" in first:
        return first["rest"], FIRST
    if confirmed := _confirmed(whole):
        return confirmed, CONFIRMED
    if called:
        agreed = heading and shared and same(heading.value, shared.value) and not _has(heading, called)
        return (shared, AGREED) if shared and agreed else (called, STATED)
    if heading and (marked or (shared and _has(heading, shared))):
        return heading, MARKED if marked else PRINTED
    if shared and len(words(shared.value)) >= _FEWEST_WORDS:
        return shared, SHARED
    return heading or whole[0], FIRST


def _has(heading: Claim[str], shared: Claim[str]) -> bool:
    """Whether one is the other with more: a label, a subtitle, or the rest of what was shortened for sharing."""
    if heading.value.startswith(shared.value):  # cut within a word
        return True
    pairs = ((words(shared.value), words(heading.value)), (words(heading.value), words(shared.value)))
    return any(short in (whole[: len(short)], whole[-len(short) :]) for short, whole in pairs if short)


def _confirmed(stated: Sequence[Claim[str]]) -> Claim[str] | None:
    """The first of the page's own claims that has the words of what a feed or a news sitemap calls the article."""
    told = [claim.value for claim in stated if claim.source in _TOLD]
    own = (claim for claim in stated if claim.source not in _TOLD)
    return next((claim for claim in own if any(same(claim.value, title) for title in told)), None)


def _as_spelt(claim: Claim[str], stated: Sequence[Claim[str]]) -> Claim[str]:
    """A claim of the same words, if two others or more agree on how to write them.

    Programs replace dashes and quotation marks, or join a kicker by a mark of their own. A heading need not agree: what
    stands between its parts may come from a style sheet.
    """
    others = [other for other in stated if same(other.value, claim.value) and _spelling(other) != _spelling(claim)]
    for agreed in (others, [other for other in others if other.source not in _PRINTED]):
        if len(agreed) > 1 and len(set(map(_spelling, agreed))) == 1:
            return agreed[0]
    return claim


def _spelling(claim: Claim[str]) -> str:
    return " ".join(claim.value.split())


def _is_cut(claim: Claim[str], stated: Sequence[Claim[str]]) -> bool:
    """Whether the claim ends in an ellipsis where another one goes on."""
    if not claim.value.endswith(("…", "...")):
        return False
    own = words(claim.value)[:-1]  # the last word may be cut, too
    longer = (other.value for other in stated if len(other.value) > len(claim.value))
    return any(words(other)[: len(own)] == own for other in longer)
