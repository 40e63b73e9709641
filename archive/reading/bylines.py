"""The people of a byline, told apart from the publisher, the agencies, other work and the software's accounts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import islice

from archive.reading import bylinewords as words
from archive.reading.personnames import PARTICLES, is_full_name, is_written_as_name, key

_ENCLOSED = re.compile(r"[(\[（【〔［][^()\[\]（）【】〔〕［］]*[)\]）】〕］]")
_BRACKETS = re.compile(r"[()\[\]（）【】〔〕［］]")
_HIDDEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_SPACES = re.compile(r"[^\S\n]+")
_DATE = re.compile(
    r"(?:(?:[-–—|,]|\b(?:le|on|am|vom|stand|den|el|il|em|op|dne)\b:?"
    r"|[^\W\d]{3,10}\.?(?=\s\d{1,2}(?:st|nd|rd|th)?,?\s\d{4}))\s*|(?<!\s)\s+)?"
    r"(?<![^\W\d])\d{1,4}(?:[./:,\s年월-]|\.\s).*$",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"https?\b|www\.|\S@[^\s@]+\.\w"
    r"|^[\w.-]+\.(?:com|net|org|fr|de|co\.uk|info|ch|at|it|es|eu|ru|ua|tv|pl|cz|nl)$",
    re.IGNORECASE,
)
_CONTACT = re.compile(r"(?:mailto:)?[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}|(?<!\w)@\w{1,30}")
_ACCOUNT = re.compile(
    r"(?:admin\w*|administrat\w+|webmaster|root|editor|user\d*|wordpress|null|none|undefined|anonymous|no author"
    r"|unknown|guest|default|test|author|super ?admin|super ?user|webredaktion|web ?admin|site ?admin|.*_adm|moderator"
    r"|n/a|nan|publisher|redakteur|filed under)",
    re.IGNORECASE,
)
_SLUG = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)+|[\W\d_]+|\w*\d{3}.*")
_NICKNAME = re.compile(r"[^\W\d_][\w.]*")
_CHUNKS = re.compile(r"(?:(?<!\s)\s+)?[;|•\n、،，；／]\s*|(?<!\s)\s+[-–—]\s+|(?:(?<!\s)\s+)?/\s*")
_KANA = re.compile("[\u30a0-\u30ff]")
_HAN = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
_HANGUL = re.compile("[\uac00-\ud7a3]")
_COMMA = re.compile(r"(?:(?<!\s)\s+)?,\s*")
_WORD_JOINT = re.compile(rf"(?<!\s)\s+(?:{words.WORD_JOINTS}|&|\+)\s+", re.IGNORECASE)
_LEADING_JOINT = re.compile(rf"^(?:{words.WORD_JOINTS}|&|\+)(?:\s+|$)", re.IGNORECASE)
_NEVER = re.compile(r"[?!:=<>{}…%#*\\_+]|\.\.")
_TRAILING_JOINT = re.compile(rf"(?<!\s)\s+(?:{words.WORD_JOINTS}|&)$", re.IGNORECASE)
_EDGES = ' ,:;-–—|/·•*«»"“”„\u00a0\u202f'
_PLACES = frozenset(  # first words of places of two words
    (
        *("new", "san", "santa", "los", "las", "den", "le", "la", "tel", "hong", "rio", "são", "sao", "abu", "cape"),
        *("buenos", "saint", "st.", "addis", "kuala", "port", "sankt", "the"),
    )
)
_MOST = 25  # authors; a longer list is a page's list of staff
_MOST_STRINGS = 200  # looked at
_SURE = 5  # characters of an organisation's name that a longer one may begin with
_MOST_WORDS = 7  # of a name
_LONGEST = 60  # characters of one name
_LONGEST_HAN = 8  # characters of a name without spaces; katakana, which write foreign names, not counted
_LONGEST_STRING = 600  # characters; longer ones are no byline


def people(names: Iterable[str], organisations: Iterable[str] = (), *, printed: bool = False) -> tuple[str, ...]:
    """The people in these names, in order, each once.

    Left out: `organisations` (the publisher, the site), addresses, accounts and slugs, photographers and others whose
    work is not the text, and what stands around a name ("envoyé spécial à Kiev"). An agency, the newsroom or another
    body stays only where nobody else is named. In what a template prints (`printed`) stand other words, too, so that
    a name of several words must be written as names are.
    """
    dropped = {key(name) for name in organisations if name}
    persons: dict[str, str] = {}
    bodies: dict[str, str] = {}
    for name in islice(names, _MOST_STRINGS):
        for part in _parts(name):
            if _ADDRESS.search(part) and not is_body(part):
                break  # what follows the publisher's web address is its postal one
            if not part or _is_among(part, dropped):
                continue
            if is_body(part) and (len(part.split()) < 2 or not part[0].islower()):
                bodies.setdefault(key(part), part)
            elif _is_name(part) and (not printed or is_written_as_name(part)):
                persons.setdefault(key(part), part)
    return tuple((persons or bodies).values())[:_MOST]


def is_agency(name: str) -> bool:
    """Whether it is an agency's or the newsroom's name, which stands in for a person's."""
    return words.AGENCY.fullmatch(name) is not None


