"""HTTP of the tree of departments, for administrators of a district."""

from typing import Any

from django.http import HttpRequest
from ninja import Router, Status

from gridmap import access
from gridmap.http import answer, caller
from incidents import actions, queries
from incidents.schemas.base import REFUSALS
from incidents.schemas.departments import DepartmentDone, DepartmentIn, DepartmentRow, EndIn, KeepIn, MoveIn, RenameIn

router = Router(tags=["incidents"])
DONE = {200: DepartmentDone, **REFUSALS}


@router.get("/departments/tree", response={200: list[DepartmentRow], **REFUSALS})
def department_tree(request: HttpRequest) -> list[dict[str, Any]]:
    """The departments that the caller manages, those that ended too, with what lies with each."""
    access.require(caller(request), "department.manage")
    return queries.department_tree(caller(request))


@router.post("/departments/tree", response={201: DepartmentDone, **DONE})
def add_department(request: HttpRequest, body: DepartmentIn) -> Status[dict[str, Any]]:
    """Add a department."""
    done = actions.add_department(
        caller(request), mutation_id=body.mutation_id, code=body.code, named=actions.Named(body.name, body.name_en),
        area_code=body.area, parent=body.parent,
    )  # fmt: skip
    return answer(done, 201)


@router.post("/departments/{int:department_id}/rename", response=DONE)
def rename_department(request: HttpRequest, department_id: int, body: RenameIn) -> Status[dict[str, Any]]:
    """Give it another name."""
    named = actions.Named(body.name, body.name_en)
    done = actions.rename_department(
        caller(request), department_id, mutation_id=body.mutation_id, version=body.version, named=named
    )
    return answer(done, 200)


@router.post("/departments/{int:department_id}/move", response=DONE)
def move_department(request: HttpRequest, department_id: int, body: MoveIn) -> Status[dict[str, Any]]:
    """Put it under another one, or to the top."""
    done = actions.move_department(
        caller(request), department_id, mutation_id=body.mutation_id, version=body.version, parent=body.parent
    )
    return answer(done, 200)


@router.post("/departments/{int:department_id}/end", response=DONE)
def end_department(request: HttpRequest, department_id: int, body: EndIn) -> Status[dict[str, Any]]:
    """End it at once or after a day; what lies with it then goes to the successor in one transaction."""
    done = actions.end_department(
        caller(request), department_id, mutation_id=body.mutation_id, version=body.version, last_day=body.last_day,
        successor=body.successor,
    )  # fmt: skip
    return answer(done, 200)


@router.post("/departments/{int:department_id}/keep", response=DONE)
def keep_department(request: HttpRequest, department_id: int, body: KeepIn) -> Status[dict[str, Any]]:
    """Take back an end that has not come yet."""
    done = actions.keep_department(caller(request), department_id, mutation_id=body.mutation_id, version=body.version)
    return answer(done, 200)
