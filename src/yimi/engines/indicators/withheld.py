"""Which figures of a stricter sensitivity are too small to be told to those who do not see the children.

Marked once, in the turn, for everybody: a figure that is withheld is withheld in every page, chart, workbook and
answer. Sums that hang together (district, townships, villages; the district's sexes; its ages) are protected
together, for all counts of the figure at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from yimi.engines.disclosure import Cell, suppress, tree
from yimi.engines.indicators.figures import Figure
from yimi.pack.load import Pack
from yimi.pack.schema import Indicator, Side

GUARDED = ("welfare", "protection", "justice")
DISTRICT = ("district",)
Key = tuple[Hashable, ...]


def least_count(pack: Pack, sensitivity: str, as_of: date) -> int:
    """The smallest count of a sensitivity that is told; 0: none is withheld."""
    return pack.number_on(f"least_count_{sensitivity}", as_of) if sensitivity in GUARDED else 0


def withhold(pack: Pack, figures: Sequence[Figure], as_of: date) -> list[Figure]:
    """The figures, those that must not be told marked `withheld`."""
    guarded: dict[tuple[str, str | None], list[int]] = defaultdict(list)
    small = {
        name
        for name in {each.indicator for each in figures}
        if counted(pack.indicators[name]) and least_count(pack, pack.indicators[name].sensitivity, as_of)
    }
    for index, each in enumerate(figures):
        if each.indicator in small and not each.reported:
            guarded[each.indicator, each.item].append(index)
    found = list(figures)
    for (name, _), indexes in guarded.items():
        least = least_count(pack, pack.indicators[name].sensitivity, as_of)
        hidden = _hidden(pack, pack.indicators[name], [figures[index] for index in indexes], least)
        for index in indexes:
            if _key(figures[index]) in hidden:
                found[index] = replace(figures[index], withheld=True)
    return found


def counted(indicator: Indicator) -> list[str]:
    """The counts of people a figure tells: numerator, denominator, rest, as far as they are counts of people."""

    def people(side: Side | None) -> bool:
        plain = side is not None and side.amount == "1" and side.distinct is None
        return plain and side is not None and side.of in ("child", "person", "case")

    told = {"numerator": people(indicator.numerator), "denominator": people(indicator.denominator)}
    same = (
        indicator.numerator and indicator.denominator and indicator.numerator.of == indicator.denominator.of
    )
    told["rest"] = bool(told["numerator"] and told["denominator"] and same)
    return [name for name in indicator.small_counts if told[name]]


def _key(each: Figure) -> Key:
    return (each.place or DISTRICT, each.sex or "", "" if each.age is None else each.age)


def _hidden(pack: Pack, indicator: Indicator, figures: Sequence[Figure], least: int) -> set[Key]:
    names = counted(indicator)
    both = {
        _key(each) for each in figures if each.place and each.sex
    }  # township by sex hangs on two sums: not told
    hidden: set[Key] = set()
    if not any(0 < _count(each, name) < least for each in figures for name in names):
        return both
    before = None
    while before != hidden:
        before = set(hidden)
        for name in names:
            for cells in _systems(pack, {_key(each): _count(each, name) for each in figures}):
                hidden |= {key for key in suppress(cells, least, also=hidden) if isinstance(key, tuple)}
    return hidden | both


def _count(each: Figure, name: str) -> int:
    numerator, denominator = round(each.numerator), round(each.denominator or 0.0)
    return {"numerator": numerator, "denominator": denominator, "rest": denominator - numerator}[name]


def _systems(pack: Pack, counts: Mapping[Key, int]) -> Iterable[list[Cell]]:
    """Places below places, the district's sexes, the district's ages: each a system of sums of its own."""
    whole: Key = (DISTRICT, "", "")
    places: dict[Hashable, int] = {key: n for key, n in counts.items() if key[1:] == ("", "")}
    district = pack.info.district
    parent: dict[Hashable, Hashable] = {}
    for key in [each for each in counts if each in places]:
        above = pack.places[str(key[0])].parent if str(key[0]) in pack.places else None
        parent[key] = whole if above == district else (above, "", "")
    parent.pop(whole, None)
    yield tree(places, parent)
    for axis in (1, 2):
        parts: dict[Hashable, int] = {
            key: n for key, n in counts.items() if key[0] == DISTRICT and key[axis] != ""
        }
        if parts and whole in counts:
            yield tree({whole: counts[whole], **parts}, dict.fromkeys(parts, whole))
