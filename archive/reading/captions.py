"""What is printed beside a picture, told apart: the caption, and whom the picture is of (its credit).

A credit is a part that the template names so; else the end of a caption that begins with a sign or a word for it
(©, "Photo:", "Foto:"), or that names an agency in brackets or after a full stop.
"""

from __future__ import annotations

import re
from itertools import islice

from archive.reading.markup import Element, clean, content, select

_caption = select(
    ".//*[self::figcaption or contains(@class, 'caption') or contains(@class, 'legend') or contains(@class, 'Caption')"
    " or contains(@class, 'bildunterschrift') or contains(@class, 'bildtext') or contains(@itemprop, 'caption')]"
)
_credit = select(
    ".//*[contains(@class, 'credit') or contains(@class, 'Credit') or contains(@class, 'copyright')"
    " or contains(@class, 'Copyright') or contains(@class, 'photographer') or contains(@class, 'fotograf')"
    " or contains(@class, 'image-source') or contains(@class, 'bildnachweis') or contains(@class, 'bildquelle')"
    " or contains(@itemprop, 'copyrightHolder') or contains(@itemprop, 'creditText')"
    " or contains(@itemprop, 'copyrightNotice')]"
)
_BOX = re.compile(
    r"(?:^|[\s_-])(?:figure|image|img|photo|picture|media|bild|foto)(?:[\s_-]|$)|wp-caption", re.IGNORECASE
)
# Words for "picture of" before a colon, in the languages of Europe and beyond.
_LABEL = (
    r"(?:crédits?|photos?|photographies?|crédits? photos?|photo credits?|image credits?|credits?|images?|pictures?"
    r"|illustrations?|fotos?|fotocredit|foto di|fotograf\w*|bild(?:er|quelle|nachweis|rechte)?|quelle|source|fuente"
    r"|imagen|imagem|immagine|créditos?(?: da imagem| de la foto)?|crediti|fonte|beeld|kuvat?|zdjęci[ea]|fot\.?|fotó"
    r"|kép|fotografie|zdroj|фото|источник|джерело|φωτογραφία|fotoğraf|kaynak|写真|写真提供|提供|图片来源|圖片來源|사진)"
)
_SIGNED = re.compile(
    rf"(?:©|Ⓒ|\(c\)\s|copyright\b|(?<!\w){_LABEL}\s?(?:/\s?\w+\s?)?[:：]|(?:photo|photograph|image|picture|illustration)s?"
    r"(?: courtesy)? (?:by|of|from)\b|(?:image )?courtesy of\b|photo prise par|foto van\b|foto de\b|foto di\b)"
    r"\s*[^()\[\]]{2,120}$",
    re.IGNORECASE,
)
_AGENCY = re.compile(
    r"(?<!\w)(?:AFP|AP(?: Photo)?|REUTERS|Reuters|EPA(?:-EFE)?|EFE|dpa(?:-\w+)?|DPA|ANSA|Ansa|BELGA|Belga|KEYSTONE"
    r"|Keystone|APA|ANP|NTB|Ritzau(?: Scanpix)?|Scanpix|TT|Lehtikuva|PAP|ČTK|CTK|MTI|Getty(?: Images)?"
    r"|Shutterstock|iStock(?:photo)?|Alamy|Unsplash|Pexels|Pixabay|Adobe Stock|Imago|IMAGO|imago|picture[- ]alliance"
    r"|Xinhua|Kyodo|Bloomberg|TASS|ТАСС|РИА Новости|Anadolu|Hans Lucas|SIPA|Sipa|MAXPPP|Maxppp|MaxPPP|ABACA|Abaca"
    r"|Magnum|Wikimedia(?: Commons)?|Flickr|PA(?: Media| Wire| Images)|Press Association|Europa Press|LaPresse|ZUMA"
    r"|NurPhoto|UPI|The Canadian Press|AAP|Depositphotos|Freepik|Handout|CC[- ]BY(?:-\w\w)*|共同|時事|新華社|新华社"
    r"|연합뉴스)(?!\w)"
)
_BRACKETED = re.compile(r"[(\[（]([^()\[\]（）]{2,120})[)\]）]\s*\.?$")
_LAST_SENTENCE = re.compile(r"(?<=[.!?»”\"])\s+([^.!?]{2,80})\.?$")
_EDGES = " -–—|/•·(["
_LONGEST_NAME = 80  # characters of a credit that has no sign of its own
_LONGEST_SIGNED = 200
_PARTICLES = {
    "de", "du", "des", "da", "di", "do", "dos", "von", "van", "der", "den", "le", "la", "les", "del", "y", "et", "and",
    "und", "e", "for", "pour", "für", "para", "per", "via", "by", "par", "dpa", "imago", "picture", "alliance", "pool",
}  # fmt: skip
_LONGEST_CAPTION = 2_000
_LONGEST_CLASS = 300
_MOST_TOGETHER = 20  # pictures in one figure that its caption may be about (sizes, a row); more are a gallery


