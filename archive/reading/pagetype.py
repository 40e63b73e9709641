"""What kind of page it is: one list of rules, asked in order; the first that knows decides, and its word is kept.

`RULES` are asked of the page before its text is read, those of archive/reading/pagetext.py where they left it open.
Every decision names its rule and what the rule saw: for an article it is the field `accepted_by`, else the rejection's
detail. docs/page-kinds.md says the same for readers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

from archive.reading import absence, barriers, engines, jsonld, shapes
from archive.reading.blocks import Block
from archive.reading.evidence import Evidence
from archive.reading.listing import count_words, surveyor
from archive.reading.markup import Element, absolute
from archive.reading.pagetext import FEWEST_LISTED, TEXT_RULES, Reading, is_og_article
from archive.reading.verdict import ARTICLE, ASKED_FOR, Verdict, first

_LISTINGS = {"home", "blog", "archive", "category", "tag", "author", "date", "search", "post-type-archive"}
_SINGLE = {"single", "single-post"}
# schema.org's types of pages that list; those of a site about itself; both are subtypes of WebPage.
_LISTING_TYPES = ("CollectionPage", "SearchResultsPage", "ProfilePage")
_STATIC_TYPES = ("AboutPage", "ContactPage", "CheckoutPage")
_ENTRY = re.compile(r"(?:^|\s)h-entry(?:\s|$)")
_ENTRY_DATE = re.compile(r"(?:^|\s)dt-published(?:\s|$)")
_MICRODATA = re.compile(r"schema\.org/(?:\w*Article|BlogPosting|LiveBlogPosting)\b", re.IGNORECASE)
# Addresses right below the home page at which sites speak of themselves.
_OWN_PAGES = {
    "a-propos", "apropos", "about", "about-us", "qui-sommes-nous", "contact", "contacts", "contact-us",
    "nous-contacter", "mentions-legales", "legal", "imprint", "impressum", "kontakt", "privacy", "privacy-policy",
    "datenschutz", "politique-de-confidentialite", "cookies", "politique-de-cookies", "cgu", "cgv", "terms",
    "terms-of-service", "faq", "newsletter",
    "abonnement", "subscribe", "plan-du-site",
    "publicite", "advertise", "recrutement", "charte",
}  # fmt: skip
# Those that may be what an article is about; of the others generators say og:type article, and when they were written.
_MAY_BE_SUBJECTS = {"legal", "cookies", "faq", "newsletter", "publicite", "recrutement", "charte"}
# What software puts before the name of a tag, category or author, and nobody before an article's.
_SOFTWARE_LIST = re.compile(
    r"/(?:tags?|categor(?:y|ies|ie)|cat|kategorien?|mots?-cles?|authors?|auteurs?|autor(?:en|es)?)/[^/]+/?$",
    re.IGNORECASE,
)
# A year, month or day and nothing else; behind other words it may be an article's: /elections/2024/.
_WHOLE_DATE = re.compile(
    r"(?:/(?:archives?|archiv|blog|news|posts))?/(?:19|20)\d\d(?:[/-]\d\d?){0,2}(?:/page/\d+)?/?(?:index\.\w{2,5})?",
    re.IGNORECASE,
)
# Last words of addresses at which software lists everything.
_OVERVIEWS = {"archive", "archives", "archiv", "tags", "categories", "authors", "auteurs", "rubriques", "themes"}
# Where Pelican, Nikola and other generators keep pages that are no posts; no feed lists them.
_PAGES_FOLDER = "pages"
_SEARCH = re.compile(r"/(?:search|recherche|suche|buscar|cerca|zoeken)(?:\.\w{2,5}|/[^/]*)?/?$", re.IGNORECASE)
_SEARCHED = {"s", "q", "query", "search", "recherche", "keyword", "keywords"}
_LANGUAGE = re.compile(r"\A/[a-z]{2}(?:-[a-z]{2})?/(?:index\.\w{2,5}$)?", re.IGNORECASE)
_TELLING = ("rest", "news-sitemap", "feed")  # ways of discovery that name articles only; sitemaps and listings do not


def judge(evidence: Evidence) -> Verdict | None:
    """Return what the first rule that knows says of a parsed page; None if its text must tell."""
    return first(RULES, evidence)


def judge_text(blocks: Sequence[Block], evidence: Evidence, verdict: Verdict | None) -> Verdict:
    """Return the verdict once the text is read: of what is known to be an article any will do but a word of its end."""
    words = sum(count_words(block.text) for block in blocks)
    if not words:
        return Verdict("no_text", "no text: nothing is left of the page without its navigation")
    if barrier := barriers.of_text(blocks, words, evidence):
        return barrier
    gone = absence.of_text("\n".join(block.text for block in blocks), words, evidence)
    if gone and verdict is not ASKED_FOR:
        return gone
    if verdict:
        return verdict
    found = first(TEXT_RULES, Reading(evidence, blocks, surveyor(evidence).survey()))
    assert found is not None
    return found


# -- The rules, in the order they are asked


def _password_form(evidence: Evidence) -> Verdict | None:
    """WordPress prints a form in the text's place."""
    asks = any(_asks_for_password(form) for form in evidence.markup.forms)
    return Verdict("password_protected", "the text is behind WordPress's password form") if asks else None


