"""The words every declaration of a pack is made of: names, rules, sources, how sure we are."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Confidence = Literal[
    "verified-law", "verified-text", "verified-multi", "single-source", "recalled", "editorial"
]
Day = date  # `Plan` has a field named date
Sensitivity = Literal["basic", "health", "welfare", "protection", "justice"]
SubjectKind = Literal["child", "person", "household", "facility", "place", "organization", "case"]
Id = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")]
Rule = Annotated[str, Field(min_length=1)]  # an expression of the rule language


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Ids = Annotated[list[str], BeforeValidator(_as_list)]


class Declaration(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Text(Declaration):
    """Words for people, Chinese first."""

    zh: str
    en: str


class Gate(Declaration):
    """What must be true of a subject before a record may name it; else the record is refused with this sentence."""

    rule: Rule  # over the facts of that subject on the day; unknown is not true
    says: Text


class Sourced(Declaration):
    """Anything taken from a norm: where it is written, since when, how sure we are, who confirmed it."""

    source: str = ""
    effective_from: date | None = None
    effective_to: date | None = None  # first day no longer in force
    confidence: Confidence = "editorial"
    confirmed_by: str | None = None

    @property
    def usable(self) -> bool:
        """May it raise an alert or grant an entitlement? A recalled rule may not until somebody confirms it."""
        return self.confidence != "recalled" or self.confirmed_by is not None
