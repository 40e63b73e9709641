"""The labelled texts of benchmarks/dedup.py: copies of which we know what was done to them, and what only looks alike.

Everything is drawn from one seed: the same texts on every machine.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from crawler.demo import Newspaper

SHARES = (0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6)
VOCABULARY = 60_000
SYLLABLES = "ba ce di fo gu la me ni po ru sa té vi zo cha pré tion ville mont eau".split()
SMALL = {
    "fr": "le la les de des du un une et à en dans pour par sur avec que qui ne pas au aux ce cette il elle a "
    "est".split(),
    "en": "the a of to and in on for with by at from that which not this it he she has is was were will had as".split(),
}
PATTERNS = {
    "fr": (
        "{who} a annoncé {day} que {what} de {place} coûtera {n} euros de plus que prévu.",
        "Selon {who}, {n} personnes ont participé à {what} organisée à {place}.",
        "« {words} », a déclaré {who}, qui suit {what} depuis {n} ans.",
        "À {place}, {what} {words}, et {who} {words}.",
        "{who} {words} malgré {what}, {words} à {place}.",
        "Le projet, présenté {day} par {who}, {words}.",
    ),
    "en": (
        "{who} said on {day} that {what} in {place} would cost {n} euros more than planned.",
        "According to {who}, {n} people took part in {what} held in {place}.",
        '"{words}," said {who}, who has followed {what} for {n} years.',
        "In {place}, {what} {words}, and {who} {words}.",
        "{who} {words} in spite of {what}, {words} in {place}.",
        "The plan, which {who} laid out on {day}, {words}.",
    ),
}
# Notes of one template; {n} is another number each time, {w} one of few words.
NOTES = {
    "weather": "Le temps à Valmont et dans le Haut-Aurin pour la journée du {n} mars. Le matin, le ciel sera {w} et "
    "le thermomètre marquera {n} degrés en plaine, {n} degrés en montagne. L'après-midi, on attend {n} degrés à "
    "Valmont, {n} à Brissac et {n} à Saint-Orban, sous un ciel {w}. Le vent de nord-ouest soufflera à {n} kilomètres "
    "à l'heure, avec des rafales de {n} kilomètres à l'heure sur les crêtes. La probabilité de pluie est de {n} %. Le"
    " soleil se lèvera à 6 h {n} et se couchera à 18 h {n}. Consultez nos prévisions à quatre jours dans les pages "
    "suivantes.",
    "results": "Football, district du Haut-Aurin, journée {n}. Valmont - Brissac : {n} - {n}. Saint-Orban - "
    "Montferrat : {n} - {n}. Cazals - Levron : {n} - {n}. Orsane - Beaurepaire : {n} - {n}. Classement : Valmont {n} "
    "points, Brissac {n}, Saint-Orban {n}, Montferrat {n}, Cazals {n}, Levron {n}, Orsane {n}, Beaurepaire {n}. "
    "Meilleur buteur : Karim Aubert, {n} buts. La prochaine journée se jouera le dimanche {n}, à 15 heures, sur les "
    "terrains des clubs premiers nommés ; les feuilles de match sont à rendre au secrétariat avant le lundi soir.",
    "lottery": "The draw of the Saint-Ormin charity lottery took place on the {n}th at the town hall, before the "
    "bailiff. The winning numbers are {n}, {n}, {n}, {n}, {n} and {n}; the lucky number is {n}. No ticket carried all"
    " six of them. {n} tickets carried five and win {n} pounds each. Tickets for the next draw are sold at the "
    "library, at the bakery in Rue Basse and at the counter of the town hall, from Monday to Friday during opening "
    "hours. Prizes must be collected within sixty days on presentation of the ticket. Minors may not take part. "
    "Gambling can be addictive: if you need help, the helpline is open every day and every night, and calls to it are"
    " free of charge.",
    "horoscope": "Bélier. Vos amours seront {w}, votre travail {w}, et votre forme {w}. Chance : {n}. Taureau. Vos "
    "amours seront {w}, votre travail {w}, et votre forme {w}. Chance : {n}. Gémeaux. Vos amours seront {w}, votre "
    "travail {w}, et votre forme {w}. Chance : {n}. Cancer. Vos amours seront {w}, votre travail {w}, et votre forme "
    "{w}. Chance : {n}.",
    "market": "Le marché aux plants de Valmont se tiendra le samedi {n} avril sur la place de la Collégiale, de 8 "
    "heures à {n} heures. {n} producteurs de la vallée y vendront légumes, fleurs et arbustes. Une navette partira de"
    " la gare toutes les {n} minutes. L'entrée est libre, et les enfants pourront rempoter un plant à l'atelier du "
    "centre social.",
}
# The newspaper's own copies: a dispatch under three headlines, one text under two addresses.
FAMILIES = {"crue-aurine": -1, "depeche-crue-aurine": -1, "marche-de-noel-valmont": -2}
MOODS = "couvert dégagé voilé radieux orageux calmes animés incertains paisibles agités sereins chargés moroses".split()


class Labelled(NamedTuple):
    """A text, what was done to make it, and the texts it was made of: two that share one are copies."""

    text: str
    kind: str
    bases: frozenset[int]


class Language:
    """A language's words by Zipf's law, and sentences made of them."""

    def __init__(self, name: str, rng: random.Random) -> None:
        self.name, self.rng = name, rng
        made = ["".join(rng.choices(SYLLABLES, k=rng.randint(2, 5))) for _ in range(VOCABULARY)]
        self.words = SMALL[name] + made
        self.weights = list(accumulate(1 / (rank + 3) for rank in range(len(self.words))))

    def run(self, length: int) -> str:
        return " ".join(self.rng.choices(self.words, cum_weights=self.weights, k=length))

    def sentence(self, subject: dict[str, Sequence[str]]) -> str:
        pattern = self.rng.choice(PATTERNS[self.name])
        return re.sub(
            r"\{(\w+)\}",
            lambda match: (
                self.rng.choice(subject[match[1]])
                if match[1] in subject
                else str(self.rng.randint(2, 9000))
                if match[1] == "n"
                else self.run(self.rng.randint(5, 14))
            ),
            pattern,
        )

    def subject(self) -> dict[str, Sequence[str]]:
        """The people, places and matters that the sentences on one subject speak of."""
        return {
            "who": [self.run(3).title() for _ in range(3)],
            "what": [self.run(4) for _ in range(3)],
            "place": [self.run(1).title() for _ in range(2)],
            "day": ["lundi", "mardi soir"] if self.name == "fr" else ["Monday", "Tuesday evening"],
        }


class Base(NamedTuple):
    """A text that others are made of; `origin` is the same under two that are copies of each other."""

    sentences: list[str]
    language: str
    origin: int


def base_texts(rng: random.Random, languages: dict[str, Language], made: int) -> Iterator[Base]:
    """Yield the newspaper's articles and generated ones, four of them on each subject."""
    number = 0
    for article in Newspaper().articles():
        text = " ".join(article.paragraphs)
        sentences = re.split(r"(?<=[.!?»]) +(?=[^a-zà-ÿ])", text)
        family = next((family for slug, family in FAMILIES.items() if article.slug.startswith(slug)), None)
        number += 1
        yield Base(sentences, "en" if article.language == "en" else "fr", family or number)
    for _ in range(made // 4):
        language = languages[rng.choice(("fr", "en"))]
        subject = language.subject()
        for _ in range(4):
            number += 1
            yield Base([language.sentence(subject) for _ in range(rng.randint(5, 32))], language.name, number)


def edits(rng: random.Random, language: Language) -> dict[str, Callable[[list[str], float], list[str]]]:
    """What is done to the sentences of a text, by name; the second argument is the share that is changed."""

    def fresh(count: int) -> list[str]:
        subject = language.subject()
        return [language.sentence(subject) for _ in range(count)]

    def words(sentences: list[str], share: float) -> list[str]:
        changed = [w if rng.random() > share else language.run(1) for w in " ".join(sentences).split()]
        return [" ".join(changed)]

    def replaced(sentences: list[str], share: float) -> list[str]:
        return [fresh(1)[0] if rng.random() < share else sentence for sentence in sentences]

    def cut(sentences: list[str], share: float) -> list[str]:
        return sentences[: max(1, round(len(sentences) * (1 - share)))]

    def extended(sentences: list[str], share: float) -> list[str]:
        return sentences + fresh(round(len(sentences) * share / (1 - share)))

    def reheadlined(sentences: list[str], share: float) -> list[str]:
        return words(sentences[:2], share) + sentences[2:]

    def reordered(sentences: list[str], share: float) -> list[str]:
        moved = rng.sample(range(len(sentences)), round(len(sentences) * share))
        kept = [sentence for place, sentence in enumerate(sentences) if place not in moved]
        return kept + [sentences[place] for place in moved]

    return {f.__name__: f for f in (words, replaced, cut, extended, reheadlined, reordered)}


def labelled(seed: int, made: int) -> list[Labelled]:
    """Return the whole set: every base text, its copies, mergers of two, notes of one template, live blogs."""
    rng = random.Random(seed)
    languages = {name: Language(name, rng) for name in SMALL}
    bases = list(base_texts(rng, languages, made))
    found = [Labelled(" ".join(base.sentences), "base", frozenset({base.origin})) for base in bases]
    for base in bases:
        for kind, edit in edits(rng, languages[base.language]).items():
            share = rng.choice(SHARES)
            found.append(Labelled(" ".join(edit(base.sentences, share)), kind, frozenset({base.origin})))
        other = rng.choice(bases)
        merged = " ".join(base.sentences + other.sentences)
        found.append(Labelled(merged, "merged", frozenset({base.origin, other.origin})))
    for template in NOTES.values():
        found += [Labelled(note(rng, template), "note", _alone(found, more)) for more in range(40)]
    for _ in range(30):  # a live blog quotes twelve texts, and copies none
        text = " ".join(sentence for base in rng.sample(bases, 12) for sentence in base.sentences[:6])
        found.append(Labelled(text, "live blog", _alone(found)))
    return found


def _alone(found: list[Labelled], more: int = 0) -> frozenset[int]:
    return frozenset({1_000_000 + len(found) + more})


def note(rng: random.Random, template: str) -> str:
    filled = re.sub(r"\{n\}", lambda _: str(rng.randint(1, 40)), template)
    return re.sub(r"\{w\}", lambda _: rng.choice(MOODS), filled)
