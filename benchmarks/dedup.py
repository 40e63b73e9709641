"""How well duplicates are found, what finding them costs an article, and how that grows with the archive.

    nice -n 15 python benchmarks/dedup.py [--articles 10000 100000] [--directory DIR]

Quality, on a labelled set (benchmarks/dedup_texts.py) with an oracle that compares the real passages of every pair:
precision is the share of the pairs found that are copies; recall the share found of the copies whose Jaccard similarity
is at least 0.5. Then the same for pairs that share a cluster. The peer, in memory and on the same passages, is
datasketch's MinHashLSH where it is installed (with numpy and scipy 216 MB, so not beside Marbre itself):

    pip install --target /tmp/peer datasketch==2.0.0
    PYTHONPATH=/tmp/peer python benchmarks/dedup.py

Cost, on generated articles (words by Zipf's law, 250 a text, stock phrases; one in ten a copy of an earlier one, one in
fifty a note of a template), in one archive that grows: the time that 2,000 articles at the end of each size
take to be indexed in a transaction each, as a crawl does it, then 2,000 from the queue, as `marbre duplicates --index`
does it, by turns with the same articles in a copy of the first size, and the ratio to it; and the index's size on disk.
The articles before them are put in by a short cut that makes the same bands. The directory is deleted afterwards.
"""

from __future__ import annotations

import argparse
import re
import shutil
import time
import unicodedata
from collections import Counter, defaultdict
from itertools import combinations
from pathlib import Path
from typing import Any

from dedup_cost import SEED, add, costs, opened
from dedup_texts import Labelled, labelled
from sqlite_utils import Database

from archive import dedup
from archive.duplicates import index
from archive.duplicates.clusters import clusters

Pair = tuple[int, int]


def words(text: str) -> list[str]:
    """The oracle's own reading of a text; figures are words."""
    plain = unicodedata.normalize("NFC", text).replace("’", "'").casefold()
    return re.findall(r"\d+|[^\W\d_]+", plain)


def shingles(text: str) -> set[tuple[str, ...]]:
    found = words(text)
    return set(zip(found, found[1:], found[2:], found[3:], found[4:], strict=False))


def oracle(texts: list[set[tuple[str, ...]]]) -> dict[Pair, float]:
    """Return the Jaccard similarity of all pairs that share a passage."""
    where: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for number, text in enumerate(texts):
        for shingle in text:
            where[shingle].append(number)
    shared = Counter(pair for numbers in where.values() for pair in combinations(numbers, 2))
    return {(a, b): n / (len(texts[a]) + len(texts[b]) - n) for (a, b), n in shared.items()}


def found_pairs(db: Database, numbers: dict[str, list[int]]) -> tuple[set[Pair], set[Pair]]:
    """Return the pairs of texts that are found alike, and those that share a cluster."""
    ids = {index.text_id(digest): given for digest, given in numbers.items()}
    pairs = {tuple(sorted((a, b)))
             for one, other in db.execute("SELECT one, other FROM duplicate_pairs")
             for a in ids[one] for b in ids[other]}  # fmt: skip
    pairs |= {pair for given in numbers.values() for pair in combinations(given, 2)}
    together = set()
    for cluster in clusters(db):
        members = sorted(int(member.url.rsplit("/", 1)[1]) for member in cluster.members)
        together |= set(combinations(members, 2))
    return pairs, together  # type: ignore[return-value]


def report(name: str, texts: list[Labelled], found: set[Pair], true: dict[Pair, float]) -> None:
    long = {n for n, text in enumerate(texts) if len(words(text.text)) >= 40}
    found = {pair for pair in found if set(pair) <= long}
    wanted = {pair for pair, share in true.items()
              if share >= 0.5 and set(pair) <= long and texts[pair[0]].bases & texts[pair[1]].bases}  # fmt: skip
    wrong = Counter(
        " / ".join(sorted((texts[a].kind, texts[b].kind))) for a, b in found if not texts[a].bases & texts[b].bases
    )
    precision = 1 - wrong.total() / max(1, len(found))
    recall = len(found & wanted) / len(wanted)
    print(f"  {name:32} precision {precision:.4f}  recall {recall:.4f}  ({len(found):,} found, {len(wanted):,} wanted)")
    if wrong:
        print(f"    wrong: {dict(wrong.most_common(4))}")
    missed = Counter(kind for pair in wanted - found for kind in (texts[pair[0]].kind, texts[pair[1]].kind))
    if missed:
        print(f"    missed: {dict(missed.most_common(5))}")


def quality(directory: Path) -> None:
    texts = labelled(SEED, made=240)
    numbers: dict[str, list[int]] = defaultdict(list)
    for number, text in enumerate(texts):
        numbers[dedup.digests(None, text.text).text].append(number)
    real = [shingles(text.text) for text in texts]
    begun = time.process_time()
    true = oracle(real)
    exact = time.process_time() - begun
    print(f"labelled set: {len(texts):,} texts; the exact oracle takes {exact / len(texts) * 1e3:.2f} ms a text")
    db = opened(directory)
    add(db, [(number, text.text) for number, text in enumerate(texts)])
    begun = time.process_time()
    index.catch_up(db)
    cost = (time.process_time() - begun) / len(texts)
    pairs, together = found_pairs(db, numbers)
    report("pairs", texts, pairs, true)
    report("clusters", texts, together, true)
    notes = sum(share >= 0.5 and texts[a].kind == texts[b].kind == "note" for (a, b), share in true.items())
    print(f"    {notes:,} pairs of notes have a Jaccard of 0.5 or more and are no copies")
    db.close()
    peer(texts, real, true, cost)


def peer(texts: list[Labelled], real: list[set[tuple[str, ...]]], true: dict[Pair, float], cost: float) -> None:
    try:
        from datasketch import MinHash, MinHashLSH  # type: ignore[import-not-found]
    except ImportError:
        print(f"  no datasketch: {cost * 1e3:.2f} ms a text on disk, beside the oracle's above in memory")
        return
    begun = time.process_time()
    lsh = MinHashLSH(num_perm=72, params=(24, 3))
    found: set[Pair] = set()
    made = []
    for number, text in enumerate(real):
        made.append(MinHash(num_perm=72))
        made[-1].update_batch([" ".join(shingle).encode() for shingle in text])
        found |= {(other, number) for other in lsh.query(made[-1]) if made[other].jaccard(made[-1]) >= 0.5}
        lsh.insert(number, made[-1])
    theirs = (time.process_time() - begun) / len(texts)
    report("datasketch, estimated >= 0.5", texts, found, true)
    print(f"  {cost * 1e3:.2f} ms a text, on disk and compared; datasketch {theirs * 1e3:.2f} ms in memory, "
          f"estimated, shingles given: ratio {cost / theirs:.2f}")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, nargs="*", default=[10_000, 100_000])
    parser.add_argument("--directory", type=Path, default=Path("/tmp/dedup-bench"))
    given: Any = parser.parse_args()
    try:
        quality(given.directory / "quality")
        ratios = costs(given.directory / "cost", sorted(given.articles))
        print("cost an article, to that at the first size: " + ", ".join(f"{ratio:.2f}" for ratio in ratios))
    finally:
        shutil.rmtree(given.directory, ignore_errors=True)


if __name__ == "__main__":
    main()
