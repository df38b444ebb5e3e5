"""HTTP of webhooks: addresses of other systems that administrators have told of events."""

from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import AwareDatetime, Field, StringConstraints

from gridmap.actions import hooks as actions
from gridmap.http import Mutation, Number, Problem, Words, answer, caller
from gridmap.queries import hooks as queries

router = Router(tags=["hooks"])
REFUSALS = {403: Problem, 404: Problem, 409: Problem, 422: Problem}
Name = Annotated[Words, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
Url = Annotated[Words, StringConstraints(strip_whitespace=True, max_length=500)]
Kinds = Annotated[list[Annotated[Words, Field(max_length=40)]], Field(max_length=100)]


class HookIn(Schema):
    """A new webhook. `id` is made by the client: sent again it has no second effect."""

    id: UUID
    name: Name
    url: Url = Field(description="https; a public address, or one of a network that the operator allowed")
    area: Annotated[Words, Field(max_length=15)] = Field(description="what happens in this area is told")
    kinds: Kinds = Field([], description="empty: all")


class HookChange(Mutation):
    version: Number
    name: Name
    url: Url
    kinds: Kinds = []
    active: bool


class HookRenew(Mutation):
    version: Number


class HookAsk(Mutation):
    attempt: Number | None = Field(None, description="the message to send once more; without one a test is sent")


class HookDone(Schema):
    id: UUID
    version: int
    replayed: bool = False


class HookSecret(HookDone):
    secret: str | None = Field(
        None, description="with which the receiver checks signatures: in the first answer alone; a repeat has none"
    )


class HookOut(Schema):
    id: UUID
    name: str
    url: str
    area: str
    kinds: list[str]
    active: bool
    off: Literal["", "by_hand", "failing", "gone"] = Field(description="why it is off")
    version: int
    failing_since: AwareDatetime | None
    tries: int = Field(description="failures in a row")
    next_at: AwareDatetime | None


class HooksOut(Schema):
    hooks: list[HookOut]
    kinds: list[str] = Field(description="all that can be told")


class AttemptOut(Schema):
    id: int
    message: str = Field(description="the webhook-id")
    kind: str
    asked: bool
    at: AwareDatetime | None = Field(description="null: a worker has not sent it yet")
    status: int | None
    trouble: Literal["", "refused", "timeout", "unreachable", "forbidden_address", "no_longer_kept"]
    took_ms: int | None


class HookDetail(HookOut):
    old_until: AwareDatetime | None = Field(description="until then messages are signed with the secret before, too")
    attempts: list[AttemptOut] = Field(description="the last hundred, the newest first")


@router.get("/hooks", response=HooksOut)
def hooks(request: HttpRequest) -> dict[str, Any]:
    """The webhooks of the caller's areas."""
    return {"hooks": [queries.state(hook) for hook in queries.visible_to(caller(request))], "kinds": queries.kinds()}


@router.post("/hooks", response={200: HookSecret, 201: HookSecret, **REFUSALS})
def add(request: HttpRequest, body: HookIn) -> Status[dict[str, Any]]:
    """Have an address told of what happens in an area from now on."""
    wanted = actions.Wanted(name=body.name, url=body.url, kinds=body.kinds)
    return answer(actions.add(caller(request), wanted, hook_id=body.id, area_code=body.area), 201)


@router.get("/hooks/{hook_id}", response={200: HookDetail, 404: Problem})
def hook(request: HttpRequest, hook_id: UUID) -> dict[str, Any]:
    """One webhook with what was answered last; its secret is shown when it is made, and never again."""
    found = queries.get(caller(request), hook_id)
    return queries.state(found) | {
        "attempts": list(queries.attempts(found)[: actions.KEPT]),
        "old_until": found.old_until,
    }


@router.put("/hooks/{hook_id}", response={200: HookDone, **REFUSALS})
def change(request: HttpRequest, hook_id: UUID, body: HookChange) -> Status[dict[str, Any]]:
    """Change a webhook, or switch it on or off. Switched on again, it is told what happened meanwhile."""
    wanted = actions.Wanted(name=body.name, url=body.url, kinds=body.kinds)
    done = actions.change(
        caller(request), hook_id, wanted, active=body.active, version=body.version, mutation_id=body.mutation_id
    )
    return answer(done)


@router.post("/hooks/{hook_id}/secret", response={200: HookSecret, **REFUSALS})
def renew(request: HttpRequest, hook_id: UUID, body: HookRenew) -> Status[dict[str, Any]]:
    """Give a webhook a new secret, shown once. For a day messages are signed with the one before, too."""
    return answer(actions.renew(caller(request), hook_id, version=body.version, mutation_id=body.mutation_id))


@router.delete("/hooks/{hook_id}", response={204: None, **REFUSALS})
def remove(request: HttpRequest, hook_id: UUID) -> Status[None]:
    """Tell an address nothing any more."""
    actions.remove(caller(request), hook_id)
    return Status(204, None)


@router.post("/hooks/{hook_id}/ask", response={200: HookDone, **REFUSALS})
def ask(request: HttpRequest, hook_id: UUID, body: HookAsk) -> Status[dict[str, Any]]:
    """Have a test sent, or one of the last messages once more; what came of it stands in the last answers."""
    return answer(actions.ask(caller(request), hook_id, attempt_id=body.attempt, mutation_id=body.mutation_id))
