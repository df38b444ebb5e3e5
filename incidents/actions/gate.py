"""Writes of the register of demands: propose, decide, withdraw, and what time does."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from gridmap import access, actions, areacode, events
from gridmap.actions import Answer, Done
from gridmap.errors import ProblemError
from gridmap.models import Area, Department, User
from gridmap.queries import departments_in_force
from incidents import demands, queries
from incidents.demands import FIGURES, LABELS, NEEDS_REASON, STEPS, Field, Kind, Standing
from incidents.events import DemandNow
from incidents.models import Demand, IncidentClass

BATCH = 50
OUTCOMES = {
    "approve": "gate.approved", "refuse": "gate.refused", "end": "gate.ended", "withdraw": "gate.withdrawn",
    "expire": "gate.expired",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class FieldRow:
    """A field of a form as it is proposed: a figure, or a question with its name."""

    figure: str = ""
    class_key: str = ""
    department: int | None = None
    label: str = ""
    type: str = "text"
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """What a department asks of communities; money in yuan and staff in persons, 0 for none."""

    area: str
    department: int
    kind: str
    title: str
    what: str
    ground: str
    ground_number: str
    since: date
    until: date
    money: int
    staff: int
    rhythm: str
    fields: Sequence[FieldRow]


def propose(actor: User, demand_id: UUID, given: Proposal) -> Answer:
    """Put a demand before the district; it binds nobody until somebody else approves it. Safe to repeat.

    Raises `forbidden` unless the actor acts for the department there, and the codes of what may not be asked at all.
    """
    access.require(actor, "gate.propose", given.area, (given.department,))
    return actions.once(actor, demand_id, {"propose": asdict(given)}, lambda: _propose(actor, demand_id, given))


def _propose(actor: User, demand_id: UUID, given: Proposal) -> Done:
    area = Area.objects.filter(pk=given.area, level__in=(areacode.DISTRICT, areacode.STREET), valid_to=None).first()
    if area is None:
        raise ProblemError("demand_area", fields={"area": "demand_area"})
    if not departments_in_force().filter(pk=given.department).exists():
        raise ProblemError("unknown_department", fields={"department": "unknown_department"})
    flaw = demands.dates_flaw(given.since, given.until, timezone.localdate())
    if flaw:
        raise ProblemError(flaw, fields={"until": flaw})
    if (given.kind == Kind.FORM) != bool(given.fields):
        raise ProblemError("demand_no_form", fields={"fields": "demand_no_form"})
    _admissible("title", given.title)
    demand = Demand.objects.create(
        id=demand_id, area_code=area.code, department_id=given.department, kind=given.kind, title=given.title, what=given.what,
        ground=given.ground, ground_number=given.ground_number, since=given.since, until=given.until, money=given.money,
        staff=given.staff, rhythm=given.rhythm, fields=[asdict(field) for field in _fields(given.fields)],
        state=Standing.PROPOSED, proposed_by=actor, proposed_at=timezone.now(),
    )  # fmt: skip
    return _told(actor, demand, "gate.proposed")


def _admissible(place: str, name: str) -> None:
    """Raise `demand_refused` with the reason if communities may not be asked for what this names."""
    why = demands.refused_name(name)
    if why:
        reason = {"zh": why.zh.rstrip("。"), "en": why.en.rstrip(".")}
        detail = {"field": place, "reason": why.code}
        raise ProblemError("demand_refused", fields={place: why.zh}, detail=detail, name=name, why=reason)


def _fields(rows: Sequence[FieldRow]) -> list[Field]:
    found: dict[str, Field] = {}
    for number, row in enumerate(rows, 1):
        field = _figure(row, number) if row.figure else _question(row, number)
        if field.key in found:
            raise _bad(number)
        found[field.key] = field
    return list(found.values())


def _bad(number: int) -> ProblemError:
    return ProblemError("demand_field", detail={"number": number}, fields={f"fields.{number - 1}": ""}, number=number)


def _figure(row: FieldRow, number: int) -> Field:
    known = FIGURES.get(row.figure)
    narrowed = row.class_key or row.department is not None
    if known is None or (narrowed and not known.narrow):
        raise _bad(number)
    if row.class_key and not _class_known(row.class_key):
        raise ProblemError("unknown_class", fields={f"fields.{number - 1}": "unknown_class"})
    if row.department is not None and not Department.objects.filter(pk=row.department).exists():
        raise ProblemError("unknown_department", fields={f"fields.{number - 1}": "unknown_department"})
    key = demands.figure_key(row.figure, row.class_key, row.department)
    return Field(key, row.figure, row.class_key, row.department)


def _class_known(key: str) -> bool:
    scheme, domain, code = (*key.split("/"), "", "", "")[:3]
    return IncidentClass.objects.filter(scheme=scheme, domain=domain, code=code).exists()


def _question(row: FieldRow, number: int) -> Field:
    choices = tuple(dict.fromkeys(choice for choice in row.choices if choice))
    if not row.label or (row.type == "choice") != (len(choices) > 1):
        raise _bad(number)
    for name in (row.label, *choices):
        _admissible(f"fields.{number - 1}", name)
    if demands.on_record(row.label):
        place = {f"fields.{number - 1}": "demand_on_record"}
        raise ProblemError(
            "demand_on_record", detail={"number": number}, fields=dict.fromkeys(place, ""), name=row.label
        )
    return Field(demands.key_of(row.label), label=row.label, type=row.type, choices=choices)


# --- deciding ---


def decide(actor: User, demand_id: UUID, outcome: str, *, version: int, reason: str, mutation_id: UUID) -> Answer:
    """Approve, refuse or end a demand for its district; `stale_demand` if it changed since `version`. Safe to repeat.

    Never by the one who proposed it; a refusal and an end have a reason.
    """
    request = {"decide": demand_id, "outcome": outcome, "version": version, "reason": reason}
    return actions.once(actor, mutation_id, request, lambda: _decide(actor, demand_id, outcome, version, reason))


def _decide(actor: User, demand_id: UUID, outcome: str, version: int, reason: str) -> Done:
    demand = queries.demand_of(actor, demand_id, lock=True)
    access.require(actor, "gate.decide", queries.district_of(demand))
    after = _step(demand, outcome, version, reason)
    if demand.proposed_by_id == actor.pk:
        raise ProblemError("own_proposal")
    if outcome == "approve" and demand.until < timezone.localdate():
        raise ProblemError("demand_past")
    now = timezone.now()
    if outcome == "end":
        demand.ended_at = now
    else:
        demand.decided_by, demand.decided_at = actor, now
    return _changed(actor, demand, after, reason, OUTCOMES[outcome])


def withdraw(actor: User, demand_id: UUID, *, version: int, reason: str, mutation_id: UUID) -> Answer:
    """Take a demand back, as its department, with a reason; from then on nobody owes it. Safe to repeat."""
    request = {"withdraw": demand_id, "version": version, "reason": reason}
    return actions.once(actor, mutation_id, request, lambda: _withdraw(actor, demand_id, version, reason))


def _withdraw(actor: User, demand_id: UUID, version: int, reason: str) -> Done:
    demand = queries.demand_of(actor, demand_id, lock=True)
    access.require(actor, "gate.propose", demand.area_code, (demand.department_id,))
    after = _step(demand, "withdraw", version, reason)
    demand.ended_at = timezone.now()
    return _changed(actor, demand, after, reason, OUTCOMES["withdraw"])


def _step(demand: Demand, outcome: str, version: int, reason: str) -> Standing:
    """The state after an outcome, if the demand is as the actor saw it and can come to it."""
    if demand.version != version:
        raise ProblemError("stale_demand", detail={"version": demand.version, "state": demand.state})
    after = STEPS.get((outcome, Standing(demand.state)))
    if after is None:
        state = {"zh": LABELS[Standing(demand.state)], "en": demand.state.replace("_", " ")}
        raise ProblemError("demand_state", detail={"state": demand.state}, state=state)
    if outcome in NEEDS_REASON and not reason:
        raise ProblemError("reason_needed", fields={"reason": "reason_needed"})
    return after


def _changed(actor: User | None, demand: Demand, after: Standing, reason: str, kind: str) -> Done:
    demand.state, demand.reason = after, reason
    demand.version += 1
    demand.save()
    return _told(actor, demand, kind)


def _told(actor: User | None, demand: Demand, kind: str, at: Sequence[str] = ()) -> Done:
    """Tell each community the demand concerns; whoever serves above hears it there too."""
    events.record_all(drafts(demand, kind, at or queries.heard_at(demand.area_code)), actor)
    return Done({"id": str(demand.pk), "state": demand.state, "version": demand.version})


def drafts(demand: Demand, kind: str, codes: Sequence[str]) -> list[events.Draft]:
    now = DemandNow.model_validate(
        {"demand": str(demand.pk), "kind": demand.kind, "state": demand.state, "department": demand.department_id}
    )
    return [
        events.Draft(kind=kind, area_code=code, object_id=str(demand.pk), version=demand.version, payload=now)
        for code in codes
    ]


# --- what time does ---


def expire_demands() -> int:
    """End the demands whose last day is over, each with its event; returns how many. Safe to run again, and twice at once."""

    def end(demand: Demand) -> str:
        demand.version += 1
        demand.state, demand.ended_at = STEPS["expire", Standing(demand.state)], timezone.now()
        return "gate.expired"

    return _all(queries.expired, end)


def warn_of_ending() -> int:
    """Say once of each demand in force that it ends within 30 days; returns how many were said."""

    def warn(demand: Demand) -> str:
        demand.warned_at = timezone.now()
        return "gate.expiring"

    return _all(queries.ending, warn)


def _all(due: Callable[[], QuerySet[Demand]], say: Callable[[Demand], str]) -> int:
    marked = 0
    while batch := _batch(due, say):
        marked += batch
    return marked


@transaction.atomic
def _batch(due: Callable[[], QuerySet[Demand]], say: Callable[[Demand], str]) -> int:
    rows = list(due().select_for_update(skip_locked=True)[:BATCH])
    told = []
    for demand in rows:
        kind = say(demand)
        demand.save()
        told += drafts(demand, kind, queries.heard_at(demand.area_code))
    events.record_all(told, None)
    return len(rows)
