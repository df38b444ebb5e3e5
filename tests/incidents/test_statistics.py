"""Statistics: every figure over histories known to the minute, checked by hand; each in its scope; no person anywhere."""

from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.utils import timezone

from gridmap import access
from gridmap.models import Role, User
from incidents import actions, counting
from incidents.models import CaseFact, FactCursor, Incident, LimitFact, Rating
from incidents.schemas.figures import BriefOut, StatisticsOut
from incidents.workflow import State
from tests.factories import CELL, COMMUNITY, LID, NEXT_CELL, OTHER_CELL, OTHER_STREET, STREET, Caller, Town, user
from tests.lives import Life, at, worked_hours

MARCH = "first=2026-03-01&last=2026-03-31"


def statistics(caller: Caller, query: str = MARCH) -> dict[str, Any]:
    actions.refresh_facts()
    answer = caller.get(f"/statistics?{query}")
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def row(rows: list[dict[str, Any]], key: str) -> dict[str, Any]:
    return next(one for one in rows if one["key"] == key)


def shown(figures: dict[str, Any]) -> dict[str, Any]:
    """What is not nothing, without names."""
    return {
        name: value
        for name, value in figures.items()
        if value and name not in ("key", "name", "name_en", "day", "median_h")
    }


@pytest.fixture
def march(town: Town) -> dict[str, Life]:
    """Eight cases of March 2026 in the first street and one of February, with all that happened to them."""
    one = town.sanitation
    lives = {
        # Monday 2 March: on time, closed after 30 hours; the department used 9-12 of its four hours.
        "kept": Life("2026-03-02 08:00").filed("2026-03-02 08:30").assigned("2026-03-02 09:00", one, "2026-03-02 15:00")
        .handled("2026-03-02 12:00").closed("2026-03-03 14:00"),
        # Handled an hour late.
        "late": Life("2026-03-03 08:00", cell=NEXT_CELL).filed("2026-03-03 08:30").assigned("2026-03-03 09:00", one, "2026-03-03 15:00")
        .handled("2026-03-03 16:00").closed("2026-03-03 18:00"),
        # The first repair failed; in time both times.
        "again": Life("2026-03-04 08:00", klass=LID, east=0.002).filed("2026-03-04 08:30")
        .assigned("2026-03-04 09:00", town.gardens, "2026-03-04 15:00").handled("2026-03-04 10:00")
        .refused("2026-03-04 10:30", "2026-03-04 15:30").handled("2026-03-04 11:00").closed("2026-03-04 12:00"),
        # Not yet fed back, the limit long gone: open and overdue counts as overdue.
        "open": Life("2026-03-05 08:00", source="citizen", east=0.001).filed("2026-03-05 08:30")
        .assigned("2026-03-05 09:00", one, "2026-03-05 15:00"),
        "declined": Life("2026-03-06 08:00", source="citizen", east=0.003).declined("2026-03-06 09:00"),
        "waiting": Life("2026-03-09 08:00", east=0.004),
        # At the place of the first, eight days after it was closed.
        "recurrence": Life("2026-03-11 08:00", east=0.0001).filed("2026-03-11 08:30"),
        # Given back in time: that limit did not end.
        "returned": Life("2026-03-12 08:00", east=0.0045).filed("2026-03-12 08:30")
        .assigned("2026-03-12 09:00", one, "2026-03-12 15:00"),
        "february": Life("2026-02-25 08:00", east=-0.003).filed("2026-02-25 08:30").assigned("2026-02-25 09:00", one, "2026-02-25 15:00")
        .handled("2026-02-25 12:00").closed("2026-03-01 08:00"),
    }  # fmt: skip
    lives["returned"].row.department = None
    lives["returned"].then("2026-03-12 10:00", "returned", "filed", due="2026-03-12 10:15")
    return lives


def test_every_figure_of_the_month_is_what_a_person_counts(town: Town, march: dict[str, Life]) -> None:
    assert shown(statistics(town.director)["total"]) == {
        "reported": 8, "filed": 6, "declined": 1, "closed": 4, "open": 4, "overdue": 3, "due": 4, "on_time": 2,
        "to_close": 7, "closed_of_them": 3, "unsolved": 2, "failed_repair": 1, "came_again": 1,
    }  # fmt: skip


