"""Writes of communities at the gate: answers to forms, what was asked without admission; and the export of answers."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from gridmap import access, actions, areacode, events
from gridmap.actions import Answer, Done
from gridmap.errors import ProblemError
from gridmap.models import Area, User
from gridmap.queries import departments_in_force
from incidents import demands, queries
from incidents.actions.gate import drafts
from incidents.demands import Kind, Standing
from incidents.models import Demand, DemandAnswer, DemandExport, Unadmitted
from incidents.queries import gate_answers


def answer_form(
    actor: User, demand_id: UUID, *, area: str, period: str, version: int, given: Mapping[str, Any], mutation_id: UUID
) -> Answer:
    """Answer a form for a community and a period. Recorded fields are filled here and now, whatever was sent for them.

    A question that another form asked before for this period need not be sent again: the answer is taken from there.
    `version` is that of the answer that was seen, 0 for none; a later one is kept beside it. Safe to repeat.
    """
    request = {"answer": demand_id, "area": area, "period": period, "version": version, "values": dict(given)}
    work = lambda: _answer(actor, demand_id, area, period, version, given, mutation_id)  # noqa: E731
    return actions.once(actor, mutation_id, request, work)


def _answer(
    actor: User, demand_id: UUID, code: str, label: str, version: int, given: Mapping[str, Any], new_id: UUID
) -> Done:
    demand = queries.demand_of(actor, demand_id, lock=True)
    area = gate_answers.community_of(actor, demand, code)
    if demand.kind != Kind.FORM or demand.state != Standing.IN_FORCE:
        raise ProblemError("not_asked_now")
    period = gate_answers.period_in(demand, label)
    last = gate_answers.latest(demand, area.code, period)
    if version != (last.version if last else 0):
        raise ProblemError("stale_demand", detail={"version": last.version if last else 0})
    DemandAnswer.objects.create(
        id=new_id, demand=demand, area_code=area.code, period=period.label, version=version + 1,
        values=_values(demand, area, period, given), given_at=timezone.now(),
    )  # fmt: skip
    events.record_all(drafts(demand, "gate.answered", [area.code]), actor)
    return Done({"id": str(demand.pk), "state": demand.state, "version": version + 1})


def _values(demand: Demand, area: Area, period: demands.Period, given: Mapping[str, Any]) -> dict[str, Any]:
    fields = queries.fields_of(demand)
    now = timezone.now().isoformat()
    recorded = gate_answers.figures(area.code, period, [field for field in fields if field.recorded])
    found = {key: {"value": value, "source": "record", "at": now} for key, value in recorded.items()}
    before = gate_answers.earlier(demand, area.code, period, fields)
    wrong: dict[str, str] = {}
    for field in fields:
        if field.recorded:
            continue
        value = given.get(field.key)
        if value is None and field.key in before:
            found[field.key] = {"value": before[field.key]["value"], "source": "earlier", "at": before[field.key]["at"]}
        elif value is None or not demands.fits(field, value):
            wrong[field.key] = "answers_missing"
        elif isinstance(value, str) and demands.names_a_person(value):
            wrong[field.key] = "answer_names_person"
        else:
            found[field.key] = {"value": value, "source": "asked", "at": now}
    if wrong:
        raise ProblemError("answers_missing", fields=wrong)
    return found


@transaction.atomic
def export_answers(actor: User, demand_id: UUID, *, reason: str) -> Demand:
    """Note that the answers of a form leave the system, by whom and what for; returns the form to be written out."""
    demand = queries.demand_of(actor, demand_id)
    access.require(actor, "gate.export", demand.area_code, (demand.department_id,))
    if not reason:
        raise ProblemError("reason_needed", fields={"reason": "reason_needed"})
    if demand.kind != Kind.FORM:
        raise ProblemError("demand_no_form")
    DemandExport.objects.create(id=uuid4(), demand=demand, user=actor, reason=reason, at=timezone.now())
    events.record_all(drafts(demand, "gate.exported", [demand.area_code]), actor)
    return demand


def record_unadmitted(
    actor: User, row_id: UUID, *, area: str, asked_by: str, department: int | None, kind: str, what: str
) -> Answer:
    """Note that a community was asked for something without admission; the street and the district hear it at once."""
    access.require(actor, "unadmitted.record", area)
    request = {"unadmitted": area, "asked_by": asked_by, "department": department, "kind": kind, "what": what}
    work = lambda: _record_unadmitted(row_id, area, asked_by, department, kind, what)  # noqa: E731
    return actions.once(actor, row_id, request, work)


def _record_unadmitted(row_id: UUID, area: str, asked_by: str, department: int | None, kind: str, what: str) -> Done:
    if not Area.objects.filter(pk=area, level=areacode.COMMUNITY, valid_to=None).exists():
        raise ProblemError("unknown_area", fields={"area": "unknown_area"})
    if department is not None and not departments_in_force().filter(pk=department).exists():
        raise ProblemError("unknown_department", fields={"department": "unknown_department"})
    Unadmitted.objects.create(
        id=row_id, area_code=area, asked_by=asked_by, department_id=department, kind=kind, what=what,
        recorded_at=timezone.now(),
    )  # fmt: skip
    draft = events.Draft(
        kind="unadmitted.recorded", area_code=area, object_id=str(row_id), version=1, payload=events.Nothing()
    )
    return Done({"id": str(row_id)}, draft)
