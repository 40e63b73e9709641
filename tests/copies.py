"""Texts of many words for tests of copies, and archives of them."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from archive.database import open_for_writing
from archive.models import Article, Capture
from archive.store import Reading, Store
from tests import archives

DERIVED = ("duplicate_texts", "duplicate_bands", "duplicate_pairs", "duplicate_queue")
_WORDS = {
    "fr": "le pont la mairie vote des travaux cette rue son budget hier soir une place les élus ce marché vers la gare "
    "quand personne n'attend aucun bruit sous trois arbres près du quai où passent leurs voisins depuis longtemps",
    "en": "the bridge a council vote some works this street its budget last night one square those members that market "
    "near our station when nobody expects any noise under three trees by that quay where their neighbours walk",
    "ja": " ".join("昨日東京都大雪降交通機関影響出鉄道各社始発運転見合空港欠航便気象庁警戒呼市民生活戻住宅街除作業続"),
}


Saved = tuple[Capture, str, Article]


def prose(seed: int, length: int = 120, language: str = "fr") -> str:
    """Return a text of so many words, another one for each seed; of so many signs in Japanese."""
    rng = random.Random(seed)
    return ("" if language == "ja" else " ").join(rng.choices(_WORDS[language].split(), k=length))


def edited(text: str, every: int, shift: int = 3, word: str = "autrement") -> str:
    """Return a text with every so many-th word another one."""
    return " ".join(word if place % every == shift else said for place, said in enumerate(text.split()))


def reading(number: int, text: str, *, site: str = "gazette", hours: int | None = None, **given: Any) -> Saved:
    """Return an article and its capture; it was published `hours` (its number) after the archive's start."""
    url = f"https://{site}.example/{number}/"
    published = archives.START + timedelta(hours=number if hours is None else hours)
    fields: dict[str, Any] = {"title": f"Titre {number}", "published": published, **given}
    made = archives.capture(number, url, crawl=f"{site}-1", timestamp=archives.START + timedelta(days=30, hours=number))
    return made, site, archives.article(url, text, **fields)


def save(store: Store, readings: Iterable[Saved]) -> None:
    for made, site, article in readings:
        store.begin_crawl(f"{site}-1", site, archives.START, {})
        store.add_captures([made])
        store.save(made, site, "1", Reading.of(article))


def archive_of(directory: Path, readings: Iterable[Saved]) -> Path:
    with Store(directory) as store:
        save(store, readings)
    return directory


def rows(db: Database) -> dict[str, list[dict[str, Any]]]:
    """All that is kept about copies."""
    return archives.dump(db, DERIVED)


def queue_all(directory: Path) -> Database:
    """Make the archive one of an older Marbre: nothing is compared, all texts wait."""
    db = open_for_writing(directory)
    for table in DERIVED:
        db.execute(f"DELETE FROM {table}")
    db.execute("INSERT INTO duplicate_queue (text_digest) SELECT DISTINCT text_digest FROM articles")
    return db


def moment(hours: int) -> datetime:
    return archives.START + timedelta(hours=hours)
