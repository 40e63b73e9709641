"""What the form of an address tells: an article's, a listing's, a page number's, a day's. Pure, no page is looked at.

The words are those that publishing systems and publishers put into addresses, in the languages of Europe; a rule needs
such a word, a date or a number at its place, never one site's layout.
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from urllib.parse import parse_qsl, unquote, urlsplit

_REMEMBERED = 4096  # addresses; a page links to most of its own two or three times, and each is asked about often
_FILE = re.compile(
    r"\.(?:pdf|jpe?g|png|gif|webp|avif|svg|bmp|ico|mp[34]|m4[av]|ogg|wav|webm|avi|mov|zip|gz|rar|7z|exe|apk|dmg|docx?"
    r"|xlsx?|pptx?|odt|ods|epub|csv|json|xml|rss|atom|rdf|txt|ics|css|js|woff2?)$",
    re.IGNORECASE,
)
# Of the software, wherever it stands in a path.
_SYSTEM = re.compile(
    r"/(?:wp-(?:admin|login|content|json|includes)|xmlrpc|cdn-cgi|feed|trackback|search|recherche|login|logout|signin"
    r"|signup|register|connexion|account|mon-compte|cart|panier|checkout)(?:\.\w{2,5})?(?:/|$)",
    re.IGNORECASE,
)
# Pages in which a site speaks of itself or serves its reader: a path's last word, as sections may have such names.
_SERVICE = re.compile(
    r"/(?:rss|flux-rss|suche|buscar|buscador|cerca|zoeken|sign-in|sign-up|inscription|anmelden|compte|konto"
    r"|about(?:-us)?|a-propos|apropos|qui-sommes-nous|ueber-uns|chi-siamo|quienes-somos|contact(?:-us)?|contacts?|contacto|contatti"
    r"|nous-contacter|contactez-nous|kontakt|impressum"
    r"|imprint|legal(?:-notice)?"
    r"|mentions-legales|aviso-legal"
    r"|terms(?:-(?:of-(?:service|use)|and-conditions))?|conditions-(?:generales|d-utilisation)[\w-]*"
    r"|privacy(?:-policy)?|politique-de-(?:confidentialite|cookies|protection)[\w-]*|politica-de-(?:privacidad|cookies)|datenschutz\w*"
    r"|cookies?(?:-policy)?|gestion-des-cookies|cgu|cgv|agb|faq|newsletters?|subscribe|abonnements?|abonnez-vous|abo"
    r"|advertise|advertising|publicite|plan-du-site|site-?map|share|print|imprimer|amp|embed|comments?|donate"
    r"|don|faire-un-don|recrutement|accessibilite|shop|boutique)(?:\.\w{2,5})?/?$",
    re.IGNORECASE,
)
_SERVICE_QUERY = {"s", "q", "search", "share", "replytocom", "feed", "print", "action", "add-to-cart", "redirect_to"}
# The word before a section's, tag's or author's own name.
_TAXONOMIES = {
    "section": "category categories categorie catégorie kategorie kategorien categoria rubrique rubriques rubrik"
    " section sections seccion ressort channel",
    "tag": "tag tags etiquette etiqueta etichetta mot-cle mots-cles motcle keyword keywords schlagwort schlagworte"
    " topic topics theme themes thema themen tema temas sujet label hashtag",
    "author": "author authors auteur auteurs autor autoren autores autore autori profile profil journaliste"
    " redacteur by",
}
_KINDS = {word: kind for kind, words in _TAXONOMIES.items() for word in words.split()}
_QUERY_KINDS = {"cat": "section", "category_name": "section", "category": "section", "tag": "tag", "author": "author"}
_PAGE_WORD = "page|pages|seite|pagina|página|strana|strona|sida|side|sivu|sayfa|oldal"
# The page's number at the end of a path: /page/2/, /page-2, /p2/, name-p2.html, name-page-2.html.
_PAGE_PATH = re.compile(
    rf"(?:/(?:{_PAGE_WORD})[-/]?|/p|[-_,](?:{_PAGE_WORD})[-_]?|[-_,]p)(\d{{1,5}})(\.\w{{2,5}})?/?$", re.IGNORECASE
)
_PAGE_QUERY = re.compile(
    r"(?:page|paged|pg|pag|pageno|page_?num(?:ber)?|currentpage|seite|pagina|strona|sida)", re.IGNORECASE
)
_INDEX_PAGE = re.compile(r"/index[-_]?(\d{1,5})(\.\w{2,5})$")  # of site generators: /index2.html, /index-7.html
_BARE_PAGE = re.compile(r"[/_,-](\d{1,4})(\.\w{2,5})?/?$")
_PAGER_QUERY = {"p", "start", "offset", "from", "first", "debut", "n", "b_start:int"}
_COMMENT_PAGE = re.compile(r"/comment-page-\d+|[?&](?:cpage|comments?_?page)=", re.IGNORECASE)

_YEAR_MONTH_DAY = re.compile(r"/(\d{4})(?:[/-](\d{1,2})(?:[/-](\d{1,2}))?)?(?:\.\w{2,5})?/?$")
_DAY_MONTH_YEAR = re.compile(r"/(\d{1,2})-(\d{1,2})-(\d{4})(?:\.\w{2,5})?/?$")
_DATE_QUERY = re.compile(r"(\d{4})-?(\d{2})(?:-?(\d{2}))?(?:T.*)?")
_DATE_NAMES = re.compile(r"m|day|month|jour|mois|tag|monat|[\w-]*date", re.IGNORECASE)
_YEAR_NAMES = ("year", "annee", "y", "yyyy"), ("monthnum", "month", "mois", "mm"), ("day", "jour", "dd")
_YEARS = range(1900, 3000)  # a year alone; other numbers of four digits are ids

_DAY = re.compile(r"/(?:19|20)\d\d[/-](?:0?[1-9]|1[0-2])(?:[/-](?:0?[1-9]|[12]\d|3[01]))?(?=[/-][^/]*[^\W\d])")
_COMPACT_DAY = re.compile(r"(?<!\d)(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?!\d)")
_LONG_NUMBER = re.compile(r"(?<!\d)\d{5,}(?!\d)")  # no year, page or day has five digits
_NUMBERED = re.compile(
    r"/(?:articles?|art|artikel|story|stories|posts?|news|noticias?|item|node|a|n|p)[/-]\d+(?:\.\w+)?/?$", re.IGNORECASE
)
_NUMBER_QUERY = re.compile(
    r"(?:p=\d{3,}|(?!cat|tag|auth|sec|rub|page|topic)\w*id=\d+|(?:art(?:icle)?(?:nr)?|story|post|news|item)=\d+)",
    re.IGNORECASE,
)
_FEWEST_HYPHENS = 3  # of a headline made into a slug; sections and service pages are named in one to three words
_NUMBERED_WORDS = {"article", "articles", "art", "artikel", "story", "stories", "post", "posts", "item", "node", "p"}
_LONG_WORD = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{8,}")  # headlines without spaces


@lru_cache(_REMEMBERED)
def is_served(url: str) -> bool:
    """Whether it leads to a page at all: no file, no feed, search, login or share, no page of the site about itself."""
    parts = urlsplit(url)
    names = {name.lower() for name, _ in parse_qsl(parts.query)}
    path = _path(url)
    refused = _FILE.search(path) or _SYSTEM.search(path) or _SERVICE.search(path) or names & _SERVICE_QUERY
    return not refused and not is_comment_page(url)


def is_home(url: str) -> bool:
    """Whether it is a host's root, or its directory index without a query."""
    parts = urlsplit(url)
    return re.fullmatch(r"/?(?:index\.\w{2,5})?", parts.path) is not None and not parts.query


