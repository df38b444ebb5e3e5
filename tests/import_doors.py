"""Imports in the matrix of permissions: which right opens an endpoint, by which door, and requests that are right."""

from typing import Any
from uuid import UUID, uuid4

from gridmap.models import ImportRun, User
from tests.factories import CELL

ONE = "/api/imports/{import_id}"
RULES = {
    "GET /api/imports": ("import.view", "LIST"),
    "POST /api/imports": ("register.import", "HERE"),
    f"GET {ONE}": ("import.view", "AREA"),
    f"GET {ONE}/refusals": ("import.view", "AREA"),
    f"POST {ONE}/{{step}}": ("register.import", "AREA"),
}
RUN = UUID(int=9)
IDS = {"import_id": RUN, "step": "check"}
MAPPING = {"columns": {"kind": "类型", "name": "名称"}, "fixed": {}, "reference": "", "swapped": False}


def put_import(owner: User) -> None:
    """A file of places that was looked at and waits for its mapping."""
    ImportRun.objects.create(
        id=RUN, area_code=CELL, kind="place", name="房屋.csv", file="0" * 32, size=1, state="ready", columns=["类型", "名称"],
        created_by=owner, asked_by=owner,
    )  # fmt: skip


def import_bodies() -> dict[str, Any]:
    return {
        "POST /api/imports": {"area": CELL, "record": "place"},
        f"POST {ONE}/{{step}}": {"mutation_id": str(uuid4()), "version": 1, "mapping": MAPPING},
    }
