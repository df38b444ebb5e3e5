"""Reads of the kernel: areas in scope, who a user is, the log since a cursor, who is on duty."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone

from gridmap import access, areacode, geo
from gridmap.errors import ProblemError
from gridmap.models import Area, Department, Duty, Grant, StreamHead, User

REPLAY_LIMIT = 5000  # events a client may be behind before a fresh snapshot is cheaper

# The view action of each domain of events ("incident.filed" is seen by who has "incident.view").
VIEWS = {action.split(".")[0]: action for action in access.TABLE if action.endswith(".view")}

EVENT_JSON = """json_build_object('stream', e.stream, 'seq', e.seq, 'kind', e.kind, 'at', to_char(
    e.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'area', e.area_code, 'object', e.object_id,
    'version', e.object_version, 'payload', e.payload)::text"""


def areas_in_scope(user: User, level: int | None = None) -> QuerySet[Area]:
    """Areas in force that the user may see, with the ancestors that give them their names."""
    scope = access.scope_of(user, "area.view")
    above = {code for clause in scope.clauses for code in areacode.ancestors(clause.prefix)}
    prefixes = Q(pk__in=above)
    for clause in scope.clauses:
        prefixes |= Q(code__startswith=clause.prefix)
    found = Area.objects.filter(prefixes, valid_to__isnull=True)
    return found.filter(level=level) if level else found


def areas_geojson(user: User, level: int) -> bytes:
    """Borders of one level in the user's scope as GeoJSON bytes."""
    condition, params = access.scope_of(user, "area.view").sql("code")
    select = f"""select code as id, geom, json_build_object('name', name, 'kind', kind) as properties
        from gridmap_area where level = %s and valid_to is null and geom is not null and {condition}"""
    return geo.feature_collection(select, [level, *params])


def area_names(codes: Iterable[str]) -> dict[str, str]:
    return dict(Area.objects.filter(pk__in=set(codes)).values_list("code", "name"))


def cells_after(code: str) -> list[dict[str, str]]:
    """The cells in force that follow a cell that ended, however often it was cut anew, by code."""
    sql = """with recursive after as (select successor_id as code from gridmap_areasuccessor where predecessor_id = %s
            union select s.successor_id from gridmap_areasuccessor s join after a on s.predecessor_id = a.code)
        select a.code, a.name from gridmap_area a join after using (code)
        where a.valid_to is null and a.level = %s order by a.code"""
    with connection.cursor() as cursor:
        cursor.execute(sql, [code, areacode.CELL])
        return [{"code": one, "name": name} for one, name in cursor.fetchall()]


def area_centers(codes: Iterable[str]) -> dict[str, tuple[tuple[float, float], tuple[float, float, float, float]]]:
    """(centre, bounds) in degrees of each area that has a geometry; the centre lies inside."""
    sql = """select code, st_x(c), st_y(c), st_xmin(geom), st_ymin(geom), st_xmax(geom), st_ymax(geom)
        from (select code, geom, st_pointonsurface(geom) c from gridmap_area where code = any(%s) and geom is not null) a"""
    with connection.cursor() as cursor:
        cursor.execute(sql, [list(codes)])
        return {row[0]: ((row[1], row[2]), (row[3], row[4], row[5], row[6])) for row in cursor.fetchall()}


def scope_bounds(user: User) -> tuple[float, float, float, float] | None:
    """(west, south, east, north) in degrees of all that the user serves, None where nothing is drawn."""
    condition, params = access.scope_of(user, "area.view").sql("code")
    sql = f"""select st_xmin(b), st_ymin(b), st_xmax(b), st_ymax(b)
        from (select st_extent(geom) b from gridmap_area where valid_to is null and {condition}) x where b is not null"""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        row = cursor.fetchone()
    return tuple(row) if row else None


@dataclass(frozen=True)
class Place:
    cell: Area | None
    community: Area | None
    street: Area | None


def locate(lon: float, lat: float) -> Place:
    """The cell, community and street of a point in degrees; `point_outside` outside every area."""
    code = geo.locate(lon, lat)
    if code is None:
        raise ProblemError("point_outside", fields={"lon": "point_outside", "lat": "point_outside"})
    found = Area.objects.in_bulk(areacode.ancestors(code))
    at = [
        found.get(areacode.ancestor_at(code, level) or "")
        for level in (areacode.CELL, areacode.COMMUNITY, areacode.STREET)
    ]
    return Place(*at)


def departments_in_scope(user: User) -> QuerySet[Department]:
    """Departments in force that serve the areas a user sees: those of the same branch of the tree."""
    wanted = Q(pk__in=[])
    for clause in access.scope_of(user, "department.view").clauses:
        wanted |= Q(area_code__startswith=clause.prefix) | Q(area_code__in=areacode.ancestors(clause.prefix))
    return departments_in_force().filter(wanted)


def departments_in_force() -> QuerySet[Department]:
    """Departments that have not ended before today."""
    return Department.objects.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=timezone.localdate()))


def hold_department(department: int) -> Department | None:
    """The department if it is in force; it then does not end before this transaction does. Many may hold it at once.

    Whoever ends it locks its row as well, and so meets everything that was given to it before.
    """
    sql = "select * from gridmap_department where id = %s and (valid_to is null or valid_to >= %s) for share"
    return next(iter(Department.objects.raw(sql, [department, timezone.localdate()])), None)


TREE_LOCK = 0x6465706172746D65  # any number that nobody else uses


def lock_tree() -> None:
    """Wait until nobody else changes the tree of departments, and let nobody begin before this transaction has ended.

    A ring of parents would take two changes at once, each of them right by itself.
    """
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [TREE_LOCK])


