"""What kind of page it is: one list of rules, asked in order; the first that knows decides, and its word is kept.

`RULES` are asked of the page before its text is read, `judge_text` of the text where they left it open. Every decision
names its rule and what the rule saw: for an article it is the field `accepted_by`, else the rejection's detail.
docs/page-kinds.md says the same for readers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple
from urllib.parse import urlsplit

from archive.reading import jsonld, shapes
from archive.reading.blocks import Block
from archive.reading.evidence import Evidence
from archive.reading.markup import Element, Markup, absolute, content

ARTICLE = "article"  # the kind that is kept; every other is a reason to reject by
_LISTINGS = {"home", "blog", "archive", "category", "tag", "author", "date", "search", "error404", "post-type-archive"}
_SINGLE = {"single", "single-post"}
# schema.org's types of pages that list; those of a site about itself; both are subtypes of WebPage.
_LISTING_TYPES = ("CollectionPage", "SearchResultsPage", "ProfilePage")
_STATIC_TYPES = ("AboutPage", "ContactPage", "CheckoutPage")
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
# What software puts before the name of a tag, category or author, and nobody before an article's.
_SOFTWARE_LIST = re.compile(
    r"/(?:tags?|categor(?:y|ies|ie)|cat|kategorien?|mots?-cles?|authors?|auteurs?|autor(?:en|es)?)/[^/]+/?$",
    re.IGNORECASE,
)
# Last words of addresses at which software lists everything.
_OVERVIEWS = {"archive", "archives", "archiv", "tags", "categories", "authors", "auteurs", "rubriques", "themes"}
# Where Pelican, Nikola and other generators keep pages that are no posts; no feed lists them.
_PAGES_FOLDER = "pages"
_WORD = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|\w+"
)  # no spaces there: each character counts
_FEWEST_WORDS = 25  # of a text without any sign that it is an article
_MOST_LINKED = 0.5  # share of such a text that may stand in links
_FEWEST_TEASERS = 5
_HEADLINE_WORDS = 4
_MOST_LINES = 500  # of a page that are compared with its text
_FEWEST_LISTED = 3  # headings or lines that are links, to believe an address that may be a section's or a day's
_PARAGRAPH = 100  # characters outside of links that make a paragraph
_TELLING = ("rest", "news-sitemap", "feed")  # ways of discovery that name articles only; sitemaps and listings do not


class Verdict(NamedTuple):
    """What a rule knows: `kind` is "article" or the reason to reject by; `because` what it saw."""

    kind: str
    because: str


Rule = Callable[[Evidence], Verdict | None]


def judge(evidence: Evidence) -> Verdict | None:
    """Return what the first rule that knows says of a parsed page; None if its text must tell."""
    for name, rule in RULES.items():
        verdict = rule(evidence)
        if verdict:
            return Verdict(verdict.kind, f"{name}: {verdict.because}")
    return None


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


def _front_page(evidence: Evidence) -> Verdict | None:
    """A host's root changes all day; what it shows has an address of its own."""
    address = urlsplit(evidence.page.url)
    is_front = address.path in {"", "/"} and not address.query
    return Verdict("listing", "the site's home page") if is_front else None


def _listing_address(evidence: Evidence) -> Verdict | None:
    """A tag's, section's, author's or month's address; unless the page is stated to be an article, by its address.

    Some sites keep articles below /themes/ or give them a day as address: there a list must be seen, too.
    """
    url, path = evidence.page.url, urlsplit(evidence.page.url).path
    if evidence.article or any(evidence.links(*_TELLING)):
        return None
    kind = shapes.listing_kind(url)
    if kind and (_SOFTWARE_LIST.search(path) or _shows_list(evidence.markup, against_prose=True)):
        return Verdict("listing", f"{path} is the address of a list by {kind}")
    last = path.strip("/").lower().rpartition("/")[2].partition(".")[0]
    further = shapes.split_page(url)[1] is not None and not shapes.is_article(url)
    if (last in _OVERVIEWS or further) and _shows_list(evidence.markup, against_prose=False):
        return Verdict("listing", f"{path} is the address of an overview, or of its further pages")
    return None


def _shows_list(markup: Markup, *, against_prose: bool) -> bool:
    """Whether some headings, or lines of lists, are a headline's link to this site; more than paragraphs of prose.

    The further pages of a list may show whole posts: there paragraphs say nothing.
    """
    prose = sum(len(content(paragraph) or "") >= _PARAGRAPH for paragraph in markup.root.iter("p"))
    most = max(_FEWEST_LISTED, prose) if against_prose else _FEWEST_LISTED
    lines = (line for line in markup.root.iter("li", "dt", "h1", "h2", "h3", "h4") if _is_teaser(line, markup.base))
    return sum(1 for _ in islice(lines, most)) == most


def _is_teaser(line: Element, base: str) -> bool:
    link = next(line.iter("a"), None)
    target = absolute(base, link.get("href")) if link is not None else None
    if link is None or target is None or urlsplit(target).hostname != urlsplit(base).hostname:
        return False
    headline = len(_WORD.findall(content(link) or "")) >= _HEADLINE_WORDS
    # A post's own header is in the content, the page's is not.
    around = next(line.iterancestors("article", "nav", "aside", "footer", "header"), None)
    if around is not None and around.tag == "header":
        around = next(around.iterancestors("article"), around)
    return headline and (around is None or around.tag == "article")


