"""Kindergartens, schools, childcare, hospitals and stations of the district, and the people posted in them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from yimi.demo import draw, texts
from yimi.demo.draw import FAR, Floats, Ints, stream
from yimi.demo.geography import Geography
from yimi.demo.intervals import Statuses
from yimi.demo.journal import Journal

CHILDCARE_PLACES = 4.65  # for a thousand inhabitants; the plan asks 4.5
TODDLER_PLACES = 0.9  # of them in kindergartens
LAPSED_STATIONS = 1
SELLERS = (
    "小树苗母婴店",
    "向阳超市",
    "彩虹玩具文具店",
    "康宁大药房",
    "好宝贝母婴店",
    "百姓药房",
    "新城商场儿童部",
    "江畔便利店",
)
PROVIDERS = ['"public"', '"inclusive"', '"employer"', '"community"', '"kindergarten"']


@dataclass
class Facilities:
    """One row a facility. `weight`: how many children it draws among its kind in its township."""

    kind: list[str]
    name: list[str]
    place: Ints
    public: list[bool | None]
    inclusive: list[bool]
    opened: Ints
    weight: list[float]

    def __len__(self) -> int:
        return len(self.kind)

    def of(self, *kinds: str) -> Ints:
        return np.array([i for i, kind in enumerate(self.kind) if kind in kinds], dtype=np.int64)


@dataclass
class Draft:
    geo: Geography
    rng: np.random.Generator
    today: int
    rows: list[tuple[str, str, int, bool | None, bool, int, float]]

    def add(self, kind: str, name: str, place: int, public: bool | None = True, inclusive: bool = False,
            weight: float = 1.0, years: tuple[int, int] = (4, 40)) -> None:  # fmt: skip
        opened = self.today - int(self.rng.integers(years[0] * 365, years[1] * 365))
        self.rows.append((kind, name, place, public, inclusive, opened, weight))

    def seat(self, township: int) -> int:
        """The largest community of a township, or its largest village."""
        members = self.geo.villages[self.geo.township_of[self.geo.villages] == township]
        town = members[self.geo.community[members]]
        among = town if len(town) else members
        return int(among[np.argmax(self.geo.people[among])])


def _schools(draft: Draft, township: int, name: str, people: float) -> None:
    seat = draft.seat(township)
    members = draft.geo.villages[draft.geo.township_of[draft.geo.villages] == township]
    for i in range(1 + int(people > 12_000) + int(people > 24_000)):
        draft.add("kindergarten", f"{name}第{'一二三'[i]}幼儿园", seat, weight=1.15 - 0.2 * i)
    if people > 9_000:
        others = 1 + int(people > 20_000)
        for i in range(others):
            place = int(members[(i * 3 + 1) % len(members)])
            draft.add("kindergarten", f"{name}{'童乐小苗'[i * 2 : i * 2 + 2]}幼儿园", place, public=False,
                      inclusive=True, weight=1.12 if others == 1 else 0.95, years=(4, 14))  # fmt: skip
    draft.add("primary", f"{name}中心小学", seat, weight=1.6)
    for i in range(int(people // 9_000)):
        place = int(members[(i * 2) % len(members)])
        short = draft.geo.names[place].replace("村民委员会", "").replace("居民委员会", "")
        draft.add("primary", f"{name}{short}小学", place, weight=0.8)
    if people > 6_500:
        draft.add("junior", f"{name}中学", seat)


def _watched(draft: Draft, order: Ints) -> None:
    """School buses, first-aid devices in public places, waters with a risk of drowning."""
    for i, township in enumerate(order):
        name, seat = draft.geo.names[township], draft.seat(int(township))
        if i < 8:
            draft.add("school_bus", f"{name}校车{i + 1}号", seat, years=(2, 6))
        draft.add("aed", f"{name}便民服务中心急救设备", seat, years=(2, 4))
        members = draft.geo.villages[draft.geo.township_of[draft.geo.villages] == township]
        draft.add(
            "open_water",
            f"{name}{'河湾水库山塘'[i % 3 * 2 :][:2]}",
            int(members[i % len(members)]),
            years=(5, 30),
        )
    for site in ("商场", "车站", "景区游客中心"):
        draft.add("aed", f"演示{site}急救设备", draft.seat(int(order[0])), public=None, years=(2, 4))


def make_facilities(geo: Geography, seed: int, as_of: int) -> Facilities:
    draft = Draft(geo, stream(seed, "facilities"), as_of, [])
    order = geo.townships[np.argsort(-geo.people[geo.townships], kind="stable")]
    town = int(draft.seat(int(order[0])))
    second = int(draft.seat(int(order[min(1, len(order) - 1)])))
    for township in geo.townships:
        name = geo.names[township]
        _schools(draft, int(township), name, float(geo.people[township]))
        seat = draft.seat(int(township))
        draft.add("community_health_center", f"{name}卫生院", seat, years=(20, 60))
        if township != order[-1]:  # the smallest has none yet: its plan has slipped
            draft.add("minor_station", f"{name}未成年人保护工作站", seat, years=(3, 5))
    for place in (town, second):
        draft.add("kindergarten", f"{geo.names[place][:2]}金苹果幼儿园", place, False, False, 0.3, (4, 9))
    for i, place in enumerate((town, second, int(draft.seat(geo.story)))):
        draft.add("senior", f"演示第{'一二三'[i]}中学", place, weight=1.0)
    draft.add("senior", "演示职业教育中心", town)
    draft.add("special_school", "演示特殊教育学校", second)
    draft.add("mch_hospital", "演示妇幼保健院", town)
    draft.add("critical_center", "演示危重新生儿救治中心", town, years=(4, 8))
    draft.add("childrens_home", "演示儿童之家", second)
    draft.add("welfare_home", "演示儿童福利院", town)
    draft.add("welfare_home", "演示第二儿童福利院", second)
    for i in range(22):
        place = draft.seat(int(order[i % max(min(len(order), 14), 1)]))
        draft.add("childcare", f"{geo.names[geo.township_of[place]]}第{i // 14 + 1}托育园", place, i % 4 == 0,
                  weight=2.0 if i < 4 else 1.0, years=(2, 6))  # fmt: skip
    draft.add("rehab_provider", "演示“萌芽”康复中心", town, public=False, years=(3, 9))
    draft.add("rehab_provider", "演示“小桥”儿童康复站", second, public=False, years=(3, 9))
    for i, name in enumerate(("小葵", "团圆")):
        draft.add(
            "home_childcare",
            f"演示“{name}”家庭托育点",
            draft.seat(int(order[i % len(order)])),
            False,
            years=(2, 3),
        )
    for name, place in (
        ("晨曦社会工作服务中心", town),
        ("同行青少年服务中心", second),
        ("小水滴志愿者协会", town),
    ):
        draft.add("social_organization", f"演示{name}", place, public=None, years=(3, 8))
    for name, place in (("启明", town), ("小画笔", town), ("跃动", second), ("博雅", second), ("新芽", town)):
        draft.add("tutoring", f"演示{name}校外培训机构", place, public=False, years=(3, 7))
    _watched(draft, order)
    for i, name in enumerate(SELLERS):
        seat = draft.seat(int(order[i % min(len(order), 4)]))
        draft.add("product_seller", f"演示{name}", seat, public=False, years=(2, 9))
    kinds, names, places, public, inclusive, opened, weight = (
        list(part) for part in zip(*draft.rows, strict=True)
    )
    return Facilities(
        kinds,
        names,
        np.array(places, dtype=np.int64),
        public,
        inclusive,
        np.array(opened, dtype=np.int64),
        weight,
    )


def _places(geo: Geography, facilities: Facilities) -> tuple[Ints, Ints]:
    """Filed places for under-threes: of childcare, and of kindergartens with toddler classes."""
    people = float(geo.people[geo.townships].sum())
    childcare, gardens = facilities.of("childcare"), facilities.of("kindergarten")[::5]
    weight = np.array([facilities.weight[i] for i in childcare])
    own = np.rint(people / 1000 * (CHILDCARE_PLACES - TODDLER_PLACES) * weight / weight.sum())
    toddlers = np.full(len(gardens), np.ceil(people / 1000 * TODDLER_PLACES / max(len(gardens), 1)))
    counts = np.zeros(len(facilities), np.int64)
    counts[childcare], counts[gardens] = own.astype(np.int64), toddlers.astype(np.int64)
    return np.sort(np.r_[childcare, gardens]), counts


def _providers(facilities: Facilities, filed: Ints) -> Ints:
    """Kind of provider, as its owner and its number in the list say: public, inclusive, employer, community."""
    kinds = np.where([facilities.public[i] is True for i in filed], 0, 1 + filed % 3)
    return np.where([facilities.kind[i] == "kindergarten" for i in filed], 4, kinds).astype(np.int64)


def write_facilities(
    journal: Journal, statuses: Statuses, geo: Geography, facilities: Facilities, base: int
) -> None:
    """Filings, recognition, inspections, quarterly station checks and what has been designated."""
    rng = stream(journal.seed, "facility records")
    today = journal.as_of
    filed, counts = _places(geo, facilities)
    # Filed for one, two or three years, by their size and what they have shown; most for two.
    lasts = draw.choose(rng, [0.3, 0.5, 0.2], len(filed)) * 365 + 365
    for years_ago, share in ((3, 0.84), (2, 0.9), (1, 0.95), (0, 1.0)):  # places were added year by year
        places = np.rint(counts[filed] * share).astype(np.int64)
        on = np.maximum(
            today - years_ago * 365 - rng.integers(30, 200, len(filed)), facilities.opened[filed] + 20
        )
        childcare = np.array([facilities.kind[i] == "childcare" for i in filed], dtype=np.bool_)
        until: Ints = np.asarray(on + (600 if years_ago else lasts), dtype=np.int64)
        answers = texts.json_object(
            places=texts.whole(places),
            valid_until=texts.quoted(texts.iso_date(until)),
            toddler_places=texts.whole(places, ~childcare),
            provider_kind=texts.look_up(PROVIDERS, _providers(facilities, filed)),
        )
        journal.write(
            "childcare_filing",
            base + filed,
            on,
            answers,
            place=facilities.place[filed],
            org=geo.health_office,
        )
    private = np.array([i for i in facilities.of("kindergarten") if facilities.inclusive[i]], dtype=np.int64)
    on = facilities.opened[private] + rng.integers(200, 700, len(private))
    on[: len(private) // 12] = today - rng.integers(200, 650, len(private) // 12)  # the last to be recognized
    answers = texts.json_object(
        inclusive=texts.truth(np.ones(len(private), np.bool_)),
        valid_until=texts.quoted(texts.iso_date(on + 3 * 365)),
    )
    journal.write("kindergarten_recognition", base + private, on, answers, place=facilities.place[private],
                  org=geo.education_office)  # fmt: skip
    review = on + 3 * 365 * ((today - on) // (3 * 365) + 1)
    statuses.open(base + private, "inclusive", "recognized", on, review=review)
    taught = facilities.of("kindergarten", "primary", "junior", "senior", "childcare")
    for term in range(4):
        on = today - 40 - term * 182 + rng.integers(-30, 30, len(taught))
        answers = texts.json_object(
            result=texts.look_up(['"pass"', '"correct"'], (rng.random(len(taught)) < 0.08).astype(np.int64))
        )
        journal.write(
            "inspection", base + taught, on, answers, place=facilities.place[taught], org=geo.education_office
        )
    _stations(journal, geo, facilities, base)
    _home_childcare(journal, geo, facilities, base)


def _home_childcare(journal: Journal, geo: Geography, facilities: Facilities, base: int) -> None:
    """Home-based childcare: five places each; the filing of one has lapsed."""
    homes = facilities.of("home_childcare")
    on = np.array([journal.as_of - 700, journal.as_of - 200], dtype=np.int64)
    until = np.array([journal.as_of - 12, journal.as_of + 530], dtype=np.int64)
    same = np.zeros(len(homes), np.int64)
    answers = texts.json_object(
        places=texts.look_up(["5"], same), provider_kind=texts.look_up(['"home"'], same),
        infant_places=texts.look_up(["1"], same), young_places=texts.look_up(["2"], same), toddler_places=texts.look_up(["2"], same),
        staff=texts.look_up(["2"], same), valid_until=texts.quoted(texts.iso_date(until)),
    )  # fmt: skip
    journal.write(
        "childcare_filing", base + homes, on, answers, place=facilities.place[homes], org=geo.health_office
    )
    checked = np.full(len(homes), journal.as_of - 60)
    passed = texts.json_object(result=texts.look_up(['"pass"'], same))
    journal.write(
        "inspection", base + homes, checked, passed, place=facilities.place[homes], org=geo.health_office
    )


def _stations(journal: Journal, geo: Geography, facilities: Facilities, base: int) -> None:
    """A check every three months, on a day of its own; one station has had none for half a year.

    At the latest check all have staff, a room and a telephone that is answered; before, a few had not.
    """
    rng = stream(journal.seed, "station checks")
    stations = facilities.of("minor_station")
    lapsed = rng.permutation(stations)[:LAPSED_STATIONS]
    latest = journal.as_of - rng.integers(3, 85, len(stations))
    for back in range(12):
        on = draw.add_months(latest, -3 * back)
        kept = (on > facilities.opened[stations]) & ~(np.isin(stations, lapsed) & (back < 2))
        who, on = stations[kept], on[kept]
        lacking = 0.0 if back == 0 else 0.012 + 0.006 * back
        answers = texts.json_object(
            staff=texts.whole(rng.integers(1, 4, len(who))),
            room=texts.truth(rng.random(len(who)) >= lacking),
            hotline_ok=texts.truth(rng.random(len(who)) >= lacking),
        )
        journal.write("station_check", base + who, on, answers, place=facilities.place[who],
                      org=geo.office[facilities.place[who]])  # fmt: skip


def write_setup(journal: Journal, geo: Geography, facilities: Facilities, base: int) -> None:
    """The township without a station had planned to open one twelve days ago."""
    have = set(geo.township_of[facilities.place[facilities.of("minor_station")]].tolist())
    bare = np.array([each for each in geo.townships if int(each) not in have], dtype=np.int64)
    on = np.full(len(bare), journal.as_of - 70)
    planned = texts.quoted(texts.iso_date(np.full(len(bare), journal.as_of - 12)))
    answers = texts.json_object(
        planned_on=planned, where=texts.look_up(['"便民服务中心一楼"'], np.zeros(len(bare), np.int64)),
        lead=texts.look_up(['"民政和社会事务办公室"'], np.zeros(len(bare), np.int64)),
        obstacle=texts.look_up(['"办公用房还在调整"'], np.zeros(len(bare), np.int64)),
    )  # fmt: skip
    journal.write("station_setup", base + bare, on, answers, place=bare, org=geo.office[bare])


def write_population(journal: Journal, geo: Geography, base: int, years: int = 3) -> None:
    """What the townships' yearbook says of their inhabitants; it shrinks a little every year."""
    this_year = int(draw.year_of(np.array([journal.as_of]))[0])
    for back in range(years, 0, -1):
        on = np.full(len(geo.townships), int(draw.september(np.array([this_year - back]))[0]) + 200)
        on = np.minimum(on, journal.as_of)
        total = np.rint(geo.people[geo.townships] * 1.006 ** (back - 1)).astype(np.int64)
        answers = texts.json_object(
            total=texts.whole(total),
            source=texts.look_up(['"演示数据：按公开人口数推算"'], np.zeros(len(total), np.int64)),
            year=texts.look_up([str(this_year - back)], np.zeros(len(total), np.int64)),
        )
        journal.write(
            "population",
            base + geo.townships,
            on,
            answers,
            place=geo.townships,
            org=geo.office[geo.townships],
        )


