"""Lines of a page's furniture that stand among an article's: read-also links, buttons' words, footers of feeds.

Every rule is narrow: it asks for a whole line of known words, or for a known label before what is mostly a link.
A sentence with a link in it, or a linked subheading, is the article's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from archive.reading.blocks import Block

_LABEL = re.compile(
    r"^\W*(?:(?:à|a)\s+(?:lire|voir|écouter|découvrir)(?:\s+(?:aussi|également|ailleurs))?|(?:lire|voir|écouter"
    r"|regarder)\s+(?:aussi|également|plus|la suite)"
    r"|lire\s*(?=[:>»|–-])|sur le même (?:sujet|thème)|(?:nos )?articles? (?:liés?|connexes?|similaires?)"
    r"|read\s+(?:also|more|next|on)|also\s+read|see\s+also|see\s+more|more\s+(?:on this|from|stories|like this"
    r"|to explore)|related(?:\s+(?:articles?|stories|story|posts?|news|content|topics?))?"
    r"|recommended(?:\s+(?:from editorial|for you|reading|stories))?"
    r"|don['’]t miss|you (?:may|might) (?:also|like)(?: (?:like|also|enjoy|be interested))*(?: in)?|watch(?=\s*:)"
    r"|up next|most (?:read|popular)|trending(?: now)?|keep reading"
    r"|lesen\s+sie\s+(?:auch|hier|mehr|dazu)|mehr\s+(?:zum\s+thema|dazu|lesen)|auch\s+interessant"
    r"|das\s+könnte\s+(?:sie|dich)\s+(?:auch\s+)?interessieren|siehe\s+auch|lesetipps?|weiterlesen"
    r"|lea\s+(?:también|además|más)|leer\s+(?:también|más)|lee\s+(?:también|además)|te\s+puede\s+interesar|(?:ver"
    r"|mira)\s+también|más\s+sobre"
    r"|leggi\s+(?:anche|pure)|potrebbe\s+interessarti|leia\s+(?:também|mais)|veja\s+(?:também|mais)|saiba\s+mais"
    r"|lees\s+ook|meer\s+over|läs\s+(?:också|mer|även)|les\s+også|læs\s+også"
    r"|читайте\s+(?:также|ещё)|czytaj\s+(?:też|także|również)|zobacz\s+(?:też|także|również)|przeczytaj\s+(?:też"
    r"|także|również)|関連記事|【関連記事】|相关阅读|延伸阅读)",
    re.IGNORECASE,
)
_WORDS = re.compile(
    r"^\W*(?:partager(?: (?:cet article|sur|l['’]article).{0,40})?|partagez(?: (?:cet article|sur).{0,30})?"
    r"|share(?: (?:this|on|via|article|the|it).{0,40})?|teilen|compartir|condividi|tweet(?:er|en)?|facebook|twitter"
    r"|whatsapp|linkedin|pinterest|telegram|instagram|e-?mail"
    r"|imprimer|print(?: this(?: article| page)?)?|drucken|imprimir|copier le lien|copy link|link kopieren"
    r"|enregistrer|save|merken|favoris"
    r"|s['’]abonner|abonnez-vous|subscribe|sign up|commentaires?|comments?|\d+ (?:comments?|commentaires?)"
    r"|(?:laisser|ajouter) un commentaire|leave a (?:comment|reply)|loading\W*|chargement\W*"
    r"|continue reading(?: below)?|story continues(?: below.*)?"
    r"|back to top|haut de page|retour en haut|nach oben)\W*$",
    re.IGNORECASE,
)
_ADVERTISING = re.compile(
    r"^\W*(?:publicité|publicidad|pubblicità|advertisement|advertising|advert|anzeige|werbung|sponsored|スポンサーリンク"
    r"|スポンサードリンク"
    r"|article continues (?:below|after).{0,30}|continue reading the main story"
    r"|(?:advertisement )?scroll to continue(?: with content)?|skip (?:to|past) .{0,40})\W*$",
    re.IGNORECASE,
)
_FEED_FOOTER = re.compile(
    r"^(?:l['’]article|cet article|the post|der beitrag|la entrada"
    r"|l['’]articolo)\b.{0,300}(?:est apparu en premier sur|a été publié en premier sur|appeared first on"
    r"|erschien zuerst auf|apareció primero en|proviene da|est apparu sur)",
    re.IGNORECASE,
)
_MOSTLY = 0.6  # share of linked characters that makes what follows a label a link
_WHOLLY = 0.9  # share that makes a line nothing but links
_LABEL_MORE = 25  # characters a label may have after its first words: "Mehr zum Thema Wetter"


def without(blocks: Iterable[Block], *, sure: bool) -> list[Block]:
    """The blocks without the furniture.

    `sure` says that the newsroom wrote all of them (a WordPress post's content): then lists of links are its own.
    """
    lines = list(_unlabelled(list(blocks), sure=sure))
    return lines if sure else _without_runs(lines)


def _unlabelled(blocks: list[Block], *, sure: bool) -> Iterator[Block]:
    labelled = False
    for position, block in enumerate(blocks):
        if labelled and block.kind in {"item", "p", "heading"} and _linked(block) >= _WHOLLY:
            continue
        labelled = _is_lone_label(block, blocks[position + 1 : position + 2], sure=sure)
        if not (labelled or _is_read_also(block) or _is_furniture(block, sure=sure)):
            yield block


def _is_furniture(block: Block, *, sure: bool) -> bool:
    """A button's words; in a post's own content only where they are a link: a subheading may be one word too."""
    if _ADVERTISING.match(block.text) or _FEED_FOOTER.match(block.text):
        return True
    return _WORDS.match(block.text) is not None and (not sure or _linked(block) >= _WHOLLY)


def _linked(block: Block) -> float:
    return block.linked / max(len(block.text), 1)


def _is_read_also(block: Block) -> bool:
    """A label and a link: "Lire aussi : Titre", the label within the link or before it."""
    label = _LABEL.match(block.text)
    if label is None:
        return False
    rest = len(block.text) - label.end()
    return rest > 0 and block.linked >= _MOSTLY * rest


def _is_lone_label(block: Block, following: list[Block], *, sure: bool) -> bool:
    """A line that is a label only, before a line that is a link; or the last line, if nobody says it is a post's."""
    label = _LABEL.match(block.text)
    if label is None or len(block.text) - label.end() > _LABEL_MORE:
        return False
    if following:
        return _linked(following[0]) >= _MOSTLY
    return not sure and not block.text[label.end() :].strip(" :.…!»")


def _without_runs(blocks: list[Block]) -> list[Block]:
    """Two lines or more in a row that are links only are a list of other articles, with the heading above them."""
    kept: list[Block] = []
    run: list[Block] = []
    for block in [*blocks, None]:
        if block is not None and block.kind != "row" and _linked(block) >= _WHOLLY:
            run.append(block)
            continue
        if len(run) < 2:
            kept += run
        elif kept and kept[-1].kind == "heading":
            kept.pop()
        run = []
        if block is not None:
            kept.append(block)
    return kept