def is_body(name: str) -> bool:
    """Whether it names an agency, a newsroom, a publisher or another body rather than a person."""
    return is_agency(name) or (len(name) <= _LONGEST and words.ORGANISATION.search(name) is not None)


def is_joint(line: str) -> bool:
    """Whether a line is nothing but a word or a sign between names, or a label before them."""
    return not line.strip(_EDGES) or bool(_LEADING_JOINT.fullmatch(line.strip(_EDGES)) or not _unlabelled(line))


def is_joined(line: str, *, behind: bool) -> bool:
    """Whether a line goes on behind its end ("Ann Ray and"), or goes on with the one before ("and Tom Bell")."""
    if behind:
        return line.rstrip().endswith((",", "&", "/", ";")) or _TRAILING_JOINT.search(line) is not None
    return _LEADING_JOINT.match(line.strip(_EDGES)) is not None


def is_other_work(line: str) -> bool:
    """Whether a line is nothing but a label of other work than writing: "Photos:"."""
    label = words.OTHER_WORK.search(line)
    rest = line[label.end() :].strip(_EDGES + "：").lower() if label else "-"
    return rest in {"", "by", "par", "von", "por", "de", "di", "av", "af", "door"}


def is_signature(line: str) -> bool:
    """Whether a line is one person's full name and nothing else."""
    name = line.strip(_EDGES) if len(line) <= _LONGEST else ""
    if not name or _HAN.search(name) or not is_full_name(name) or is_body(name) or _is_place(name):
        return False
    return people([name], printed=True) == (name,)


def can_sign(name: str, organisations: Iterable[str]) -> bool:
    """Whether an author stated for machines can stand as a signature: the publisher's name or its domain, no slug."""
    if len(name) > _LONGEST or "://" in name or "@" in name or _ACCOUNT.fullmatch(name):
        return False
    known = {key(organisation) for organisation in organisations if organisation}
    return _is_among(name, known) or _ADDRESS.search(name) is not None or (_is_name(name) or is_body(name))


def publisher(names: Iterable[str], organisations: Iterable[str]) -> str | None:
    """The first of the names that is one of the organisations'."""
    known = {key(name) for name in organisations if name}
    lines = (line for name in islice(names, _MOST_STRINGS) for line in name[:_LONGEST_STRING].split("\n"))
    bare = (_unlabelled(line.strip(_EDGES)) for line in lines)
    return next((line for line in bare if line and len(line) <= _LONGEST and key(line) in known), None)


def _is_among(part: str, organisations: set[str]) -> bool:
    """Whether it is an organisation's name, or goes on behind it ("La Vigie Rennes")."""
    own = key(part)
    return own in organisations or any(len(name) > _SURE and own.startswith(name) for name in organisations)


def _parts(text: str) -> Iterator[str]:
    """A byline's parts that may be names, cleaned."""
    if len(text) > _LONGEST_STRING:
        return
    text = _without_asides(_HIDDEN.sub("", unicodedata.normalize("NFC", text)))
    text = text.replace("[at]", "@").replace("(at)", "@")
    text = _own_work(_CONTACT.sub("\n", text))
    text = words.SUFFIX.sub(r" \1", words.DEGREE.sub("", text))
    for chunk in _CHUNKS.split(text):
        yield from _names(chunk)


def _without_asides(text: str) -> str:
    """Without what stands in brackets, unless all does."""
    outside = _ENCLOSED.sub("\n", text)
    if not outside.strip(" \n") or words.HAN_LABEL.search(_BRACKETS.sub("", text[:2])):
        outside = _BRACKETS.sub("\n", text)
    return _SPACES.sub(" ", _BRACKETS.sub("\n", outside))


def _own_work(text: str) -> str:
    """Without the names behind a label of other work, up to the next label of writing: "Text: X, Fotos: Y"."""
    kept, position = [], 0
    while other := words.OTHER_WORK.search(text, position):
        kept.append(text[position : other.start()])
        writing = words.WRITING.search(text, other.end())
        position = writing.start() if writing else len(text)
    return "\n".join([*kept, text[position:]])


def _names(chunk: str) -> Iterator[str]:
    chunk = words.DATED_LABEL.sub("", _unlabelled(chunk.strip(_EDGES)))
    chunk = _DATE.sub("", chunk).strip(_EDGES)
    if _HAN.search(chunk):
        yield from _han_names(chunk)
        return
    parts = [part for piece in _COMMA.split(chunk) for part in _word_split(piece)]
    full = any(" " in part for part in parts)
    for number, part in enumerate(parts):
        name = _person(part)
        if not number or not full or not _is_place(name):
            yield name  # else "Ann Ray, London": full names are not followed by single ones


