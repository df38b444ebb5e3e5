"""Forms in the matrix of permissions: which right opens an endpoint, by which door, and requests that are right."""

from typing import Any
from uuid import UUID, uuid4

from gridmap.models import FormResult, SavedForm, User
from tests.factories import CELL

ONE = "/api/forms/{form_id}"
RULES = {
    "GET /api/forms": ("form.view", "LIST"),
    "POST /api/forms": ("register.report", "HERE"),
    "POST /api/forms/ask": ("register.report", "ROLE"),
    "POST /api/forms/export": ("register.report", "ROLE"),
    f"PUT {ONE}": ("register.report", "AREA"),
    f"DELETE {ONE}": ("register.report", "AREA"),
    f"GET {ONE}/results/{{result_id}}": ("form.view", "AREA"),
    f"POST {ONE}/results/{{result_id}}/export": ("form.view", "AREA"),
}
KEPT, GAVE = UUID(int=10), 1
IDS = {"form_id": KEPT, "result_id": GAVE}
ASK = {"area": CELL, "form": {"kind": "household", "groups": ["cell"]}}


def put_form(owner: User) -> None:
    """A form that counts households, and what it gave once."""
    form = SavedForm.objects.create(
        id=KEPT, area_code=CELL, name="户数", kind="household", form=ASK["form"], created_by=owner
    )
    FormResult.objects.create(id=GAVE, form=form, name="户数", question=ASK["form"], rows=[["第一网格", 1]])


def form_bodies() -> dict[str, Any]:
    named = ASK | {"name": "户数"}
    return {
        "POST /api/forms": named | {"id": str(uuid4())},
        "POST /api/forms/ask": ASK,
        "POST /api/forms/export": ASK | {"format": "csv"},
        f"POST {ONE}/results/{{result_id}}/export": {"format": "csv"},
        f"PUT {ONE}": named | {"mutation_id": str(uuid4()), "version": 1},
    }
