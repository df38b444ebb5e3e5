"""One thing, one case (rule 9 of the domain): what is near, joining, merging and splitting, parents."""

from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmap import geo
from gridmap.models import Role, StreamEvent
from incidents.models import Assignment, Deadline, Incident, IncidentClass, JoinedReport, Run, Stage
from tests import factories
from tests.factories import CELL, COMMUNITY, LID, LITTER, NEXT_CELL, PLACES, Caller, Town, ago
from tests.incidents.test_life import through
from tests.threads import at_once
from tests.world import STAGES, body_of

LON, LAT = PLACES[CELL]
EAST_40M = LON + 40 / 98_300  # a degree of longitude at 28° north is 98.3 km


def near(caller: Caller, lon: float = LON, lat: float = LAT, key: str = LITTER) -> list[dict[str, Any]]:
    answer = caller.get(f"/incidents/nearby?lon={lon}&lat={lat}&class_key={key}")
    assert answer.status_code == 200, answer.content
    found: list[dict[str, Any]] = answer.json()
    return found


def seen(lon: float = LON, lat: float = LAT, **more: Any) -> dict[str, Any]:
    return {"lon": lon, "lat": lat, "occurred_at": ago(minutes=1), **more}


def join(caller: Caller, card: dict[str, Any], *, expect: int = 200, **given: Any) -> dict[str, Any]:
    return caller.act(card, "join", expect=expect, version=None, **({"seen": seen()} | given))


def kinds(caller: Caller, card: dict[str, Any]) -> list[str]:
    return [moment["kind"].removeprefix("incident.") for moment in caller.detail(card)["timeline"]]


# --- near ---


def test_an_open_case_of_the_class_nearby_is_suggested_with_its_distance_in_metres(town: Town) -> None:
    card = town.second_worker.report(cell=CELL)
    town.second_worker.report(cell=CELL, class_key=LID)
    [found] = near(town.worker, EAST_40M)
    assert found["id"] == card["id"]
    assert 39 <= found["distance_m"] <= 41
    assert not found["yours"]
    assert near(town.worker, LON + 60 / 98_300) == []


def test_how_near_and_how_old_is_set_per_class(town: Town) -> None:
    card = town.worker.report()
    klass = IncidentClass.objects.filter(scheme="GB30428.2-2013", domain="event", code="0110")
    assert [one["yours"] for one in near(town.worker, EAST_40M)] == [True]
    klass.update(near_m=30)
    assert near(town.worker, EAST_40M) == []
    klass.update(near_m=60, near_days=3)
    assert len(near(town.worker, EAST_40M)) == 1
    Incident.objects.filter(pk=card["id"]).update(reported_at=ago(days=4))
    assert near(town.worker, EAST_40M) == []


def test_closed_cases_and_those_out_of_scope_are_not_suggested(town: Town) -> None:
    through(town, town.worker.report(), "closed")
    town.second_worker.report(cell=NEXT_CELL)
    assert near(town.worker) == []
    assert near(town.worker, *PLACES[NEXT_CELL]) == []
    assert len(near(town.director, *PLACES[NEXT_CELL])) == 1


def test_an_unknown_class_and_a_place_off_the_earth_are_refused(town: Town) -> None:
    unknown = town.worker.get(f"/incidents/nearby?lon={LON}&lat={LAT}&class_key=none")
    assert (unknown.status_code, unknown.json()["code"]) == (422, "unknown_class")
    assert town.worker.get(f"/incidents/nearby?lon=181&lat={LAT}&class_key={LITTER}").status_code == 422


@given(st.floats(73, 135), st.floats(3, 54), st.floats(0, 359), st.floats(0, 1000))
def test_the_box_asked_of_the_index_misses_nothing_within_the_distance(
    lon: float, lat: float, bearing: float, metres: float
) -> None:
    import math

    from pyproj import Geod

    to_lon, to_lat, _ = Geod(ellps="WGS84").fwd(lon, lat, bearing, metres)
    west, south, east, north = geo.box_3857(lon, lat, metres)
    x = math.radians(to_lon) * 6_378_137
    y = math.asinh(math.tan(math.radians(to_lat))) * 6_378_137
    assert west <= x <= east
    assert south <= y <= north


# --- joining ---


