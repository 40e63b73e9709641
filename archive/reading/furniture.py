"""Lines of a page's furniture that stand among an article's: read-also links, buttons' words, footers of feeds.

Every rule is narrow: it asks for a whole line of known words, or for a known label before what is mostly a link.
A sentence with a link in it, or a linked subheading, is the article's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from archive.reading import ending, notices
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
    r"|смотрите\s+также|дивіться\s+також|прочетете\s+(?:още|и)|διαβάστε\s+(?:επίσης|ακόμ[αη])|δείτε\s+(?:επίσης|ακόμ[αη])"
    r"|citește\s+(?:și|mai\s+mult)|citiți\s+și|olvas(?:sa|d)\s+el\s+(?:ezt|azt)\s+is|kapcsolódó(?:\s+cikkek?)?"
    r"|(?:přečtěte\s+si|čtěte)\s+(?:také|i|dále)|čítajte\s+(?:aj|tiež)|(?:pro)?čitajte\s+(?:i|još)|preberite\s+tudi"
    r"|lue\s+myös|katso\s+myös|ilgili\s+haber(?:ler)?|bunu\s+da\s+oku\w*|baca\s+juga|xem\s+thêm|đọc\s+thêm"
    r"|اقرأ\s+(?:أيض[اً]{1,2}|المزيد)|קראו\s+(?:גם|עוד)|य(?:ह|े)\s+भी\s+पढ़ें|あわせて読みたい|관련\s?기사|延伸閱讀|相關(?:新聞|報導|閱讀)"
    r"|читайте\s+(?:также|ещё|також|ще)|czytaj\s+(?:też|także|również)|zobacz\s+(?:też|także|również)|przeczytaj\s+(?:też"
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
    r"|publicidade|anúncio|advertentie|annons|reklam[aey]?|reklame|annonse|annonce|mainos|hirdetés|publicitate|реклама"
    r"|διαφήμιση|iklan|quảng cáo|広告|廣告|广告|광고|إعلان|פרסומת|विज्ञापन"
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
_HINT = re.compile(
    r"\s?\((?:opens|will open|öffnet|wird|s['’]ouvre|ouvre|nouvelle|se abre|abre|si apre|apre|opent|öppnas|åpnes"
    r"|åbner|avautuu|otwiera|otevře|odkaz|новое|открывается)\b[^()]{0,40}"
    r"(?:windows?|tabs?|fenster|tab|geöffnet|fenêtre|onglet|ventana|pestaña|finestra|scheda|janela|aba|guia|venster"
    r"|tabblad|fönster|flik|vindu|vindue|fane|ikkunaan|ikkunassa|oknie|karcie|okně|окн[оае]|вкладке)\)",
    re.IGNORECASE,
)
_MOSTLY = 0.6  # share of linked characters that makes what follows a label a link
_WHOLLY = 0.9  # share that makes a line nothing but links
_LONGEST = 600  # characters of a line of furniture
_PARTLY = 0.4  # share of an item that is a link with a kicker
_HEADLINE_WORDS = 4
_SENTENCE_ENDS = (".", "!", "?", "…", ":", '"', "”", "»")
_LONGEST_TITLE = 160  # characters
_LABEL_MORE = 25  # characters a label may have after its first words: "Mehr zum Thema Wetter"


def without(blocks: Iterable[Block], *, sure: bool) -> list[Block]:
    """The blocks without the furniture.

    `sure` says that the newsroom wrote all of them (a WordPress post's content): then lists of links are its own.
    """
    before = ending.before_label([_without_hints(block) for block in blocks], sure=sure)
    lines = list(_unlabelled(before, sure=sure))
    return ending.without(lines if sure else _without_runs(lines), sure=sure)


def _without_hints(block: Block) -> Block:
    """A line without what only screen readers say of its links: that they open a new window."""
    if "(" not in block.text or not _HINT.search(block.text):
        return block
    return replace(block, text=_HINT.sub("", block.text), markdown=_HINT.sub("", block.markdown))


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
    if len(block.text) > _LONGEST:
        return False
    if _ADVERTISING.match(block.text) or _FEED_FOOTER.match(block.text) or notices.is_within(block.text):
        return True
    return _WORDS.match(block.text) is not None and (not sure or _linked(block) >= _WHOLLY)


def _linked(block: Block) -> float:
    return block.linked / max(len(block.text), 1)


def _is_read_also(block: Block) -> bool:
    """A label and a link: "Lire aussi : Titre", the label within the link or before it."""
    label = _LABEL.match(block.text) if len(block.text) <= _LONGEST else None
    if label is None:
        return False
    rest = block.text[label.end() :]
    if rest.lstrip().startswith((":", "：")) and len(rest) <= _LONGEST_TITLE and not rest.endswith(_SENTENCE_ENDS):
        return True  # a label, a colon and a title: so are links written where nothing tells of links any more
    return bool(rest) and block.linked >= _MOSTLY * len(rest)


def _is_lone_label(block: Block, following: list[Block], *, sure: bool) -> bool:
    """A line that is a label only, before a line that is a link; or the last line, if nobody says it is a post's."""
    label = _LABEL.match(block.text) if len(block.text) <= _LONGEST else None
    if label is None or len(block.text) - label.end() > _LABEL_MORE:
        return False
    if following:
        return _linked(following[0]) >= _MOSTLY
    return not sure and not block.text[label.end() :].strip(" :.…!»")


def _without_runs(blocks: list[Block]) -> list[Block]:
    """The blocks without lists of other articles, each with the heading above it, and without lone links to one."""
    kept: list[Block] = []
    run: list[Block] = []
    habit = sum(1 for block in blocks if _is_announcement(block)) > 1
    for block in [*blocks, None]:
        if block is not None and _may_be_listed(block, run):
            run.append(block)
            continue
        if not _is_list(run, habit=habit):
            kept += run
        elif len(kept) > 1 and kept[-1].kind == "heading":
            kept.pop()
        run = []
        if block is not None:
            kept.append(block)
    return kept


def _may_be_listed(block: Block, run: list[Block]) -> bool:
    if block.kind == "row":
        return False
    if run and run[-1].kind == block.kind == "item":
        return _linked(block) >= _PARTLY
    return _linked(block) >= (_PARTLY if block.kind == "item" else _WHOLLY)


def _is_list(run: list[Block], *, habit: bool) -> bool:
    """Two lines or more that are links, or items that are for the most part: a kicker may stand before each.

    A single line is another article's headline if it is a heading, or if paragraphs of links are the page's habit.
    """
    if len(run) > 1:
        return sum(block.linked for block in run) >= _MOSTLY * sum(len(block.text) for block in run)
    return any(_is_announcement(block) and (habit or block.kind == "heading") for block in run)


def _is_announcement(block: Block) -> bool:
    """A line of a headline's length that is a link and no sentence."""
    text = block.text
    if block.kind not in {"p", "heading"} or _linked(block) < _WHOLLY or text.endswith(_SENTENCE_ENDS):
        return False
    return len(text.split()) >= _HEADLINE_WORDS
