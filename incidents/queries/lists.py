"""Lists, figures and map tiles of incidents, filtered, in a user's scope."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from gridmap import access, areacode, geo
from gridmap.errors import ProblemError
from gridmap.models import Role, User
from incidents.events import Card
from incidents.models import Incident, Request, Verdict
from incidents.queries.search import said
from incidents.queries.visible import cards, visible_to
from incidents.workflow import IN_TURN, OPEN, State

CLUSTER_BELOW = 15  # zoom levels under this show groups of two and more
FEW = 8  # for three levels more, so many of one square are still drawn one by one
ALL = 1_000_000  # and then each of them, so that every case can be reached on the map
CLUSTERS_PER_TILE = 8
COUNTED = 2_000  # a search counts no further: nobody reads so many, and counting is what would take long
MOST = 10_000  # nor does any list


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What a list or a map shows; empty fields do not filter."""

    state: Sequence[str] = ()
    open: bool = False
    mine: str = ""  # "reported": by me; "todo": waiting for what I may do
    class_key: str = ""
    domain: str = ""
    department: int | None = None
    area: str = ""
    q: str = ""
    overdue: bool = False
    urgent: bool = False
    due_within: int | None = None  # minutes


def matching(user: User, filters: Filters) -> QuerySet[Incident]:
    """The visible incidents that match."""
    wanted = ((where, getattr(filters, name)) for name, where in _WHERE.items())
    return visible_to(user).filter(*(where(value, user) for where, value in wanted if value))


def _class(key: str) -> Q:
    scheme, _, rest = key.partition("/")
    domain, _, code = rest.partition("/")
    return Q(klass__scheme=scheme, klass__domain=domain, klass__code=code)


def _todo(user: User) -> Q:
    """What waits for the user: per role the states in which it is her turn."""
    turn = {
        Role.ACCEPTOR: (State.REPORTED, State.VERIFIED), Role.DISPATCHER: (State.FILED,),
        Role.DIRECTOR: (State.REPORTED, State.FILED, State.VERIFIED), Role.HANDLER: (State.ASSIGNED, State.IN_WORK),
        Role.WORKER: (State.VERIFYING, State.TO_VERIFY), Role.COMMUNITY: (State.VERIFYING, State.TO_VERIFY),
    }  # fmt: skip
    wanted = Q(pk__in=[])
    for role, prefix, department in access.grants_of(user).rows:
        waits = Q(state=State.WAITING) if role in access.TABLE["incident.resubmit"] else Q(pk__in=[])
        stage = Q(state=State.PROCESSING, stage_role=role)
        mine = (Q(state__in=turn.get(role, ())) | stage | waits | _asked(role, prefix)) & Q(
            area_code__startswith=prefix
        )
        wanted |= mine & Q(department=department) if department else mine
    own = Q(verifier=user, state__in=(State.VERIFYING, State.TO_VERIFY)) | Q(
        reporter=user, state=State.REPORTED, level="cell"
    )
    return (wanted | own) & ~Q(state=State.TO_VERIFY, handled_by=user)


def _asked(role: Role, prefix: str) -> Q:
    """Cases with a request that waits for the word of this role; a leader of the district has the second one of matters."""
    first, second = (
        Q(pk__in=Request.objects.filter(verdict=Verdict.OPEN, first_at__isnull=new).values("incident"))
        for new in (True, False)
    )
    if role is Role.DISPATCHER:
        return Q(state__in=IN_TURN) & first
    if role is Role.DIRECTOR:
        matter = second if areacode.level_of(prefix) < areacode.STREET else first
        return (Q(state__in=IN_TURN) & second) | (Q(state=State.PROCESSING) & matter)
    return Q(pk__in=[])


def _reported(user: User) -> Q:
    """What the user reported herself, or said of that she saw it too."""
    return Q(reporter=user) | Q(joined_by__contains=[user.pk])


def _due_within(minutes: int, user: User) -> Q:
    now = timezone.now()
    return Q(state__in=OPEN, due_at__gt=now, due_at__lte=now + timedelta(minutes=minutes))


_WHERE: dict[str, Callable[[Any, User], Q]] = {
    "state": lambda states, user: Q(state__in=states),
    "open": lambda yes, user: Q(state__in=OPEN),
    "mine": lambda which, user: _reported(user) if which == "reported" else _todo(user),
    "domain": lambda domain, user: Q(klass__domain=domain),
    "class_key": lambda key, user: _class(key),
    "department": lambda department, user: Q(department=department),
    "area": lambda code, user: Q(area_code__startswith=code),
    "q": lambda text, user: said(text),
    "overdue": lambda yes, user: Q(overdue=True, state__in=OPEN),
    "urgent": lambda yes, user: Q(urgent=True),
    "due_within": _due_within,
}


@dataclass(frozen=True)
class Page:
    items: list[Card]
    next: str | None
    total: int
    capped: bool  # there are at least `total`