def test_what_is_open_and_overdue_counts_as_overdue_in_the_on_time_share(town: Town, march: dict[str, Life]) -> None:
    total = statistics(town.director, f"{MARCH}&area={CELL}")["total"]
    assert (total["due"], total["on_time"]) == (3, 2)  # kept, again; the one not fed back is late
    march["open"].handled("2026-03-20 10:00").closed("2026-03-20 11:00")
    total = statistics(town.director, f"{MARCH}&area={CELL}")["total"]
    assert (total["due"], total["on_time"]) == (3, 2)  # finishing it late makes nothing better


def test_times_are_medians_and_quartiles_of_real_hours_and_of_the_departments_clock(
    town: Town, march: dict[str, Life]
) -> None:
    found = statistics(town.director)
    closing, handling = found["closing"], found["handling"]
    # 4, 10, 30 and 96 hours from report to close.
    assert {name: closing[name] for name in ("count", "p25", "median", "p75", "p90", "mean")} == {
        "count": 4, "p25": 8.5, "median": 20.0, "p75": 46.5, "p90": 76.2, "mean": 35.0,
    }  # fmt: skip
    assert dict(zip(counting.EDGES_H, closing["bins"][1:], strict=True)) == {
        1: 0,
        4: 1,
        8: 1,
        24: 1,
        72: 1,
        168: 0,
        336: 0,
        720: 0,
    }
    assert worked_hours([("2026-03-03 09:00", "2026-03-03 16:00")]) == 5.0
    assert (handling["count"], handling["median"], handling["mean"]) == (4, 3.0, 3.12)  # 3, 5, 1 + 0.5, 3


def test_figures_by_class_area_department_and_source_add_up_to_the_whole(town: Town, march: dict[str, Life]) -> None:
    found = statistics(town.director)
    for rows in ("classes", "majors", "communities", "cells", "sources"):
        for name in ("reported", "filed", "declined", "closed", "open", "overdue", "due", "on_time", "unsolved"):
            assert sum(one[name] for one in found[rows]) == found["total"][name], (rows, name)
    assert shown(row(found["cells"], NEXT_CELL)) == {
        "reported": 1, "filed": 1, "closed": 1, "due": 1, "to_close": 1, "closed_of_them": 1,
    }  # fmt: skip
    assert row(found["communities"], COMMUNITY)["name"] == "江岸社区"
    assert shown(row(found["sources"], "citizen")) == {
        "reported": 2, "filed": 1, "declined": 1, "open": 1, "overdue": 1, "due": 1, "to_close": 1,
    }  # fmt: skip
    gardens = row(found["departments"], str(town.gardens.pk))
    assert (gardens["name"], gardens["name_en"], gardens["median_h"]) == ("园林", "Gardens", 4.0)
    assert shown(gardens)["unsolved"] == 1
    assert {one["key"]: one["reported"] for one in found["states"]} == {
        "closed": 3,
        "declined": 1,
        "assigned": 1,
        "reported": 1,
        "filed": 2,
    }


@pytest.mark.parametrize(
    ("unit", "days"),
    [
        ("day", {"2026-03-02": 1, "2026-03-12": 1}),
        ("week", {"2026-03-02": 5, "2026-03-09": 3}),
        ("month", {"2026-03-01": 8}),
    ],
)
def test_the_course_of_a_period_by_day_week_and_month(
    town: Town, march: dict[str, Life], unit: str, days: dict[str, int]
) -> None:
    found = statistics(town.director, f"{MARCH}&unit={unit}")
    line = {one["day"]: one for one in found["line"]}
    assert len(line) == {"day": 31, "week": 6, "month": 1}[unit]
    for name in ("reported", "filed", "declined", "closed", "unsolved", "due", "on_time"):
        assert sum(one[name] for one in found["line"]) == found["total"][name]
    assert {day: line[day]["reported"] for day in days} == days


def test_a_day_is_a_local_day(town: Town) -> None:
    Life("2026-03-02 00:30")
    Life("2026-03-01 23:30", east=0.002)
    assert statistics(town.director, "first=2026-03-02&last=2026-03-02")["total"]["reported"] == 1


