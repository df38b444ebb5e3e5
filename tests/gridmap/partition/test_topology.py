"""What keeps cells from being put in force, and where it lies."""

import numpy as np
import pytest
from shapely import MultiPolygon, Polygon, box

from gridmap.partition.cut import cut
from gridmap.partition.plots import plots
from gridmap.partition.topology import faults
from scripts.support.estates import town

LAND = box(0, 0, 100, 100)
WEST, EAST = box(0, 0, 50, 100), box(50, 0, 100, 100)


def test_cells_that_are_the_community_have_no_faults() -> None:
    assert faults(LAND, [WEST, EAST]) == []
    outline, lines, buildings = town(6, 6, seed=5)
    ground = plots(outline, lines, buildings)
    assert faults(outline, ground.cells(cut(ground.graph))) == []
    assert faults(outline, ground.cells(np.arange(len(ground.graph)))) == []


def test_a_community_of_two_parts_has_cells_of_one_part_each() -> None:
    island = box(200, 0, 250, 50)
    assert faults(MultiPolygon([LAND, island]), [WEST, EAST, island]) == []
    [fault] = faults(MultiPolygon([LAND, island]), [WEST, MultiPolygon([EAST, island])])
    assert (fault.code, fault.cells, fault.area) == ("pieces", (1,), 2500)


@pytest.mark.parametrize(
    ("cells", "code", "which", "area"),
    [
        ([WEST, box(60, 0, 100, 100)], "gap", (0, 1), 1000), ([WEST, box(40, 0, 100, 100)], "overlap", (0, 1), 1000),
        ([WEST, EAST, box(100, 0, 120, 10)], "outside", (2,), 200), ([WEST, EAST, Polygon()], "empty", (2,), 0),
        ([WEST, Polygon([(50, 0), (100, 100), (100, 0), (50, 100)])], "invalid", (1,), 0),
    ],
)  # fmt: skip
def test_each_fault_is_named_with_its_place(
    cells: list[Polygon], code: str, which: tuple[int, ...], area: float
) -> None:
    [fault] = faults(LAND, cells)
    assert (fault.code, fault.cells) == (code, which)
    assert fault.area == pytest.approx(area)
    assert code == "empty" or fault.at is not None
