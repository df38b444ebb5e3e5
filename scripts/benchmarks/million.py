"""A district with very many cases: five streets, two years, every case with its row, its assignment and its events in the log.

Made by statements over sets, in the bench's own database alone. Days, hours, classes and places follow from the number of the case,
so two runs measure the same.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib.gis.geos import MultiPolygon, Polygon
from django.db import connection
from django.db.models.fields import NOT_PROVIDED

from gridmap import actions
from gridmap.models import Area, Department, Role, User
from incidents.actions import put_calendar, put_classes, remake_facts
from incidents.catalogue import read_classes
from incidents.clock import read_holidays
from incidents.models import Incident, IncidentClass

DISTRICT = "990101"
STREETS = [f"{DISTRICT}{number:03}" for number in range(1, 6)]
CELLS = [f"{street}{community:03}{cell:03}" for street in STREETS for community in range(1, 8) for cell in range(1, 8)]
WEST, SOUTH, SIDE = (
    105.0,
    28.0,
    0.003,
)  # degrees: streets side by side, each seven cells wide and seven communities high
DAYS = 730
OPEN_SHARE = 20  # one case in so many is open


@dataclass(frozen=True)
class People:
    director: User
    district: User
    reporter: User


def border(cell: str) -> MultiPolygon:
    west = WEST + (int(cell[6:9]) - 1) * 7 * SIDE + (int(cell[12:]) - 1) * SIDE
    south = SOUTH + (int(cell[9:12]) - 1) * SIDE
    return MultiPolygon(Polygon.from_bbox((west, south, west + SIDE, south + SIDE)))


def make_town() -> People:
    """Areas, catalogue, calendar, departments, and who asks: a street's director and an auditor of the district."""
    above = ["99", "9901", DISTRICT, *STREETS, *sorted({cell[:12] for cell in CELLS})]
    areas = [Area(code=code, name=f"示范{code[-3:]}") for code in above]
    actions.put_areas([*areas, *(Area(code=cell, name=f"网格{cell[-3:]}", geom=border(cell)) for cell in CELLS)])
    put_classes(read_classes())
    put_calendar(read_holidays())
    for number in range(1, 13):
        actions.put_department(f"dep{number}", name=f"部门{number}", name_en=f"Department {number}", area_code=DISTRICT)
    people = People(*(actions.put_user(name, name=name) for name in ("director", "district", "reporter")))
    actions.grant(people.director, Role.DIRECTOR, STREETS[0])
    actions.grant(people.district, Role.AUDITOR, DISTRICT)
    for street in STREETS:
        actions.grant(people.reporter, Role.DIRECTOR, street)
    return people


# What each case is, from its number n (1..count): m spreads the numbers so that neighbours in time are none in place.
PLAN = """
    create table plan as
    select n, gen_random_uuid() as id, cell, left(cell, 9) as street, klass, department, at, n %% {open} = 0 as open,
        case when n %% {open} = 0 then (array['reported', 'filed', 'assigned', 'in_work', 'to_verify'])[1 + n / {open} %% 5]
            when n %% 23 = 1 then 'declined' else 'closed' end as state,
        at + interval '10 minutes' as filed_at, at + interval '20 minutes' as assigned_at,
        at + interval '20 minutes' + (1 + n %% 9) * interval '1 hour' as handled_at,
        at + interval '50 minutes' + (1 + n %% 9) * interval '1 hour' as closed_at,
        at + interval '20 minutes' + 8 * interval '1 hour' as due_at,
        {west} + (substr(cell, 7, 3)::int - 1) * 7 * {side} + (substr(cell, 13)::int - 1 + m %% 997 / 997.0) * {side} as lon,
        {south} + (substr(cell, 10, 3)::int - 1 + m %% 991 / 991.0) * {side} as lat
    from (
        select n, m, (%(cells)s::text[])[1 + m %% %(many_cells)s] as cell, (%(classes)s::bigint[])[1 + m * 7 %% %(many_classes)s] as klass,
            (%(departments)s::bigint[])[1 + m %% %(many_departments)s] as department,
            %(now)s::timestamptz - case when n %% {open} = 0 then 20 else {days} end * interval '1 day' * (1 - n / %(count)s::float) as at
        from (select n, (n::bigint * 7919) %% 1000003 as m from generate_series(1, %(count)s) n) numbers) spread"""

