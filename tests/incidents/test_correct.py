"""A mistaken report is corrected or taken back by the one who made it, until it is filed."""

import json
from typing import Any

import pytest

from gridmap.models import StreamEvent
from incidents.models import Incident, Run
from tests import factories
from tests.factories import CELL, LID, LITTER, NEXT_CELL, PLACES, Caller, Town
from tests.incidents.test_life import through
from tests.incidents.test_samecase import join
from tests.world import STAGES


def correct(caller: Caller, card: dict[str, Any], *, expect: int = 200, **correction: Any) -> dict[str, Any]:
    return caller.act(card, "correct", expect=expect, correction=correction)


def test_a_correction_changes_the_case_and_says_in_the_timeline_what_it_changed(town: Town) -> None:
    card = town.worker.report(description="井盖旁有垃圾")
    after = correct(town.worker, card, class_key=LID, condition=1, description="井盖破损", address="望江路1号")
    assert (after["class_key"], after["urgent"], after["version"]) == (LID, True, 2)
    detail = town.director.detail(card)
    entry = detail["timeline"][-1]
    assert entry["changed"] == ["class", "condition", "words", "address"]
    assert entry["from_title"]["zh"] == card["title"]
    assert entry["text"] == "井盖旁有垃圾"  # what was said before is kept beside the entry
    assert (detail["description"], detail["address"]) == ("井盖破损", "望江路1号")


def test_the_event_of_a_correction_holds_no_free_text(town: Town) -> None:
    card = town.worker.report(description="旧的说明")
    correct(town.worker, card, description="新的说明", address="某家门口")
    event = StreamEvent.objects.get(object_id=card["id"], kind="incident.corrected")
    told = json.dumps(event.payload, ensure_ascii=False)
    assert event.payload["changed"] == ["words", "address"]
    assert not any(words in told for words in ("旧的说明", "新的说明", "某家门口"))


def test_a_corrected_place_moves_the_case_to_its_cell_and_both_cells_are_told(town: Town) -> None:
    card = town.worker.report()
    lon, lat = PLACES[NEXT_CELL]
    after = correct(town.worker, card, lon=lon, lat=lat)
    assert (after["area"], after["lon"]) == (NEXT_CELL, lon)
    told = StreamEvent.objects.filter(object_id=card["id"], kind="incident.corrected").order_by("seq")
    assert [(event.area_code, event.payload["lon"]) for event in told] == [(NEXT_CELL, lon), (CELL, None)]
    kinds = [moment["kind"] for moment in town.director.detail(card)["timeline"]]
    assert kinds == ["incident.reported", "incident.corrected"]
    assert town.second_worker.detail(card)["area"] == NEXT_CELL


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({}, "correction_needed"),
        ({"description": ""}, "correction_needed"),
        ({"class_key": "none"}, "unknown_class"),
        ({"condition": 9}, "unknown_condition"),
        ({"lon": 0.0, "lat": 0.0}, "point_outside"),
        ({"lon": PLACES["990101002001001"][0], "lat": 28.01}, "other_street"),
    ],
)
def test_a_correction_that_changes_nothing_or_says_what_is_not_there_is_refused(
    town: Town, wrong: dict[str, Any], code: str
) -> None:
    card = town.worker.report()
    assert correct(town.worker, card, expect=422, **wrong)["code"] == code
    assert Incident.objects.get(pk=card["id"]).version == 1


def test_a_report_is_not_corrected_into_a_matter(town: Town) -> None:
    factories.put_procedure(STAGES)
    card = town.worker.report()
    assert correct(town.worker, card, expect=422, class_key=factories.MATTER)["code"] == "unknown_class"


def test_only_the_reporter_corrects_and_only_until_it_is_filed(town: Town) -> None:
    card = town.worker.report()
    assert correct(town.director, card, expect=403, description="x")["code"] == "others_report"
    assert town.director.act(card, "retract", expect=403)["code"] == "others_report"
    names = [{action["name"] for action in caller.detail(card)["actions"]} for caller in (town.worker, town.director)]
    assert ["correct" in own for own in names] == ["retract" in own for own in names] == [True, False]
    filed = through(town, card, "filed")
    assert correct(town.worker, filed, expect=409, description="x")["code"] == "wrong_state"
    assert town.worker.act(filed, "retract", expect=409)["code"] == "wrong_state"


def test_who_was_about_to_file_sees_that_the_report_was_corrected(town: Town) -> None:
    card = town.worker.report()
    correct(town.worker, card, description="改正")
    assert town.acceptor.act(card, "file", expect=409)["code"] == "stale"
    assert correct(town.worker, card, expect=409, description="又改")["code"] == "stale"


def test_a_report_taken_back_ends_and_leaves_the_open_cases(town: Town) -> None:
    card = town.worker.report()
    after = town.worker.act(card, "retract", reason="看错了")
    assert (after["state"], after["due_at"]) == ("retracted", None)
    assert town.director.get("/incidents/summary").json()["open"] == 0
    assert town.director.detail(card)["timeline"][-1]["text"] == "看错了"
    assert [item["state"] for item in town.worker.get("/incidents?mine=reported").json()["items"]] == ["retracted"]
    assert town.acceptor.act(after, "file", expect=409)["code"] == "wrong_state"


def test_taking_a_report_back_stops_the_clock_of_its_verification(town: Town) -> None:
    card = town.acceptor.report(source="hotline")
    asked = town.acceptor.act(card, "request_verification")
    assert asked["due_at"] is not None
    after = town.acceptor.act(asked, "retract", reason="打错了")
    assert (after["state"], after["due_at"], after["overdue"]) == ("retracted", None, False)
    assert [run.stopped_by for run in Run.objects.filter(deadline__incident=card["id"])] == ["retract"]


def test_a_report_that_others_joined_is_corrected_but_not_taken_back(town: Town) -> None:
    card = town.second_worker.report(cell=CELL)
    after = join(town.worker, card)
    assert town.second_worker.act(after, "retract", expect=409)["code"] == "others_joined"
    assert correct(town.second_worker, after, description="两处")["version"] == 3


def test_a_corrected_class_or_place_is_looked_at_again_for_a_recurrence(town: Town) -> None:
    closed = through(town, town.worker.report(), "closed")
    card = town.worker.report(class_key=LID, condition=1)
    assert town.director.detail(card)["recurrence_of"] == []
    correct(town.worker, card, class_key=LITTER)
    assert [one["id"] for one in town.director.detail(card)["recurrence_of"]] == [closed["id"]]
