"""Rows by the thousand in one statement: the ORM takes longer to write that down than the database to do it."""

from collections.abc import Sequence
from functools import cache
from typing import Any
from uuid import UUID

import orjson
from django.contrib.gis.geos import Point
from django.db import connection
from django.db.models import Model
from django.utils import timezone


def store(model: type[Model], rows: Sequence[Any], *, known: bool = False) -> None:
    """Insert rows of a model; `known` ones, which have an id that is there, get the values that the rows have now."""
    if not rows:
        return
    columns = _columns(model)
    names = ", ".join(f'"{column}"' for _, column in columns)
    sql = f'insert into "{model._meta.db_table}" ({names}) select {names} from jsonb_populate_recordset(null::"{model._meta.db_table}", %s)'
    if known:
        put = ", ".join(
            f'"{column}" = excluded."{column}"' for _, column in columns if column not in ("id", "created_at")
        )
        sql += f" on conflict (id) do update set {put}"
    now = timezone.now()
    written = [{column: _plain(getattr(row, name)) for name, column in columns} for row in rows]
    for one in written:
        one["created_at"] = one.get("created_at") or now
    with connection.cursor() as cursor:
        cursor.execute(sql, [orjson.dumps(written).decode()])


@cache
def _columns(model: type[Model]) -> tuple[tuple[str, str], ...]:
    """(attribute, column) of all that is stored and not worked out by the database."""
    return tuple((one.attname, one.column) for one in model._meta.concrete_fields if not one.generated and one.column)


def _plain(value: Any) -> Any:
    if isinstance(value, Point):
        return f"SRID={value.srid};POINT({value.x!r} {value.y!r})"
    return str(value) if isinstance(value, UUID) else value
