"""A plan read from its own text, without a language model: numbering, brackets, bound words, a table of names.

`read_plan_file(path)` → `PlanReading`; `write_draft(reading, directory)` → a draft pack for a person to confirm.
"""

from __future__ import annotations

from yimi.exchange.plan_text.draft import write_draft
from yimi.exchange.plan_text.reading import PlanReading, read_plan_bytes, read_plan_file, read_plan_text

__all__ = ["PlanReading", "read_plan_bytes", "read_plan_file", "read_plan_text", "write_draft"]
