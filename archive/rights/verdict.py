"""Whether text and data mining of a page is reserved (Directive (EU) 2019/790, Article 4), by what was said of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from archive.rights.claims import Claim

OURS = "marbre"
# A page's own words stand above its server's, and these above those of a file for the whole site (TDMRep, 3.4).
_RANK = {"tdmrep.json": 0, "header": 1, "meta": 2}


class Reservation(NamedTuple):
    """A reservation, by the claim that decides."""

    claim: Claim

    def __str__(self) -> str:
        place = f", {self.claim.place}" if self.claim.place else ""
        return f"{self.claim.kind}={self.claim.value} in {self.claim.source}{place}"


def reserved(claims: Iterable[Claim]) -> Reservation | None:
    """Return the reservation that claims about one page come to; None if there is none.

    TDMRep decides by itself where it says anything: meta before header before file. Else `noai` of robots meta tags
    and `ai-train=no` of content signals, which both say that they reserve it. What speaks to others only is not for us;
    what has no such meaning (noarchive, a licence, RSL terms) is kept and shown, and decides nothing.
    """
    ours = [claim for claim in claims if claim.agent in (None, OURS)]
    tdm = [claim for claim in ours if claim.kind == "tdm-reservation" and claim.value in ("0", "1")]
    if tdm:
        decisive = max(tdm, key=lambda claim: (_RANK[claim.source], claim.value))
        return Reservation(decisive) if decisive.value == "1" else None
    for claim in ours:
        if claim.kind == "robots:noai" or (claim.kind == "signal:ai-train" and claim.value == "no"):
            return Reservation(claim)
    return None
