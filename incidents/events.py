"""What happens to incidents, as typed events: each carries the case's card as it is after the change."""

from typing import Literal

from ninja import Schema
from pydantic import AwareDatetime, ConfigDict, Field

from gridmap.events import EventBase, register


class Card(Schema):
    """A case as a list or map shows it. No free text and no person stand in it: it goes into the log."""

    model_config = ConfigDict(extra="forbid")

    id: str
    number: str
    class_key: str
    title: str
    title_en: str
    domain: Literal["event", "object"]
    state: Literal[
        "reported", "verifying", "declined", "filed", "assigned", "in_work", "to_verify", "verified", "closed", "merged",
        "retracted",
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


class IncidentEvent(EventBase):
    kind: Literal[
        "incident.reported", "incident.self_handled", "incident.verification_requested", "incident.report_verified",
        "incident.report_refuted", "incident.filed", "incident.declined", "incident.assigned", "incident.taken",
        "incident.withdrawn", "incident.returned", "incident.handled", "incident.repair_verified", "incident.repair_refused",
        "incident.closed", "incident.escalated", "incident.noted", "incident.photo_added", "incident.overdue",
        "incident.joined", "incident.merged", "incident.received", "incident.split", "incident.released",
        "incident.split_off", "incident.put_under", "incident.child_added", "incident.taken_out", "incident.child_removed",
        "incident.retracted",
    ]  # fmt: skip
    payload: Card


class IncidentCorrected(EventBase):
    kind: Literal["incident.corrected"]
    payload: Corrected


class IncidentsImported(EventBase):
    kind: Literal["incident.imported"]
    payload: Imported


# (action, outcome) -> kind. What is said of a case after the action.
KINDS = {
    ("report", None): "incident.reported", ("self_handle", None): "incident.self_handled",
    ("request_verification", None): "incident.verification_requested",
    ("verify_report", "pass"): "incident.report_verified", ("verify_report", "fail"): "incident.report_refuted",
    ("file", None): "incident.filed", ("decline", None): "incident.declined", ("assign", None): "incident.assigned",
    ("take", None): "incident.taken", ("withdraw", None): "incident.withdrawn", ("return", None): "incident.returned",
    ("handle", None): "incident.handled", ("verify_repair", "pass"): "incident.repair_verified",
    ("verify_repair", "fail"): "incident.repair_refused", ("close", None): "incident.closed",
    ("escalate", None): "incident.escalated", ("note", None): "incident.noted", ("photo", None): "incident.photo_added",
    ("join", None): "incident.joined", ("merge", None): "incident.merged", ("split", None): "incident.split",
    ("split_off", None): "incident.split_off", ("put_under", None): "incident.put_under", ("take_out", None): "incident.taken_out",
    ("correct", None): "incident.corrected", ("retract", None): "incident.retracted",
}  # fmt: skip

register(IncidentEvent, IncidentCorrected, IncidentsImported)
