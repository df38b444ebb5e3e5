"""OpenStreetMap extracts (.osm or .osm.gz) as rows of the base map.

Shapes are put together here: closed ways, and multipolygon relations from their member ways; what an extract cut
open is left out. Pure: no Django, no database.
"""

import gzip
import math
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from xml.etree.ElementTree import Element, ParseError, iterparse

import shapely
from shapely import LineString, Point, Polygon, box
from shapely.geometry.base import BaseGeometry

from layers import osm_tags
from layers.rows import METRES_PER_DEGREE, FeatureRow

ATTRIBUTION = "© OpenStreetMap contributors, ODbL 1.0"
LICENCE = "ODbL-1.0"
MARGIN = 250.0  # metres around the extract within which the ends of long ways are kept


class OsmError(ValueError):
    """The file cannot be used; the text says why and what to do."""


@dataclass(slots=True)
class Way:
    refs: list[int]
    tags: dict[str, str]


@dataclass(slots=True)
class Relation:
    members: list[tuple[str, int, str]]  # type, id, role
    tags: dict[str, str]


@dataclass(slots=True)
class Extract:
    """An extract as it was read. `bounds` are west, south, east, north in degrees, if the file gives them."""

    bounds: tuple[float, float, float, float] | None = None
    nodes: dict[int, tuple[float, float]] = field(default_factory=dict)
    tagged: dict[int, dict[str, str]] = field(default_factory=dict)
    ways: dict[int, Way] = field(default_factory=dict)
    relations: list[Relation] = field(default_factory=list)

    @property
    def outline(self) -> Polygon:
        """The land the extract covers: its bounds, or the hull of its points."""
        if self.bounds:
            return box(*self.bounds)
        hull = shapely.convex_hull(shapely.multipoints(list(self.nodes.values())))
        if not isinstance(hull, Polygon):
            raise OsmError("the file has too few points to enclose any land: take a larger extract")
        return hull


def read(path: Path) -> Extract:
    """Read an extract; OsmError says in one sentence what is wrong with a bad file."""
    try:
        with _opened(path) as file:
            extract = _parse(file)
    except FileNotFoundError:
        raise OsmError(f"there is no file {path}") from None
    except IsADirectoryError:
        raise OsmError(f"{path} is a folder: name one .osm or .osm.gz file") from None
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise OsmError(f"{path.name} is damaged or not gzip ({error}): download it again") from None
    except ParseError as error:
        raise OsmError(f"{path.name} is not OpenStreetMap XML ({error}): export it as .osm, not as .pbf") from None
    if not extract.nodes:
        raise OsmError(f"{path.name} holds no points: the extract is empty")
    return extract


def _opened(path: Path) -> IO[bytes] | gzip.GzipFile:
    with path.open("rb") as file:
        start = file.read(2)
    if not start:
        raise OsmError(f"{path.name} is empty")
    return gzip.open(path) if start == b"\x1f\x8b" else path.open("rb")


def _parse(file: IO[bytes] | gzip.GzipFile) -> Extract:
    extract = Extract()
    events = iterparse(file, events=("start", "end"))  # noqa: S314  # expat of Python 3.11 limits entities
    _, root = next(events)
    if root.tag != "osm":
        raise OsmError(
            f"this is XML, but its first element is <{root.tag}> and not <osm>: export it as OpenStreetMap XML"
        )
    for event, element in events:
        if event == "end" and element.tag in ("node", "way", "relation", "bounds"):
            _take(extract, element)
            root.clear()
    return extract


def _take(extract: Extract, element: Element) -> None:
    if element.tag == "bounds":
        extract.bounds = tuple(float(element.attrib[key]) for key in ("minlon", "minlat", "maxlon", "maxlat"))  # type: ignore[assignment]  # four of them
        return
    try:
        number = int(element.attrib["id"])
        tags = {tag.attrib["k"]: tag.attrib["v"] for tag in element.iter("tag")}
        if element.tag == "node":
            extract.nodes[number] = (float(element.attrib["lon"]), float(element.attrib["lat"]))
            if tags:
                extract.tagged[number] = tags
        elif element.tag == "way":
            extract.ways[number] = Way([int(nd.attrib["ref"]) for nd in element.iter("nd")], tags)
        else:
            members = [
                (m.attrib["type"], int(m.attrib["ref"]), m.attrib.get("role", "")) for m in element.iter("member")
            ]
            extract.relations.append(Relation(members, tags))
    except (KeyError, ValueError) as error:
        raise OsmError(f"a <{element.tag}> of the file lacks what it needs ({error}): the file is damaged") from None


# --- features ---


