"""HTTP of the desk: several cases at once, standard texts, who else looks, saved filters."""

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router, Status

from gridmap.http import Problem, answer, caller, language_of
from incidents import actions, queries
from incidents.schemas.base import ActionName
from incidents.schemas.desk import (
    BulkIn,
    BulkOut,
    FilterChange,
    FilterNew,
    FilterOrder,
    FilterOut,
    PresenceOut,
    TextOut,
)
from incidents.workflow import Action

router = Router(tags=["incidents"])


@router.post("/incidents/bulk", response={200: BulkOut, 422: Problem})
def act_on_several(request: HttpRequest, body: BulkIn) -> dict[str, Any]:
    """Take one step on several cases, each by itself; the answer tells case by case what happened. Safe to repeat."""
    chosen = [actions.Chosen(**one.dict()) for one in body.cases]
    note = body.action == "note"
    given = actions.Given(
        department=body.department, text=body.reason if note else "", reason="" if note else body.reason
    )
    language = language_of(request)
    return {
        "results": [
            {
                "id": found.chosen.id, "result": found.result, "card": found.card,
                "code": found.problem and found.problem.code, "message": found.problem and found.problem.body(language)["message"],
            }
            for found in actions.bulk(caller(request), Action(body.action), chosen, given)
        ]
    }  # fmt: skip


@router.get("/incidents/{incident_id}/texts", response={200: list[TextOut], 404: Problem})
def standard_texts(
    request: HttpRequest,
    incident_id: UUID,
    action: ActionName = "note",
    department: Annotated[int | None, Query(ge=0, lt=2**53)] = None,
) -> list[dict[str, Any]]:
    """The standard texts for an action on this case, filled; `department` is the one about to be chosen."""
    user = caller(request)
    return queries.texts_for(user, queries.get(user, incident_id), action, department)


@router.put("/incidents/{incident_id}/presence", response={200: PresenceOut, 403: Problem, 404: Problem})
def look(request: HttpRequest, incident_id: UUID) -> dict[str, Any]:
    """Say that the caller has this case open, every 20 s while it is; answers who else has. Kept for 45 s."""
    return {"others": actions.look(caller(request), incident_id)}


@router.delete("/incidents/{incident_id}/presence", response={204: None, 404: Problem})
def look_away(request: HttpRequest, incident_id: UUID) -> Status[None]:
    """Say that the caller has closed this case."""
    actions.look_away(caller(request), incident_id)
    return Status(204, None)


@router.get("/filters", response=list[FilterOut])
def filters(request: HttpRequest) -> list[dict[str, Any]]:
    """The caller's own saved filters, in her order."""
    return queries.described(list(queries.filters_of(caller(request))))


@router.post("/filters", response={200: FilterOut, 201: FilterOut, 409: Problem, 422: Problem})
def save_filter(request: HttpRequest, body: FilterNew) -> Status[dict[str, Any]]:
    """Keep a filter."""
    kept = body.filter.dict(exclude_none=True)
    return answer(actions.save_filter(caller(request), body.id, name=body.name, filter=kept), 201)


@router.put("/filters/order", response={204: None})
def order_filters(request: HttpRequest, body: FilterOrder) -> Status[None]:
    """Put the caller's filters into this order."""
    actions.order_filters(caller(request), body.ids)
    return Status(204, None)


@router.patch("/filters/{filter_id}", response={200: FilterOut, 404: Problem, 409: Problem, 422: Problem})
def change_filter(request: HttpRequest, filter_id: UUID, body: FilterChange) -> dict[str, Any]:
    """Give a filter another name, or other contents."""
    kept = body.filter.dict(exclude_none=True) if body.filter else None
    row = actions.change_filter(caller(request), filter_id, name=body.name, filter=kept)
    return queries.described([row])[0]


@router.delete("/filters/{filter_id}", response={204: None, 404: Problem})
def delete_filter(request: HttpRequest, filter_id: UUID) -> Status[None]:
    """Forget a filter; a 404 says that it is gone."""
    actions.delete_filter(caller(request), filter_id)
    return Status(204, None)


# --- one case ---
