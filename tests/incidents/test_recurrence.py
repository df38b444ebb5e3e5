"""Trouble that is back (rule 9 of the domain): linked to the closed case, and counted as a share by cell and class."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from incidents import queries
from incidents.models import Incident, IncidentClass
from tests.factories import CELL, LID, LITTER, NEXT_CELL, Caller, Town, ago
from tests.incidents.test_life import through
from tests.incidents.test_samecase import EAST_40M, LON


def test_rule_9_a_new_case_at_the_place_of_a_closed_one_is_linked_as_a_recurrence(town: Town) -> None:
    closed = through(town, town.worker.report(), "closed")
    again = town.worker.report(lon=LON + 20 / 98_300)
    assert [one["id"] for one in town.director.detail(again)["recurrence_of"]] == [closed["id"]]
    assert [one["id"] for one in town.director.detail(closed)["recurrences"]] == [again["id"]]


@pytest.mark.parametrize(
    ("why", "changes"),
    [
        ("another class", {"class_key": LID}),
        ("40 m away", {"lon": EAST_40M}),
    ],
)
def test_another_thing_is_no_recurrence(town: Town, why: str, changes: dict[str, Any]) -> None:
    through(town, town.worker.report(), "closed")
    assert town.director.detail(town.worker.report(**changes))["recurrence_of"] == [], why


def test_radius_and_days_of_a_recurrence_are_set_per_class_and_declined_cases_do_not_recur(town: Town) -> None:
    town.acceptor.act(town.worker.report(), "decline", reason="没有")
    assert town.director.detail(town.worker.report())["recurrence_of"] == []
    closed = through(town, town.worker.report(), "closed")
    Incident.objects.filter(pk=closed["id"]).update(closed_at=ago(days=31))
    assert town.director.detail(town.worker.report())["recurrence_of"] == []
    IncidentClass.objects.update(recur_days=60, recur_m=50)
    assert town.director.detail(town.worker.report(lon=EAST_40M))["recurrence_of"] != []


def test_the_repeat_rate_is_the_share_of_new_cases_that_recur_by_cell_and_class(town: Town) -> None:
    through(town, town.worker.report(), "closed")
    again, _ = town.worker.report(), town.worker.report(lon=LON + 0.003)
    town.worker.act(town.worker.report(), "retract")
    town.second_worker.report(cell=NEXT_CELL, class_key=LID)

    def rates_of(caller: Caller, area: str = "") -> list[queries.RepeatRate]:
        now = timezone.now()
        return queries.repeat_rates(caller.user, since=now - timedelta(days=1), until=now, area=area)

    rates = rates_of(town.director)
    assert [(r.area_code, r.class_key, r.cases, r.again) for r in rates] == [
        (CELL, LITTER, 3, 1),
        (NEXT_CELL, LID, 1, 0),
    ]
    assert rates[0].share == pytest.approx(1 / 3)
    assert [r.area_code for r in rates_of(town.worker)] == [CELL]
    assert rates_of(town.other_director) == []
    assert rates_of(town.director, NEXT_CELL)[0].again == 0
    assert town.director.detail(again)["recurrence_of"] != []
