"""Imports through the API and the worker, as tests need them."""

from io import BytesIO
from typing import Any
from uuid import uuid4

from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from gridmap.jobs.imports import work_import
from tests.factories import CELL, COMMUNITY, NEXT_CELL, PLACES, Caller

LID_CODE = "9901010101000001"
LIDS = (
    f"部件编码,名称,经度,纬度,状态\n{LID_CODE},井盖,{PLACES[CELL][0]},28.01,完好\n"
    f"9901010101000002,井盖,{PLACES[NEXT_CELL][0]},28.01,破损\n"
)
HOMES = "小区,楼栋,单元,房号,人数,60岁以上\n锦绣花园,3幢,2单元,501,3,1\n锦绣花园,3幢,2单元,502,2,2\n锦绣花园,4幢,1单元,101,4,\n"


def upload(
    caller: Caller, content: str | bytes, *, record: str = "place", area: str = COMMUNITY, expect: int = 201
) -> dict[str, Any]:
    """Upload a file; the answer."""
    file = BytesIO(content if isinstance(content, bytes) else content.encode())
    file.name = "房屋.csv"
    answer = caller.upload("/imports", id=str(uuid4()), area=area, record=record, file=file)
    assert answer.status_code == expect, answer.content.decode()
    found: dict[str, Any] = answer.json()
    return found


def work() -> None:
    """What a worker would do: the jobs that are queued, and those that they queue."""
    while waiting := list(
        DBTaskResult.objects.filter(status=TaskResultStatus.READY, task_path__endswith="work_import")
    ):
        for row in waiting:
            DBTaskResult.objects.filter(pk=row.pk).update(status=TaskResultStatus.SUCCESSFUL)
            work_import.func(*row.args_kwargs["args"])


def look(caller: Caller, run: dict[str, Any], language: str = "zh") -> dict[str, Any]:
    answer = caller.get(f"/imports/{run['id']}", language)
    assert answer.status_code == 200, answer.content.decode()
    found: dict[str, Any] = answer.json()
    return found


def step(caller: Caller, run: dict[str, Any], name: str, *, expect: int = 200, **mapping: Any) -> dict[str, Any]:
    """Ask for a step with the version as it is now; by default the mapping is what was guessed."""
    now = look(caller, run)
    body: dict[str, Any] = {"mutation_id": str(uuid4()), "version": now["version"]}
    if name in ("check", "start") and now["state"] in ("ready", "checked"):
        guess = now["guess"]
        body["mapping"] = {
            "columns": guess["columns"], "fixed": guess["fixed"], "reference": guess["reference"] or "wgs84",
            "swapped": guess["swapped"], **mapping,
        }  # fmt: skip
    answer = caller.post(f"/imports/{run['id']}/{name}", body)
    assert answer.status_code == expect, answer.content.decode()
    found: dict[str, Any] = answer.json()
    return found


def taken(
    caller: Caller, content: str | bytes, *, record: str = "place", area: str = COMMUNITY, **mapping: Any
) -> dict[str, Any]:
    """A file that has gone through: uploaded, mapped as guessed, taken."""
    run = upload(caller, content, record=record, area=area)
    work()
    step(caller, run, "start", **mapping)
    work()
    return look(caller, run)


def counts(run: dict[str, Any]) -> dict[str, int]:
    names = ("made", "changed", "same", "refused", "places", "undone", "kept")
    return {name: run[name] for name in names if run[name]}


def lon(cell: str) -> float:
    return PLACES[cell][0]