CASES = """
    insert into incidents_incident (id, street, number, area_code, point, address, klass_id, description, source, state, level, urgent,
        department_id, departments, verified_report, occurred_at, reported_at, due_at, overdue, closed_at, version, step_version{more})
    select id, street, n, cell, st_setsrid(st_makepoint(lon, lat), 4326), '望江路' || n %% 400 || '号', klass, '', case when n %% 7 = 0
            then 'hotline' else 'patrol' end, state, 'street', n %% 50 = 0, case when taken then department end,
        case when taken then array[department] else '{{}}'::bigint[] end, false, at, at,
        case when open then due_at end, open and due_at < %(now)s, case when not open then closed_at end, 6, 6{usual}
    from (select *, state not in ('reported', 'filed', 'declined') as taken from plan) p order by street, at"""

TURNS = """
    insert into incidents_assignment (incident_id, department_id, "limit", suggested_by, due_at, assigned_at, ended_at)
    select id, department, '8h!', '', due_at, assigned_at, case when not open then closed_at end from plan
    where state not in ('reported', 'filed', 'declined')"""

# The steps a case has behind it: (kind, state after it, when, from which state on it has happened).
EVENTS = """
    insert into gridmap_streamevent (stream, seq, kind, area_code, departments, persons, object_id, object_version, payload, created_at)
    select street, row_number() over (partition by street order by moment, n, place), 'incident.' || kind, cell, '{{}}', '{{}}', id::text,
        place, jsonb_build_object('id', id::text, 'number', to_char(at, 'YYMMDD') || '-' || n, 'class_key', 'k', 'title', '积存垃圾渣土',
            'title_en', 'Litter', 'domain', 'event', 'state', after, 'level', 'street', 'area', cell, 'area_name', '网格', 'lon', lon,
            'lat', lat, 'urgent', false, 'department', case when place > 2 then department end, 'department_name', null, 'source', 'patrol',
            'reported_at', at, 'due_at', case when after = 'assigned' then due_at end, 'overdue', false, 'version', place, 'photo', null),
        moment
    from plan cross join lateral (values (1, 'reported', 'reported', at), (2, 'filed', 'filed', filed_at),
        (3, 'assigned', 'assigned', assigned_at), (4, 'handled', 'to_verify', handled_at),
        (5, 'repair_verified', 'verified', closed_at), (6, 'closed', 'closed', closed_at),
        (7, 'declined', 'declined', filed_at)) steps (place, kind, after, moment)
    where case state when 'closed' then place < 7 when 'declined' then place in (1, 7) when 'reported' then place = 1
        when 'filed' then place < 3 when 'to_verify' then place < 5 else place < 4 end"""

HEADS = """
    insert into gridmap_streamhead (stream, epoch, seq, min_seq) select stream, 'bench', max(seq), min(seq) from gridmap_streamevent
    group by stream on conflict (stream) do update set seq = excluded.seq"""


def unnamed() -> dict[str, Any]:
    """The columns of a case that `CASES` does not name and that must not be empty, with what the product puts there."""
    fields = [
        one
        for one in Incident._meta.concrete_fields
        if not (one.null or one.generated or one.db_default is not NOT_PROVIDED)
    ]
    named = CASES.partition("(")[2].partition(")")[0]
    return {str(one.column): one.get_default() for one in fields if not re.search(rf"\b{one.column}\b", named)}


def fill(count: int, now: datetime | None = None) -> None:
    """`count` cases, one in twenty open, with assignments and log; then the facts that statistics count, by the product itself."""
    values: dict[str, Any] = {
        "count": count, "now": now or datetime.now(UTC), "cells": CELLS, "many_cells": len(CELLS),
        "classes": list(IncidentClass.objects.order_by("pk").values_list("pk", flat=True)),
        "departments": list(Department.objects.values_list("pk", flat=True)),
    }  # fmt: skip
    values |= {"many_classes": len(values["classes"]), "many_departments": len(values["departments"])}
    others = unnamed()
    values |= {f"usual_{name}": value for name, value in others.items()}
    words = {
        "open": OPEN_SHARE,
        "days": DAYS,
        "west": WEST,
        "south": SOUTH,
        "side": SIDE,
        "more": "".join(f", {name}" for name in others),
        "usual": "".join(f", %(usual_{name})s" for name in others),
    }
    with connection.cursor() as cursor:
        cursor.execute("delete from gridmap_streamevent")  # those of making the town, whose numbers would be in the way
        for statement in (PLAN, CASES, TURNS, EVENTS, HEADS):
            cursor.execute(statement.format(**words), values)
        cursor.execute("drop table plan")
        cursor.execute("analyze")
    for street in STREETS:
        remake_facts(street)
