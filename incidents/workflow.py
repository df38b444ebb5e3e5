"""The life of an incident as one table: action, from, to, what is needed, what must hold, what the clock does.

Pure: no Django, no database. Who may do an action is the permission `incident.<action>` of the table of roles; a row
narrows it with `roles` where two rows of one action belong to different people. `as_text` prints the whole of it.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from incidents.clock import Limit


class State(StrEnum):
    REPORTED = "reported"
    VERIFYING = "verifying"
    DECLINED = "declined"
    FILED = "filed"
    ASSIGNED = "assigned"
    IN_WORK = "in_work"
    SUSPENDED = "suspended"  # its clocks stand still until a date
    TO_VERIFY = "to_verify"
    VERIFIED = "verified"
    PROCESSING = "processing"  # in a stage of its procedure
    WAITING = "waiting"  # for what the applicant was asked to supply
    CLOSED = "closed"
    REFUSED = "refused"
    MERGED = "merged"  # it is another case now, which shows its reports
    RETRACTED = "retracted"  # its reporter took it back


class Action(StrEnum):
    REPORT = "report"
    SELF_HANDLE = "self_handle"
    REQUEST_VERIFICATION = "request_verification"
    VERIFY_REPORT = "verify_report"
    FILE = "file"
    DECLINE = "decline"
    ASSIGN = "assign"
    TAKE = "take"
    WITHDRAW = "withdraw"
    RETURN = "return"
    HANDLE = "handle"
    VERIFY_REPAIR = "verify_repair"
    CLOSE = "close"
    ESCALATE = "escalate"
    REGISTER = "register"
    APPROVE = "approve"
    FORWARD = "forward"
    SEND_BACK = "send_back"
    SUPPLEMENT = "supplement"
    RESUBMIT = "resubmit"
    EXTEND = "extend"
    REFUSE = "refuse"
    FINISH = "finish"
    EXPEDITE = "expedite"
    ASK_EXTENSION = "ask_extension"
    ENDORSE_EXTENSION = "endorse_extension"
    GRANT_EXTENSION = "grant_extension"
    ASK_SUSPENSION = "ask_suspension"
    REFUSE_SUSPENSION = "refuse_suspension"
    SUSPEND = "suspend"
    RESUME = "resume"
    OBJECT = "object"
    REVIEW_OBJECTION = "review_objection"
    WHISTLE = "whistle"
    FINISH_PART = "finish_part"
    DECLINE_PART = "decline_part"
    PROCEED = "proceed"
    NOTE = "note"
    PHOTO = "photo"
    JOIN = "join"
    MERGE = "merge"
    SPLIT = "split"
    SPLIT_OFF = "split_off"
    PUT_UNDER = "put_under"
    TAKE_OUT = "take_out"
    CORRECT = "correct"
    RETRACT = "retract"
    ASK = "ask"
    ANSWER = "answer"
    RATE = "rate"
    REOPEN = "reopen"
    REFUSE_REOPENING = "refuse_reopening"


class Outcome(StrEnum):
    PASS = "pass"  # noqa: S105  (a repair that passes)
    FAIL = "fail"


class Need(StrEnum):
    """What the caller must give; `<need>_needed` is the error when it is missing."""

    REASON = "reason"
    TEXT = "text"
    DEPARTMENT = "department"
    OUTCOME = "outcome"
    CAUSE = "cause"  # of a suspension
    UNTIL = "until"
    PARTS = "parts"  # departments that join, each with its task
    SEEN = "seen"  # where and when it was seen once more
    OTHER = "other"  # another case, or a report that joined
    CORRECTION = "correction"


class Guard(StrEnum):
    """What must hold of the case or the person beyond the state; the action checks it."""

    CITIZEN_VERIFIED = "citizen_verified"  # reported by a citizen: verified first
    CELL_LEVEL = "cell_level"  # not yet passed up from the cell
    NOT_TOP_LEVEL = "not_top_level"  # there is a level above
    OWN_DEPARTMENT = "own_department"  # the case is assigned to the person's department now
    NOT_THE_REPORTER = "not_the_reporter"  # who took a citizen's report does not verify it
    NOT_THE_HANDLER = "not_the_handler"  # whoever repaired does not check the repair
    THE_REPORTER = "the_reporter"  # one's own report
    ALONE = "alone"  # nobody else reported the same
    NEW_TO_HER = "new_to_her"  # a worker reports one thing once
    HAS_PARENT = "has_parent"
    HAS_PROCEDURE = "has_procedure"  # its class has one in force in its area
    NOT_A_MATTER = "not_a_matter"  # a matter stands for the one who asked, and is never somebody else's too
    EXTENDABLE = "extendable"  # fewer than two extensions, and none is asked for
    EXTENSION_ASKED = "extension_asked"  # and nobody has said anything to it yet
    EXTENSION_ENDORSED = "extension_endorsed"  # by another person
    NEVER_SUSPENDED = "never_suspended"
    SUSPENSION_NOT_ASKED = "suspension_not_asked"
    SUSPENSION_ASKED = "suspension_asked"  # by another person
    NOT_HER_SUSPENSION = "not_her_suspension"  # not asked for by the person
    OBJECTABLE = "objectable"  # the department has not objected to this assignment yet
    OBJECTION_OPEN = "objection_open"  # by another person
    OWN_PART = "own_part"  # the person's department joined, and its part is open
    DISTRICT_LEADER = "district_leader"  # the person serves more than a street
    HAS_RECEIPT = "has_receipt"  # a resident reported it and can be asked
    NOT_ASKED = "not_asked"  # no question to the resident is open
    REOPENING_WISHED = "reopening_wished"  # the resident said that it is not solved, and has no reply yet


class Clock(StrEnum):
    """What happens to the handling clock of the department."""

    NONE = ""
    START = "start"  # the department that had the case before goes on with what was left
    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"
    EXTEND = "extend"  # it runs on, for one more original limit


class Level(StrEnum):
    """Who deals with it; an incident is passed up one level at a time."""

    CELL = "cell"
    COMMUNITY = "community"
    STREET = "street"
    DISTRICT = "district"


@dataclass(frozen=True, slots=True)
class Step:
    """One row: the action leads from any of `sources` (None: not yet reported) to `target` (None: the state stays)."""

    action: Action
    sources: tuple[State | None, ...]
    target: State | None
    needs: tuple[Need, ...] = ()
    outcome: Outcome | None = None
    guards: tuple[Guard, ...] = ()
    clock: Clock = Clock.NONE
    roles: tuple[str, ...] = ()  # if given, only these of the permission's roles

    @property
    def permission(self) -> str:
        return f"incident.{self.action}"


TERMINAL = frozenset({State.DECLINED, State.CLOSED, State.REFUSED, State.MERGED, State.RETRACTED})
OPEN = tuple(state for state in State if state not in TERMINAL)
IN_TURN = (State.ASSIGNED, State.IN_WORK)  # a department has the case; what it asks for is void when it has not

_S, _A = State, Action
_EVERY = tuple(State)
_IDLE = tuple(state for state in OPEN if state not in (*IN_TURN, _S.PROCESSING, _S.WAITING))
_UNFILED = (_S.REPORTED, _S.VERIFYING)
_REASON, _DEPARTMENT, _TEXT = (Need.REASON,), (Need.DEPARTMENT,), (Need.TEXT,)
_CASES = (Guard.NOT_A_MATTER,)
_CAUSE, _NEVER = (Need.REASON, Need.CAUSE), (Guard.NEVER_SUSPENDED,)
_SUSPEND = (*_NEVER, Guard.NOT_HER_SUSPENSION)
_OWN, _OTHERS = (Guard.OWN_DEPARTMENT,), (Guard.NOT_THE_HANDLER,)
_LEADERS = (Guard.DISTRICT_LEADER, Guard.EXTENSION_ENDORSED)
_ACCEPTORS = (_S.REPORTED, _S.VERIFYING, _S.VERIFIED)  # an acceptor has the case, or waits for it
_ESCALATED = (_S.REPORTED, _S.FILED, _S.ASSIGNED, _S.IN_WORK)

STEPS: tuple[Step, ...] = (
    Step(_A.REPORT, (None,), _S.REPORTED),
    Step(_A.SELF_HANDLE, (None,), _S.CLOSED),
    Step(_A.SELF_HANDLE, (_S.REPORTED,), _S.CLOSED, guards=(Guard.CELL_LEVEL,)),
    Step(_A.REQUEST_VERIFICATION, (_S.REPORTED, _S.VERIFYING), _S.VERIFYING),  # again: ask somebody else
    Step(_A.VERIFY_REPORT, (_S.VERIFYING,), _S.REPORTED, (), Outcome.PASS, (Guard.NOT_THE_REPORTER,)),
    Step(_A.VERIFY_REPORT, (_S.VERIFYING,), _S.REPORTED, _REASON, Outcome.FAIL, (Guard.NOT_THE_REPORTER,)),
    Step(_A.FILE, (_S.REPORTED,), _S.FILED, guards=(Guard.CITIZEN_VERIFIED,)),
    Step(_A.DECLINE, (_S.REPORTED, _S.VERIFYING), _S.DECLINED, _REASON),
    Step(_A.ASSIGN, (_S.FILED,), _S.ASSIGNED, _DEPARTMENT, clock=Clock.START),
    Step(_A.TAKE, (_S.ASSIGNED,), _S.IN_WORK, guards=_OWN),
    # A department takes its own assignment back before it returns the case: in_work has no `return`.
    Step(_A.WITHDRAW, (_S.IN_WORK,), _S.ASSIGNED, _REASON, guards=_OWN, roles=("handler",)),
    Step(
        _A.WITHDRAW, (_S.ASSIGNED, _S.IN_WORK), _S.FILED, _REASON, clock=Clock.PAUSE, roles=("dispatcher", "director")
    ),
    Step(_A.RETURN, (_S.ASSIGNED,), _S.FILED, _REASON, guards=_OWN, clock=Clock.PAUSE),
    Step(_A.HANDLE, (_S.ASSIGNED, _S.IN_WORK), _S.TO_VERIFY, _TEXT, guards=_OWN, clock=Clock.PAUSE),
    Step(_A.VERIFY_REPAIR, (_S.TO_VERIFY,), _S.VERIFIED, (), Outcome.PASS, _OTHERS, Clock.STOP),
    Step(_A.VERIFY_REPAIR, (_S.TO_VERIFY,), _S.ASSIGNED, _REASON, Outcome.FAIL, _OTHERS, Clock.RESUME),
    Step(_A.CLOSE, (_S.VERIFIED,), _S.CLOSED),
    Step(_A.ESCALATE, _ESCALATED, None, _REASON, guards=(Guard.NOT_TOP_LEVEL,)),
    # Rule 4: each extension one original limit, at most two, approved at two levels; until then the clock runs on.
    Step(_A.ASK_EXTENSION, IN_TURN, None, _REASON, guards=(*_OWN, Guard.EXTENDABLE)),
    Step(_A.ENDORSE_EXTENSION, IN_TURN, None, (), Outcome.PASS, (Guard.EXTENSION_ASKED,), roles=("dispatcher",)),
    Step(_A.ENDORSE_EXTENSION, IN_TURN, None, _REASON, Outcome.FAIL, (Guard.EXTENSION_ASKED,), roles=("dispatcher",)),
    Step(_A.GRANT_EXTENSION, IN_TURN, None, (), Outcome.PASS, (Guard.EXTENSION_ENDORSED,), Clock.EXTEND),
    Step(_A.GRANT_EXTENSION, IN_TURN, None, _REASON, Outcome.FAIL, (Guard.EXTENSION_ENDORSED,)),
    # Rule 4: a suspension, once, at most a year; it ends by hand or by itself, and the department takes the case on anew.
    Step(_A.ASK_SUSPENSION, IN_TURN, None, _CAUSE, guards=(*_OWN, *_NEVER, Guard.SUSPENSION_NOT_ASKED)),
    Step(_A.REFUSE_SUSPENSION, IN_TURN, None, _REASON, guards=(Guard.SUSPENSION_ASKED,)),
    Step(_A.SUSPEND, IN_TURN, _S.SUSPENDED, (*_CAUSE, Need.UNTIL), guards=_SUSPEND, clock=Clock.PAUSE),
    Step(_A.RESUME, (_S.SUSPENDED,), _S.ASSIGNED, _REASON, clock=Clock.RESUME),
    # Rule 7: an objection goes to review; the first receiver keeps working until it is decided.
    Step(_A.OBJECT, IN_TURN, None, _REASON, guards=(*_OWN, Guard.OBJECTABLE)),
    Step(_A.REVIEW_OBJECTION, IN_TURN, _S.FILED, (), Outcome.PASS, (Guard.OBJECTION_OPEN,), Clock.PAUSE),
    Step(_A.REVIEW_OBJECTION, IN_TURN, None, _REASON, Outcome.FAIL, (Guard.OBJECTION_OPEN,)),
    # The street calls departments together: the first receiver leads, each that joins has a task with a clock of its own.
    Step(_A.WHISTLE, (_S.FILED,), _S.ASSIGNED, (Need.PARTS,), clock=Clock.START),
    Step(_A.WHISTLE, IN_TURN, None, (Need.PARTS,)),
    Step(_A.FINISH_PART, (_S.FILED, *IN_TURN), None, _TEXT, guards=(Guard.OWN_PART,)),
    Step(_A.DECLINE_PART, (_S.FILED, *IN_TURN), None, _REASON, guards=(Guard.OWN_PART,)),
    # A matter follows the stages of its own procedure (`procedure.py`): there stands who may do which of these, and what next.
    Step(_A.REGISTER, (None,), _S.PROCESSING),
    # A case of a class that has a procedure of its own follows it from the filing on, instead of going to one department.
    Step(_A.PROCEED, (_S.FILED,), _S.PROCESSING, guards=(Guard.HAS_PROCEDURE,)),
    Step(_A.WITHDRAW, (_S.PROCESSING,), _S.FILED, _REASON, guards=_CASES, roles=("dispatcher", "director")),
    Step(_A.APPROVE, (_S.PROCESSING,), _S.PROCESSING),
    Step(_A.FORWARD, (_S.PROCESSING,), _S.PROCESSING, _REASON),
    Step(_A.SEND_BACK, (_S.PROCESSING,), _S.PROCESSING, _REASON),
    Step(_A.SUPPLEMENT, (_S.PROCESSING,), _S.WAITING, _REASON),
    Step(_A.RESUBMIT, (_S.WAITING,), _S.PROCESSING, _TEXT),
    # Rule 4 for matters: the street's director, then a leader of the district; asking, a director has said the first word.
    Step(_A.EXTEND, (_S.PROCESSING,), None, _REASON, guards=(Guard.EXTENDABLE,)),
    Step(_A.ENDORSE_EXTENSION, (_S.PROCESSING,), None, (), Outcome.PASS, (Guard.EXTENSION_ASKED,), roles=("director",)),
    Step(
        _A.ENDORSE_EXTENSION,
        (_S.PROCESSING,),
        None,
        _REASON,
        Outcome.FAIL,
        (Guard.EXTENSION_ASKED,),
        roles=("director",),
    ),
    Step(_A.GRANT_EXTENSION, (_S.PROCESSING,), None, (), Outcome.PASS, _LEADERS, Clock.EXTEND),
    Step(_A.GRANT_EXTENSION, (_S.PROCESSING,), None, _REASON, Outcome.FAIL, _LEADERS),
    Step(_A.REFUSE, (_S.PROCESSING,), _S.REFUSED, _REASON),
    Step(_A.FINISH, (_S.PROCESSING,), _S.CLOSED),
    Step(_A.EXPEDITE, (_S.PROCESSING, _S.WAITING), None, _REASON),
    Step(_A.NOTE, _EVERY, None, _TEXT),
    Step(_A.PHOTO, _EVERY, None),
    Step(_A.ASK, _ACCEPTORS, None, _TEXT, guards=(Guard.HAS_RECEIPT, Guard.NOT_ASKED)),
    # The resident's own, by her receipt: no role has them.
    Step(_A.ANSWER, OPEN, None, _TEXT, guards=(Guard.HAS_RECEIPT,)),
    Step(_A.RATE, (_S.CLOSED,), None, guards=(Guard.HAS_RECEIPT,)),
    # "Not solved" opens a new case that follows this one: what was done and said here stays as it was.
    Step(_A.REOPEN, (_S.CLOSED,), None, guards=(Guard.REOPENING_WISHED,)),
    Step(_A.REFUSE_REOPENING, (_S.CLOSED,), None, _REASON, guards=(Guard.REOPENING_WISHED,)),
    # One thing, one case (rule 9 of the domain).
    Step(_A.JOIN, OPEN, None, (Need.SEEN,), guards=(*_CASES, Guard.NEW_TO_HER)),
    Step(_A.MERGE, _IDLE, _S.MERGED, (*_REASON, Need.OTHER)),
    Step(_A.MERGE, (_S.ASSIGNED, _S.IN_WORK), _S.MERGED, (*_REASON, Need.OTHER), clock=Clock.PAUSE),
    # Judged anew; the same department then goes on with what was left.
    Step(_A.SPLIT, (_S.MERGED,), _S.REPORTED, _REASON),
    Step(_A.SPLIT_OFF, OPEN, None, (*_REASON, Need.OTHER), guards=_CASES),
    Step(_A.PUT_UNDER, OPEN, None, (Need.OTHER,), guards=_CASES),
    Step(_A.TAKE_OUT, OPEN, None, _REASON, guards=(Guard.HAS_PARENT,)),
    # A mistaken report, until it is filed.
    Step(_A.CORRECT, _UNFILED, None, (Need.CORRECTION,), guards=(Guard.THE_REPORTER,)),
    Step(_A.RETRACT, _UNFILED, _S.RETRACTED, guards=(Guard.THE_REPORTER, Guard.ALONE)),
)

# They add to a case; nobody who acts on it is disturbed.
STEPLESS = frozenset({
    Action.NOTE, Action.PHOTO, Action.ANSWER, Action.RATE, Action.EXTEND, Action.ASK_EXTENSION, Action.ENDORSE_EXTENSION,
    Action.GRANT_EXTENSION, Action.ASK_SUSPENSION, Action.REFUSE_SUSPENSION, Action.OBJECT, Action.FINISH_PART, Action.DECLINE_PART,
    Action.JOIN, Action.SPLIT_OFF, Action.PUT_UNDER, Action.TAKE_OUT,
})  # fmt: skip
# Right whatever happened since the case was looked at: a note, one more report, what a department says of its own part.
UNSEEN = frozenset({Action.NOTE, Action.JOIN, Action.FINISH_PART, Action.DECLINE_PART})
TO_THE_RESIDENT = frozenset({Action.ASK, Action.REFUSE_REOPENING})  # what is said is hers, and no remark for all
# What may become of a matter in a stage: only what its table offers there, and only by whom it names.
BY_STAGE = frozenset({
    Action.APPROVE, Action.FORWARD, Action.SEND_BACK, Action.SUPPLEMENT, Action.EXTEND, Action.REFUSE, Action.FINISH
})  # fmt: skip

# Limits of the stages themselves, and for a class that has none: defaults until a city sets its own.
STAGE_LIMITS: dict[State, Limit] = {
    State.VERIFYING: Limit.parse("30m!"),
    State.FILED: Limit.parse("15m!"),
    State.TO_VERIFY: Limit.parse("30m!"),
}
DEFAULT_LIMIT = Limit.parse("4h")


class WrongStateError(Exception):
    """The table has no such step: `possible` lists what can be done from `state` instead."""

    def __init__(self, action: Action, state: State | None) -> None:
        self.action, self.state = action, state
        self.possible = actions_from(state)
        super().__init__(f"{action} is not possible from {state}; possible: {', '.join(self.possible)}")


class MissingError(Exception):
    """Something the step needs was not given; `code` is the error's code, such as "reason_needed"."""

    def __init__(self, need: Need) -> None:
        self.need, self.code = need, f"{need}_needed"
        super().__init__(self.code)


