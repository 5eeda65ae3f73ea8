"""From a folder to a frozen `Pack`: the declarations of a city and of the packs it extends.

A district replaces a whole declaration under the same id; there is no deep merge, and order does not
matter. The fingerprint names exactly this content: every alert, task and figure keeps it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, wraps
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Concatenate, ParamSpec, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict

from yimi.lib.errors import BadInput
from yimi.pack import schema
from yimi.pack.problems import PackInvalid, Problem
from yimi.pack.read import Source, read_csv, read_yaml, typed

_Names = Annotated[
    list[str], BeforeValidator(lambda text: [each for each in str(text).split(";") if each] if text else [])
]


class Place(BaseModel):
    """A row of places.csv."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: str
    name_zh: str
    name_en: str
    kind: str
    parent: str | None = None
    subkind: str | None = None
    lat: float | None = None
    lon: float | None = None
    aliases: _Names = []
    population: int | None = None  # of the source named in the file; for made-up data only
    note: str | None = None


class Organization(BaseModel):
    """A row of organizations.csv."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    name_zh: str
    name_en: str
    short: str
    aliases: _Names = []
    kind: str
    place: str
    parent: str | None = None
    note: str | None = None


Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")


def once_a_pack(
    function: Callable[Concatenate[Pack, Asked], Answer],
) -> Callable[Concatenate[Pack, Asked], Answer]:
    """Keep what follows from a pack alone: a turn asks for it thousands of times.

    Arguments besides the pack are hashable; whoever gets the answer leaves it as it is.
    """

    @wraps(function)
    def asked(pack: Pack, /, *args: Asked.args, **kwargs: Asked.kwargs) -> Answer:
        key = (function, args, tuple(sorted(kwargs.items())))
        if key not in pack.worked_out:
            pack.worked_out[key] = function(pack, *args, **kwargs)
        answer: Answer = pack.worked_out[key]
        return answer

    return asked


@dataclass(frozen=True)
class Pack:
    """Everything declared, by kind and id. Made only by `load`."""

    info: schema.PackInfo
    folder: Path
    declared: Mapping[str, Mapping[str, Any]]
    places: Mapping[str, Place]
    organizations: Mapping[str, Organization]
    fingerprint: str
    sources: Mapping[tuple[str, str], Source] = field(repr=False)
    chain: tuple[Path, ...] = ()  # folders of this pack and those it extends, the base first
    broken: frozenset[str] = (
        frozenset()
    )  # ids whose files could not be read; empty but for a pack under check

    worked_out: dict[Hashable, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def id(self) -> str:
        return self.info.id

    def of(self, folder: str) -> Mapping[str, Any]:
        return self.declared[folder]

    @property
    def plans(self) -> Mapping[str, schema.Plan]:
        return self.declared["plans"]

    @property
    def measures(self) -> Mapping[str, schema.Measure]:
        return self.declared["measures"]

    @property
    def vocabularies(self) -> Mapping[str, schema.Vocabulary]:
        return self.declared["vocabularies"]

    @property
    def parameters(self) -> Mapping[str, schema.Parameter]:
        return self.declared["parameters"]

    @property
    def calendars(self) -> Mapping[str, schema.Calendar]:
        return self.declared["calendars"]

    @property
    def forms(self) -> Mapping[str, schema.Form]:
        return self.declared["forms"]

    @property
    def pathways(self) -> Mapping[str, schema.Pathway]:
        return self.declared["pathways"]

    @property
    def cascades(self) -> Mapping[str, schema.Cascade]:
        return self.declared["cascades"]

    @property
    def surveillance(self) -> Mapping[str, schema.Surveillance]:
        return self.declared["surveillance"]

    @property
    def surveys(self) -> Mapping[str, schema.Survey]:
        return self.declared["surveys"]

    def raised_by(self, name: str) -> schema.Raising | None:
        """The declaration whose rule raised an alert; None if the pack has it no longer."""
        kinds = (self.pathways, self.cascades, self.entitlements, self.surveillance)
        return next((each[name] for each in kinds if name in each), None)

    @property
    def bills(self) -> Mapping[str, schema.BillShare]:
        return self.declared["bills"]

    def raising(self, name: str) -> schema.Raising:
        """The same for an alert of this pack."""
        found = self.raised_by(name)
        if found is None:
            raise KeyError(name)
        return found

    @cached_property
    def stages(self) -> Mapping[str, tuple[schema.Cascade, schema.Stage]]:
        """Every stage of every cascade, by the name alerts give it: myopia.diagnosed."""
        return {
            f"{each.id}.{stage.id}": (each, stage) for each in self.cascades.values() for stage in each.stages
        }

    @property
    def indicators(self) -> Mapping[str, schema.Indicator]:
        return self.declared["indicators"]

    @property
    def checklists(self) -> Mapping[str, schema.Checklist]:
        return self.declared["checklists"]

    @property
    def entitlements(self) -> Mapping[str, schema.Entitlement]:
        return self.declared["entitlements"]

    @property
    def suspicions(self) -> Mapping[str, schema.Suspicion]:
        return self.declared["suspicions"]

    @property
    def roles(self) -> Mapping[str, schema.Role]:
        return self.declared["roles"]

    @property
    def cases(self) -> Mapping[str, schema.CaseKind]:
        return self.declared["cases"]

    @property
    def statuses(self) -> Mapping[str, schema.StatusScheme]:
        return self.declared["statuses"]

    @property
    def facility_types(self) -> Mapping[str, schema.FacilityType]:
        return self.declared["facility_types"]

    @property
    def tests(self) -> Mapping[str, schema.TestFile]:
        return self.declared["tests"]

    @cached_property
    def targets(self) -> Mapping[str, schema.Target]:
        return {each.id: each for measure in self.measures.values() for each in measure.targets}

    @cached_property
    def measure_of_target(self) -> Mapping[str, str]:
        return {each.id: measure.id for measure in self.measures.values() for each in measure.targets}

    @cached_property
    def measures_of_pathway(self) -> Mapping[str, list[str]]:
        """The measures each pathway, cascade or benefit serves: those it names, those with an instrument it serves."""
        found = {each.id: list(each.measures) for each in self.pathways.values()}
        found |= {each.id: list(each.measures) for each in self.cascades.values()}
        found |= {each.id: list(each.measures) for each in self.entitlements.values()}
        found |= {each.id: list(each.measures) for each in self.surveillance.values()}
        for measure in self.measures.values():
            for instrument in measure.instruments:
                kind, _, name = (instrument.served_by or "").partition(":")
                if kind == "case" and name in self.cases:
                    kind, name = "pathway", self.cases[name].pathway
                if kind in (
                    "pathway",
                    "cascade",
                    "entitlement",
                    "surveillance",
                ) and measure.id not in found.get(name, [measure.id]):
                    found[name].append(measure.id)
        return {pathway: sorted(measures) for pathway, measures in found.items()}

    @cached_property
    def steps(self) -> Mapping[str, tuple[schema.Pathway, schema.Step]]:
        """Every step of every pathway; step ids are unique in a pack."""
        return {step.id: (pathway, step) for pathway in self.pathways.values() for step in pathway.steps}

    @cached_property
    def case_pathways(self) -> frozenset[str]:
        """Pathways about cases: what is due in them is told to the parties only."""
        return frozenset(each.id for each in self.pathways.values() if each.subject == "case")

    @cached_property
    def sealing_pathways(self) -> frozenset[str]:
        """Pathways of cases that end sealed: they are counted nowhere, before or after."""
        return frozenset(each.pathway for each in self.cases.values() if each.seal)

    @cached_property
    def case_roles(self) -> frozenset[str]:
        """Roles that act for a party of some kind of case."""
        return frozenset(role for kind in self.cases.values() for each in kind.parties for role in each.roles)

    def townships(self) -> list[Place]:
        return [each for each in self.places.values() if each.kind == "township"]

    def villages(self) -> list[Place]:
        return [each for each in self.places.values() if each.kind == "village"]

    def number_on(self, parameter: str | None, day: date, otherwise: int = 0) -> int:
        """The whole number a parameter has on a day; `otherwise` where it is not declared or not in force."""
        declared = self.parameters.get(parameter or "")
        values = [each for each in declared.values if each.effective_from <= day] if declared else []
        newest = max(values, key=lambda each: each.effective_from, default=None)
        if newest is None or (newest.effective_to is not None and newest.effective_to <= day):
            return otherwise
        return int(newest.value.partition(" ")[0])

    def code(self, vocabulary: str, code: str | None) -> schema.Code | None:
        """A code's entry, or None if the vocabulary or the code is unknown."""
        found = self.vocabularies.get(vocabulary)
        return next((each for each in found.codes if each.code == code), None) if found else None


