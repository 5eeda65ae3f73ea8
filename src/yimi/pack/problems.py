"""Problems of a pack: where (file:line:column), what, and what was probably meant. All of a run at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from yimi.lib.errors import UserError


@dataclass(frozen=True, order=True)
class Problem:
    """`file` is relative to the folder of the packs; lines and columns count from 1."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"

    def as_json(self) -> dict[str, str | int]:
        return {"file": self.file, "line": self.line, "column": self.column, "message": self.message}


class PackInvalid(UserError):
    """The pack cannot be used; `problems` says why, sorted by place."""

    code = "pack_invalid"

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(set(problems))
        first = "\n".join(str(each) for each in self.problems[:20])
        more = f"\n… and {len(self.problems) - 20} more" if len(self.problems) > 20 else ""
        super().__init__(f"the pack has {len(self.problems)} problem(s):\n{first}{more}")
