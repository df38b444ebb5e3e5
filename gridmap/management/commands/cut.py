"""`manage.py cut CODE`: proposes cells for a community and writes them as GeoJSON. Nothing is published."""

import json
import time
from pathlib import Path
from typing import Any

import shapely
from django.contrib.gis.geos import MultiPolygon
from django.core.management.base import BaseCommand, CommandError, CommandParser

from gridmap import areacode
from gridmap.models import Area
from gridmap.partition import propose
from gridmap.partition.cut import Ask
from gridmap.partition.ground import Count, CountsError, GroundRow, buildings_of, lines_of, read_counts, with_counts
from gridmap.partition.plots import Building
from gridmap.projection import to_metres, zone_of
from gridmap.queries.plans import counted
from layers.queries.ground import ground


class Command(BaseCommand):
    help = "Propose cells for a community (12 digits) as GeoJSON, without putting them in force."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", help="area code of the community, 12 digits")
        parser.add_argument("--method", choices=propose.METHODS, default="blocks")
        parser.add_argument("--target", type=int, default=400, help="households of a cell")
        parser.add_argument("--tolerance", type=float, default=0.1, help="share by which a cell may be off")
        parser.add_argument("--seed", type=int, default=0, help="the same seed gives the same cells")
        parser.add_argument("--out", type=Path, default=Path("cells.geojson"))
        parser.add_argument(
            "--households", type=Path, metavar="FILE",
            help="CSV with lon, lat, households, or GeoJSON with households; else the register and the buildings of the base map say it",
        )  # fmt: skip

    def handle(self, *args: Any, out: Path, **options: Any) -> None:
        started = time.monotonic()
        if options["target"] < 1 or not 0 < options["tolerance"] < 1:
            raise CommandError("--target is a number of households from 1, --tolerance a share between 0 and 1")
        code = options["code"]
        border = _border(code)
        outline = shapely.from_wkb(bytes(border.wkb))
        assert isinstance(outline, shapely.MultiPolygon)
        try:
            made = self._proposed(border, outline, options)
        except (ValueError, shapely.errors.GEOSException) as error:
            raise CommandError(f"{code} cannot be cut: {error}") from error
        try:
            out.write_text(json.dumps(made.feature_collection(), ensure_ascii=False), encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{out} cannot be written: {error}") from error
        self._report(made, out, time.monotonic() - started)

    def _proposed(
        self, border: MultiPolygon, outline: shapely.MultiPolygon, options: dict[str, Any]
    ) -> propose.Proposal:
        zone = zone_of(outline.centroid.x)
        rows = [
            GroundRow(layer, kind, households, shapely.from_wkb(wkb), floors)
            for layer, kind, households, floors, wkb in ground(border, zone)
        ]
        buildings = self._counted(buildings_of(rows), options, to_metres(outline, zone), zone)
        ask = Ask(options["target"], options["tolerance"], options["seed"])
        return propose.propose(outline, lines_of(rows), buildings, method=options["method"], ask=ask)

    def _counted(
        self, buildings: list[Building], options: dict[str, Any], outline: shapely.MultiPolygon, zone: int
    ) -> list[Building]:
        file: Path | None = options["households"]
        try:
            counts = (
                read_counts(file)
                if file
                else [Count(shapely.Point(lon, lat), homes) for lon, lat, homes in counted(options["code"])]
            )
        except CountsError as error:
            raise CommandError(str(error)) from error
        metres = [Count(to_metres(one.shape, zone), one.households) for one in counts]
        buildings = with_counts(buildings, metres, outline, whole=file is not None)
        if not sum(building.households for building in buildings):
            raise CommandError(
                "no households are known here: give counts with --households FILE (lon, lat, households)"
            )
        return buildings

    def _report(self, made: propose.Proposal, out: Path, seconds: float) -> None:
        sums = [cell.figures.households for cell in made.cells]
        fits = sum(cell.figures.in_range for cell in made.cells)
        only = "; for statistics only, not to be published" if made.for_statistics_only else ""
        self.stdout.write(
            f"{len(sums)} cells of {min(sums)}-{max(sums)} households, {fits} of them with 300-500, "
            f"in {seconds:.1f} s: {out}{only}"
        )


def _border(code: str) -> MultiPolygon:
    if not areacode.is_valid(code) or areacode.level_of(code) != areacode.COMMUNITY:
        raise CommandError(f"{code}: give the 12 digits of a community, for example 990101001001")
    area = Area.objects.filter(pk=code, valid_to=None).first()
    if area is None or area.geom is None:
        raise CommandError(
            f"{code}: there is no such community in force with a border; load it with import_areas first"
        )
    return area.geom
