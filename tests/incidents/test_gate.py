"""The gate for demands on communities: proposed, decided by somebody else, in force until a date, answered once."""

import uuid
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import F
from django.utils import timezone

from gridmap.models import Role, StreamEvent
from incidents.models import Demand
from tests import factories
from tests.factories import COMMUNITY, DISTRICT, LITTER, OTHER_STREET, Caller, Town, demand_body
from tests.gate import chief, fill, in_force, kinds, propose, step, tab
from tests.threads import at_once

# --- from the proposal to the end ---


def test_a_demand_binds_nobody_until_the_district_has_admitted_it(town: Town) -> None:
    decider = chief()
    demand = propose(town.handler, town.sanitation)
    [waiting] = tab(town.community, "proposed")
    assert (waiting["state"], waiting["refusable"], waiting["may"]) == ("proposed", True, [])
    assert tab(town.community) == []
    step(decider, demand, "approve")
    [asked] = tab(town.community)
    assert (asked["id"], asked["refusable"], asked["may"]) == (demand["id"], False, ["answer"])
    assert asked["ground_number"] == "示府发〔2026〕8号"
    assert {len(tab(town.callers[who])) for who in ("worker", "director", "administrator", "gardener")} == {1}
    assert kinds(demand) == ["gate.proposed", "gate.approved"]


def test_what_was_refused_stays_in_the_register_with_the_reason(town: Town) -> None:
    decider = chief()
    demand = propose(town.handler, town.sanitation)
    assert step(decider, demand, "refuse", expect=422)["code"] == "reason_needed"
    step(decider, demand, "refuse", reason="没有法律依据")
    [row] = tab(town.community, "refused")
    assert (row["state"], row["reason"], row["refusable"]) == ("refused", "没有法律依据", True)


def test_whoever_proposes_a_demand_does_not_decide_it(town: Town) -> None:
    ruler = Caller(factories.user("ruler", Role.ADMINISTRATOR, DISTRICT))
    demand = propose(ruler, town.sanitation)
    assert "approve" not in tab(ruler, "proposed")[0]["may"]
    assert step(ruler, demand, "approve", expect=409)["code"] == "own_proposal"
    step(chief(), demand, "approve")


def test_a_street_director_does_not_decide_for_the_district(town: Town) -> None:
    step(town.director, propose(town.handler, town.sanitation), "approve", expect=403)


def test_a_department_asks_in_its_own_name_alone(town: Town) -> None:
    assert propose(town.gardener, town.sanitation, expect=403)["code"] == "forbidden"
    demand = propose(town.handler, town.sanitation)
    step(town.gardener, demand, "withdraw", reason="不需要了", expect=403)
    assert step(town.handler, demand, "withdraw", expect=422)["code"] == "reason_needed"
    assert step(town.handler, demand, "withdraw", reason="不需要了")["state"] == "withdrawn"


def test_what_is_in_force_can_be_ended_and_then_owed_by_nobody(town: Town) -> None:
    decider = chief()
    demand = in_force(town, decider)
    step(decider, demand, "end", reason="与另一报表重复")
    assert fill(town.community, demand, expect=409)["code"] == "not_asked_now"
    assert tab(town.community, "expired")[0]["state"] == "ended"
    assert step(decider, demand | {"version": 3}, "approve", expect=409)["code"] == "demand_state"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"until": "2020-01-01"}, "demand_past"),
        ({"until": str(timezone.localdate() + timedelta(days=366))}, "demand_too_long"),
        ({"fields": []}, "demand_no_form"),
        ({"kind": "plate"}, "demand_no_form"),
        ({"area": COMMUNITY}, "demand_area"),
        ({"fields": [{"label": "数量"}, {"label": "数 量"}]}, "demand_field"),
        ({"fields": [{"figure": "mileage"}]}, "demand_field"),
        ({"fields": [{"figure": "cells", "class_key": LITTER}]}, "demand_field"),
        ({"fields": [{"label": "有无", "type": "choice", "choices": ["有"]}]}, "demand_field"),
        ({"fields": [{"figure": "open", "class_key": "no/such/class"}]}, "unknown_class"),
        ({"fields": [{"figure": "open", "department": 2**40}]}, "unknown_department"),
        ({"fields": [{"label": "在办案件(件)", "type": "number"}]}, "demand_on_record"),
        ({"ground": ""}, "invalid"),
        ({"until": None}, "invalid"),
        ({"money": -1}, "invalid"),
    ],
)
def test_what_is_wrong_with_a_proposal_is_said(town: Town, changes: dict[str, Any], code: str) -> None:
    assert propose(town.handler, town.sanitation, expect=422, **changes)["code"] == code
    assert not Demand.objects.exists()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"fields": [{"label": "独居老人姓名"}]}, "person"),
        ({"fields": [{"label": "身份证号"}]}, "identity"),
        ({"fields": [{"label": "宗教信仰"}]}, "belief"),
        ({"fields": [{"label": "类型", "type": "choice", "choices": ["信访户", "其他"]}]}, "petition"),
        ({"title": "网格员积分排名考核"}, "staff"),
    ],
)
def test_fields_on_persons_are_refused_at_the_gate_with_the_reason(
    town: Town, changes: dict[str, Any], reason: str
) -> None:
    refused = propose(town.handler, town.sanitation, expect=422, **changes)
    assert (refused["code"], refused["detail"]["reason"]) == ("demand_refused", reason)
    assert "：" in refused["message"] or ":" in refused["message"]


def test_the_same_proposal_sent_again_is_one_demand(town: Town) -> None:
    body = demand_body(town.sanitation)
    first, again = (town.handler.post("/gate/demands", body) for _ in range(2))
    assert (first.status_code, again.status_code, again.json()["replayed"]) == (201, 200, True)
    assert Demand.objects.count() == 1
    assert town.handler.post("/gate/demands", body | {"title": "另一件"}).json()["code"] == "id_reused"