def find(name: str | Path) -> Path:
    """The folder of a pack: a path, or the name of a pack that came with Yimi."""
    path = Path(name)
    if (path / "pack.yaml").is_file():
        return path.resolve()
    here = Path(__file__).resolve()
    for root in (here.parents[3] / "packs", here.parents[1] / "_packs"):
        if (root / str(name) / "pack.yaml").is_file():
            return (root / str(name)).resolve()
    raise BadInput(f"no pack at '{name}': a pack is a folder with a pack.yaml in it")


def load(name: str | Path) -> Pack:
    """The pack with everything it extends, types and references of the files checked.

    Raises `PackInvalid` with every problem found. Rules are checked by `yimi.pack.check`.
    """
    pack, problems = read_pack(name)
    if problems or pack is None:
        raise PackInvalid(problems)
    return pack


def read_pack(name: str | Path) -> tuple[Pack | None, list[Problem]]:
    """What can be read of a pack, and what cannot: so that a check finds everything in one run."""
    problems: list[Problem] = []
    folder = find(name)
    loading = _Loading(problems)
    info = loading.pack(folder, ())
    if info is None:
        return None, problems
    pack = Pack(
        info=info,
        folder=folder,
        declared=MappingProxyType({kind: MappingProxyType(rows) for kind, rows in loading.declared.items()}),
        places=MappingProxyType(loading.places),
        organizations=MappingProxyType(loading.organizations),
        fingerprint=loading.digest.hexdigest()[:16],
        sources=MappingProxyType(loading.sources),
        chain=tuple(loading.chain),
        broken=frozenset(loading.broken),
    )
    return pack, problems


