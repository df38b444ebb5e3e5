"""Shapes of cases in the API, in and out."""

from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import AwareDatetime, Field, StringConstraints

from gridmap.http import Moment, Mutation, Number, Words
from incidents.events import Card
from incidents.schemas.base import Line, Text
from incidents.schemas.matters import EarlierOut, ProcedureSoFar
from incidents.schemas.residents import HandedOut, ResidentOut


class ConditionOut(Schema):
    number: int
    label: str
    label_en: str
    limit: str


class ChoiceOut(Schema):
    value: str
    label: str
    label_en: str


class ClassQuestionOut(Schema):
    key: str
    label: str
    label_en: str
    kind: Literal["text", "number", "choice", "yes_no"]
    required: bool
    choices: list[ChoiceOut] = Field(description="what can be chosen; empty where one writes")
    when: dict[str, str] | None = Field(description="asked only after this answer to an earlier question")
    stop: dict[str, str] | None = Field(description="answers that say which number to call; no case is opened then")


class AnswerOut(Schema):
    key: str
    label: str
    label_en: str
    answer: str
    answer_label: str
    answer_label_en: str


class ClassOut(Schema):
    key: str
    scheme: str
    domain: Literal["event", "object"]
    code: str
    major: str
    name: str
    name_en: str
    pinyin: str
    initials: str
    urgent: bool
    conditions: list[ConditionOut]
    questions: list[ClassQuestionOut]
    department: int | None = Field(description="the department that usually handles it")


class CatalogueOut(Schema):
    classes: list[ClassOut]
    quick: list[str] = Field(description="keys of the ten classes most reported in the area")


SourceName = Literal["patrol", "citizen", "hotline", "media", "superior", "sensor"]


class ReportIn(Schema):
    """A report. `id` is made by the client (UUIDv7) and names the case; sent again it has no second effect."""

    id: UUID
    class_key: Words
    condition: Number | None = None
    lon: Annotated[float, Field(ge=-180, le=180)]
    lat: Annotated[float, Field(ge=-90, le=90)]
    description: Text = ""
    address: Line = ""
    occurred_at: Moment
    source: SourceName = "patrol"
    level: Literal["cell", "community", "street"] = "street"
    self_handled: bool = False
    answers: Annotated[dict[Words, Annotated[Words, StringConstraints(max_length=500)]], Field(max_length=50)] = Field(
        default_factory=dict, description="to the questions of the class, by key"
    )


class SeenIn(Schema):
    """Where and when a thing that has its case was seen once more."""

    lon: Annotated[float, Field(ge=-180, le=180)]
    lat: Annotated[float, Field(ge=-90, le=90)]
    occurred_at: Moment
    source: SourceName = "patrol"


class CorrectionIn(Schema):
    """What a reporter puts right; what is left out stays."""

    class_key: Words | None = None
    condition: Number | None = None
    lon: Annotated[float, Field(ge=-180, le=180)] | None = None
    lat: Annotated[float, Field(ge=-90, le=90)] | None = None
    description: Text | None = None
    address: Line | None = None


class ActionIn(Mutation):
    """A step. Joining takes the id of the mutation as that of the report."""

    version: Number | None = Field(
        None, description="the version that the user saw; required for all but note and join"
    )
    reason: Text = ""
    text: Text = ""
    department: Number | None = None
    condition: Number | None = None
    outcome: Literal["pass", "fail"] | None = None
    person: Number | None = None
    days: Annotated[int | None, Field(ge=1, le=30)] = Field(None, description="time that a resident has to answer")
    signed: bool = Field(False, description="whoever acts signs: where the stage asks for a signature")
    other: UUID | None = Field(None, description="merge, put_under: the other case; split_off: the joined report")
    seen: SeenIn | None = Field(None, description="join: where and when")
    correction: CorrectionIn | None = None


class CardOut(Card):
    replayed: bool = False


class RegisteredOut(CardOut):
    receipt: HandedOut | None = Field(description="for the applicant, if the counter sent a key")


class NearOut(Card):
    distance_m: int
    yours: bool = Field(description="the caller reported it already")


class Cursor(Schema):
    epoch: str
    seq: int


class ListOut(Schema):
    items: list[Card]
    next: str | None
    total: int
    capped: bool = Field(False, description="a search found at least `total`; it counts no further")
    cursors: dict[str, Cursor] = Field(description="heads of the log read before the list: events after them are newer")


class SummaryOut(Schema):
    new: int
    due_hour: int
    overdue: int
    to_verify: int
    open: int
    on_duty: int


class PhotoOut(Schema):
    id: UUID
    kind: str
    url: str
    thumb_url: str
    width: int
    height: int


class PhotoAdded(Schema):
    id: UUID
    kind: str
    width: int
    height: int
    replayed: bool = False


class TitleOut(Schema):
    zh: str
    en: str


class CaseRef(Schema):
    id: UUID
    number: str


