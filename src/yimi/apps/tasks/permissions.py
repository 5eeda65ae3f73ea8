"""Who may do what with a task: the role it stands with, the second person, the coordinating office."""

from __future__ import annotations

from collections.abc import Callable

from yimi.apps import active
from yimi.apps.accounts.permissions import Actor
from yimi.apps.alerts.selectors import cases_seen, within
from yimi.apps.tasks.models import Task


def may_act(actor: Actor, task: Task) -> bool:
    """Is it this person's to accept, hand on, refuse or report?"""
    return _holds(actor, task.role, task)


def may_verify(actor: Actor, task: Task) -> bool:
    """The second person: another role or another holder of it, never the one who reported."""
    return _holds(actor, task.verified_by_role, task) and task.reported_by_id != actor.user_id


def may_see(actor: Actor, task: Task) -> bool:
    """Whoever acts, verifies, is told of the alert, supervises the place, or coordinates the whole."""
    if actor.is_system or (actor.coordinates and not hidden(task)):
        return True
    told = {task.role, task.verified_by_role, *(task.alert.also_roles if task.alert else ())}
    return any(_holds(actor, role, task) for role in told)


def may_assign(actor: Actor, task: Task) -> bool:
    return actor.is_system or (actor.coordinates and not hidden(task))


def hidden(task: Task) -> bool:
    """Is it about a case that ends sealed, of which nobody outside may know?"""
    return task.alert is not None and task.alert.pathway in active.pack().sealing_pathways


def _holds(actor: Actor, role: str, task: Task) -> bool:
    pathway = task.alert.pathway if task.alert else None
    return holding(actor)(role, task.place_id, task.alert_id, pathway)


def holding(actor: Actor) -> Callable[[str, str, int | None, str | None], bool]:
    """Whether this person holds a role for a task: (role, place, alert, the pathway that raised it) → yes or no.

    Elsewhere role and place decide; about a case, being its party. Found out once for however many tasks are asked.
    """
    reach, seen, of_cases = within(actor), cases_seen(actor), active.pack().case_pathways

    def holds(role: str, place: str, alert: int | None, pathway: str | None) -> bool:
        if pathway in of_cases:
            return role in seen.get(alert or 0, ())
        return place in reach.get(role, ())

    return holds
