"""双向认领: a community's needs and organisations' offers, taken on by the other side."""

from typing import Any
from uuid import uuid4

from tests.factories import CELL, COMMUNITY, Caller, Town
from tests.gridmap.register.records import add, end, point


def put(caller: Caller, *, expect: int = 201, **given: Any) -> dict[str, Any]:
    body = {"mutation_id": str(uuid4()), "id": str(uuid4()), "kind": "need", "text": "周末借用操场", "area": COMMUNITY}
    answer = caller.post("/pledges", body | given)
    assert answer.status_code == expect, answer.content
    found: dict[str, Any] = answer.json()
    return found


def step(caller: Caller, name: str, one: dict[str, Any], *, expect: int = 200, **given: Any) -> dict[str, Any]:
    answer = caller.post(
        f"/pledges/{one['id']}/{name}", {"mutation_id": str(uuid4()), "version": one["version"], **given}
    )
    assert answer.status_code == expect, answer.content
    found: dict[str, Any] = answer.json()
    return found


def school(caller: Caller) -> str:
    made: str = add(caller, "organisation", {"name": "江岸小学", "kind": "school", "shares": "操场"}, **point(CELL))[
        "id"
    ]
    return made


def test_an_organisation_takes_on_a_need_and_it_is_done(town: Town) -> None:
    need, own = put(town.community), school(town.community)
    taken = step(town.community, "take", need, by=own)
    [listed] = town.director.get(f"/pledges?area={COMMUNITY}").json()
    assert (listed["text"], listed["by"], listed["taken_by"], listed["done_at"]) == (
        "周末借用操场",
        None,
        "江岸小学",
        None,
    )
    step(town.community, "finish", taken)
    assert town.director.get("/pledges").json()[0]["done_at"] is not None


def test_the_community_takes_an_offer_and_the_second_who_takes_it_is_told(town: Town) -> None:
    offer = put(town.community, kind="offer", text="会议室可借", by=school(town.community))
    taken = step(town.director, "take", offer, expect=403)
    assert taken["code"] == "forbidden"
    step(town.community, "take", offer)
    assert step(town.community, "take", offer, expect=409)["code"] == "record_changed"
    assert step(town.community, "take", offer | {"version": 2}, expect=409)["code"] == "pledge_taken"


def test_an_offer_names_who_makes_it_and_a_need_does_not(town: Town) -> None:
    assert list(put(town.community, kind="offer", expect=422)["fields"]) == ["by"]
    assert list(put(town.community, by=str(uuid4()), expect=422)["fields"]) == ["by"]
    assert list(put(town.community, kind="offer", by=str(uuid4()), expect=422)["fields"]) == ["by"]
    need = put(town.community)
    assert list(step(town.community, "take", need, expect=422)["fields"]) == ["by"]


def test_needs_of_another_street_do_not_exist_for_one(town: Town) -> None:
    need = put(town.community)
    assert town.other_director.get("/pledges").json() == []
    assert step(town.other_director, "take", need, expect=404)["code"] == "not_found"


def test_an_organisation_does_not_end_while_it_offers_something_or_took_something_on(town: Town) -> None:
    own = {"id": school(town.community)}
    offer = put(town.community, kind="offer", text="会议室可借", by=own["id"])
    need = step(town.community, "take", put(town.community), by=own["id"])
    refused = end(town.community, "organisation", own, expect=409)
    assert refused["code"] == "pledges_open"
    assert "2" in refused["message"]
    for one in (offer, need):
        step(town.community, "finish", one)
    end(town.community, "organisation", own)


def test_the_id_of_another_need_is_not_taken_again(town: Town) -> None:
    known = put(town.community)
    assert put(town.community, id=known["id"], expect=409)["code"] == "id_reused"
