"""HTTP of registering a matter from home, without an account."""

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field, StringConstraints

from gridmap.http import Problem, Words, address_of, answer
from incidents import actions
from incidents.public.guides import Kind
from incidents.public.receipts import REFUSALS, ReceiptOut

router = Router(tags=["residents"])


class ApplicationIn(Schema):
    """What is asked for. `id` and `key` are random and made by the phone: sent again, the same one gets the same receipt."""

    id: UUID
    key: UUID
    kind: Kind
    area: Annotated[str, Field(pattern=r"^\d{12}(\d{3})?$", description="community, or a cell of it")]
    text: Annotated[Words, StringConstraints(strip_whitespace=True, max_length=1000, pattern=r"\S")]


@router.post("/public/matters", auth=None, response={200: ReceiptOut, 201: ReceiptOut, 422: Problem, **REFUSALS})
def apply(request: HttpRequest, body: ApplicationIn) -> Status[dict[str, Any]]:
    """Register a matter without a name; answers number and password of the receipt, by which papers are added."""
    return answer(actions.apply_online(actions.Applied(**body.dict()), address_of(request)), 201)
