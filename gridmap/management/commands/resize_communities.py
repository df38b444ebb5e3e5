"""`manage.py resize_communities CODE`: proposes which communities to merge and divide. Nothing is changed by it."""

import json
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from gridmap.communitysizes import Profile, profiles
from gridmap.errors import ProblemError
from gridmap.models import Area
from gridmap.partition.communities import Study
from gridmap.queries.resizing import LEVELS, Wanted, study


class Command(BaseCommand):
    help = (
        "Propose which communities of a street (9 digits) or district (6) to merge and divide, as GeoJSON and a table."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", help="area code of a street or district")
        parser.add_argument(
            "--profile", choices=list(profiles()), default="law-2026", help="a size that is written down"
        )
        parser.add_argument("--least", type=int, help="instead of the profile's")
        parser.add_argument("--most", type=int, help="instead of the profile's")
        parser.add_argument("--across", action="store_true", help="communities of two streets may become one")
        parser.add_argument("--out", type=Path, default=Path("communities.geojson"))

    def handle(self, *args: Any, code: str, out: Path, **options: Any) -> None:
        started = time.monotonic()
        profile = profiles()[options["profile"]]
        wanted = _wanted(profile, options)
        if not Area.objects.filter(pk=code, level__in=LEVELS, valid_to=None).exists():
            raise CommandError(f"{code}: there is no such street or district in force; give 6 or 9 digits")
        try:
            _, found = study(code, wanted)
        except (ProblemError, ValueError) as error:
            raise CommandError(f"{code} cannot be looked at: {error}") from error
        try:
            out.write_text(json.dumps(found.feature_collection(), ensure_ascii=False), encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{out} cannot be written: {error}") from error
        own = wanted.least != profile.least or wanted.most != profile.most
        self._table(found, "own range" if own else profile.source_zh)
        self.stdout.write(f"in {time.monotonic() - started:.1f} s: {out}; nothing was changed")

    def _table(self, found: Study, ground: str) -> None:
        self.stdout.write(f"{found.size.least}-{found.size.most} {found.measure}: {ground}")
        for change, numbers in found.changes:
            places = [one for one in found.after if one.number in numbers]
            became = " + ".join(f"#{one.number} {one.counts.of(found.measure)} {one.fits}" for one in places)
            why = f" ({change.why})" if change.why else ""
            self.stdout.write(f"{change.kind:<6} {' + '.join(change.members)} -> {became}{why}")
        good = [sum(one.fits == "yes" for one in side) for side in (found.before, found.after)]
        proven = "proven to be the best choice" if found.proven else "not proven to be the best choice"
        self.stdout.write(
            f"{len(found.before)} communities, {good[0]} of the size -> {len(found.after)}, {good[1]} of the size; {proven}"
        )


def _wanted(profile: Profile, options: dict[str, Any]) -> Wanted:
    least = profile.least if options["least"] is None else options["least"]
    most = profile.most if options["most"] is None else options["most"]
    if not 1 <= least <= most:
        raise CommandError("--least and --most are numbers from 1, and --least is not above --most")
    return Wanted(least, most, profile.measure, options["across"])
