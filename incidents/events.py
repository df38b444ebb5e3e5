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
        "closed", "refused",
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
    overdue: bool
    stage: str | None = Field(description="of a matter: the stage of its procedure")
    stage_name: str | None
    stage_name_en: str | None
    version: int
    photo: str | None


class Imported(Schema):
    """An import is one event per street: the cases themselves are read from a snapshot."""

    model_config = ConfigDict(extra="forbid")

    accepted: int
    refused: int


class Exported(Schema):
    """A table that was taken away: what it holds, of which days, how many rows, what for. Who took it is the log's actor."""

    model_config = ConfigDict(extra="forbid")

    what: Literal["cases", "class", "major", "community", "cell", "department", "source", "state", "line"]
    format: Literal["csv", "xlsx"]
    first: date
    last: date
    rows: int
    purpose: Literal["meeting", "check", "superior", "audit", "analysis"]


class IncidentEvent(EventBase):
    kind: Literal[
        "incident.reported", "incident.self_handled", "incident.verification_requested", "incident.report_verified",
        "incident.report_refuted", "incident.filed", "incident.declined", "incident.assigned", "incident.taken",
        "incident.withdrawn", "incident.returned", "incident.handled", "incident.repair_verified", "incident.repair_refused",
        "incident.registered", "incident.approved", "incident.forwarded", "incident.sent_back", "incident.supplement_asked",
        "incident.resubmitted", "incident.extended", "incident.refused", "incident.finished", "incident.expedited",
        "incident.closed", "incident.escalated", "incident.noted", "incident.photo_added", "incident.overdue",
    ]  # fmt: skip
    payload: Card


class ProcedureEvent(EventBase):
    """A procedure has a new draft or a new version in force; `object` is its id."""

    kind: Literal["procedure.changed"]
    payload: Nothing


class IncidentsImported(EventBase):
    kind: Literal["incident.imported"]
    payload: Imported


class ExportEvent(EventBase):
    kind: Literal["export.made"]
    payload: Exported


# (action, outcome) -> kind. What is said of a case after the action.
KINDS = {
    ("report", None): "incident.reported", ("self_handle", None): "incident.self_handled",
    ("request_verification", None): "incident.verification_requested",
    ("verify_report", "pass"): "incident.report_verified", ("verify_report", "fail"): "incident.report_refuted",
    ("file", None): "incident.filed", ("decline", None): "incident.declined", ("assign", None): "incident.assigned",
    ("take", None): "incident.taken", ("withdraw", None): "incident.withdrawn", ("return", None): "incident.returned",
    ("handle", None): "incident.handled", ("verify_repair", "pass"): "incident.repair_verified",
    ("verify_repair", "fail"): "incident.repair_refused", ("close", None): "incident.closed",
    ("register", None): "incident.registered", ("approve", None): "incident.approved", ("forward", None): "incident.forwarded",
    ("send_back", None): "incident.sent_back", ("supplement", None): "incident.supplement_asked",
    ("resubmit", None): "incident.resubmitted", ("extend", None): "incident.extended", ("refuse", None): "incident.refused",
    ("finish", None): "incident.finished", ("expedite", None): "incident.expedited",
    ("escalate", None): "incident.escalated", ("note", None): "incident.noted", ("photo", None): "incident.photo_added",
}  # fmt: skip

register(IncidentEvent, IncidentsImported, ProcedureEvent, ExportEvent)
