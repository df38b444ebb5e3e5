"""People by service: opened for a reason, and corrected; whoever learns that somebody is known has looked."""

from typing import Any

import pytest

from gridmap.errors import MESSAGES
from gridmap.models import AccessLook, ServedPerson, StreamEvent
from tests.factories import CELL, NEXT_CELL, PLACES, Town
from tests.persons import NAME, NEED, PHONE, change, listed, put_place, register, reveal, step

# --- opened


def test_values_are_opened_for_a_purpose_and_only_those_asked_for(town: Town) -> None:
    made = register(town.worker, need=NEED, birth_year=1941)
    assert reveal(town.worker, made, fields=["phone"]) == {"values": {"phone": PHONE}}
    assert reveal(town.worker, made, fields=["birth_year", "need"])["values"] == {"birth_year": 1941, "need": NEED}
    wrongs: list[dict[str, Any]] = [
        {"purpose": ""},
        {"purpose": "curiosity"},
        {"words": " "},
        {"fields": []},
        {"fields": ["point"]},
    ]
    for wrong in wrongs:
        reveal(town.worker, made, expect=422, **wrong)


@pytest.mark.parametrize("words", [f"找{NAME}", "打 138 1234 5678", "尾号 12345678", "证件 110101199003074510"])
def test_the_words_of_a_look_name_nobody(town: Town, words: str) -> None:
    refused = reveal(town.worker, register(town.worker), words=words, expect=422)
    assert refused["code"] == "words_name_person"
    assert words not in str(refused)
    noted = AccessLook.objects.get()  # whoever tries names on a mask learns from the refusal
    assert (noted.action, noted.count, noted.fields, noted.purpose, noted.words) == ("reveal", 1, [], "visit", "")


def test_whom_a_copy_was_refused_for_her_name_in_the_words_is_noted_too(town: Town) -> None:
    step(town.community, register(town.worker), "copy", expect=422, purpose="request", words=f"{NAME}索取")
    assert AccessLook.objects.get().action == "export"


# --- corrected


def test_who_is_changed_keeps_what_is_not_said_and_is_found_by_what_is_new(town: Town) -> None:
    made = register(town.worker, need=NEED)
    after = change(town.worker, made, phone="13900001111")
    assert reveal(town.worker, after, fields=["name", "phone", "need"])["values"] == {
        "name": NAME, "phone": "13900001111", "need": NEED,
    }  # fmt: skip
    search = [
        town.worker.post("/persons/care/search", {"phone": number}).json()["people"]
        for number in (PHONE, "13900001111")
    ]
    assert [len(people) for people in search] == [0, 1]
    assert StreamEvent.objects.get(object_id=made["id"], kind="person.changed").payload["fields"] == ["phone"]
    assert change(town.worker, made, name="张三", expect=409)["code"] == "person_changed"


def test_who_moves_to_another_cell_is_looked_after_there(town: Town) -> None:
    made = register(town.community)
    lon, lat = PLACES[NEXT_CELL]
    change(town.community, made, lon=lon, lat=lat)
    assert (listed(town.worker), [row["id"] for row in listed(town.second_worker)]) == ([], [made["id"]])
    assert StreamEvent.objects.filter(object_id=made["id"]).order_by("-seq")[0].payload["fields"] == ["place"]


@pytest.mark.parametrize("way", ["register", "change"])
def test_to_be_told_that_somebody_is_known_is_a_look_at_her(town: Town, way: str) -> None:
    made = register(town.worker)
    other = register(town.worker, name="张三")
    if way == "register":
        refused = register(town.worker, expect=409)
    else:
        refused = change(town.worker, other, name=NAME, phone=PHONE, expect=409)
    assert (refused["code"], refused["detail"]["id"]) == ("person_known", made["id"])
    noted = AccessLook.objects.get()
    assert (noted.action, noted.user, [str(pk) for pk in noted.persons]) == ("search", town.worker.user, [made["id"]])
    assert (noted.fields, noted.words, noted.area_code) == (["name", "phone"], "", CELL)
    shown = town.worker.get(f"/persons/care/{refused['detail']['id']}").json()
    assert (shown["id"], shown["name"], shown["phone"]) == (made["id"], "欧阳*", "138****5678")
    assert [row.action for row in AccessLook.objects.order_by("seq")] == ["search", "list"]


def test_a_correction_does_not_make_two_records_of_one_person(town: Town) -> None:
    made, other = register(town.worker), register(town.worker, name="张三", phone="13900001111")
    assert change(town.worker, other, name=NAME, phone="", expect=409)["detail"] == {"id": made["id"], "area": CELL}
    assert change(town.worker, made, name=NAME)["version"] == 2  # she is no other than herself
    assert change(town.worker, other, name=NAME, phone="13900002222")["version"] == 2
    assert change(town.worker, other | {"version": 2}, phone=PHONE, expect=409)["code"] == "person_known"
    assert change(town.worker, other | {"version": 2}, phone=PHONE, another=True)["version"] == 3


def test_a_value_can_be_taken_out(town: Town) -> None:
    made = register(town.community, need=NEED, birth_year=1941, place=str(put_place().pk), lon=None, lat=None)
    lon, lat = PLACES[NEXT_CELL]
    after = change(town.community, made, phone="", need="", birth_year=None, lon=lon, lat=lat)
    fields = ["name", "phone", "birth_year", "need", "place"]
    left = reveal(town.community, after, fields=fields)["values"]
    assert {key: value or None for key, value in left.items()} == dict.fromkeys(fields) | {"name": NAME}
    assert ServedPerson.objects.get(pk=made["id"]).area_code == NEXT_CELL
    assert town.community.post("/persons/care/search", {"phone": PHONE}).json()["people"] == []
    assert change(town.community, after, name="", expect=422)["fields"] == {"name": MESSAGES["name_needed"][1]}
