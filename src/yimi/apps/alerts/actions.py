"""Everything that opens, changes or closes an alert. Called by the cycle with what the engines found.

One cause has one open alert. A rule that fires again changes its alert's list; a cause that is gone closes it.
An alert that closed and comes back is a new one, so that the history tells it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from yimi.apps.accounts.permissions import Actor, require
from yimi.apps.alerts.models import Alert, AlertSubject
from yimi.apps.audit import actions as audit
from yimi.engines.findings import Finding
from yimi.pack.load import Pack
from yimi.pack.schema import AlertRule


@dataclass(frozen=True)
class Synced:
    """Ids of the alerts that opened, changed, moved to another place and closed."""

    opened: list[int]
    changed: list[int]
    moved: list[int]
    closed: list[int]


Lines = dict[tuple[int, str], AlertSubject]  # subject and step → the open line behind an alert


@transaction.atomic
def sync(*, findings: Sequence[Finding], pack: Pack, by: Actor, at: datetime) -> Synced:
    """Make the open alerts what the findings say. The same findings twice change nothing."""
    require(by.is_system, "alerts come from the cycle only")
    known = {each.cause: each for each in Alert.objects.filter(closed_at__isnull=True)}
    wanted = {each.cause: each for each in findings}
    lines: dict[int, Lines] = {each.pk: {} for each in known.values()}
    for line in AlertSubject.objects.filter(until__isnull=True, alert__closed_at__isnull=True):
        lines[line.alert_id][line.subject_id, line.step] = line
    opened, changed, moved = [], [], []
    for cause, finding in wanted.items():
        alert = known.get(cause)
        if alert is None:
            opened.append(_open(finding, pack, at).pk)
            continue
        if _follow(alert, finding, pack, at):
            moved.append(alert.pk)
        if _update(alert, finding, lines[alert.pk], at):
            changed.append(alert.pk)
    gone = [alert for cause, alert in known.items() if cause not in wanted]
    _close(gone, at)
    if opened or changed or moved or gone:
        detail = {"opened": len(opened), "changed": len(changed), "moved": len(moved), "closed": len(gone)}
        audit.record("turn", "alerts", "", by=by, at=at, detail=detail)
    return Synced(opened, changed, moved, [each.pk for each in gone])


def countable(alerts: Sequence[int], pack: Pack) -> int:
    """How many of these alerts stand in a total: those about cases in none."""
    return Alert.objects.filter(pk__in=alerts).exclude(pathway__in=pack.case_pathways).count()


def rule_of(pack: Pack, pathway: str, rule: str) -> AlertRule:
    """The declaration an alert was raised by."""
    return next(each for each in pack.raising(pathway).alerts if each.id == rule)


def _open(finding: Finding, pack: Pack, at: datetime) -> Alert:
    rule = rule_of(pack, finding.pathway, finding.alert)
    alert = Alert.objects.create(
        cause=finding.cause, pathway=finding.pathway, rule=finding.alert,
        place_id=_place(finding, pack), to_role=rule.to, also_roles=list(rule.also),
        pack=pack.fingerprint, count=_children(finding), first_due=_first_due(finding), opened_at=at, updated_at=at,
    )  # fmt: skip
    AlertSubject.objects.bulk_create(
        AlertSubject(
            alert=alert,
            subject_id=each.subject_id,
            step=each.step,
            due=each.due,
            overdue_after=each.overdue_after,
            since=at,
        )
        for each in finding.behind
    )
    return alert


def _place(finding: Finding, pack: Pack) -> str:
    """A case is not placed: a village and a silent department together would tell what it is."""
    place = None if finding.pathway in pack.case_pathways else finding.place
    return place or pack.info.district or ""


def _follow(alert: Alert, finding: Finding, pack: Pack, at: datetime) -> bool:
    """Let an alert about one subject stand where the subject lives now; True if it moved.

    Whoever works at the old place is told no longer, whoever works at the new one is.
    """
    place = _place(finding, pack)
    if alert.place_id == place:
        return False
    alert.place_id, alert.updated_at = place, at
    alert.save(update_fields=["place", "updated_at"])
    return True


def _update(alert: Alert, finding: Finding, before: Lines, at: datetime) -> bool:
    """Bring the list behind an alert up to date; True if it changed."""
    now = {(each.subject_id, each.step): each for each in finding.behind}
    # A corrected birth date moves what is due: the old line ends, the new one begins.
    moved = {key for key in now.keys() & before.keys() if now[key].overdue_after != before[key].overdue_after}
    ended = [before[key].pk for key in (before.keys() - now.keys()) | moved]
    if not ended and now.keys() == before.keys():
        return False
    AlertSubject.objects.filter(pk__in=ended).update(until=at)
    AlertSubject.objects.bulk_create(
        AlertSubject(
            alert=alert,
            subject_id=each.subject_id,
            step=each.step,
            due=each.due,
            overdue_after=each.overdue_after,
            since=at,
        )
        for key, each in now.items()
        if key not in before or key in moved
    )
    alert.count, alert.first_due, alert.updated_at = _children(finding), _first_due(finding), at
    alert.save(update_fields=["count", "first_due", "updated_at"])
    return True


def _close(alerts: Sequence[Alert], at: datetime) -> None:
    ids = [each.pk for each in alerts]
    AlertSubject.objects.filter(alert__in=ids, until__isnull=True).update(until=at)
    Alert.objects.filter(pk__in=ids).update(closed_at=at, updated_at=at)


def _children(finding: Finding) -> int:
    return len({each.subject_id for each in finding.behind})


def _first_due(finding: Finding) -> date | None:
    return min((each.due for each in finding.behind if isinstance(each.due, date)), default=None)