def test_rule_9_a_repeated_report_joins_the_case_and_opens_none(town: Town) -> None:
    card = town.second_worker.report(cell=CELL)
    joined = join(town.worker, card, text="又多了两袋", seen=seen(EAST_40M))
    assert (joined["id"], joined["reports"], joined["version"]) == (card["id"], 2, card["version"] + 1)
    assert Incident.objects.count() == 1
    assert StreamEvent.objects.filter(object_id=card["id"], kind="incident.joined").count() == 1
    detail = town.director.detail(card)
    [report] = detail["joined"]
    assert (report["text"], report["reporter_name"], report["lon"]) == ("又多了两袋", "Alice", EAST_40M)
    assert detail["timeline"][-1]["text"] == "又多了两袋"
    assert kinds(town.director, card) == ["reported", "joined"]


def test_joining_is_safe_to_repeat_and_needs_no_version(town: Town) -> None:
    card = town.second_worker.report(cell=CELL)
    town.acceptor.act(card, "file")
    body = {"mutation_id": str(uuid4()), "seen": seen()}
    first, second = (town.worker.post(f"/incidents/{card['id']}/join", body) for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 200)
    assert second.json() == first.json() | {"replayed": True}
    assert JoinedReport.objects.count() == 1
    assert str(JoinedReport.objects.get().pk) == body["mutation_id"]


def test_who_joined_hears_and_sees_what_becomes_of_the_case_wherever_she_works(town: Town) -> None:
    card = town.second_worker.report(cell=CELL)
    join(town.worker, card)
    town.acceptor.act(town.director.detail(card), "file")
    event = StreamEvent.objects.filter(object_id=card["id"]).latest("seq")
    assert set(event.persons) == {town.worker.user.pk, town.second_worker.user.pk}
    Incident.objects.filter(pk=card["id"]).update(area_code=NEXT_CELL)
    assert town.worker.detail(card)["state"] == "filed"
    assert [item["id"] for item in town.worker.get("/incidents?mine=reported").json()["items"]] == [card["id"]]
    names = {action["name"] for action in town.worker.detail(card)["actions"]}
    assert names == {"note", "photo"}


def test_a_worker_reports_one_thing_once_and_an_acceptor_takes_many_calls(town: Town) -> None:
    card = town.worker.report()
    assert join(town.worker, card, expect=409)["code"] == "reported_already"
    for times in (2, 3):
        card = join(town.acceptor, card, seen=seen(source="hotline"))
        assert card["reports"] == times
    assert join(town.second_worker, card, expect=404)["code"] == "not_found"


def test_a_report_that_joins_says_where_and_when_and_is_refused_for_a_case_that_ended(town: Town) -> None:
    card = town.second_worker.report(cell=CELL)
    assert town.worker.act(card, "join", expect=422)["code"] == "seen_needed"
    assert join(town.worker, card, expect=422, seen=seen() | {"occurred_at": ago(hours=-1)})["code"] == "future_time"
    assert join(town.worker, card, expect=422, seen=seen(source="citizen"))["code"] == "own_eyes"
    closed = through(town, card, "closed")
    assert join(town.worker, closed, expect=409)["code"] == "wrong_state"


def test_the_photo_of_a_joined_report_is_seen_with_the_case(town: Town) -> None:
    card = town.second_worker.report(cell=CELL)
    mine = str(uuid4())
    join(town.worker, card, mutation_id=mine)
    photo = str(uuid4())
    form = {"id": photo, "kind": "before", "report": mine, "file": factories.photo()}
    assert town.worker.upload(f"/incidents/{card['id']}/photos", **form).status_code == 201
    detail = town.director.detail(card)
    assert [one["id"] for one in detail["photos"]] == detail["joined"][0]["photos"] == [photo]
    others = {"id": str(uuid4()), "kind": "before", "report": mine, "file": factories.photo()}
    assert town.second_worker.upload(f"/incidents/{card['id']}/photos", **others).json()["code"] == "unknown_report"


# --- merging and splitting ---


@pytest.fixture
def pair(town: Town) -> tuple[dict[str, Any], dict[str, Any]]:
    return town.worker.report(description="第一次"), town.second_worker.report(cell=NEXT_CELL, description="第二次")


def merge(town: Town, card: dict[str, Any], into: dict[str, Any], **more: Any) -> dict[str, Any]:
    return town.dispatcher.act(card, "merge", **({"other": into["id"], "reason": "同一件事"} | more))


def test_a_duplicate_is_merged_and_both_timelines_say_so(town: Town, pair: Any) -> None:
    first, second = pair
    merged = merge(town, second, first)
    assert merged["state"] == "merged"
    target, gone = town.director.detail(first), town.director.detail(second)
    assert (target["reports"], [one["id"] for one in target["merged"]]) == (2, [second["id"]])
    assert [one["id"] for one in gone["merged_into"]] == [first["id"]]
    assert [(one["case"], one["text"]) for one in target["joined"]] == [(second["number"], "第二次")]
    assert (target["timeline"][-1]["kind"], target["timeline"][-1]["other"]["id"]) == (
        "incident.received",
        second["id"],
    )
    last = gone["timeline"][-1]
    assert (last["kind"], last["other"]["number"], last["text"]) == ("incident.merged", first["number"], "同一件事")
    assert {action["name"] for action in gone["actions"]} == {"note", "photo", "split"}