def is_comment_page(url: str) -> bool:
    """Whether it pages an article's comments (WordPress: /comment-page-2/, ?cpage=2)."""
    return _COMMENT_PAGE.search(url) is not None


@lru_cache(_REMEMBERED)
def listing_kind(url: str) -> str | None:
    """What it lists, by a taxonomy's word or a date alone: "section", "tag", "author", "date"; none if nothing says."""
    if period_of(url) is not None:
        return "date"
    kinds = (_QUERY_KINDS.get(name.lower()) for name, value in parse_qsl(urlsplit(url).query) if value)
    if kind := next(filter(None, kinds), None):
        return kind
    segments = _segments(url)
    words = ((_KINDS[segment], len(segments) - at) for at, segment in enumerate(segments[:-1], 1) if segment in _KINDS)
    kind, depth = next(words, (None, 0))
    # Below /rubrique/ lie sections and their sections, and on some sites their articles.
    below = depth > 3 or (depth > 1 and _hyphens(segments[-1]) >= _FEWEST_HYPHENS)
    return None if below or _is_marked_article(url) else kind


@lru_cache(_REMEMBERED)
def is_article(url: str) -> bool:
    """Whether its form alone says article: a day before the slug, a number as software has, or a headline's slug."""
    slug = (_segments(url) or [""])[-1]
    if not is_served(url) or listing_kind(url) or (split_page(url)[1] and _hyphens(slug) < _FEWEST_HYPHENS):
        return False
    return (
        _is_marked_article(url)
        or _hyphens(slug) >= _FEWEST_HYPHENS
        or _LONG_WORD.search(slug) is not None
        or _NUMBERED.search(_path(url)) is not None
    )