@pytest.mark.parametrize(
    ("changes", "counted"),
    [({}, 1), ({"east": 0.0002}, 1), ({"east": 0.001}, 0), ({"klass": LID}, 0), ({"reported": "2026-04-05 08:00"}, 0),
     ({"reported": "2026-03-02 10:00"}, 0)],
)  # fmt: skip
def test_a_case_came_again_at_the_same_place_with_the_same_class_within_thirty_days(
    town: Town, changes: dict[str, Any], counted: int
) -> None:
    Life("2026-03-02 08:00").filed("2026-03-02 08:30").assigned(
        "2026-03-02 09:00", town.sanitation, "2026-03-02 15:00"
    ).handled("2026-03-02 11:00").closed("2026-03-03 08:00")
    statistics(town.director)  # the first is known before the second comes
    second = Life(**{"reported": "2026-03-20 08:00", **changes})
    assert statistics(town.director)["total"]["came_again"] == counted
    second.declined("2026-04-06 09:00")
    assert statistics(town.director)["total"]["came_again"] == 0  # what was no case did not come again


def test_what_an_import_says_is_counted_as_it_says(town: Town) -> None:
    for kept, pleased in ((True, False), (False, True), (None, None)):
        case = Life("2026-03-02 08:00", imported={"on_time": kept, "dissatisfied": pleased is False})
        case.then("2026-03-02 09:00", "noted", "closed")
    total = statistics(town.director)["total"]
    assert (total["due"], total["on_time"]) == (2, 1)
    assert total["closed"] == 0  # it does not say when
    assert total["closed_of_them"] == 3
    Incident.objects.update(closed_at=at("2026-03-03 08:00"))
    actions.remake_facts(STREET)
    total = statistics(town.director)["total"]
    assert (total["closed"], total["dissatisfied"], total["unsolved"]) == (3, 1, 1)


def test_closed_is_not_solved_when_the_resident_says_so(town: Town) -> None:
    said = {"solved": 0, "partly": 0, "not_solved": 1}
    for place, outcome in enumerate(said):
        case = Life("2026-03-02 08:00", source="citizen", east=place * 0.002).closed("2026-03-03 08:00")
        Rating.objects.create(incident=case.row, id=uuid4(), outcome=outcome, rated_at=at("2026-03-04 08:00"))
    total = statistics(town.director)["total"]
    assert (total["closed"], total["dissatisfied"], total["unsolved"]) == (3, 1, 1)


def test_cases_solved_on_the_spot_are_counted_but_do_not_shorten_the_times(town: Town) -> None:
    card = town.worker.report(self_handled=True)
    today = timezone.localdate()
    found = statistics(town.director, f"first={today}&last={today}")
    assert found["total"]["closed"] == 1
    assert found["closing"]["count"] == 0
    assert found["closing"]["median"] is None
    assert CaseFact.objects.get(pk=card["id"]).filed_day is None


def test_a_case_taken_through_its_life_by_the_api_is_counted_by_tick(town: Town) -> None:
    case = town.acceptor.act(town.worker.report(), "file")
    case = town.dispatcher.act(case, "assign", department=town.sanitation.pk)
    town.acceptor.act(
        town.community.act(town.handler.act(case, "handle", text="好"), "verify_repair", outcome="pass"), "close"
    )
    call_command("tick")
    today = timezone.localdate()
    total = town.director.get(f"/statistics?first={today}&last={today}").json()["total"]
    assert (total["reported"], total["filed"], total["closed"]) == (1, 1, 1)
    assert LimitFact.objects.get().on_time is True