def test_who_reported_the_duplicate_hears_of_the_case_it_became(town: Town, pair: Any) -> None:
    first, second = pair
    assert town.second_worker.get(f"/incidents/{first['id']}").status_code == 404
    photo = str(uuid4())
    town.second_worker.upload(f"/incidents/{second['id']}/photos", id=photo, kind="before", file=factories.photo())
    merge(town, town.director.detail(second), first)
    assert town.second_worker.detail(first)["reports"] == 2
    assert photo in [one["id"] for one in town.worker.detail(first)["photos"]]
    picture = town.worker.get(f"/photos/{photo}")
    assert body_of(picture)[:2] == b"\xff\xd8"
    assert town.worker.get(f"/incidents/{second['id']}").status_code == 404
    assert town.worker.detail(first)["timeline"][-1]["other"] is None  # what she may not see is not named to her


def test_merging_disturbs_nobody_who_works_on_the_target_and_needs_a_reason(town: Town, pair: Any) -> None:
    first, second = pair
    assert merge(town, second, first, expect=422, reason="")["code"] == "reason_needed"
    assert town.dispatcher.act(second, "merge", reason="x", expect=422)["code"] == "other_needed"
    merge(town, second, first)
    filed = town.acceptor.act(first, "file")
    assert filed["state"] == "filed"
    assert town.worker.act(filed, "merge", reason="x", other=second["id"], expect=403)["code"] == "forbidden"


def test_only_an_open_case_of_the_same_street_takes_another(town: Town, pair: Any) -> None:
    first, second = pair
    far = town.other_worker.report(cell=factories.OTHER_CELL)
    closed = through(town, town.worker.report(), "closed")
    assert merge(town, second, second, expect=422)["code"] == "same_case"
    assert merge(town, second, far, expect=422)["code"] == "unknown_case"
    assert merge(town, second, {"id": str(uuid4())}, expect=422)["code"] == "unknown_case"
    assert merge(town, second, closed, expect=409)["code"] == "other_ended"
    district = Caller(factories.user("district", Role.DIRECTOR, "990101"))
    body = {"reason": "x", "other": far["id"]}
    assert district.act(second, "merge", expect=422, **body)["code"] == "street_differs"
    assert merge(town, second, first)["state"] == "merged"
    assert merge(town, first, second, expect=409)["code"] in {"stale", "other_ended"}


def test_a_matter_stands_for_the_one_who_asked_and_is_never_another_case_too(town: Town, pair: Any) -> None:
    first, second = pair
    factories.put_procedure(STAGES)
    body = {"id": str(uuid4()), "class_key": factories.MATTER, "area": COMMUNITY, "description": "申请"}
    matter = town.acceptor.post("/matters", body).json()
    assert merge(town, first, matter, expect=409)["code"] == "other_is_matter"
    assert merge(town, matter, first, expect=409)["code"] == "wrong_state"
    assert join(town.acceptor, matter, expect=409)["code"] == "is_matter"
    assert town.dispatcher.act(second, "put_under", expect=409, other=matter["id"])["code"] == "other_is_matter"


def test_splitting_undoes_a_merge_and_the_department_goes_on_with_what_was_left(town: Town, pair: Any) -> None:
    first, second = pair
    in_work = through(town, second, "in_work")
    merged = merge(town, in_work, first)
    turn = Assignment.objects.get(incident=second["id"])
    assert turn.ended_at is not None
    assert not Run.objects.filter(deadline__incident=second["id"], stopped_at=None).exists()
    assert town.dispatcher.act(merged, "split", expect=422)["code"] == "reason_needed"
    split = town.dispatcher.act(merged, "split", reason="是两件事")
    assert (split["state"], split["due_at"]) == ("reported", None)
    assert town.director.detail(first)["reports"] == 1
    assert kinds(town.director, first)[-2:] == ["received", "released"]
    assert town.second_worker.get(f"/incidents/{first['id']}").status_code == 404
    assert through(town, split, "assigned")["department"] == town.sanitation.pk
    own = Deadline.objects.get(incident=second["id"], stage=Stage.HANDLING)
    assert [run.stopped_by for run in own.runs.order_by("started_at")] == ["merge", ""]


