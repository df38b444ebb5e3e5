"""The life of an incident through the API, and the rules that working systems need."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from gridmap.models import StreamEvent
from incidents import actions
from incidents.models import Incident
from tests.factories import LID, Caller, Town, ago, as_if_ago


def through(town: Town, card: dict[str, Any], until: str) -> dict[str, Any]:
    """Take a reported case along the usual way up to a state."""
    steps: list[tuple[str, Caller, str, dict[str, Any]]] = [
        ("filed", town.acceptor, "file", {}),
        ("assigned", town.dispatcher, "assign", {"department": town.sanitation.pk}),
        ("in_work", town.handler, "take", {}),
        ("to_verify", town.handler, "handle", {"text": "已清理"}),
        ("verified", town.worker, "verify_repair", {"outcome": "pass"}),
        ("closed", town.acceptor, "close", {}),
    ]
    for state, caller, action, given in steps:
        card = caller.act(card, action, **given)
        assert card["state"] == state
        if state == until:
            return card
    raise AssertionError(until)


def test_a_case_goes_from_report_to_close_by_four_people(town: Town) -> None:
    card = through(town, town.worker.report(description="路口有垃圾"), "closed")
    detail = town.director.detail(card)
    kinds = [moment["kind"].removeprefix("incident.") for moment in detail["timeline"]]
    assert kinds == ["reported", "filed", "assigned", "taken", "handled", "repair_verified", "closed"]
    assert [moment["actor_name"] for moment in detail["timeline"]] == [
        "Alice",
        "Chen",
        "Ding",
        "Han",
        "Han",
        "Alice",
        "Chen",
    ]
    assert detail["timeline"][4]["text"] == "已清理"
    assert detail["timeline"][4]["from_state"] == "in_work"
    assert detail["description"] == "路口有垃圾"


def test_solved_on_the_spot_is_one_record_closed_at_once(town: Town) -> None:
    card = town.worker.report(self_handled=True)
    assert (card["state"], card["source"], card["level"]) == ("closed", "self_handled", "cell")
    assert StreamEvent.objects.filter(object_id=card["id"]).count() == 1


def test_a_case_kept_in_the_cell_is_solved_by_the_worker_or_passed_up(town: Town) -> None:
    kept = town.worker.report(level="cell")
    assert town.worker.act(kept, "self_handle")["state"] == "closed"
    passed = town.worker.report(level="cell")
    for level in ("community", "street", "district"):
        passed = town.worker.act(passed, "escalate", reason="需要上级处理")
        assert passed["level"] == level
    assert town.worker.act(passed, "escalate", reason="x", expect=409)["code"] == "top_level"
    assert town.worker.act(passed, "self_handle", expect=409)["code"] == "passed_up"


@pytest.mark.parametrize("source", ["citizen", "hotline", "media"])
def test_a_citizens_report_is_verified_before_it_is_filed(town: Town, source: str) -> None:
    card = town.acceptor.report(source=source)
    assert town.acceptor.act(card, "file", expect=409)["code"] == "not_verified"
    card = town.acceptor.act(card, "request_verification", person=town.worker.user.pk)
    assert card["state"] == "verifying"
    assert card["due_at"] is not None
    refuted = town.worker.act(card, "verify_report", outcome="fail", reason="现场没有")
    assert town.acceptor.act(refuted, "file", expect=409)["code"] == "not_verified"
    again = town.acceptor.act(refuted, "request_verification")
    verified = town.worker.act(again, "verify_report", outcome="pass")
    assert town.acceptor.act(verified, "file")["state"] == "filed"


def test_a_verification_goes_to_the_nearest_worker_on_duty(town: Town) -> None:
    card = town.acceptor.report(source="citizen")
    for worker, lon in ((town.second_worker, 105.0151), (town.worker, 105.0051)):
        worker.post("/duty", {"mutation_id": str(UUID(int=int(lon * 1e7))), "on": True})
        worker.post("/position", {"lon": lon, "lat": 28.01, "accuracy_m": 5, "at": ago(seconds=1)})
    card = town.acceptor.act(card, "request_verification")
    assert town.director.detail(card)["verifier_name"] == "Alice"


def test_rule_1_every_return_has_a_reason_and_a_department_takes_its_own_assignment_back_first(town: Town) -> None:
    card = through(town, town.worker.report(), "in_work")
    assert town.handler.act(card, "return", expect=409)["code"] == "wrong_state"
    assert town.handler.act(card, "withdraw", expect=422)["code"] == "reason_needed"
    card = town.handler.act(card, "withdraw", reason="排班变动")
    assert card["state"] == "assigned"
    assert town.handler.act(card, "return", expect=422)["code"] == "reason_needed"
    card = town.handler.act(card, "return", reason="不属本部门")
    assert (card["state"], card["department"]) == ("filed", None)


def test_same_department_again_goes_on_with_what_was_left_another_one_starts_anew(town: Town) -> None:
    reported = town.worker.report(class_key=LID, condition=1)  # two hours round the clock
    card = town.dispatcher.act(town.acceptor.act(reported, "file"), "assign", department=town.sanitation.pk)
    due = datetime.fromisoformat(card["due_at"])
    assert timedelta(minutes=119) < due - datetime.now(UTC) <= timedelta(hours=2)
    as_if_ago(card, timedelta(hours=1))
    card = town.handler.act(card, "return", reason="先由产权单位确认")
    dispatchers = datetime.fromisoformat(card["due_at"]) - datetime.now(UTC)
    assert timedelta(minutes=14) < dispatchers <= timedelta(minutes=15)
    same = town.dispatcher.act(card, "assign", department=town.sanitation.pk)
    left = datetime.fromisoformat(same["due_at"]) - datetime.now(UTC)
    assert timedelta(minutes=58) < left <= timedelta(hours=1)
    card = town.handler.act(same, "return", reason="再次退回")
    other = town.dispatcher.act(card, "assign", department=town.gardens.pk)
    assert datetime.fromisoformat(other["due_at"]) - datetime.now(UTC) > timedelta(minutes=119)


def test_the_handling_clock_stands_still_while_the_repair_is_verified(town: Town) -> None:
    reported = town.worker.report(class_key=LID, condition=1)
    card = town.dispatcher.act(town.acceptor.act(reported, "file"), "assign", department=town.sanitation.pk)
    handled = town.handler.act(card, "handle", text="已更换")
    verification = datetime.fromisoformat(handled["due_at"]) - datetime.now(UTC)
    assert timedelta(minutes=29) < verification <= timedelta(minutes=30)
    assert town.worker.act(handled, "verify_repair", outcome="fail", expect=422)["code"] == "reason_needed"
    failed = town.worker.act(handled, "verify_repair", outcome="fail", reason="仍有松动")
    assert failed["state"] == "assigned"
    assert datetime.fromisoformat(failed["due_at"]) - datetime.now(UTC) > timedelta(minutes=119)


def test_whoever_handled_a_case_never_verifies_it(town: Town) -> None:
    from gridmap.actions import grant  # one person with two hats, for this test alone
    from gridmap.models import Role

    grant(town.handler.user, Role.WORKER, "990101001")
    both = Caller(type(town.handler.user).objects.get(pk=town.handler.user.pk))
    card = through(town, town.worker.report(), "to_verify")
    assert both.act(card, "verify_repair", outcome="pass", expect=409)["code"] == "own_work"
    assert "verify_repair" not in [a["name"] for a in both.detail(card)["actions"]]


def test_what_a_user_may_do_is_what_the_detail_offers(town: Town) -> None:
    card = town.worker.report()
    names = {
        who: [a["name"] for a in town.callers[who].detail(card)["actions"]]
        for who in ("acceptor", "dispatcher", "auditor")
    }
    tying = ["join", "merge", "split_off", "put_under"]
    assert names["acceptor"] == ["request_verification", "file", "decline", "escalate", "note", "photo", *tying]
    assert names["dispatcher"] == ["escalate", "note", "photo", *tying]
    assert names["auditor"] == []


def test_two_people_at_once_the_second_is_told_and_sees_both(town: Town) -> None:
    seen = town.worker.report()
    town.acceptor.act(seen, "file")
    told = town.director.act(seen, "decline", reason="重复", expect=409)
    assert told["code"] == "stale"
    assert told["detail"]["current"]["state"] == "filed"
    assert told["detail"]["yours"]["reason"] == "重复"


def test_a_note_is_never_refused_because_someone_was_faster(town: Town) -> None:
    seen = town.worker.report()
    town.acceptor.act(seen, "file")
    noted = town.worker.act(seen, "note", text="住户说明天再来")
    assert (noted["state"], noted["version"]) == ("filed", 3)


def test_a_deadline_that_passes_is_marked_once_and_said_once(town: Town) -> None:
    card = town.acceptor.act(town.worker.report(), "file")
    Incident.objects.filter(pk=card["id"]).update(due_at=datetime.now(UTC) - timedelta(minutes=1))
    assert actions.mark_overdue() == 1
    assert actions.mark_overdue() == 0
    assert StreamEvent.objects.filter(object_id=card["id"], kind="incident.overdue").count() == 1
    assert town.director.get("/incidents/summary").json()["overdue"] == 1


def test_errors_speak_the_callers_language_and_name_what_is_possible(town: Town) -> None:
    card = town.worker.report()
    body = {"mutation_id": str(UUID(int=1)), "version": 1, "department": town.sanitation.pk}
    path = f"/incidents/{card['id']}/assign"
    assert "待受理" in town.dispatcher.post(path, body).json()["message"]
    english = town.dispatcher.post(path, body, language="en").json()
    assert english["code"] == "wrong_state"
    assert "Reported" in english["message"]
    assert "possible now: pass up, add a note, add a photo" in english["message"]  # what a dispatcher may do here


def test_another_condition_at_the_next_assignment_brings_its_own_limit(town: Town) -> None:
    reported = town.worker.report(class_key=LID, condition=4)  # five working days
    card = town.dispatcher.act(town.acceptor.act(reported, "file"), "assign", department=town.sanitation.pk)
    card = town.dispatcher.act(card, "withdraw", reason="井盖缺失,应为紧急")
    again = town.dispatcher.act(card, "assign", department=town.sanitation.pk, condition=1)  # two hours round the clock
    assert timedelta(minutes=119) < datetime.fromisoformat(again["due_at"]) - datetime.now(UTC) <= timedelta(hours=2)
    assert again["urgent"]


def test_a_department_that_does_not_move_is_relieved(town: Town) -> None:
    card = through(town, town.worker.report(), "in_work")
    relieved = town.dispatcher.act(card, "withdraw", reason="超时未处置")
    assert (relieved["state"], relieved["department"]) == ("filed", None)


def test_a_verification_that_nobody_answers_is_given_to_another_or_declined(town: Town) -> None:
    card = town.acceptor.act(town.acceptor.report(source="citizen"), "request_verification", person=town.worker.user.pk)
    card = town.acceptor.act(card, "request_verification", person=town.community.user.pk)
    assert town.director.detail(card)["verifier_name"] == "Cai"
    assert town.acceptor.act(card, "decline", reason="无法核实")["state"] == "declined"


def test_a_verification_goes_to_no_one_who_may_not_verify(town: Town) -> None:
    card = town.acceptor.report(source="citizen")
    refused = town.acceptor.act(card, "request_verification", person=town.director.user.pk, expect=422)
    assert refused["code"] == "unknown_person"


def test_who_took_a_citizens_report_does_not_verify_it(town: Town) -> None:
    assert town.worker.report(source="citizen", expect=422)["code"] == "own_eyes"
    card = town.acceptor.act(town.community.report(source="citizen"), "request_verification")
    assert town.community.act(card, "verify_report", outcome="pass", expect=409)["code"] == "own_report"


def test_a_note_or_a_photo_or_a_mark_does_not_disturb_who_is_about_to_act(town: Town) -> None:
    seen = town.worker.report()
    town.worker.act(seen, "note", text="门口还有一处")
    filed = town.acceptor.act(seen, "file")
    assert (filed["state"], filed["version"]) == ("filed", 3)
    Incident.objects.filter(pk=seen["id"]).update(due_at=datetime.now(UTC) - timedelta(minutes=1))
    actions.mark_overdue()
    assert town.dispatcher.act(filed, "assign", department=town.sanitation.pk)["state"] == "assigned"


def test_reason_and_text_are_both_kept(town: Town) -> None:
    card = through(town, town.worker.report(), "in_work")
    card = town.handler.act(card, "withdraw", reason="设备故障", text="下午再来")
    assert town.handler.detail(card)["timeline"][-1]["text"] == "设备故障\n下午再来"