def test_a_refused_matter_is_finished_but_not_solved_and_what_was_no_case_is_left_out_of_the_rate(town: Town) -> None:
    Life("2026-03-02 08:00", source="counter").then("2026-03-03 08:00", "refused", "refused", closed=True)
    Life("2026-03-02 09:00").filed("2026-03-02 09:30").closed("2026-03-03 10:00")
    Life("2026-03-02 10:00").declined("2026-03-02 11:00")
    Life("2026-03-02 11:00", east=0.003)
    found = statistics(town.director)
    assert shown(found["total"]) == {
        "reported": 4, "filed": 1, "declined": 1, "refused": 1, "closed": 1, "open": 1,
        "to_close": 3, "closed_of_them": 1, "refused_of_them": 1,
    }  # fmt: skip
    assert sum(one["refused"] for one in found["line"]) == 1
    assert found["closing"]["count"] == 1
    assert State.DECLINED in counting.NO_CASES
    assert counting.NO_CASES.isdisjoint({State.CLOSED, State.REFUSED})


# --- kept up with the log ---


def facts_now() -> list[Any]:
    return [
        list(CaseFact.objects.order_by("pk").values()),
        list(LimitFact.objects.order_by("incident", "turn").values("incident", "turn", "ends_at", "on_time")),
    ]


def test_facts_kept_up_step_by_step_equal_a_recount_of_everything(town: Town, march: dict[str, Life]) -> None:
    actions.refresh_facts()
    march["waiting"].filed("2026-03-20 09:00").assigned("2026-03-20 09:30", town.gardens, "2026-03-20 15:30")
    actions.refresh_facts()
    march["open"].handled("2026-03-21 09:00").refused("2026-03-21 10:00", "2026-03-21 08:00")
    Life("2026-03-22 08:00", east=0.0045)
    assert actions.refresh_facts() > 0
    kept = facts_now()
    CaseFact.objects.all().delete()
    LimitFact.objects.all().delete()
    actions.remake_facts(STREET)
    assert facts_now() == kept
    assert actions.refresh_facts() == 0


def test_a_log_that_began_anew_is_read_from_its_beginning(town: Town, march: dict[str, Life]) -> None:
    statistics(town.director)
    FactCursor.objects.update(epoch="other", seq=10**6)
    CaseFact.objects.update(spot_x=None)  # nothing that counts
    assert statistics(town.director)["total"]["closed"] == 4
    assert not CaseFact.objects.filter(spot_x=None).exists()


# --- scope ---


def test_each_counts_what_she_serves_and_a_handler_what_her_department_has(town: Town, march: dict[str, Life]) -> None:
    Life("2026-03-02 08:00", cell=OTHER_CELL)
    assert statistics(town.other_director)["total"]["reported"] == 1
    assert statistics(Caller(user("district", Role.AUDITOR, "990101")))["total"]["reported"] == 9
    assert statistics(town.director, f"{MARCH}&area={OTHER_STREET}")["total"]["reported"] == 0
    assert statistics(town.gardener)["total"]["reported"] == 1
    handler = statistics(town.handler)
    assert handler["total"]["reported"] == 3
    assert {one["key"] for one in handler["departments"]} == {str(town.sanitation.pk)}
    assert town.worker.get("/statistics").status_code == 403


def test_the_heat_map_has_squares_with_counts_in_scope(town: Town, march: dict[str, Life]) -> None:
    Life("2026-03-02 08:00", cell=OTHER_CELL)
    actions.refresh_facts()
    made = town.director.get(f"/statistics/heat.geojson?{MARCH}").json()
    assert sum(one["properties"]["cases"] for one in made["features"]) == 8
    assert {one["geometry"]["type"] for one in made["features"]} == {"Point"}
    assert all(105.0 <= one["geometry"]["coordinates"][0] <= 105.02 for one in made["features"])
    assert town.director.get(f"/statistics/heat.geojson?{MARCH}&area={OTHER_STREET}").json()["features"] == []


def test_what_comes_back_stands_by_cell_and_class_with_its_share(town: Town) -> None:
    first = Life("2026-03-02 08:00").closed("2026-03-03 08:00")
    back = Life("2026-03-05 08:00", east=0.0001)
    Life("2026-03-06 08:00", cell=NEXT_CELL)
    Incident.objects.filter(pk=back.id).update(recurrence_of=first.row)
    [one] = town.director.get(f"/statistics/repeats?{MARCH}").json()
    assert (one["area"], one["cases"], one["again"], one["community_name"]) == (CELL, 2, 1, "江岸社区")
    assert town.director.get(f"/statistics/repeats?{MARCH}&area={NEXT_CELL}").json() == []
    assert town.other_director.get(f"/statistics/repeats?{MARCH}").json() == []
    assert town.worker.get(f"/statistics/repeats?{MARCH}").status_code == 403


