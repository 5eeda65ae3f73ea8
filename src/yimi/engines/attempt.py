"""`yimi pack try`: a child given in one line, and what a pathway says about it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from yimi.engines.backend import Connection
from yimi.engines.because import verdict_words
from yimi.engines.example import SPAN, evaluate
from yimi.lib.errors import BadInput
from yimi.pack.load import Pack
from yimi.pack.schema import Pathway, TestChild
from yimi.rules.check import suggestion


def attempt_child(
    pack: Pack, pathway: str, birth: str, sex: str | None, records: str, as_of: str | None
) -> tuple[Pathway, TestChild]:
    """The pathway and a test child made of the arguments. Raises `BadInput` in one sentence."""
    found = pack.pathways.get(pathway)
    if found is None:
        raise BadInput(f"pack '{pack.id}' has no pathway '{pathway}'{suggestion(pathway, pack.pathways)}")
    day = _date(as_of, "--as-of") if as_of else datetime.now(ZoneInfo(pack.info.timezone)).date()
    written = [_record(pack, found, each.strip()) for each in records.split(",") if each.strip()]
    child = TestChild.model_validate(
        {
            "name": {"zh": "试算", "en": "trial"},
            "as_of": day,
            "born": _date(birth, "--birth"),
            "sex": sex,
            "records": written,
            "expect": {},
        }
    )
    return found, child


def _date(text: str, what: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise BadInput(f"{what} '{text}' is not a date; write it like 2025-01-31") from None


def _record(pack: Pack, pathway: Pathway, text: str) -> dict[str, Any]:
    """'HepB@2025-01-15' as a record of the pathway's form; the word before @ is its step code or a step's id."""
    word, at, day = text.partition("@")
    if not at:
        raise BadInput(f"record '{text}' has no date; write it like HepB@2025-01-15")
    on = _date(day, f"the date of record '{text}'")
    steps = [each for each in pathway.steps if word in (each.code, each.id)]
    form = pack.forms[steps[0].form if steps else pathway.steps[0].form]
    coded = next(
        (each for each in form.fields if each.type == "code" and pack.code(each.vocabulary or "", word)), None
    )
    if coded:
        return {"form": form.id, "on": on, "answers": {coded.id: word}}
    if steps or word == form.id:
        return {"form": form.id, "on": on, "answers": {}}
    known = [each.code or each.id for each in pathway.steps]
    raise BadInput(f"'{word}' is no step of pathway '{pathway.id}'{suggestion(word, known)}")


def attempted(con: Connection, pack: Pack, pathway: Pathway, child: TestChild) -> dict[str, Any]:
    """{due: [...], judged: [...]} as `yimi pack try --json` prints it."""
    outcome = evaluate(con, pack, pathway, child)
    records = dict(enumerate(child.records, SPAN + 1))
    due = [
        {
            "step": row["code"],
            "ordinal": row["ordinal"],
            **{name: _iso(row[name]) for name in ("earliest", "due", "overdue_after", "expires")},
            "status": row["status"],
            "done": _iso(row["done"]),
            "id": row["step"],
            "because": outcome.explainer.item(row).zh,
            "because_en": outcome.explainer.item(row).en,
        }
        for row in outcome.due
        if outcome.explainer is not None
    ]
    judged = [
        {
            "record": _label(records[row["seq"]]),
            "verdict": row["verdict"],
            "step": row["step"],
            "because": verdict_words(pack, pathway, row)["zh"],
            "because_en": verdict_words(pack, pathway, row)["en"],
        }
        for row in sorted(outcome.judged, key=lambda row: (row["on"], row["seq"]))
    ]
    return {
        "pathway": pathway.id,
        "as_of": child.as_of.isoformat(),
        "pack": pack.fingerprint,
        "due": due,
        "judged": judged,
    }


def _label(record: Any) -> str:
    word = next(iter(record.answers.values()), record.form)
    return f"{word}@{record.on.isoformat()}"


def _iso(value: date | None) -> str | None:
    return value.isoformat() if value else None
