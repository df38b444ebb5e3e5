"""By number and password a resident sees how her case stands, answers, and rates; nobody guesses, nothing internal shows."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.core.management import call_command
from django.utils import timezone

from gridmap.models import StreamEvent, User
from incidents import queries
from incidents.actions import clocks
from incidents.models import Deadline, Incident, Question, Rating, Run
from tests.factories import STREET, Town
from tests.incidents.residents import Receipt, Resident, card, closed, verified
from tests.incidents.test_life import through
from tests.rows import counts
from tests.threads import at_once

TOLD = {
    "number", "title", "title_en", "area_name", "reported_at", "state", "next", "until", "late", "question", "rating", "photos", "may_add",
    "steps", "matter", "booking",
}  # fmt: skip


@pytest.fixture
def anna() -> Resident:
    return Resident()


# --- looking up ---


def test_a_resident_sees_how_it_stands_what_is_next_and_until_when(town: Town, anna: Resident) -> None:
    receipt = anna.send()
    page = anna.look(receipt)
    assert (page["state"], page["next"], page["until"]) == ("reported", "verify", None)
    case = verified(town, receipt)
    assert anna.look(receipt)["next"] == "decide"
    case = town.dispatcher.act(town.acceptor.act(case, "file"), "assign", department=town.sanitation.pk)
    page = anna.look(receipt)
    due = Incident.objects.get(pk=receipt.case).due_at
    assert due is not None
    assert (page["state"], page["next"], page["until"]) == ("assigned", "handle", f"{timezone.localtime(due):%Y-%m-%d}")
    assert [step["step"] for step in page["steps"]] == ["reported", "verifying", "verified", "filed", "assigned"]


def test_what_is_told_names_nobody_no_department_no_note_and_no_other_case(town: Town, anna: Resident) -> None:
    """Rule of the receipt: states and dates, never names."""
    other = anna.send(text="别的事")
    receipt = anna.send()
    case = closed(town, receipt)
    town.acceptor.act(case, "note", text="内部备注")
    page = anna.look(receipt)
    assert set(page) == TOLD
    text = json.dumps(page, ensure_ascii=False)
    people = set(User.objects.values_list("name", flat=True))
    inside = people | {"环卫", "Sanitation", "内部", "别的事", other.number, other.case, receipt.case, case["number"]}
    assert [word for word in inside if word in text] == []


def test_a_resident_whose_case_was_merged_sees_how_the_one_stands_that_is_worked_on(town: Town, anna: Resident) -> None:
    receipt = anna.send()
    worked = town.worker.report()
    merged = town.dispatcher.act(card(town.dispatcher, receipt), "merge", other=worked["id"], reason="同一件事")
    page = anna.look(receipt)
    assert (page["state"], page["next"], page["steps"][-1]["step"]) == ("reported", "verify", "merged")
    assert not page["may_add"]  # what is worked on is another's
    assert anna.upload(receipt).json()["code"] == "case_over"
    through(town, worked, "filed")
    assert anna.look(receipt)["next"] == "assign"
    Incident.objects.filter(pk=worked["id"]).update(state="closed")
    page = anna.look(receipt)
    assert (page["state"], page["next"]) == ("closed", "nothing")
    assert worked["number"] not in json.dumps(page)
    assert anna.say(receipt, "rating", expect=409, outcome="solved")["code"] == "not_closed"
    town.dispatcher.act(merged, "split", reason="是两件事")
    assert (anna.look(receipt)["state"], anna.look(receipt)["next"]) == ("reported", "verify")


def test_the_page_of_a_cell_tells_of_no_case_and_of_nobody(town: Town, anna: Resident) -> None:
    before = anna.get("/cells/990101001001001").content
    closed(town, anna.send())
    after = anna.get("/cells/990101001001001")
    assert {**after.json(), "quick": 0} == {**json.loads(before), "quick": 0}


@pytest.mark.parametrize("password", ["", "AAAA-AAAA", "x" * 60, "' or 1=1 --"])
def test_a_wrong_password_and_an_unknown_number_get_the_same_answer(town: Town, anna: Resident, password: str) -> None:
    receipt = anna.send()
    wrong = anna.post("/receipts", receipt.shown | {"password": password})
    unknown = anna.post("/receipts", {"number": "260101-000000", "password": password})
    nothing = anna.post("/receipts", {"number": "", "password": password})
    assert wrong.status_code == unknown.status_code == nothing.status_code == 404
    assert wrong.content == unknown.content == nothing.content


class Counting(PBKDF2PasswordHasher):
    """The real hasher, which tells how often it worked."""

    iterations = 10
    worked = 0

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        type(self).worked += 1
        return super().encode(password, salt, iterations)


def test_an_unknown_number_costs_the_same_work_as_a_wrong_password(town: Town, anna: Resident, settings: Any) -> None:
    settings.PASSWORD_HASHERS = [f"{__name__}.Counting"]
    from incidents.actions import residents

    residents._nobodys.cache_clear()
    receipt = anna.send()
    work = []
    for shown in (
        {"number": receipt.number, "password": "wrong"},
        {"number": "260101-000000", "password": "wrong"},
    ) * 2:
        before = Counting.worked
        anna.post("/receipts", shown)
        work.append(Counting.worked - before)
    residents._nobodys.cache_clear()
    assert work[2] == work[3] == 1


def test_after_eight_wrong_passwords_a_number_is_shut_for_a_while_to_everyone(town: Town, anna: Resident) -> None:
    receipt = anna.send()
    guesses = [Resident(f"203.0.113.{n}").post("/receipts", receipt.shown | {"password": "wrong"}) for n in range(9)]
    assert [answer.status_code for answer in guesses] == [404] * 8 + [429]
    assert anna.post("/receipts", receipt.shown).status_code == 429


@pytest.mark.parametrize(("number", "then"), [("260101-000000", 429), ("2601", 404)])
def test_an_unknown_number_is_shut_just_so_but_what_is_none_is_nobodys(town: Town, number: str, then: int) -> None:
    """Otherwise the limit would tell which numbers there are, or shut out everyone who mistypes hers."""
    shown = {"number": number, "password": "wrong"}
    answers = [Resident(f"203.0.113.{n}").post("/receipts", shown).status_code for n in range(9)]
    assert answers == [404] * 8 + [then]


def test_guessing_over_many_numbers_is_stopped_by_the_address(town: Town, anna: Resident, settings: Any) -> None:
    settings.PUBLIC_LIMITS = settings.PUBLIC_LIMITS | {"lookup.address": (20, 900)}
    answers = [anna.post("/receipts", {"number": f"260101-{n:06}", "password": "x"}).status_code for n in range(25)]
    assert answers == [404] * 20 + [429] * 5


@pytest.mark.django_db(transaction=True)
def test_guesses_at_the_same_moment_are_all_counted() -> None:
    from tests import factories

    factories.town()
    receipt = Resident().send()

    def guess() -> int:
        status: int = Resident().post("/receipts", receipt.shown | {"password": "wrong"}).status_code
        return status

    assert sorted(at_once([guess] * 12)) == [404] * 8 + [429] * 4


def test_who_has_the_password_may_look_as_often_as_she_likes(town: Town, anna: Resident) -> None:
    receipt = anna.send()
    for _ in range(70):
        anna.look(receipt)


@pytest.mark.parametrize("shown", [{}, {"number": 7, "password": []}, {"number": "1" * 61, "password": "x"}, [], "x"])
def test_what_is_no_receipt_at_all_is_refused(town: Town, anna: Resident, shown: Any) -> None:
    assert anna.post("/receipts", shown).status_code == 422


# --- a question back ---


def asked(town: Town, receipt: Receipt, **given: Any) -> dict[str, Any]:
    return town.acceptor.act(card(town.acceptor, receipt), "ask", text="垃圾在哪个门口?", **given)


def test_an_acceptor_asks_and_the_resident_answers(town: Town, anna: Resident) -> None:
    receipt = anna.send()
    asked(town, receipt, days=5)
    page = anna.look(receipt)
    assert (page["next"], page["question"]["text"]) == ("answer", "垃圾在哪个门口?")
    assert page["until"] == f"{timezone.localtime() + timedelta(days=5):%Y-%m-%d}"
    anna.say(receipt, "answer", text="北门右边")
    page = anna.look(receipt)
    assert (page["next"], page["question"]) == ("verify", None)
    told = card(town.acceptor, receipt)["resident"]
    assert [(q["text"], q["answer"]) for q in told["questions"]] == [("垃圾在哪个门口?", "北门右边")]
    assert told["receipt"] == receipt.number


def test_neither_question_nor_answer_stands_in_the_log_or_the_timeline(town: Town, anna: Resident) -> None:
    receipt = anna.send()
    asked(town, receipt)
    anna.say(receipt, "answer", text="北门右边")
    log = json.dumps(list(StreamEvent.objects.values_list("payload", flat=True)), ensure_ascii=False)
    assert "门" not in log
    assert not any(entry["text"] for entry in card(town.director, receipt)["timeline"])
    kinds = [entry["kind"] for entry in card(town.director, receipt)["timeline"]]
    assert kinds == ["incident.reported", "incident.asked", "incident.answered"]


def test_only_acceptor_and_director_read_what_the_resident_said(town: Town, anna: Resident) -> None:
    receipt = anna.send()
    asked(town, receipt)
    shows = {who: card(town.callers[who], receipt)["resident"] is not None
             for who in ("acceptor", "director", "worker", "dispatcher", "community", "auditor")}  # fmt: skip
    assert shows == {
        "acceptor": True,
        "director": True,
        "worker": False,
        "dispatcher": False,
        "community": False,
        "auditor": False,
    }


def given_until(receipt: Receipt, limit: str, since: timedelta) -> None:
    """As in an office that gives its acceptors a limit: their clock runs since then."""
    own = Deadline.objects.create(incident_id=receipt.case, stage="filed", limit=limit)
    begun = timezone.now() - since
    Run.objects.create(deadline=own, started_at=begun, started_by="report", started_version=1)
    changes = clocks.running(own, own.runs.all(), queries.calendar())
    Incident.objects.filter(pk=receipt.case).update(**changes)


def test_the_acceptors_clock_stands_still_until_the_answer_and_the_deadline_says_so(town: Town, anna: Resident) -> None:
    receipt = anna.send()
    given_until(receipt, "4h!", timedelta(hours=1))
    case = Incident.objects.filter(pk=receipt.case)
    asked(town, receipt)
    assert (case.get().due_at, case.get().soon_at) == (None, None)
    anna.say(receipt, "answer", text="北门")
    due = case.get().due_at
    question = Question.objects.get()
    assert due is not None
    assert question.ended_at is not None
    assert abs(due - question.ended_at - timedelta(hours=3)) < timedelta(minutes=1)
    running = town.acceptor.get(f"/incidents/{receipt.case}/deadline").json()["running"]
    assert [(pause["action"], pause["ended_by"]) for pause in running["pauses"]] == [("ask", "answer")]


def test_a_question_whose_days_are_over_ends_and_the_clock_goes_on(town: Town, anna: Resident) -> None:
    receipt = anna.send()
    given_until(receipt, "4h!", timedelta(hours=5))
    asked(town, receipt, days=1)
    call_command("tick")
    assert Question.objects.get().ended_at is None
    Question.objects.update(until=timezone.now() - timedelta(seconds=1))
    call_command("tick")
    call_command("tick")
    before = counts()
    call_command("tick")
    assert counts() == before
    assert Question.objects.get().ended_at is not None
    case = Incident.objects.get(pk=receipt.case)
    assert case.due_at is not None
    assert case.overdue
    assert [step["step"] for step in anna.look(receipt)["steps"]] == ["reported", "asked", "expired"]
    assert anna.say(receipt, "answer", text="北门", expect=409)["code"] == "no_question"


def test_one_question_at_a_time_and_only_of_who_reported_by_receipt(town: Town, anna: Resident) -> None:
    receipt = anna.send()
    asked(town, receipt)
    refused = town.acceptor.act(card(town.acceptor, receipt), "ask", text="还有呢?", expect=409)
    assert refused["code"] == "question_open"
    mine = town.worker.report()
    assert town.acceptor.act(mine, "ask", text="?", expect=409)["code"] == "no_resident"
    assert "ask" not in [a["name"] for a in town.acceptor.detail(mine)["actions"]]


@pytest.mark.parametrize("given", [{"text": ""}, {"text": "?", "days": 0}, {"text": "?", "days": 31}], ids=str)
def test_a_question_has_words_and_a_month_at_most(town: Town, anna: Resident, given: dict[str, Any]) -> None:
    town.acceptor.act(card(town.acceptor, anna.send()), "ask", expect=422, **given)


def test_an_answer_is_taken_once_and_a_repeat_is_told_so(town: Town, anna: Resident) -> None:
    receipt = anna.send()
    asked(town, receipt)
    answer_id = str(uuid4())
    anna.say(receipt, "answer", id=answer_id, text="北门")
    before = counts()
    assert anna.say(receipt, "answer", id=answer_id, text="北门", expect=200) == {"replayed": True}
    assert anna.say(receipt, "answer", id=answer_id, text="南门", expect=409)["code"] == "id_reused"
    assert anna.say(receipt, "answer", text="南门", expect=409)["code"] == "no_question"
    assert counts() == before


def test_an_answer_disturbs_nobody_who_acts_on_the_case(town: Town, anna: Resident) -> None:
    receipt = anna.send()
    seen = asked(town, receipt)
    anna.say(receipt, "answer", text="北门")
    town.acceptor.act(seen, "request_verification", person=town.worker.user.pk)


# --- rating ---


def test_a_case_is_rated_once_it_is_closed(town: Town, anna: Resident) -> None:
    receipt = anna.send()
    assert anna.say(receipt, "rating", outcome="solved", expect=409)["code"] == "not_closed"
    closed(town, receipt)
    assert anna.look(receipt)["next"] == "rate"
    rating_id = str(uuid4())
    anna.say(receipt, "rating", id=rating_id, outcome="partly", text="还剩一点")
    anna.say(receipt, "rating", id=rating_id, outcome="partly", text="还剩一点", expect=200)
    assert anna.say(receipt, "rating", outcome="solved", expect=409)["code"] == "already_rated"
    page = anna.look(receipt)
    assert (page["next"], page["rating"]) == ("nothing", {"outcome": "partly", "wish": "", "reply": ""})
    told = card(town.director, receipt)["resident"]["rating"]
    assert (told["outcome"], told["text"]) == ("partly", "还剩一点")
    assert "reopen" not in [a["name"] for a in card(town.acceptor, receipt)["actions"]]


def test_not_solved_is_a_wish_that_a_new_case_grants_while_the_closed_one_stays_as_it_was(
    town: Town, anna: Resident
) -> None:
    """Rule 8: the record of actions is never edited."""
    receipt = anna.send()
    was = closed(town, receipt)
    anna.say(receipt, "rating", outcome="not_solved", text="还在那里")
    assert anna.look(receipt)["next"] == "reply"
    record = list(StreamEvent.objects.filter(stream=STREET).order_by("seq").values())
    old = card(town.acceptor, receipt)
    after = town.acceptor.act(old, "reopen")
    assert list(StreamEvent.objects.filter(stream=STREET).order_by("seq").values())[: len(record)] == record
    assert (after["state"], Incident.objects.get(pk=receipt.case).closed_at is not None) == ("closed", True)
    told = card(town.acceptor, receipt)["resident"]
    fresh = town.acceptor.get(f"/incidents/{told['followed_by']['id']}").json()
    assert (fresh["state"], fresh["source"], fresh["class_key"]) == ("reported", "citizen", was["class_key"])
    assert fresh["number"] == told["followed_by"]["number"] != was["number"]
    assert fresh["resident"]["follows"]["id"] == receipt.case
    assert town.acceptor.act(fresh, "file", expect=409)["code"] == "not_verified"
    page = anna.look(receipt)
    assert (page["state"], page["next"], page["rating"]) == ("reported", "verify", None)
    assert [step["step"] for step in page["steps"]][-3:] == ["closed", "rated", "reopened"]
    assert town.acceptor.act(after, "reopen", expect=409)["code"] == "no_wish"


def test_a_wish_is_refused_with_a_reason_that_the_resident_reads(town: Town, anna: Resident) -> None:
    receipt = anna.send()
    closed(town, receipt)
    anna.say(receipt, "rating", outcome="not_solved")
    old = card(town.acceptor, receipt)
    assert town.acceptor.act(old, "refuse_reopening", expect=422)["code"] == "reason_needed"
    town.acceptor.act(old, "refuse_reopening", reason="已到现场看过,垃圾已清运")
    page = anna.look(receipt)
    assert page["next"] == "nothing"
    assert page["rating"] == {"outcome": "not_solved", "wish": "refused", "reply": "已到现场看过,垃圾已清运"}
    assert Incident.objects.count() == 1


def test_only_acceptor_and_director_answer_the_wish(town: Town, anna: Resident) -> None:
    receipt = anna.send()
    case = closed(town, receipt)
    anna.say(receipt, "rating", outcome="not_solved")
    case = card(town.director, receipt)
    for who in ("worker", "dispatcher", "handler", "community", "auditor"):
        town.callers[who].act(case, "reopen", expect=403)
        town.callers[who].act(case, "refuse_reopening", reason="x", expect=403)
    town.director.act(case, "reopen")


def test_no_role_answers_or_rates_in_the_place_of_the_resident(town: Town, anna: Resident) -> None:
    receipt = anna.send()
    for action in ("answer", "rate"):
        town.director.act(card(town.director, receipt), action, expect=422, text="x")


@pytest.mark.parametrize(
    "body", [{"outcome": "great"}, {"outcome": 5}, {}, {"outcome": "solved", "text": "长" * 501}], ids=str
)
def test_a_rating_of_another_kind_is_refused(town: Town, anna: Resident, body: dict[str, Any]) -> None:
    receipt = anna.send()
    closed(town, receipt)
    anna.say(receipt, "rating", expect=422, **body)
    assert not Rating.objects.exists()


def test_what_one_receipt_says_under_an_id_another_cannot_repeat(town: Town, anna: Resident) -> None:
    first, second = anna.send(), anna.send()
    rating_id = str(uuid4())
    for receipt in (first, second):
        closed(town, receipt)
    anna.say(first, "rating", id=rating_id, outcome="solved")
    assert anna.say(second, "rating", id=rating_id, outcome="solved", expect=409)["code"] == "id_reused"


def test_a_case_that_is_over_takes_no_photo(town: Town, anna: Resident) -> None:
    receipt = anna.send()
    closed(town, receipt)
    assert anna.upload(receipt).json()["code"] == "case_over"
