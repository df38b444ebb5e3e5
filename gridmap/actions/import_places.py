"""Addresses of an import become places: known ones by their natural keys, others are made where that is wished."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from gridmap import areacode
from gridmap.actions.register import title_of
from gridmap.intake.columns import masked
from gridmap.intake.judge import SHOWN, Refusal, Wanted
from gridmap.models import Place
from gridmap.register import checks
from gridmap.register.kinds import PLACE
from gridmap.uuid7 import uuid7

ROOM = re.compile(r"[A-Za-z]?\d+([-#]\d+)*(室|房)?")  # 502, A-502, 3-502室; a house in a street has 号
COMMUNITY = areacode.WIDTHS[areacode.COMMUNITY - 1]


@dataclass(frozen=True, slots=True)
class Spot:
    """A place as far as what lies in it must know."""

    id: UUID
    kind: str
    title: str
    area: str


@dataclass(slots=True)
class Row:
    """A row on its way: what it wishes for, where it lies, to which place it belongs."""

    wanted: Wanted
    area: str = ""
    spot: Spot | None = None
    key: str = ""
    keys: tuple[str, ...] = ()  # that the part of the address may have which is looked at


@dataclass
class Places:
    """The places that addresses name. `made` are new ones, wholes before parts, to be stored by whoever asked."""

    kind: str  # of the records that belong to them
    make: bool
    known: dict[str, Spot] = field(default_factory=dict)
    made: list[Place] = field(default_factory=list)
    used: set[UUID] = field(default_factory=set)  # by rows that are taken

    def settle(self, rows: list[Row]) -> tuple[list[Row], list[Refusal]]:
        """Give each row the innermost place that its address names; rows whose address is not known are refused."""
        refused: list[Refusal] = []
        for depth in range(max((len(row.wanted.path) for row in rows), default=0)):
            here = [row for row in rows if len(row.wanted.path) > depth]
            keys: dict[tuple[Any, ...], tuple[str, ...]] = {}
            for row in here:
                same = (row.spot.id if row.spot else row.area[:COMMUNITY], *row.wanted.path[depth])
                row.keys = keys.get(same) or keys.setdefault(same, self._keys(row, depth))
            self._look_up(key for some in keys.values() for key in some)
            left = {id(row): fault for row in here if (fault := self._enter(row, depth))}
            refused += left.values()
            rows = [row for row in rows if id(row) not in left]
        return rows, refused

    def _kinds(self, part: str) -> tuple[str, ...]:
        if part != "room":
            return (part,)
        return ("premises", "dwelling") if self.kind == "organisation" else ("dwelling", "premises")

    def use(self, row: Row, own: Place | None) -> None:
        """A row is taken: the place that it belongs to is needed, and it may itself be one that others belong to."""
        if row.spot:
            self.used.add(row.spot.id)
        if own:
            self.known[row.key] = Spot(own.pk, own.kind, own.title, own.area_code)

    def drop_unused(self) -> None:
        """Forget the places that were made for rows which were refused after all."""
        for place in reversed(self.made):
            if place.pk in self.used and place.parent_id:
                self.used.add(place.parent_id)
        for place in self.made:
            if place.pk not in self.used:
                del self.known[place.natural_key]
        self.made = [place for place in self.made if place.pk in self.used]

    def _keys(self, row: Row, depth: int) -> tuple[str, ...]:
        part, name = row.wanted.path[depth]
        return tuple(self._key(row, kind, name) for kind in self._kinds(part))

    def _key(self, row: Row, kind: str, name: str) -> str:
        values = {"parent": row.spot and str(row.spot.id), "kind": kind, "name": name}
        return checks.natural_key(PLACE, values, row.area[:COMMUNITY])

    def _look_up(self, keys: Iterable[str]) -> None:
        wanted = set(keys) - self.known.keys()
        found = Place.objects.filter(natural_key__in=wanted, ended_at=None)
        for key, pk, kind, title, area in found.values_list("natural_key", "pk", "kind", "title", "area_code"):
            self.known[key] = Spot(pk, kind, title, area)

    def _enter(self, row: Row, depth: int) -> Refusal | None:
        part, name = row.wanted.path[depth]
        for key in row.keys:
            if spot := self.known.get(key):
                row.spot = spot
                row.area = row.area if row.wanted.point else spot.area
                return None
        kind = self._kinds(part)[0]
        above = row.spot.kind if row.spot else ""
        if part == "room" and above in ("", "compound") and ROOM.fullmatch(name):
            return Refusal(row.wanted.row, part, masked(part, name)[:SHOWN], "room_without_building")
        if not checks.may_stand_in(kind, above):
            return Refusal(row.wanted.row, part, masked(part, name)[:SHOWN], "wrong_parent")
        if not self.make:
            return Refusal(row.wanted.row, part, masked(part, name)[:SHOWN], "unknown_address")
        row.spot = self._make(row, kind, name, row.keys[0])
        return None

    def _make(self, row: Row, kind: str, name: str, key: str) -> Spot:
        title = title_of(PLACE, {"name": name}, row.spot.title if row.spot else "")
        spot = Spot(uuid7(), kind, title, row.area)
        self.known[key] = spot
        self.made.append(
            Place(
                id=spot.id, kind=kind, name=name[:60], parent_id=row.spot.id if row.spot else None, title=title, natural_key=key,
                area_code=row.area,
            )
        )  # fmt: skip
        return spot
