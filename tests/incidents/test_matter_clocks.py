"""The clocks of matters are those of every case: kept as rows, told of, explained, moved with the calendar."""

import importlib
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.apps import apps
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from gridmap.models import StreamEvent, User
from incidents import clock, workflow
from incidents.actions import clocks
from incidents.actions.door import EFFECTS
from incidents.actions.effects import Given, Taking
from incidents.models import Deadline, Incident, Request, Run
from incidents.workflow import Action, Outcome, State
from tests.counter import register
from tests.factories import MATTER, Caller, Town, as_if_ago, put_procedure
from tests.incidents.test_calendar import due_day, put
from tests.incidents.test_clock import CALENDAR, MINUTE, counts_naively, whole_minutes
from tests.incidents.test_deadlines_api import holds, said, tick

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
AROUND = [{
    "key": "look", "name": "受理", "name_en": "Take", "level": "street", "role": "acceptor", "limit": "4h!",
    "results": {"finish": "", "supplement": "", "extend": ""},
}]  # fmt: skip


def deadlines(who: Caller, card: dict[str, Any]) -> dict[str, Any]:
    answer = who.get(f"/incidents/{card['id']}/deadline")
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


@pytest.fixture
def card(town: Town) -> dict[str, Any]:
    """A matter with one stage of four hours round the clock."""
    put_procedure(AROUND)
    made: dict[str, Any] = register(town.acceptor, class_key=MATTER)
    return made


def test_a_stage_is_explained_from_its_start_to_the_stored_due_time(counter: dict[str, Caller]) -> None:
    card = register(counter["clerk"])
    running = deadlines(counter["director"], card)["running"]
    assert (running["stage"], running["stage_name"], running["stage_name_en"]) == ("processing", "正式接受", "Accept")
    assert (running["limit"], running["kind"], running["department"]) == ("4h", "working", None)
    assert running["due_at"] == card["due_at"]
    holds(running)


def test_each_stage_has_a_clock_of_its_own_and_one_that_is_entered_again_begins_anew(
    counter: dict[str, Caller],
) -> None:
    acceptor, clerk, director, bureau = (counter[name] for name in ("acceptor", "clerk", "director", "bureau"))
    card = acceptor.act(register(clerk), "approve")
    card = clerk.act(card, "approve", text="属实")
    card = director.act(card, "send_back", reason="请写明人数")
    found = deadlines(clerk, card)
    assert (found["running"]["stage_name"], found["running"]["due_at"]) == ("社区审批", card["due_at"])
    assert [one["stage_name"] for one in found["others"]] == ["街道审核", "社区审批", "正式接受"]
    card = director.act(clerk.act(card, "approve", text="三口"), "approve", text="同意", signed=True)
    assert deadlines(bureau, card)["running"]["department_name"] == "民政"
    for one in [found["running"], *found["others"]]:
        holds(one)


def test_waiting_for_papers_pauses_the_clock_and_it_goes_on_with_what_was_left(
    town: Town, card: dict[str, Any]
) -> None:
    as_if_ago(card, HOUR)
    asked = town.acceptor.act(card, "supplement", reason="缺材料")
    assert (asked["state"], asked["due_at"], asked["overdue"]) == ("waiting", None, False)
    paused = deadlines(town.director, card)
    assert (paused["running"], paused["others"][0]["left_minutes"]) == (None, 179)
    as_if_ago(card, 5 * HOUR)
    again = town.acceptor.act(asked, "resubmit", text="补齐")
    running = deadlines(town.director, card)["running"]
    assert running["due_at"] == again["due_at"]
    assert (running["left_minutes"], [p["why"] for p in running["pieces"]]) == (
        179, ["continuous", "paused", "continuous"],
    )  # fmt: skip
    assert (running["pauses"][0]["action"], running["pauses"][0]["why"]) == ("supplement", "缺材料")
    holds(running)


def test_a_matter_is_warned_of_told_when_it_is_late_and_again_after_each_further_limit(
    town: Town, card: dict[str, Any]
) -> None:
    as_if_ago(card, 3 * HOUR)
    assert tick() == (0, 0, 1)
    as_if_ago(card, HOUR)
    assert tick() == (1, 0, 0)
    as_if_ago(card, 4 * HOUR)
    assert tick() == (0, 1, 0)
    assert tick() == (0, 0, 0)
    assert said(card) == ["due_soon", "overdue", "overdue_again"]
    assert town.director.detail(card)["overdue_by"] == 1


def test_a_matter_that_waits_for_papers_or_has_ended_is_told_of_no_more(town: Town, card: dict[str, Any]) -> None:
    asked = town.acceptor.act(card, "supplement", reason="缺材料")
    as_if_ago(card, 30 * HOUR)
    assert tick() == (0, 0, 0)
    town.acceptor.act(town.acceptor.act(asked, "resubmit", text="补齐"), "finish")
    row = Incident.objects.get(pk=card["id"])
    assert (row.due_at, row.soon_at, row.again_at, row.overdue) == (None, None, None, False)
    assert not Run.objects.filter(deadline__incident=row, stopped_at=None).exists()


def test_a_holiday_moves_the_deadline_of_a_matter(town: Town, counter: dict[str, Caller]) -> None:
    card = register(counter["clerk"])
    assert put(town, due_day(card), working=False) == 1
    moved = counter["director"].detail(card)
    assert due_day(moved) > due_day(card)
    running = deadlines(counter["director"], card)["running"]
    assert running["due_at"] == moved["due_at"]
    holds(running)