def steps_from(state: State | None) -> tuple[Step, ...]:
    """The rows that begin in this state (None: before the report)."""
    return tuple(row for row in STEPS if state in row.sources)


def actions_from(state: State | None) -> tuple[Action, ...]:
    """The actions of those rows, each once, in the order of the table."""
    return tuple(dict.fromkeys(row.action for row in steps_from(state)))


def step(
    action: Action,
    state: State | None,
    given: Collection[Need] = tuple(Need),
    outcome: Outcome | None = None,
    roles: Collection[str] | None = None,
) -> Step:
    """The one row for this action, state and outcome.

    `given` names what the caller supplied; `roles`, if given, are the person's roles, and rows meant for other
    roles count as impossible. Raises WrongStateError or MissingError.
    """
    rows = [row for row in steps_from(state) if row.action is action and may(row, roles)]
    if not rows:
        raise WrongStateError(action, state)
    if any(row.outcome for row in rows):
        if outcome is None:
            raise MissingError(Need.OUTCOME)
        rows = [row for row in rows if row.outcome is outcome]
    for need in rows[0].needs:
        if need not in given:
            raise MissingError(need)
    return rows[0]


def may(row: Step, roles: Collection[str] | None) -> bool:
    """Whether the row's own narrowing lets one of these roles through (None: not asked)."""
    return roles is None or not row.roles or any(role in row.roles for role in roles)