def _asks_for_password(form: Element) -> bool:
    classes = (form.get("class") or "").split()
    return "post-password-form" in classes or "action=postpass" in (form.get("action") or "")


def _wordpress_class(evidence: Evidence) -> Verdict | None:
    """WordPress's body classes know; SEO plugins set og:type to "article" on archives too, so these come first."""
    markup = evidence.markup
    if markup.wordpress_class("attachment"):
        return Verdict("attachment", "a picture's or file's own page")
    if markup.wordpress_class(*_SINGLE):
        return Verdict(ARTICLE, "single post")
    if listing := markup.body_classes & _LISTINGS if markup.wordpress else None:
        return Verdict("listing", ", ".join(sorted(listing)))
    numbered = any(name.startswith("page-id-") for name in markup.body_classes)
    if markup.wordpress and (numbered or "page" in markup.body_classes) and not evidence.article:
        return Verdict("static_page", "a page, not a post")
    return None


def _engine_class(evidence: Evidence) -> Verdict | None:
    """Other systems tell by classes, too, which template they served a page by."""
    found = engines.told(evidence.markup)
    if found and found[0] == "static_page" and any(evidence.links(*_TELLING)):
        return None
    return Verdict(*found) if found else None


def _front_page(evidence: Evidence) -> Verdict | None:
    """A host's root changes all day, and what it shows has an address of its own; unless it is one dated article."""
    if not shapes.is_home(evidence.page.url):
        return None
    named = any(map(shapes.is_home, _addresses(evidence.article, evidence)))
    if named and "datePublished" in evidence.article and surveyor(evidence).survey().teasers < FEWEST_LISTED:
        return None
    return Verdict("listing", "the site's home page")


def _addresses(node: jsonld.Node, evidence: Evidence) -> set[str]:
    """What a node says is its page."""
    stated = (value for key in ("url", "@id", "mainEntityOfPage") for value in evidence.graph.each(node.get(key)))
    named = (value.get("@id") or value.get("url") if isinstance(value, dict) else value for value in stated)
    return {address.partition("#")[0].rstrip("/") for address in named if isinstance(address, str)}


def _listing_address(evidence: Evidence) -> Verdict | None:
    """A tag's, section's, author's or month's address; unless the page is stated to be an article, by its address.

    Some sites keep articles below /themes/ or give them a day as address: there a list must be seen, too.
    """
    path = urlsplit(evidence.page.url).path
    if evidence.article or any(evidence.links(*_TELLING)):
        return None
    named = _listing_named(evidence.page.url) or _listing_paged(evidence)
    if named is None:
        return None
    because = f"{path} is the address of {named.what}"
    if named.sure:
        return Verdict("listing", because)
    found = surveyor(evidence).survey()
    shown = found.teasers if named.may_be_article else max(found.teasers, found.links)
    if shown < FEWEST_LISTED or (named.may_be_article and found.is_mostly_own):
        return None
    return Verdict("listing", f"{because}, and has {shown} links to other pages, {found.prose} paragraphs")


class _Named(NamedTuple):
    what: str
    sure: bool = False
    may_be_article: bool = False  # then there must be more words of announcements than of prose


def _listing_named(url: str) -> _Named | None:
    path, query = urlsplit(url).path, parse_qsl(urlsplit(url).query)
    searched = any(name.lower() in _SEARCHED and not value.isdigit() for name, value in query)
    if _SEARCH.search(path) or (searched and shapes.is_home(urlsplit(url)._replace(query="").geturl())):
        return _Named("a search's results", sure=True)
    if kind := shapes.listing_kind(url):
        sure = _SOFTWARE_LIST.search(path) or _WHOLE_DATE.fullmatch(path)
        return _Named(f"a list by {kind}", sure=sure is not None, may_be_article=True)
    if _LANGUAGE.fullmatch(path):
        return _Named("the home page in one language", may_be_article=True)
    last = path.strip("/").lower().rpartition("/")[2].partition(".")[0]
    number = shapes.split_page(url)[1]
    further = number is not None and (number > 1 or last.startswith("index")) and not shapes.is_article(url)
    if last in _OVERVIEWS or further:
        return _Named("an overview, or of its further pages")
    return _Named("what a search has found") if searched else None


