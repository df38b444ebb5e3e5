"""How many rows every table holds: what was refused must have left no trace."""

from django.db import connection


def counts() -> dict[str, int]:
    """The number of rows of each table, without sessions: signing in and out is no change of the data."""
    names = sorted(set(connection.introspection.table_names()) - {"django_session"})
    quote = connection.ops.quote_name
    sql = " union all ".join(f"select '{name}', count(*) from {quote(name)}" for name in names)  # noqa: S608  # own names
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return dict(cursor.fetchall())
