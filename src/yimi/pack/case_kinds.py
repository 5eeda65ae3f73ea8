"""What may stand in `cases/*.yaml`: a kind of case, its parties, clocks, closing and seal."""

from __future__ import annotations

from pydantic import Field

from yimi.pack.words import Day, Declaration, Gate, Id, Ids, Rule, Sensitivity, Sourced, Text


class Protocol(Declaration):
    """The working rules a case follows: a version, and who approved it when. Not approved: nobody says so."""

    version: str
    approved_on: Day | None = None
    approved_by: Text | None = None


class CaseParty(Declaration):
    """A body that works on a case, and its part of it.

    `organization`: an organization's id; `of_place:<kind>`, the one of that kind where the case is; `school`, the
    one the child attends; `sender`, whoever opened the case; `chosen`, named by whoever opened it.
    """

    id: Id
    name: Text
    roles: Ids  # who acts for it
    organization: str
    does: Ids = []  # forms it enters
    sees: Ids = []  # forms of other parties it reads
    answers: Ids = []  # any one of these is its answer; default: all it does
    children: bool = True  # it is told which children the case is about
    optional: bool = False  # joins when somebody asks it to
    requires: list[Gate] = []  # of a facility that is chosen: over its facts on the day

    @property
    def answered_by(self) -> list[str]:
        return self.answers or self.does


class CaseClock(Sourced):
    """A limit shorter than a day, shown live; the step's own dates go on in days and raise the alert."""

    step: str
    within: str = Field(pattern=r"^[0-9]+ (minute|hour)$")
    since: str = "opened"  # or a step: counted from the arrival of the record that satisfied it


class CaseClosing(Declaration):
    """Nobody closes alone: the form wants a second person, of another party or another hand."""

    form: str
    by: Ids  # parties that may propose
    verified_by: Ids  # parties that may confirm
    all_answered: bool = True  # every party that is not optional has answered, or is recorded as not needed


class CaseTrigger(Declaration):
    """A record about a child that opens a case, or reopens a closed one."""

    form: str
    where: Rule  # over the form's fields
    within: str | None = None  # reopening: period since the case was closed, "90 day"
    answers: dict[str, str] = {}  # what the opening form then says


class CaseSeal(Declaration):
    """At its end the case is sealed: gone for everybody by name, count and difference, but for this list."""

    parties: Ids  # may ask to open it, one by one, with a reason
    reviewed_by: Ids  # parties whose people say afterwards whether an opening was right


class CaseIdentity(Declaration):
    """At its end the child goes on under a new identity; the old one is put away with the sealed case."""

    when: Rule  # over the fields of the closing form
    carries: Ids = []  # forms about the child whose records go with it, without place, body and hand


class CaseRestores(Declaration):
    """At its end what a sealed case of another kind did is undone: the child stands under its old identity again."""

    kind: Id  # the kind of the sealed case, one with an identity
    named_by: str  # field of the opening form: the whole number of the sealed case
    when: Rule  # over the fields of the closing form


class CaseKind(Sourced):
    """A kind of case: who works on it, what each sees, how it closes, whether it is sealed."""

    id: Id
    name: Text
    prefix: str = Field(pattern=r"^[A-Z]{2}$")  # of its case numbers
    measures: Ids = []
    sensitivity: Sensitivity
    pathway: str  # its clocks
    opened_by: str  # form
    openers: Ids = []  # roles; none: anybody with an appointment
    shields: Ids = []  # fields of the opening form: a body to keep out, or (yes/no) the child's own school
    reporter_sealed: bool = False  # who opened it stays in a table of its own, for no party to read
    lead: str  # party
    parties: list[CaseParty]
    clocks: list[CaseClock] = []
    protocol: Protocol
    closing: CaseClosing
    reopens_when: list[CaseTrigger] = []
    opens_when: list[CaseTrigger] = []
    rejoins_within: str | None = Field(default=None, pattern=r"^[0-9]+ (day|month)$")
    # a new opening about the same child so soon after the closing opens the closed case again
    seal: CaseSeal | None = None
    identity: CaseIdentity | None = None
    restores: CaseRestores | None = None
    note: Text | None = None

    @property
    def about_children(self) -> bool:
        """Is any party told of children? A complaint, a lead, is about nobody in particular."""
        return any(each.children for each in self.parties)

    def party(self, name: str) -> CaseParty | None:
        return next((each for each in self.parties if each.id == name), None)
