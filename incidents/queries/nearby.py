"""The same thing reported before: open cases close to a place, and closed ones whose trouble is back."""

from dataclasses import dataclass
from datetime import timedelta

from django.contrib.gis.db.models import PointField
from django.contrib.gis.geos import Point, Polygon
from django.db.models import F, FloatField, Func, QuerySet, Value
from django.utils import timezone

from gridmap import geo
from gridmap.models import User
from incidents.events import Card
from incidents.models import Incident, IncidentClass
from incidents.queries.catalogue import class_by_key
from incidents.queries.visible import cards, visible_to
from incidents.workflow import OPEN, State

MOST = 6  # suggestions; more than fit a tablet's screen help nobody


@dataclass(frozen=True)
class Near:
    """A case close to a place."""

    card: Card
    distance_m: int  # on the ellipsoid, rounded
    yours: bool  # the user reported it, first or again


class Metres(Func):
    """The distance between a point of a row and a place, in metres on the ellipsoid."""

    template = "st_distance(%(expressions)s)"
    arg_joiner = "::geography, "
    output_field = FloatField()

    def __init__(self, column: str, place: Point) -> None:
        super().__init__(
            F(column), Func(Value(place, output_field=PointField()), template="%(expressions)s::geography")
        )


def within(rows: "QuerySet[Incident]", place: Point, metres: float) -> "QuerySet[Incident]":
    """The rows at most so many metres from a place (EPSG:4326), nearest first, with `away` in metres."""
    box = Polygon.from_bbox(geo.box_3857(place.x, place.y, metres))
    box.srid = 3857
    found = rows.filter(point_3857__bboverlaps=box).annotate(away=Metres("point", place))
    return found.filter(away__lte=metres).order_by("away", "-reported_at")


def nearby(user: User, lon: float, lat: float, class_key: str) -> list[Near]:
    """Open cases of a class near a place (degrees) that the user may see, nearest first; radius and age are the class's.

    Raises unknown_class.
    """
    klass = class_by_key(class_key)
    since = timezone.now() - timedelta(days=klass.near_days)
    rows = visible_to(user).filter(klass=klass, state__in=OPEN, reported_at__gte=since)
    found = list(within(rows.select_related("klass", "department"), Point(lon, lat, srid=4326), klass.near_m)[:MOST])
    yours = {i.pk for i in found if user.pk in (i.reporter_id, *i.joined_by)}
    return [
        Near(card, round(row.away), row.pk in yours)  # type: ignore[attr-defined]  # annotated
        for card, row in zip(cards(found), found, strict=True)
    ]


# Rule 9 of the domain: a new case at the place of a closed one is linked to it. Part of the statement that opens a
# case; needs the parameters of that statement and the box around.
RECURRENCE = """(
    select earlier.id from incidents_incident earlier join incidents_incidentclass k on k.id = earlier.klass_id
    where earlier.klass_id = %(klass)s and earlier.street = %(stream)s and earlier.state = 'closed' and earlier.id <> %(id)s
        and earlier.point_3857 && st_makeenvelope(%(west)s, %(south)s, %(east)s, %(north)s, 3857)
        and earlier.closed_at > %(reported_at)s::timestamptz - make_interval(days => k.recur_days)
        and st_dwithin(earlier.point::geography, st_setsrid(st_makepoint(%(lon)s, %(lat)s), 4326)::geography, k.recur_m)
    order by earlier.closed_at desc limit 1)"""


def recurrence_params(klass: IncidentClass, lon: float | None, lat: float | None) -> dict[str, float | None]:
    """The box that RECURRENCE asks the index for; a case without a place recurs nowhere."""
    sides = ("west", "south", "east", "north")
    if lon is None or lat is None:
        return dict.fromkeys(sides)
    return dict(zip(sides, geo.box_3857(lon, lat, klass.recur_m), strict=True))


def recurs(incident: Incident) -> Incident | None:
    """The closed case whose trouble this one is again: same class and street, latest first; distance and days by class."""
    if incident.point is None:
        return None
    klass = incident.klass
    rows = Incident.objects.filter(
        klass=klass, street=incident.street, state=State.CLOSED,
        closed_at__gt=incident.reported_at - timedelta(days=klass.recur_days),
    ).exclude(pk=incident.pk)  # fmt: skip
    return within(rows, incident.point, klass.recur_m).order_by("-closed_at").first()
