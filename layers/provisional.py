"""Areas for land of which nobody gave the borders: an outline as street, one community, compounds as candidate cells.

Everything made here is marked provisional; real borders replace it. Pure: no Django, no database.
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import shapely
from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from layers.rows import square_metres

DIVISIONS = Path(__file__).parent / "data" / "divisions.csv"
COMMUNITY = "901"  # provisional communities count from here, apart from official ones
SMALLEST = 1500.0  # square metres of a compound that may be a cell
SAME = 0.5  # share of the land two shapes have in common from which they are one cell
GRID = 1e-7  # degrees: a centimetre


@dataclass(frozen=True, slots=True)
class Candidate:
    """A cell that the map suggests."""

    name: str
    geom: MultiPolygon


def division_names(path: Path = DIVISIONS) -> dict[str, tuple[str, str]]:
    """Code to name and English name, of the divisions that the project knows."""
    with path.open(encoding="utf-8", newline="") as lines:
        return {row["code"]: (row["name"], row["name_en"]) for row in csv.DictReader(lines)}


def candidate_cells(outline: Polygon, compounds: Iterable[tuple[str, BaseGeometry]]) -> list[Candidate]:
    """Compounds inside the outline as cells without overlap, from north to south, and the rest of the land as the last.

    Of two that overlap the smaller keeps its shape. Together the cells cover the outline.
    """
    taken: BaseGeometry = Polygon()
    found: list[Candidate] = []
    for name, geom in sorted(compounds, key=lambda item: (item[1].area, item[0])):
        free = _land(shapely.intersection(geom, outline, grid_size=GRID))
        free = _land(shapely.difference(free, taken, grid_size=GRID))
        if square_metres(free) >= SMALLEST:
            found.append(Candidate(name, free))
            taken = shapely.union(taken, free, grid_size=GRID)
    found.sort(key=lambda cell: (-cell.geom.centroid.y, cell.geom.centroid.x))
    rest = _land(shapely.difference(outline, taken, grid_size=GRID))
    named = [
        Candidate(f"{cell.name}网格" if cell.name else f"候选网格{i}", cell.geom) for i, cell in enumerate(found, 1)
    ]
    return [*named, *([] if rest.is_empty else [Candidate("其余范围网格", rest)])]


def _land(geom: BaseGeometry) -> MultiPolygon:
    """The polygons of a geometry."""
    parts = [
        part for part in shapely.get_parts(shapely.make_valid(geom)) if isinstance(part, Polygon) and part.area > 0
    ]
    return MultiPolygon(parts)


def give_codes(
    community: str, cells: list[Candidate], existing: Mapping[str, BaseGeometry], used: Iterable[str]
) -> dict[str, Candidate]:
    """A code for each cell: that of the existing cell with most of the same land, otherwise one that never was given."""
    left = dict(existing)
    numbers = [int(code[12:]) for code in used if code.startswith(community) and len(code) == 15]
    following = max(numbers, default=0) + 1
    given: dict[str, Candidate] = {}
    for cell in cells:
        code = max(left, key=lambda c: _common(left[c], cell.geom), default="")
        if code and _common(left[code], cell.geom) >= SAME:
            del left[code]
        else:
            code, following = f"{community}{following:03}", following + 1
        given[code] = cell
    return given


def _common(a: BaseGeometry, b: BaseGeometry) -> float:
    shared = a.intersection(b).area
    return shared / (a.area + b.area - shared) if shared else 0.0
