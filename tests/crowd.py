"""Very many cases at once, laid over the first street in one statement: what a large city has open on a bad day."""

from uuid import uuid4

from django.contrib.gis.geos import Point
from django.db import connection
from django.utils import timezone

from incidents.models import Incident, IncidentClass
from tests.factories import CELL, NEXT_CELL, STREET

# What differs from case to case; n counts them. Everything else is as in the first one.
VARIED = {
    "id": "gen_random_uuid()",
    "number": "1000000 + n",
    "area_code": f"case when lon < 105.01 then '{CELL}' else '{NEXT_CELL}' end",
    "point": "st_setsrid(st_makepoint(lon, lat), 4326)",
    "klass_id": "(%(classes)s::bigint[])[1 + n %% %(kinds)s]",
    "state": "(array['reported', 'filed', 'assigned', 'in_work', 'to_verify'])[1 + n %% 5]",
    "urgent": "n %% 7 = 0",
    "overdue": "n %% 11 = 0",
    "reported_at": "at",
    "due_at": "case when n %% 3 > 0 then at + n %% 200 * interval '1 minute' end",
}
SPREAD = """(select n, 105 + 0.02 * ((n::bigint * 7919) %% %(count)s) / %(count)s::float as lon,
        28 + 0.02 * ((n::bigint * 104729) %% %(count)s) / %(count)s::float as lat,
        now() - (n %% 5000) * interval '1 minute' as at
    from generate_series(2, %(count)s) n) spread"""


def crowd(count: int) -> None:
    """`count` open cases over both cells of the first street; many were reported in the same minute."""
    classes = list(IncidentClass.objects.order_by("pk").values_list("pk", flat=True)[:20])
    first = Incident.objects.create(
        id=uuid4(), street=STREET, number=1_000_001, area_code=CELL, klass_id=classes[0], source="patrol", state="reported",
        point=Point(105.0001, 28.0001, srid=4326), occurred_at=timezone.now(), reported_at=timezone.now(),
    )  # fmt: skip
    columns = [str(field.column) for field in Incident._meta.concrete_fields if not field.generated]
    values = ", ".join(VARIED.get(column, f"first.{column}") for column in columns)
    rows = f"select {values} from incidents_incident first, {SPREAD} where first.id = %(first)s"  # noqa: S608  # own words
    sql = f"insert into incidents_incident ({', '.join(columns)}) {rows}"
    with connection.cursor() as cursor:
        cursor.execute(sql, {"first": first.pk, "classes": classes, "kinds": len(classes), "count": count})
        cursor.execute("analyze incidents_incident")
