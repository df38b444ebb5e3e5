"""What happens to incidents, as typed events: each carries the case's card as it is after the change."""

from datetime import date
from typing import Literal

from ninja import Schema
from pydantic import AwareDatetime, ConfigDict, Field

from gridmap.events import EventBase, Nothing, register


class Card(Schema):
    """A case as a list or map shows it. No free text and no person stand in it: it goes into the log."""

    model_config = ConfigDict(extra="forbid")

    id: str
    number: str
    class_key: str
    title: str
    title_en: str
    domain: Literal["event", "object", "matter"]
    state: Literal[
        "reported", "verifying", "declined", "filed", "assigned", "in_work", "to_verify", "verified", "processing", "waiting",
        "closed", "refused", "merged", "retracted", "suspended",
    ]  # fmt: skip
    level: Literal["cell", "community", "street", "district"]
    area: str
    area_name: str
    lon: float | None
    lat: float | None
    urgent: bool
    department: int | None
    department_name: str | None
    source: str
    reported_at: AwareDatetime
    due_at: AwareDatetime | None = Field(description="when the one who must act now has to be done")
    due_soon: bool = Field(default=False, description="warned: a quarter of the limit is left, or ten minutes")
    overdue: bool
    overdue_by: int = Field(default=0, description="how many further full limits have passed since it was due")
    stage: str | None = Field(description="of a matter: the stage of its procedure")
    stage_name: str | None
    stage_name_en: str | None
    version: int
    photo: str | None
    reports: int = Field(default=1, description="how often the same thing was reported")


class Corrected(Card):
    """The card after its reporter put it right, and what she changed; the words themselves stand with the case."""

    changed: list[Literal["class", "condition", "place", "words", "address"]]


class Imported(Schema):
    """An import is one event per street: the cases themselves are read from a snapshot."""

    model_config = ConfigDict(extra="forbid")

    accepted: int
    refused: int


class Exported(Schema):
    """A table that was taken away: what it holds, of which days, how many rows, what for. Who took it is the log's actor."""

    model_config = ConfigDict(extra="forbid")

    what: Literal["cases", "class", "major", "community", "cell", "department", "source", "state", "line", "matter"]
    format: Literal["csv", "xlsx"]
    first: date
    last: date
    rows: int
    purpose: Literal["meeting", "check", "superior", "audit", "analysis"]


class Booked(Schema):
    """A booked time: for what and when, nothing of anybody."""

    model_config = ConfigDict(extra="forbid")

    kind: str
    mode: Literal["counter", "home"]
    starts_at: AwareDatetime
    state: Literal["booked", "cancelled", "opened"]


class BookingEvent(EventBase):
    kind: Literal["booking.made", "booking.cancelled", "booking.opened"]
    payload: Booked


class IncidentEvent(EventBase):
    kind: Literal[
        "incident.reported", "incident.self_handled", "incident.verification_requested", "incident.report_verified",
        "incident.report_refuted", "incident.filed", "incident.declined", "incident.assigned", "incident.taken",
        "incident.withdrawn", "incident.returned", "incident.handled", "incident.repair_verified", "incident.repair_refused",
        "incident.closed", "incident.escalated", "incident.noted", "incident.photo_added", "incident.overdue",
        "incident.asked", "incident.answered", "incident.question_expired", "incident.rated", "incident.reopened",
        "incident.reopening_refused",
        "incident.proceeded", "incident.moved",
        "incident.registered", "incident.approved", "incident.forwarded", "incident.sent_back", "incident.supplement_asked",
        "incident.resubmitted", "incident.refused", "incident.finished", "incident.expedited",
        "incident.archived", "incident.closed", "incident.escalated", "incident.noted", "incident.photo_added",
        "incident.overdue", "incident.due_soon", "incident.overdue_again",
        "incident.extension_asked", "incident.extension_endorsed", "incident.extension_granted", "incident.extension_refused",
        "incident.suspension_asked", "incident.suspension_refused", "incident.suspended", "incident.resumed",
        "incident.suspension_ended", "incident.objected", "incident.objection_upheld", "incident.objection_rejected",
        "incident.whistled", "incident.part_done", "incident.part_declined", "incident.part_overdue",
        "incident.joined", "incident.merged", "incident.received", "incident.split", "incident.released",
        "incident.split_off", "incident.put_under", "incident.child_added", "incident.taken_out", "incident.child_removed",
        "incident.retracted",
    ]  # fmt: skip
    payload: Card


class Moved(Card):
    """A case whose deadline was counted anew; `was` is what it was before."""

    was: AwareDatetime


class DeadlineMoved(EventBase):
    """The working calendar was changed, and with it this deadline."""

    kind: Literal["incident.deadline_moved"]
    payload: Moved


class CalendarDay(Schema):
    """One day of the working calendar, now and before; None stands for the rule that Monday to Friday are worked."""

    model_config = ConfigDict(extra="forbid")

    working: bool | None
    was: bool | None


