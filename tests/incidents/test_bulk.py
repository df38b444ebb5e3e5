"""One decision for several cases: each by itself, each told of, nothing twice and nothing half done in silence."""

from typing import Any
from uuid import uuid4

import pytest

from gridmap.models import StreamEvent
from incidents.models import Incident, Remark
from tests.factories import OTHER_CELL, Caller, Town


def chosen(*cards: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"id": card["id"], "version": card["version"], "mutation_id": str(uuid4())} for card in cards]


def bulk(caller: Caller, action: str, cases: list[dict[str, Any]], **given: Any) -> list[dict[str, Any]]:
    answer = caller.post("/incidents/bulk", {"action": action, "cases": cases, **given})
    assert answer.status_code == 200, answer.content.decode()
    found: list[dict[str, Any]] = answer.json()["results"]
    return found


def results(found: list[dict[str, Any]]) -> list[str]:
    return [one["result"] for one in found]


def test_several_cases_are_filed_assigned_and_noted_with_one_reason(town: Town) -> None:
    cards = [town.worker.report() for _ in range(3)]
    filed = bulk(town.acceptor, "file", chosen(*cards), reason="同一处,一并处理")
    assert results(filed) == ["done"] * 3
    assert {one["card"]["state"] for one in filed} == {"filed"}
    assigned = bulk(
        town.dispatcher,
        "assign",
        chosen(*(one["card"] for one in filed)),
        department=town.sanitation.pk,
        reason="一并处理",
    )
    assert {one["card"]["department"] for one in assigned} == {town.sanitation.pk}
    bulk(town.director, "note", chosen(*cards), reason="已告知社区")
    said = list(Remark.objects.filter(incident=cards[0]["id"]).order_by("version").values_list("text", flat=True))
    assert said == ["同一处,一并处理", "一并处理", "已告知社区"]
    assert [m["text"] for m in town.director.detail(cards[2])["timeline"]][1:] == said


def test_verified_ones_are_closed_and_the_others_told_why_not(town: Town) -> None:
    open_one, done = town.worker.report(), town.worker.report()
    Incident.objects.filter(pk=done["id"]).update(state="verified")
    found = bulk(town.acceptor, "close", chosen(done, open_one))
    assert results(found) == ["done", "not_possible"]
    assert found[1]["code"] == "wrong_state"
    assert "待受理" in found[1]["message"]
    assert (found[0]["card"]["state"], found[1]["card"]) == ("closed", None)


def test_a_case_on_which_someone_was_faster_is_left_as_it_is_now(town: Town) -> None:
    seen = [town.worker.report() for _ in range(3)]
    town.director.act(seen[1], "decline", reason="重复")
    found = bulk(town.acceptor, "file", chosen(*seen))
    assert results(found) == ["done", "stale", "done"]
    assert found[1]["card"]["state"] == "declined"
    assert Incident.objects.get(pk=seen[1]["id"]).state == "declined"


def test_a_note_that_came_between_disturbs_nobody(town: Town) -> None:
    card = town.worker.report()
    town.director.act(card, "note", text="看过")
    assert results(bulk(town.acceptor, "file", chosen(card))) == ["done"]


def test_a_repeat_is_answered_as_before_and_does_nothing(town: Town) -> None:
    cases = chosen(*(town.worker.report() for _ in range(3)))
    first = bulk(town.acceptor, "file", cases[:2])
    events = StreamEvent.objects.count()
    again = bulk(town.acceptor, "file", cases)  # the answer was lost; the third one had not been sent
    assert results(again) == ["done"] * 3
    assert [one["card"]["version"] for one in again[:2]] == [one["card"]["version"] for one in first]
    assert StreamEvent.objects.count() == events + 1


def test_one_case_twice_is_done_once(town: Town) -> None:
    card = town.worker.report()
    assert results(bulk(town.acceptor, "file", chosen(card, card))) == ["done", "stale"]


def test_what_she_may_not_see_does_not_exist_and_what_she_may_not_do_is_not_done(town: Town) -> None:
    mine, theirs = town.worker.report(), town.other_worker.report(cell=OTHER_CELL)
    gone = {"id": str(uuid4()), "version": 1}
    found = bulk(town.acceptor, "file", chosen(mine, theirs, gone))
    assert [(one["result"], one["code"]) for one in found] == [
        ("done", None), ("not_possible", "not_found"), ("not_possible", "not_found")
    ]  # fmt: skip
    assert found[1]["message"] == found[2]["message"]
    assert [one["code"] for one in bulk(town.worker, "file", chosen(town.worker.report()))] == ["forbidden"]


def test_a_citizens_report_is_still_verified_first(town: Town) -> None:
    found = bulk(town.acceptor, "file", chosen(town.acceptor.report(source="citizen"), town.worker.report()))
    assert [one["code"] for one in found] == ["not_verified", None]


def test_what_the_step_needs_is_asked_for_case_by_case(town: Town) -> None:
    card = town.acceptor.act(town.worker.report(), "file")
    assert [one["code"] for one in bulk(town.dispatcher, "assign", chosen(card))] == ["department_needed"]
    assert [one["code"] for one in bulk(town.dispatcher, "note", chosen(card))] == ["text_needed"]


def test_an_assignment_of_several_is_taken_back_but_not_from_who_has_begun(town: Town) -> None:
    cards = [town.acceptor.act(town.worker.report(), "file") for _ in range(2)]
    assigned = [one["card"] for one in bulk(town.dispatcher, "assign", chosen(*cards), department=town.sanitation.pk)]
    town.handler.act(assigned[1], "take")
    back = bulk(town.dispatcher, "withdraw", chosen(*assigned), reason="撤销批量派遣")
    assert results(back) == ["done", "stale"]
    assert [Incident.objects.get(pk=card["id"]).state for card in cards] == ["filed", "in_work"]


@pytest.mark.parametrize(
    "body",
    [{"action": "decline"}, {"cases": []}, {"cases": [{"id": "x", "version": 1, "mutation_id": "y"}]}, {"reason": "长" * 2001},
     {"action": "handle"}],
)  # fmt: skip
def test_what_is_no_such_request_is_refused_whole(town: Town, body: dict[str, Any]) -> None:
    card = town.worker.report()
    whole = {"action": "note", "reason": "x", "cases": chosen(card)} | body
    assert town.director.post("/incidents/bulk", whole).status_code == 422
    assert town.director.detail(card)["version"] == 1


def test_at_most_a_hundred_at_once(town: Town) -> None:
    cases = chosen(*[{"id": str(uuid4()), "version": 1}] * 101)
    assert town.director.post("/incidents/bulk", {"action": "note", "reason": "x", "cases": cases}).status_code == 422
