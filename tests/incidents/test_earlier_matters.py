"""Earlier matters of an applicant: linked by the number of a receipt that was shown; nobody is stored, and scope holds."""

from typing import Any

import pytest

from gridmap.models import Role
from incidents.models import Incident
from tests.counter import register
from tests.factories import COMMUNITY, OTHER_STREET, STREET, Caller, Town, user

pytestmark = pytest.mark.django_db


def earlier(who: Caller, number: str, area: str = COMMUNITY) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = who.get(f"/matters/earlier?number={number}&area={area}").json()
    return found


def test_the_clerk_sees_the_chain_of_matters_before_this_one_the_latest_first(counter: dict[str, Caller]) -> None:
    first = register(counter["clerk"])
    counter["acceptor"].act(first, "refuse", reason="材料不全")
    second = register(counter["clerk"], earlier=first["number"])
    third = register(counter["clerk"], earlier=f" {second['number']} ")
    chain = counter["clerk"].detail(third)["earlier"]
    assert [(one["number"], one["state"]) for one in chain] == [
        (second["number"], "processing"), (first["number"], "refused"),
    ]  # fmt: skip
    assert (chain[1]["title"], chain[1]["closed_at"] is not None) == ("临时救助", True)
    assert [one["id"] for one in earlier(counter["clerk"], third["number"])] == [third["id"], second["id"], first["id"]]
    assert counter["clerk"].detail(first)["earlier"] == []


def test_a_number_that_is_none_is_refused_and_nothing_is_registered(counter: dict[str, Caller]) -> None:
    count = Incident.objects.count()
    for number in ("260101-999", "abc", "-", "²", "9" * 60):
        assert register(counter["clerk"], earlier=number, expect=422)["code"] == "unknown_earlier"
        assert earlier(counter["clerk"], number) == []
    assert Incident.objects.count() == count


def test_a_report_of_trouble_is_no_matter(town: Town, counter: dict[str, Caller]) -> None:
    reported = town.worker.report()
    assert register(counter["clerk"], earlier=reported["number"], expect=422)["code"] == "unknown_earlier"


def test_what_she_may_not_see_is_neither_found_nor_shown(counter: dict[str, Caller]) -> None:
    first = register(counter["clerk"])
    second = register(counter["clerk"], earlier=first["number"])
    outside = Caller(user("outside", Role.COMMUNITY, OTHER_STREET + "001"))
    neighbour = Caller(user("neighbour", Role.COMMUNITY, STREET + "002"))
    for who in (outside, neighbour):
        assert earlier(who, first["number"]) == []
    for name, given in (("acceptor", {}), ("clerk", {"text": "属实"}), ("director", {"text": "同意", "signed": True})):
        second = counter[name].act(second, "approve", **given)
    assert counter["bureau"].detail(second)["earlier"] == []  # the first never came to the bureau
    assert [one["id"] for one in counter["director"].detail(second)["earlier"]] == [first["id"]]


def test_the_laws_and_the_guide_of_its_kind_stand_with_a_matter(counter: dict[str, Caller]) -> None:
    guide = counter["clerk"].detail(register(counter["clerk"]))["procedure"]["guide"]
    assert "社会救助暂行办法" in guide["basis"]
    assert guide["materials"][0]["name"] == "申请书"
