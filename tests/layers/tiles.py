"""Reading vector tiles back, by GDAL and not by our own code."""

from pathlib import Path

import geopandas
import pyogrio
import pyproj


def xyz(lon: float, lat: float, z: int) -> tuple[int, int, int]:
    """The tile of a point in degrees."""
    x, y = pyproj.Transformer.from_crs(4326, 3857, always_xy=True).transform(lon, lat)
    side = 40_075_016.685578488 / 2**z
    return z, int((x + 20_037_508.342789244) / side), int((20_037_508.342789244 - y) / side)


def path(lon: float, lat: float, z: int) -> str:
    return "/".join(map(str, xyz(lon, lat, z)))


def layers(tile: bytes, folder: Path) -> dict[str, geopandas.GeoDataFrame]:
    """The layers of a tile, each as a table in tile coordinates."""
    file = folder / "tile.pbf"
    file.write_bytes(tile)
    return {name: pyogrio.read_dataframe(file, layer=name) for name in pyogrio.list_layers(file)[:, 0]}
