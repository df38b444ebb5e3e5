"""Forms are asked of the register: counts and sums by area and kind, or lists, of what the user may see."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Prefetch, QuerySet

from gridmap import access, areacode
from gridmap.access import Scope
from gridmap.errors import ProblemError, sentence
from gridmap.forms import AREAS, Filter, Form, form_of, head, word_of
from gridmap.models import Area, Department, FormResult, SavedForm, User
from gridmap.queries.register import MODELS, view_of
from gridmap.register.kinds import KINDS, Kind
from gridmap.sheets import shown

MOST_SHOWN = 500
MOST_STORED = 20_000
CHUNK = 2000  # rows that the database sends at a time
WORDS = {"is": "= %s", "not": "is distinct from %s", "least": ">= %s", "most": "<= %s"}


def scope_for(user: User, form: Form) -> Scope:
    """Where the user may ask this form: sums take the right to reports, lists that to see the records themselves."""
    access.require(user, "register.report")
    return access.scope_of(user, view_of(form.kind) if form.lists else "register.report")


def own_area(scope: Scope) -> str:
    """Where it is noted that somebody asked beyond her areas: in her own. `forbidden` if she has none."""
    if not scope.clauses:
        raise ProblemError("forbidden")
    return scope.clauses[0].prefix


def rows(form: Form, area: str, scope: Scope, language: str, most: int) -> list[list[Any]]:
    """The table that a form gives for an area, as far as the scope goes, at most so many rows."""
    return in_words(form, codes(form, area, scope, most), language)


def codes(form: Form, area: str, scope: Scope, most: int) -> list[list[Any]]:
    """The same as it is kept: areas, departments and choices as codes, days in local time."""
    with connection.cursor() as cursor:
        cursor.execute(*_statement(form, area, scope, most))
        return [[shown(value) for value in row] for row in cursor.fetchall()]


def count(form: Form, area: str, scope: Scope, most: int) -> int:
    """How many rows there are, at most so many."""
    sql, params = _statement(form, area, scope, most)
    with connection.cursor() as cursor:
        cursor.execute(f"select count(*) from ({sql}) x", params)
        found: int = cursor.fetchone()[0]
    return found


def stream(form: Form, area: str, scope: Scope, language: str, most: int) -> Iterator[list[Any]]:
    """The same rows as `rows`, as the database sends them: memory does not grow with them."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(*_statement(form, area, scope, most))
        while some := cursor.fetchmany(CHUNK):
            yield from in_words(form, [[shown(value) for value in row] for row in some], language)


def _statement(form: Form, area: str, scope: Scope, most: int) -> tuple[str, list[Any]]:
    sql = _listed(form) if form.lists else _counted(form)
    condition, values = scope.sql("r.area_code")
    where, given = _where(KINDS[form.kind], form.filters)
    sql = sql.format(where=f"r.ended_at is null and r.area_code like %s and {condition} and {where}")
    return sql, [f"{area}%", *values, *given, most]


def _counted(form: Form) -> str:
    keys = [
        f"left(r.area_code, {areacode.WIDTHS[AREAS[name] - 1]})" if name in AREAS else f"r.{_column(form, name)}"
        for name in form.groups
    ]
    sums = "".join(f", coalesce(sum(r.{_column(form, name)}), 0)::bigint" for name in form.sums)
    names = ", ".join(keys)
    order = ", ".join(str(at) for at in range(1, len(keys) + 1))
    by = f"group by {names} order by {order}" if keys else ""
    return f"select {names}{', ' if keys else ''}count(*){sums} from {_table(form)} r where {{where}} {by} limit %s"


def _listed(form: Form) -> str:
    own = {
        "title": "r.title",
        "area": "r.area_code",
        "area_name": "r.area_code",
        "verified": "r.verified_at",
        "due": "r.due_on",
    }
    names = ", ".join(own.get(name) or f"r.{_column(form, name)}" for name in form.columns)
    return f"select {names} from {_table(form)} r where {{where}} order by r.area_code, r.due_on, r.id limit %s"


def _table(form: Form) -> str:
    return MODELS[form.kind]._meta.db_table


def _column(form: Form, name: str) -> str:
    field = KINDS[form.kind].field(name)
    return f"{field.name}_id" if field.type == "department" else field.name


def _where(kind: Kind, filters: tuple[Filter, ...]) -> tuple[str, list[Any]]:
    parts, params = ["true"], list[Any]()
    for one in filters:
        field = kind.field(one.field)
        column = f"r.{field.name}_id" if field.type == "department" else f"r.{field.name}"
        if one.operator in ("empty", "filled"):
            text = field.type in ("text", "choice")
            parts.append(
                f"({column} is null{f' or {column} = %s' if text else ''}) = {'true' if one.operator == 'empty' else 'false'}"
            )
            params += [""] if text else []
        else:
            parts.append(f"{column} {WORDS[one.operator]}")
            params.append(int(one.value) if field.type in ("number", "department") else one.value)
    return " and ".join(parts), params


