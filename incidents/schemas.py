"""Shapes of the incident API, in and out."""

from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import AwareDatetime, Field, StringConstraints

from gridmap.http import Moment, Mutation, Number, Words
from incidents.events import Card

Line = Annotated[Words, StringConstraints(strip_whitespace=True, max_length=200)]
Text = Annotated[Words, StringConstraints(strip_whitespace=True, max_length=2000)]
StateName = Literal[
    "reported", "verifying", "declined", "filed", "assigned", "in_work", "to_verify", "verified", "closed"
]
ActionName = Literal[
    "self_handle", "request_verification", "verify_report", "file", "decline", "assign", "take", "withdraw", "return", "handle",
    "verify_repair", "close", "escalate", "note", "ask", "reopen", "refuse_reopening",
]  # fmt: skip


class ConditionOut(Schema):
    number: int
    label: str
    label_en: str
    limit: str


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
    department: int | None = Field(description="the department that usually handles it")


class CatalogueOut(Schema):
    classes: list[ClassOut]
    quick: list[str] = Field(description="keys of the ten classes most reported in the area")


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
    source: Literal["patrol", "citizen", "hotline", "media", "superior", "sensor"] = "patrol"
    level: Literal["cell", "community", "street"] = "street"
    self_handled: bool = False


class ActionIn(Mutation):
    version: Number | None = Field(None, description="the version that the user saw; required for all but notes")
    reason: Text = ""
    text: Text = ""
    department: Number | None = None
    condition: Number | None = None
    outcome: Literal["pass", "fail"] | None = None
    person: Number | None = None
    days: Annotated[int | None, Field(ge=1, le=30)] = Field(None, description="time that a resident has to answer")


class CardOut(Card):
    replayed: bool = False


class Cursor(Schema):
    epoch: str
    seq: int


class ListOut(Schema):
    items: list[Card]
    next: str | None
    total: int
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


class MomentOut(Schema):
    at: AwareDatetime
    seq: int
    kind: str
    actor_name: str | None
    text: str
    department_name: str | None
    from_state: str | None
    to_state: str


class ActionOut(Schema):
    name: str
    needs: list[str]


class ClockOut(Schema):
    due_at: AwareDatetime | None
    limit: str | None
    left_minutes: int | None = Field(description="minutes left on the limit's own clock; negative when overdue")
    running: bool
    kind: Literal["working", "continuous"]


class AssignmentOut(Schema):
    department: int
    department_name: str
    limit: str
    assigned_at: AwareDatetime
    ended_at: AwareDatetime | None


class QuestionOut(Schema):
    text: str
    asked_at: AwareDatetime
    until: AwareDatetime
    answer: str
    ended_at: AwareDatetime | None = Field(description="answered then, or without an answer its time ran out")


class RatingOut(Schema):
    outcome: Literal["solved", "partly", "not_solved"]
    text: str
    rated_at: AwareDatetime
    wish: Literal["", "open", "granted", "refused"] = Field(description="what became of the wish to take it up again")
    reply: str


class CaseRef(Schema):
    id: UUID
    number: str


class ResidentOut(Schema):
    receipt: str = Field(description="the number that the resident holds")
    questions: list[QuestionOut]
    rating: RatingOut | None
    follows: CaseRef | None
    followed_by: CaseRef | None


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
    imported: dict[str, Any] | None
    resident: ResidentOut | None = Field(description="for those who may ask the resident, of a case that one reported")
