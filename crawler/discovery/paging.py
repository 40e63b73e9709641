"""The following page of a listing: what the page calls so, else the next number it links to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from lxml import etree

from archive.reading.shapes import is_article, is_comment_page, is_home, period_of, split_page
from crawler.discovery import Source, absolute, base_of, same_host
from crawler.discovery.anchors import Anchor, Zone

# All that a link prints, arrows and punctuation aside. "Previous" is in WordPress's wording of old: previous entries
# are older ones; a page's number tells whether the way is back.
_WORDS = re.compile(
    r"next(?: (?:page|posts|articles|entries))?|older(?: (?:posts|entries|articles|stories|news|items))?"
    r"|previous (?:entries|posts)|(?:load|show|see|view) more(?: \w+)?|more (?:posts|articles|stories|news|results)"
    r"|(?:page |pages )?suivante?s?|(?:articles?|actualités|publications) suivante?s?|page d['’]après"
    r"|(?:articles|publications|billets|actualités) (?:plus ancien(?:ne)?s|précédente?s|ancien(?:ne)?s)"
    r"|plus ancien(?:ne)?s|anciens articles"
    r"|(?:voir|charger|afficher) (?:plus|la suite)(?: d['’e ]+\w+)?|plus d['’]articles"
    r"|nächste[rs]?(?: seite)?|weiter|ältere(?: (?:beiträge|artikel|meldungen|einträge|nachrichten))?"
    r"|mehr(?: (?:artikel|beiträge|meldungen))?(?: (?:laden|anzeigen))|weitere (?:artikel|beiträge|meldungen)"
    r"|(?:página )?siguientes?(?: página)?|(?:entradas|noticias|artículos)? ?(?:más )?antigu[ao]s"
    r"|entradas anteriores|(?:ver|cargar|mostrar) más(?: \w+)?"
    r"|(?:pagina )?(?:successiv[aoi]|seguente)|avanti|(?:articoli )?(?:più vecchi|meno recenti)|articoli precedenti"
    r"|carica altri(?: \w+)?|(?:página )?(?:próxim[ao]|seguinte)(?: página)?|(?:posts |artigos )?(?:mais )?antigos"
    r"|(?:carregar|ver) mais(?: \w+)?|volgende(?: pagina)?|oudere(?: (?:berichten|artikelen))?|meer laden"
    r"|nästa(?: sida)?|äldre(?: inlägg)?|neste(?: side)?|eldre(?: innlegg)?|næste(?: side)?|ældre(?: indlæg)?"
    r"|seuraava(?: sivu)?|vanhemmat(?: artikkelit)?|następna(?: strona)?|starsze(?: wpisy)?|další(?: strana)?"
    r"|starší(?: příspěvky)?|ďalšia|következő(?: oldal)?|régebbi bejegyzések|(?:pagina )?următoarea|următorul"
    r"|sonraki(?: sayfa)?|eski yazılar|следующая(?: страница)?|далее|вперёд|вперед|предыдущие записи|старые записи"
    r"|наступна(?: сторінка)?|далі|επόμενη(?: σελίδα)?|παλαιότερα(?: άρθρα)?|התוצאות הבאות|הבא|التالي|الصفحة التالية"
    r"|次へ|次のページ|次|下一页|下一頁|下页|后页|다음(?: 페이지)?",
    re.IGNORECASE,
)
_ARROWS = {"»", "›", "→", ">", "⟩", "❯", "▶"}  # two of them lead to the last page
_AROUND = re.compile(r"^[\W_]+|[\W_]+$")
_LONGEST_WORDS = 60
_REL, _LINK_REL, _MARKED, _NUMBERED = 1, 0, 2, 3  # how plainly a page says it


def following(root: etree._Element, anchors: Sequence[Anchor], url: str) -> Source | None:
    """Return the page after `url` of the same listing, on the same host; none where the page names none.

    A page that links back, or to the same, is no next one; whether it brings anything new only its reader knows.
    """
    own = [anchor for anchor in anchors if anchor.zone < Zone.COMMENTS and _may_follow(anchor.url, url)]
    found = [*_marked(root, own, url), *_numbered(own, url)]
    return Source(min(found)[2], "listing") if found else None


def is_page_of(url: str, listing: str) -> bool:
    """Whether both are pages of one listing, their numbers aside."""
    return split_page(url)[0] == split_page(listing)[0] or split_page(url, in_pager=True)[0] == split_page(listing)[0]


def _may_follow(url: str, own: str) -> bool:
    return same_host(url, own) and url != own.partition("#")[0] and not is_comment_page(url)


def _marked(root: etree._Element, anchors: Sequence[Anchor], url: str) -> Iterator[tuple[int, int, str]]:
    base = base_of(root, url)
    for link in root.iter("link"):
        target = absolute(link.get("href"), base) if "next" in (link.get("rel") or "").lower().split() else None
        if target and _may_follow(target, url) and (number := _number_after(target, url)) is not None:
            yield _LINK_REL, number, target
    for anchor in anchors:
        said = _said(anchor)
        if said is not None and (number := _number_after(anchor.url, url)) is not None:
            yield said, number, anchor.url


def _said(anchor: Anchor) -> int | None:
    if "next" in anchor.rel:
        return _REL
    named = anchor.following or any(map(_says_next, (anchor.text, anchor.label)))
    return _MARKED if named else None


def _says_next(text: str) -> bool:
    if len(text) > _LONGEST_WORDS:
        return False
    return text.strip() in _ARROWS or _WORDS.fullmatch(_AROUND.sub("", text)) is not None


def _number_after(url: str, own: str) -> int | None:
    """The number of a later page of the same listing; 0 for one told by a cursor; none for any other page."""
    listing, current = split_page(own)
    for target, number in _readings(url, own):
        ours = {(listing, current), *_readings(own, own)}
        later = [now for name, now in ours if name == target and number is not None and number > (now or 0)]
        if later:
            return number
        by_cursor = number is None and urlsplit(url).query and not is_article(own)
        if by_cursor and target.partition("?")[0] == listing.partition("?")[0]:
            return 0
    first = split_page(url)[1]
    return first if first in {1, 2} and is_home(own) else None  # a home page goes on in /blog/page/2/


def _readings(url: str, own: str) -> list[tuple[str, int | None]]:
    """An address read strictly, and as one among page numbers unless its number is a month's or day's."""
    loose = [split_page(url, in_pager=True)] if period_of(url) == period_of(own) else []
    return [split_page(url), *loose]


def _numbered(anchors: Sequence[Anchor], url: str) -> Iterator[tuple[int, int, str]]:
    own = dict(reversed(_readings(url, url)))
    pages: list[tuple[str, int, Anchor]] = []
    for anchor in anchors:
        in_pager = anchor.in_pager and period_of(anchor.url) == period_of(url)
        listing, number = split_page(anchor.url, in_pager=in_pager)
        if number is not None and listing in own:
            pages.append((listing, number, anchor))
    from_zero = any(anchor.text == str(number + 1) for _, number, anchor in pages)
    first = 0 if from_zero else 1
    for listing, number, anchor in pages:
        current = own[listing]
        if number == (first if current is None else current) + 1:
            yield _NUMBERED, number, anchor.url