# --- the brief ---


def test_the_brief_says_what_came_in_was_closed_is_overdue_with_whom_and_recurs(
    town: Town, march: dict[str, Life]
) -> None:
    actions.refresh_facts()
    week = town.director.get("/brief?day=2026-03-04&span=week").json()
    assert (week["first"], week["last"]) == ("2026-03-02", "2026-03-08")
    assert (week["total"]["reported"], week["total"]["closed"], week["before"]["closed"]) == (5, 3, 1)
    late = {one["name"]: one for one in week["departments"]}["环卫"]
    assert late["overdue"] == 1
    assert late["oldest_due_at"].startswith("2026-03-05T07:00")
    assert [one["department_name"] for one in week["overdue"]] == ["环卫", None, None]
    assert [(one["area"], one["cases"]) for one in week["again"]] == [(CELL, 1)]
    day = town.director.get("/brief?day=2026-03-04").json()
    assert (day["first"], day["last"], day["total"]["reported"]) == ("2026-03-04", "2026-03-04", 1)
    assert town.planner.get("/brief?day=2026-03-04").json()["overdue"] == []  # figures, but no cases


@pytest.mark.parametrize(
    "query",
    ["first=2026-03-02&last=2026-03-01", "first=2020-01-01&last=2026-03-01", "first=0001-01-01&last=0001-01-02"],
)
def test_a_period_that_cannot_be_counted_is_refused_by_name(town: Town, query: str) -> None:
    answer = town.director.get(f"/statistics?{query}")
    assert answer.status_code == 422
    assert answer.json()["fields"].keys() == {"first", "last"}


# --- no person ---

PERSONAL = (
    "user",
    "person",
    "worker",
    "reporter",
    "verifier",
    "handled_by",
    "actor",
    "handler_name",
    "rank",
    "mileage",
)


def test_no_table_answer_or_text_of_statistics_has_a_person(town: Town, march: dict[str, Life]) -> None:
    for model in (CaseFact, LimitFact, FactCursor):
        for column in model._meta.get_fields():
            assert column.related_model is not User
            assert not any(word in column.name for word in PERSONAL)
    for schema in (StatisticsOut, BriefOut):
        assert not any(f'"{word}' in str(schema.model_json_schema()).replace("'", '"') for word in PERSONAL)
    Incident.objects.update(reporter=town.worker.user, verifier=town.second_worker.user, handled_by=town.handler.user)
    actions.remake_facts(STREET)
    names = [person.name for person in User.objects.all()] + [person.username for person in User.objects.all()]
    for path in (f"/statistics?{MARCH}", f"/statistics/heat.geojson?{MARCH}", "/brief?day=2026-03-04&span=week"):
        body = town.director.get(path).content.decode()
        assert [name for name in names if f'"{name}"' in body] == [], path


def test_whoever_reported_or_verified_a_case_changes_no_figure(town: Town, march: dict[str, Life]) -> None:
    before = statistics(town.director)
    Incident.objects.update(reporter=town.second_worker.user, verifier=town.worker.user, handled_by=town.worker.user)
    actions.remake_facts(STREET)
    assert statistics(town.director) == before


def test_every_definition_is_said_in_both_languages_and_stands_in_the_docs(town: Town) -> None:
    told = town.director.get("/statistics").json()["definitions"]
    assert told == counting.DEFINITIONS
    from tests.sources import ROOT

    docs = (ROOT / "docs/statistics.md").read_text()
    for words in counting.DEFINITIONS.values():
        assert words["zh"] in docs
        assert words["en"] in docs


def test_who_may_see_statistics_is_who_the_table_says() -> None:
    assert access.TABLE["statistics.view"] == {
        Role.DIRECTOR, Role.ACCEPTOR, Role.DISPATCHER, Role.COMMUNITY, Role.PLANNER, Role.AUDITOR, Role.HANDLER,
    }  # fmt: skip