@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_at_once_one_learns_that_the_other_was_faster() -> None:
    town = factories.town()
    deciders = [Caller(factories.user(name, Role.DIRECTOR, DISTRICT)) for name in ("one", "two")]
    demand = propose(town.handler, town.sanitation)
    bodies = [
        {"mutation_id": str(uuid.uuid4()), "version": 1, "outcome": outcome, "reason": "说明"}
        for outcome in ("approve", "refuse")
    ]

    def ask(caller: Caller, body: dict[str, Any]) -> Any:
        return caller.post(f"/gate/demands/{demand['id']}/decision", body)

    tries = zip(deciders, bodies, strict=True)
    answers = at_once([partial(ask, caller, body) for caller, body in tries])
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert next(a.json()["code"] for a in answers if a.status_code == 409) == "stale_demand"
    assert len(kinds(demand)) == 2


def test_a_demand_on_the_whole_district_is_told_to_each_community_of_each_street(town: Town) -> None:
    demand = in_force(town, chief(), area=DISTRICT)
    told = StreamEvent.objects.filter(object_id=demand["id"], kind="gate.approved")
    assert set(told.values_list("area_code", flat=True)) == {COMMUNITY, OTHER_STREET + "001"}
    assert len(tab(town.other_director)) == 1
    assert all(set(event.payload) == {"demand", "kind", "state", "department"} for event in told)


def test_the_next_street_sees_nothing_of_a_demand_on_this_one(town: Town) -> None:
    demand = in_force(town, chief())
    for caller in (town.other_director, town.other_worker, town.stranger, town.planner):
        assert caller.get("/gate/demands").json()["counts"] == dict.fromkeys(
            ("in_force", "proposed", "refused", "expired"), 0
        )
        assert caller.get(f"/gate/demands/{demand['id']}").status_code == 404


def test_the_register_is_searched_by_title_ground_number_and_department(town: Town) -> None:
    in_force(town, chief())
    for words in ("垃圾分类", "管理条例 分类", "8号", "环卫", "sanitation"):
        assert len(tab(town.community, more=f"&q={words}")) == 1, words
    assert tab(town.community, more="&q=没有这个") == tab(town.community, more=f"&area={OTHER_STREET}") == []
    assert len(tab(town.community, more=f"&area={COMMUNITY}")) == 1


def test_a_page_of_the_register_asks_the_database_no_more_for_more_demands(
    town: Town, django_assert_max_num_queries: Any
) -> None:
    decider = chief()
    for _ in range(3):
        in_force(town, decider)
    with django_assert_max_num_queries(12):
        assert len(tab(town.community)) == 3


# --- time ---


def test_a_demand_ends_by_itself_with_an_event_once(town: Town) -> None:
    demand = in_force(town, chief())
    Demand.objects.update(until=timezone.localdate() - timedelta(days=1), since=F("since") - timedelta(days=300))
    call_command("tick")
    call_command("tick")
    assert kinds(demand).count("gate.expired") == 1
    [row] = tab(town.community, "expired")
    assert (row["state"], row["refusable"], row["may"]) == ("expired", True, [])


def test_a_demand_stands_through_its_last_day(town: Town) -> None:
    in_force(town, chief(), until=str(timezone.localdate()))
    call_command("tick")
    assert len(tab(town.community)) == 1


def test_a_warning_comes_thirty_days_before_the_end_once(town: Town) -> None:
    near = in_force(town, decider := chief(), until=str(timezone.localdate() + timedelta(days=30)))
    far = in_force(town, decider, until=str(timezone.localdate() + timedelta(days=31)))
    call_command("tick")
    call_command("tick")
    assert kinds(near).count("gate.expiring") == 1
    assert "gate.expiring" not in kinds(far)
    assert {row["id"]: row["ends_soon"] for row in tab(town.community)} == {near["id"]: True, far["id"]: False}


def test_a_proposal_nobody_decided_in_time_is_not_admitted_after(town: Town) -> None:
    demand = propose(town.handler, town.sanitation)
    Demand.objects.update(until=timezone.localdate() - timedelta(days=1), since=F("since") - timedelta(days=300))
    assert step(chief(), demand, "approve", expect=422)["code"] == "demand_past"
    call_command("tick")
    assert tab(town.community, "expired")[0]["state"] == "expired"


# --- asked without admission ---


def test_what_was_asked_without_admission_goes_to_the_street_and_the_district(town: Town) -> None:
    body = {
        "id": str(uuid.uuid4()), "area": COMMUNITY, "asked_by": "某某办公室", "kind": "form", "what": "每天报一次走访台账",
    }  # fmt: skip
    assert [town.community.post("/gate/unadmitted", body).status_code for _ in range(2)] == [201, 200]
    for caller in (town.community, town.director, town.administrator, chief()):
        [row] = caller.get("/gate/unadmitted").json()
        assert (row["asked_by"], row["area_name"], row["what"]) == ("某某办公室", "江岸社区", "每天报一次走访台账")
        assert not {"user", "recorded_by", "person"} & set(row)
    for caller in (town.other_director, town.worker, town.handler, town.acceptor):
        assert caller.get("/gate/unadmitted").json() == []
    event = StreamEvent.objects.get(kind="unadmitted.recorded")
    assert (event.area_code, event.payload) == (COMMUNITY, {})
    assert (
        town.community.post(
            "/gate/unadmitted", body | {"id": str(uuid.uuid4()), "area": OTHER_STREET + "001"}
        ).status_code
        == 403
    )
