"""Saved filters: a user's own, kept on the server, in her order; a value that is gone is said, not failed on."""

from typing import Any
from uuid import uuid4

import pytest

from incidents.models import SavedFilter
from tests.factories import LID, NEXT_CELL, Caller, Town


def save(caller: Caller, name: str, *, expect: int = 201, id: str = "", **filter: Any) -> dict[str, Any]:
    answer = caller.post("/filters", {"id": id or str(uuid4()), "name": name, "filter": filter})
    assert answer.status_code == expect, answer.content.decode()
    found: dict[str, Any] = answer.json()
    return found


def names(caller: Caller) -> list[str]:
    return [one["name"] for one in caller.get("/filters").json()]


def test_a_filter_is_kept_changed_put_in_order_and_forgotten(town: Town) -> None:
    first, second, third = (save(town.director, name, overdue=True) for name in ("甲", "乙", "丙"))
    assert names(town.director) == ["甲", "乙", "丙"]
    assert town.director.put("/filters/order", {"ids": [third["id"], first["id"], str(uuid4())]}).status_code == 204
    assert names(town.director) == ["丙", "甲", "乙"]
    changed = town.director.patch(
        f"/filters/{second['id']}", {"name": "丁", "filter": {"state": ["filed"], "q": "井盖"}}
    )
    assert (changed.json()["name"], changed.json()["filter"]["q"]) == ("丁", "井盖")
    assert town.director.delete(f"/filters/{first['id']}").status_code == 204
    assert town.director.delete(f"/filters/{first['id']}").status_code == 404
    assert names(town.director) == ["丙", "丁"]


def test_what_is_kept_is_what_was_given(town: Town) -> None:
    given: dict[str, Any] = {
        "state": ["filed", "assigned"],
        "class_key": LID,
        "area": NEXT_CELL,
        "q": "望江",
        "urgent": True,
        "due_within": 60,
    }
    save(town.director, "常用", **given)
    kept = town.director.get("/filters").json()[0]
    assert {name: value for name, value in kept["filter"].items() if value is not None} == given
    assert kept["unknown"] == []


def test_a_repeat_keeps_one(town: Town) -> None:
    own = str(uuid4())
    first = save(town.director, "甲", id=own, urgent=True)
    again = save(town.director, "甲", id=own, urgent=True, expect=200)
    assert (again.pop("replayed"), first.pop("replayed")) == (True, False)
    assert again == first
    assert names(town.director) == ["甲"]


def test_nobody_sees_or_changes_those_of_another(town: Town) -> None:
    kept = save(town.director, "甲", urgent=True)
    other = town.acceptor
    assert names(other) == []
    assert other.patch(f"/filters/{kept['id']}", {"name": "乙"}).status_code == 404
    assert other.delete(f"/filters/{kept['id']}").status_code == 404
    other.put("/filters/order", {"ids": [kept["id"]]})
    assert names(town.director) == ["甲"]
    assert save(other, "甲", id=kept["id"], urgent=True, expect=409)["code"] == "id_reused"


def test_a_name_is_taken_once(town: Town) -> None:
    save(town.director, "甲", urgent=True)
    second = save(town.director, "乙", urgent=True)
    assert save(town.director, "甲", expect=409)["code"] == "name_taken"
    assert town.director.patch(f"/filters/{second['id']}", {"name": "甲"}).json()["code"] == "name_taken"
    save(town.acceptor, "甲")
    assert names(town.director) == ["甲", "乙"]


def test_thirty_are_enough(town: Town) -> None:
    for number in range(30):
        save(town.director, f"第{number}")
    assert save(town.director, "再一个", expect=409)["code"] == "too_many_filters"


@pytest.mark.parametrize(
    ("filter", "unknown"),
    [
        ({"class_key": "GB30428.2-2013/event/9999", "urgent": True}, ["class_key"]),
        ({"state": ["filed", "pending"]}, ["state"]),
        ({"department": 999_999}, ["department"]),
        ({"area": "990101001009"}, ["area"]),
        ({"class_key": "x", "area": "98", "state": ["filed"]}, ["class_key", "area"]),
        ({"class_key": LID, "area": NEXT_CELL, "state": ["filed"], "q": "无"}, []),
    ],
)
def test_a_filter_whose_value_is_gone_says_which(town: Town, filter: dict[str, Any], unknown: list[str]) -> None:
    SavedFilter.objects.create(id=uuid4(), user=town.director.user, name="旧", filter=filter)
    assert [one["unknown"] for one in town.director.get("/filters").json()] == [unknown]


@pytest.mark.parametrize(
    "body",
    [{"name": ""}, {"name": " "}, {"name": "长" * 21}, {"name": "a\x00"}, {"filter": {"colour": "red"}}, {"filter": {"area": "x"}},
     {"filter": {"due_within": 0}}, {"filter": {"q": "a" * 61}}, {"filter": []}, {"id": "1"}],
)  # fmt: skip
def test_what_is_no_filter_is_refused(town: Town, body: dict[str, Any]) -> None:
    whole = {"id": str(uuid4()), "name": "甲", "filter": {}} | body
    assert town.director.post("/filters", whole).status_code == 422
    assert names(town.director) == []
