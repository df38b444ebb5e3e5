"""Squares and hexagons cover a community and share the lines of the plane."""

import pytest
import shapely
from shapely import Polygon, box

from gridmap.partition import raster
from scripts.support.estates import town


@pytest.fixture(scope="module")
def outline() -> Polygon:
    return town(5, 4, seed=9)[0]


@pytest.mark.parametrize("make", [raster.squares, raster.hexagons])
def test_they_cover_the_outline_and_nothing_else(outline: Polygon, make) -> None:  # type: ignore[no-untyped-def]
    cells = make(outline)
    assert abs(sum(cell.area for cell in cells) - outline.area) < 1e-4
    assert shapely.union_all(cells).symmetric_difference(outline).area < 1e-4
    assert max(cell.area for cell in cells) == pytest.approx(10_000, abs=0.1)


def test_communities_beside_each_other_share_the_lines() -> None:
    west = {cell.wkb for cell in raster.squares(box(0, 0, 250, 250)) if cell.area == 10_000}
    both = {cell.wkb for cell in raster.squares(box(0, 0, 500, 250)) if cell.area == 10_000}
    assert len(west) == 4
    assert west <= both