def _hyphens(slug: str) -> int:
    return len(re.findall(r"[^\W_][-_]+(?=[^\W_])", slug))


def _is_marked_article(url: str) -> bool:
    """Whether it has a date before its slug, or a long number: no section, tag or author is named so."""
    path = _path(url)
    numbered = any(_NUMBER_QUERY.fullmatch(part) for part in urlsplit(url).query.split("&"))
    last = path.rstrip("/").rpartition("/")[2]
    dated = _DAY.search(path) or _COMPACT_DAY.search(path)
    return bool(dated or numbered or _LONG_NUMBER.search(last))


def _path(url: str) -> str:
    return unquote(urlsplit(url).path)


def _segments(url: str) -> list[str]:
    return [segment.lower() for segment in _path(url).split("/") if segment]


def period_of(url: str) -> date | None:
    """Return the first day of what a date archive lists (`/2019/`, `/2019/03/`, `?m=201903`); none for other pages."""
    listing, _ = split_page(url)
    path, _, query = listing.partition("?")
    if match := _YEAR_MONTH_DAY.search(path):
        before = path[: match.start()].rpartition("/")[2]
        if match[2] is None and (before in _KINDS or before in _NUMBERED_WORDS or int(match[1]) not in _YEARS):
            return None
        return _first_day(*match.groups())
    if match := _DAY_MONTH_YEAR.search(path):
        return _first_day(*match.groups()[::-1])
    return _asked_period(dict(parse_qsl(query)))


def _asked_period(query: dict[str, str]) -> date | None:
    for name, value in query.items():
        if _DATE_NAMES.fullmatch(name) and (match := _DATE_QUERY.fullmatch(value)):
            return _first_day(*match.groups())
    numbers = [next((query[name] for name in names if name in query), None) for names in _YEAR_NAMES]
    return _first_day(*numbers)


def _first_day(year: str | None, month: str | None, day: str | None) -> date | None:
    try:
        return date(int(year or 0), int(month or 1), int(day or 1))
    except (ValueError, OverflowError):  # the thirteenth month, or words
        return None


@lru_cache(_REMEMBERED)
def split_page(url: str, *, in_pager: bool = False) -> tuple[str, int | None]:
    """Return the listing that an address is a page of, without scheme and host, and its page number, if it has one.

    Two pages of one listing give the same listing. `in_pager` reads forms that mean a page only between page numbers:
    `/2/`, `?p=2`, `?start=20`.
    """
    parts = urlsplit(url)
    path, number = _path(url).lower(), None
    if match := _INDEX_PAGE.search(path):
        path, number = path[: match.start()], int(match[1])
    elif match := _PAGE_PATH.search(path) or (_BARE_PAGE.search(path) if in_pager else None):
        path, number = path[: match.start()] + (match.groups()[-1] or ""), int(match[1])
    query = []
    for name, value in parse_qsl(parts.query):
        named = _PAGE_QUERY.fullmatch(name) or (in_pager and name.lower() in _PAGER_QUERY)
        if named and number is None and re.fullmatch(r"[0-9]{1,6}", value):
            number = int(value)
        else:
            query.append(f"{name}={value}")
    path = re.sub(r"/index\.\w{2,5}$", "", path.rstrip("/"))
    return (f"{path}?{'&'.join(sorted(query))}" if query else path), number