def needs_of(action: Action, state: State | None) -> tuple[Need, ...]:
    """What a form for this action must ask for, with the outcome where there are two; a failure's reason included."""
    rows = [row for row in steps_from(state) if row.action is action]
    asked = [Need.OUTCOME] if any(row.outcome for row in rows) else []
    return tuple(dict.fromkeys([*asked, *(need for row in rows for need in row.needs)]))


def next_level(level: Level) -> Level | None:
    """The level above, None above the district."""
    levels = list(Level)
    place = levels.index(level) + 1
    return levels[place] if place < len(levels) else None


def as_text(roles_of: Mapping[str, Iterable[str]]) -> str:
    """The table for people; `roles_of` maps each permission to the roles that hold it."""
    head = ("action", "from", "to", "who may", "needs", "must hold", "clock")
    rows = [head, *(_cells(row, roles_of) for row in STEPS)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([lines[0], "-" * max(map(len, lines)), *lines[1:]])


def _cells(row: Step, roles_of: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    sources = "any" if row.sources == _EVERY else ", ".join(source or "-" for source in row.sources)
    held = [role for role in sorted(roles_of[row.permission]) if may(row, (role,))]
    name = f"{row.action} {row.outcome}" if row.outcome else str(row.action)
    target = row.target or "stays"
    who = ", ".join(held) or "the resident"
    return name, sources, target, who, ", ".join(row.needs), ", ".join(row.guards), row.clock
