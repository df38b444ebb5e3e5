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
from incidents.models import Demand, DemandAnswer, DemandExport
from tests import factories
from tests.factories import COMMUNITY, DISTRICT, LITTER, OTHER_STREET, Caller, Town, demand_body
from tests.threads import at_once

ASKED = "asked:分类亭数量"


def chief() -> Caller:
    """Who decides for the district."""
    return Caller(factories.user("chief", Role.DIRECTOR, DISTRICT))


def propose(caller: Caller, department: Any, *, expect: int = 201, **changes: Any) -> dict[str, Any]:
    answer = caller.post("/gate/demands", demand_body(department, **changes))
    assert answer.status_code == expect, answer.content.decode()
    found: dict[str, Any] = answer.json()
    return found


def step(caller: Caller, demand: dict[str, Any], outcome: str, *, expect: int = 200, **given: Any) -> dict[str, Any]:
    body = {"mutation_id": str(uuid.uuid4()), "version": demand["version"], "outcome": outcome, **given}
    answer = caller.post(f"/gate/demands/{demand['id']}/{'withdrawal' if outcome == 'withdraw' else 'decision'}", body)
    assert answer.status_code == expect, answer.content.decode()
    found: dict[str, Any] = answer.json()
    return found


def in_force(town: Town, decider: Caller, **changes: Any) -> dict[str, Any]:
    return step(decider, propose(town.handler, town.sanitation, **changes), "approve")


