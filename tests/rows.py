"""How many rows every table holds, and how many questions a piece of work asks the database."""

from collections.abc import Callable

from django.db import connection
from django.test.utils import CaptureQueriesContext


def counts() -> dict[str, int]:
    """The number of rows of each table, without sessions: signing in and out is no change of the data."""
    names = sorted(set(connection.introspection.table_names()) - {"django_session"})
    quote = connection.ops.quote_name
    sql = " union all ".join(f"select '{name}', count(*) from {quote(name)}" for name in names)  # noqa: S608  # own names
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return dict(cursor.fetchall())


def queries_of(work: Callable[[], object]) -> int:
    """The number of statements that `work` sends to the database."""
    with CaptureQueriesContext(connection) as asked:
        work()
        return len(asked)  # now: the next request empties the record