def _listing_paged(evidence: Evidence) -> _Named | None:
    """Whether rel=next or prev lead to other numbers of this address; those of posts lead to their neighbours."""
    markup, here = evidence.markup, shapes.split_page(evidence.page.url)[0]
    anchors = ((frozenset(anchor.get("rel").lower().split()), anchor.get("href")) for anchor in markup.anchors)
    for rels, href in (*markup.links, *anchors):
        target = absolute(markup.base, href) if rels & {"next", "prev", "previous"} else None
        listing, number = shapes.split_page(target) if target else ("", None)
        if number is not None and listing == here:
            return _Named("a list's first page: the next is numbered", may_be_article=True)
    return None


def _json_ld(evidence: Evidence) -> Verdict | None:
    """schema.org's types, of the node that is about this page; several articles' nodes are those of a list."""
    if evidence.article:
        others = set() if any(evidence.links(*_TELLING)) else _others(evidence)
        if len(others) >= FEWEST_LISTED:
            return Verdict("listing", f"describes {len(others)} articles, each at another address")
        return Verdict(ARTICLE, " ".join(str(name) for name in evidence.graph.each(evidence.article["@type"])))
    if any(evidence.links(*_TELLING)):
        return None
    stated = {kind for node, nested in evidence.graph.nodes if not nested for kind in jsonld.kinds(node)}
    for verdict, types in (("listing", _LISTING_TYPES), ("static_page", _STATIC_TYPES)):
        if found := stated & {name.lower() for name in types}:
            return Verdict(verdict, ", ".join(sorted(found)))
    if "itemlist" in stated and not is_og_article(evidence.markup) and next(_stated(evidence), None) is None:
        survey = surveyor(evidence).survey()
        if survey.teasers >= FEWEST_LISTED and not survey.is_mostly_own:
            return Verdict("listing", f"itemlist, and {survey.teasers} links to other articles")
    return None


def _others(evidence: Evidence) -> set[str]:
    """Addresses of the articles that JSON-LD describes, if none of them may be this page's."""
    about = [
        _addresses(node, evidence) for node, nested in evidence.graph.nodes if not nested and jsonld.is_article(node)
    ]
    is_elsewhere = surveyor(evidence).is_elsewhere
    own = [named for named in about if not named or not all(map(is_elsewhere, named))]
    return set() if own else {min(named) for named in about}


def _discovery(evidence: Evidence) -> Verdict | None:
    """Feeds, news sitemaps and APIs list articles and nothing else."""
    named = next(evidence.links(*_TELLING), None)
    return Verdict(ARTICLE, f"named by {named.via} {named.found_on}") if named else None


def _own_address(evidence: Evidence) -> Verdict | None:
    """Where sites speak of themselves; and where generators keep pages, though they call them og:type article."""
    steps = _LANGUAGE.sub("/", urlsplit(evidence.page.url).path.lower()).strip("/").split("/")
    name = steps[0].partition(".")[0] if len(steps) == 1 else ""
    stated = name in _MAY_BE_SUBJECTS and (next(_stated(evidence), None) or is_og_article(evidence.markup))
    if name in _OWN_PAGES and not stated:
        return Verdict("static_page", f"/{steps[0]} is where sites speak of themselves")
    generator = evidence.markup.meta("generator")
    # Nikola dates its pages, too.
    dated = evidence.markup.meta("article:published_time") and not (generator and "Nikola" in generator.value)
    plain = not dated and not shapes.is_article(evidence.page.url)
    if len(steps) > 1 and steps[0] == _PAGES_FOLDER and plain:
        return Verdict("static_page", f"/{_PAGES_FOLDER}/ holds the pages of a site that are no posts")
    return None


def _markup(evidence: Evidence) -> Verdict | None:
    """What the page says of itself in OpenGraph's date, microdata and microformats."""
    stated = next(_stated(evidence), None)
    return Verdict(ARTICLE, stated) if stated else None


def _stated(evidence: Evidence) -> Iterator[str]:
    markup = evidence.markup
    if markup.meta("article:published_time"):
        yield "article:published_time"
    marked = [article for article in markup.articles if _MICRODATA.search(article.get("itemtype") or "")]
    entries = list(markup.with_class(_ENTRY))
    dated = entries if len(entries) == 1 and next(markup.with_class(_ENTRY_DATE), None) is not None else []
    for name, found in (("microdata of one article", marked), ("one dated h-entry", dated)):
        if len(found) == 1 and not surveyor(evidence).announces(found[0]):
            yield name


RULES: dict[str, Callable[[Evidence], Verdict | None]] = {
    "password form": _password_form,
    "in the way": barriers.of_page,
    "not found": absence.of_page,
    "wordpress class": _wordpress_class,
    "engine class": _engine_class,
    "front page": _front_page,
    "listing address": _listing_address,
    "json-ld": _json_ld,
    "discovery": _discovery,
    "own address": _own_address,
    "markup": _markup,
}