def _json_ld(evidence: Evidence) -> Verdict | None:
    """schema.org's types, of the node that is about this page."""
    if evidence.article:
        return Verdict(ARTICLE, ", ".join(sorted(jsonld.kinds(evidence.article))))
    if any(evidence.links(*_TELLING)):
        return None
    stated = {kind for node, nested in evidence.graph.nodes if not nested for kind in jsonld.kinds(node)}
    for verdict, types in (("listing", _LISTING_TYPES), ("static_page", _STATIC_TYPES)):
        if found := stated & {name.lower() for name in types}:
            return Verdict(verdict, ", ".join(sorted(found)))
    return None


def _discovery(evidence: Evidence) -> Verdict | None:
    """Feeds, news sitemaps and APIs list articles and nothing else."""
    named = next(evidence.links(*_TELLING), None)
    return Verdict(ARTICLE, f"named by {named.via} {named.found_on}") if named else None


def _own_address(evidence: Evidence) -> Verdict | None:
    """Where sites speak of themselves; and where generators keep pages, though they call them og:type article."""
    steps = urlsplit(evidence.page.url).path.strip("/").lower().split("/")
    stated = next(_stated(evidence.markup), None)
    if len(steps) == 1 and steps[0].partition(".")[0] in _OWN_PAGES and not stated:
        return Verdict("static_page", f"/{steps[0]} is where sites speak of themselves")
    generator = evidence.markup.meta("generator")
    # Nikola dates its pages, too.
    dated = evidence.markup.meta("article:published_time") and not (generator and "Nikola" in generator.value)
    plain = not dated and not shapes.is_article(evidence.page.url)
    if len(steps) > 1 and steps[0] == _PAGES_FOLDER and plain:
        return Verdict("static_page", f"/{_PAGES_FOLDER}/ holds the pages of a site that are no posts")
    return None


def _markup(evidence: Evidence) -> Verdict | None:
    """What the page says of itself in OpenGraph and microdata."""
    stated = next(_stated(evidence.markup), None)
    return Verdict(ARTICLE, stated) if stated else None


def _stated(markup: Markup) -> Iterator[str]:
    if markup.meta("article:published_time"):
        yield "article:published_time"
    marked = [match[0] for article in markup.articles if (match := _MICRODATA.search(article.get("itemtype") or ""))]
    if len(marked) == 1:
        yield f"microdata {marked[0]}"
    kind = markup.meta("og:type")
    if kind and kind.value.lower().startswith("article"):
        yield "og:type article"


RULES: dict[str, Rule] = {
    "password form": _password_form,
    "wordpress class": _wordpress_class,
    "front page": _front_page,
    "listing address": _listing_address,
    "json-ld": _json_ld,
    "discovery": _discovery,
    "own address": _own_address,
    "markup": _markup,
}


# -- The text, where no rule knew


def judge_text(blocks: Sequence[Block], markup: Markup, verdict: Verdict | None) -> Verdict:
    """Return the verdict once the text is read: of what calls itself an article any text will do."""
    words = sum(len(_WORD.findall(block.text)) for block in blocks)
    if not words or (words < _FEWEST_WORDS and verdict is None):
        return Verdict("no_text", f"text: {words} words, and nothing says that it is an article")
    if verdict:
        return verdict
    linked, characters = sum(block.linked for block in blocks), sum(len(block.text) for block in blocks)
    prose = sum(1 for block in blocks if len(block.text) - block.linked >= _PARAGRAPH)
    teasers = _teasers(markup)
    saw = f"{teasers} linked headings, {prose} paragraphs, {linked} of {characters} characters in links"
    if linked > _MOST_LINKED * characters or (teasers >= max(prose, _FEWEST_TEASERS) and not _has_headline(markup)):
        return Verdict("listing", f"text: {saw}")
    # Where a page has no text trafilatura takes all of it, and its links are not told apart any more.
    listed = _words_of_lists(markup.root, " ".join(block.text for block in blocks))
    if listed > _MOST_LINKED * words:
        return Verdict("listing", f"text: {listed} of {words} words in lines that are links")
    return Verdict(ARTICLE, f"text: {saw}")


def _words_of_lists(root: Element, text: str) -> int:
    """Words of a text that stand in lines of lists and tables which are mostly a link."""
    listed = 0
    for line in islice(root.iter("li", "dt", "dd", "td", "h2", "h3", "h4"), _MOST_LINES):
        link = next(line.iter("a"), None)
        said = content(link) if link is not None else None
        if said and said in text:
            words = len(_WORD.findall(content(line) or ""))
            listed += words if 2 * len(_WORD.findall(said)) >= words else 0
    return listed


def _teasers(markup: Markup) -> int:
    """Headings that are links, outside of navigation and side columns: those of other articles."""
    linked = [
        heading for heading in markup.headlines if heading.tag != "h1" and next(heading.iter("a"), None) is not None
    ]
    return sum(1 for heading in linked if next(heading.iterancestors("nav", "aside", "footer"), None) is None)


def _has_headline(markup: Markup) -> bool:
    """Whether an h1 is a sentence rather than a section's name."""
    return any(len(_WORD.findall(content(h) or "")) >= _HEADLINE_WORDS for h in markup.headlines if h.tag == "h1")