def features(extract: Extract) -> list[FeatureRow]:
    """Everything the base map draws, cut a little outside the outline of the extract, without repeats."""
    around = extract.outline.buffer(MARGIN / METRES_PER_DEGREE)
    shapely.prepare(around)
    found = []
    for row in _all(extract):
        geom = row.geom if row.layer == "building" or around.contains(row.geom) else row.geom.intersection(around)
        found += [_with(row, part) for part in _parts(geom, row.layer) if around.intersects(part)]
    return found


def _all(extract: Extract) -> Iterator[FeatureRow]:
    for way in extract.ways.values():
        line = _line(extract, way)
        if line is None:
            continue
        yield from _line_rows(line, way.tags)
        if line.is_closed:
            yield from _area_rows(Polygon(line.coords), way.tags)
    for relation in extract.relations:
        if relation.tags.get("type") == "multipolygon":
            yield from _area_rows(_multipolygon(extract, relation), relation.tags)
    for number, tags in extract.tagged.items():
        yield from _place_rows(Point(extract.nodes[number]), tags)


def _line(extract: Extract, way: Way) -> LineString | None:
    points = [extract.nodes[ref] for ref in way.refs if ref in extract.nodes]
    return LineString(points) if len(points) > 1 and len(set(points)) > 1 else None


def _line_rows(line: LineString, tags: osm_tags.Tags) -> Iterator[FeatureRow]:
    kind = osm_tags.road(tags)
    if kind:
        yield FeatureRow(layer="road", kind=kind, geom=line, name=osm_tags.name_of(tags))
    width = osm_tags.WATERWAYS.get(tags.get("waterway", ""))
    if width and tags.get("tunnel", "no") == "no" and not line.is_closed:
        kind = "river" if width > 5 else "stream"
        yield FeatureRow(layer="water", kind=kind, geom=_widened(line, width / 2), name=osm_tags.name_of(tags))


def _widened(line: LineString, metres: float) -> BaseGeometry:
    """A band around a line in degrees, as wide in the east as in the north."""
    shrink = math.cos(math.radians(line.centroid.y))
    flat = shapely.transform(line, lambda xy: xy * (shrink, 1.0))
    return shapely.transform(flat.buffer(metres / METRES_PER_DEGREE, quad_segs=4), lambda xy: xy / (shrink, 1.0))


def _area_rows(geom: BaseGeometry, tags: osm_tags.Tags) -> Iterator[FeatureRow]:
    if geom.is_empty or "highway" in tags or tags.get("area") == "no":
        return
    name = osm_tags.name_of(tags)
    for layer, kind in osm_tags.area_kinds(tags):
        floors = osm_tags.floors(tags) if layer == "building" else None
        yield FeatureRow(layer=layer, kind=kind, geom=geom, name=name, floors=floors)
    middle = shapely.make_valid(geom).representative_point()
    yield from _place_rows(middle, tags)


def _place_rows(point: Point, tags: osm_tags.Tags) -> Iterator[FeatureRow]:
    kind = osm_tags.place(tags)
    if kind:
        yield FeatureRow(layer="place", kind=kind, geom=point, name=osm_tags.name_of(tags))


def _multipolygon(extract: Extract, relation: Relation) -> BaseGeometry:
    """The land of a relation: outer rings less inner ones. Rings that the extract cut open are left out."""
    rings: dict[str, list[LineString]] = {"inner": [], "outer": []}
    for kind, number, role in relation.members:
        way = extract.ways.get(number) if kind == "way" else None
        line = _line(extract, way) if way else None
        if line is not None:
            rings["inner" if role == "inner" else "outer"].append(line)
    outer, inner = (_closed(lines) for lines in (rings["outer"], rings["inner"]))
    return outer.difference(inner)


def _closed(lines: list[LineString]) -> BaseGeometry:
    rings = shapely.get_parts(shapely.polygonize(lines))
    return shapely.union_all([shapely.make_valid(ring) for ring in rings])


def _parts(geom: BaseGeometry, layer: str) -> Iterator[BaseGeometry]:
    """A geometry made valid, in parts of the one dimension that its layer draws."""
    dimension = {"road": 1, "place": 0}.get(layer, 2)
    valid = geom if geom.is_valid else shapely.make_valid(geom)
    for part in shapely.get_parts(valid):
        if shapely.get_dimensions(part) == dimension and not part.is_empty and part.is_valid:
            yield part
        elif part.geom_type == "GeometryCollection":
            yield from _parts(part, layer)


def _with(row: FeatureRow, geom: BaseGeometry) -> FeatureRow:
    return FeatureRow(layer=row.layer, kind=row.kind, geom=geom, name=row.name, floors=row.floors)