def test_a_stage_without_a_limit_has_no_clock(town: Town) -> None:
    put_procedure([{**AROUND[0], "limit": "", "results": {"finish": "", "supplement": ""}}])
    card = register(town.acceptor, class_key=MATTER)
    assert deadlines(town.director, card) == {"running": None, "others": []}
    back = town.acceptor.act(town.acceptor.act(card, "supplement", reason="缺材料"), "resubmit", text="补齐")
    assert back["due_at"] is None


# --- a count that knows nothing of clocks

turns = st.lists(
    st.tuples(st.integers(1, 200), st.integers(1, 3000)), max_size=4
)  # minutes at work, minutes with the applicant


def begin(case: str, limit: str, start: datetime) -> Incident:
    """The stage of a case begun at this moment under this limit, as if nothing had been before."""
    Request.objects.filter(incident__pk=case).delete()
    Deadline.objects.filter(incident__pk=case).delete()
    own = Deadline(incident_id=UUID(case), stage="processing", stage_key="look", limit=limit)
    changes = clocks.start(own, clocks.Cause("register", start, 1), CALENDAR)
    Incident.objects.filter(pk=case).update(state=State.PROCESSING, **changes)
    return Incident.objects.get(pk=case)


def take(actor: User, incident: Incident, action: Action, moment: datetime) -> None:
    """A step as the door takes it, at a moment of one's own."""
    step = workflow.step(action, State(incident.state), outcome=Outcome.PASS)
    changes = EFFECTS[action](Taking(actor, incident, Given(), step, moment, uuid4()))
    Incident.objects.filter(pk=incident.pk).update(**changes, state=step.target or incident.state)
    incident.refresh_from_db()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(whole_minutes, turns, st.sampled_from(["4h", "2d", "4h!"]), st.integers(0, 2))
def test_the_due_time_of_a_matter_equals_a_count_minute_by_minute_over_its_stage(
    town: Town, card: dict[str, Any], start: datetime, turns: list[tuple[int, int]], limit: str, more: int
) -> None:
    asked, incident, minute = clock.Limit.parse(limit), begin(card["id"], limit, start), start
    left = asked.span * (more + 1) // MINUTE
    for run, pause in turns:
        left -= sum(counts_naively(minute + n * MINUTE, asked.kind, CALENDAR) for n in range(run))
        take(town.acceptor.user, incident, Action.SUPPLEMENT, minute + run * MINUTE)
        assert incident.due_at is None
        minute += (run + pause) * MINUTE
        take(town.acceptor.user, incident, Action.RESUBMIT, minute)
    assume(left > 0)  # a pause after the end moves nothing: said of the deadlines of every case
    for _ in range(more):
        take(town.acceptor.user, incident, Action.EXTEND, minute)
        take(town.director.user, incident, Action.GRANT_EXTENSION, minute)
    while left:
        left -= counts_naively(minute, asked.kind, CALENDAR)
        minute += MINUTE
    assert incident.due_at == minute


# --- matters from before


def told(who: Caller, card: dict[str, Any]) -> list[tuple[Any, ...]]:
    """What the clocks of a case say, but for the moments: the log counts those by its own clock."""
    found = deadlines(who, card)
    return [
        (
            one["stage_name"],
            one["limit"],
            len(one["extensions"]),
            one["running"],
            [(p["action"], p["ended_by"]) for p in one["pauses"]],
        )
        for one in [found["running"], *found["others"]]
        if one
    ]


def forget(card: dict[str, Any]) -> None:
    """Put a matter into the form that it had before its clocks were rows; only its log tells what was."""
    Run.objects.filter(deadline__incident=card["id"]).delete()
    Deadline.objects.filter(incident=card["id"]).delete()
    Incident.objects.filter(pk=card["id"]).update(soon_at=None)


def test_the_clocks_of_matters_from_before_are_made_from_their_log(counter: dict[str, Caller]) -> None:
    acceptor, clerk = counter["acceptor"], counter["clerk"]
    card = acceptor.act(register(clerk), "supplement", reason="缺材料")
    card = acceptor.act(clerk.act(card, "resubmit", text="补齐"), "approve")
    ended = acceptor.act(register(clerk), "refuse", reason="不符合条件")
    before = [told(clerk, card), told(clerk, ended)]
    forget(card)
    forget(ended)
    importlib.import_module("incidents.migrations.0010_matter_clocks").follow(apps, None)
    assert [told(clerk, card), told(clerk, ended)] == before
    assert Incident.objects.get(pk=card["id"]).soon_at


def test_an_extension_from_before_is_a_request_that_its_person_granted(counter: dict[str, Caller]) -> None:
    card = counter["clerk"].act(counter["acceptor"].act(register(counter["clerk"]), "approve"), "note", text="入户")
    was = StreamEvent.objects.filter(object_id=card["id"]).latest("seq")
    StreamEvent.objects.create(
        stream=was.stream, seq=was.seq + 1, kind="incident.extended", area_code=was.area_code, object_id=was.object_id,
        object_version=card["version"], payload=was.payload, actor=was.actor, created_at=was.created_at,
    )  # fmt: skip
    forget(card)
    importlib.import_module("incidents.migrations.0010_matter_clocks").follow(apps, None)
    running = deadlines(counter["clerk"], card)["running"]
    assert [(one["by"], one["why"]) for one in running["extensions"]] == [("Clerk", "入户")]
    assert counter["clerk"].detail(card)["procedure"]["extensions"] == 1
