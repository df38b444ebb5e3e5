"""What facts are made from: the events since a street was last looked at, and the logs of cases as pure entries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Exists, F, Func, IntegerField, OuterRef, Q, QuerySet

from gridmap.models import StreamEvent, StreamHead
from incidents import clock, counting, facts
from incidents.models import Assignment, CaseFact, FactCursor, Incident, Rating, Solved


@dataclass(frozen=True)
class Changed:
    """The cases that events concern, and up to which event of the street they were read."""

    cases: list[UUID]
    seq: int


def streets_behind() -> list[StreamHead]:
    """The streams whose log has gone on since facts were made of it."""
    seen = {c.stream: (c.epoch, c.seq) for c in FactCursor.objects.all()}
    return [head for head in StreamHead.objects.order_by("stream") if seen.get(head.stream) != (head.epoch, head.seq)]


def changed(stream: str, after: int, limit: int) -> Changed | None:
    """The cases of the next events of a stream; None when there are none. An import names its cases by having no facts yet."""
    rows = list(
        StreamEvent.objects.filter(stream=stream, seq__gt=after)
        .order_by("seq")
        .values_list("seq", "kind", "object_id")[:limit]
    )
    if not rows:
        return None
    ids = {UUID(key) for _, kind, key in rows if kind.startswith("incident.") and kind != "incident.imported"}
    if any(kind == "incident.imported" for _, kind, _ in rows):
        ids |= set(without_facts(stream).values_list("pk", flat=True))
    return Changed(sorted(ids), rows[-1][0])


def without_facts(stream: str) -> QuerySet[Incident]:
    return Incident.objects.filter(street=stream, fact__isnull=True)


def logs(street: str, ids: Iterable[UUID]) -> dict[str, list[facts.Entry]]:
    """The log of each case, oldest first; only what facts need is read."""
    sql = """select object_id, created_at, kind, payload->>'state', (payload->>'department')::bigint, payload->>'due_at'
        from gridmap_streamevent where stream = %s and object_id = any(%s) and kind like 'incident.%%' order by object_id, seq"""
    found: dict[str, list[facts.Entry]] = {}
    with connection.cursor() as cursor:
        cursor.execute(sql, [street, [str(key) for key in ids]])
        for key, at, kind, state, department, due_at in cursor.fetchall():
            due = datetime.fromisoformat(due_at) if due_at else None
            found.setdefault(key, []).append(facts.Entry(at, kind, state, department, due))
    return found


def kinds(ids: Iterable[UUID]) -> dict[UUID, list[clock.Kind]]:
    """The clocks of the assignments of each case, in their order."""
    found: dict[UUID, list[clock.Kind]] = {}
    rows = Assignment.objects.filter(incident__in=list(ids)).order_by("assigned_at", "pk")
    for case, limit in rows.values_list("incident_id", "limit"):
        found.setdefault(case, []).append(clock.Limit.parse(limit).kind)
    return found


# r is a report at the place of c, soon after c ended.
AGAIN = """c.klass_id = r.klass_id and c.id <> r.id
    and r.reported_at > c.closed_at and r.reported_at <= c.closed_at + %(days)s * interval '1 day'"""
# Metres on the ground are more in EPSG:3857. The length follows from the row that the index is asked for.
NEAR = "st_dwithin({of}.point_3857, {to}.point_3857, %(metres)s * {more} / cos(radians(st_y({of}.point))))"


def came_before(ids: Sequence[UUID], *, metres: float, days: int) -> list[UUID]:
    """The cases after whose end one of these may have come again, whatever became of them; a few more in place than did."""
    sql = f"""select distinct c.id from incidents_incident r join incidents_incident c
        on {AGAIN} and {NEAR.format(of="r", to="c", more=1.01)} where r.id = any(%(ids)s::uuid[])"""
    return _ids(sql, ids, metres, days)


def came_again(ids: Sequence[UUID], *, metres: float, days: int) -> list[UUID]:
    """Those of these cases that were closed and came again: same class, near in place, soon in time, a case of its own."""
    sql = f"""select distinct c.id from incidents_incident c join incidents_incident r
        on {AGAIN} and {NEAR.format(of="c", to="r", more=1)}
        where c.id = any(%(ids)s::uuid[]) and c.state = 'closed' and not r.state = any(%(none)s)"""
    return _ids(sql, ids, metres, days)


def marked_near_facts(ids: Sequence[UUID], side: int, *, days: int) -> list[UUID]:
    """The cases marked as having come again after which one of these came by its facts, whatever its row says by now.

    Facts know the square of a place only (`side` units of EPSG:3857), so it is looked for in the squares around too.
    """
    sql = f"""select distinct c.id from
        (select incident_id as id, klass_id, reported_at, spot_x * %(side)s as x, spot_y * %(side)s as y
            from incidents_casefact where incident_id = any(%(ids)s::uuid[])) r
        join incidents_incident c on {AGAIN} and c.point_3857 && st_makeenvelope(
            r.x - %(side)s, r.y - %(side)s, r.x + 2 * %(side)s, r.y + 2 * %(side)s, 3857)
        join incidents_casefact m on m.incident_id = c.id and m.came_again"""
    with connection.cursor() as cursor:
        cursor.execute(sql, {"ids": [str(i) for i in ids], "side": side, "days": days})
        return [row[0] for row in cursor.fetchall()]


def _ids(sql: str, ids: Sequence[UUID], metres: float, days: int) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(
            sql, {"ids": [str(i) for i in ids], "metres": metres, "days": days, "none": sorted(counting.NO_CASES)}
        )
        return [row[0] for row in cursor.fetchall()]


def for_facts(ids: Iterable[UUID], side: int) -> QuerySet[Incident]:
    """Cases with what facts need of them: whether the resident says that it is not solved (`unsolved`), and in which square
    of the map they lie (`x`, `y`), `side` units of EPSG:3857 wide."""
    x, y = (
        Func(
            F("point_3857"),
            function=f"ST_{axis}",
            template=f"floor(%(function)s(%(expressions)s) / {side})",
            output_field=IntegerField(),
        )
        for axis in "XY"
    )
    unsolved = Exists(Rating.objects.filter(incident=OuterRef("pk"), outcome=Solved.NO))
    needed = ("area_code", "klass", "department", "source", "state", "reported_at", "closed_at", "due_at", "imported")
    return Incident.objects.filter(pk__in=list(ids)).annotate(x=x, y=y, unsolved=unsolved).only(*needed)


def came_again_marked(ids: Iterable[UUID]) -> set[UUID]:
    """Those of these cases whose facts say that they came again."""
    return set(CaseFact.objects.filter(Q(came_again=True), pk__in=list(ids)).values_list("pk", flat=True))