def test_a_case_merged_twice_over_takes_its_reports_along_and_back(town: Town, pair: Any) -> None:
    first, second = pair
    third = town.acceptor.report()
    merge(town, second, third)
    into_first = merge(town, town.director.detail(third), first)
    assert town.director.detail(first)["reports"] == 3
    assert {one["case"] for one in town.director.detail(first)["joined"]} == {second["number"], third["number"]}
    again = join(town.second_worker, second, expect=409)
    assert again["code"] == "reported_already"  # it followed to the case that is worked on now
    town.dispatcher.act(town.director.detail(second), "split", reason="另一件")
    assert town.director.detail(first)["reports"] == 2
    assert town.director.detail(into_first)["reports"] == 1


def test_a_joined_report_is_split_off_as_a_case_with_its_words_place_and_photos(town: Town) -> None:
    card = town.second_worker.report(cell=CELL)
    mine, photo = str(uuid4()), str(uuid4())
    join(town.worker, card, mutation_id=mine, text="不是一处", seen=seen(EAST_40M))
    form = {"id": photo, "kind": "before", "report": mine, "file": factories.photo()}
    town.worker.upload(f"/incidents/{card['id']}/photos", **form)
    now = town.director.detail(card)
    assert town.dispatcher.act(now, "split_off", reason="x", other=str(uuid4()), expect=422)["code"] == "unknown_report"
    after = town.dispatcher.act(now, "split_off", reason="两处垃圾", other=mine)
    assert (after["reports"], after["photo"]) == (1, None)
    own = town.director.detail({"id": mine})
    assert (own["description"], own["reporter_name"], own["state"], own["lon"]) == (
        "不是一处",
        "Alice",
        "reported",
        EAST_40M,
    )
    assert [one["id"] for one in own["photos"]] == [photo]
    assert own["number"].split("-")[1] != card["number"].split("-")[1]
    seqs = list(StreamEvent.objects.filter(object_id=mine).values_list("seq", flat=True))
    assert seqs == [int(own["number"].split("-")[1])]
    assert town.director.detail(card)["timeline"][-1]["other"]["id"] == mine
    late = {"id": str(uuid4()), "kind": "before", "report": mine, "file": factories.photo()}
    assert town.worker.upload(f"/incidents/{card['id']}/photos", **late).status_code == 201
    assert len(town.director.detail({"id": mine})["photos"]) == 2


# --- parents ---


def test_a_parent_shows_its_children_and_closing_it_closes_none(town: Town, pair: Any) -> None:
    road, child = pair
    put = town.dispatcher.act(child, "put_under", other=road["id"])
    assert [one["id"] for one in town.director.detail(road)["children"]] == [child["id"]]
    assert [one["id"] for one in town.director.detail(child)["parent"]] == [road["id"]]
    assert kinds(town.director, road)[-1] == "child_added"
    through(town, town.director.detail(road), "closed")
    assert town.director.detail(put)["state"] == "reported"
    out = town.dispatcher.act(put, "take_out", reason="不相干")
    assert town.director.detail(out)["parent"] == []
    assert kinds(town.director, road)[-1] == "child_removed"
    assert town.dispatcher.act(out, "take_out", reason="x", expect=409)["code"] == "no_parent"


def test_families_of_cases_have_two_generations(town: Town, pair: Any) -> None:
    road, child = pair
    third = town.acceptor.report()
    town.dispatcher.act(child, "put_under", other=road["id"])
    assert town.dispatcher.act(third, "put_under", other=child["id"], expect=409)["code"] == "is_child"
    now = town.director.detail(road)
    assert town.dispatcher.act(now, "put_under", other=third["id"], expect=409)["code"] == "has_children"
    assert merge(town, now, third, expect=409)["code"] == "has_children"


@pytest.mark.django_db(transaction=True)
def test_two_cases_merged_into_each_other_at_once_end_with_one_that_is_open() -> None:
    town = factories.town()
    for _ in range(5):
        first, second = town.worker.report(), town.worker.report()

        def merge_into(card: dict[str, Any], other: dict[str, Any]) -> int:
            body = {"mutation_id": str(uuid4()), "version": card["version"], "reason": "同一件事", "other": other["id"]}
            status: int = town.dispatcher.post(f"/incidents/{card['id']}/merge", body).status_code
            return status

        answers = at_once([lambda: merge_into(first, second), lambda: merge_into(second, first)])  # noqa: B023
        assert sorted(answers) == [200, 409]
        states = {town.director.detail(card)["state"] for card in (first, second)}
        assert states == {"merged", "reported"}
