"""`manage.py import_areas FILE`: borders of divisions, communities or cells, as new areas or new borders of known ones."""

from pathlib import Path
from typing import Any

import shapely
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon
from django.core.management.base import BaseCommand, CommandError, CommandParser

from gridmap import actions, areacode, divisions
from gridmap.datum import DATUMS
from gridmap.models import Area

SAME = 5e-8  # degrees, half a centimetre


class Command(BaseCommand):
    help = (
        "Load areas from GeoJSON, GeoPackage, Shapefile, KML or whatever GDAL reads; nothing is stored with --dry-run."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--code-field", default="", help="column of the area code; else code, adcode, 区划代码 …")
        parser.add_argument("--name-field", default="", help="column of the name; else name, 名称 …")
        parser.add_argument(
            "--level", type=int, choices=range(1, 7), help="1 province … 6 cell, where zeros leave it open"
        )
        parser.add_argument("--datum", choices=DATUMS, default="wgs84", help="of coordinates in degrees")
        parser.add_argument("--provisional", action="store_true", help="codes or borders are not official")
        parser.add_argument("--dry-run", action="store_true")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        fields = divisions.Fields(options["code_field"], options["name_field"])
        try:
            found, refused = divisions.read(file, datum=options["datum"], fields=fields, level=options["level"])
        except divisions.DivisionsError as error:
            raise CommandError(str(error)) from error
        for one in refused:
            self.stderr.write(f"row {one.row}: {one.reason}")
        for division in found:
            if division.mended:
                self.stderr.write(f"{division.code} {division.name}: the border was not valid and was mended")
        if not found:
            raise CommandError("no row of the file is an area")
        known = Area.objects.in_bulk([division.code for division in found])
        ended = sorted(code for code, area in known.items() if area.valid_to)
        if ended:
            raise CommandError(f"these codes ended and are not given again: {', '.join(ended)}")
        self._check_cells(found, known)
        new = len(found) - len(known)
        if not options["dry_run"]:
            self._store(found, known, provisional=options["provisional"])
        lonely = sorted(_without_parents(found))
        if lonely:
            self.stderr.write(f"not loaded are the areas above: {', '.join(lonely)}")
        said = "would be stored" if options["dry_run"] else "stored"
        self.stdout.write(f"{new} new and {len(known)} known areas {said}, {len(refused)} rows refused")

    def _check_cells(self, found: list[divisions.Division], known: dict[str, Area]) -> None:
        """Cells in force are changed by a plan alone: it proves their borders, and hands on whatever lies in them."""
        cells = [one for one in found if areacode.level_of(one.code) == areacode.CELL]
        for community in sorted({one.code[:12] for one in cells}):
            in_force = Area.objects.filter(
                code__startswith=community, level=areacode.CELL, valid_to=None, provisional=False
            )
            if in_force.exclude(pk__in=[one.code for one in cells if _as_stored(one, known)]).exists():
                raise CommandError(
                    f"{community} has cells in force: draw or read the new ones on the page of plans (/plan), and publish them there"
                )
        for one in found:
            area = known.get(one.code)
            if area and area.level == areacode.COMMUNITY and not _as_stored(one, known):
                within = Area.objects.filter(code__startswith=one.code, level=areacode.CELL, valid_to=None)
                if within.exists():
                    self.stderr.write(f"{one.code}: its border moves, and its cells do not: plan them anew (/plan)")

    def _store(self, found: list[divisions.Division], known: dict[str, Area], *, provisional: bool) -> None:
        """What the file does not say of a known area stays as it is."""
        rows = []
        for division in found:
            area = known.get(division.code) or Area(code=division.code, provisional=provisional)
            border = GEOSGeometry(division.shape.wkb_hex, srid=4326)
            assert isinstance(border, MultiPolygon)
            area.name, area.geom = division.name, border
            area.households = area.households if division.households is None else division.households
            area.valid_to = None
            rows.append(area)
        try:
            actions.put_areas(rows)
        except ValueError as error:
            raise CommandError(str(error)) from error


def _as_stored(division: divisions.Division, known: dict[str, Area]) -> bool:
    """Whether a known area has this border already, to a centimetre."""
    area = known.get(division.code)
    if area is None or area.geom is None:
        return False
    return bool(shapely.from_wkb(bytes(area.geom.wkb)).symmetric_difference(division.shape).buffer(-SAME).is_empty)


def _without_parents(found: list[divisions.Division]) -> set[str]:
    above = {parent for division in found if (parent := areacode.parent_of(division.code))}
    above -= {division.code for division in found}
    return above - set(Area.objects.filter(pk__in=above).values_list("pk", flat=True))
