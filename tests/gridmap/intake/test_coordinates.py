"""Coordinates of other systems: the numbers as surveyors and map services write them become the right place."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS, Transformer

from gridmap.datum import to_bd09, to_gcj02
from gridmap.intake.coordinates import (
    Guess,
    check_crs,
    crs_to_degrees,
    guess,
    number,
    points_of,
    references,
    to_degrees,
)
from gridmap.intake.sheet import FileError

LONS, LATS = st.floats(75.0, 134.0), st.floats(18.5, 53.0)
METRE = 1e-5  # degrees, about


def in_zone(lon: float, lat: float, code: int) -> np.ndarray:
    return np.array([Transformer.from_crs(4326, code, always_xy=True).transform(lon, lat)])


def zone_of(lon: float) -> int:
    return round(lon / 3)


@settings(deadline=None, max_examples=30)  # the first use of a zone reads its definition
@given(LONS, LATS, st.booleans(), st.booleans())
def test_the_zone_is_found_from_the_numbers_and_leads_back_to_the_place(
    lon: float, lat: float, prefixed: bool, north_first: bool
) -> None:
    number_of_zone = zone_of(lon)
    code = (4513 if prefixed else 4534) + number_of_zone - 25
    points = in_zone(lon, lat, code)
    found = guess(points[:, ::-1] if north_first else points, near=(lon, lat))
    assert found == Guess(f"epsg:{code}", north_first)
    back = to_degrees(points[:, ::-1] if north_first else points, found.reference, swapped=found.swapped)
    assert np.abs(back - (lon, lat)).max() < METRE / 100


@pytest.mark.parametrize(("zone", "lon"), [(13, 75.5), (18, 104.9), (21, 124.0), (23, 134.9)])
def test_a_six_degree_zone_is_known_by_its_number(zone: int, lon: float) -> None:
    points = in_zone(lon, 28.0, 4491 + zone - 13)
    assert int(points[0][0] // 1_000_000) == zone
    found = guess(points)
    assert found == Guess(f"epsg:{4491 + zone - 13}", swapped=False)
    assert np.abs(to_degrees(points, found.reference) - (lon, 28.0)).max() < METRE / 100


def test_the_example_of_every_textbook_lies_in_zone_39_with_a_false_easting_of_500_000() -> None:
    """Zone 39 of three degrees has its central meridian at 117 degrees east: there the easting is 500 km, or 39 500 km."""
    for code, east in ((4527, 39_500_000), (4548, 500_000)):
        assert np.allclose(to_degrees(np.array([[east, 4_429_529.0]]), f"epsg:{code}")[0], (117.0, 40.0), atol=1e-3)


def test_without_a_number_before_the_easting_and_without_an_area_no_zone_is_made_up() -> None:
    assert guess(np.array([[500_000.0, 3_099_000.0]])) is None


@given(LONS, LATS)
def test_degrees_are_seen_in_either_order(lon: float, lat: float) -> None:
    assert guess(np.array([[lon, lat]])) == Guess("wgs84", swapped=False)
    assert guess(np.array([[lat, lon]])) == Guess("wgs84", swapped=True)


@given(LONS, LATS)
def test_the_shift_of_map_services_is_taken_back(lon: float, lat: float) -> None:
    place = np.array([[lon, lat]])
    for datum, shifted in (("gcj02", to_gcj02(place)), ("bd09", to_bd09(place)), ("cgcs2000", place)):
        assert np.abs(to_degrees(shifted, datum) - place).max() < METRE


@pytest.mark.parametrize(
    ("text", "value"),
    [("105.5", 105.5), (" 105.5° ", 105.5), ("105\u00b030\u203236\u2033", 105.51), ("105度30分36秒", 105.51), ("105:30:36", 105.51),
     ("\uff11\uff10\uff15.5", 105.5),
     ("", None), ("-", None), ("无", None), ("1e999", None)],
)  # fmt: skip
def test_coordinates_are_read_as_people_write_them(text: str, value: float | None) -> None:
    found = number(text)
    assert not math.isfinite(found) if value is None else math.isclose(found, value)


def test_what_is_no_number_or_lies_nowhere_near_is_no_place() -> None:
    points = np.array([[np.nan, 28.0], [0.0, 0.0], [200.0, 28.0], [2.35, 48.85], [105.0, 28.0]])
    assert np.isfinite(to_degrees(points, "wgs84")).all(axis=1).tolist() == [False, False, False, False, True]
    assert not np.isfinite(to_degrees(np.array([[1e300, 1e300]]), "epsg:4548")).any()
    with pytest.raises(ValueError, match="no reference"):
        to_degrees(points, "epsg:4214")


def test_every_reference_can_be_used() -> None:
    for reference in references():
        assert to_degrees(np.array([[np.nan, np.nan]]), reference).shape == (1, 2)


# --- map data


def test_map_data_follows_its_own_system_and_in_degrees_the_chosen_datum() -> None:
    place = np.array([[105.2, 28.9]])
    metres = in_zone(105.2, 28.9, 4544)
    assert np.abs(crs_to_degrees(metres, CRS.from_epsg(4544).to_wkt(), "wgs84") - place).max() < METRE / 100
    assert np.abs(crs_to_degrees(to_gcj02(place), "EPSG:4326", "gcj02") - place).max() < METRE
    assert np.abs(crs_to_degrees(place, "", "wgs84") - place).max() == 0
    assert np.abs(crs_to_degrees(place, "EPSG:4490", "cgcs2000") - place).max() == 0


@pytest.mark.parametrize("code", [4214, 4610, 2381, 2435, 23700])
def test_systems_that_rest_on_an_old_datum_are_refused_instead_of_guessed(code: int) -> None:
    """Beijing 1954 and Xi'an 1980: what leads from them to CGCS2000 is not public."""
    with pytest.raises(FileError) as refused:
        check_crs(CRS.from_epsg(code).to_wkt())
    assert refused.value.code == "old_datum"


def test_a_shape_counts_by_a_point_on_it() -> None:
    import shapely

    ring = shapely.box(105.0, 28.0, 105.2, 28.2).difference(shapely.box(105.05, 28.05, 105.15, 28.15))
    found = points_of([shapely.to_wkb(ring), None, shapely.to_wkb(shapely.Point(105.1, 28.1)), b"nonsense"])
    assert shapely.Point(found[0]).within(ring)
    assert found[2].tolist() == [105.1, 28.1]
    assert np.isnan(found[[1, 3]]).all()
