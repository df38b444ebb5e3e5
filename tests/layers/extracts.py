"""Small OpenStreetMap extracts, written out as such files are."""

import gzip
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import quoteattr

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<osm version="0.6" generator="test">\n'


@dataclass
class Extract:
    """Nodes are made as they are needed; `bounds` are west, south, east, north."""

    bounds: tuple[float, float, float, float] | None = (121.49, 31.28, 121.50, 31.29)
    _parts: list[str] = field(default_factory=list)
    _nodes: dict[tuple[float, float], int] = field(default_factory=dict)
    _next: int = 1

    def node(self, lon: float, lat: float, **tags: str) -> int:
        if (lon, lat) not in self._nodes or tags:
            self._nodes[lon, lat] = self._next
            self._parts.append(f'<node id="{self._next}" lon="{lon}" lat="{lat}">{_tags(tags)}</node>')
            self._next += 1
        return self._nodes[lon, lat]

    def way(self, points: list[tuple[float, float]], *, missing: int = 0, **tags: str) -> int:
        refs = [self.node(*point) for point in points] + [10**9 + i for i in range(missing)]
        number = self._next
        self._next += 1
        self._parts.append(
            f'<way id="{number}">' + "".join(f'<nd ref="{ref}"/>' for ref in refs) + f"{_tags(tags)}</way>"
        )
        return number

    def ring(self, west: float, south: float, east: float, north: float, **tags: str) -> int:
        corners = [(west, south), (east, south), (east, north), (west, north), (west, south)]
        return self.way(corners, missing=0, **tags)

    def relation(self, members: list[tuple[int, str]], **tags: str) -> None:
        inner = "".join(f'<member type="way" ref="{ref}" role="{role}"/>' for ref, role in members)
        self._parts.append(f'<relation id="1">{inner}{_tags({"type": "multipolygon", **tags})}</relation>')

    def text(self) -> str:
        west, south, east, north = self.bounds or (0, 0, 0, 0)
        bounds = f'<bounds minlat="{south}" minlon="{west}" maxlat="{north}" maxlon="{east}"/>\n' if self.bounds else ""
        return HEAD + bounds + "\n".join(self._parts) + "\n</osm>\n"

    def write(self, folder: Path, name: str = "extract.osm.gz") -> Path:
        path = folder / name
        data = self.text().encode()
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return path


def _tags(tags: dict[str, str]) -> str:
    pairs = ((key.replace("__", ":").rstrip("_"), value) for key, value in tags.items())
    return "".join(f"<tag k={quoteattr(key)} v={quoteattr(value)}/>" for key, value in pairs)
