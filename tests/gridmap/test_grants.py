"""Grants: what the database takes, and that a scope is the same as a filter, as SQL and as a question about one row."""

from typing import Any

import pytest
from django.db import IntegrityError, connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gridmap import access, actions
from gridmap.access import Clause, Grants, Scope
from gridmap.errors import ProblemError
from gridmap.models import Grant, Role, StreamEvent
from tests import factories
from tests.factories import CELL, NEXT_CELL, OTHER_STREET, STREET, Town

# --- what the database takes ---


def test_a_handler_has_a_department_and_nobody_else_has_one(town: Town) -> None:
    with pytest.raises(IntegrityError, match="grant_handler_has_department"):
        Grant.objects.create(user=town.stranger.user, role=Role.HANDLER, area_code=STREET)


def test_a_department_belongs_to_handlers_alone(town: Town) -> None:
    with pytest.raises(IntegrityError, match="grant_handler_has_department"):
        Grant.objects.create(user=town.stranger.user, role=Role.WORKER, area_code=CELL, department=town.sanitation)


def test_a_role_is_one_of_the_nine(town: Town) -> None:
    with pytest.raises(IntegrityError, match="grant_role_known"):
        Grant.objects.create(user=town.stranger.user, role="mayor", area_code=STREET)


@pytest.mark.parametrize("department", [False, True])
def test_the_same_grant_is_given_once(town: Town, department: bool) -> None:
    role = Role.HANDLER if department else Role.WORKER
    given_to = {"user": town.stranger.user, "role": role, "area_code": STREET}
    of = town.sanitation if department else None
    Grant.objects.create(**given_to, department=of)
    with pytest.raises(IntegrityError, match="grant_once"):
        Grant.objects.create(**given_to, department=of)


@pytest.mark.parametrize("code", ["", "9", "990101001x", "*", "%"])
def test_a_grant_is_for_an_area_code(town: Town, code: str) -> None:
    with pytest.raises(ValueError, match="not an area code"):
        actions.grant(town.stranger.user, Role.WORKER, code)
    assert not town.stranger.user.grants.exists()


def test_giving_and_taking_stand_in_the_log_once_each(town: Town) -> None:
    def said() -> int:
        return StreamEvent.objects.filter(kind="grant.changed", object_id=str(town.stranger.user.pk)).count()

    by = town.administrator.user
    given_now = actions.grant(town.stranger.user, Role.WORKER, CELL, actor=by)
    assert actions.grant(town.stranger.user, Role.WORKER, CELL, actor=by) == given_now
    assert said() == 1
    actions.revoke(given_now, by)
    assert said() == 2
    event = StreamEvent.objects.filter(kind="grant.changed").latest("created_at")
    assert (event.actor_id, event.persons, event.area_code) == (by.pk, [town.stranger.user.pk], CELL)


def test_who_left_has_no_scope(town: Town) -> None:
    user = town.director.user
    user.is_active = False
    user.save()
    assert access.scope_of(type(user).objects.get(pk=user.pk), "incident.view").clauses == ()


# --- the algebra of scopes ---

some_codes = st.sampled_from(
    ["99", "9901", "990101", STREET, OTHER_STREET, STREET + "001", CELL, NEXT_CELL, "51", "510502001"]
)
rows_of_grants = st.lists(
    st.tuples(st.sampled_from(Role), some_codes, st.sampled_from([1, 2])).map(
        lambda row: (row[0], row[1], row[2] if row[0] is Role.HANDLER else None)
    ),
    max_size=6,
)
departments = st.lists(st.sampled_from([1, 2, 3]), max_size=2)


def allowed(grants: Grants, action: str, area: str, concerned: list[int]) -> bool:
    """The rule of grants in its plainest form: any grant of a role of the table whose code begins the row's code."""
    return any(
        role in access.TABLE[action]
        and area.startswith(prefix)
        and (department is None or not action.startswith(access.BY_DEPARTMENT) or department in concerned)
        for role, prefix, department in grants.rows
    )


@given(rows_of_grants, st.sampled_from(sorted(access.TABLE)), some_codes, departments)
def test_a_scope_covers_what_any_grant_allows(rows: list[Any], action: str, area: str, concerned: list[int]) -> None:
    grants = Grants(1, tuple(rows))
    assert grants.scope(action).covers(area, concerned) == allowed(grants, action, area, concerned)


@given(rows_of_grants, st.sampled_from(sorted(access.TABLE)))
def test_a_scope_names_nothing_twice(rows: list[Any], action: str) -> None:
    clauses = Grants(1, tuple(rows)).scope(action).clauses
    for clause in clauses:
        others = [other for other in clauses if other != clause]
        assert not any(clause.prefix.startswith(o.prefix) and o.department in (None, clause.department) for o in others)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(some_codes, st.sampled_from([None, 1, 2])), max_size=4), some_codes, departments, st.booleans()
)
def test_the_database_answers_as_python_does(
    db: None, clauses: list[tuple[str, int | None]], area: str, concerned: list[int], named: bool
) -> None:
    scope = Scope(tuple(Clause(prefix, department) for prefix, department in clauses), person=7)
    condition, params = scope.sql("area", "departments", "persons")
    row = "select %s::text as area, %s::bigint[] as departments, %s::bigint[] as persons"
    with connection.cursor() as cursor:
        values = [*params, area, concerned, [7] if named else [8]]
        cursor.execute(f"select {condition} from ({row}) row", values)  # noqa: S608  # the condition is what is tested
        (answer,) = cursor.fetchone()
    assert answer == (scope.covers(area, concerned) or named)


def test_a_grant_is_a_prefix_of_fixed_width_and_no_like_pattern(town: Town) -> None:
    card = town.worker.report()
    person = factories.Caller(factories.user("pattern"))
    Grant.objects.create(user=person.user, role=Role.DIRECTOR, area_code="%")
    assert person.get(f"/incidents/{card['id']}").status_code == 404
    assert person.get("/events").json()["cursors"] == {}
    assert person.get(f"/events?since={STREET}:x:0").json()["events"] == []


def test_require_is_forbidden_without_the_role_or_outside(town: Town) -> None:
    access.require(town.director.user, "incident.file", CELL)
    for user, action, area in (
        (town.worker.user, "incident.file", CELL),
        (town.director.user, "incident.file", OTHER_STREET),
        (town.stranger.user, "area.view", None),
    ):
        with pytest.raises(ProblemError) as refused:
            access.require(user, action, area)
        assert refused.value.code == "forbidden"


def test_the_table_is_printed_for_people() -> None:
    lines = access.as_text().splitlines()
    assert len(lines) == len(access.TABLE) + 1
    row = next(line for line in lines if line.startswith("incident.assign")).split()
    assert row.count("x") == len(access.TABLE["incident.assign"]) == 2
