"""Why a case is due when it is, through the API: the clocks of its life, kept as rows, and their explanation."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from gridmap.models import StreamEvent, StreamHead
from incidents import actions, clock, queries
from incidents.models import Assignment, Deadline, Incident, Run
from tests import factories
from tests.factories import LID, STREET, Town, as_if_ago
from tests.incidents.test_life import through
from tests.threads import at_once

HOUR = timedelta(hours=1)


def deadlines(town: Town, card: dict[str, Any], who: str = "director") -> dict[str, Any]:
    answer = town.callers[who].get(f"/incidents/{card['id']}/deadline")
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def counted(found: dict[str, Any]) -> timedelta:
    spans = (
        datetime.fromisoformat(p["end"]) - datetime.fromisoformat(p["start"]) for p in found["pieces"] if p["counts"]
    )
    return sum(spans, timedelta(0))


def holds(found: dict[str, Any]) -> None:
    """What a lawyer would add up: the pieces leave no gap, reach the due time, and those that count are the limit."""
    edges = [piece["end"] for piece in found["pieces"]]
    assert edges[:-1] == [piece["start"] for piece in found["pieces"][1:]]
    assert (found["pieces"][0]["start"], edges[-1]) == (found["started_at"], found["due_at"])
    assert counted(found) == clock.Limit.parse(found["limit"]).span


def lid(town: Town) -> dict[str, Any]:
    """A lid with two hours round the clock, assigned."""
    reported = town.worker.report(class_key=LID, condition=1)
    return town.dispatcher.act(town.acceptor.act(reported, "file"), "assign", department=town.sanitation.pk)


def test_a_handling_deadline_is_explained_from_its_start_to_the_stored_due_time(town: Town) -> None:
    card = through(town, town.worker.report(), "assigned")
    found = deadlines(town, card)
    running = found["running"]
    assert (running["stage"], running["limit"], running["kind"]) == ("handling", "4h", "working")
    assert (running["department_name"], running["running"], running["pauses"]) == ("环卫", True, [])
    assert running["due_at"] == card["due_at"]
    holds(running)
    assert {piece["why"] for piece in running["pieces"] if piece["counts"]} <= {"session", "make_up"}


@pytest.mark.parametrize(("stage", "limit"), [("verifying", "30m!"), ("filed", "15m!"), ("to_verify", "30m!")])
def test_the_stages_with_a_limit_of_their_own_are_explained_too(town: Town, stage: str, limit: str) -> None:
    card = town.acceptor.report(source="citizen")
    if stage == "verifying":
        card = town.acceptor.act(card, "request_verification")
    elif stage == "filed":
        card = town.acceptor.act(town.worker.report(), "file")
    else:
        card = through(town, town.worker.report(), "to_verify")
    running = deadlines(town, card)["running"]
    assert (running["stage"], running["limit"], running["department"]) == (stage, limit, None)
    assert [(p["counts"], p["why"]) for p in running["pieces"]] == [(True, "continuous")]
    assert running["due_at"] == card["due_at"]
    holds(running)


def test_rule_2_returned_to_the_dispatcher_the_handling_clock_pauses_and_the_dispatchers_runs(town: Town) -> None:
    card = lid(town)
    as_if_ago(card, HOUR)
    card = town.handler.act(card, "return", reason="先由产权单位确认")
    found = deadlines(town, card)
    assert found["running"]["stage"] == "filed"
    paused = found["others"][0]
    assert (paused["stage"], paused["running"], paused["left_minutes"]) == ("handling", False, 59)
    assert (paused["pauses"][0]["action"], paused["pauses"][0]["why"]) == ("return", "先由产权单位确认")
    as_if_ago(card, HOUR / 6)  # ten minutes at the dispatcher's
    again = town.dispatcher.act(card, "assign", department=town.sanitation.pk)
    running = deadlines(town, again)["running"]
    assert running["due_at"] == again["due_at"]
    assert [piece["why"] for piece in running["pieces"]] == ["continuous", "paused", "continuous"]
    assert running["pieces"][1]["name"] == "return"
    (pause,) = running["pauses"]
    assert pause["ended_by"] == "assign"
    assert timedelta(minutes=10) <= datetime.fromisoformat(pause["end"]) - datetime.fromisoformat(pause["start"])
    holds(running)


def test_rule_2_another_department_starts_anew(town: Town) -> None:
    card = lid(town)
    as_if_ago(card, HOUR)
    card = town.handler.act(card, "return", reason="不属本部门")
    other = town.dispatcher.act(card, "assign", department=town.gardens.pk)
    running = deadlines(town, other)["running"]
    assert (running["department_name"], running["pauses"]) == ("园林", [])
    assert running["left_minutes"] >= 119
    holds(running)


def test_rule_3_the_clock_of_the_one_who_waits_is_paused_while_a_repair_is_verified(town: Town) -> None:
    card = town.handler.act(lid(town), "handle", text="已更换")
    as_if_ago(card, HOUR / 3)
    failed = town.worker.act(card, "verify_repair", outcome="fail", reason="仍有松动")
    running = deadlines(town, failed)["running"]
    assert [(p["action"], p["why"], p["ended_by"]) for p in running["pauses"]] == [
        ("handle", "已更换", "verify_repair")
    ]
    assert running["left_minutes"] >= 119
    holds(running)


def test_every_deadline_of_a_closed_case_can_still_be_explained(town: Town) -> None:
    card = through(town, town.worker.report(), "closed")
    found = deadlines(town, card)
    assert found["running"] is None
    assert [one["stage"] for one in found["others"]] == ["to_verify", "handling", "filed"]
    for one in found["others"]:
        holds(one)
    assert not Run.objects.filter(deadline__incident=card["id"], stopped_at=None).exists()


def test_a_case_without_a_deadline_has_none_to_explain(town: Town) -> None:
    assert deadlines(town, town.worker.report()) == {"running": None, "others": []}


def test_a_deadline_is_not_found_by_who_may_not_see_the_case(town: Town) -> None:
    card = lid(town)
    assert town.handler.get(f"/incidents/{card['id']}/deadline").status_code == 200
    for who in ("gardener", "other_director", "stranger"):
        assert town.callers[who].get(f"/incidents/{card['id']}/deadline").status_code == 404


def test_a_pause_after_the_deadline_does_not_add_to_what_is_overdue(town: Town) -> None:
    card = lid(town)
    as_if_ago(card, 3 * HOUR)  # an hour late
    card = town.handler.act(card, "handle", text="已更换")
    as_if_ago(card, 5 * HOUR)  # the check takes five
    card = town.worker.act(card, "verify_repair", outcome="fail", reason="仍有松动")
    assert town.director.detail(card)["clock"]["left_minutes"] == -61  # a started minute
    running = deadlines(town, card)["running"]
    assert running["due_at"] == card["due_at"]  # when it ran out, eight hours after its start less six
    holds(running)


def test_a_turn_from_before_runs_were_kept_goes_on_as_if_it_had_run_from_its_start(town: Town) -> None:
    card = lid(town)
    Assignment.objects.filter(incident=card["id"]).update(deadline=None)
    Deadline.objects.filter(incident=card["id"]).delete()
    assert deadlines(town, card) == {"running": None, "others": []}
    card = town.handler.act(card, "handle", text="已更换")
    failed = town.worker.act(card, "verify_repair", outcome="fail", reason="仍有松动")
    holds(deadlines(town, failed)["running"])


# --- what deadlines say by themselves


def tick() -> tuple[int, int, int]:
    return actions.mark_overdue(), actions.mark_overdue_again(), actions.mark_due_soon()


def said(card: dict[str, Any]) -> list[str]:
    kinds = StreamEvent.objects.filter(object_id=card["id"], actor=None).order_by("seq").values_list("kind", flat=True)
    return [kind.removeprefix("incident.") for kind in kinds]


def test_a_warning_comes_once_when_a_quarter_of_the_limit_is_left(town: Town) -> None:
    card = lid(town)
    as_if_ago(card, timedelta(minutes=89))
    assert tick() == (0, 0, 0)
    as_if_ago(card, timedelta(minutes=2))
    assert tick() == (0, 0, 1)
    assert tick() == (0, 0, 0)
    assert said(card) == ["due_soon"]
    shown = town.handler.detail(card)
    assert (shown["due_soon"], shown["overdue"]) == (True, False)
    assert deadlines(town, card)["running"]["warned_at"] is not None


def test_a_short_limit_warns_ten_minutes_before(town: Town) -> None:
    card = town.acceptor.act(town.worker.report(), "file")  # the dispatcher has fifteen minutes
    as_if_ago(card, timedelta(minutes=4))
    assert tick() == (0, 0, 0)
    as_if_ago(card, timedelta(minutes=2))
    assert tick() == (0, 0, 1)


def test_rule_6_each_further_full_limit_is_told_once_to_the_department_and_the_director(town: Town) -> None:
    card = lid(town)
    as_if_ago(card, timedelta(hours=2, minutes=1))
    assert tick() == (1, 0, 0)
    as_if_ago(card, timedelta(hours=1, minutes=58))
    assert tick() == (0, 0, 0)
    as_if_ago(card, timedelta(minutes=2))
    assert tick() == (0, 1, 0)
    assert tick() == (0, 0, 0)
    as_if_ago(card, timedelta(hours=2))
    assert tick() == (0, 1, 0)
    assert said(card) == ["overdue", "overdue_again", "overdue_again"]
    assert town.director.detail(card)["overdue_by"] == 2
    event = StreamEvent.objects.filter(object_id=card["id"], kind="incident.overdue_again").latest("seq")
    assert event.payload["overdue_by"] == 2
    assert event.departments == [town.sanitation.pk]
    epoch = StreamHead.objects.get(stream=STREET).epoch
    heard = {
        who: [e["kind"] for e in town.callers[who].get(f"/events?since={STREET}:{epoch}:0&limit=200").json()["events"]]
        for who in ("handler", "director", "gardener")
    }
    assert heard["handler"].count("incident.overdue_again") == heard["director"].count("incident.overdue_again") == 2
    assert "incident.overdue_again" not in heard["gardener"]


def test_a_missed_tick_catches_up_without_saying_one_thing_twice(town: Town) -> None:
    card = lid(town)
    as_if_ago(card, timedelta(hours=9))  # four limits and a half
    assert tick() == (1, 1, 0)
    assert tick() == (0, 0, 0)
    assert said(card) == ["overdue", "overdue_again"]  # how it stands, not everything that was missed
    assert town.director.detail(card)["overdue_by"] == 3


def test_what_was_told_is_not_told_again_after_a_pause(town: Town) -> None:
    card = lid(town)
    as_if_ago(card, timedelta(minutes=100))
    tick()
    card = town.handler.act(town.handler.detail(card), "return", reason="先由产权单位确认")
    assert (card["due_soon"], card["overdue"]) == (False, False)
    again = town.dispatcher.act(card, "assign", department=town.sanitation.pk)
    assert again["due_soon"]
    as_if_ago(again, timedelta(minutes=30))
    assert tick() == (1, 0, 0)
    card = town.handler.act(town.handler.detail(again), "handle", text="已更换")
    assert not card["overdue"]
    card = town.worker.act(card, "verify_repair", outcome="fail", reason="仍有松动")
    assert card["overdue"]
    assert tick() == (0, 0, 0)
    assert said(card) == ["due_soon", "overdue"]


def test_what_passed_while_nobody_ticked_is_told_after_the_pause(town: Town) -> None:
    card = lid(town)
    as_if_ago(card, timedelta(hours=3))
    card = town.handler.act(card, "handle", text="已更换")
    card = town.worker.act(card, "verify_repair", outcome="fail", reason="仍有松动")
    assert tick() == (1, 0, 0)
    assert said(card) == ["overdue"]


def test_a_case_that_waits_for_nobody_is_not_warned_of(town: Town) -> None:
    card = through(town, town.worker.report(), "closed")
    row = Incident.objects.get(pk=card["id"])
    assert (row.due_at, row.soon_at, row.again_at, row.due_soon, row.overdue_by) == (None, None, None, False, 0)
    assert not queries.nearly_due().exists()


@pytest.mark.django_db(transaction=True)
def test_any_number_of_ticks_at_once_say_each_thing_once() -> None:
    town = factories.town()
    cards = [lid(town) for _ in range(6)]
    for card in cards:
        as_if_ago(card, timedelta(hours=5))
    at_once([tick] * 4)
    assert [said(card) for card in cards] == [["overdue", "overdue_again"]] * 6