def coordinates(geo: Geography, facilities: Facilities, seed: int) -> tuple[Floats, Floats]:
    """Latitude and longitude of first-aid devices, some hundred metres from their township's seat; NaN of all else."""
    rng = stream(seed, "coordinates")
    lat, lon = np.full(len(facilities), np.nan), np.full(len(facilities), np.nan)
    devices = facilities.of("aed")
    township = geo.township_of[facilities.place[devices]]
    lat[devices] = np.round(geo.lat[township] + rng.normal(0, 0.003, len(devices)), 5)
    lon[devices] = np.round(geo.lon[township] + rng.normal(0, 0.003, len(devices)), 5)
    return lat, lon


def facility_table(geo: Geography, facilities: Facilities, base: int) -> pa.Table:
    n = len(facilities)
    owner = [None if p is None else ("public" if p else "private") for p in facilities.public]
    return pa.table(
        {
            "subject_id": pa.array(base + np.arange(n, dtype=np.int64)),
            "kind": pa.array(facilities.kind, pa.string()),
            "place_id": texts.look_up(geo.codes, facilities.place),
            "ownership": pa.array(owner, pa.string()),
            "opened_on": texts.dates(facilities.opened, FAR),
            "closed_on": texts.dates(np.full(n, FAR), FAR),
        }
    )
