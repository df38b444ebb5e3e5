"""HTTP of routing: why a department, and the rules that say so."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Status

from gridmap import access
from gridmap.http import Problem, answer, caller
from incidents import queries
from incidents.actions import routing
from incidents.schemas.base import REFUSALS
from incidents.schemas.routing import (
    CaseRouting,
    RoutingOverview,
    RulesDraftIn,
    RuleSetChange,
    RuleSetChanged,
    RuleSetOut,
    RulesIn,
    RulesInForceIn,
    RulesTrialOut,
)

router = Router(tags=["incidents"])


@router.get("/incidents/{incident_id}/routing", response={200: CaseRouting, 404: Problem})
def case_routing(request: HttpRequest, incident_id: UUID) -> dict[str, Any]:
    """Which department the rules in force suggest for a case, why in words, and what its assignments kept of it."""
    return queries.routing_explained(queries.get(caller(request), incident_id))


@router.get("/routing/sets", response={200: RoutingOverview, 403: Problem})
def routing_sets(request: HttpRequest) -> dict[str, Any]:
    """The districts whose routing rules the caller may see, and every version of them."""
    access.require(caller(request), "routing.view")
    return queries.rules_overview(caller(request))


@router.post("/routing/sets", response={200: RuleSetChanged, 201: RuleSetChanged, **REFUSALS})
def start_rules_draft(request: HttpRequest, body: RulesDraftIn) -> Status[dict[str, Any]]:
    """Start a draft from the version in force; a district has one draft at a time, and gets the same one again."""
    return answer(routing.start_draft(caller(request), body.area, mutation_id=body.mutation_id), 201)


@router.get("/routing/sets/{set_id}", response={200: RuleSetOut, 404: Problem})
def rule_set(request: HttpRequest, set_id: UUID) -> dict[str, Any]:
    """A version with its rules and the check: gaps, overlaps, and what ended."""
    return queries.rules_version(caller(request), queries.rule_set(caller(request), set_id))


@router.get("/routing/sets/{set_id}/trial", response={200: RulesTrialOut, 404: Problem})
def try_rule_set(request: HttpRequest, set_id: UUID) -> dict[str, Any]:
    """A dry run: which of the last month's cases that the caller may see this version would send elsewhere."""
    return queries.rules_trial(caller(request), queries.rule_set(caller(request), set_id))


@router.post("/routing/sets/{set_id}/rules", response={200: RuleSetChanged, **REFUSALS})
def replace_rules(request: HttpRequest, set_id: UUID, body: RulesIn) -> Status[dict[str, Any]]:
    """Put these rules in the place of those of a draft."""
    rows = [routing.Row(**row.dict(exclude={"answers"}), answers=tuple(row.answers.items())) for row in body.rules]
    return answer(
        routing.replace_rules(caller(request), set_id, rows, version=body.version, mutation_id=body.mutation_id)
    )


@router.post("/routing/sets/{set_id}/in-force", response={200: RuleSetChanged, **REFUSALS})
def put_rules_in_force(request: HttpRequest, set_id: UUID, body: RulesInForceIn) -> Status[dict[str, Any]]:
    """Let a draft decide from now on; refused while its check finds anything."""
    given = body.dict()
    return answer(routing.put_in_force(caller(request), set_id, **given))


@router.post("/routing/sets/{set_id}/discard", response={200: RuleSetChanged, **REFUSALS})
def discard_rules_draft(request: HttpRequest, set_id: UUID, body: RuleSetChange) -> Status[dict[str, Any]]:
    """Give a draft up; it stays readable."""
    return answer(routing.discard(caller(request), set_id, version=body.version, mutation_id=body.mutation_id))
