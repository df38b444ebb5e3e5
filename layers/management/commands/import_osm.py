"""`manage.py import_osm FILE --street CODE`: a real OpenStreetMap extract as base map, and as provisional areas."""

import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.management.base import BaseCommand, CommandError, CommandParser

from gridmap import actions as kernel
from gridmap import areacode
from gridmap.models import Area, Role
from layers import osm, provisional
from layers.actions import SourceSpec, put_provisional_areas, replace_features
from layers.models import SourceKind
from layers.rows import FeatureRow

DEMO_PASSWORD = "gridmap-demo"  # noqa: S105  # made known on purpose, refused in production


class Command(BaseCommand):
    help = "Load an OpenStreetMap extract (.osm or .osm.gz); its outline becomes the street if that has no border yet."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--street", required=True, help="area code of the street, 9 digits")
        parser.add_argument("--name", default="", help="name of the street")
        parser.add_argument("--name-en", default="", help="its English name")
        parser.add_argument(
            "--above", action="append", default=[], metavar="CODE=NAME", help="name of a division above it; repeatable"
        )
        parser.add_argument(
            "--demo-users", action="store_true", help="make a worker, a director and a handler (demo only)"
        )

    def handle(self, *args: Any, file: Path, street: str, **options: Any) -> None:
        if not areacode.is_valid(street) or areacode.level_of(street) != areacode.STREET:
            raise CommandError(f"--street {street}: give the 9 digits of a street, for example 310110009")
        if options["demo_users"] and settings.PRODUCTION:
            raise CommandError("--demo-users is for demonstrations: make real accounts in production")
        names = _names(street, options)
        started = time.monotonic()
        try:
            extract = osm.read(file)
            rows = osm.features(extract)
            outline = extract.outline
        except osm.OsmError as error:
            raise CommandError(str(error)) from error
        compounds = [(row.name, row.geom) for row in rows if row.layer == "compound" and row.kind == "residential"]
        cells = put_provisional_areas(street, outline, compounds, names=names)
        spec = SourceSpec(
            key=f"osm-{street}", name=f"OpenStreetMap {names.get(street, (street, ''))[0]}", kind=SourceKind.OSM, area_code=street,
            attribution=osm.ATTRIBUTION, licence=osm.LICENCE,
        )  # fmt: skip
        source = replace_features(spec, rows)
        self._report(rows, cells, f"version {source.version} in {time.monotonic() - started:.1f} s")
        if options["demo_users"]:
            self._demo_users(street)

    def _report(self, rows: list[FeatureRow], cells: int, how: str) -> None:
        counts = {
            layer: sum(row.layer == layer for row in rows)
            for layer in ("road", "building", "water", "green", "compound", "place")
        }
        said = ", ".join(f"{count} {layer}" for layer, count in counts.items())
        areas = f"{cells} provisional cells" if cells else "the street has official borders, its areas stay as they are"
        self.stdout.write(f"{said}; {areas}; {how}")
        self.stdout.write(osm.ATTRIBUTION)

    def _demo_users(self, street: str) -> None:
        """Three people who can take a case from report to close here."""
        place = Area.objects.get(pk=street)
        team = kernel.put_department(
            f"team-{street}", name="综合执法", name_en="Urban management team", area_code=street,
        )  # fmt: skip
        people = (
            ("worker", f"{place.name}网格员", [(Role.WORKER, None)]),
            ("director", f"{place.name}主任", [(Role.DIRECTOR, None), (Role.DISPATCHER, None), (Role.ACCEPTOR, None)]),
            ("handler", f"{place.name}处置员", [(Role.HANDLER, team)]),
        )
        for prefix, name, grants in people:
            user = kernel.put_user(f"{prefix}-{street}", name=name, password_hash=make_password(DEMO_PASSWORD))
            for role, department in grants:
                kernel.grant(user, role, street, department=department)
            self.stdout.write(f"{user.username}  {name}")


def _names(street: str, options: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """What the divisions are called: the project's own list, then what was given."""
    names = provisional.division_names()
    for pair in options["above"]:
        code, _, name = pair.partition("=")
        if not areacode.is_valid(code) or not name:
            raise CommandError(f"--above {pair}: write a code and a name, for example 310110=杨浦区")
        names[code] = (name, "")
    if options["name"]:
        names[street] = (options["name"], options["name_en"])
    return names
