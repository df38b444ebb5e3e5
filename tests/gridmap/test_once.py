"""Once: a write that is sent again has no second effect and gets the first answer, even at the same moment."""

import threading
import uuid
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connections, transaction
from django.utils import timezone

from gridmap import actions
from gridmap.actions import Answer, Done
from gridmap.errors import ProblemError
from gridmap.models import Department, Inbox, User
from tests.threads import at_once


def make_department(code: str) -> Done:
    """A write with an effect that can be counted."""
    made = Department.objects.create(code=code, name=code, area_code="99")
    return Done({"id": made.pk})


def once(user: User, mutation: uuid.UUID, request: dict[str, Any] | None = None, code: str = "") -> Answer:
    return actions.once(user, mutation, request or {"a": 1}, lambda: make_department(code or uuid.uuid4().hex))


@pytest.fixture
def user(db: None) -> User:
    return actions.put_user("alice", name="Alice")


def test_a_repeat_gets_the_first_answer(user: User) -> None:
    mutation = uuid.uuid4()
    first, again = once(user, mutation), once(user, mutation)
    assert (first.replayed, again.replayed) == (False, True)
    assert first.body == again.body
    assert Department.objects.count() == Inbox.objects.count() == 1


def test_the_order_of_what_is_asked_does_not_matter(user: User) -> None:
    mutation = uuid.uuid4()
    once(user, mutation, {"a": 1, "b": [2, 3]})
    assert once(user, mutation, {"b": [2, 3], "a": 1}).replayed


@pytest.mark.parametrize("other", [{"a": 2}, {"a": "1"}, {"b": 1}, {"a": 1, "b": None}])
def test_an_id_used_for_something_else_is_refused(user: User, other: dict[str, Any]) -> None:
    mutation = uuid.uuid4()
    once(user, mutation)
    with pytest.raises(ProblemError, match="id_reused"):
        once(user, mutation, other)
    assert Department.objects.count() == 1


def test_an_id_of_another_user_is_refused(user: User) -> None:
    mutation = uuid.uuid4()
    once(user, mutation)
    with pytest.raises(ProblemError, match="id_reused"):
        once(actions.put_user("bob", name="Bob"), mutation)


def test_what_fails_leaves_nothing_and_may_be_tried_again(user: User) -> None:
    mutation = uuid.uuid4()

    def fails() -> Done:
        make_department("half-done")
        raise ProblemError("wrong_state", state={}, action={}, possible={})

    with pytest.raises(ProblemError, match="wrong_state"):
        actions.once(user, mutation, {"a": 1}, fails)
    assert Department.objects.count() == Inbox.objects.count() == 0
    assert not once(user, mutation).replayed


def test_answers_are_forgotten_after_their_time(user: User) -> None:
    old, new = uuid.uuid4(), uuid.uuid4()
    for mutation in (old, new):
        once(user, mutation)
    Inbox.objects.filter(pk=old).update(created_at=timezone.now() - timedelta(days=401))
    assert actions.purge_inbox(timezone.now() - timedelta(days=400)) == 1
    assert [row.pk for row in Inbox.objects.all()] == [new]


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_have_one_effect_and_one_answer() -> None:
    user = actions.put_user("alice", name="Alice")
    mutation = uuid.uuid4()
    answers = at_once([partial(once, user, mutation)] * 8)
    assert sorted(answer.replayed for answer in answers) == [False] + [True] * 7
    assert len({answer.body["id"] for answer in answers}) == 1
    assert Department.objects.count() == Inbox.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_when_the_first_fails_the_one_that_waited_for_it_does_the_work() -> None:
    user = actions.put_user("alice", name="Alice")
    mutation = uuid.uuid4()
    begun, go_on = threading.Event(), threading.Event()

    def slow_failure() -> Done:
        begun.set()
        go_on.wait(10)
        raise ProblemError("forbidden")

    def first() -> str:
        try:
            actions.once(user, mutation, {"a": 1}, slow_failure)
        except ProblemError as error:
            return error.code
        return "done"

    def second() -> bool:
        begun.wait(10)
        threading.Timer(0.3, go_on.set).start()
        return once(user, mutation).replayed

    assert at_once([first, second]) == ["forbidden", False]
    assert Department.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_dies_in_the_middle_leaves_nothing() -> None:
    user = actions.put_user("alice", name="Alice")
    mutation = uuid.uuid4()

    def dies() -> Done:
        make_department("half-done")
        with connections["default"].cursor() as cursor:
            cursor.execute("select pg_backend_pid()")
            (pid,) = cursor.fetchone()
        at_once([partial(terminate, pid)])
        return make_department("never")

    with pytest.raises(Exception, match=r"terminat|closed"), transaction.atomic():
        actions.once(user, mutation, {"a": 1}, dies)
    connections.close_all()
    assert Department.objects.count() == Inbox.objects.count() == 0
    assert not once(user, mutation).replayed


def terminate(pid: int) -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute("select pg_terminate_backend(%s)", [pid])
