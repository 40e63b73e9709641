"""How likely chance alone would show what is seen, if nothing had changed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from math import exp, lgamma, log


def at_least(bad: int, seen: int, bad_before: int, before: int) -> float:
    """Return how likely it is that `bad` or more of `seen` are bad, after `bad_before` of `before` were.

    The share itself is not known, only what was seen of it: 0 of 8 says less than 0 of 800. So it is drawn from what it
    may be by then (a beta-binomial distribution with Jeffreys' prior), and no small number makes an alarm.
    """
    first, second = bad_before + 0.5, before - bad_before + 0.5
    whole = _log_beta(first, second)
    return min(
        1.0,
        sum(exp(_log_choose(seen, k) + _log_beta(first + k, second + seen - k) - whole) for k in range(bad, seen + 1)),
    )


def at_most(seen: int, expected: float) -> float:
    """Return how likely it is that no more than `seen` come where `expected` do on average (Poisson)."""
    return sum(exp(k * log(expected) - expected - lgamma(k + 1)) for k in range(seen + 1)) if expected > 0 else 1.0


def worst(flags: Sequence[bool], seen: int) -> int:
    """Return the most bad ones among any `seen` in a row: bad ones come in clusters, which is no change."""
    sums = [0, *accumulate(flags)]
    return max((sums[end] - sums[max(0, end - seen)] for end in range(1, len(sums))), default=0)


def _log_beta(one: float, other: float) -> float:
    return lgamma(one) + lgamma(other) - lgamma(one + other)


def _log_choose(many: int, few: int) -> float:
    return lgamma(many + 1) - lgamma(few + 1) - lgamma(many - few + 1)
