"""Shapes of the incident API, in and out."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import AwareDatetime, Field, StringConstraints

from gridmap.http import Moment, Mutation, Number, Words
from incidents.events import Card

Line = Annotated[Words, StringConstraints(strip_whitespace=True, max_length=200)]
Text = Annotated[Words, StringConstraints(strip_whitespace=True, max_length=2000)]
StateName = Literal[
    "reported", "verifying", "declined", "filed", "assigned", "in_work", "to_verify", "verified", "processing", "waiting",
    "closed", "refused",
]  # fmt: skip
ActionName = Literal[
    "self_handle", "request_verification", "verify_report", "file", "decline", "assign", "take", "withdraw", "return", "handle",
    "verify_repair", "close", "escalate", "note", "approve", "forward", "send_back", "supplement", "resubmit", "extend",
    "refuse", "finish", "expedite",
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
    signed: bool = Field(False, description="whoever acts signs: where the stage asks for a signature")


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


class StageRow(Schema):
    """One row of a procedure's table; what may be wrong with it is said by its flaws, not refused."""

    key: Annotated[Words, Field(max_length=40)]
    name: Annotated[Words, Field(max_length=60)]
    name_en: Annotated[Words, Field(max_length=60)] = ""
    level: Annotated[Words, Field(max_length=10)]
    role: Annotated[Words, Field(max_length=14)]
    department: Annotated[Words, Field(max_length=50)] = ""
    limit: Annotated[Words, Field(max_length=20)] = ""
    requires: Annotated[list[Annotated[Words, Field(max_length=20)]], Field(max_length=10)] = []
    results: dict[Annotated[Words, Field(max_length=20)], Annotated[Words, Field(max_length=40)]] = {}


class Material(Schema):
    name: Line
    name_en: Line = ""


class Guide(Schema):
    """What an applicant is told before: basis, conditions, materials (依据、条件、材料)."""

    basis: Text = ""
    basis_en: Text = ""
    conditions: Text = ""
    conditions_en: Text = ""
    materials: Annotated[list[Material], Field(max_length=30)] = []


class VersionOut(Schema):
    number: int
    valid_from: date | None
    stages: list[StageRow]
    guide: Guide


class ProcedureOut(Schema):
    id: int
    class_key: str
    name: str
    name_en: str
    area: str
    area_name: str
    in_force: int | None = Field(description="number of the version that new cases begin with")
    versions: list[VersionOut] = Field(description="oldest first; a draft has no date")
    may_manage: bool


class FlawOut(Schema):
    stage: str
    code: str
    word: str


class FlawsOut(Schema):
    flaws: list[FlawOut]


class CheckIn(Schema):
    area: Annotated[str, Field(pattern=r"^\d{2,15}$")]
    stages: Annotated[list[StageRow], Field(max_length=40)]


class DraftIn(Mutation):
    stages: Annotated[list[StageRow], Field(max_length=40)]
    guide: Guide


class ForceIn(Mutation):
    valid_from: date


class BeginIn(Mutation):
    class_key: Words
    area: Annotated[str, Field(pattern=r"^\d{2,15}$")]


class VersionDone(Schema):
    procedure: int
    number: int
    replayed: bool = False


class DryRunOut(Schema):
    tried: int
    late: dict[str, int] = Field(
        description="stage -> how many of the tried cases were in it for longer than its limit"
    )
    unknown: dict[str, int] = Field(
        description="stage of the past -> how many cases were in it, though the version has none of that key"
    )
    cases: list[str]


class MatterKindOut(Schema):
    class_key: str
    name: str
    name_en: str
    major: str
    area: str
    guide: Guide
    stages: list[StageRow]


class MatterIn(Schema):
    """A matter as the counter takes it. No name and no number of a person: the applicant holds the receipt."""

    id: UUID
    class_key: Words
    area: Annotated[str, Field(pattern=r"^\d{9,15}$")]
    description: Text = ""
    address: Line = ""
    urgent: bool = False


class SignatureOut(Schema):
    stage_name: str
    name: str
    at: AwareDatetime


class ProcedureSoFar(Schema):
    version: int
    stages: list[StageRow]
    stage: str
    path: list[str]
    extensions: int
    signatures: list[SignatureOut]


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
    imported: dict[str, Any] | None
