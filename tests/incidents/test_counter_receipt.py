"""Who applies at the counter holds a receipt: number and password, by which she sees how it stands without an account."""

import json
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from gridmap.models import Inbox, User
from incidents.models import Incident, Receipt
from tests import factories
from tests.factories import COMMUNITY, MATTER, Caller, Town
from tests.incidents.residents import Receipt as Held
from tests.incidents.residents import Resident

pytestmark = pytest.mark.django_db
STAGES: list[dict[str, Any]] = [
    {"key": "take", "name": "正式接受", "name_en": "Accept", "level": "street", "role": "acceptor", "limit": "4h",
     "results": {"approve": "check", "supplement": "", "refuse": ""}},
    {"key": "check", "name": "街道审核", "name_en": "Street", "level": "street", "role": "director", "limit": "2d",
     "results": {"finish": "", "extend": ""}},
]  # fmt: skip


@pytest.fixture
def clerk(town: Town) -> Caller:
    """A clerk of the community, where one kind of matter can be applied for."""
    factories.put_procedure(STAGES)
    return town.community


@pytest.fixture
def anna() -> Resident:
    return Resident()


def matter(**changes: Any) -> dict[str, Any]:
    body = {"id": str(uuid4()), "key": str(uuid4()), "class_key": MATTER, "area": COMMUNITY, "description": "内部说明"}
    return body | changes


def register(clerk: Caller, body: dict[str, Any], expect: int = 201) -> dict[str, Any]:
    answer = clerk.post("/matters", body)
    assert answer.status_code == expect, answer.content.decode()
    found: dict[str, Any] = answer.json()
    return found


def held(done: dict[str, Any]) -> Held:
    return Held(done["receipt"]["number"], done["receipt"]["password"], done["id"])


def test_the_receipt_says_number_password_and_how_long_and_a_repeat_the_same(clerk: Caller, anna: Resident) -> None:
    """If it is not done at once the receipt says how long."""
    body = matter()
    done = register(clerk, body)
    assert set(done["receipt"]) == {"number", "password", "qr", "end_by"}
    assert done["receipt"]["end_by"] > done["due_at"][:10]
    assert done["receipt"]["qr"].startswith("data:image/svg")
    again = register(clerk, body, expect=200)
    assert (again["receipt"], again["replayed"]) == (done["receipt"], True)
    assert register(clerk, body | {"key": str(uuid4())}, expect=409)["code"] == "id_reused"
    assert Receipt.objects.count() == 1
    assert anna.look(held(done))["number"] == done["receipt"]["number"]


def test_the_password_is_kept_nowhere(clerk: Caller) -> None:
    done = register(clerk, matter())
    password = done["receipt"]["password"]
    assert password not in json.dumps(list(Inbox.objects.values_list("response", flat=True)))
    with connection.cursor() as cursor:
        cursor.execute("select password from incidents_receipt")
        assert cursor.fetchone()[0].split("$")[0] in {"argon2", "pbkdf2_sha256", "md5"}
        cursor.execute("select payload::text from gridmap_streamevent")
        assert [row for row in cursor.fetchall() if password in row[0]] == []


def test_who_holds_it_sees_state_stage_next_step_and_until_when_and_no_name(
    town: Town, clerk: Caller, anna: Resident
) -> None:
    """Rule of the receipt: state words, next step and until when, never names."""
    done = register(clerk, matter())
    page = anna.look(held(done))
    assert (page["state"], page["next"]) == ("processing", "decide_matter")
    assert (page["matter"]["stage"], page["matter"]["next"]) == ("正式接受", "街道审核")
    assert page["matter"]["end_by"] == done["receipt"]["end_by"] > page["until"]
    town.acceptor.act(done, "approve")
    page = anna.look(held(done))
    assert (page["matter"]["stage"], page["matter"]["next"]) == ("街道审核", "")
    assert [step["step"] for step in page["steps"]] == ["registered", "approved"]
    text = json.dumps(page, ensure_ascii=False)
    names = {*User.objects.values_list("name", flat=True), "内部说明", done["number"]}
    assert [name for name in names if name in text] == []


def test_what_is_missing_and_why_it_was_refused_is_told(town: Town, clerk: Caller, anna: Resident) -> None:
    done = register(clerk, matter())
    waits = town.acceptor.act(done, "supplement", reason="请带居住证明")
    page = anna.look(held(done))
    assert (page["state"], page["next"], page["matter"]["why"]) == ("waiting", "bring", "请带居住证明")
    assert page["until"] is None
    back = town.acceptor.act(waits, "resubmit", text="内部意见")
    assert anna.look(held(done))["matter"]["why"] == ""
    town.acceptor.act(back, "refuse", reason="不在本街道居住")
    page = anna.look(held(done))
    assert (page["state"], page["next"], page["matter"]["why"]) == ("refused", "nothing", "不在本街道居住")
    assert page["matter"]["stage"] == page["matter"]["next"] == ""
    assert [step["step"] for step in page["steps"]][1:] == ["papers_wanted", "papers_in", "refused"]


def test_a_finished_matter_is_rated_and_taken_up_again_in_its_procedure(
    town: Town, clerk: Caller, anna: Resident
) -> None:
    done = register(clerk, matter())
    town.director.act(town.acceptor.act(done, "approve"), "finish")
    assert anna.look(held(done))["next"] == "rate"
    anna.say(held(done), "rating", outcome="not_solved")
    town.acceptor.act(town.acceptor.get(f"/incidents/{done['id']}").json(), "reopen")
    page = anna.look(held(done))
    assert (page["state"], page["matter"]["stage"]) == ("processing", "正式接受")
    assert page["until"] is not None
    assert [step["step"] for step in page["steps"]][-2:] == ["rated", "reopened"]
    after = Incident.objects.get(receipt_id=done["id"], state="processing")
    assert (after.procedure is not None, str(after.earlier_id)) == (True, done["id"])


def test_without_a_key_there_is_no_receipt(clerk: Caller) -> None:
    body = matter()
    del body["key"]
    assert register(clerk, body)["receipt"] is None
    assert Receipt.objects.count() == 0