# --- people ---


def people_in_reach(user: User) -> QuerySet[User]:
    """Those whose every grant lies where the user manages grants: who also serves elsewhere is managed from there."""
    scope = access.scope_of(user, "grant.manage")
    if not scope.clauses:
        return User.objects.none()
    return User.objects.exclude(pk__in=Grant.objects.exclude(scope.q()).values("user"))


def people_found(user: User, words: str, most: int) -> list[User]:
    """People in reach who serve somewhere, by name, with their grants; `words` is part of the name or of the account."""
    found = people_in_reach(user).filter(is_active=True, grants__isnull=False)
    if words:
        found = found.filter(Q(name__icontains=words) | Q(username__icontains=words))
    return list(found.distinct().prefetch_related("grants__department").order_by("name", "pk")[:most])


def people_shown(people: Iterable[User]) -> list[dict[str, Any]]:
    """People with the roles that they hold, and where."""
    rows = [(one, list(one.grants.all())) for one in people]
    names = area_names(given.area_code for _, grants in rows for given in grants)
    return [
        {"id": one.pk, "username": one.username, "name": str(one), "grants": [_grant(given, names) for given in grants]}
        for one, grants in rows
    ]  # fmt: skip


def _grant(given: Grant, names: dict[str, str]) -> dict[str, Any]:
    team = given.department
    return {
        "id": given.pk, "role": given.role, "area": given.area_code, "area_name": names.get(given.area_code, given.area_code),
        "department": team and {"id": team.pk, "name": team.name, "name_en": team.name_en},
    }  # fmt: skip


# --- the log ---


def event_scope(user: User) -> tuple[str, list[Any]]:
    """The events a user may see as a SQL condition over `e`: by domain and area, or because they concern her.

    What concerns her by name in a domain that she has no part in any more is not hers to hear; grants always are.
    """
    parts: list[str] = ["(e.kind like 'grant.%%' and e.persons @> %s::bigint[])"]
    params: list[Any] = [[user.pk]]
    for domain, view in VIEWS.items():
        scope = access.scope_of(user, view)
        condition, values = scope.sql("e.area_code", "e.departments", "e.persons" if scope.clauses else "")
        parts.append(f"(e.kind like %s and {condition})")
        params += [f"{domain}.%", *values]
    return f"({' or '.join(parts)})", params


def in_reach(stream: str, prefixes: Iterable[str]) -> bool:
    """Whether a stream can hold events under one of the prefixes."""
    return any(stream.startswith(prefix) or areacode.stream_of(prefix) == stream for prefix in prefixes)


def prefixes_of(user: User) -> set[str]:
    return {clause.prefix for view in VIEWS.values() for clause in access.scope_of(user, view).clauses}


def heads(user: User) -> dict[str, StreamHead]:
    """The head of every stream in the user's reach. Read before a snapshot, it is a lower bound of what that shows."""
    prefixes = prefixes_of(user)
    return {head.stream: head for head in StreamHead.objects.all() if in_reach(head.stream, prefixes)}


@dataclass
class Since:
    events: list[str]
    cursors: dict[str, tuple[str, int]]
    reset: list[tuple[str, str]]
    more: bool


def events_since(user: User, cursors: dict[str, tuple[str, int]], limit: int) -> Since:
    """What came after the cursors {stream: (epoch, seq)}, as JSON texts in order, at most `limit` in all.

    Each stream's new cursor is its head, or the last event given if more remain. A cursor that the log cannot
    continue (other epoch, purged, too far behind, ahead of the head) is answered by a reset with the reason.
    """
    answer = Since([], {}, [], False)
    condition, params = event_scope(user)
    for stream, head in sorted(heads(user).items()):
        answer.cursors[stream] = (head.epoch, head.seq)
        # A client that has cursors and none here met this stream after it began: it is told from the beginning.
        epoch, seq = cursors.get(stream, (head.epoch, head.min_seq - 1 if cursors else head.seq))
        reason = _reset_reason(head, epoch, seq)
        if reason:
            answer.reset.append((stream, reason))
        elif seq < head.seq:
            left = limit - len(answer.events)
            rows = _read(stream, seq, head.seq, condition, params, left + 1)
            if len(rows) > left:
                rows, answer.more = rows[:left], True
                answer.cursors[stream] = (head.epoch, rows[-1][0] if rows else seq)
            answer.events += [text for _, text in rows]
    return answer


def _reset_reason(head: StreamHead, epoch: str, seq: int) -> str:
    if epoch != head.epoch:
        return "epoch"
    if seq + 1 < head.min_seq:
        return "purged"
    if seq > head.seq:
        return "ahead"
    return "too_far" if head.seq - seq > REPLAY_LIMIT else ""


def _read(stream: str, after: int, until: int, condition: str, params: list[Any], limit: int) -> list[tuple[int, str]]:
    sql = f"""select e.seq, {EVENT_JSON} from gridmap_streamevent e
        where e.stream = %s and e.seq > %s and e.seq <= %s and {condition} order by e.seq limit %s"""
    with connection.cursor() as cursor:
        cursor.execute(sql, [stream, after, until, *params, limit])
        return [(seq, text) for seq, text in cursor.fetchall()]


# --- duty ---


def on_duty(user: User) -> QuerySet[Duty]:
    """Workers on duty whom the user may see: those of her area, and herself."""
    scope = access.scope_of(user, "duty.view")
    return (
        Duty.objects.filter(scope.q() | Q(user=user), user__is_active=True).select_related("user").order_by("user_id")
    )


def is_on_duty(user: User) -> bool:
    return Duty.objects.filter(user=user).exists()