def tab(caller: Caller, name: str = "in_force", more: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = caller.get(f"/gate/demands?tab={name}{more}").json()["items"]
    return found


def form_of(caller: Caller, demand: dict[str, Any], period: str = "") -> dict[str, Any]:
    answer = caller.get(f"/gate/demands/{demand['id']}/form?area={COMMUNITY}&period={period}")
    assert answer.status_code == 200, answer.content.decode()
    found: dict[str, Any] = answer.json()
    return found


def fill(caller: Caller, demand: dict[str, Any], *, expect: int = 201, **changes: Any) -> dict[str, Any]:
    body = {"mutation_id": str(uuid.uuid4()), "area": COMMUNITY, "version": 0, "values": {}, **changes}
    answer = caller.post(f"/gate/demands/{demand['id']}/answers", body)
    assert answer.status_code == expect, answer.content.decode()
    found: dict[str, Any] = answer.json()
    return found


def kinds(demand: dict[str, Any]) -> list[str]:
    rows = StreamEvent.objects.filter(object_id=demand["id"]).order_by("stream", "seq")
    return list(rows.values_list("kind", flat=True))


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


# --- a form is a query over what is recorded, and only the rest is asked ---


def test_recorded_fields_come_filled_with_their_source_and_time(town: Town) -> None:
    for _ in range(2):
        town.worker.report()
    town.worker.report(class_key=factories.LID, condition=1)
    town.worker.report(self_handled=True)
    fields = [
        {"figure": "cells"}, {"figure": "households"}, {"figure": "open"}, {"figure": "open", "class_key": LITTER},
        {"figure": "reported"}, {"figure": "closed"}, {"figure": "objects"}, {"figure": "overdue"},
        {"figure": "open", "department": town.sanitation.pk}, {"figure": "median_days", "class_key": factories.LID},
    ]  # fmt: skip
    demand = in_force(town, chief(), fields=fields)
    rows = form_of(town.community, demand)["rows"]
    assert [row["value"] for row in rows] == [2, 750, 3, 2, 4, 1, 1, 0, 0, None]
    assert all(row["source"] == "record" and row["at"] for row in rows)
    assert rows[8]["name"] == "在办案件·环卫"


def test_an_answer_keeps_the_figures_as_they_were_whatever_was_sent_for_them(town: Town) -> None:
    demand = in_force(town, chief(), fields=[{"figure": "open"}, {"label": "分类亭数量", "type": "number"}])
    town.worker.report()
    fill(town.community, demand, values={"record:open::": 99, ASKED: 4, "else": "x"})
    town.worker.report()
    kept = DemandAnswer.objects.get().values
    assert {key: (one["value"], one["source"]) for key, one in kept.items()} == {
        "record:open::": (1, "record"), ASKED: (4, "asked"),
    }  # fmt: skip
    assert form_of(town.community, demand)["rows"][0]["value"] == 2


def test_what_was_answered_once_is_offered_to_the_next_form_and_not_asked_again(town: Town) -> None:
    decider = chief()
    first = in_force(town, decider)
    fill(town.community, first, values={ASKED: 6})
    second = in_force(town, decider, title="环境卫生月报", fields=[{"label": "分类亭 数量（个）", "type": "number"}])
    [row] = form_of(town.community, second)["rows"]
    assert (row["value"], row["source"], row["from_form"]) == (6, "earlier", "垃圾分类设施情况")
    fill(town.community, second)
    kept = DemandAnswer.objects.get(demand=second["id"]).values[ASKED]
    assert (kept["value"], kept["source"]) == (6, "earlier")


def test_another_period_is_asked_anew(town: Town) -> None:
    decider = chief()
    fill(town.community, in_force(town, decider), values={ASKED: 6})
    monthly = in_force(town, decider, title="月报", rhythm="month")
    assert form_of(town.community, monthly)["rows"][1]["source"] == "asked"
    assert fill(town.community, monthly, expect=422)["fields"] != {}


def test_the_one_who_decides_sees_how_much_of_it_is_collected_already(town: Town) -> None:
    decider = chief()
    in_force(town, decider)
    fields = [{"figure": "open"}, {"label": "分类亭数量", "type": "number"}, {"label": "志愿队伍数", "type": "number"}]
    again = propose(town.gardener, town.gardens, title="又一张表", area=DISTRICT, fields=fields)
    found = decider.get(f"/gate/demands/{again['id']}").json()["collected"]
    assert (found["count"], found["of"]) == (2, 3)
    assert [(one["by"], one["form"]) for one in found["fields"]] == [("record", ""), ("form", "垃圾分类设施情况")]


def test_what_forms_can_be_made_of_names_the_questions_that_are_asked_already(town: Town) -> None:
    propose(town.handler, town.sanitation)
    known = town.gardener.get("/gate/fields").json()
    assert [one["label"] for one in known["asked"]] == ["分类亭数量"]
    assert "median_days" in [one["figure"] for one in known["figures"]]


@pytest.mark.parametrize(("value", "code"), [("六", "没填"), (None, "没填"), (True, "invalid")])
def test_an_answer_of_the_wrong_kind_is_not_taken(town: Town, value: object, code: str) -> None:
    refused = fill(town.community, in_force(town, chief()), expect=422, values={ASKED: value})
    assert code in [refused["code"], *refused["fields"].values()] or code in str(refused["fields"])
    assert not DemandAnswer.objects.exists()


def test_an_answer_names_no_person(town: Town) -> None:
    demand = in_force(town, chief(), fields=[{"label": "情况说明"}])
    refused = fill(town.community, demand, expect=422, values={"asked:情况说明": "请找13800138000"})
    assert "手机号" in refused["fields"]["asked:情况说明"]


def test_a_correction_stands_beside_the_first_answer_and_two_at_once_do_not_overwrite(town: Town) -> None:
    demand = in_force(town, chief())
    fill(town.community, demand, values={ASKED: 6})
    assert fill(town.community, demand, values={ASKED: 7}, expect=409)["code"] == "stale_demand"
    fill(town.community, demand, values={ASKED: 7}, version=1)
    assert form_of(town.community, demand)["rows"][1] | {"at": ""} == form_of(town.community, demand)["rows"][1] | {
        "at": "", "value": 7, "source": "own",
    }  # fmt: skip
    assert DemandAnswer.objects.count() == 2


def test_a_community_answers_for_itself_and_for_periods_that_have_begun(town: Town) -> None:
    demand = in_force(town, chief(), area=DISTRICT)
    assert fill(town.community, demand, area=OTHER_STREET + "001", values={ASKED: 1}, expect=403)["code"] == "forbidden"
    assert fill(town.community, demand, period="1999", values={ASKED: 1}, expect=422)["code"] == "no_such_period"
    found = town.community.get(f"/gate/demands/{demand['id']}").json()
    assert [area["code"] for area in found["communities"]] == [COMMUNITY]
    fill(town.community, demand, period=found["periods"][0], values={ASKED: 1})
    assert town.community.get(f"/gate/demands/{demand['id']}").json()["answered"] == [[COMMUNITY, found["periods"][0]]]


def test_answers_leave_as_a_table_with_a_reason_that_is_kept(town: Town) -> None:
    demand = in_force(town, chief(), fields=[{"figure": "cells"}, {"label": "情况说明"}])
    for version, text in enumerate(["旧的", "=1+1"]):
        fill(town.community, demand, version=version, values={"asked:情况说明": text})
    refused = town.handler.post(f"/gate/demands/{demand['id']}/export", {"reason": " "})
    assert refused.json()["code"] == "reason_needed"
    answer = town.handler.post(f"/gate/demands/{demand['id']}/export", {"reason": "年度汇总"})
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert answer["content-type"].startswith("text/csv")
    assert lines[0] == "社区代码,社区,填报期,填报时间,网格数,情况说明"
    assert len(lines) == 2
    assert lines[1].startswith(f"{COMMUNITY},江岸社区,")
    assert lines[1].endswith(",2,'=1+1")
    kept = DemandExport.objects.get()
    assert (kept.user, kept.reason, kinds(demand)[-1]) == (town.handler.user, "年度汇总", "gate.exported")
    assert town.gardener.post(f"/gate/demands/{demand['id']}/export", {"reason": "看看"}).status_code == 403


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