def frame(image: Element) -> Element | None:
    """What holds a picture together with its caption: a figure, WordPress's classic box, a box named for pictures."""
    for depth, ancestor in enumerate(image.iterancestors()):
        classes = (ancestor.get("class") or "")[:_LONGEST_CLASS]
        if (ancestor.tag == "figure" and "wp-block-gallery" not in classes.split()) or "wp-caption" in classes.split():
            return ancestor if _pictures(ancestor) <= _MOST_TOGETHER else None
        if ancestor.tag in {"article", "body", "main", "p"} or depth > 5:
            return None
        if depth < 3 and _BOX.search(classes) and _is_own_box(ancestor):
            return ancestor
    return None


def _is_own_box(box: Element) -> bool:
    """Whether a box holds one picture and a caption, and no text."""
    return _pictures(box) == 1 and next(box.iter("p", "h2", "h3"), None) is None and bool(_caption(box))


def _pictures(box: Element) -> int:
    """How many pictures a box holds, counted up to one more than a caption can be about."""
    return sum(1 for _ in islice(box.iter("img"), _MOST_TOGETHER + 1))


def printed(box: Element) -> tuple[str | None, str | None]:
    """Caption and credit of the picture in a box; none for what is not printed."""
    caption = next((text for element in _caption(box) if (text := content(element))), None)
    credit = next((text for element in _credit(box) if (text := content(element))), None)
    if caption is None or credit is None:
        return split(caption) if credit is None else (None, credit)
    rest = clean(caption.replace(credit, " ")) or ""
    return clean(rest.strip(_EDGES)), credit


def split(caption: str | None) -> tuple[str | None, str | None]:
    """A printed line as caption and credit: all of it may be either."""
    if not caption or len(caption) > _LONGEST_CAPTION:
        return None, None
    for start, credit in _ends(caption):
        return clean(caption[:start].rstrip(_EDGES)), clean(credit)
    return caption, None


def _ends(caption: str) -> list[tuple[int, str]]:
    """Where a credit starts that closes the line, and its words; the surest sign first, none if there is no sign."""
    start = max(0, len(caption) - _LONGEST_SIGNED)
    bracketed = _BRACKETED.search(caption, start)
    if bracketed and (_SIGNED.match(bracketed[1]) or _is_signature(bracketed[1])):
        return [(bracketed.start(), bracketed[1])]
    signed = _SIGNED.search(caption.rstrip(")]"), start)
    if signed and _is_parted(caption, signed.start()):
        return [(signed.start(), signed[0])]
    last = _LAST_SENTENCE.search(caption, start)
    if last and _is_signature(last[1]):
        return [(last.start(), last[1])]
    return [(0, caption)] if _is_signature(caption) else []


def _is_parted(caption: str, start: int) -> bool:
    """Whether a sign begins the line or a part of it; a word in the midst of a sentence is small."""
    before = caption[:start].rstrip()
    return not before or not before[-1].isalnum() or not (caption[start - 1].isalnum() or caption[start].islower())


def _is_signature(words: str) -> bool:
    """Whether words are names only, an agency's among them: a sentence may name an agency, too."""
    if len(words) > _LONGEST_NAME or not _AGENCY.search(words):
        return False
    return all(not word[0].islower() or word.strip(".,;:/") in _PARTICLES or "/" in word for word in words.split())