def page(user: User, filters: Filters, *, order: str, cursor: str, limit: int) -> Page:
    """A page of cards, newest first or by due time (soonest first, then those without); keyset, so deep pages cost no more."""
    found = matching(user, filters)
    rows = found.order_by(F("due_at").asc(nulls_last=True) if order == "due" else F("reported_at").desc(), "id")
    # A list is counted along the index that the page walks; what is searched for, by the index of words.
    most = COUNTED if filters.q else MOST
    total = (found if filters.q else rows)[:most].count()
    rows = rows.select_related("klass", "department")
    if cursor:
        rows = rows.filter(_after(order, cursor))
    items = list(rows[: limit + 1])
    more = items[limit:] and items[limit - 1]
    following = f"{_key(order, more)}|{more.pk}" if more else None
    return Page(cards(items[:limit]), following, total, capped=total == most)


def _key(order: str, incident: Incident) -> str:
    moment = incident.due_at if order == "due" else incident.reported_at
    return moment.isoformat() if moment else ""


def _after(order: str, cursor: str) -> Q:
    moment_text, _, last = cursor.partition("|")
    try:
        last_id = UUID(last)
        moment = datetime.fromisoformat(moment_text).astimezone(UTC) if moment_text else None
    except (ValueError, OverflowError):
        raise ProblemError("invalid", fields={"cursor": "unknown"}) from None
    if order != "due":
        if moment is None:
            raise ProblemError("invalid", fields={"cursor": "unknown"})
        return Q(reported_at__lt=moment) | Q(reported_at=moment, id__gt=last_id)
    if moment is None:
        return Q(due_at__isnull=True, id__gt=last_id)
    return Q(due_at__gt=moment) | Q(due_at=moment, id__gt=last_id) | Q(due_at__isnull=True)


def summary(user: User) -> dict[str, int]:
    """The figures of the strip: open incidents in scope, by what they wait for."""
    now = timezone.now()
    return (
        visible_to(user)
        .filter(state__in=OPEN)
        .aggregate(
            open=Count("pk"),
            new=Count("pk", filter=Q(state=State.REPORTED)),
            due_hour=Count("pk", filter=Q(due_at__gt=now, due_at__lte=now + timedelta(hours=1))),
            overdue=Count("pk", filter=Q(overdue=True)),
            to_verify=Count("pk", filter=Q(state__in=(State.VERIFYING, State.TO_VERIFY))),
        )
    )


ON_MAP = (
    "id", "point_3857", "state", "urgent", "overdue", "klass__domain", "klass__name", "klass__name_en", "version",
)  # fmt: skip


CIRCUMFERENCE = 40_075_016.685578488  # of the earth in EPSG:3857, metres


def _within(z: int, x: int, y: int) -> str:
    """That a point lies in one tile and in no other, as SQL: boxes in an index are rounded, by a metre here."""
    side = CIRCUMFERENCE / 2**z
    west, north = x * side - CIRCUMFERENCE / 2, CIRCUMFERENCE / 2 - y * side
    return (
        f"st_x(geom) >= {west} and st_x(geom) < {west + side} and st_y(geom) <= {north} and st_y(geom) > {north - side}"
    )


def tile(user: User, filters: Filters, z: int, x: int, y: int) -> bytes:
    """A vector tile of matching incidents: single ones, and groups where many lie together (layers "incident" and "cluster")."""
    rows = matching(user, filters).filter(point__isnull=False).values_list(*ON_MAP)
    try:
        select, params = rows.query.sql_with_params()
    except EmptyResultSet:  # nothing can match: she may see none, or asks for what cannot be
        return b""
    columns = "s (id, geom, state, urgent, overdue, domain, title, title_en, version)"
    box = "st_tileenvelope(%s, %s, %s)"
    side = CIRCUMFERENCE / 2**z / CLUSTERS_PER_TILE  # metres of Web Mercator, only a drawing unit here
    few = 1 if z < CLUSTER_BELOW else FEW if z < CLUSTER_BELOW + 3 else ALL
    near = f"count(*) over (partition by floor(st_x(geom) / {side}), floor(st_y(geom) / {side}))"
    inside = f"select *, {near} as together from ({select}) {columns} where geom && {box} and {_within(z, x, y)}"
    single = geo.mvt_layer(
        "incident",
        f"""select st_asmvtgeom(geom, {box}, {geo.EXTENT}, 256) geom, id::text, state, urgent::int, overdue::int, domain, title,
            title_en, version from found where together <= {few}""",
    )
    group = geo.mvt_layer(
        "cluster",
        f"""select st_asmvtgeom(st_setsrid(st_makepoint(avg(st_x(geom)), avg(st_y(geom))), 3857), {box}, {geo.EXTENT}, 256) geom,
            count(*)::int as count, sum(urgent::int)::int as urgent, sum(overdue::int)::int as overdue
            from found where together > {few} group by floor(st_x(geom) / {side}), floor(st_y(geom) / {side})""",
    )
    where = [z, x, y]
    made = geo.fetch_value(
        f"with found as materialized ({inside}) select {single} || {group}", [*params, *where, *where, *where]
    )
    return bytes(made)