def _unlabelled(text: str) -> str:
    for _ in range(3):  # "Text: Von X"
        shorter = words.LABEL.sub("", text, count=1).strip(_EDGES)
        if shorter == text:
            break
        text = shorter
    return text


def _is_place(part: str) -> bool:
    tokens = part.split()
    return not is_body(part) and (len(tokens) < 2 or (len(tokens) == 2 and tokens[0].lower() in _PLACES))


def _word_split(text: str) -> list[str]:
    """At words for "and" and "with"; at the doubtful ones ("Ortega y Gasset") only between full names."""
    text = _LEADING_JOINT.sub("", text)
    parts, start = [], 0
    joints = list(_WORD_JOINT.finditer(text))
    ends = [*(joint.start() for joint in joints[1:]), len(text)]
    for joint, end in zip(joints, ends, strict=False):
        word = joint.group().strip()
        before, after = text[start : joint.start()].split(), text[joint.end() : end].split()
        if not _is_doubtful(word, text) or (len(before) > 1 and len(after) > 1 and word.islower()):
            parts.append(text[start : joint.start()])
            start = joint.end()
    return [*parts, text[start:]]


def _is_doubtful(word: str, text: str) -> bool:
    """Whether a joint may be a letter within a name; one in capitals ("E") is an initial, unless all is in capitals."""
    capital = word.isalpha() and not word.islower() and not text.isupper()
    return word.isascii() and (capital or word.lower() in words.DOUBTFUL_JOINTS)


def _person(part: str) -> str:
    """A part without label, role, and what it was written for or where."""
    part = _TRAILING_JOINT.sub("", _unlabelled(part.strip(_EDGES)))
    if is_agency(part):
        return part
    behind = words.BEHIND.search(part)
    if behind:
        part = part[: behind.start()]
    part = words.HONORIFIC.sub("", _without_role(part).strip(_EDGES))
    return _without_end(part.strip(_EDGES))


def _without_role(part: str) -> str:
    """The name beside a role ("Ann Ray, Chief Correspondent"); nothing where a role is all there is."""
    role = words.ROLE.search(part)
    if not role:
        return part
    before, after = part[: role.start()].strip(_EDGES), part[role.end() :].strip(_EDGES)
    name = next((side for side in (before, after) if is_full_name(side)), before)
    return name if _is_name(name) and name[0].isupper() and name.lower() not in PARTICLES else ""


def _without_end(part: str) -> str:
    ends = part.endswith(".") and part.count(".") == 1 and len(part) > 15 and not part.endswith("r.")
    return part.rstrip(".") if ends else part


def _han_names(chunk: str) -> Iterator[str]:
    """Chinese, Japanese and Korean names: labels without a space, lists with a space or a dot between names."""
    chunk, labelled = words.HAN_LABEL.subn("", chunk, count=1)
    pieces = [piece for part in _COMMA.split(chunk) for piece in _at_dots(part)]
    for piece in pieces:
        name, roles = words.HAN_ROLE.subn("", piece.strip(_EDGES))
        tokens = name.split()
        apart = (labelled or roles) and len(tokens) > 1 and all(2 <= len(t) <= 4 and _HAN.match(t) for t in tokens)
        yield from tokens if apart else [words.HAN_LABEL.sub("", name).strip(_EDGES)]


def _at_dots(text: str) -> list[str]:
    """At dots between names; not at those within foreign ones, which katakana and Chinese write so."""
    if _KANA.search(text):
        return [text]
    return re.split("[·・‧]" if _HANGUL.search(text) else "・", text)


def _is_name(text: str) -> bool:
    if not text or len(text) > _LONGEST or not text[0].isalpha() or _is_other_word(text):
        return False
    tokens = text.split()
    if any(character.isdigit() for character in text):
        return len(tokens) == 1 and _NICKNAME.fullmatch(text) is not None
    if len(tokens) == 1:
        return len(text) > 1 and (not _HAN.search(text) or len(_KANA.sub("", text)) <= _LONGEST_HAN)
    particle = tokens[0].rstrip("'’") in PARTICLES or tokens[0][:2] in {"d'", "d’"}
    return len(tokens) <= _MOST_WORDS and (particle or not text[0].islower())


def _is_other_word(text: str) -> bool:
    """Whether it is an account, a slug, a joint, or furniture."""
    wholes = (_ACCOUNT, _SLUG, words.FURNITURE_ALONE, _LEADING_JOINT)
    return any(pattern.fullmatch(text) for pattern in wholes) or any(
        pattern.search(text) for pattern in (_NEVER, words.FURNITURE)
    )
