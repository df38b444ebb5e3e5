"""Presence: who at a desk has a case open now, and no word of it afterwards."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.utils import timezone

from gridmap.models import StreamEvent
from incidents.models import Presence
from tests.factories import Caller, Town


def others(caller: Caller, card: dict[str, str]) -> list[str]:
    answer = caller.put(f"/incidents/{card['id']}/presence")
    assert answer.status_code == 200, answer.content
    found: list[str] = answer.json()["others"]
    return found


def test_those_at_a_desk_see_who_else_looks(town: Town) -> None:
    card, other = town.worker.report(), town.worker.report()
    assert others(town.dispatcher, card) == []
    assert others(town.director, card) == [town.dispatcher.user.name]
    assert others(town.acceptor, card) == sorted([town.dispatcher.user.name, town.director.user.name])
    assert others(town.acceptor, other) == []


def test_who_closed_the_case_is_gone_at_once(town: Town) -> None:
    card = town.worker.report()
    others(town.dispatcher, card)
    assert town.dispatcher.delete(f"/incidents/{card['id']}/presence").status_code == 204
    assert others(town.director, card) == []


def test_after_45_seconds_nobody_looks_and_tick_keeps_nothing(town: Town) -> None:
    card = town.worker.report()
    others(town.dispatcher, card)
    others(town.director, card)
    Presence.objects.filter(user=town.dispatcher.user).update(seen_at=timezone.now() - timedelta(seconds=46))
    assert others(town.director, card) == []
    call_command("tick")
    assert [row.user for row in Presence.objects.all()] == [town.director.user]
    Presence.objects.update(seen_at=timezone.now() - timedelta(seconds=46))
    call_command("tick")
    assert not Presence.objects.exists()


def test_one_person_at_one_case_is_one_row_and_no_event(town: Town) -> None:
    card = town.worker.report()
    before = StreamEvent.objects.count()
    for _ in range(5):
        others(town.director, card)
    assert Presence.objects.count() == 1
    assert StreamEvent.objects.count() == before


@pytest.mark.parametrize("who", ["worker", "auditor"])
def test_where_a_worker_looks_is_nobodys_business(town: Town, who: str) -> None:
    card = town.worker.report()
    assert town.callers[who].put(f"/incidents/{card['id']}/presence").json()["code"] == "forbidden"
    assert others(town.director, card) == []


def test_a_case_that_is_not_hers_to_see_does_not_exist(town: Town) -> None:
    card = town.worker.report()
    for path in (card["id"], uuid4()):
        assert town.other_director.put(f"/incidents/{path}/presence").status_code == 404
    assert not Presence.objects.exists()
