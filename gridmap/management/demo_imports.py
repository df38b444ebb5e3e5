"""Files that a community of the demo has imported: public objects of a survey, and a list that waits for its mapping."""

from collections.abc import Iterable
from uuid import UUID, uuid4

import numpy as np

from gridmap.actions import imports
from gridmap.datum import to_gcj02
from gridmap.jobs.imports import work_import
from gridmap.management import demo
from gridmap.models import ImportRun, User
from layers.town.spots import Spot

COMMUNITY = f"{demo.STREET}001"
SURVEY = (
    ("0101", "雨水井盖", "完好"),
    ("0201", "路灯", "完好"),
    ("0201", "路灯", "破损"),
    ("0501", "休闲座椅", "完好"),
)
HOMES = """小区,楼栋,单元,房号,人数,60岁以上,80岁以上,14岁以下
滨江花园,1幢,1单元,101,3,1,0,1
滨江花园,1幢,1单元,102,2,2,1,0
滨江花园,1幢,2单元,201,4,0,0,2
"""


def put_imports(places: Iterable[Spot], people: dict[str, User]) -> None:
    """A survey in coordinates of a map service, taken with two rows refused; and a list of households, looked at."""
    own = [place for place in places if place.cell.startswith(COMMUNITY)][:40]
    shifted = to_gcj02(np.array([[place.lon, place.lat] for place in own]).reshape(-1, 2))
    lines = ["部件编码,部件名称,状态,检查周期,经度(GCJ02),纬度(GCJ02)"]
    for number, (lon, lat) in enumerate(shifted, 900_001):
        minor, name, state = SURVEY[number % len(SURVEY)]
        lines.append(f"{demo.DISTRICT}{minor}{number},{name},{state},90,{lon:.7f},{lat:.7f}")
    lines += ["9901010101,雨水井盖,完好,90,,", f"{demo.DISTRICT}0101900999,雨水井盖,不明,90,,"]
    survey = _put(people, "object", "部件普查.csv", "\n".join(lines).encode("gb18030"))
    found = ImportRun.objects.get(pk=survey)
    wish = imports.Wish(found.guess["columns"], {}, "gcj02")
    imports.step(people["community01"], survey, "start", version=found.version, mutation_id=uuid4(), wish=wish)
    work_import.func("", 0, str(survey))
    _put(people, "household", "滨江花园住户.csv", HOMES.encode())


def _put(people: dict[str, User], kind: str, name: str, data: bytes) -> UUID:
    run = uuid4()
    imports.upload(people["community01"], run, area=COMMUNITY, kind=kind, name=name, data=data)
    work_import.func("", 0, str(run))
    return run
