"""One YAML or CSV file to plain text values that remember where they stood.

Plain YAML typing turns `on:` into true, `1:30` into 90 and `0123` into 83, and takes the last of two equal
keys. Here every scalar stays text, a duplicate key is a problem, and types come from `yimi.pack.schema`.
"""

from __future__ import annotations

import csv
import difflib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from yimi.pack.problems import Problem

Path_ = tuple[str | int, ...]
_Parser = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Parser):  # type: ignore[misc, valid-type]
    """Gives no scalar a type: all stay text here, and guessing the types takes as long as reading."""

    def descend_resolver(self, current_node: object, current_index: object) -> None: ...

    def ascend_resolver(self) -> None: ...

    def resolve(self, kind: object, value: object, implicit: object) -> str:
        return ""


@dataclass(frozen=True)
class Source:
    """A read file: its value and the place (line, column) of every node in it."""

    file: str
    value: Any
    places: dict[Path_, tuple[int, int]] = field(default_factory=dict, repr=False)

    def problem(self, message: str, path: Path_ = (), offset: int = 0) -> Problem:
        """A problem at a node, or at the nearest node above it that the file has."""
        for length in range(len(path), -1, -1):
            place = self.places.get(path[:length])
            if place:
                # A rule written plainly is read as a list of editions: the text itself is the node above.
                exact = offset if length == len(path) or isinstance(self.at(path[:length]), str) else 0
                return Problem(self.file, place[0], place[1] + exact, message)
        return Problem(self.file, 1, 1, message)

    def at(self, path: Path_) -> Any:
        """The value at a path that the file has."""
        value = self.value
        for each in path:
            value = value[each]
        return value


def read_yaml(path: Path, shown_as: str, problems: list[Problem]) -> Source | None:
    """The file as plain dicts, lists and texts; None, with the problem noted, if it cannot be read."""
    try:
        text = path.read_text(encoding="utf-8")
        root = yaml.compose(text, Loader=_Loader)
    except UnicodeDecodeError:
        problems.append(Problem(shown_as, 1, 1, "not readable as UTF-8: save the file as UTF-8"))
        return None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        problems.append(
            Problem(shown_as, line, column, f"not readable as YAML: {getattr(error, 'problem', error)}")
        )
        return None
    if root is None:
        problems.append(Problem(shown_as, 1, 1, "the file is empty"))
        return None
    source = Source(shown_as, None)
    value = _plain(root, (), source, problems)
    return Source(shown_as, value, source.places)


def _plain(node: yaml.Node, path: Path_, source: Source, problems: list[Problem]) -> Any:
    mark = node.start_mark
    if isinstance(node, yaml.ScalarNode):
        # A quoted text begins one column after its quotation mark: offsets in rules count from there.
        quoted = node.style in ("'", '"')
        source.places[path] = (mark.line + 1, mark.column + 1 + quoted)
        return None if node.value in ("", "null", "~") and not quoted else node.value
    source.places[path] = (mark.line + 1, mark.column + 1)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(each, (*path, index), source, problems) for index, each in enumerate(node.value)]
    result: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = str(key_node.value)
        if key in result:
            problems.append(
                Problem(
                    source.file,
                    key_node.start_mark.line + 1,
                    key_node.start_mark.column + 1,
                    f"'{key}' stands twice",
                )
            )
        result[key] = _plain(value_node, (*path, key), source, problems)
        source.places[(*path, key, "#key")] = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
    return result


def typed(source: Source, model: type[BaseModel], problems: list[Problem]) -> Any:
    """The file as `model`, or None with every problem noted at its place."""
    try:
        return model.model_validate(source.value)
    except ValidationError as error:
        for each in error.errors():
            problems.append(_explained(source, model, each))
        return None


def _explained(source: Source, model: type[BaseModel], error: Any) -> Problem:
    path: Path_ = tuple(error["loc"])
    if error["type"] == "extra_forbidden":
        key = str(path[-1])
        near = difflib.get_close_matches(key, _known_keys(model, path[:-1]), 1)
        hint = f"; did you mean '{near[0]}'?" if near else ""
        return source.problem(f"unknown key '{key}'{hint}", (*path, "#key"))
    if error["type"] == "missing":
        return source.problem(f"'{path[-1]}' is missing", path[:-1])
    if error["type"] == "model_type":
        return source.problem("keys with values are expected here, like id: …", path)
    where = ".".join(str(each) for each in path if isinstance(each, str))
    message = error["msg"][:1].lower() + error["msg"][1:]
    return source.problem(f"{where}: {message}", path)


def _known_keys(model: Any, path: Path_) -> list[str]:
    """Field names of the model found along `path` (lists and optionals looked through)."""
    current = [model]
    for step in path:
        if isinstance(step, int):
            continue
        current = [
            found
            for each in current
            if step in each.model_fields
            for found in _models(each.model_fields[step].annotation)
        ]
    return [name for each in current for name in each.model_fields]


def _models(annotation: Any) -> list[Any]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for each in getattr(annotation, "__args__", ()) for found in _models(each)]


def read_csv(
    path: Path, shown_as: str, model: type[BaseModel], problems: list[Problem]
) -> list[tuple[int, Any]]:
    """(line, row as `model`) of a table file; lines that begin with # are notes on its source."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError:
        problems.append(Problem(shown_as, 1, 1, "not readable as UTF-8: save the table as CSV UTF-8"))
        return []
    numbered = [
        (number, line) for number, line in enumerate(lines, 1) if line.strip() and not line.startswith("#")
    ]
    reader = csv.DictReader(line for _, line in numbered)
    rows = []
    for (number, _), row in zip(numbered[1:], reader, strict=False):
        if None in row:
            problems.append(Problem(shown_as, number, 1, "the row has more cells than the head has columns"))
        values = {key: value for key, value in row.items() if key and value}
        try:
            rows.append((number, model.model_validate(values)))
        except ValidationError as error:
            problems += [Problem(shown_as, number, 1, _cell(each, model)) for each in error.errors()]
    return rows


def _cell(error: Any, model: type[BaseModel]) -> str:
    column = str(error["loc"][-1])
    if error["type"] == "extra_forbidden":
        near = difflib.get_close_matches(column, model.model_fields, 1)
        return f"unknown column '{column}'" + (f"; did you mean '{near[0]}'?" if near else "")
    if error["type"] == "missing":
        return f"'{column}' is empty"
    return f"{column}: {error['msg'][:1].lower()}{error['msg'][1:]}"
