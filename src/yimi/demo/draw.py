"""Seeded chance and civil dates as whole arrays: the ground the made-up district is drawn on.

A day is an integer, days since 1970-01-01; FAR stands for "never". Each part of the district draws from its
own stream, named by a word, so that a change in one part leaves all others as they were.
"""

from __future__ import annotations

import zlib
from datetime import date

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

FAR = 10**6
_EPOCH = date(1970, 1, 1).toordinal()


def stream(seed: int, name: str) -> np.random.Generator:
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def day_of(value: date) -> int:
    return value.toordinal() - _EPOCH


def date_of(day: int) -> date:
    return date.fromordinal(int(day) + _EPOCH)


def add_months(days: Ints, months: int | Ints) -> Ints:
    """Calendar months later; the end of a short month where the day does not exist. FAR stays FAR."""
    known = np.where(days >= FAR, 0, days)
    first = known.astype("datetime64[D]").astype("datetime64[M]")
    offset = known - first.astype("datetime64[D]").astype(np.int64)
    target = first + np.asarray(months, dtype=np.int64).astype("timedelta64[M]")
    start = target.astype("datetime64[D]").astype(np.int64)
    last = (target + np.timedelta64(1, "M")).astype("datetime64[D]").astype(np.int64) - 1
    return np.where(days >= FAR, FAR, np.minimum(start + offset, last)).astype(np.int64)


def year_of(days: Ints) -> Ints:
    return np.asarray(
        days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970, dtype=np.int64
    )


def september(years: Ints) -> Ints:
    """The first of September of each year: a school year begins."""
    months = (years - 1970) * 12 + 8
    return np.asarray(months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64), dtype=np.int64)


def evenly(rng: np.random.Generator, weights: Floats, n: int) -> Ints:
    """n indices in proportion to the weights, with far less scatter than n independent draws; ascending."""
    edges = np.cumsum(weights) / np.sum(weights)
    points = (np.arange(n) + rng.random(n)) / n
    return np.minimum(np.searchsorted(edges, points, side="right"), len(weights) - 1).astype(np.int64)


def portion(rng: np.random.Generator, candidates: Ints, share: float) -> Ints:
    """About share of the candidates, exactly so but for one: few, but not by luck none."""
    count = int(np.floor(len(candidates) * share + rng.random()))
    return np.sort(rng.permutation(candidates)[:count])


def choose(rng: np.random.Generator, shares: list[float], n: int) -> Ints:
    edges: Floats = np.cumsum(np.array(shares, dtype=np.float64)) / sum(shares)
    drawn: Ints = np.searchsorted(edges, rng.random(n), side="right").astype(np.int64)
    drawn[drawn == len(shares)] = len(shares) - 1
    return drawn


def within(rng: np.random.Generator, low: Ints, high: Ints) -> Ints:
    """A whole number in [low, high] for each pair; low where high is smaller."""
    span = np.maximum(high - low, 0)
    steps: Ints = np.floor(rng.random(len(low)) * (span + 1)).astype(np.int64)
    return low + steps


def rank_within(keys: Ints) -> Ints:
    """0, 1, 2 … among equal keys, in the order they stand."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(keys) else np.zeros(0, np.int64)
    sizes = np.diff(np.r_[starts, len(keys)])
    rank = np.empty(len(keys), np.int64)
    rank[order] = np.arange(len(keys)) - np.repeat(starts, sizes)
    return rank


def spread(counts: Ints) -> tuple[Ints, Ints]:
    """For counts [2, 0, 3]: owners [0, 0, 2, 2, 2] and places [0, 1, 0, 1, 2]."""
    owner = np.repeat(np.arange(len(counts)), counts)
    place = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
    return owner.astype(np.int64), place.astype(np.int64)