class CalendarChanged(EventBase):
    """A day of the working calendar was changed; `object` is the day. It belongs to no street: see `put_day`."""

    kind: Literal["calendar.changed"]
    payload: CalendarDay


class ProcedureEvent(EventBase):
    """A procedure has a new draft or a new version in force; `object` is its id."""

    kind: Literal["procedure.changed"]
    payload: Nothing


class IncidentCorrected(EventBase):
    kind: Literal["incident.corrected"]
    payload: Corrected


class IncidentsImported(EventBase):
    kind: Literal["incident.imported"]
    payload: Imported


class ExportEvent(EventBase):
    kind: Literal["export.made"]
    payload: Exported


class RuleSetNow(Schema):
    """A version of a district's routing rules, after the change."""

    model_config = ConfigDict(extra="forbid")

    number: int
    state: Literal["draft", "in_force", "retired"]


class RoutingEvent(EventBase):
    kind: Literal["routing.drafted", "routing.edited", "routing.put_in_force", "routing.discarded"]
    payload: RuleSetNow


class DemandNow(Schema):
    """A demand on communities after the change; its words are read from the register."""

    model_config = ConfigDict(extra="forbid")

    demand: str
    kind: Literal["form", "duty", "plate", "check"]
    state: Literal["proposed", "in_force", "refused", "withdrawn", "ended", "expired"]
    department: int


class GateEvent(EventBase):
    """A demand on communities changed, will end soon, was answered or exported. Each community it concerns is told."""

    kind: Literal[
        "gate.proposed", "gate.approved", "gate.refused", "gate.withdrawn", "gate.ended", "gate.expired", "gate.expiring",
        "gate.answered", "gate.exported",
    ]  # fmt: skip
    payload: DemandNow


class UnadmittedEvent(EventBase):
    """A community was asked for something that the register of demands does not have."""

    kind: Literal["unadmitted.recorded"]
    payload: Nothing


# (action, outcome) -> kind. What is said of a case after the action.
KINDS = {
    ("report", None): "incident.reported", ("self_handle", None): "incident.self_handled",
    ("request_verification", None): "incident.verification_requested",
    ("verify_report", "pass"): "incident.report_verified", ("verify_report", "fail"): "incident.report_refuted",
    ("file", None): "incident.filed", ("decline", None): "incident.declined", ("assign", None): "incident.assigned",
    ("take", None): "incident.taken", ("withdraw", None): "incident.withdrawn", ("return", None): "incident.returned",
    ("handle", None): "incident.handled", ("verify_repair", "pass"): "incident.repair_verified",
    ("verify_repair", "fail"): "incident.repair_refused", ("close", None): "incident.closed",
    ("proceed", None): "incident.proceeded",
    ("register", None): "incident.registered", ("approve", None): "incident.approved", ("forward", None): "incident.forwarded",
    ("send_back", None): "incident.sent_back", ("supplement", None): "incident.supplement_asked",
    ("resubmit", None): "incident.resubmitted", ("extend", None): "incident.extension_asked", ("refuse", None): "incident.refused",
    ("finish", None): "incident.finished", ("expedite", None): "incident.expedited",
    ("ask_extension", None): "incident.extension_asked", ("endorse_extension", "pass"): "incident.extension_endorsed",
    ("endorse_extension", "fail"): "incident.extension_refused",
    ("grant_extension", "pass"): "incident.extension_granted", ("grant_extension", "fail"): "incident.extension_refused",
    ("ask_suspension", None): "incident.suspension_asked", ("refuse_suspension", None): "incident.suspension_refused",
    ("suspend", None): "incident.suspended", ("resume", None): "incident.resumed", ("object", None): "incident.objected",
    ("review_objection", "pass"): "incident.objection_upheld", ("review_objection", "fail"): "incident.objection_rejected",
    ("whistle", None): "incident.whistled", ("finish_part", None): "incident.part_done",
    ("decline_part", None): "incident.part_declined",
    ("escalate", None): "incident.escalated", ("note", None): "incident.noted", ("photo", None): "incident.photo_added",
    ("join", None): "incident.joined", ("merge", None): "incident.merged", ("split", None): "incident.split",
    ("split_off", None): "incident.split_off", ("put_under", None): "incident.put_under", ("take_out", None): "incident.taken_out",
    ("correct", None): "incident.corrected", ("retract", None): "incident.retracted",
    ("ask", None): "incident.asked", ("answer", None): "incident.answered", ("rate", None): "incident.rated",
    ("reopen", None): "incident.reopened", ("refuse_reopening", None): "incident.reopening_refused",
}  # fmt: skip

register(
    IncidentEvent, IncidentCorrected, DeadlineMoved, CalendarChanged, IncidentsImported, ProcedureEvent, RoutingEvent, GateEvent,
    UnadmittedEvent, ExportEvent, BookingEvent,
)  # fmt: skip
