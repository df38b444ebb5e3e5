"""The shifted coordinates of map services."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmap.datum import to_bd09, to_gcj02, to_wgs84


def point(lon: float, lat: float) -> np.ndarray:
    return np.array([[lon, lat]])


def test_known_points_of_beijing() -> None:
    # As the much used library coordtransform gives them in its description.
    assert to_gcj02(point(116.404, 39.915))[0] == pytest.approx([116.41024449916938, 39.91640428150164], abs=1e-9)
    gcj = to_wgs84(point(116.41036949371029, 39.92133699351021), "bd09")
    assert to_gcj02(gcj)[0] == pytest.approx([116.404, 39.915], abs=1e-5)


@given(st.floats(74, 134), st.floats(18, 53))
def test_there_and_back_is_less_than_a_millimetre(lon: float, lat: float) -> None:
    here = point(lon, lat)
    assert to_wgs84(to_gcj02(here), "gcj02")[0] == pytest.approx([lon, lat], abs=1e-8)
    assert to_wgs84(to_bd09(here), "bd09")[0] == pytest.approx([lon, lat], abs=5e-6)  # BD-09 has no exact way back
    assert (to_wgs84(here, "cgcs2000") == here).all()


def test_the_shift_is_hundreds_of_metres_in_china_and_nothing_outside() -> None:
    shanghai = point(121.4737, 31.2304)
    assert 0.003 < np.abs(to_gcj02(shanghai) - shanghai).max() < 0.006
    assert (to_gcj02(point(24.94, 60.17)) == point(24.94, 60.17)).all()


def test_a_datum_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="no datum"):
        to_wgs84(point(1, 2), "mars")