class _Loading:
    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        self.declared: dict[str, dict[str, Any]] = {kind: {} for kind in schema.FOLDERS}
        self.places: dict[str, Place] = {}
        self.organizations: dict[str, Organization] = {}
        self.sources: dict[tuple[str, str], Source] = {}
        self.chain: list[Path] = []
        self.broken: set[str] = set()
        self.digest = hashlib.sha256()

    def pack(self, folder: Path, below: tuple[Path, ...]) -> schema.PackInfo | None:
        shown = f"{folder.name}/pack.yaml"
        source = read_yaml(folder / "pack.yaml", shown, self.problems)
        info: schema.PackInfo | None = typed(source, schema.PackInfo, self.problems) if source else None
        if source is None or info is None:
            return None
        for base in info.extends:
            base_folder = folder.parent / base
            if base_folder in (*below, folder):
                self.problems.append(source.problem(f"'{base}' extends itself in a circle", ("extends",)))
            elif not (base_folder / "pack.yaml").is_file():
                self.problems.append(
                    source.problem(f"there is no pack '{base}' beside this one", ("extends",))
                )
            elif base_folder not in self.chain:
                self.pack(base_folder, (*below, folder))
        self.chain.append(folder)
        self.files(folder)
        return info

    def files(self, folder: Path) -> None:
        for path in sorted(folder.rglob("*")):
            relative = path.relative_to(folder)
            if not path.is_file() or any(part.startswith((".", "_")) for part in relative.parts):
                continue
            self.digest.update(f"{folder.name}/{relative.as_posix()}\0".encode() + path.read_bytes())
            self.file(folder, path, relative)

    def file(self, folder: Path, path: Path, relative: Path) -> None:
        shown = f"{folder.name}/{relative.as_posix()}"
        if relative.as_posix() == "places.csv":
            self.places.update(self.table(path, shown, Place, "code"))
        elif relative.as_posix() == "organizations.csv":
            self.organizations.update(self.table(path, shown, Organization, "id"))
        elif path.suffix == ".yml":
            self.problems.append(Problem(shown, 1, 1, "this file is not read: its name must end in .yaml"))
        elif path.suffix == ".yaml" and relative.parts[0] in schema.FOLDERS:
            self.declaration(relative.parts[0], path, shown)
        elif path.suffix == ".yaml" and relative.as_posix() != "pack.yaml":
            known = ", ".join(schema.FOLDERS)
            self.problems.append(
                Problem(shown, 1, 1, f"'{relative.parts[0]}' is no folder of a pack; known are {known}")
            )

    def table(self, path: Path, shown: str, model: type[BaseModel], key: str) -> dict[str, Any]:
        before = len(self.problems)
        found: dict[str, Any] = {}
        for line, each in read_csv(path, shown, model, self.problems):
            name = getattr(each, key)
            if name in found:
                self.problems.append(Problem(shown, line, 1, f"{key} '{name}' stands twice"))
            found[name] = each
            self.sources[(path.stem, name)] = Source(shown, None, {(): (line, 1)})
        if len(self.problems) > before:
            self.broken.add(path.name)
        return found

    def declaration(self, kind: str, path: Path, shown: str) -> None:
        source = read_yaml(path, shown, self.problems)
        found = typed(source, schema.FOLDERS[kind], self.problems) if source else None
        if source is None or found is None:
            self.broken.add(path.stem)
            return
        known = self.sources.get((kind, found.id))
        if known and known.file.startswith(f"{self.chain[-1].name}/"):
            self.problems.append(source.problem(f"'{found.id}' is declared already in {known.file}", ("id",)))
        if found.id != path.stem:
            self.problems.append(
                source.problem(f"id '{found.id}' differs from the file's name '{path.stem}'", ("id",))
            )
        self.declared[kind][found.id] = found
        self.sources[(kind, found.id)] = source
