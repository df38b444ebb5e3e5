"""What the benches need of a town: one street with cells, a department, and as many people as there are sockets."""

import random

from django.contrib.gis.geos import MultiPolygon, Polygon

from gridmap import actions
from gridmap.models import Area, Department, Role, User
from incidents.actions import put_classes
from incidents.catalogue import read_classes

STREET = "990101001"
CELLS = [f"{STREET}{community:03}{cell:03}" for community in range(1, 7) for cell in range(1, 8)]


WEST, SOUTH, SIDE = 105.0, 28.0, 0.003  # degrees; cells stand side by side, communities on top of each other


def make() -> Department:
    """The areas, the catalogue and the department; a second call changes nothing."""
    above = ["99", "9901", "990101", STREET, *sorted({cell[:12] for cell in CELLS})]
    if not Area.objects.exists():
        areas = [Area(code=code, name=f"示范{code[-3:]}") for code in above]
        areas += [Area(code=cell, name=f"示范{cell[-3:]}", geom=border(cell)) for cell in CELLS]
        actions.put_areas(areas)
        put_classes(read_classes())
    return actions.put_department("sanitation", name="环境卫生管理所", name_en="Sanitation", area_code="990101")


def tokens(count: int) -> list[str]:
    """A bearer token for each of `count` different people of the street office."""
    people = [actions.put_user(f"bench{number}", name=f"值班{number}") for number in range(count)]
    for person in people:
        actions.grant(person, Role.DIRECTOR, STREET)
    return [actions.issue_token(person, label="bench") for person in people]


def border(cell: str) -> MultiPolygon:
    west, south = WEST + int(cell[12:]) * SIDE, SOUTH + int(cell[9:12]) * SIDE
    return MultiPolygon(Polygon.from_bbox((west, south, west + SIDE, south + SIDE)))


def place() -> tuple[float, float]:
    """A point (longitude, latitude in degrees) in one of the cells."""
    west, south, east, north = border(random.choice(CELLS)).extent  # noqa: S311  # which cell it is protects nothing
    return (west + east) / 2, (south + north) / 2


def reporter() -> User:
    return actions.put_user("bench-reporter", name="网格员")