class MomentOut(Schema):
    at: AwareDatetime
    seq: int
    kind: str
    actor_name: str | None
    text: str
    department_name: str | None
    from_state: str | None
    to_state: str
    due_at: AwareDatetime | None = Field(description="when the case was due after this")
    due_was: AwareDatetime | None = Field(description="when it was due before, where this moved the deadline")
    changed: list[str] = Field(description="what a correction put right")
    from_title: TitleOut | None = Field(description="the class before a correction")
    other: CaseRef | None = Field(description="the case that a merge, a split or a parent speaks of")


class ActionOut(Schema):
    name: str
    needs: list[str]


class ClockOut(Schema):
    due_at: AwareDatetime | None
    limit: str | None
    left_minutes: int | None = Field(description="minutes left on the limit's own clock; negative when overdue")
    running: bool
    kind: Literal["working", "continuous"]


class PieceOut(Schema):
    """A piece of the time between start and due."""

    start: AwareDatetime
    end: AwareDatetime
    counts: bool
    why: Literal[
        "session", "make_up", "continuous", "before_work", "midday", "after_work", "weekend", "holiday", "paused",
    ]  # fmt: skip
    name: str = Field(description="of the holiday, or the action that stopped the clock")


class PauseOut(Schema):
    start: AwareDatetime
    end: AwareDatetime | None = Field(description="null while it lasts, or when the clock never ran again")
    action: str = Field(description="the step that stopped the clock")
    ended_by: str | None
    why: str = Field(description="what was said with that step")


class ExtensionOut(Schema):
    """One more original limit: who granted it and when, who endorsed it before, and why it was asked for."""

    at: AwareDatetime
    by: str
    first_by: str | None
    why: str


class DeadlineOut(Schema):
    """A deadline with all that it was worked out from; the pieces that count add up to the limit and its extensions."""

    stage: Literal["handling", "verifying", "filed", "to_verify", "processing"]
    stage_name: str | None = Field(description="of a matter: what its procedure calls the stage")
    stage_name_en: str | None
    department: int | None
    department_name: str | None
    department_name_en: str | None
    limit: str
    kind: Literal["working", "continuous"]
    started_at: AwareDatetime
    due_at: AwareDatetime = Field(description="of a clock that was stopped: as it was then")
    running: bool
    left_minutes: int = Field(description="left on the limit's own clock; negative when overdue")
    warned_at: AwareDatetime | None
    limits_passed: int = Field(description="how many full limits have passed, as far as it was told")
    extensions: list[ExtensionOut] = Field(description="each adds one original limit")
    pauses: list[PauseOut]
    pieces: list[PieceOut]
    unknown_from: int | None = Field(description="from this year on make-up days are not published yet")


class DeadlinesOut(Schema):
    running: DeadlineOut | None
    others: list[DeadlineOut] = Field(description="those that are paused or over, the latest first")


class AssignmentOut(Schema):
    department: int
    department_name: str
    limit: str
    assigned_at: AwareDatetime
    ended_at: AwareDatetime | None


class JoinedOut(Schema):
    """The same thing, reported again: a report that joined, or a case that was merged (`case` is its number)."""

    id: UUID
    at: AwareDatetime
    reporter_name: str | None
    text: str
    lon: float | None
    lat: float | None
    photos: list[UUID]
    case: str | None
    splits: bool = Field(description="it can be split off this case")


class SaidOut(Schema):
    """Who said it (null: nobody, it ended by itself), when, and the words."""

    name: str | None
    at: AwareDatetime
    text: str


class RequestOut(Schema):
    """Something that was asked about a case: by whom, why, and what was decided."""

    kind: Literal["extension"]
    verdict: Literal["open", "granted", "refused", "void"]
    department_name: str | None
    department_name_en: str | None
    asked: SaidOut
    first: SaidOut | None = Field(description="the lower of two levels agreed")
    decided: SaidOut | None


class Detail(Card):
    description: str
    address: str
    occurred_at: AwareDatetime
    reporter_name: str | None
    verifier_name: str | None
    condition: ConditionOut | None
    photos: list[PhotoOut]
    timeline: list[MomentOut]
    actions: list[ActionOut]
    clock: ClockOut | None
    assignments: list[AssignmentOut]
    procedure: ProcedureSoFar | None
    earlier: list[EarlierOut] = Field(description="matters of the same applicant before this one, the latest first")
    requests: list[RequestOut]
    archived: bool = Field(description="there is a signed archive at /archive")
    imported: dict[str, Any] | None
    answers: list[AnswerOut]
    joined: list[JoinedOut]
    merged_into: list[Card]
    merged: list[Card]
    parent: list[Card]
    children: list[Card]
    recurrence_of: list[Card] = Field(description="the closed case whose trouble this one is again")
    recurrences: list[Card]
    resident: ResidentOut | None = Field(description="for those who may ask the resident, of a case that one reported")
