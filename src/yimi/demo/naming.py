"""Names and numbers of made-up people. The lists are short lists of common characters; any likeness is chance.

Identity numbers carry region 990156, which is nobody's: the checksum is right, the person cannot exist.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from yimi.demo import draw, texts
from yimi.demo.draw import Bools, Ints, stream
from yimi.demo.families import Children
from yimi.demo.people import People

REGION = "990156"
WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]  # ISO 7064 MOD 11-2, as GB 11643 uses it
CHECKS = "10X98765432"
SURNAMES = list("李王张陈刘杨黄周吴罗冉田谭何郑肖任代向徐赵蒋胡唐余邓冯彭曾许沈韩夏石龚秦万段傅廖")
BOYS = list("浩宇杰轩博文俊峰鹏飞磊涛志强明辉勇军航晨毅恒安康乐天阳林川海山松柏骏诚睿哲")
GIRLS = list("雨欣怡婷雪梅兰芳静思佳琪诗涵慧敏丽娟莉云霞月秀英燕玲洁萍悦晴瑶婉清筱禾桐")
ADULT_MEN = list("建国德明志华永强光荣成林正平世文学军大勇昌贵福元")
ADULT_WOMEN = list("桂芳秀英玉兰素珍淑华世碧小琼春梅光翠忠群永菊")
FIRST_NUMBER_AGE = 45  # days; a newborn has no number before it is registered


def _names(
    rng: np.random.Generator, surname: Ints, male: Bools, boys: list[str], girls: list[str]
) -> pa.Array:
    n = len(surname)
    two = rng.random(n) < 0.8
    parts = []
    for position in range(2):
        he = texts.look_up(boys, rng.integers(0, len(boys), n))
        she = texts.look_up(girls, rng.integers(0, len(girls), n))
        chosen = pc.if_else(pa.array(male), he, she)
        parts.append(chosen if position == 0 else pc.if_else(pa.array(two), chosen, pa.scalar("")))
    return texts.join(texts.look_up(SURNAMES, surname), *parts)


def names_of(children: Children, people: People, seed: int) -> tuple[pa.Array, pa.Array]:
    """Children carry the father's surname, one in twenty the mother's; grandparents the father's."""
    rng = stream(seed, "names")
    weights = 1.0 / (1.5 + np.arange(len(SURNAMES)) * 0.25)
    families = len(children.families.village)
    surname_father, surname_mother = (draw.choose(rng, weights.tolist(), families) for _ in range(2))
    child_surname = np.where(rng.random(families) < 0.05, surname_mother, surname_father)[children.family]
    own = draw.choose(rng, weights.tolist(), len(people))
    role = np.array(people.role)
    family = np.maximum(people.family, 0)
    surname = np.where(np.isin(role, ("father", "grandfather")), surname_father[family], own)
    surname = np.where(role == "mother", surname_mother[family], surname)
    young = _names(rng, child_surname, children.male, BOYS, GIRLS)
    return young, _names(rng, surname.astype(np.int64), people.male, ADULT_MEN, ADULT_WOMEN)


def identity_numbers(birth: Ints, male: Bools) -> pa.Array:
    """A number each, in order of the rows among those born on one day; right checksum, impossible region."""
    days = birth.astype("datetime64[D]")
    months = days.astype("datetime64[M]")
    years = days.astype("datetime64[Y]")
    year = years.astype(np.int64) + 1970
    month = (months - years).astype(np.int64) + 1
    day = (days - months).astype(np.int64) + 1
    rank = draw.rank_within(birth * 2 + male)
    sequence = (rank * 2 + np.where(male, 1, 2)) % 1000
    body = (year * 10_000 + month * 100 + day) * 1000 + sequence
    powers = 10 ** np.arange(10, -1, -1, dtype=np.int64)
    digits = np.concatenate(
        [np.broadcast_to([int(c) for c in REGION], (len(birth), 6)), body[:, None] // powers % 10], axis=1
    )
    check = digits @ np.array(WEIGHTS) % 11
    return texts.join(REGION, texts.whole(body), texts.look_up(list(CHECKS), check))


def has_number(seed: int, birth: Ints, as_of: int) -> Bools:
    """Nearly everyone registered; a few never were."""
    rng = stream(seed, "numbers")
    return np.asarray((birth < as_of - FIRST_NUMBER_AGE) & (rng.random(len(birth)) < 0.985), dtype=np.bool_)
