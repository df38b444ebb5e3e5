"""HTTP of the gate: the register of demands on communities, answers to its forms, what was asked without it."""

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, StreamingHttpResponse
from ninja import Query, Router, Status

from gridmap import access
from gridmap.http import Problem, answer, caller, language_of
from incidents import queries
from incidents.actions import gate, gate_answers
from incidents.queries import gate_answers as answers
from incidents.schemas.base import REFUSALS
from incidents.schemas.gate import (
    Code,
    DemandChanged,
    DemandDecisionIn,
    DemandDetail,
    DemandIn,
    DemandWithdrawalIn,
    FormAnswerIn,
    FormExportIn,
    FormOut,
    KnownFields,
    RegisterOut,
    Short,
    TabName,
    UnadmittedDone,
    UnadmittedIn,
    UnadmittedOut,
)

router = Router(tags=["incidents"])
Label = Annotated[str, Query(max_length=7)]


@router.get("/gate/demands", response=RegisterOut)
def register(
    request: HttpRequest,
    tab: TabName = "in_force",
    q: Short = "",
    area: Code = "",
    offset: Annotated[int, Query(ge=0, le=100_000)] = 0,
) -> dict[str, Any]:
    """The register as the caller sees it: one tab of it, a hundred at a time, the newest first."""
    return queries.register(caller(request), tab, q, area, offset)


@router.post("/gate/demands", response={200: DemandChanged, 201: DemandChanged, **REFUSALS})
def propose(request: HttpRequest, body: DemandIn) -> Status[dict[str, Any]]:
    """Propose a demand. Fields on persons, and what the records answer already, are refused with the reason."""
    rows = [gate.FieldRow(**row.dict(exclude={"choices"}), choices=tuple(row.choices)) for row in body.fields]
    given = gate.Proposal(**body.dict(exclude={"id", "fields"}), fields=rows)
    return answer(gate.propose(caller(request), body.id, given), 201)


@router.get("/gate/fields", response={200: KnownFields, 403: Problem})
def known_fields(request: HttpRequest) -> dict[str, Any]:
    """What a form can be made of: the figures on record, and the questions that forms here ask already."""
    access.require(caller(request), "gate.view")
    return queries.known_fields(caller(request))


@router.get("/gate/demands/{demand_id}", response={200: DemandDetail, 404: Problem})
def demand(request: HttpRequest, demand_id: UUID) -> dict[str, Any]:
    """One demand with its fields, and how many of them are collected already."""
    return queries.demand_detail(caller(request), queries.demand_of(caller(request), demand_id))


@router.post("/gate/demands/{demand_id}/decision", response={200: DemandChanged, **REFUSALS})
def decide(request: HttpRequest, demand_id: UUID, body: DemandDecisionIn) -> Status[dict[str, Any]]:
    """Approve, refuse or end a demand for the district."""
    return answer(gate.decide(caller(request), demand_id, **body.dict()))


@router.post("/gate/demands/{demand_id}/withdrawal", response={200: DemandChanged, **REFUSALS})
def withdraw(request: HttpRequest, demand_id: UUID, body: DemandWithdrawalIn) -> Status[dict[str, Any]]:
    """Take a demand back, as its department."""
    return answer(gate.withdraw(caller(request), demand_id, **body.dict()))


@router.get("/gate/demands/{demand_id}/form", response={200: FormOut, 403: Problem, 404: Problem, 422: Problem})
def form(request: HttpRequest, demand_id: UUID, area: Code, period: Label = "") -> dict[str, Any]:
    """A form for one community, filled from the records; without `period` the latest that has begun."""
    found = queries.demand_of(caller(request), demand_id)
    community = answers.community_of(caller(request), found, area)
    return answers.form(found, community, answers.period_in(found, period))


@router.post("/gate/demands/{demand_id}/answers", response={200: DemandChanged, 201: DemandChanged, **REFUSALS})
def answer_form(request: HttpRequest, demand_id: UUID, body: FormAnswerIn) -> Status[dict[str, Any]]:
    """Answer a form for one community and period."""
    given = body.dict(exclude={"values"})
    return answer(gate_answers.answer_form(caller(request), demand_id, **given, given=body.values), 201)


@router.post("/gate/demands/{demand_id}/export", response={200: str, **REFUSALS})
def export_answers(request: HttpRequest, demand_id: UUID, body: FormExportIn) -> StreamingHttpResponse:
    """The answers of a form as CSV; who takes them and what for is kept."""
    found = gate_answers.export_answers(caller(request), demand_id, reason=body.reason)
    headers = {"Content-Disposition": 'attachment; filename="answers.csv"', "Cache-Control": "no-store"}
    lines = answers.answers_csv(found, language_of(request))
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)


@router.get("/gate/unadmitted", response=list[UnadmittedOut])
def unadmitted(request: HttpRequest) -> list[dict[str, Any]]:
    """What communities were asked for without admission, the latest hundred."""
    return queries.unadmitted(caller(request))


@router.post("/gate/unadmitted", response={200: UnadmittedDone, 201: UnadmittedDone, **REFUSALS})
def record_unadmitted(request: HttpRequest, body: UnadmittedIn) -> Status[dict[str, Any]]:
    """Record that a community was asked for something that the register does not have."""
    given = body.dict(exclude={"id"})
    return answer(gate_answers.record_unadmitted(caller(request), body.id, **given), 201)