def in_words(form: Form, found: list[list[Any]], language: str) -> list[list[Any]]:
    """Codes as people read them, in "zh" or "en": areas, departments and choices by name. What is words already stays."""
    kind = KINDS[form.kind]
    names = form.columns if form.lists else form.groups
    called: dict[Any, str]
    for at, name in enumerate(names):
        field = kind.by_name.get(name)
        if name in AREAS or name == "area_name":
            called = _area_names({row[at] for row in found}, language)
        elif field is not None and field.type == "department":
            called = _department_names({row[at] for row in found if isinstance(row[at], int)}, language)
        elif field is not None and field.type == "choice":
            called = {row[at]: word_of(field, row[at], language) for row in found}
        else:
            continue
        for row in found:
            row[at] = called.get(row[at], row[at] or "")
    return found


def _area_names(codes: set[str], language: str) -> dict[str, str]:
    rows = Area.objects.filter(pk__in=codes).values_list("pk", "name", "name_en")
    return {code: f"{english if language == 'en' and english else name} {code}" for code, name, english in rows}


def _department_names(keys: set[int], language: str) -> dict[int, str]:
    rows = Department.objects.filter(pk__in=keys)
    return {one.pk: one.name_en if language == "en" and one.name_en else one.name for one in rows}


# --- forms that are kept


def visible(user: User) -> QuerySet[SavedForm]:
    """Forms of the user's areas, shared with all who may report there."""
    return SavedForm.objects.filter(access.scope_of(user, "form.view").q())


def get(user: User, form: UUID) -> SavedForm:
    found = visible(user).select_related("created_by").filter(pk=form).first()
    if found is None:
        raise ProblemError("not_found")
    return found


def kept(user: User, language: str) -> list[dict[str, Any]]:
    """The forms that are kept, by name, with the days on which the clock has asked them."""
    light = FormResult.objects.only("id", "form_id", "made_at", "fault").order_by("-made_at")
    found = visible(user).select_related("created_by").prefetch_related(Prefetch("results", queryset=light))
    return [state(one, language) for one in found.order_by("name", "pk")]


def state(one: SavedForm, language: str) -> dict[str, Any]:
    results = [
        {"id": result.pk, "at": result.made_at, "fault": sentence(result.fault, language) if result.fault else ""}
        for result in list(one.results.all())[:24]
    ]
    return {
        "id": one.pk, "name": one.name, "area": one.area_code, "form": one.form, "day": one.day, "version": one.version,
        "by": str(one.created_by), "results": results,
    }  # fmt: skip


def result(user: User, form: UUID, number: int) -> FormResult:
    """What a form gave on a day; lists only for who may see the records."""
    found = get(user, form).results.filter(pk=number).first()
    if found is None:
        raise ProblemError("not_found")
    question = form_of(found.question)
    if not scope_for(user, question).covers(found.form.area_code):
        raise ProblemError("not_found")
    return found


def due(today: date) -> Iterator[SavedForm]:
    """Forms whose day of the month has come and which the clock has not asked in this month."""
    month = today.replace(day=1)
    waiting = SavedForm.objects.filter(day__lte=today.day).exclude(made_on__gte=month)
    yield from waiting.select_related("created_by").order_by("pk")


def table(
    form: Form, area: str, scope: Scope, language: str, most: int = MOST_STORED
) -> tuple[list[str], list[list[Any]]]:
    """Heading and rows."""
    return head(form, language), rows(form, area, scope, language, most)


REGISTER_FIGURES = ("residents", "over_60", "over_80", "under_14", "buildings", "organisations", "public_objects")


def figures(area: str) -> dict[str, int]:
    """What the register of an area adds up to, for the forms of departments: no person, no record."""
    sql = """select coalesce(sum(size), 0), coalesce(sum(over_60), 0), coalesce(sum(over_80), 0), coalesce(sum(under_14), 0),
            (select count(*) from gridmap_place where kind = 'building' and ended_at is null and area_code like %(area)s),
            (select count(*) from gridmap_organisation where ended_at is null and area_code like %(area)s),
            (select count(*) from gridmap_publicobject where ended_at is null and area_code like %(area)s)
        from gridmap_household where ended_at is null and area_code like %(area)s"""
    with connection.cursor() as cursor:
        cursor.execute(sql, {"area": f"{area}%"})
        return dict(zip(REGISTER_FIGURES, cursor.fetchone(), strict=True))
