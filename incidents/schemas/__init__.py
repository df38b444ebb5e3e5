"""Shapes of the incident API, in and out."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import AwareDatetime, ConfigDict, Field, StringConstraints

from gridmap.http import Moment, Mutation, Number, Problem, Words
from incidents.events import Card

# The errors that a write may answer, for the document of the API.
REFUSALS = {403: Problem, 404: Problem, 409: Problem, 413: Problem, 422: Problem}
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


class DeadlineOut(Schema):
    """A deadline with all that it was worked out from; the pieces that count add up to the limit."""

    stage: Literal["handling", "verifying", "filed", "to_verify"]
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


class VerdictOut(Schema):
    """What the signature of a PDF is worth here; `valid` only if it is signed, unchanged and by an office trusted here."""

    valid: bool
    signed: bool
    intact: bool
    trusted: bool
    signer: str
    signed_at: AwareDatetime | None


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
    archived: bool = Field(description="there is a signed archive at /archive")
    imported: dict[str, Any] | None


Name = Annotated[Words, StringConstraints(strip_whitespace=True, max_length=20, pattern=r"\S")]
Short = Annotated[Words, StringConstraints(max_length=60)]
FILTER_FIELDS = Literal["state", "class_key", "department", "area"]


class StoredFilter(Schema):
    """What a list shows, as it is kept: the fields of `GET /api/incidents`; those left out do not filter."""

    model_config = ConfigDict(extra="forbid")

    state: Annotated[list[Short], Field(max_length=20)] | None = None
    open: bool | None = None
    mine: Literal["reported", "todo"] | None = None
    class_key: Short | None = None
    department: Number | None = None
    area: Annotated[str, Field(pattern=r"^\d{0,15}$")] | None = None
    q: Short | None = None
    overdue: bool | None = None
    urgent: bool | None = None
    due_within: Annotated[int, Field(ge=1, le=100_000)] | None = None


class FilterNew(Schema):
    """A filter to keep. `id` is made by the client (UUIDv7); sent again it has no second effect."""

    id: UUID
    name: Name
    filter: StoredFilter


class FilterChange(Schema):
    name: Name | None = None
    filter: StoredFilter | None = None


class FilterOrder(Schema):
    ids: Annotated[list[UUID], Field(max_length=100)]


class FilterOut(Schema):
    id: UUID
    name: str
    filter: StoredFilter
    unknown: list[FILTER_FIELDS] = Field(
        description="fields whose value is not there any more: leave them out, and say so"
    )
    replayed: bool = False


class TextOut(Schema):
    """A standard text, filled for one case: plain text to read and mend before it is sent."""

    id: UUID
    title: str
    text: str


class PresenceOut(Schema):
    others: list[str] = Field(description="names of the others at a desk who have this case open now")


class ChosenIn(Mutation):
    id: UUID
    version: Number


class BulkIn(Schema):
    """One step for several cases, each with the version that the user saw and an id that its client made."""

    action: Literal["assign", "file", "close", "note", "withdraw"]
    cases: Annotated[list[ChosenIn], Field(min_length=1, max_length=100)]
    reason: Text = ""
    department: Number | None = None


class BulkResult(Schema):
    id: UUID
    result: Literal["done", "stale", "not_possible", "failed"]
    code: str | None = Field(description="of the error, where it was not done")
    message: str | None = Field(description="why it was not done, in the caller's language")
    card: Card | None = Field(description="the case after the step; if someone was faster, as it is now")


class BulkOut(Schema):
    results: list[BulkResult]
