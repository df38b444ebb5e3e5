"""GCJ-02 and BD-09: the shifted coordinates of Chinese map services, to WGS 84 and back. Pure; degrees, as arrays.

GCJ-02 has no EPSG code and no published definition; the formula is the one in general use since 2010, on the ellipsoid of
Krasovsky. It is inverted by iteration, to better than a millimetre. CGCS2000 differs from WGS 84 by centimetres and is taken as it is.
"""

import numpy as np
from numpy.typing import NDArray

DATUMS = ("wgs84", "cgcs2000", "gcj02", "bd09")
Floats = NDArray[np.float64]
AXIS, FLATNESS = 6_378_245.0, 0.00669342162296594323
BD_TURN = np.pi * 3000.0 / 180.0
EXACT = 1e-10  # degrees


def to_wgs84(points: Floats, datum: str) -> Floats:
    """Points (n, 2) as lon, lat in WGS 84; ValueError for a datum that is not one of DATUMS."""
    if datum not in DATUMS:
        raise ValueError(f"{datum}: no datum; choose one of {', '.join(DATUMS)}")
    if datum == "gcj02":
        return _inverse(points)
    return _inverse(_bd_to_gcj(points)) if datum == "bd09" else points


def to_gcj02(points: Floats) -> Floats:
    """Points in WGS 84 as GCJ-02; what lies outside of China is not shifted."""
    lon, lat = points[:, 0], points[:, 1]
    inside = (lon > 72.004) & (lon < 137.8347) & (lat > 0.8293) & (lat < 55.8271)
    return np.asarray(points + np.where(inside[:, None], _shift(lon, lat), 0.0), dtype=np.float64)


def to_bd09(points: Floats) -> Floats:
    """Points in WGS 84 as BD-09."""
    x, y = to_gcj02(points).T
    far = np.hypot(x, y) + 0.00002 * np.sin(y * BD_TURN)
    turn = np.arctan2(y, x) + 0.000003 * np.cos(x * BD_TURN)
    return np.column_stack([far * np.cos(turn) + 0.0065, far * np.sin(turn) + 0.006])


def _bd_to_gcj(points: Floats) -> Floats:
    x, y = points[:, 0] - 0.0065, points[:, 1] - 0.006
    far = np.hypot(x, y) - 0.00002 * np.sin(y * BD_TURN)
    turn = np.arctan2(y, x) - 0.000003 * np.cos(x * BD_TURN)
    return np.column_stack([far * np.cos(turn), far * np.sin(turn)])


def _inverse(points: Floats) -> Floats:
    found = points.copy()
    for _ in range(30):
        off = to_gcj02(found) - points
        found -= off
        if not len(off) or np.abs(off).max() < EXACT:
            break
    return found


def _shift(lon: Floats, lat: Floats) -> Floats:
    """How far GCJ-02 lies from WGS 84, in degrees."""
    x, y = lon - 105.0, lat - 35.0
    wave = 20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x))
    north += (wave + 20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    north += (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x))
    east += (wave + 20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    east += (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    angle = np.radians(lat)
    magic = 1.0 - FLATNESS * np.sin(angle) ** 2
    root = np.sqrt(magic)
    return np.column_stack([
        east * 180.0 / (AXIS / root * np.cos(angle) * np.pi),
        north * 180.0 / (AXIS * (1.0 - FLATNESS) / (magic * root) * np.pi),
    ])  # fmt: skip
