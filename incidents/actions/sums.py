"""Keeping the counts of days beside the facts they are of: whatever changes facts does so inside `summed`.

What the facts came to before is taken away and what they come to after is added, in the transaction of the change itself: a crash
leaves both or neither, and a repeat counts nothing twice.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from incidents import counting
from incidents.models import DayCount

SUMS_LOCK = 0x646179636F756E74  # any number that nobody else uses
_IN = ", ".join(f"'{state}'" for state in sorted(counting.NO_CASES))
_CLOSED = "(state = 'closed')::int"
# What a fact adds to each of its days, column by column; what is not named adds nothing.
_PARTS = (
    ("casefact", "reported_day", {
        "reported": "1", "to_close": f"(state not in ({_IN}))::int", "closed_of_them": _CLOSED,
        "refused_of_them": "(state = 'refused')::int",
    }),
    ("casefact", "filed_day", {"filed": "1"}),
    ("casefact", "closed_day", {
        "declined": "(state = 'declined')::int", "refused": "(state = 'refused')::int", "closed": _CLOSED,
        "unsolved": "(state = 'closed' and (failed_repair or came_again or dissatisfied))::int",
        "failed_repair": "(state = 'closed' and failed_repair)::int", "came_again": "(state = 'closed' and came_again)::int",
        "dissatisfied": "(state = 'closed' and dissatisfied)::int",
    }),
    ("limitfact", "ends_day", {"due": "1", "on_time": "coalesce(on_time, false)::int"}),
)  # fmt: skip
COLUMNS = [name for _, _, counts in _PARTS for name in counts]


def _sql(where: str) -> str:
    """Add `sign` times what the facts under a condition come to; the rows in one order, so that nobody waits in a ring."""
    parts = " union all ".join(
        f"""select {day} as day, area_code, klass_id, department_id, source, {"state" if table == "casefact" else "null"} as state,
            {", ".join(f"{counts.get(name, '0')} as {name}" for name in COLUMNS)}
        from incidents_{table} where {day} is not null and {where}"""
        for table, day, counts in _PARTS
    )
    levels = ", ".join(f"({level})" for level in counting.SUMMED)
    return f"""
        insert into incidents_daycount (dimension, area_code, month, day, key, {", ".join(COLUMNS)})
        select dimension, left(area_code, level), month, first, key, {", ".join(f"%(sign)s * sum({name})" for name in COLUMNS)}
        from ({parts}) parts cross join (values {levels}) levels (level) cross join lateral
            (values (false, day), (true, date_trunc('month', day::timestamp)::date)) spans (month, first)
            cross join lateral (values ('class', klass_id::text),
            ('cell', area_code), ('department', coalesce(department_id::text, '')), ('source', source), ('state', state))
            keys (dimension, key)
        where key is not null group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5
        on conflict (dimension, area_code, month, day, key) do update set
            {", ".join(f"{name} = incidents_daycount.{name} + excluded.{name}" for name in COLUMNS)}"""


OF_CASES = _sql("incident_id = any(%(ids)s::uuid[])")
OF_STREET = _sql("area_code like %(street)s")
OF_ALL = _sql("true")


@contextmanager
def summed(ids: Sequence[UUID]) -> Iterator[None]:
    """The facts of these cases may change inside; the counts of their days follow. Belongs into a transaction."""
    values: dict[str, Any] = {"ids": [str(key) for key in ids]}
    _change(OF_CASES, values, -1)
    yield
    _change(OF_CASES, values, 1)


@contextmanager
def summed_street(street: str) -> Iterator[None]:
    """The same for all facts of a street."""
    _change(OF_STREET, {"street": f"{street}%"}, -1)
    yield
    _change(OF_STREET, {"street": f"{street}%"}, 1)


@transaction.atomic
def sum_again() -> None:
    """Count all days anew from the facts, whatever the counts were."""
    _lock()
    DayCount.objects.all().delete()
    _change(OF_ALL, {}, 1)


def _change(sql: str, values: dict[str, Any], sign: int) -> None:
    _lock()
    with connection.cursor() as cursor:
        cursor.execute(sql, {**values, "sign": sign})


def _lock() -> None:
    """Streets share the rows of their district: one transaction at a time changes them."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [SUMS_LOCK])
