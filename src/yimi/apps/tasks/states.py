"""The life of a task: 交办 → 签收 → 办理 → 反馈 → 核实 → 销号.

open ──accept──▶ accepted ──report──▶ reported ──verify──▶ closed
  │ ▲               │                    │
  │ └──hand on──────┘                    └──return──▶ accepted
  └──refuse──▶ refused (back to whoever set it)      any but closed ──withdraw──▶ withdrawn
"""

from __future__ import annotations

from yimi.lib.errors import UserError

OPEN, ACCEPTED, REPORTED, CLOSED, REFUSED, WITHDRAWN = (
    "open",
    "accepted",
    "reported",
    "closed",
    "refused",
    "withdrawn",
)

# verb → (states it is possible in, state it leads to)
TRANSITIONS: dict[str, tuple[frozenset[str], str]] = {
    "accept": (frozenset({OPEN}), ACCEPTED),
    "hand_on": (frozenset({OPEN, ACCEPTED}), OPEN),
    "refuse": (frozenset({OPEN}), REFUSED),
    "report": (frozenset({OPEN, ACCEPTED}), REPORTED),
    "return": (frozenset({REPORTED}), ACCEPTED),
    "verify": (frozenset({REPORTED}), CLOSED),
    "withdraw": (frozenset({OPEN, ACCEPTED, REPORTED, REFUSED}), WITHDRAWN),
    "assign": (frozenset({REFUSED}), OPEN),
}
NOT_DONE = (OPEN, ACCEPTED, REPORTED, REFUSED)
NAMES = {
    OPEN: {"zh": "待签收", "en": "to be accepted"}, ACCEPTED: {"zh": "办理中", "en": "in hand"},
    REPORTED: {"zh": "待核实", "en": "to be verified"}, CLOSED: {"zh": "已销号", "en": "closed"},
    REFUSED: {"zh": "已退回", "en": "refused"}, WITHDRAWN: {"zh": "已撤回", "en": "withdrawn"},
}  # fmt: skip
VERBS = {
    "set": {"zh": "交办", "en": "set"}, "accept": {"zh": "签收", "en": "accepted"},
    "hand_on": {"zh": "转办", "en": "handed on"}, "refuse": {"zh": "退回", "en": "refused"},
    "report": {"zh": "反馈", "en": "reported"}, "return": {"zh": "核实未通过，退回办理", "en": "sent back"},
    "verify": {"zh": "核实销号", "en": "verified and closed"}, "withdraw": {"zh": "撤回", "en": "withdrawn"},
    "assign": {"zh": "重新交办", "en": "set again"}, "escalate": {"zh": "逾期升级督办", "en": "escalated"},
    "notice": {"zh": "提示", "en": "notice"},
}  # fmt: skip


class NotPossibleNow(UserError):
    """The task is in a state that does not allow this; somebody else was probably faster."""

    code = "not_possible_now"

    def __init__(self, verb: str, state: str) -> None:
        zh, en = VERBS[verb]["zh"], VERBS[verb]["en"]
        super().__init__(
            f"任务现为“{NAMES[state]['zh']}”，不能{zh}，请刷新后再看 / the task is {NAMES[state]['en']}: it cannot be {en}"
        )


def next_state(verb: str, state: str) -> str:
    """The state a verb leads to, or `NotPossibleNow`."""
    possible, leads_to = TRANSITIONS[verb]
    if state not in possible:
        raise NotPossibleNow(verb, state)
    return leads_to
