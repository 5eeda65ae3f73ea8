"""The life of a case: open ──close──▶ closed ──reopen──▶ open; a kind with a seal: open ──close──▶ sealed."""

from __future__ import annotations

from yimi.lib.errors import UserError

OPEN, CLOSED, SEALED = "open", "closed", "sealed"

# verb → (states it is possible in, state it leads to)
TRANSITIONS: dict[str, tuple[frozenset[str], str]] = {
    "close": (frozenset({OPEN}), CLOSED),
    "reopen": (frozenset({CLOSED}), OPEN),
    "seal": (frozenset({OPEN, CLOSED}), SEALED),
}
NAMES = {
    OPEN: {"zh": "办理中", "en": "open"}, CLOSED: {"zh": "已结案", "en": "closed"},
    SEALED: {"zh": "已封存", "en": "sealed"},
}  # fmt: skip


class CaseNotPossibleNow(UserError):
    """The case is in a state that does not allow this."""

    code = "not_possible_now"

    def __init__(self, state: str) -> None:
        super().__init__(
            f"个案现为“{NAMES[state]['zh']}”，请刷新后再看 / the case is {NAMES[state]['en']}: look at it again"
        )


def next_state(verb: str, state: str) -> str:
    """The state a verb leads to, or `CaseNotPossibleNow`."""
    possible, leads_to = TRANSITIONS[verb]
    if state not in possible:
        raise CaseNotPossibleNow(state)
    return leads_to
